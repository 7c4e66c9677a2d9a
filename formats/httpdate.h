/* SPDX-License-Identifier: ISC */
/* Dates of HTTP, RFC 9110, 5.6.7. */
#ifndef WF_HTTPDATE_H
#define WF_HTTPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
#define HTTPDATE_LEN 29
void httpdate_write(char out[HTTPDATE_LEN + 1], int64_t t);
/* The same, or one of the two obsolete forms; nothing around it. */
bool httpdate_read(int64_t *t, const char *s, size_t n);

#endif
