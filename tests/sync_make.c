/* SPDX-License-Identifier: ISC */
#include "tests/sync_make.h"

#include <inttypes.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/err.h"
#include "tests/t.h"

#define URL "http://wsus.example.org:8530"

struct store *
sync_store(const char *dir, int64_t *upstream)
{
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;
	struct sync_upstream u;

	T_CALL(sync_upstream(s, URL, &u, &e), &e);
	*upstream = u.row;
	return s;
}

int
sync_list(struct store *s, int64_t upstream, enum sync_kind k, unsigned id,
    uint32_t revision)
{
	struct guid g = make_guid(id);
	struct err e = ERR_INIT;
	bool added = false;

	T_CALL(sync_add(s, upstream, k, &g, revision, &added, &e), &e);
	return added;
}

int
sync_bring(struct store *s, int64_t upstream, enum sync_kind k,
    const struct make *m, struct err *e)
{
	return sync_bring_extra(s, upstream, k, m, NULL, 0, e);
}

int
sync_bring_extra(struct store *s, int64_t upstream, enum sync_kind k,
    const struct make *m, const uint8_t (*extra)[SHA1_LEN], size_t nextra,
    struct err *e)
{
	struct store_doc d = {.u = &m->u,
	    .encoding = "utf-16le",
	    .extra = extra,
	    .nextra = nextra};
	struct store_packer *p = NULL;
	struct buf b = BUF_INIT;
	size_t n = strlen(m->text);
	struct digest dg;
	uint64_t added;
	int r = -1;

	if (digest_mem(DIGEST_SHA256, m->text, n, &dg, e) == -1 ||
	    store_packer_open(&p, s, e) == -1 ||
	    sync_pack(p, m->text, n, &b, e) == -1)
		goto out;
	memcpy(d.sha256, dg.sha256, SHA256_LEN);
	d.bytes = d.units = (uint32_t)n;
	d.packed = b.p;
	d.packed_len = b.len;
	r = sync_arrive(s, upstream, k, &d, &added, e);
out:
	store_packer_close(p);
	buf_free(&b);
	return r;
}

void
sync_bring_ok(
    struct store *s, int64_t upstream, enum sync_kind k, const struct make *m)
{
	struct err e = ERR_INIT;

	T_CALL(sync_bring(s, upstream, k, m, &e), &e);
}

unsigned
sync_number(const struct guid *id)
{
	return (unsigned)id->b[12] << 24 | (unsigned)id->b[13] << 16 |
	    (unsigned)id->b[14] << 8 | id->b[15];
}

const char *
sync_todos(struct store *s, int64_t upstream)
{
	static struct make_notes g;
	struct sync_work w[3], *after = NULL, last;
	struct err e = ERR_INIT;
	int i, n;

	g.text[0] = '\0';
	/* By threes, so that going on is tried with all. */
	while ((n = sync_todo(s, upstream, after, w, 3, &e)) > 0) {
		for (i = 0; i < n; i++)
			make_note(&g, "%d %u.%" PRIu32 " tries %u;",
			    (int)w[i].kind, sync_number(&w[i].id),
			    w[i].revision, w[i].tries);
		last = w[n - 1];
		after = &last;
	}
	T_CALL(n, &e);
	return g.text;
}

const char *
sync_danglings(struct store *s, int64_t upstream)
{
	static struct make_notes g;
	struct err e = ERR_INIT;
	struct guid id[8];
	int i, n;

	g.text[0] = '\0';
	T_CALL(n = sync_dangling(s, upstream, id, 8, &e), &e);
	for (i = 0; i < n; i++)
		make_note(&g, "%u ", sync_number(&id[i]));
	return g.text;
}

const char *
sync_counted(struct store *s, int64_t upstream)
{
	static struct make_notes g;
	struct err e = ERR_INIT;
	struct sync_counts c;

	g.text[0] = '\0';
	T_CALL(sync_counts(s, upstream, &c, &e), &e);
	make_note(&g,
	    "todo %" PRIu64 " tried %" PRIu64 " unavailable %" PRIu64
	    " inbox %" PRIu64 " of %" PRIu64 " bytes",
	    c.todo, c.tried, c.unavailable, c.inbox, c.inbox_bytes);
	return g.text;
}

int
sync_doc(struct store *s, const struct sync_arrived *a, struct buf *doc,
    struct err *e)
{
	struct store_unpacker u = {.from = s};
	int r = sync_unpack(&u, a, doc, e);

	store_unpacker_free(&u);
	return r;
}

static int
put_one(void *arg, const struct sync_arrived *a, struct err *e)
{
	struct make m;

	struct buf doc = BUF_INIT;

	make_update(&m, sync_number(&a->id), a->revision);
	T_CALL(sync_doc(arg, a, &doc, e), e);
	T_STR(buf_str(&doc, e), m.text);
	T_STR(a->encoding, "utf-16le");
	T_EQ(a->units, doc.len);
	make_put_ok(arg, &m);
	buf_free(&doc);
	return 0;
}

void
sync_put_all(struct store *s, int64_t upstream)
{
	struct err e = ERR_INIT;

	T_CALL(sync_each_arrived(s, put_one, s, &e), &e);
	T_CALL(derive_all(s, &e), &e);
	T_CALL(sync_take(s, upstream, SYNC_NOW, &e), &e);
}
