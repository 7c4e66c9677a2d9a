/* SPDX-License-Identifier: ISC */
/* One document into texts, escaped: on a worker, or straight into a segment. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/grow.h"
#include "lib/base/sink.h"
#include "lib/offer/texts_priv.h"

#define KEEP ((size_t)512 << 10) /* of memory, for the next document */
#define HELD_MAX ((size_t)8 << 20) /* bytes of the texts of one document */

/* --- escaping --- */

#define ESCAPE_MAX 5 /* bytes of one */
#define STEP ((size_t)4 << 10)

static void
set_escape(struct texts_cut *c, int byte, const char *s)
{
	struct texts_escape *x = &c->escapes[byte];

	x->len = (uint8_t)strlen(s);
	memcpy(x->text, s, x->len);
}

static void
fill_escapes(struct texts_cut *c)
{
	int i;

	for (i = 0; i < 256; i++)
		c->escapes[i] = (struct texts_escape){
		    .text = {(uint8_t)i}, .len = 1};
	set_escape(c, '&', "&amp;");
	set_escape(c, '<', "&lt;");
	set_escape(c, '>', "&gt;");
	set_escape(c, '\r', "&#xD;");
}

/* All of an entry is copied each time: there is no branch to guess. */
static int
put_escaped(const struct texts_cut *c, struct buf *b, const uint8_t *p,
    size_t n, struct err *e)
{
	const struct texts_escape *x;
	uint8_t *to, *at;
	size_t len;

	for (; n > 0; n -= len) {
		len = n < STEP ? n : STEP;
		to = buf_reserve(b, ESCAPE_MAX * (len - 1) + sizeof(*x), e);
		if ((at = to) == NULL)
			return -1;
		for (const uint8_t *end = p + len; p < end; p++) {
			x = &c->escapes[*p];
			memcpy(at, x, sizeof(*x));
			at += x->len;
		}
		b->len += (size_t)(at - to);
	}
	return 0;
}

/* --- fragments as they come --- */

/* Core, then Extended; these alone are long. */
static enum fragment_type
next_type(const struct texts_cut *c)
{
	size_t n = c->ntexts - c->doc->first;

	return n == 0 ? FRAGMENT_CORE
	    : n == 1  ? FRAGMENT_EXTENDED
		      : FRAGMENT_LOCALIZED;
}

static int
take_bytes(struct sink *s, const void *p, size_t n, struct err *e)
{
	struct texts_cut *c = s->ctx;
	enum fragment_type type = next_type(c);

	if (c->straight == NULL || type == FRAGMENT_LOCALIZED)
		return buf_put(&c->raw, p, n, e);
	if (texts_old_find(c->j, c->doc->rev, type, "", "") != TEXTS_NONE)
		return 0;
	buf_reset(&c->raw);
	if (put_escaped(c, &c->raw, p, n, e) == -1 ||
	    texts_segment_put(c->straight, c->raw.p, c->raw.len, e) == -1)
		return -1;
	c->nstraight += c->raw.len;
	buf_reset(&c->raw);
	return 0;
}

static int
keep_word(struct texts_cut *c, const char *word, size_t *at, struct err *e)
{
	*at = c->words.len;
	return buf_put(&c->words, word, strlen(word) + 1, e);
}

const char *
texts_cut_word(const struct texts_cut *c, size_t at)
{
	return (const char *)c->words.p + at;
}

/* Each language once: the first. */
static bool
is_double(const struct texts_cut *c, const struct fragment *f)
{
	const struct texts_cut_text *t = c->texts + c->doc->first;
	const struct texts_cut_text *end = c->texts + c->ntexts;

	for (; t < end; t++)
		if (t->type == f->type &&
		    strcasecmp(texts_cut_word(c, t->lang), f->lang) == 0 &&
		    strcasecmp(texts_cut_word(c, t->geo), f->geo) == 0)
			return true;
	return false;
}

/* The first is kept until there is a better one to be the default. */
static bool
is_spare(const struct texts_cut *c, const struct fragment *f)
{
	if (f->type != FRAGMENT_LOCALIZED ||
	    strcasecmp(f->lang, f->preferred) == 0)
		return false;
	return !texts_wanted(c->j->how->langs, f->lang);
}

static bool
is_kept(const struct texts_cut *c, const struct fragment *f)
{
	if (f->type < FRAGMENT_LOCALIZED)
		return true;
	if (is_double(c, f))
		return false;
	if (f->type == FRAGMENT_EULA)
		return texts_wanted(c->j->how->langs, f->lang);
	return !is_spare(c, f) || c->ntexts == c->doc->first + 2;
}

static int
add_text(struct texts_cut *c, const struct fragment *f, struct err *e)
{
	struct texts_cut_text t = {.type = f->type,
	    .spare = is_spare(c, f),
	    .off = c->escaped.len,
	    .old = texts_old_find(c->j, c->doc->rev, f->type, f->lang, f->geo)};
	bool straight = c->straight != NULL && f->type < FRAGMENT_LOCALIZED;

	if (keep_word(c, f->lang, &t.lang, e) == -1 ||
	    keep_word(c, f->geo, &t.geo, e) == -1)
		return -1;
	if (!straight && t.old == TEXTS_NONE &&
	    put_escaped(c, &c->escaped, c->raw.p, c->raw.len, e) == -1)
		return -1;
	t.len = straight ? c->nstraight : c->escaped.len - t.off;
	if (straight)
		t.off = texts_segment_size(c->straight) - t.len;
	c->nstraight = 0;
	if (grow(&c->texts, &c->cap_texts, c->ntexts, sizeof(t), e) == -1)
		return -1;
	c->texts[c->ntexts++] = t;
	return 0;
}

static int
end_fragment(void *arg, const struct fragment *f, struct err *e)
{
	struct texts_cut *c = arg;
	int r = 0;

	if (f->type == FRAGMENT_EXTENDED)
		r = keep_word(c, f->preferred, &c->preferred, e);
	if (r == 0 && is_kept(c, f))
		r = add_text(c, f, e);
	buf_reset(&c->raw);
	return r;
}

/* --- of a document --- */

/* The default first: the document's, else English, else what comes first. */
static struct texts_cut_text *
default_text(const struct texts_cut *c)
{
	const char *preferred = texts_cut_word(c, c->preferred), *lang;
	struct texts_cut_text *t = c->texts + c->doc->first, *english = NULL;
	struct texts_cut_text *first = NULL, *end = c->texts + c->ntexts;

	for (; t < end; t++) {
		if (t->type != FRAGMENT_LOCALIZED)
			continue;
		lang = texts_cut_word(c, t->lang);
		if (strcasecmp(lang, preferred) == 0)
			return t;
		if (strcasecmp(lang, "en") == 0)
			english = t;
		if (first == NULL)
			first = t;
	}
	return english != NULL ? english : first;
}

/* It goes before the other texts; what was kept in case it is lacking goes. */
static void
settle_default(struct texts_cut *c)
{
	struct texts_cut_text *to = c->texts + c->doc->first + 2;
	struct texts_cut_text *t, preferred;
	struct texts_cut_text *end = c->texts + c->ntexts;

	if ((t = default_text(c)) == NULL)
		return;
	preferred = *t;
	memmove(to + 1, to, (size_t)(t - to) * sizeof(*to));
	*to = preferred;
	for (t = ++to; t < end; t++)
		if (!t->spare)
			*to++ = *t;
	c->ntexts = (size_t)(to - c->texts);
}

int
texts_cut_document(struct texts_cut *c, const void *p, size_t n, struct err *e)
{
	struct sink to = {.write = take_bytes, .ctx = c, .fd = -1};
	const struct fragment_out out = {
	    .to = &to, .done = end_fragment, .arg = c};

	c->doc->first = c->ntexts;
	c->nstraight = 0;
	buf_reset(&c->raw);
	if (fragment_write(c->w, p, n, &out, &c->doc->odd, e) == -1)
		return -1;
	settle_default(c);
	c->doc->n = c->ntexts - c->doc->first;
	return 0;
}

void
texts_cut_forget(struct texts_cut *c)
{
	struct buf *v[] = {&c->raw, &c->escaped, &c->words};
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(*v); i++)
		if (v[i]->cap > KEEP)
			buf_free(v[i]);
		else
			buf_reset(v[i]);
	c->ntexts = 0;
}

void
texts_cut_close(struct texts_cut *c)
{
	if (c == NULL)
		return;
	fragment_writer_close(c->w);
	buf_free(&c->raw);
	buf_free(&c->escaped);
	buf_free(&c->words);
	free(c->texts);
	free(c);
}

int
texts_cut_open(struct texts_cut **to, const struct texts_job *j, struct err *e)
{
	struct texts_cut *c;

	if ((c = *to = calloc(1, sizeof(*c))) == NULL)
		return err_nomem(e);
	c->j = j;
	fill_escapes(c);
	c->words = (struct buf)BUF_INIT;
	c->raw = c->escaped = (struct buf)BUF_INIT_MAX(HELD_MAX);
	return fragment_writer_open(&c->w, NULL, e);
}
