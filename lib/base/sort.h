/* SPDX-License-Identifier: ISC */
/*
 * Order and look-up in arrays.  An array of none may be NULL, which qsort()
 * and bsearch() do not allow.
 */
#ifndef WF_SORT_H
#define WF_SORT_H

#include <stddef.h>

/* For qsort() and the calls below: entries that are, or begin with, a SHA-1, a
   struct guid, a pointer to text. */
int sort_by_sha1(const void *a, const void *b);
int sort_by_guid(const void *a, const void *b);
int sort_by_text(const void *a, const void *b);

void sort_up(
    void *v, size_t n, size_t size, int (*cmp)(const void *a, const void *b));
/* The same, and the first of equals stays: how many are left. */
size_t sort_unique(
    void *v, size_t n, size_t size, int (*cmp)(const void *a, const void *b));

/* The entry that cmp calls equal, or NULL; cmp(key, entry) as for bsearch(). */
void *sort_find(const void *key, const void *v, size_t n, size_t size,
    int (*cmp)(const void *key, const void *entry));
/* The place of the first entry that does not come before key: there it stands,
   or would stand. */
size_t sort_place(const void *key, const void *v, size_t n, size_t size,
    int (*cmp)(const void *key, const void *entry));

#endif
