/* SPDX-License-Identifier: ISC */
/*
 * One truth about completeness: stores of random revisions and payload, here,
 * absent, left out, lost, too short or too long, judged by list, verify,
 * export, serve and the end of a fetch, and by a model that looks at nothing
 * but how the store was made.  WF_SEED gives the seed, WF_LONG ten times as
 * many rounds.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/choose/choose_file.h"
#include "lib/export/export.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/key/key.h"
#include "lib/list/list.h"
#include "lib/serve/serve_priv.h"
#include "lib/store/lacking.h"
#include "lib/store/store.h"
#include "lib/verify/verify.h"
#include "tests/store_make.h"
#include "tests/t.h"
#include "tests/world.h"

MAKE_IN_MEMORY

#define ROUNDS 60
#define SAID_MAX 65535

static int
status(const struct lacking *l)
{
	return l->damaged != 0 ? 1 : lacking_any(l) ? 10 : 0;
}

/* The programs. */

static char said[SAID_MAX + 1];
static int kept[2], said_fd;

static void
hush(void)
{
	said_fd = memfd_create("said", MFD_CLOEXEC);
	(void)fflush(stdout);
	for (int i = 0; i < 2; i++) {
		kept[i] = dup(i + 1);
		(void)dup2(said_fd, i + 1);
	}
}

static int
speak(struct log *log, int r, struct err *e)
{
	int end = log->worst;

	if (r == -1)
		end = log_error(log, NULL, e);
	end = err_worst(end, log->worst);
	log_end(log);
	(void)fflush(stdout);
	for (int i = 0; i < 2; i++) {
		(void)dup2(kept[i], i + 1);
		(void)close(kept[i]);
	}
	memset(said, 0, sizeof(said));
	T_OK(pread(said_fd, said, SAID_MAX, 0) >= 0);
	(void)close(said_fd);
	return end;
}

static const char *what; /* is asked, of which world */
static const struct world *asked;

static void
same(const char *name, uint64_t found, uint64_t expected)
{
	if (found != expected)
		t_fail(__FILE__, __LINE__,
		    "%s (%s): %s is %" PRIu64 ", expected %" PRIu64 "\n%s",
		    what, asked->dir, name, found, expected, said);
}

static uint64_t
number(const char *name)
{
	char key[64];
	const char *at = said, *last = NULL;

	snprintf(key, sizeof(key), "\"%s\":", name);
	while ((at = strstr(at, key)) != NULL)
		last = at += strlen(key);
	return last != NULL ? strtoull(last, NULL, 10) : UINT64_MAX;
}

static void
same_keys(const struct lacking *l)
{
	same("lacking_revisions", number("lacking_revisions"), l->revisions);
	same("missing_revisions", number("missing_revisions"), l->needs);
	same("absent_files", number("absent_files"), l->files);
	same("absent_bytes", number("absent_bytes"), l->bytes);
	same("damaged_files", number("damaged_files"), l->damaged);
}

static unsigned
times(const char *part)
{
	unsigned n = 0;

	for (const char *at = said; (at = strstr(at, part)) != NULL; at++)
		n++;
	return n;
}

static void
by_list(const struct world *w, const struct lacking *l)
{
	struct log log = {
	    .prog = "t", .quiet = true, .json = true, .file_fd = -1};
	const struct list_opts o = {
	    .store = w->dir, .what = "lacking", .log = &log};
	struct err e = ERR_INIT;
	int r;

	what = "list";
	hush();
	r = list_run(&o, &e);
	same("status", (uint64_t)speak(&log, r, &e), (uint64_t)status(l));
	same("lacks", times("\"needs\":"), l->lacks);
	same("files", times("\"kind\":\"payload\""), l->files);
	same("damage", times("\"fault\":\""), l->damaged);
	same("count", number("count"), l->lacks + l->files);
}

static void
by_verify(
    const struct world *w, bool policy, bool wrong, const struct lacking *l)
{
	struct log log = {
	    .prog = "t", .quiet = true, .json = true, .file_fd = -1};
	const struct verify_opts o = {.policy = policy ? w->policy : NULL,
	    .quick = true,
	    .jobs = 1,
	    .log = &log};
	struct err e = ERR_INIT;
	int r;

	what = policy ? "verify -p" : "verify";
	hush();
	r = verify_run(&o, w->dir, &e);
	same("status", (uint64_t)speak(&log, r, &e),
	    wrong ? 1 : (uint64_t)status(l));
	same_keys(l);
	same("unwanted_files", number("unwanted_files"), l->left_out);
}

static void
by_export(const struct world *w, bool policy, const struct lacking *l)
{
	struct log log = {
	    .prog = "t", .quiet = true, .json = true, .file_fd = -1};
	const struct export_opts o = {.store = w->dir,
	    .to = t_tmpdir(),
	    .sign_key = w->key,
	    .policy = policy ? w->policy : NULL,
	    .dry_run = true,
	    .jobs = 1,
	    .log = &log};
	struct err e = ERR_INIT;
	int r;

	what = policy ? "export -p" : "export";
	hush();
	r = export_run(&o, &e);
	same("status", (uint64_t)speak(&log, r, &e), (uint64_t)status(l));
	if (l->damaged == 0)
		same_keys(l);
	else
		same("refusals", times("\"kind\":\"digest\""), 1);
}

static void
by_serve(const struct world *w, const struct lacking *l)
{
	struct err e = ERR_INIT;
	struct store *s = NULL;
	struct serve_view v;

	what = "serve";
	*said = '\0';
	serve_view_init(&v);
	T_CALL(store_open(&s, w->dir, STORE_READ, NULL, &e), &e);
	T_CALL(serve_view_prepare(&v, s, &e), &e);
	same("made", v.is.made, true);
	same("revisions", v.is.status.lacking.revisions, l->revisions);
	same("lacks", v.is.status.lacking.lacks, l->lacks);
	same("needs", v.is.status.lacking.needs, l->needs);
	same("files", v.is.status.lacking.files, l->files);
	same("bytes", v.is.status.lacking.bytes, l->bytes);
	same("damaged", v.is.status.lacking.damaged, l->damaged);
	same("left out", v.is.status.lacking.left_out, l->left_out);
	same("bytes left out", v.is.status.lacking.left_out_bytes,
	    l->left_out_bytes);
	serve_view_free(&v);
	store_close(s);
}

static void
by_fetch(const struct world *w, bool policy, const struct lacking *l)
{
	struct log log = {.prog = "t", .quiet = true, .file_fd = -1};
	const struct fetch_opts o = {.metadata_only = true, .log = &log};
	struct fetch f = {.o = &o,
	    .log = &log,
	    .has_policy = policy,
	    .now = time(NULL),
	    .policy = POLICY_INIT};
	struct err e = ERR_INIT;
	int r;

	what = policy ? "fetch -p" : "fetch";
	T_CALL(store_open(&f.store, w->dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(f.store, &log, &e), &e);
	T_CALL(store_begin(f.store, &e), &e);
	T_CALL(sync_upstream(f.store, "http://one", &f.up, &e), &e);
	T_CALL(store_commit(f.store, &e), &e);
	if (policy)
		T_CALL(choose_file_read(&f.policy, w->policy, &e), &e);
	hush();
	r = missed_note(&f, &e) == -1 ? -1 : missed_all(&f, &e);
	same("status", (uint64_t)speak(&log, r, &e), (uint64_t)status(l));
	same("revisions", f.lacking.revisions, l->revisions);
	same("needs", f.lacking.needs, l->needs);
	same("files", f.lacking.files, l->files);
	same("bytes", f.lacking.bytes, l->bytes);
	same("damaged", f.lacking.damaged, 0);
	same("left out", f.lacking.left_out, l->left_out);
	policy_free(&f.policy);
	store_close(f.store);
}

static const char *
make_key(void)
{
	static char key[512];
	struct sign_pub pub;
	struct err e = ERR_INIT;
	bool old;

	snprintf(key, sizeof(key), "%.400s/one.key", t_tmpdir());
	T_CALL(key_new(key, false, &pub, &old, &e), &e);
	return key;
}

/* Which ends were seen, of whom that does not note. */
static unsigned ends[11];

static void
agree(const char *key, unsigned round)
{
	struct world w = {.dir = t_tmpdir(), .key = key};
	char policy[1024];
	struct lacking marks, chosen, after;
	bool with = t_random() % 2 == 0;

	snprintf(policy, sizeof(policy), "%s.policy", w.dir);
	w.policy = policy;
	asked = &w;
	world_draw(&w, round);
	world_put(&w);
	marks = world_lacks(&w, false, false);
	chosen = world_lacks(&w, true, false);
	ends[status(&marks)]++;
	by_list(&w, &marks);
	by_serve(&w, &marks);
	by_verify(&w, false, false, &marks);
	by_export(&w, false, &marks);
	/* Bytes that lie there are read by verify, wanted or not. */
	by_verify(&w, true, world_has_wrong(&w), &chosen);
	by_export(&w, true, &chosen);
	/* It notes what is damaged, and marks what its policy does not want. */
	after = world_lacks(&w, with, true);
	by_fetch(&w, with, &after);
	by_list(&w, &after);
	by_serve(&w, &after);
	by_verify(&w, false, false, &after);
	by_export(&w, false, &after);
}

T_TEST(all_programs_and_a_model_count_the_same)
{
	unsigned rounds = getenv("WF_LONG") != NULL ? 10 * ROUNDS : ROUNDS;
	const char *key = make_key();

	for (unsigned i = 0; i < rounds && t_failures() == 0; i++)
		agree(key, i);
	if (t_failures() == 0)
		T_OK(ends[0] > 0 && ends[1] > 9 && ends[10] > 9);
}

T_MAIN
