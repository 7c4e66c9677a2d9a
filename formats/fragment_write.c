/* SPDX-License-Identifier: ISC */
/*
 * A document's fragments, put together of their parts: held until the document
 * is read where they are short, else each part by a pass of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/fragment_priv.h"
#include "lib/base/grow.h"
#include "lib/base/sink.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define FLUSH ((size_t)64 << 10) /* bytes that are passed on together */
#define KEEP ((size_t)1 << 20) /* of memory, for the next document */

/* clang-format off */
const struct fragment_limits fragment_default_limits = {
	.max_doc = (size_t)128 << 20,
	.max_held = (size_t)8 << 20,
	.max_space = (size_t)1 << 20,
	.max_lang = 64,
	.max_texts = 1000,
	.max_declared = 64,
};
/* clang-format on */

const char *
fragment_word(enum fragment_type t)
{
	static const char *const words[] = {[FRAGMENT_CORE] = "Core",
	    [FRAGMENT_EXTENDED] = "Extended",
	    [FRAGMENT_LOCALIZED] = "LocalizedProperties",
	    [FRAGMENT_EULA] = "Eula"};

	return t >= FRAGMENT_CORE && t <= FRAGMENT_EULA ? words[t] : "";
}

/* --- bytes out --- */

static int
send_bytes(struct fragment_writer *w, const void *p, size_t n, struct err *e)
{
	w->sent += n;
	return n > 0 ? sink_write(w->out->to, p, n, e) : 0;
}

static int
flush(struct fragment_writer *w, struct err *e)
{
	struct buf *b = w->b;
	size_t n = b->len;

	b->len = 0;
	return send_bytes(w, b->p, n, e);
}

int
fragment_settle(struct fragment_writer *w, struct err *e)
{
	if (w->direct)
		return w->b->len < FLUSH ? 0 : flush(w, e);
	if (w->b->len > w->lim.max_held ||
	    w->before > w->lim.max_held - w->b->len) {
		w->spilt = true;
		return err_set(e, E_STOP, "more than can be held");
	}
	return 0;
}

int
fragment_put(struct fragment_writer *w, const void *p, size_t n, struct err *e)
{
	if (!w->direct || n < FLUSH)
		return buf_put(w->b, p, n, e);
	return flush(w, e) == -1 ? -1 : send_bytes(w, p, n, e);
}

/* --- what is done with a fragment --- */

static int
tell(const struct fragment_writer *w, enum fragment_type type, uint64_t len,
    const char *lang, const char *geo, struct err *e)
{
	const struct fragment f = {.type = type,
	    .len = len,
	    .lang = lang,
	    .geo = geo,
	    .preferred = w->preferred.len > 0 ? (const char *)w->preferred.p
					      : ""};

	return w->out->done != NULL ? w->out->done(w->out->arg, &f, e) : 0;
}

static enum fragment_type
type_of(enum fragment_part p)
{
	return p == PART_TEXTS ? FRAGMENT_LOCALIZED : FRAGMENT_EULA;
}

/* White space around a language is none of it. */
static int
keep_name(
    struct fragment_writer *w, const struct buf *b, size_t *at, struct err *e)
{
	const char *p = (const char *)b->p;
	size_t n = b->len;

	for (; n > 0 && strchr(" \t\r\n", p[n - 1]) != NULL; n--)
		;
	for (; n > 0 && strchr(" \t\r\n", *p) != NULL; n--)
		p++;
	*at = w->names.len;
	return buf_put(&w->names, p, n, e) == -1 ? -1
						 : buf_put(&w->names, "", 1, e);
}

static int
tell_note(
    struct fragment_writer *w, const struct fragment_note *n, struct err *e)
{
	const char *names = (const char *)w->names.p;

	return tell(
	    w, type_of(n->part), n->len, names + n->lang, names + n->geo, e);
}

int
fragment_text_done(struct fragment_writer *w, struct err *e)
{
	struct fragment_note n = {.part = w->at, .off = w->start};

	if (w->direct)
		w->names.len = 0;
	if (keep_name(w, &w->lang, &n.lang, e) == -1 ||
	    keep_name(w, &w->geo, &n.geo, e) == -1)
		return -1;
	if (w->direct) {
		if (flush(w, e) == -1)
			return -1;
		n.len = w->sent;
		w->sent = 0;
		return tell_note(w, &n, e);
	}
	n.len = w->b->len - w->start;
	if (grow(&w->note, &w->cap_notes, w->nnotes, sizeof(n), e) == -1)
		return -1;
	w->note[w->nnotes++] = n;
	return 0;
}

/* --- passes --- */

static void
empty(struct fragment_writer *w)
{
	size_t i;

	for (i = 0; i < PART_COUNT; i++)
		if (w->part[i].cap > KEEP / PART_COUNT)
			buf_free(&w->part[i]);
		else
			buf_reset(&w->part[i]);
	buf_reset(&w->names);
	buf_reset(&w->preferred);
	w->nnotes = 0;
	w->sent = 0;
	w->odd = (struct fragment_odd){.per_user = false, .ndeclared = 0};
}

static int
check_whole(const struct fragment_writer *w, struct err *e)
{
	if ((w->met & PART_BIT(PART_IDENTITY)) == 0)
		return err_at(e, w->len, "no UpdateIdentity");
	if ((w->met & PART_BIT(PART_PROPERTIES)) == 0)
		return err_at(e, w->len, "no Properties");
	return 0;
}

static void
begin_pass(struct fragment_writer *w, unsigned want)
{
	w->want = want;
	w->met = 0;
	w->ntexts = w->neulas = 0;
	w->spilt = w->enough = w->in_texts = false;
	w->b = NULL;
	w->copy.depth = 0;
	w->nspellings = w->next_spelling = 0;
	xml_reset(w->x, w);
}

static int
pass(struct fragment_writer *w, unsigned want, struct err *e)
{
	begin_pass(w, want);
	if (xml_parse(w->x, w->doc, w->len, e) == 0)
		return check_whole(w, e);
	if (!w->enough)
		return -1;
	err_clear(e);
	return 0;
}

/* --- held --- */

static int
send_parts(struct fragment_writer *w, enum fragment_part from,
    enum fragment_part to, enum fragment_type type, struct err *e)
{
	enum fragment_part p;

	w->sent = 0;
	for (p = from; p <= to; p++)
		if (send_bytes(w, w->part[p].p, w->part[p].len, e) == -1)
			return -1;
	return tell(w, type, w->sent, "", "", e);
}

static int
send_notes(struct fragment_writer *w, enum fragment_part part, struct err *e)
{
	const struct fragment_note *n;
	size_t i;

	for (i = 0; i < w->nnotes; i++) {
		n = &w->note[i];
		if (n->part != part)
			continue;
		if (send_bytes(w, w->part[part].p + n->off, n->len, e) == -1 ||
		    tell_note(w, n, e) == -1)
			return -1;
	}
	return 0;
}

/* By the quick reader, if the document is simple and nothing is wrong. */
static int
pass_held(struct fragment_writer *w, struct err *e)
{
	begin_pass(w, PART_ALL);
	if (xml_scan(w->x, w->doc, w->len, e))
		return check_whole(w, e);
	if (w->spilt)
		return -1;
	err_clear(e);
	empty(w);
	return pass(w, PART_ALL, e);
}

static int
write_held(struct fragment_writer *w, struct err *e)
{
	w->direct = false;
	if (pass_held(w, e) == -1 ||
	    send_parts(w, PART_IDENTITY, PART_RULES, FRAGMENT_CORE, e) == -1 ||
	    send_parts(w, PART_EXTENDED, PART_HANDLER, FRAGMENT_EXTENDED, e) ==
		-1 ||
	    send_notes(w, PART_TEXTS, e) == -1)
		return -1;
	return send_notes(w, PART_EULAS, e);
}

/* --- straight on --- */

/* What a whole pass did not meet needs none of its own. */
static int
pass_part(struct fragment_writer *w, enum fragment_part p, unsigned *has,
    struct err *e)
{
	unsigned needs = PART_BIT(p == PART_EXTENDED ? PART_PROPERTIES : p);

	if ((*has & needs) == 0)
		return 0;
	if (pass(w, PART_BIT(p), e) == -1)
		return -1;
	if (!w->enough)
		*has = w->met;
	return 0;
}

static int
write_parts(struct fragment_writer *w, enum fragment_part from,
    enum fragment_part to, enum fragment_type type, unsigned *has,
    struct err *e)
{
	enum fragment_part p;

	w->sent = 0;
	for (p = from; p <= to; p++) {
		if (pass_part(w, p, has, e) == -1)
			return -1;
		w->b = &w->part[p];
		if (flush(w, e) == -1)
			return -1;
	}
	return tell(w, type, w->sent, "", "", e);
}

static int
write_direct(struct fragment_writer *w, struct err *e)
{
	unsigned has = PART_ALL;

	w->direct = true;
	if (write_parts(w, PART_IDENTITY, PART_RULES, FRAGMENT_CORE, &has, e) ==
		-1 ||
	    write_parts(w, PART_EXTENDED, PART_HANDLER, FRAGMENT_EXTENDED, &has,
		e) == -1)
		return -1;
	w->sent = 0;
	if (pass_part(w, PART_TEXTS, &has, e) == -1)
		return -1;
	return pass_part(w, PART_EULAS, &has, e);
}

int
fragment_write(struct fragment_writer *w, const void *doc, size_t len,
    const struct fragment_out *out, struct fragment_odd *odd, struct err *e)
{
	int r = -1;

	if (len > w->lim.max_doc)
		return err_set(e, E_LIMIT, "document of %zu bytes, at most %zu",
		    len, w->lim.max_doc);
	w->doc = doc;
	w->len = len;
	w->out = out;
	w->spilt = true;
	empty(w);
	if (len <= w->lim.max_held && (r = write_held(w, e)) == -1 && w->spilt)
		err_clear(e);
	if (r == -1 && w->spilt) {
		empty(w);
		r = write_direct(w, e);
	}
	*odd = w->odd;
	return r;
}

/* --- a writer's life --- */

int
fragment_writer_open(struct fragment_writer **out,
    const struct fragment_limits *lim, struct err *e)
{
	struct xml_limits xl = xml_default_limits;
	struct fragment_writer *w;
	size_t i;

	*out = NULL;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return err_nomem(e);
	w->lim = lim != NULL ? *lim : fragment_default_limits;
	for (i = 0; i < PART_COUNT; i++)
		w->part[i] = (struct buf)BUF_INIT;
	w->space = w->lang = w->geo = w->names = (struct buf)BUF_INIT;
	w->preferred = (struct buf)BUF_INIT;
	xl.max_text = w->lim.max_doc;
	if (xml_open(&w->x, &fragment_events, w, &xl, e) == -1) {
		fragment_writer_close(w);
		return -1;
	}
	*out = w;
	return 0;
}

void
fragment_writer_close(struct fragment_writer *w)
{
	size_t i;

	if (w == NULL)
		return;
	xml_close(w->x);
	for (i = 0; i < PART_COUNT; i++)
		buf_free(&w->part[i]);
	buf_free(&w->space);
	buf_free(&w->lang);
	buf_free(&w->geo);
	buf_free(&w->names);
	buf_free(&w->preferred);
	free(w->note);
	free(w->copy.lacks);
	free(w);
}
