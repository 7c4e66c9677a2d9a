/* SPDX-License-Identifier: ISC */
/* Languages, and the names of a snapshot. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/policy.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/offer/texts_priv.h"

/* --- languages --- */

/* One of them may be the other's first part: de and de-at, not de-ch and
   de-at. */
static bool
related(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), min = n < m ? n : m;
	const char *longer = n < m ? b : a;

	return min > 0 && strncasecmp(a, b, min) == 0 &&
	    (n == m ||
		(longer[min] == '-' && memchr(longer, '-', min) == NULL));
}

bool
texts_wanted(const struct policy_words *langs, const char *lang)
{
	size_t i;

	if (langs == NULL || langs->n == 0 || *lang == '\0' ||
	    related(lang, "en"))
		return true;
	for (i = 0; i < langs->n; i++)
		if (related(lang, langs->v[i].text))
			return true;
	return false;
}

/* Lower case, sorted, each once; b is reset. */
static int
join_languages(const struct policy_words *langs, struct buf *b, struct err *e)
{
	const char **v;
	size_t i, n, k;
	int r = 0;

	buf_reset(b);
	if (langs == NULL || langs->n == 0)
		return 0;
	n = langs->n;
	if ((v = calloc(n, sizeof(*v))) == NULL)
		return err_nomem(e);
	for (i = 0; i < n; i++)
		v[i] = langs->v[i].text;
	n = sort_unique(v, n, sizeof(*v), sort_by_text);
	for (i = 0; r == 0 && i < n; i++)
		if ((i > 0 && buf_put(b, " ", 1, e) == -1) ||
		    buf_puts(b, v[i], e) == -1)
			r = -1;
	for (k = 0; k < b->len; k++)
		if (b->p[k] >= 'A' && b->p[k] <= 'Z')
			b->p[k] = (uint8_t)(b->p[k] + ('a' - 'A'));
	free(v);
	return r;
}

static bool
lists(const char *all, size_t n, const char *word)
{
	size_t len = strlen(word), i;

	for (i = 0; i + len <= n; i++)
		if ((i == 0 || all[i - 1] == ' ') &&
		    strncasecmp(all + i, word, len) == 0 &&
		    (i + len == n || all[i + len] == ' '))
			return true;
	return false;
}

bool
texts_covered(const struct snapshot *prev, const struct policy_words *langs)
{
	const struct snapshot_name *m;
	size_t i;

	if (prev->texts == 0)
		return true;
	if (langs == NULL || langs->n == 0)
		return false;
	m = &prev->names[prev->texts - 1];
	for (i = 0; i < langs->n; i++)
		if (!lists((const char *)prev->text + m->off, m->len,
			langs->v[i].text))
			return false;
	return true;
}

static bool
names_word(const struct policy_words *langs, const char *word, size_t n)
{
	size_t i;

	for (i = 0; i < langs->n; i++)
		if (strlen(langs->v[i].text) == n &&
		    strncasecmp(langs->v[i].text, word, n) == 0)
			return true;
	return false;
}

bool
texts_same_languages(
    const struct snapshot *prev, const struct policy_words *langs)
{
	const struct snapshot_name *m;
	const char *p, *end, *blank;

	if (prev->texts == 0 || langs == NULL || langs->n == 0)
		return prev->texts == 0 && (langs == NULL || langs->n == 0);
	if (!texts_covered(prev, langs))
		return false;
	m = &prev->names[prev->texts - 1];
	p = (const char *)prev->text + m->off;
	for (end = p + m->len; p < end; p = blank + 1) {
		blank = memchr(p, ' ', (size_t)(end - p));
		if (blank == NULL)
			blank = end;
		if (!names_word(langs, p, (size_t)(blank - p)))
			return false;
	}
	return true;
}

int
texts_note_languages(struct texts_names *n, struct snapshot *s,
    const struct policy_words *langs, struct err *e)
{
	struct buf b = BUF_INIT;
	uint32_t name;
	int r = join_languages(langs, &b, e);

	s->texts = 0;
	if (r == 0 && b.len > 0 &&
	    (r = texts_names_add(n, (const char *)b.p, b.len, &name, e)) == 0)
		s->texts = name + 1;
	buf_free(&b);
	return r;
}

/* --- names --- */

static uint64_t
hash(const char *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

	while (n-- > 0)
		h = (h ^ (uint8_t)*p++) * 0x100000001b3u;
	return h;
}

/* The slot of that text, or the free one where it belongs. */
static uint32_t *
slot(const struct texts_names *n, const char *p, size_t len)
{
	const struct snapshot_name *m;
	size_t i = hash(p, len) & (n->nslots - 1);

	for (; n->slots[i] != 0; i = (i + 1) & (n->nslots - 1)) {
		m = &n->s->names[n->slots[i] - 1];
		if (m->len == len &&
		    (len == 0 || memcmp(n->s->text + m->off, p, len) == 0))
			break;
	}
	return &n->slots[i];
}

/* All anew, at most half of them taken. */
static int
index_names(struct texts_names *n, size_t nslots, struct err *e)
{
	const struct snapshot *s = n->s;
	uint32_t *to;
	size_t i;

	free(n->slots);
	n->nslots = nslots;
	if ((n->slots = calloc(nslots, sizeof(*n->slots))) == NULL)
		return err_nomem(e);
	for (i = 0; i < s->nnames; i++) {
		to = slot(n, (const char *)s->text + s->names[i].off,
		    s->names[i].len);
		if (*to == 0)
			*to = (uint32_t)i + 1;
	}
	return 0;
}

int
texts_names_open(struct texts_names *n, struct snapshot *s, struct err *e)
{
	size_t nslots = 256;

	*n = (struct texts_names){
	    .s = s, .cap_names = s->nnames, .cap_text = s->ntext};
	while (nslots < 2 * s->nnames)
		nslots *= 2;
	return index_names(n, nslots, e);
}

static int
keep_text(struct texts_names *n, const char *p, size_t len, struct err *e)
{
	struct snapshot *s = n->s;
	uint8_t *to;

	if (s->ntext > UINT32_MAX - len)
		return err_set(e, E_LIMIT, "names of more than 4 GiB");
	if (len >= n->cap_text - s->ntext) {
		n->cap_text = 2 * n->cap_text + len + 64;
		if ((to = realloc(s->text, n->cap_text)) == NULL)
			return err_nomem(e);
		s->text = to;
	}
	if (len > 0)
		memcpy(s->text + s->ntext, p, len);
	return 0;
}

int
texts_names_add(struct texts_names *n, const char *p, size_t len,
    uint32_t *name, struct err *e)
{
	struct snapshot *s = n->s;
	uint32_t *to = slot(n, p, len);

	if (*to != 0) {
		*name = *to - 1;
		return 0;
	}
	if (grow(&s->names, &n->cap_names, s->nnames, sizeof(*s->names), e) ==
		-1 ||
	    keep_text(n, p, len, e) == -1)
		return -1;
	*name = (uint32_t)s->nnames;
	s->names[s->nnames++] = (struct snapshot_name){
	    .off = (uint32_t)s->ntext, .len = (uint32_t)len};
	s->ntext += len;
	*to = *name + 1;
	return 2 * s->nnames > n->nslots ? index_names(n, 2 * n->nslots, e) : 0;
}

void
texts_names_close(struct texts_names *n)
{
	free(n->slots);
	n->slots = NULL;
}
