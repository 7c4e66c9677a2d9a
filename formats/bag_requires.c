/* SPDX-License-Identifier: ISC */
/*
 * Wsusferry-Requires: what a reader must know, lest it take a part of a
 * transfer for the whole.
 */
#include <string.h>

#include "formats/bag_info.h"
#include "lib/base/err.h"

static const struct word {
	const char *text, *what;
	bool read; /* by this version */
} words[] = {
    {"base", "a transfer that builds on an earlier one", true},
    {"media", "a transfer on several media", true},
    {"origins", "a transfer that relays others", false},
    {"parts", "files that are cut in parts", true},
    {"with", "folders of the site's own", true},
};

static const struct word *
find(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].text) == n &&
		    memcmp(words[i].text, s, n) == 0)
			return &words[i];
	return NULL;
}

/* The place of the word among them, or NULL. */
static const char *
word_in(const char *among, const char *end, const char *s, size_t n)
{
	while (among < end) {
		size_t k = strcspn(among, " ");

		if (k == n && memcmp(among, s, n) == 0)
			return among;
		among += k + 1;
	}
	return NULL;
}

static int
check_word(const char *all, const char *s, size_t n, struct err *e)
{
	const struct word *w = find(s, n);

	if (n == 0)
		return err_set(e, E_FORMAT,
		    "Wsusferry-Requires: expected words parted by single "
		    "spaces, found '%s'",
		    all);
	if (w == NULL)
		return err_set(e, E_FORMAT,
		    "Wsusferry-Requires: '%.*s' needs a newer wsusferry: this "
		    "one does not know the word",
		    (int)n, s);
	if (!w->read)
		return err_set(e, E_FORMAT,
		    "Wsusferry-Requires: '%s', %s, needs a newer wsusferry",
		    w->text, w->what);
	if (word_in(all, s, s, n) != NULL)
		return err_set(e, E_FORMAT,
		    "Wsusferry-Requires: '%s' a second time", w->text);
	return 0;
}

int
bag_requires_check(const char *all, struct err *e)
{
	if (all[0] == '\0')
		return 0;
	for (const char *s = all;; s++) {
		size_t n = strcspn(s, " ");

		if (check_word(all, s, n, e) == -1)
			return -1;
		s += n;
		if (*s == '\0')
			return 0;
	}
}

bool
bag_info_requires(const struct bag_info *i, const char *word)
{
	return word_in(i->requires, i->requires + strlen(i->requires), word,
		   strlen(word)) != NULL;
}

/* Words stand in the order of the table. */
int
bag_info_require(struct bag_info *i, const char *word, struct err *e)
{
	char all[BAG_WORD] = "";
	size_t n = 0;

	if (find(word, strlen(word)) == NULL)
		return err_set(
		    e, E_FORMAT, "Wsusferry-Requires: no word '%s'", word);
	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		const char *text = words[k].text;
		size_t len = strlen(text);

		if (strcmp(text, word) != 0 && !bag_info_requires(i, text))
			continue;
		if (n != 0)
			all[n++] = ' ';
		memcpy(all + n, text, len + 1);
		n += len;
	}
	memcpy(i->requires, all, sizeof(all));
	return 0;
}
