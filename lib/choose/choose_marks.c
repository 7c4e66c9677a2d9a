/* SPDX-License-Identifier: ISC */
#include "lib/choose/choose_marks.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/err.h"
#include "lib/base/sort.h"
#include "lib/choose/choose_priv.h"

/* The key of each mark, and what a word of it looks for. */
static const struct {
	const char *key, *kb, *id;
	size_t off; /* of the words in a policy */
} keys[CHOOSE_NMARKS] = {
    [CHOOSE_MARK_APPROVE] = {"approve", "has KB", "has the id ",
	offsetof(struct policy, approve)},
    [CHOOSE_MARK_DECLINE] = {"decline", "has KB", "has the id ",
	offsetof(struct policy, decline)},
    [CHOOSE_MARK_KB] = {"kb", "has KB", NULL, offsetof(struct policy, kbs)},
    [CHOOSE_MARK_NOT_KB] = {"kb-exclude", "has KB", NULL,
	offsetof(struct policy, not_kbs)},
    [CHOOSE_MARK_TITLE] = {"title", "has a title like ", NULL,
	offsetof(struct policy, titles)},
    [CHOOSE_MARK_NOT_TITLE] = {"title-exclude", "has a title like ", NULL,
	offsetof(struct policy, not_titles)},
    [CHOOSE_MARK_LANG] = {"language", "has payload in the language ", NULL,
	offsetof(struct policy, languages)},
    [CHOOSE_MARK_ARCH] = {"architecture", "names in its title ", NULL,
	offsetof(struct policy, architectures)},
};

static int
by_text(const void *a, const void *b)
{
	const struct policy_word *const *x = a, *const *y = b;

	return strcmp((*x)->text, (*y)->text);
}

int
choose_marks_open(struct choose_marks *m, const struct policy *p, struct err *e)
{
	struct choose_marked *k;
	size_t i, at;

	*m = (struct choose_marks){.v = {{.words = NULL}}};
	for (i = 0; i < CHOOSE_NMARKS; i++) {
		k = &m->v[i];
		k->words = (const struct policy_words *)((const char *)p +
		    keys[i].off);
		k->left = k->words->n;
		k->hit = calloc(k->words->n + 1, sizeof(*k->hit));
		k->sorted = calloc(k->words->n + 1, sizeof(*k->sorted));
		if (k->hit == NULL || k->sorted == NULL)
			return err_nomem(e);
		for (at = 0; at < k->words->n; at++)
			k->sorted[at] = &k->words->v[at];
		sort_up(k->sorted, k->words->n, sizeof(*k->sorted), by_text);
	}
	return 0;
}

void
choose_marks_close(struct choose_marks *m)
{
	size_t i;

	for (i = 0; i < CHOOSE_NMARKS; i++) {
		free(m->v[i].hit);
		free(m->v[i].sorted);
	}
	*m = (struct choose_marks){.v = {{.words = NULL}}};
}

static void
hit(struct choose_marked *k, size_t at)
{
	k->left -= !k->hit[at];
	k->hit[at] = true;
}

static int
text_cmp(const void *key, const void *entry)
{
	const struct policy_word *const *w = entry;

	return strcmp(key, (*w)->text);
}

/* All lines with that text. */
static bool
find_marked(struct choose_marked *k, const char *text)
{
	size_t i = sort_place(
	    text, k->sorted, k->words->n, sizeof(*k->sorted), text_cmp);
	bool any = false;

	for (; i < k->words->n && strcmp(k->sorted[i]->text, text) == 0; i++) {
		hit(k, (size_t)(k->sorted[i] - k->words->v));
		any = true;
	}
	return any;
}

bool
choose_mark_kb(struct choose_marks *m, enum choose_mark which, const char *kb)
{
	return m->v[which].words->n > 0 && find_marked(&m->v[which], kb);
}

/* An id stands there in its one spelling. */
bool
choose_mark_id(
    struct choose_marks *m, enum choose_mark which, const struct guid *id)
{
	char text[GUID_LEN + 1];

	if (m->v[which].words->n == 0)
		return false;
	guid_write(text, id);
	return find_marked(&m->v[which], text);
}

void
choose_mark_title(struct choose_marks *m, const char *title, unsigned archs)
{
	struct choose_marked *k;
	size_t i;

	for (k = &m->v[CHOOSE_MARK_TITLE]; k <= &m->v[CHOOSE_MARK_NOT_TITLE];
	     k++)
		for (i = 0; i < k->words->n && k->left > 0; i++)
			if (!k->hit[i] &&
			    fnmatch(k->words->v[i].text, title, FNM_CASEFOLD) ==
				0)
				hit(k, i);
	k = &m->v[CHOOSE_MARK_ARCH];
	for (i = 0; i < k->words->n && k->left > 0; i++)
		if (archs & choose_arch(k->words->v[i].text))
			hit(k, i);
}

void
choose_mark_langs(struct choose_marks *m, const char *langs)
{
	struct choose_marked *k = &m->v[CHOOSE_MARK_LANG];
	size_t i, n;

	for (; langs != NULL && *langs != '\0' && k->left > 0; langs += n) {
		langs += strspn(langs, " ");
		n = strcspn(langs, " ");
		for (i = 0; i < k->words->n; i++)
			if (strlen(k->words->v[i].text) == n &&
			    strncasecmp(k->words->v[i].text, langs, n) == 0)
				hit(k, i);
	}
}

int
choose_marks_note(
    const struct choose_marks *m, struct choose_notes *to, struct err *e)
{
	const struct policy_word *w;
	size_t i, at;

	for (i = 0; i < CHOOSE_NMARKS; i++)
		for (at = 0; at < m->v[i].words->n && m->v[i].left > 0; at++) {
			w = &m->v[i].words->v[at];
			if (!m->v[i].hit[at] &&
			    choose_note_lost(to, w->line, keys[i].key, e,
				"%s: no update held %s%.200s", keys[i].key,
				w->is_id ? keys[i].id : keys[i].kb,
				w->text) == -1)
				return -1;
		}
	return 0;
}
