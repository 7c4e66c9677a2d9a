/* SPDX-License-Identifier: ISC */
/*
 * One JSON object (RFC 8259) out of memory, member by member.  Stricter than
 * most: UTF-8 only, no NUL and no unpaired surrogate in a text, blanks are
 * spaces and tabs.
 */
#ifndef WF_JSON_READ_H
#define WF_JSON_READ_H

#include <stddef.h>
#include <stdint.h>

struct err;

#define JSON_MAX_DEPTH 16 /* objects and arrays within each other */
#define JSON_MAX_KEY 64 /* bytes of a key's text that anybody looks at */

enum json_type {
	JSON_NONE, /* no such member */
	JSON_TEXT,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
	JSON_ARRAY,
	JSON_OBJECT
};

/* A value as it stands; of a text without its quotes, escapes as they are. */
struct json_value {
	enum json_type type;
	const char *p; /* borrowed from the input */
	size_t len;
	uint64_t off; /* bytes: of p in the input */
};

/*
 * key: of a member of the object itself; "" for one that is longer than
 * JSON_MAX_KEY.  Members of what lies in it are checked and not told.
 * Errors: E_FORMAT with the offset, what was expected and what was found;
 * E_LIMIT.
 */
int json_read(const char *p, size_t n,
    int (*member)(
	void *arg, const char *key, const struct json_value *v, struct err *e),
    void *arg, struct err *e);
/* The text of a JSON_TEXT, NUL added; E_LIMIT when it does not fit in room. */
int json_text(const struct json_value *v, char *to, size_t room, struct err *e);
/* "a text", "a number", ... */
const char *json_type_name(enum json_type type);

#endif
