/* SPDX-License-Identifier: ISC */
#include "tests/store_rig.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/xml.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/store/shown.h"
#include "lib/store/store_db.h"
#include "tests/store_make.h"
#include "tests/t.h"

const char *
rig_filled(void)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);

	make_fill(s);
	make_commit(s);
	store_close(s);
	return dir;
}

void
rig_more(struct store *s)
{
	struct err e = ERR_INIT;
	struct make m;

	T_CALL(store_begin(s, &e), &e);
	make_update(&m, 77, 1);
	make_put_ok(s, &m);
	make_commit(s);
}

uint64_t
rig_revisions(struct store *s)
{
	struct store_counts n = {0};
	struct err e = ERR_INIT;

	T_CALL(store_counts(s, &n, &e), &e);
	return n.revisions;
}

void
rig_sql(const char *dir, const char *text)
{
	char *msg = NULL;
	sqlite3 *db;

	T_EQ(sqlite3_open(make_path(dir, "store.db"), &db), SQLITE_OK);
	(void)sqlite3_exec(
	    db, "PRAGMA ignore_check_constraints = ON", NULL, NULL, NULL);
	if (sqlite3_exec(db, text, NULL, NULL, &msg) != SQLITE_OK)
		t_fail(__FILE__, __LINE__, "%s: %s", text, msg);
	sqlite3_close(db);
}

void
rig_write(const char *dir, const char *text)
{
	struct err e = ERR_INIT;
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_exec(s, text, &e), &e);
	shown_mark(s);
	T_CALL(store_commit(s, &e), &e);
	store_close(s);
}

int64_t
rig_number(const char *dir, const char *text)
{
	sqlite3_stmt *st;
	sqlite3 *db;
	int64_t v;

	T_EQ(sqlite3_open(make_path(dir, "store.db"), &db), SQLITE_OK);
	T_EQ(sqlite3_prepare_v2(db, text, -1, &st, NULL), SQLITE_OK);
	T_EQ(sqlite3_step(st), SQLITE_ROW);
	v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return v;
}

void
rig_put(struct store *s, const char *text)
{
	struct arena a = ARENA_INIT(1 << 20);
	struct store_doc d = {.encoding = "utf-8"};
	struct store_packer *p = NULL;
	struct update_reader *r = NULL;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	enum store_put put;
	struct digest dg;
	struct update u;
	size_t n = strlen(text);

	T_CALL(update_reader_open(&r, &update_default_limits, &e), &e);
	T_CALL(update_read(r, &u, &a, text, n, &e), &e);
	T_CALL(digest_mem(DIGEST_SHA256, text, n, &dg, &e), &e);
	T_CALL(store_packer_open(&p, s, &e), &e);
	T_CALL(store_pack(p, text, n, &b, &e), &e);
	d.u = &u;
	d.bytes = d.units = (uint32_t)n;
	d.packed = b.p;
	d.packed_len = b.len;
	memcpy(d.sha256, dg.sha256, SHA256_LEN);
	T_CALL(store_put(s, &d, 1, &put, &e), &e);
	buf_free(&b);
	store_packer_close(p);
	update_reader_close(r);
	arena_free(&a);
}

static int
note_bad(void *arg, const char *what, const struct err *fault, struct err *e)
{
	(void)e;
	make_note(arg, "%s: %s\n", what, fault->msg);
	return 0;
}

const char *
rig_faults(const char *dir, bool rebuild, unsigned workers)
{
	static struct make_notes g;
	struct err e = ERR_INIT;
	struct store *s;

	xml_init();
	g.text[0] = '\0';
	if (store_open(&s, dir, STORE_READ, NULL, &e) == -1) {
		make_note(&g, "%s", e.msg);
		return g.text;
	}
	T_CALL(check_all(s, rebuild, workers, note_bad, &g, &e), &e);
	store_close(s);
	return g.text;
}

char *
rig_dump(const char *dir)
{
	struct err e = ERR_INIT;
	struct store *s;
	char *text;

	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	text = make_dump(s);
	store_close(s);
	return text;
}

void
rig_place_open(struct rig_place *p, struct err *e)
{
	p->dirfd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	T_EQ(mkdirat(p->dirfd, "staging", 0755), 0);
	p->staging = openat(p->dirfd, "staging", O_RDONLY | O_DIRECTORY);
	T_CALL(content_open(&p->c, p->dirfd, p->staging, e), e);
}

void
rig_place_close(struct rig_place *p)
{
	content_close(&p->c);
	close(p->staging);
	close(p->dirfd);
}
