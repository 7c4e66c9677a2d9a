/* SPDX-License-Identifier: ISC */
/* Text forms of bytes, identities, times, and UTF-8.  Pure functions. */
#ifndef WF_ENC_H
#define WF_ENC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* out gets 2*n characters and a NUL. */
void hex_lower(char *out, const uint8_t *p, size_t n);
void hex_upper(char *out, const uint8_t *p, size_t n);
/* Exactly 2*n hex digits of either case at s; false otherwise. */
bool hex_read(uint8_t *out, size_t n, const char *s, size_t len);

#define BASE64_LEN(n) (((n) + 2) / 3 * 4) /* without NUL */
void base64_write(char *out, const uint8_t *p, size_t n); /* adds NUL */
/* Canonical standard base64 with padding that decodes to exactly n bytes. */
bool base64_read(uint8_t *out, size_t n, const char *s, size_t len);

/* A GUID in the order of its text. */
struct guid {
	uint8_t b[16];
};
#define GUID_LEN 36
/* Hyphenated, no braces, either case. */
bool guid_read(struct guid *g, const char *s, size_t len);
void guid_write(char out[GUID_LEN + 1], const struct guid *g); /* lower */
int guid_cmp(const struct guid *a, const struct guid *b);
int guid_random(struct guid *g, struct err *e); /* version 4 */

/* UTC, seconds since 1970: yyyy-MM-ddTHH:mm:ssZ; a fraction is accepted. */
#define UTC_LEN 20
bool utc_read(int64_t *t, const char *s, size_t len);
void utc_write(char out[UTC_LEN + 1], int64_t t);
/* Now, or SOURCE_DATE_EPOCH where that is set (E_USAGE when malformed). */
int utc_now(int64_t *t, struct err *e);

/*
 * The length in bytes of the well-formed UTF-8 sequence at p[0..n), 1 to 4,
 * or 0: malformed, overlong, a surrogate, above U+10FFFF, or cut short.
 */
unsigned utf8_len(const uint8_t *p, size_t n);
/* The sequence of a character that is no surrogate: its length, 1 to 4. */
unsigned utf8_put(uint8_t to[4], uint32_t c);
bool utf8_valid(const uint8_t *p, size_t n);
/*
 * In place, for a line that may hold a stranger's text: control characters and
 * bytes that are not UTF-8 become '?'.
 */
void utf8_clean(char *s);
/* Number of UTF-16 code units of well-formed UTF-8. */
uint64_t utf8_units(const uint8_t *p, size_t n);

/* Whole decimal or hex number within [min, max], nothing else around it. */
bool num_read(
    uint64_t *v, const char *s, size_t len, uint64_t min, uint64_t max);
bool hex_number(uint64_t *v, const char *s, size_t len);

#endif
