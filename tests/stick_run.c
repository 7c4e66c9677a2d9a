/* SPDX-License-Identifier: ISC */
#include "tests/stick_run.h"

#include <fcntl.h>
#include <unistd.h>

#include "formats/bag.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path_remove.h"
#include "lib/import/import.h"
#include "lib/key/key.h"
#include "lib/store/ledger.h"
#include "lib/store/store.h"
#include "lib/transfer/keyring.h"
#include "lib/verify/verify.h"
#include "tests/second.h"
#include "tests/stick.h"
#include "tests/t.h"

static int talk = -1, saved_out, saved_err;

void
stick_hush(void)
{
	char path[1024];

	if (talk == -1) {
		snprintf(path, sizeof(path), "%s/talk", t_tmpdir());
		talk = open(
		    path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	}
	(void)fflush(NULL);
	saved_out = dup(STDOUT_FILENO);
	saved_err = dup(STDERR_FILENO);
	(void)dup2(talk, STDOUT_FILENO);
	(void)dup2(talk, STDERR_FILENO);
}

void
stick_hear(void)
{
	(void)fflush(NULL);
	(void)dup2(saved_out, STDOUT_FILENO);
	(void)dup2(saved_err, STDERR_FILENO);
	(void)close(saved_out);
	(void)close(saved_err);
}

int
stick_speak(struct log *log, int r, struct err *e)
{
	int status = r == -1 ? log_error(log, NULL, e) : 0;

	status = err_worst(status, log->worst);
	log_close(log);
	stick_hear();
	return status;
}

const char *
stick_said(void)
{
	static char text[16384];
	ssize_t n = pread(talk, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	T_EQ(ftruncate(talk, 0), 0);
	return text;
}

int
stick_verify_for(const char *path, const char *store, const char *pub)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const struct verify_opts o = {
	    .trusted_keys = pub, .store = store, .jobs = 1, .log = &log};

	log.prog = "verify";
	stick_hush();
	return stick_speak(&log, verify_run(&o, path, &e), &e);
}

int
stick_verify(const char *path, const char *pub)
{
	return stick_verify_for(path, NULL, pub);
}

int
stick_import_into(
    const char *path, const char *store, const char *pub, bool keep_held)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const struct import_opts o = {.store = store,
	    .paths = &path,
	    .npaths = 1,
	    .trusted_keys = pub,
	    .keep_held = keep_held,
	    .jobs = 1,
	    .log = &log};

	log.prog = "import";
	stick_hush();
	return stick_speak(&log, import_run(&o, &e), &e);
}

int
stick_import(const char *path, const char *pub)
{
	struct err ignored = ERR_INIT;
	char store[1024];
	int r;

	snprintf(store, sizeof(store), "%s.store", path);
	r = stick_import_into(path, store, pub, false);
	T_CALL(path_remove(AT_FDCWD, store, &ignored), &ignored);
	return r;
}

static struct stick_home home;

void
stick_new_key(const char *name, struct sign_sec *key)
{
	char sec[2048];
	struct err e = ERR_INIT;
	struct sign_pub p;
	bool old;

	snprintf(sec, sizeof(sec), "%s/%s.key", stick_home()->dir, name);
	T_CALL(key_new(sec, false, &p, &old, &e), &e);
	T_CALL(keyring_read_sec(sec, key, &e), &e);
}

const struct stick_home *
stick_home(void)
{
	if (home.dir[0] != '\0')
		return &home;
	snprintf(home.dir, sizeof(home.dir), "%.200s", t_tmpdir());
	snprintf(home.pub, sizeof(home.pub), "%s/one.pub", home.dir);
	snprintf(home.path, sizeof(home.path), "%s/stick", home.dir);
	stick_new_key("one", &home.key);
	return &home;
}

static void
says_it(const char *who, const char *said, const char *says)
{
	bool wanted = says == NULL || *says != '!';

	if (says != NULL && (strstr(said, says + !wanted) != NULL) != wanted)
		t_fail(__FILE__, __LINE__, "%s says '%s', not '%s'", who, said,
		    says);
}

void
stick_both(struct stick *s, const char *what, int status, const char *says)
{
	const struct stick_home *h = stick_home();
	unsigned before = t_failures();
	struct err e = ERR_INIT;
	const char *said;

	stick_write(s, h->path);
	T_EQ(stick_verify(h->path, h->pub), status);
	said = stick_said();
	says_it("verify", said, says);
	second_agrees(h->path, h->pub, status, said);
	T_EQ(stick_import(h->path, h->pub), status);
	says_it("import", stick_said(), says);
	if (t_failures() != before)
		t_fail(__FILE__, __LINE__, "that was: %s", what);
	T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
}

struct ledger_text {
	struct buf b;
	uint64_t sequence, base;
};

static void
put_ledger(struct ledger_text *t, uint64_t sequence, const uint8_t *tag)
{
	struct bag_ledger_line l = {.sequence = sequence};
	struct err e = ERR_INIT;

	if (sequence == 0)
		return;
	if (tag != NULL)
		memcpy(l.sha256, tag, SHA256_LEN);
	T_CALL(bag_put_ledger(&t->b, &l, &e), &e);
}

static int
add_import(void *arg, const struct ledger_row *r, struct err *e)
{
	struct ledger_text *t = arg;

	(void)e;
	if (r->kind != LEDGER_IMPORT || r->sequence >= t->sequence)
		return 0;
	if (r->sequence >= t->base) {
		if (r->sequence > t->base)
			put_ledger(t, t->base, NULL);
		t->base = 0;
	}
	put_ledger(t, r->sequence, r->tag);
	return 0;
}

void
stick_ledger(
    struct stick *s, const char *store, uint64_t sequence, uint64_t base)
{
	struct ledger_text t = {
	    .b = BUF_INIT, .sequence = sequence, .base = base};
	struct err e = ERR_INIT;
	struct store *far;

	if (access(store, F_OK) == 0) {
		T_CALL(store_open(&far, store, STORE_READ, NULL, &e), &e);
		T_CALL(ledger_each(far, add_import, &t, &e), &e);
		store_close(far);
	}
	put_ledger(&t, t.base, NULL);
	if (stick_find(s, BAG_LEDGER) != NULL)
		stick_drop(s, BAG_LEDGER);
	(void)stick_put(s, BAG_LEDGER, t.b.p, t.b.len);
	buf_free(&t.b);
}
