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

static inline const struct policy_words *
policy_words_of(const struct policy *p, const struct policy_key *k)
{
	return (const struct policy_words *)((const char *)p + k->off);
}

#endif
