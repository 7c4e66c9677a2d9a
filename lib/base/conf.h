/* SPDX-License-Identifier: ISC */
/*
 * wsusferry.conf(5): "key = value" lines, "#" comments, "[program]" sections.
 * Lines before the first section are for every program; a section is read by
 * the program of that name only ("[import]" by wsusferry-import).
 */
#ifndef WF_CONF_H
#define WF_CONF_H

#include <stddef.h>

struct err;

#define CONF_MAX_BYTES ((size_t)1 << 20)
#define CONF_MAX_LINE 4096

/*
 * Calls each() for every line that concerns the program; text is changed in
 * place (NULs) and values point into it; text[len] must be writable too.
 * E_FORMAT with the line number in the message.  common is nonzero before the
 * first section.
 */
int conf_read(char *text, size_t len, const char *program,
    int (*each)(void *arg, unsigned line, int common, const char *key,
	const char *value, struct err *e),
    void *arg, struct err *e);

#endif
