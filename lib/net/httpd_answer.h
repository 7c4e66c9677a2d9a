/* SPDX-License-Identifier: ISC */
/* Inside lib/net/httpd*.c: an answer becomes the library's. */
#ifndef WF_HTTPD_ANSWER_H
#define WF_HTTPD_ANSWER_H

#include <stdbool.h>

struct MHD_Connection;
struct MHD_Response;
struct httpd_res;

/* NULL: no memory.  What of rs it has taken over is not there any more. */
struct MHD_Response *httpd_answer(
    struct MHD_Connection *c, struct httpd_res *rs, bool head);
/* One header more; the answer is dropped, and *r NULL, if it cannot be had. */
void httpd_answer_header(
    struct MHD_Response **r, const char *name, const char *value);
/* What is left of it. */
void httpd_answer_free(struct httpd_res *rs);
/* A header of the request, or NULL. */
const char *httpd_answer_to(struct MHD_Connection *c, const char *name);

#endif
