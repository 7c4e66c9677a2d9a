/* SPDX-License-Identifier: ISC */
/* Inside formats/policy_*.c: the one list of keys, in canonical order. */
#ifndef WF_POLICY_PRIV_H
#define WF_POLICY_PRIV_H

#include "formats/policy.h"

enum policy_kind {
	POLICY_NAME, /* a title or an id */
	POLICY_LANG,
	POLICY_ARCH,
	POLICY_PATTERN,
	POLICY_KB,
	POLICY_KB_OR_ID,
	POLICY_DAYS, /* from here on: one value */
	POLICY_YES
};

struct policy_key {
	const char *name;
	enum policy_kind kind;
	size_t off; /* of the struct policy_words, uint64_t or bool */
};

#define POLICY_NKEYS 17
extern const struct policy_key policy_keys[POLICY_NKEYS];

/* A stretch of the text. */
struct policy_span {
	const char *s; /* borrowed from the text */
	size_t n;
};

struct policy_line {
	unsigned line; /* from 1 */
	const char *start; /* borrowed from the text */
	char place[64]; /* "line 4, column 9", for messages */
	struct policy_span key, value; /* without the blanks around */
};

/* Into one policy; the same for all of its lines. */
struct policy_reader {
	struct policy *p; /* borrowed */
	const struct policy_line *l; /* borrowed */
	unsigned seen[POLICY_NKEYS]; /* the last line of each key */
	size_t out; /* bytes that policy_write() will take for the words */
};

/* Every line that says something; columns: l->place names one, too. */
int policy_lines(const void *text, size_t n, bool columns,
    int (*each)(void *arg, const struct policy_line *l, struct err *e),
    void *arg, struct err *e);
void policy_set_place(struct policy_line *l, size_t column); /* 0: none */
struct policy_span policy_trim(struct policy_span t);
bool policy_is(struct policy_span t, const char *word); /* in either case */
/* The place of a key in policy_keys, or POLICY_NKEYS. */
size_t policy_find(struct policy_span key);
/* l's value into the policy, as that of policy_keys[i]. */
int policy_put(struct policy_reader *r, size_t i, const struct policy_line *l,
    struct err *e);
/* r->l's value as one more word of a list outside of a policy. */
int policy_put_word(struct policy_reader *r, const struct policy_key *k,
    struct policy_words *w, struct err *e);
/* It has one, not too long, and, where it may have but one, the first. */
int policy_check_value(const struct policy_line *l, const char *key,
    bool single, unsigned *seen, struct err *e);
/* "line 4: KEY: expected ..., found '...'"; -1 */
int policy_refuse(const struct policy_line *l, const char *key,
    const char *expected, struct err *e);
/* "unknown WHAT '...', nearest is '...'"; name_of() gives NULL at its end. */
int policy_unknown(const struct policy_line *l, const char *what,
    struct policy_span given, const char *(*name_of)(size_t i, const void *arg),
    const void *arg, struct err *e);

static inline const struct policy_words *
policy_words_of(const struct policy *p, const struct policy_key *k)
{
	return (const struct policy_words *)((const char *)p + k->off);
}

#endif
