/* SPDX-License-Identifier: ISC */
/* Inside choose*.c only: which words of a policy something held has. */
#ifndef WF_CHOOSE_MARKS_H
#define WF_CHOOSE_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/policy.h"

struct choose_notes;
struct err;

enum choose_mark {
	CHOOSE_MARK_APPROVE,
	CHOOSE_MARK_DECLINE,
	CHOOSE_MARK_KB,
	CHOOSE_MARK_NOT_KB,
	CHOOSE_MARK_TITLE,
	CHOOSE_MARK_NOT_TITLE,
	CHOOSE_MARK_LANG,
	CHOOSE_MARK_ARCH,
	CHOOSE_NMARKS
};

struct choose_marks {
	struct choose_marked {
		const struct policy_words *words; /* borrowed */
		const struct policy_word **sorted; /* owned; by text */
		bool *hit; /* owned; in the order of words */
		size_t left; /* that are not hit */
	} v[CHOOSE_NMARKS];
};

int choose_marks_open(
    struct choose_marks *m, const struct policy *p, struct err *e);
void choose_marks_close(struct choose_marks *m);

/* Does a line of the key have it?  Marks such lines. */
bool choose_mark_kb(
    struct choose_marks *m, enum choose_mark which, const char *kb);
bool choose_mark_id(
    struct choose_marks *m, enum choose_mark which, const struct guid *id);
/* An update's title, with the architectures that it names, and its languages,
   joined by blanks, or NULL. */
void choose_mark_title(
    struct choose_marks *m, const char *title, unsigned archs);
void choose_mark_langs(struct choose_marks *m, const char *langs);

/* A note for each word that nothing has. */
int choose_marks_note(
    const struct choose_marks *m, struct choose_notes *to, struct err *e);

#endif
