/* SPDX-License-Identifier: ISC */
/*
 * Payload that lost its size or its name behind the store's back: it is not
 * served, and the next import of what brought it brings it again.
 */
#include "tests/t.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/serve/serve_priv.h"
#include "lib/view/here.h"
#include "lib/store/store.h"
#include "tests/fault/disk.h"
#include "tests/fault/house.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

struct rig {
	char store[HOUSE_PATH], content[HOUSE_PATH + 16];
	char *tree, *dump; /* owned: as they ought to be */
	int dirfd; /* of the content */
	char names[8][CONTENT_NAME_MAX]; /* of payload with bytes */
	size_t n;
};

static int
note(void *arg, const struct path_entry *en, struct err *e)
{
	struct rig *r = arg;

	(void)e;
	if (en->type == PATH_FILE && strchr(en->name, '/') != NULL &&
	    en->size > 0 && r->n < 8)
		snprintf(r->names[r->n++], CONTENT_NAME_MAX, "%s", en->name);
	return 0;
}

static void
open_rig(struct rig *r)
{
	struct err e = ERR_INIT;

	house_make();
	memset(r, 0, sizeof(*r));
	snprintf(r->store, sizeof(r->store), "%.300s/heal", house.dir);
	disk_remove(r->store);
	T_EQ(house_import(r->store, house.transfer, NULL, house.pub), 0);
	snprintf(r->content, sizeof(r->content), "%s/WsusContent", r->store);
	r->tree = disk_list(r->content);
	r->dump = house_dump(r->store);
	r->dirfd = open(r->content, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	T_CALL(path_walk(r->dirfd, 3, note, r, &e), &e);
	T_OK(r->n >= 2);
}

static void
close_rig(struct rig *r)
{
	(void)close(r->dirfd);
	free(r->tree);
	free(r->dump);
}

/* Half of it, or one byte more. */
static void
resize(struct rig *r, const char *name, bool longer)
{
	struct stat st;
	int fd;

	T_EQ(fchmodat(r->dirfd, name, 0644, 0), 0);
	T_OK((fd = openat(r->dirfd, name, O_RDWR)) != -1);
	T_EQ(fstat(fd, &st), 0);
	T_EQ(ftruncate(fd, longer ? st.st_size + 1 : st.st_size / 2), 0);
	T_EQ(close(fd), 0);
}

static void
is_whole(struct rig *r)
{
	char *text = disk_list(r->content);

	disk_same("payload", text, r->tree);
	free(text);
	text = house_dump(r->store);
	disk_same("rows", text, r->dump);
	free(text);
	T_EQ(house_verify(r->store), 0);
}

T_TEST(an_import_heals_what_was_cut_short_or_removed)
{
	struct rig r;

	open_rig(&r);
	resize(&r, r.names[0], false);
	T_EQ(unlinkat(r.dirfd, r.names[1], 0), 0);
	house_forget();
	T_EQ(house_import(r.store, house.transfer, NULL, house.pub), 0);
	T_OK(house_said("damaged in the store"));
	T_OK(house_said("lost from the store"));
	is_whole(&r);
	resize(&r, r.names[0], true);
	T_EQ(house_import(r.store, house.transfer, NULL, house.pub), 0);
	is_whole(&r);
	close_rig(&r);
}

T_TEST(what_has_its_size_is_not_taken_again)
{
	struct stat before, after;
	struct rig r;

	open_rig(&r);
	T_EQ(fstatat(r.dirfd, r.names[0], &before, 0), 0);
	house_forget();
	T_EQ(house_import(r.store, house.transfer, NULL, house.pub), 0);
	T_EQ(fstatat(r.dirfd, r.names[0], &after, 0), 0);
	T_EQ(after.st_ino, before.st_ino);
	T_OK(!house_said("the store: "));
	close_rig(&r);
}

/* What the server says to a request for a file; its length where it is 200. */
static unsigned
ask(struct serve_worker *w, const char *name, struct err *e)
{
	char path[sizeof("/Content/") + CONTENT_NAME_MAX];
	struct httpd_res rs = {.fd = -1, .status = 404};
	char ext[UPDATE_EXT_MAX + 1];
	uint8_t sha1[SHA1_LEN];

	snprintf(path, sizeof(path), "/Content/%s", name);
	T_OK(serve_name(path, sha1, ext));
	if (serve_file(w, sha1, ext, &rs, e) == -1)
		return 0;
	if (rs.ctx != NULL)
		rs.close(rs.ctx);
	return rs.status;
}

/* Is it called present, where the row says so? */
static bool
looks(struct serve_worker *w, const char *name)
{
	struct err e = ERR_INIT;
	uint8_t sha1[SHA1_LEN];
	struct store_file f;
	bool present = false;

	T_OK(content_parse(strchr(name, '/') + 1, sha1));
	T_EQ(store_file(w->store, sha1, &f, &e), 1);
	T_OK(f.present);
	T_CALL(here_look(&w->content, w->store, &f, &present, &e), &e);
	return present;
}

T_TEST(a_file_of_another_size_is_not_served_and_told)
{
	static struct serve_files files;
	static struct serve_worker w;
	struct err e = ERR_INIT;
	struct rig r;

	open_rig(&r);
	serve_files_open(&files);
	serve_worker_open(&w, &files);
	T_CALL(store_open(&w.store, r.store, STORE_READ, NULL, &e), &e);
	T_EQ(ask(&w, r.names[0], &e), 200);
	T_EQ(ask(&w, r.names[1], &e), 200);
	T_OK(looks(&w, r.names[0]) && looks(&w, r.names[1]));
	/* The first is known still from the request before. */
	resize(&r, r.names[0], false);
	T_FAILS((int)ask(&w, r.names[0], &e) - 1, &e, E_DIGEST,
	    "damaged, and not served; import again");
	T_OK(!looks(&w, r.names[0]));
	serve_files_close(&files);
	serve_files_open(&files);
	T_FAILS((int)ask(&w, r.names[0], &e) - 1, &e, E_DIGEST, r.names[0]);
	resize(&r, r.names[0], true);
	T_FAILS((int)ask(&w, r.names[0], &e) - 1, &e, E_DIGEST, "expected");
	T_EQ(unlinkat(r.dirfd, r.names[1], 0), 0);
	T_OK(!looks(&w, r.names[1]));
	T_FAILS((int)ask(&w, r.names[1], &e) - 1, &e, E_MISSING,
	    "lost from the store");
	serve_worker_close(&w);
	serve_files_close(&files);
	close_rig(&r);
}

T_MAIN
