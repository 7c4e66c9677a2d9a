/* SPDX-License-Identifier: ISC */
#include "tests/print.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"

/* A fact is a line, so that what a stranger wrote must not hold one. */
static int
put_clean(struct buf *b, const char *s, struct err *e)
{
	size_t n = strlen(s), i;
	uint8_t *to = buf_reserve(b, n, e), c;

	if (to == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		c = (uint8_t)s[i];
		if (c < 0x20 || c == 0x7f)
			c = '?';
		else if (c == 0xc2 && (uint8_t)s[i + 1] < 0xa0)
			c = to[i++] = '?'; /* C1, two bytes */
		to[i] = c;
	}
	b->len += n;
	return 0;
}

static int
line(struct buf *b, const char *name, const char *v, struct err *e)
{
	if (v == NULL || *v == '\0')
		return 0;
	if (buf_printf(b, e, "%s ", name) == -1 || put_clean(b, v, e) == -1)
		return -1;
	return buf_put(b, "\n", 1, e);
}

static int
lines(struct buf *b, const char *name, const char *const *v, size_t n,
    struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (line(b, name, v[i], e) == -1)
			return -1;
	return 0;
}

static int
put_flags(struct buf *b, const struct update *u, struct err *e)
{
	const struct {
		bool on;
		const char *word;
	} flags[] = {{u->expired, "expired"}, {u->deployable, "deployable"},
	    {u->secured, "secured"}, {u->mandatory, "mandatory"},
	    {u->beta, "beta"}};
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (flags[i].on && line(b, "is", flags[i].word, e) == -1)
			return -1;
	return 0;
}

static int
put_head(struct buf *b, const struct update *u, struct err *e)
{
	char id[GUID_LEN + 1];

	guid_write(id, &u->id);
	if (line(b, "update", id, e) == -1 ||
	    buf_printf(b, e, "revision %u\n", u->revision) == -1 ||
	    line(b, "type", update_type_word(u->type), e) == -1 ||
	    line(b, "category", update_category_word(u->category), e) == -1 ||
	    line(b, "title", u->title, e) == -1 ||
	    line(b, "created", u->created, e) == -1 ||
	    line(b, "language", u->lang, e) == -1 || put_flags(b, u, e) == -1 ||
	    line(b, "severity", u->severity, e) == -1 ||
	    line(b, "protocol", u->protocol, e) == -1 ||
	    line(b, "handler", u->handler, e) == -1)
		return -1;
	guid_write(id, &u->eula);
	if (u->has_eula && line(b, "eula", id, e) == -1)
		return -1;
	if (!u->has_max_download)
		return 0;
	return buf_printf(
	    b, e, "max-download %llu\n", (unsigned long long)u->max_download);
}

static int
put_refs(struct buf *b, const char *name, const struct update_ref *r, size_t n,
    struct err *e)
{
	char id[GUID_LEN + 1];
	size_t i;

	for (i = 0; i < n; i++, r++) {
		guid_write(id, &r->id);
		if (buf_printf(b, e, "%s %u %s %s", name, r->group,
			r->any ? "any" : "all", id) == -1)
			return -1;
		if (r->revision != 0 &&
		    buf_printf(b, e, " revision %u", r->revision) == -1)
			return -1;
		if (r->is_category && buf_puts(b, " category", e) == -1)
			return -1;
		if (buf_put(b, "\n", 1, e) == -1)
			return -1;
	}
	return 0;
}

static int
put_superseded(struct buf *b, const struct update *u, struct err *e)
{
	char id[GUID_LEN + 1];
	size_t i;

	for (i = 0; i < u->nsuperseded; i++) {
		guid_write(id, &u->superseded[i]);
		if (line(b, "supersedes", id, e) == -1)
			return -1;
	}
	return 0;
}

static int
put_file(struct buf *b, const struct update_file *f, struct err *e)
{
	char sha1[2 * SHA1_LEN + 1], sha256[2 * SHA256_LEN + 1];

	hex_upper(sha1, f->sha1, SHA1_LEN);
	hex_lower(sha256, f->sha256, SHA256_LEN);
	if (buf_printf(b, e, "file %s", sha1) == -1)
		return -1;
	if (f->has_sha256 && buf_printf(b, e, " sha256 %s", sha256) == -1)
		return -1;
	if (f->has_size &&
	    buf_printf(b, e, " size %llu", (unsigned long long)f->size) == -1)
		return -1;
	if (f->encrypted && buf_puts(b, " encrypted", e) == -1)
		return -1;
	if (f->patching != NULL &&
	    (buf_puts(b, " ", e) == -1 || put_clean(b, f->patching, e) == -1))
		return -1;
	if (f->name[0] != '\0' &&
	    (buf_puts(b, " name ", e) == -1 || put_clean(b, f->name, e) == -1))
		return -1;
	return buf_put(b, "\n", 1, e);
}

static int
put_title(struct buf *b, const struct update_title *t, struct err *e)
{
	if (buf_puts(b, "title[", e) == -1 || put_clean(b, t->lang, e) == -1 ||
	    buf_puts(b, "] ", e) == -1 || put_clean(b, t->title, e) == -1)
		return -1;
	return buf_put(b, "\n", 1, e);
}

static int
put_all(struct buf *b, const struct update *u, struct err *e)
{
	size_t i;

	if (put_head(b, u, e) == -1 ||
	    lines(b, "kb", u->kbs, u->nkbs, e) == -1 ||
	    lines(b, "bulletin", u->bulletins, u->nbulletins, e) == -1 ||
	    lines(b, "payload-language", u->langs, u->nlangs, e) == -1 ||
	    put_refs(b, "prerequisite", u->prereqs, u->nprereqs, e) == -1 ||
	    put_refs(b, "bundles", u->bundled, u->nbundled, e) == -1 ||
	    put_superseded(b, u, e) == -1)
		return -1;
	for (i = 0; i < u->nfiles; i++)
		if (put_file(b, &u->files[i], e) == -1)
			return -1;
	for (i = 0; i < u->ntitles; i++)
		if (put_title(b, &u->titles[i], e) == -1)
			return -1;
	return 0;
}

int
update_print(const struct update *u, struct sink *to, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = -1;

	if (put_all(&b, u, e) == 0 && sink_write(to, b.p, b.len, e) == 0)
		r = 0;
	buf_free(&b);
	return r;
}
