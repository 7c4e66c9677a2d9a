/* SPDX-License-Identifier: ISC */
/*
 * Every call of a fetch fails, or is its last.  The store is sound and holds
 * nothing that an undisturbed run would not have; the next run ends in the same
 * rows and payload, and asks for no revision and no file that is here already.
 */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/store/sync.h"
#include "tests/fault/disk.h"
#include "tests/fault/fault.h"
#include "tests/fault/house.h"
#include "tests/fault/peer.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

/* How many requests may be under way when it ends: one is asked, the answer of
   the one before is read. */
#define UNDER_WAY 2
/* How often a loop strikes: each undisturbed run has hundreds of calls. */
#define STRIKES 40

struct job {
	const char *before; /* the store that is there already, or NULL */
	const char *base; /* of the upstream */
	char store[HOUSE_PATH], log[HOUSE_PATH], policy[HOUSE_PATH];
	unsigned limit; /* ids in one request */
	char *new_dump, *new_tree; /* owned */
};

static void
write_text(char path[HOUSE_PATH], const char *name, const char *text)
{
	int fd;

	snprintf(path, HOUSE_PATH, "%.300s/%s", house.dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	T_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	T_EQ(close(fd), 0);
}

static char *
tree_of(const struct job *j)
{
	char path[HOUSE_PATH + 16];

	snprintf(path, sizeof(path), "%s/WsusContent", j->store);
	return disk_list(path);
}

static void
setup(void *arg)
{
	struct job *j = arg;

	house_forget();
	disk_remove(j->store);
	if (j->before != NULL)
		disk_copy(j->before, j->store);
	T_EQ(truncate(j->log, 0), 0);
}

static int
run(void *arg)
{
	struct job *j = arg;

	return house_fetch(j->store, j->base, j->policy);
}

/* Rows that are there or not, but do not change while more come in. */
static char *
lasting(char *dump)
{
	static const char *const kinds[] = {"arrival ", "revision ", "titles ",
	    "word ", "prerequisite ", "bundled ", "superseded ",
	    "revision-file ", "url "};
	char *from = dump, *to = dump;
	size_t i, n;

	for (; *from != '\0'; from += n) {
		n = strcspn(from, "\n");
		n += from[n] == '\n';
		for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (strncmp(from, kinds[i], strlen(kinds[i])) == 0) {
				memmove(to, from, n);
				to += n;
				break;
			}
	}
	*to = '\0';
	return dump;
}

static bool
is_born(const struct job *j)
{
	char db[HOUSE_PATH + 16];

	snprintf(db, sizeof(db), "%s/store.db", j->store);
	return access(db, F_OK) == 0;
}

static void
check_store(const struct job *j, const struct fault_seen *s)
{
	char *dump = house_dump(j->store), *tree = tree_of(j);
	char *whole = lasting(strdup(j->new_dump));
	int status = is_born(j) ? house_verify(j->store) : 0;

	T_OK(status == 0 || status == 10); /* payload may lack */
	if (s->status == 0) {
		disk_same("rows", dump, j->new_dump);
		disk_same("payload", tree, j->new_tree);
	} else {
		T_OK(s->status == 4 || s->status == FAULT_KILLED);
	}
	T_OK(disk_within(lasting(dump), whole));
	T_OK(disk_within(tree, j->new_tree));
	free(dump);
	free(tree);
	free(whole);
}

/* What is here: words such as the upstream's log has. */
struct have {
	char *text; /* owned: a word a line */
	size_t n;
	FILE *to;
};

static void
put_rev(struct have *h, const struct guid *id, uint32_t revision)
{
	char text[GUID_LEN + 1];

	guid_write(text, id);
	fprintf(h->to, "%s.%" PRIu32 "\n", text, revision);
}

static int
see_rev(void *arg, const struct store_rev *r, struct err *e)
{
	(void)e;
	put_rev(arg, &r->id, r->revision);
	return 0;
}

static int
see_arrived(void *arg, const struct sync_arrived *a, struct err *e)
{
	(void)e;
	put_rev(arg, &a->id, a->revision);
	return 0;
}

static int
see_file(void *arg, const struct store_file *f, struct err *e)
{
	struct have *h = arg;
	char hex[2 * SHA1_LEN + 1];

	(void)e;
	hex_upper(hex, f->sha1, SHA1_LEN);
	fprintf(h->to, "%s\n", hex);
	return 0;
}

static void
look(struct have *h, const struct job *j)
{
	struct err e = ERR_INIT;
	struct store *s = NULL;

	h->to = open_memstream(&h->text, &h->n);
	if (is_born(j)) {
		T_CALL(store_open(&s, j->store, STORE_READ, NULL, &e), &e);
		T_CALL(store_each_rev(s, see_rev, h, &e), &e);
		T_CALL(sync_each_arrived(s, see_arrived, h, &e), &e);
		T_CALL(store_each_file(s, true, see_file, h, &e), &e);
		store_close(s);
	}
	fclose(h->to);
}

/* Lines of a that are, or are not, lines of b. */
static unsigned
count(const char *a, const char *b, bool in)
{
	char line[128];
	unsigned n = 0;
	size_t len;

	for (; *a != '\0'; a += len) {
		len = strcspn(a, "\n") + 1;
		snprintf(line, sizeof(line), "%.*s", (int)len, a);
		n += disk_within(line, b) == in;
	}
	return n;
}

/* What was asked for and is not here was under way. */
static void
check_asked(const struct job *j, const struct have *h)
{
	char *asked = peer_words(j->log, "GetUpdateData", 3);

	T_OK(count(asked, h->text, false) <= UNDER_WAY * j->limit);
	free(asked);
}

/* And what is here is asked for no more. */
static void
check_asked_again(const struct job *j, const struct have *h)
{
	char *asked = peer_words(j->log, "GetUpdateData", 3);
	char *files = peer_words(j->log, "Content", 3);

	T_EQ(count(asked, h->text, true), 0);
	T_EQ(count(files, h->text, true), 0);
	free(asked);
	free(files);
}

/* The same command again ends as the uninterrupted one. */
static void
check_rerun(struct job *j, const struct have *h)
{
	char path[HOUSE_PATH + 16], *text;

	T_EQ(truncate(j->log, 0), 0);
	T_EQ(run(j), 0);
	check_asked_again(j, h);
	text = house_dump(j->store);
	disk_same("rows after the rerun", text, j->new_dump);
	free(text);
	text = tree_of(j);
	disk_same("payload after the rerun", text, j->new_tree);
	free(text);
	snprintf(path, sizeof(path), "%s/staging", j->store);
	text = disk_names(path);
	T_STR(text, "");
	free(text);
	text = disk_names(house.tmp);
	T_STR(text, "");
	free(text);
	T_EQ(house_verify(j->store), 0);
}

static void
check(void *arg, const struct fault_seen *s)
{
	unsigned before = t_failures();
	struct have h = {.text = NULL};
	struct job *j = arg;

	check_store(j, s);
	look(&h, j);
	check_asked(j, &h);
	check_rerun(j, &h);
	free(h.text);
	if (t_failures() != before)
		house_told();
}

/* The end of the way, by a run that nothing disturbs. */
static void
measure(struct job *j)
{
	static const char *base;
	char modes[HOUSE_PATH], text[64];

	house_make();
	j->limit = house_is_long() ? 20 : 1;
	snprintf(j->store, sizeof(j->store), "%.300s/store", house.dir);
	write_text(j->log, "up.log", "");
	snprintf(text, sizeof(text), "GetConfigData limit %u\n", j->limit);
	write_text(modes, "up.modes", text);
	write_text(j->policy, "policy",
	    "approve = 0d000000-0000-0000-0000-000000000002\n"
	    "approve = 0d000000-0000-0000-0000-000000000004\n"
	    "approve = 0d000000-0000-0000-0000-000000000005\n");
	if (base == NULL)
		base = peer_start(house.one, modes, j->log);
	if ((j->base = base) == NULL)
		t_skip("the upstream of the tests is not built");
	setup(j);
	T_EQ(run(j), 0);
	j->new_dump = house_dump(j->store);
	j->new_tree = tree_of(j);
	T_OK(strstr(j->new_dump, "\nunfinished ") == NULL);
	T_EQ(house_verify(j->store), 0);
}

/* The first call to strike. */
static uint64_t
any(uint64_t step)
{
	return 1 + t_random() % step;
}

static void
every_plan(struct job j)
{
	struct fault_case c = {
	    .setup = setup, .run = run, .check = check, .arg = &j};
	struct fault_seen s;
	uint64_t step;

	measure(&j);
	setup(&j);
	T_EQ(fault_run(fault_count(), run, &j, &s), 0);
	step = house_is_long() ? 1 : s.ncalls / STRIKES + 1;
	/* Other calls each time; the seed says which. */
	if (step < house_step(1))
		step = house_step(1);
	house_strike(&c, step, fault_fail_at(any(step), EIO, false));
	house_strike(&c, step, fault_kill_at(any(step)));
	step *= 5;
	house_strike(&c, step, fault_short_at(any(step)));
	house_strike(&c, step, fault_full_at(any(step)));
	house_strike(&c, step, fault_fail_at(any(step), EIO, true));
	house_strike(&c, step, fault_fail_at(any(step), ENOSPC, true));
	free(j.new_dump);
	free(j.new_tree);
}

T_TEST(a_fetch_makes_a_store_or_can_go_on)
{
	every_plan((struct job){.before = NULL});
}

T_TEST(a_fetch_into_a_store_can_go_on)
{
	house_make();
	every_plan((struct job){.before = house.earlier});
}

T_MAIN
