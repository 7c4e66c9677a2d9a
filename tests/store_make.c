/* SPDX-License-Identifier: ISC */
#include "tests/store_make.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/base/sink.h"
#include "lib/store/ledger.h"
#include "tests/t.h"

const char *
make_path(const char *dir, const char *name)
{
	static char path[4][1024];
	static unsigned n;
	char *p = path[n++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

bool
make_is_there(const char *dir, const char *name)
{
	return access(make_path(dir, name), F_OK) == 0;
}

void
make_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	T_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	T_EQ(close(fd), 0);
}

struct guid
make_guid(unsigned n)
{
	struct guid g = {.b = {0xab}};

	g.b[1] = (uint8_t)(n * 37); /* not in the order of the numbers */
	g.b[12] = (uint8_t)(n >> 24);
	g.b[13] = (uint8_t)(n >> 16);
	g.b[14] = (uint8_t)(n >> 8);
	g.b[15] = (uint8_t)n;
	return g;
}

void
make_update(struct make *m, unsigned id, uint32_t revision)
{
	static char titles[8][32];
	static unsigned next;
	char *title = titles[next++ % 8];

	memset(m, 0, sizeof(*m));
	snprintf(title, sizeof(titles[0]), "update %u", id);
	snprintf(m->text, sizeof(m->text), "<Update %u.%u/>", id, revision);
	m->u.id = make_guid(id);
	m->u.revision = revision;
	m->u.type = UPDATE_SOFTWARE;
	m->u.title = title;
	m->u.prereqs = m->prereqs;
	m->u.bundled = m->bundled;
	m->u.files = m->files;
	m->u.superseded = m->superseded;
	m->u.kbs = m->kbs;
	m->u.titles = m->titles;
}

void
make_category(struct make *m, unsigned id, enum category_type type)
{
	make_update(m, id, 1);
	m->u.type = UPDATE_CATEGORY;
	m->u.category = type;
}

void
make_needs(struct make *m, unsigned group, unsigned id)
{
	struct update_ref *r = &m->prereqs[m->u.nprereqs];

	r->any = group != 0;
	r->group = group != 0 ? group : 1000 + (uint32_t)m->u.nprereqs;
	r->id = make_guid(id);
	m->u.nprereqs++;
}

void
make_bundles(struct make *m, unsigned id, uint32_t revision)
{
	struct update_ref *r = &m->bundled[m->u.nbundled];

	r->group = (uint32_t)m->u.nbundled++;
	r->id = make_guid(id);
	r->revision = revision;
}

struct update_file *
make_file(struct make *m, const char *content, const char *name)
{
	struct update_file *f = &m->files[m->u.nfiles++];
	struct err e = ERR_INIT;
	struct digest d;

	T_CALL(digest_mem(DIGEST_BOTH, content, strlen(content), &d, &e), &e);
	memcpy(f->sha1, d.sha1, SHA1_LEN);
	memcpy(f->sha256, d.sha256, SHA256_LEN);
	f->has_sha256 = f->has_size = true;
	f->size = d.bytes;
	f->name = name;
	return f;
}

static const char *
payload_path(const char *dir, const struct digest *d, const char *ext)
{
	char name[CONTENT_NAME_MAX], in[CONTENT_NAME_MAX + 16];

	content_name(name, d->sha1, ext);
	snprintf(in, sizeof(in), "%s/%.2s", CONTENT_DIR, name);
	(void)mkdir(make_path(dir, CONTENT_DIR), 0755);
	(void)mkdir(make_path(dir, in), 0755);
	snprintf(in, sizeof(in), "%s/%s", CONTENT_DIR, name);
	return make_path(dir, in);
}

static struct digest
digest_of(const char *content)
{
	struct err e = ERR_INIT;
	struct digest d;

	T_CALL(digest_mem(DIGEST_BOTH, content, strlen(content), &d, &e), &e);
	return d;
}

void
make_here(
    struct store *s, const char *dir, const char *content, const char *ext)
{
	struct digest d = digest_of(content);
	struct err e = ERR_INIT;

	T_CALL(store_file_present(s, d.sha1, &d, &e), &e);
	make_text(payload_path(dir, &d, ext), content);
}

void
make_damaged(const char *dir, const char *content, const char *ext, int more)
{
	struct digest d = digest_of(content);

	T_EQ(
	    truncate(payload_path(dir, &d, ext), (off_t)strlen(content) + more),
	    0);
}

void
make_lost(const char *dir, const char *content, const char *ext)
{
	struct digest d = digest_of(content);

	T_EQ(unlink(payload_path(dir, &d, ext)), 0);
}

int
make_put(struct store *s, const struct make *m, struct err *e)
{
	struct store_packer *p = NULL;
	struct buf b = BUF_INIT;
	struct digest d;
	struct store_doc doc = {.u = &m->u, .encoding = "utf-8"};
	enum store_put put = STORE_NEW;
	size_t n = strlen(m->text);
	int r = -1;

	if (digest_mem(DIGEST_SHA256, m->text, n, &d, e) == -1 ||
	    store_packer_open(&p, s, e) == -1 ||
	    store_pack(p, m->text, n, &b, e) == -1)
		goto out;
	memcpy(doc.sha256, d.sha256, SHA256_LEN);
	doc.bytes = doc.units = (uint32_t)n;
	doc.packed = b.p;
	doc.packed_len = b.len;
	r = store_put(s, &doc, 1, &put, e);
out:
	store_packer_close(p);
	buf_free(&b);
	return r == -1 ? -1 : put == STORE_HELD;
}

void
make_put_ok(struct store *s, const struct make *m)
{
	struct err e = ERR_INIT;

	T_CALL(make_put(s, m, &e), &e);
}

struct store *
make_store(const char *dir)
{
	struct err e = ERR_INIT;
	struct store *s = NULL;

	T_CALL(store_open(&s, dir, STORE_CREATE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	return s;
}

char *
make_dump(struct store *s)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct sink k;

	sink_buf(&k, &b);
	T_CALL(dump_store(s, &k, &e), &e);
	if (buf_str(&b, &e) == NULL)
		t_fail(__FILE__, __LINE__, "%s", e.msg);
	return (char *)b.p;
}

/* A store with one ledger row, so that transfer 1 is an import. */
struct store *
make_begun(const char *dir)
{
	struct ledger_row row = {
	    .kind = LEDGER_PACKAGE, .state = LEDGER_IMPORTED};
	struct store *s = make_store(dir);
	struct err e = ERR_INIT;

	T_CALL(store_begin(s, &e), &e);
	T_CALL(ledger_add(s, &row, &e), &e);
	return s;
}

void
make_commit(struct store *s)
{
	struct err e = ERR_INIT;

	T_CALL(derive_all(s, &e), &e);
	T_CALL(store_commit(s, &e), &e);
}

static unsigned
draw(unsigned *x, unsigned of)
{
	*x = *x * 1103515245 + 12345;
	return (*x >> 16) % of;
}

void
make_random(struct store *s, unsigned seed, unsigned n)
{
	unsigned i, k, x = seed;
	struct make m;

	for (i = 1; i <= n; i++) {
		make_update(&m, i, 1 + draw(&x, 2));
		for (k = draw(&x, 5); k > 0; k--)
			make_needs(&m, 0, 1 + draw(&x, n + n / 4));
		for (k = draw(&x, 6); k > 0; k--)
			make_needs(&m, 7, 1 + draw(&x, 2 * n));
		for (k = draw(&x, 4); k > 0; k--)
			make_needs(&m, 8, 1 + draw(&x, n + n / 4));
		for (k = draw(&x, 3); k > 0; k--)
			make_bundles(&m, 1 + draw(&x, n), 1 + draw(&x, 2));
		make_put_ok(s, &m);
	}
}

/* A small catalogue: product 1, classification 2, bundle 10 with parts 11. */
void
make_fill(struct store *s)
{
	struct make m;

	make_category(&m, 1, CATEGORY_PRODUCT);
	m.titles[0] = (struct update_title){"en", m.u.title, "text"};
	m.titles[1] = (struct update_title){
	    "de", "Aktualisierung \"10\"", NULL};
	m.u.ntitles = 2;
	make_put_ok(s, &m);
	make_category(&m, 2, CATEGORY_CLASSIFICATION);
	make_put_ok(s, &m);
	make_update(&m, 11, 100);
	make_file(&m, "payload of 11", "eleven.cab");
	make_put_ok(s, &m);
	make_update(&m, 10, 200);
	make_needs(&m, 1, 1);
	make_needs(&m, 2, 2);
	make_bundles(&m, 11, 100);
	m.kbs[m.u.nkbs++] = "5000001";
	m.kbs[m.u.nkbs++] = "5000002";
	make_put_ok(s, &m);
}

/* All but what schema 1 had, whatever came since. */
void
make_old(const char *dir)
{
	static const char later[] =
	    "SELECT 'DROP TABLE ' || name FROM sqlite_schema WHERE type ="
	    " 'table' AND name NOT IN ('store', 'dict', 'revision',"
	    " 'document', 'title', 'word', 'prereq', 'bundle', 'superseded',"
	    " 'rev_file', 'file', 'url', 'rev_category', 'missing', 'state',"
	    " 'ledger')";
	char path[1024], *drop = NULL;
	sqlite3_stmt *st;
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/store.db", dir);
	T_EQ(sqlite3_open(path, &db), SQLITE_OK);
	do {
		free(drop);
		drop = NULL;
		T_EQ(sqlite3_prepare_v2(db, later, -1, &st, NULL), SQLITE_OK);
		if (sqlite3_step(st) == SQLITE_ROW)
			drop = strdup((const char *)sqlite3_column_text(st, 0));
		sqlite3_finalize(st);
	} while (drop != NULL &&
	    sqlite3_exec(db, drop, NULL, NULL, NULL) == SQLITE_OK);
	T_STR(drop == NULL ? "" : drop, "");
	free(drop);
	T_EQ(sqlite3_exec(db, "PRAGMA user_version = 1", NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
}

void
make_note(struct make_notes *g, const char *fmt, ...)
{
	size_t n = strlen(g->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(g->text + n, sizeof(g->text) - n, fmt, ap);
	va_end(ap);
}

int
make_source(int dirfd, const char *name, const char *text)
{
	int fd = openat(dirfd, name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	T_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	T_EQ(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

int
make_stage(const struct content *c, int fd, int from_dirfd,
    const char *from_name, enum content_how how, uint64_t max,
    struct content_staged *st, struct err *e)
{
	struct copy cp;

	if (content_stage_begin(
		c, fd, from_dirfd, from_name, how, max, st, &cp, e) == -1)
		return -1;
	copy_lanes(&cp, 1, DIGEST_BOTH);
	return content_stage_end(c, fd, st, &cp, e);
}

void
make_name(struct content_staged *st, const char *ext)
{
	memcpy(st->sha1, st->digest.sha1, SHA1_LEN);
	snprintf(st->ext, sizeof(st->ext), "%s", ext);
}

struct count {
	unsigned files;
};

static int
count_file(void *arg, const struct path_entry *en, struct err *e)
{
	struct count *c = arg;

	(void)e;
	c->files += en->type == PATH_FILE;
	return 0;
}

unsigned
make_files_in(int dirfd)
{
	struct count c = {0};
	struct err e = ERR_INIT;

	T_CALL(path_walk(dirfd, 8, count_file, &c, &e), &e);
	return c.files;
}
