/* SPDX-License-Identifier: ISC */
/* A revision comes in, with all that its document says. */
#include "lib/store/store_db.h"

#include <inttypes.h>

#include "lib/base/enc.h"
#include "lib/base/json.h"
#include "lib/store/held.h"
#include "lib/store/shown.h"

enum { WORD_KB = 1, WORD_BULLETIN = 2 };

/* Words joined by single spaces, borrowed from the scratch buffer, or NULL. */
static int
join(struct store *s, const char **words, size_t n, const char **out,
    struct err *e)
{
	size_t i;

	*out = NULL;
	if (n == 0)
		return 0;
	buf_reset(&s->scratch);
	for (i = 0; i < n; i++)
		if ((i > 0 && buf_put(&s->scratch, " ", 1, e) == -1) ||
		    buf_puts(&s->scratch, words[i], e) == -1)
			return -1;
	*out = buf_str(&s->scratch, e);
	return *out != NULL ? 0 : -1;
}

/* Nobody judges by the texts among them. */
static void
bind_facts(struct query *q, const struct update *given, const char *langs)
{
	struct update plain = *given;
	const struct update *u = given;

	if (q->s->nothing) {
		plain.created = plain.lang = plain.severity = NULL;
		plain.protocol = plain.handler = langs = NULL;
		u = &plain;
	}
	query_int(q, u->type);
	query_int(q, u->category);
	query_int(q, u->expired);
	query_int(q, u->deployable);
	query_int(q, u->secured);
	query_int(q, u->mandatory);
	query_int(q, u->beta);
	query_str(q, u->created);
	query_str(q, u->lang);
	query_str(q, u->title);
	query_str(q, u->severity);
	query_str(q, u->protocol);
	query_str(q, u->handler);
	/* Read when the statement runs, and plain is gone by then. */
	if (u->has_eula)
		query_blob(q, given->eula.b, sizeof(given->eula.b));
	else
		query_null(q);
	if (u->has_max_download)
		query_int(q, (int64_t)u->max_download);
	else
		query_null(q);
	query_str(q, langs);
}

static int
put_rev(struct store *s, const struct store_doc *d, int64_t transfer,
    int64_t *row, struct err *e)
{
	const struct update *u = d->u;
	const char *langs;
	struct query q;

	if (join(s, u->langs, u->nlangs, &langs, e) == -1 ||
	    query_open(&q, s, SQL_PUT_REV, e) == -1)
		return -1;
	query_blob(&q, u->id.b, sizeof(u->id.b));
	query_int(&q, u->revision);
	query_blob(&q, d->sha256, SHA256_LEN);
	query_int(&q, d->bytes);
	query_int(&q, d->units);
	query_str(&q, d->encoding);
	query_int(&q, transfer);
	bind_facts(&q, u, langs);
	if (query_done(&q, e) == -1)
		return -1;
	*row = query_row(s);
	return 0;
}

static int
put_doc(struct store *s, const struct store_doc *d, int64_t row, struct err *e)
{
	struct query q;

	if (s->nothing)
		return 0;
	if (query_open(&q, s, SQL_PUT_DOC, e) == -1)
		return -1;
	query_int(&q, row);
	query_int(&q, store_packed_dict(d->packed, d->packed_len));
	query_blob(&q, d->packed, d->packed_len);
	return query_done(&q, e);
}

/*
 * The titles beside the one for display, as one JSON object, language to
 * title; of categories, which policies name by any of them.  Of the rest nobody
 * asks for them, and they would outweigh all but the document, where they
 * stand.
 */
static int
put_titles(struct store *s, const struct update *u, int64_t row, struct err *e)
{
	struct query q;
	const char *text;
	size_t i;
	bool any = false;

	if (s->nothing || u->type != UPDATE_CATEGORY)
		return 0;
	json_begin(&s->json);
	for (i = 0; i < u->ntitles; i++) {
		const struct update_title *t = &u->titles[i];

		if (t->lang == NULL || t->title == NULL ||
		    (u->title != NULL && strcmp(t->title, u->title) == 0))
			continue;
		json_str(&s->json, t->lang, t->title);
		any = true;
	}
	if (!any)
		return 0;
	if ((text = json_end(&s->json)) == NULL)
		return err_nomem(e);
	if (query_open(&q, s, SQL_PUT_TITLES, e) == -1)
		return -1;
	query_int(&q, row);
	query_str(&q, text);
	return query_done(&q, e);
}

static int
put_words(struct store *s, const char **words, size_t n, int kind, int64_t row,
    struct err *e)
{
	struct query q;
	size_t i;

	for (i = 0; i < n; i++) {
		if (query_open(&q, s, SQL_PUT_WORD, e) == -1)
			return -1;
		query_int(&q, row);
		query_int(&q, kind);
		query_int(&q, (int64_t)i);
		query_str(&q, words[i]);
		if (query_done(&q, e) == -1)
			return -1;
	}
	return 0;
}

static int
put_ref(struct store *s, const struct update_ref *ref, bool bundled, size_t n,
    int64_t row, struct err *e)
{
	struct query q;

	if (query_open(&q, s, bundled ? SQL_PUT_BUNDLE : SQL_PUT_PREREQ, e) ==
	    -1)
		return -1;
	query_int(&q, row);
	query_int(&q, (int64_t)n);
	query_int(&q, ref->group);
	query_int(&q, ref->any);
	if (!bundled)
		query_int(&q, ref->is_category);
	query_blob(&q, ref->id.b, sizeof(ref->id.b));
	if (bundled)
		query_int(&q, ref->revision);
	return query_done(&q, e);
}

static int
put_refs(struct store *s, const struct update *u, int64_t row, struct err *e)
{
	struct query q;
	size_t i;

	for (i = 0; i < u->nprereqs; i++)
		if (put_ref(s, &u->prereqs[i], false, i, row, e) == -1)
			return -1;
	for (i = 0; i < u->nbundled; i++)
		if (put_ref(s, &u->bundled[i], true, i, row, e) == -1)
			return -1;
	for (i = 0; i < u->nsuperseded && !s->nothing; i++) {
		if (query_open(&q, s, SQL_PUT_SUPERSEDED, e) == -1)
			return -1;
		query_int(&q, row);
		query_int(&q, (int64_t)i);
		query_blob(&q, u->superseded[i].b, sizeof(struct guid));
		if (query_done(&q, e) == -1)
			return -1;
	}
	return 0;
}

static int
put_file(struct store *s, const struct update_file *f, size_t n, int64_t row,
    struct err *e)
{
	struct query q;
	int64_t file;

	if (store_file_check(s, f, &file, e) == -1 ||
	    store_file_put(s, f, &file, e) == -1 ||
	    query_open(&q, s, SQL_PUT_REV_FILE, e) == -1)
		return -1;
	query_int(&q, row);
	query_int(&q, (int64_t)n);
	query_file(&q, file, f->sha1);
	query_str(&q, s->nothing ? "" : f->name);
	query_int(&q, f->encrypted);
	query_str(&q, f->patching);
	query_str(&q, f->modified);
	return query_done(&q, e);
}

/* Before anything is written: a refusal changes nothing. */
static int
check_doc(struct store *s, const struct store_doc *d, struct err *e)
{
	char id[GUID_LEN + 1];
	int64_t row;
	size_t i;

	guid_write(id, &d->u->id);
	if (d->u->has_max_download && d->u->max_download > INT64_MAX)
		return err_set(e, E_LIMIT,
		    "update %s: MaxDownloadSize %" PRIu64, id,
		    d->u->max_download);
	for (i = 0; i < d->u->nfiles; i++)
		if (store_file_check(s, &d->u->files[i], &row, e) == -1)
			return err_ctx(e, "update %s revision %" PRIu32, id,
			    d->u->revision);
	return 0;
}

int
store_put(struct store *s, const struct store_doc *d, int64_t transfer,
    enum store_put *r, struct err *e)
{
	const struct update *u = d->u;
	struct held h;
	int64_t row;
	size_t i;

	*r = STORE_NEW;
	if (held_look(s, d, &h, e) == -1)
		return -1;
	if (d->exact && h.transfer == transfer &&
	    (h.how == HELD_ALIKE || h.how == HELD_OTHER))
		return held_differs(d, h.sha256, "it came before", e);
	if (h.how == HELD_OTHER) {
		*r = STORE_OTHER;
		return held_differs(d, h.sha256, "held", e);
	}
	if (h.how != HELD_NOT) {
		*r = h.how == HELD_SAME ? STORE_HELD : STORE_ALIKE;
		return 0;
	}
	shown_mark(s);
	if (check_doc(s, d, e) == -1 ||
	    put_rev(s, d, transfer, &row, e) == -1 ||
	    put_doc(s, d, row, e) == -1 || put_titles(s, u, row, e) == -1 ||
	    put_words(s, u->kbs, u->nkbs, WORD_KB, row, e) == -1 ||
	    put_words(s, u->bulletins, u->nbulletins, WORD_BULLETIN, row, e) ==
		-1 ||
	    put_refs(s, u, row, e) == -1)
		return -1;
	for (i = 0; i < u->nfiles; i++)
		if (put_file(s, &u->files[i], i, row, e) == -1)
			return -1;
	return 0;
}
