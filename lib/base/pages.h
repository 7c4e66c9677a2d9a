/* SPDX-License-Identifier: ISC */
/*
 * Large memory that is zero, and little of which may ever be touched: the
 * kernel gives each page when it is.  (calloc() clears all that it has used
 * before.)
 */
#ifndef WF_PAGES_H
#define WF_PAGES_H

#include <stddef.h>

void *pages_new(size_t bytes); /* NULL: no memory */
void pages_free(void *p, size_t bytes);

#endif
