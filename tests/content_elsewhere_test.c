/* SPDX-License-Identifier: ISC */
/* WsusContent that an operator has put elsewhere, with a link in its place. */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/store/content.h"
#include "tests/store_make.h"

struct place {
	char store[256], tree[256];
	int dirfd, staging;
};

/* A store's folder, whose tree is a link to where. */
static void
begin(struct place *p, const char *where)
{
	char link[300];

	snprintf(p->store, sizeof(p->store), "%s", t_tmpdir());
	snprintf(p->tree, sizeof(p->tree), "%s", where);
	snprintf(link, sizeof(link), "%s/WsusContent", p->store);
	T_EQ(symlink(where, link), 0);
	p->dirfd = open(p->store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	T_EQ(mkdirat(p->dirfd, "staging", 0755), 0);
	p->staging = openat(
	    p->dirfd, "staging", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
end(struct place *p)
{
	T_EQ(close(p->staging), 0);
	T_EQ(close(p->dirfd), 0);
}

static bool
is_in(const char *dir, const char *name)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

/* One file gets its name. */
static void
put_one(const struct content *c, const struct place *p, char *name)
{
	struct content_staged st;
	struct err e = ERR_INIT;
	int fd = make_source(p->dirfd, "in", "some payload");

	T_CALL(
	    make_stage(c, fd, p->dirfd, "in", CONTENT_COPY, 100, &st, &e), &e);
	make_name(&st, "cab");
	T_CALL(content_settle(c, &st, 1, &e), &e);
	T_OK(st.named);
	content_name(name, st.sha1, "cab");
	T_EQ(close(fd), 0);
	T_EQ(unlinkat(p->dirfd, "in", 0), 0);
}

T_TEST(payload_behind_a_link_is_the_stores)
{
	char name[CONTENT_NAME_MAX];
	struct err e = ERR_INIT;
	struct content c;
	struct place p;

	begin(&p, t_tmpdir());
	T_CALL(content_open(&c, p.dirfd, p.staging, &e), &e);
	T_EQ(c.staging, p.staging);
	put_one(&c, &p, name);
	content_close(&c);
	T_OK(is_in(p.tree, name));
	T_OK(is_in(p.tree, CONTENT_CHECK_FILE));
	T_OK(!is_in(p.tree, CONTENT_STAGING));
	T_CALL(content_open(&c, p.dirfd, -1, &e), &e);
	T_OK(c.dirfd != -1);
	content_close(&c);
	end(&p);
}

/* A folder of another file system than that of t_tmpdir(). */
static void
another_volume(char dir[64])
{
	struct stat a, b;

	snprintf(dir, 64, "/dev/shm/wsusferry-test-XXXXXX");
	if (stat(t_tmpdir(), &a) == -1 || stat("/dev/shm", &b) == -1 ||
	    a.st_dev == b.st_dev || mkdtemp(dir) == NULL)
		t_skip("there is no second file system here");
}

static void
remove_volume(const char *dir, const char *name)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	T_EQ(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/%.2s", dir, name);
	T_EQ(rmdir(path), 0);
	snprintf(path, sizeof(path), "%s/%s", dir, CONTENT_CHECK_FILE);
	T_EQ(unlink(path), 0);
	T_EQ(rmdir(dir), 0);
}

static void
touch_at(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	T_OK(fd != -1);
	T_EQ(close(fd), 0);
}

T_TEST(on_a_volume_of_its_own_it_is_staged_there)
{
	static const char part[] =
	    "0123456789ABCDEF0123456789ABCDEF01234567.part";
	char dir[64], name[CONTENT_NAME_MAX];
	struct err e = ERR_INIT;
	struct content c;
	struct place p;

	another_volume(dir);
	begin(&p, dir);
	T_CALL(content_open(&c, p.dirfd, p.staging, &e), &e);
	T_OK(c.staging != p.staging);
	T_OK(is_in(dir, CONTENT_STAGING));
	put_one(&c, &p, name);
	T_OK(is_in(dir, name));
	/* What is cut off stays, and what is left over is cleared. */
	touch_at(c.staging, part);
	touch_at(c.staging, "c-0011223344556677");
	content_close(&c);
	T_OK(is_in(dir, CONTENT_STAGING));
	T_CALL(content_clear_staging(p.dirfd, p.staging, &e), &e);
	T_CALL(content_open(&c, p.dirfd, p.staging, &e), &e);
	T_EQ(faccessat(c.staging, "c-0011223344556677", F_OK, 0), -1);
	T_EQ(unlinkat(c.staging, part, 0), 0);
	content_close(&c);
	T_OK(!is_in(dir, CONTENT_STAGING));
	end(&p);
	remove_volume(dir, name);
}

/* What one of them has staged, or given its name and may take back, the other
   neither clears nor takes for its own. */
T_TEST(one_tree_of_two_stores_is_written_by_one_at_a_time)
{
	const char *tree = t_tmpdir();
	struct err e = ERR_INIT;
	struct content a, b;
	struct place p, q;

	begin(&p, tree);
	begin(&q, tree);
	T_CALL(content_open(&a, p.dirfd, p.staging, &e), &e);
	T_FAILS(content_open(&b, q.dirfd, q.staging, &e), &e, E_BUSY,
	    "WsusContent: another store that has its payload in this very");
	T_EQ(b.dirfd, -1);
	T_EQ(mkdirat(a.dirfd, CONTENT_STAGING, 0755), 0);
	touch_at(a.dirfd, CONTENT_STAGING "/c-0011223344556677");
	touch_at(q.staging, "c-0011223344556677");
	T_FAILS(content_clear_staging(q.dirfd, q.staging, &e), &e, E_BUSY,
	    "another store");
	T_OK(is_in(tree, CONTENT_STAGING "/c-0011223344556677"));
	T_OK(faccessat(q.staging, "c-0011223344556677", F_OK, 0) == 0);
	/* Who only reads does not mind. */
	T_CALL(content_open(&b, q.dirfd, -1, &e), &e);
	content_close(&b);
	content_close(&a);
	T_CALL(content_clear_staging(q.dirfd, q.staging, &e), &e);
	T_OK(!is_in(tree, CONTENT_STAGING "/c-0011223344556677"));
	T_CALL(content_open(&b, q.dirfd, q.staging, &e), &e);
	content_close(&b);
	end(&p);
	end(&q);
}

T_TEST(a_link_that_leads_nowhere_is_no_empty_tree)
{
	struct err e = ERR_INIT;
	struct content c;
	struct place p;

	begin(&p, "/nowhere/volume-2");
	T_FAILS(content_open(&c, p.dirfd, -1, &e), &e, E_SYS,
	    "WsusContent is a symbolic link to '/nowhere/volume-2'");
	T_FAILS(content_open(&c, p.dirfd, p.staging, &e), &e, E_SYS,
	    "symbolic link");
	T_FAILS(content_clear_staging(p.dirfd, p.staging, &e), &e, E_SYS,
	    "is that mounted");
	end(&p);
}

T_MAIN
