/* SPDX-License-Identifier: ISC */
/*
 * One JSON object (RFC 8259) on one line.  Invalid UTF-8 becomes U+FFFD; all
 * control characters are escaped, those of C1 too.
 */
#ifndef WF_JSON_H
#define WF_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

/*
 * Failures are sticky and reported by json_end(), so that building an object
 * reads as one sentence.
 */
struct json {
	struct buf b;
	bool bad, begun;
};

#define JSON_INIT                                                              \
	{                                                                      \
		.b = BUF_INIT, .bad = false, .begun = false                    \
	}

void json_begin(struct json *j);
void json_str(struct json *j, const char *key, const char *v); /* NULL: null */
void json_strn(struct json *j, const char *key, const char *v, size_t n);
void json_num(struct json *j, const char *key, uint64_t v);
void json_bool(struct json *j, const char *key, bool v);
/* A list of strings: begin, then json_item() for each, then end. */
void json_list(struct json *j, const char *key);
void json_item(struct json *j, const char *v);
void json_list_end(struct json *j);
/* The line without its LF; borrowed until the next begin or free; NULL: bad. */
const char *json_end(struct json *j);
void json_free(struct json *j);

#endif
