/* SPDX-License-Identifier: ISC */
/* Heads of requests, good and bad, for more tests than one. */
#ifndef WF_TESTS_REQUEST_HEADS_H
#define WF_TESTS_REQUEST_HEADS_H

#include "formats/request.h"

#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST
#define END "\r\n"

extern const char heads_native[]; /* of Delivery Optimization */

struct bad_head {
	const char *head;
	unsigned status;
	const char *clause;
};
extern const struct bad_head heads_bad[]; /* ends with a NULL */

struct good_head {
	const char *head;
	unsigned minor;
	bool persistent, expects, chunked, has_length;
	uint64_t length;
};
extern const struct good_head heads_good[]; /* ends with a NULL */

enum request_result heads_read(struct request *rq, const char *p, size_t n);

#endif
