/* SPDX-License-Identifier: ISC */
/* approve-list: a file beside the ring file that a vendor or the site keeps. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/choose/choose_file.h"
#include "lib/offer/select_priv.h"

#define MAX_WORDS ((size_t)4 << 20) /* bytes of the words of one */

/* Beside the ring file; free() it. */
static char *
path_beside(const char *rings, const char *name, struct err *e)
{
	const char *slash = rings != NULL ? strrchr(rings, '/') : NULL;
	size_t dir = slash != NULL ? (size_t)(slash - rings) + 1 : 0;
	size_t n = dir + strlen(name) + 1;
	char *p = malloc(n);

	if (p == NULL) {
		err_nomem(e);
		return NULL;
	}
	snprintf(p, n, "%.*s%s", (int)dir, rings != NULL ? rings : "", name);
	return p;
}

/* What it names and nothing held has. */
static int
tell_lost(const struct select *s, const struct select_list *l, const char *path,
    const bool *hit, struct err *e)
{
	struct choose_notes notes = CHOOSE_NOTES_INIT;
	size_t i;
	int r = 0;

	notes.subject = path;
	for (i = 0; r == 0 && i < l->words.n; i++)
		if (!hit[i])
			r = choose_note_lost(&notes, l->words.v[i].line,
			    "first column", e, "no update held has %s%s",
			    l->words.v[i].is_id ? "the id " : "KB",
			    l->words.v[i].text);
	if (r == 0)
		r = choose_notes_tell(&notes, s->priv->how.log, e);
	choose_notes_free(&notes);
	return r;
}

static int
find_named(
    struct select *s, struct select_list *l, const char *path, struct err *e)
{
	const struct facts *f = s->priv->how.facts;
	bool *hit = calloc(l->words.n + 1, sizeof(*hit));
	int r = -1;

	l->bits = calloc(f->nupdates / 8 + 1, 1);
	if (hit == NULL || l->bits == NULL)
		err_nomem(e);
	else if (select_words(f, &l->words, false, l->bits, hit, e) == 0)
		r = tell_lost(s, l, path, hit, e);
	free(hit);
	return r;
}

/* Length and bytes of each, after the hash of those before. */
static void
hash_list(struct select *s, const struct buf *text)
{
	struct blake b;
	uint8_t len[8];
	size_t i;

	for (i = 0; i < sizeof(len); i++)
		len[i] = (uint8_t)(text->len >> 8 * i);
	blake_begin(&b, sizeof(s->lists_hash));
	blake_add(&b, s->lists_hash, sizeof(s->lists_hash));
	blake_add(&b, len, sizeof(len));
	blake_add(&b, text->p, text->len);
	blake_end(&b, s->lists_hash, sizeof(s->lists_hash));
}

static int
read_list(struct select *s, struct select_list *l, struct err *e)
{
	struct buf text = BUF_INIT;
	char *path = path_beside(s->priv->how.path, l->name, e);
	int r = -1;

	if (path == NULL ||
	    choose_file_text(
		path, "approve-list", POLICY_MAX_BYTES, &text, e) == -1)
		goto out;
	hash_list(s, &text);
	if (rings_list_read(&l->words, &l->arena, text.p, text.len, e) == -1)
		err_ctx(e, "approve-list '%s'", path);
	else
		r = find_named(s, l, path, e);
out:
	buf_free(&text);
	free(path);
	return r;
}

int
select_list(struct select *s, const char *name, struct select_list **list,
    struct err *e)
{
	struct select_priv *p = s->priv;
	size_t i;

	for (i = 0; i < p->nlists; i++)
		if (strcmp(p->lists[i].name, name) == 0) {
			*list = &p->lists[i];
			return 0;
		}
	*list = &p->lists[p->nlists++];
	**list = (struct select_list){
	    .name = name, .arena = (struct arena)ARENA_INIT(MAX_WORDS)};
	return read_list(s, *list, e);
}

void
select_list_tell(const struct select *s, size_t ring, const uint8_t *bits,
    const struct select_list *l)
{
	const struct facts *f = s->priv->how.facts;
	uint64_t all = 0, out = 0;
	uint32_t u;

	for (u = 0; u < f->nupdates; u++) {
		if (!select_has(bits, u) || !facts_approvable(f, u))
			continue;
		all++;
		out += !select_has(l->bits, u);
	}
	if (out > 0)
		log_event(s->priv->how.log, LOG_INFO, s->priv->how.path,
		    "ring '%s': %s is silent on %" PRIu64 " of %s that its "
		    "other lines let in",
		    s->v[ring].ring->name, l->name, out,
		    words_count(all, "update").s);
}
