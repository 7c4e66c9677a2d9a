/* SPDX-License-Identifier: ISC */
#include "lib/base/blake.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

static_assert(sizeof(crypto_generichash_state) <= sizeof(struct blake),
    "the room in the header");

static crypto_generichash_state *
state(struct blake *b)
{
	return (crypto_generichash_state *)(void *)b->state;
}

static pthread_once_t started = PTHREAD_ONCE_INIT;

/*
 * Then the library uses what this processor has; before, and where it does not
 * start, plain C, which comes to the same.
 */
static void
start_library(void)
{
	if (sodium_init() == -1)
		return;
}

void
blake_begin(struct blake *b, size_t len)
{
	(void)pthread_once(&started, start_library);
	crypto_generichash_init(state(b), NULL, 0, len);
}

void
blake_add(struct blake *b, const void *p, size_t n)
{
	crypto_generichash_update(state(b), p, n);
}

void
blake_end(struct blake *b, uint8_t *out, size_t len)
{
	crypto_generichash_final(state(b), out, len);
}

void
blake_of(uint8_t *out, size_t len, const void *p, size_t n)
{
	struct blake b;

	blake_begin(&b, len);
	blake_add(&b, p, n);
	blake_end(&b, out, len);
}
