/* SPDX-License-Identifier: ISC */
/*
 * A bounded reader over bytes in memory.  Reads are sticky: after the first
 * one that does not fit all yield 0 or NULL, so a whole record is read, then
 * cur_check() is called once, and only then are the values used.
 */
#ifndef WF_CUR_H
#define WF_CUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct cur {
	const uint8_t *base, *p, *end; /* borrowed */
	bool bad; /* sticky: some read did not fit */
};

void cur_init(struct cur *c, const void *buf, size_t len);
size_t cur_left(const struct cur *c);
size_t cur_off(const struct cur *c);
const uint8_t *cur_take(struct cur *c, size_t n); /* borrowed, or NULL */
uint8_t cur_u8(struct cur *c);
uint16_t cur_le16(struct cur *c);
uint32_t cur_le32(struct cur *c);
void cur_skip(struct cur *c, size_t n);
/* A NUL-terminated string of at most max bytes before its NUL, or NULL. */
const char *cur_str(struct cur *c, size_t max);
/* -1 with E_FORMAT "WHAT: cut short" at the offset where the data ended. */
int cur_check(const struct cur *c, const char *what, struct err *e);

#endif
