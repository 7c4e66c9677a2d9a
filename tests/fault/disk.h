/* SPDX-License-Identifier: ISC */
/* Folders as a test sees them: copied, removed, and written as a text. */
#ifndef WF_DISK_H
#define WF_DISK_H

#include <stdbool.h>
#include <stddef.h>

/* Everything beneath, with modes; to must not be there. */
void disk_copy(const char *from, const char *to);
void disk_remove(const char *path);
/* A line each, sorted: name, mode, size and SHA-1; free() it. */
char *disk_list(const char *path);
/* The same with the bytes in place of a digest, and without those files whose
   names skip() knows; *n bytes, free() it. */
char *disk_bytes(const char *path, bool (*skip)(const char *name), size_t *n);
/* Every line of part is one of whole's. */
bool disk_within(const char *part, const char *whole);
/* Fails with the first line that is not the same. */
void disk_same(const char *what, const char *got, const char *want);
/* The names in that folder alone, each with a space behind it; free() it. */
char *disk_names(const char *path);

#endif
