/* SPDX-License-Identifier: ISC */
/* Inside formats/request_*.c. */
#ifndef WF_REQUEST_PRIV_H
#define WF_REQUEST_PRIV_H

#include "formats/request.h"

/* request_class.c: RFC 9110, 5.5 and 5.6.2; RFC 3986, 3.2.2 to 3.4. */
#define REQUEST_TEXT 1 /* of a line: no control character but a tab */
#define REQUEST_TOKEN 2
#define REQUEST_IN_PATH 4 /* and what browsers do not escape: []^| */
#define REQUEST_IN_QUERY 8 /* likewise: []^|`{}\ */
#define REQUEST_IN_NAME 16 /* of a host */
#define REQUEST_IN_ADDRESS 32
extern const uint8_t request_class[256];

/* How many bytes at the beginning are of that class. */
size_t request_run(struct slice s, unsigned class);
struct slice request_trim(struct slice s); /* blanks at both ends */
bool request_has(const struct request *rq, enum request_name which);
/* The next element of a list without quotes; false: no more. */
bool request_element(struct slice *rest, struct slice *element, bool quotes);

/* Fills the fault that is empty so far; false. */
bool request_refuse(struct request_fault *f, unsigned status, const char *why,
    const char *clause);

/* request_line.c.  The longest that can be good. */
#define REQUEST_WORD_MAX 24 /* bytes of a method */
#define REQUEST_LINE_MAX (REQUEST_WORD_MAX + 1 + REQUEST_TARGET_MAX + 1 + 8)
bool request_line(struct request *rq, struct slice line);
/* "host", "host:port", "[address]:port": *name is the length of the host. */
bool request_authority(struct slice s, size_t *name);
/* Where in the head a slice of it stands. */
struct request_at request_place(const struct request *rq, struct slice s);

/* request_field.c: one header line; then what all of them mean together. */
bool request_field(struct request *rq, struct slice line);
bool request_meaning(struct request *rq);

/* request_range.c: fills spans; 200, 206 or 416. */
unsigned request_ranges(
    struct request_verdict *v, const struct request *rq, uint64_t size);

#endif
