/* SPDX-License-Identifier: ISC */
/* The configuration file: keys and values are lines without their blanks. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/conf.h"
#include "lib/base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
each(void *arg, unsigned line, int common, const char *key, const char *value,
    struct err *e)
{
	unsigned *last = arg;

	(void)e;
	(void)common;
	if (line <= *last || *key == '\0' || *value == '\0' || *key == '#' ||
	    *key == '[' || strchr(key, '=') != NULL ||
	    strpbrk(value, "\r\n") != NULL || strchr(" \t", *value) != NULL)
		abort();
	*last = line;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct err e = ERR_INIT;
	char *text = malloc(n + 1);
	unsigned last = 0;

	if (text == NULL)
		return 0;
	memcpy(text, p, n);
	if (conf_read(text, n, "import", each, &last, &e) == -1 &&
	    e.kind != E_FORMAT)
		abort();
	free(text);
	return 0;
}
