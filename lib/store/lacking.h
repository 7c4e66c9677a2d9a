/* SPDX-License-Identifier: ISC */
/*
 * What a store lacks: the one truth about completeness, as derive_all() has
 * left it.  A revision lacks a plain prerequisite or an exact bundled revision
 * that is not held, or a group of alternatives none of whose members is.  A
 * payload file that a revision names is here, absent, or left out on purpose by
 * a policy.  Here is what a row calls so and content_look() finds; the rest of
 * what rows call so is absent too, and damage (gone.h).  Who asks gets the same
 * numbers, told in the same way.
 */
#ifndef WF_LACKING_H
#define WF_LACKING_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "lib/base/words.h"
#include "lib/store/content.h"

struct err;
struct json;
struct log;
struct row_set;
struct store;

struct lacking {
	uint64_t revisions; /* that lack something */
	uint64_t lacks; /* each of what each of them lacks */
	uint64_t needs; /* what they lack, each once */
	uint64_t files, bytes; /* payload absent, as far as sizes are known */
	uint64_t damaged; /* of files: the store had them, and does not */
	uint64_t left_out, left_out_bytes; /* payload left out on purpose */
};

/* Done, but incomplete: exit status 10; with damage 1, lacking_worst(). */
static inline bool
lacking_any(const struct lacking *l)
{
	return l->revisions != 0 || l->files != 0;
}

/* Of what is asked; NULL: of the whole store, by the marks it keeps. */
struct lacking_of {
	const struct row_set *only; /* these revisions, or NULL */
	/* Instead of the marks: is that absent file missed? */
	bool (*wanted)(const void *arg, const uint8_t sha1[SHA1_LEN]);
	/* Is it known of that absent file that it is? NULL: of each. */
	bool (*known)(void *arg, const uint8_t sha1[SHA1_LEN]);
	void *arg;
	bool no_files; /* revisions alone are asked of */
	bool noted; /* the rows are true: gone_note() was called before */
	const struct gone *gone; /* what gone_find() found; NULL: not yet */
};

int lacking_count(struct store *s, const struct lacking_of *of,
    struct lacking *l, struct err *e);

/* What the log's exit status becomes: 10 where anything is lacking, 1 where
   payload is damaged. */
int lacking_worst(const struct lacking *l, int worst);

/* The marks of absent files become what of->wanted() says; in a transaction
   behind gone_note(). */
int lacking_mark(struct store *s, const struct lacking_of *of, struct err *e);

/* Members of alternatives that are not held, where another one is, or the first
   of them is told: how many revisions name each. */
int lacking_each_other(struct store *s,
    int (*each)(
	void *arg, const struct guid *id, uint64_t named_by, struct err *e),
    void *arg, struct err *e);

/* One thing that one revision lacks.  Strings are borrowed until the callback
   returns. */
struct lacking_rev {
	int64_t row; /* of the revision that lacks it */
	struct guid id;
	uint32_t revision;
	const char *title, *kb; /* or NULL */
	bool bundled;
	unsigned among; /* 0: a plain one; else how many alternatives */
	struct guid needs; /* of alternatives the first */
	uint32_t needs_revision; /* of a bundled one, else 0 */
	const char *needs_title; /* of another that is held, or NULL */
	bool refused; /* an upstream was asked for it and did not give it */
};
/* In order of arrival.  A callback that returns 1 has heard enough. */
int lacking_each_rev(struct store *s, const struct lacking_of *of,
    int (*each)(void *arg, const struct lacking_rev *r, struct err *e),
    void *arg, struct err *e);

struct lacking_file {
	uint8_t sha1[SHA1_LEN];
	bool has_size;
	uint64_t size;
	const char *name;
	int64_t row; /* of the first revision that names it */
	struct guid id;
	const char *title, *kb; /* of that one, or NULL */
	char fault[CONTENT_FAULT_MAX]; /* of what the store had, or "" */
};
/* What is absent, each once, in the order of the revisions that name it. */
int lacking_each_file(struct store *s, const struct lacking_of *of,
    int (*each)(void *arg, const struct lacking_file *f, struct err *e),
    void *arg, struct err *e);

/* How it is told.  Zeroed: as warnings. */
struct lacking_how {
	bool findings; /* verify: data, not talk */
	bool brief; /* of payload only how much: nobody asked for any */
	const char *subject; /* of what is said of all together, or NULL */
	const char *verb; /* "cannot leave": after the title; or NULL */
	const char *revisions, *files; /* what to do, or NULL: what fits */
	/* Export: what it leaves out, held or not; NULL: what is counted. */
	const struct lacking *left_out;
};
/*
 * Counts, tells (each thing with -v, else the first three and how many there
 * are), and the log's exit status becomes that of lacking_worst().
 */
int lacking_tell(struct store *s, struct log *log, const struct lacking_of *of,
    const struct lacking_how *how, struct lacking *l, struct err *e);

/* "needs 'A title', revision 7 of which is not held": the end of a sentence
   that begins with the revision. */
#define LACKING_WORDS 512
void lacking_words(char to[LACKING_WORDS], const struct lacking_rev *r);
/* "KB5000001", or the id where there is none. */
struct words lacking_name(const char *kb, const struct guid *id);

/* Keys of a summary that is begun. */
void lacking_json(struct json *j, const struct lacking *l);
/* "3 files absent (8.1 GiB), 0 files left out by policy; 2 revisions
   incomplete", for a summary. */
struct lacking_text {
	char s[448];
} lacking_summary(const struct lacking *l);

#endif
