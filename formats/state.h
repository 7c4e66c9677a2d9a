/* SPDX-License-Identifier: ISC */
/*
 * data/state.jsonl of a transfer: what a package cannot say, one JSON object a
 * line (wsusferry-transfer(5)).  The one reader and the one writer of it.
 */
#ifndef WF_STATE_H
#define WF_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"

struct err;
struct sink;

#define STATE_MAX_BYTES ((uint64_t)512 << 20)
#define STATE_MAX_LINE ((size_t)64 << 10) /* bytes without the LF */
#define STATE_MAX_T 31 /* bytes of a line's "t" */
#define STATE_MAX_TEXT 2047 /* bytes of a name or URL */
#define STATE_MAX_PARTS 999 /* of one file: three digits in their names */
#define STATE_MAX_WORD 63 /* bytes of an action or deadline */

enum state_type {
	STATE_UNKNOWN, /* of a newer program: kept and passed on as it stands */
	STATE_ABSENT, /* a payload file that is named and not carried */
	STATE_FILE, /* a payload file that its revision's document names not */
	STATE_URL, /* one more place where a file can be had */
	STATE_APPROVAL, /* of an upstream: kept and passed on */
	STATE_WITHDRAWN, /* a revision that its upstream lists no more */
	STATE_PARTS /* a payload file that is cut: of this transfer alone */
};

/*
 * An approval is one of three: of a revision for a group (id, revision, action,
 * group, maybe deadline), a declined update (id, action "decline"), or a
 * group's name (group, name).
 */
struct state_line {
	enum state_type type;
	char t[STATE_MAX_T + 1];
	bool unwanted; /* absent: the sender's policy did not want it */
	bool has_size, has_id, has_revision, has_group;
	uint8_t sha1[SHA1_LEN]; /* absent, file, url, parts */
	uint8_t sha256[SHA256_LEN]; /* parts: of the whole file */
	uint64_t size; /* bytes; absent: where known */
	uint32_t count; /* parts: how many */
	struct guid id, group; /* file, approval */
	uint32_t revision; /* with id */
	char name[STATE_MAX_TEXT + 1]; /* absent, file: may be ""; group;
					  parts: data/... of the whole */
	char url[STATE_MAX_TEXT + 1];
	char action[STATE_MAX_WORD + 1]; /* a word, or the upstream's number */
	char deadline[STATE_MAX_WORD + 1]; /* or "" */
	bool optional; /* approval: not assigned, users may choose it */
};

/*
 * One line without its LF.  Members may stand in any order, further ones are
 * ignored, no one that is known may stand twice.  Of an unknown line only t is
 * filled.  E_FORMAT with the member, what was found and what was expected;
 * E_LIMIT.
 */
int state_read_line(
    struct state_line *s, const char *line, size_t len, struct err *e);
/* What the members must be to each other; state_read_line() has called it. */
int state_check(const struct state_line *s, struct err *e);
/* A stranger's name into s->name: of one that is too long the end, which has
   the extension. */
void state_name(struct state_line *s, const char *name);
/* One line with its LF, of a known type; E_FORMAT: state_check(). */
int state_write(const struct state_line *s, struct sink *to, struct err *e);

/*
 * The whole file.  line: the text is borrowed, without its LF.  Files stand
 * before URLs, so that whoever takes line after line knows what a URL is of.
 * Errors are those of a line, with its number.
 */
struct state;
int state_open(struct state **r,
    int (*line)(void *arg, const struct state_line *s, const char *text,
	size_t len, struct err *e),
    void *arg, struct err *e);
struct sink *state_sink(struct state *r); /* owned by r */
/* E_FORMAT when the last line has no LF. */
int state_finish(struct state *r, struct err *e);
void state_close(struct state *r);

#endif
