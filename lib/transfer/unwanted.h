/* SPDX-License-Identifier: ISC */
/* The payload that a transfer leaves out because its policy did not want it,
   wsusferry-transfer(5): by the lines of state.jsonl. */
#ifndef WF_UNWANTED_H
#define WF_UNWANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"

struct err;

struct unwanted {
	uint8_t (*v)[SHA1_LEN]; /* owned */
	size_t n, cap;
	bool sorted;
};

/* Adds what a line says, in the one spelling that it has; other lines say
   nothing here. */
int unwanted_line(
    struct unwanted *u, const char *line, size_t len, struct err *e);
bool unwanted_has(struct unwanted *u, const uint8_t sha1[SHA1_LEN]);
void unwanted_free(struct unwanted *u);

#endif
