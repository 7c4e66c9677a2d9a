/* SPDX-License-Identifier: ISC */
/*
 * Traffic that is nearly right: requests of all kinds, one behind the other,
 * with bytes changed, in pieces.  Whatever comes back is to be a row of whole
 * answers, and the bytes of a file that is known are to be its own.
 */
#ifndef WF_TESTS_MUTATE_H
#define WF_TESTS_MUTATE_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct mutate {
	const char *const *seeds; /* requests that are right */
	size_t nseeds;
	/* A file of that size has these bytes; no other answer has it. */
	uint64_t size;
	uint8_t (*byte)(uint64_t off);
};

/* A client's end: by TLS where there is an ssl. */
struct mutate_client {
	int fd;
	SSL *ssl;
};

/* One connection: what is sent, and all that comes back until it ends. */
void mutate_round(const struct mutate *m, const struct mutate_client *c);
/* Is there another round: of so many, or with WF_LONG for so many seconds? */
bool mutate_goes_on(unsigned i, unsigned rounds, time_t began, unsigned long_s);

#endif
