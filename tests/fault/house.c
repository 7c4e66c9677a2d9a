/* SPDX-License-Identifier: ISC */
#include "tests/fault/house.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/export/export.h"
#include "lib/fetch/fetch.h"
#include "lib/import/import.h"
#include "lib/key/key.h"
#include "lib/list/list.h"
#include "lib/verify/verify.h"
#include "lib/store/store.h"
#include "tests/fault/disk.h"
#include "tests/fault/tiny.h"
#include "tests/store_make.h"
#include "tests/t.h"

#define LONG_DOCS 220
#define LONG_SCALE 8

struct house house;

static const struct tiny_doc earlier_docs[] = {
    {.id = 1, .revision = 1},
    {.id = 2, .revision = 100, .needs = 1, .files = 1},
};
static const struct tiny_doc docs[] = {
    {.id = 1, .revision = 1},
    {.id = 3, .revision = 200, .needs = 1, .files = 1 | 2},
    {.id = 4,
	.revision = 201,
	.needs = 1,
	.bundles = 3,
	.bundles_revision = 200},
    {.id = 5, .revision = 100, .needs = 1, .files = 4},
};
#define NDOCS (sizeof(docs) / sizeof(docs[0]))

static int talk = -1, saved_out = -1, saved_err = -1;

void
house_hush(void)
{
	(void)fflush(NULL);
	saved_out = dup(STDOUT_FILENO);
	saved_err = dup(STDERR_FILENO);
	(void)dup2(talk, STDOUT_FILENO);
	(void)dup2(talk, STDERR_FILENO);
}

void
house_speak(void)
{
	(void)fflush(NULL);
	(void)dup2(saved_out, STDOUT_FILENO);
	(void)dup2(saved_err, STDERR_FILENO);
	(void)close(saved_out);
	(void)close(saved_err);
}

void
house_forget(void)
{
	T_EQ(ftruncate(talk, 0), 0);
	T_EQ(lseek(talk, 0, SEEK_SET), 0);
}

bool
house_said(const char *text)
{
	static char said[1 << 16];
	ssize_t n = pread(talk, said, sizeof(said) - 1, 0);

	said[n > 0 ? n : 0] = '\0';
	return strstr(said, text) != NULL;
}

void
house_told(void)
{
	char text[2048];
	ssize_t n = pread(talk, text, sizeof(text), 0);

	if (n > 0)
		printf("  said:\n%.*s\n", (int)n, text);
}

char *
house_text(void)
{
	off_t size = lseek(talk, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);

	if (text == NULL || pread(talk, text, (size_t)size, 0) != size)
		abort();
	return text;
}

static bool
sanitized(void)
{
#ifdef __SANITIZE_ADDRESS__
	return true;
#else
	return false;
#endif
}

bool
house_is_long(void)
{
	const char *v = getenv("WF_LONG");

	return v != NULL && *v != '\0';
}

uint64_t
house_step(uint64_t plain)
{
	return plain * (!sanitized() ? 1 : house_is_long() ? 11 : 23);
}

void
house_strike(struct fault_case *c, uint64_t step, struct fault_plan plan)
{
	c->step = step;
	c->places = house_is_long() && step > 1 &&
	    (!sanitized() || (plan.mode == FAULT_FAIL && !plan.sticky));
	T_OK(fault_loop(plan, c) > 0);
}

/* Digests of what house_knows() was asked about. */
static uint8_t (*known)[SHA256_LEN];
static size_t nknown, capknown;

static void
state_of(const char *store, int status, struct digest *d)
{
	char *tree = disk_list(store), *tmp = disk_names(house.tmp), *log;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	if ((log = strstr(tree, "import.log ")) != NULL)
		memset(log, ' ', strcspn(log, "\n"));
	T_CALL(buf_printf(&b, &e, "%d\n%s\n%s", status, tmp, tree), &e);
	T_CALL(digest_mem(DIGEST_SHA256, b.p, b.len, d, &e), &e);
	buf_free(&b);
	free(tree);
	free(tmp);
}

bool
house_knows(const char *store, int status)
{
	struct err e = ERR_INIT;
	struct digest d;

	state_of(store, status, &d);
	for (size_t i = 0; i < nknown; i++)
		if (memcmp(known[i], d.sha256, SHA256_LEN) == 0)
			return true;
	T_CALL(grow(&known, &capknown, nknown, sizeof(*known), &e), &e);
	memcpy(known[nknown++], d.sha256, SHA256_LEN);
	return false;
}

void
house_knows_nothing(void)
{
	nknown = 0;
}

static int
finish(struct log *log, int r, struct err *e)
{
	int status = r == -1 ? log_error(log, NULL, e) : 0;

	status = err_worst(status, log->worst);
	log_close(log);
	return status;
}

int
house_failed(struct err *e)
{
	struct log log = LOG_INIT;
	int status;

	log.prog = "key";
	house_hush();
	status = finish(&log, -1, e);
	house_speak();
	return status;
}

static int
import_one(const char *store, const char *path, const char *content,
    const char *keys, bool dry_run)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const struct import_opts o = {.store = store,
	    .paths = &path,
	    .npaths = 1,
	    .content = content,
	    .trusted_keys = keys,
	    .is_unsigned = keys == NULL,
	    .dry_run = dry_run,
	    .jobs = 1,
	    .log = &log};
	int r;

	log.prog = "import";
	house_hush();
	r = import_run(&o, &e);
	r = finish(&log, r, &e);
	house_speak();
	return r;
}

int
house_import(
    const char *store, const char *path, const char *content, const char *keys)
{
	return import_one(store, path, content, keys, false);
}

int
house_try(
    const char *store, const char *path, const char *content, const char *keys)
{
	return import_one(store, path, content, keys, true);
}

int
house_export(const char *store, const char *to, const char *package)
{
	return house_export_to(store, to, package, NULL);
}

int
house_export_to(const char *store, const char *to, const char *package,
    const char *destination)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const struct export_opts o = {.store = store,
	    .to = to,
	    .sign_key = house.key,
	    .package = package,
	    .destination = destination,
	    .jobs = 1,
	    .log = &log};
	int r;

	log.prog = "export";
	house_hush();
	r = export_run(&o, &e);
	r = finish(&log, r, &e);
	house_speak();
	return r;
}

int
house_list(const char *store, const char *what)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const struct list_opts o = {.store = store, .what = what, .log = &log};
	int r;

	log.prog = "list";
	house_hush();
	r = list_run(&o, &e);
	r = finish(&log, r, &e);
	house_speak();
	return r;
}

int
house_fetch(const char *store, const char *upstream, const char *policy)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	/* One of everything at a time: what is under way is known. */
	const struct fetch_opts o = {.store = store,
	    .upstream = upstream,
	    .policy = policy,
	    .account = "down.example.org",
	    .requests = 1,
	    .downloads = 1,
	    .tries = 1,
	    .retry_wait_ms = 1,
	    .jobs = 1,
	    .log = &log};
	int r;

	log.prog = "fetch";
	house_hush();
	r = fetch_run(&o, &e);
	r = finish(&log, r, &e);
	house_speak();
	return r;
}

int
house_verify(const char *path)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const struct verify_opts o = {
	    .trusted_keys = house.pub, .jobs = 1, .log = &log};
	int r;

	log.prog = "verify";
	house_hush();
	r = verify_run(&o, path, &e);
	r = finish(&log, r, &e);
	house_speak();
	return r;
}

char *
house_dump(const char *path)
{
	char db[HOUSE_PATH + 16], *text;
	struct store *s = NULL;
	struct err e = ERR_INIT;

	snprintf(db, sizeof(db), "%s/store.db", path);
	if (access(db, F_OK) == -1)
		return strdup("");
	T_CALL(store_open(&s, path, STORE_READ, NULL, &e), &e);
	if (s == NULL)
		return strdup("cannot be opened");
	text = make_dump(s);
	store_close(s);
	return text;
}

/* A tiny catalogue, or one with many more revisions and larger payload. */
static void
make_package(const char *path)
{
	static struct tiny_doc many[LONG_DOCS];
	size_t i, n = house_is_long() ? LONG_DOCS : NDOCS;

	memcpy(many, docs, sizeof(docs));
	for (i = NDOCS; i < n; i++)
		many[i] = (struct tiny_doc){.id = (unsigned)i % 200 + 10,
		    .revision = (uint32_t)(100 + i),
		    .needs = 1,
		    .files = (unsigned)i % 8};
	tiny_package(path, many, n);
}

static void
name(char to[HOUSE_PATH], const char *base)
{
	if (snprintf(to, HOUSE_PATH, "%s/%s", house.dir, base) >= HOUSE_PATH)
		t_fail(__FILE__, __LINE__, "the folder's name is too long");
}

void
house_make(void)
{
	struct err e = ERR_INIT;
	char path[HOUSE_PATH];
	struct sign_pub p;
	bool old;

	if (house.dir[0] != '\0')
		return;
	snprintf(house.dir, sizeof(house.dir), "%.300s", t_tmpdir());
	name(path, "talk");
	talk = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	name(house.tmp, "tmp");
	T_EQ(mkdir(house.tmp, 0755), 0);
	T_EQ(setenv("TMPDIR", house.tmp, 1), 0);
	T_EQ(setenv("SOURCE_DATE_EPOCH", "1700000000", 1), 0);
	name(house.key, "one.key");
	name(house.pub, "one.pub");
	T_CALL(key_new(house.key, false, &p, &old, &e), &e);
	tiny_scale(house_is_long() ? LONG_SCALE : 1);
	name(house.was, "was");
	T_EQ(mkdir(house.was, 0755), 0);
	name(house.package, "was/wsusexport.cab");
	make_package(house.package);
	name(path, "earlier.cab");
	tiny_package(path, earlier_docs, 2);
	name(house.content, "was/content");
	tiny_content(house.content);
	name(house.earlier, "earlier");
	T_EQ(house_import(house.earlier, path, house.content, NULL), 0);
	name(house.one, "one");
	T_EQ(house_import(house.one, house.package, house.content, NULL), 0);
	name(path, "from");
	disk_copy(house.one, path);
	name(house.transfer, "stick");
	T_EQ(mkdir(house.transfer, 0755), 0);
	T_EQ(house_export(path, house.transfer, NULL), 0);
	name(house.transfer, "stick/wsusferry-site-000001");
	T_EQ(house_verify(house.transfer), 0);
	if (t_failures() != 0)
		house_told();
}
