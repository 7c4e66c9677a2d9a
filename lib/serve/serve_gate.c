/* SPDX-License-Identifier: ISC */
#include "lib/serve/serve_gate.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"

#define BURST_S 2 /* of the rate may come at once */
#define ONE 1000 /* request */

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool
is_bit(const uint8_t *a, unsigned i)
{
	return (a[i / 8] >> (7 - i % 8) & 1) != 0;
}

int
serve_net_read(struct serve_net *n, const char *text, struct err *e)
{
	char address[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "/");
	unsigned i, most;
	uint64_t bits;
	bool v4;

	*n = (struct serve_net){.bits = 128};
	if (len >= sizeof(address))
		return err_set(e, E_USAGE, "'%s': too long", text);
	memcpy(address, text, len);
	address[len] = '\0';
	memcpy(n->address, mapped, sizeof(mapped));
	v4 = inet_pton(AF_INET, address, n->address + 12) == 1;
	if (!v4 && inet_pton(AF_INET6, address, n->address) != 1)
		return err_set(e, E_USAGE,
		    "'%s': expected a network such as 192.0.2.0/24 or "
		    "2001:db8::/32, or an address",
		    text);
	if (text[len] == '\0')
		return 0;
	most = v4 ? 32 : 128;
	if (!num_read(&bits, text + len + 1, strlen(text + len + 1), 0, most))
		return err_set(e, E_USAGE,
		    "'%s': expected 0 to %u bits behind the slash", text, most);
	n->bits = (unsigned)bits + (v4 ? 96 : 0);
	for (i = n->bits; i < 128; i++)
		if (is_bit(n->address, i))
			return err_set(e, E_USAGE,
			    "'%s': the address has bits beyond its first %u",
			    text, (unsigned)bits);
	return 0;
}

static int
open_shards(struct serve_gate *g, struct err *e)
{
	unsigned i;

	if (getrandom(&g->seed, sizeof(g->seed), 0) != sizeof(g->seed))
		return err_sys(e, "random bytes");
	g->shards = calloc(SERVE_SHARDS, sizeof(*g->shards));
	if (g->shards == NULL)
		return err_nomem(e);
	for (i = 0; i < SERVE_SHARDS; i++)
		pthread_mutex_init(&g->shards[i].lock, NULL);
	return 0;
}

int
serve_gate_open(struct serve_gate *g, const char *const *allow, size_t nallow,
    uint64_t rate, struct err *e)
{
	size_t i;

	*g = (struct serve_gate){.rate = rate};
	if (nallow > SERVE_NETS_MAX)
		return err_set(
		    e, E_USAGE, "at most %d networks to allow", SERVE_NETS_MAX);
	if (nallow > 0 && (g->nets = calloc(nallow, sizeof(*g->nets))) == NULL)
		return err_nomem(e);
	for (i = 0; i < nallow; i++)
		if (serve_net_read(&g->nets[i], allow[i], e) == -1)
			return err_ctx(e, "--allow");
	g->nnets = nallow;
	return rate == 0 ? 0 : open_shards(g, e);
}

void
serve_gate_close(struct serve_gate *g)
{
	unsigned i;

	for (i = 0; g->shards != NULL && i < SERVE_SHARDS; i++)
		pthread_mutex_destroy(&g->shards[i].lock);
	free(g->shards);
	free(g->nets);
	g->shards = NULL;
	g->nets = NULL;
}

static bool
is_within(const struct serve_net *n, const uint8_t address[16])
{
	unsigned whole = n->bits / 8, rest = n->bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return memcmp(n->address, address, whole) == 0 &&
	    (rest == 0 || ((n->address[whole] ^ address[whole]) & mask) == 0);
}

static bool
is_allowed(const struct serve_gate *g, const uint8_t address[16])
{
	size_t i;

	for (i = 0; i < g->nnets; i++)
		if (is_within(&g->nets[i], address))
			return true;
	return g->nnets == 0;
}

/* Never 0. */
static uint64_t
key_of(const struct serve_gate *g, const uint8_t address[16])
{
	bool v4 = memcmp(address, mapped, sizeof(mapped)) == 0;
	uint64_t h = g->seed ^ UINT64_C(14695981039346656037);
	unsigned i, n = v4 ? 16 : 8;

	for (i = 0; i < n; i++) {
		h = (h ^ address[i]) * UINT64_C(1099511628211);
		h ^= h >> 29;
	}
	return h | 1;
}

/* That of the key, else one that is free, else that unused for longest; of
   four. */
static struct serve_bucket *
find_bucket(struct serve_shard *s, uint64_t key)
{
	struct serve_bucket *b, *best = NULL;
	unsigned i;

	for (i = 0; i < 4; i++) {
		b = &s->v[((key >> 16) + i) % SERVE_WAYS];
		if (b->key == key)
			return b;
		if (best == NULL || b->ms < best->ms)
			best = b;
	}
	*best = (struct serve_bucket){.key = key};
	return best;
}

static bool
may_now(struct serve_gate *g, uint64_t key, uint64_t now_ms)
{
	struct serve_shard *s = &g->shards[(key >> 1) % SERVE_SHARDS];
	const uint64_t most = g->rate * BURST_S * ONE;
	struct serve_bucket *b;
	uint64_t age;
	bool may;

	pthread_mutex_lock(&s->lock);
	b = find_bucket(s, key);
	/* Loops look at the clock each for itself: another one's later look is
	   not to be taken for a day of patience. */
	if (now_ms < b->ms)
		now_ms = b->ms;
	age = now_ms - b->ms;
	if (b->ms == 0 || age >= (uint64_t)BURST_S * 1000)
		b->left = most;
	else
		b->left += age * g->rate;
	if (b->left > most)
		b->left = most;
	b->ms = now_ms;
	may = b->left >= ONE;
	if (may)
		b->left -= ONE;
	pthread_mutex_unlock(&s->lock);
	return may;
}

unsigned
serve_gate_check(struct serve_gate *g, const uint8_t *address, uint64_t now_ms)
{
	if (address == NULL)
		return 0;
	if (!is_allowed(g, address)) {
		atomic_fetch_add(&g->refused, 1);
		return 403;
	}
	if (g->rate == 0 || may_now(g, key_of(g, address), now_ms))
		return 0;
	atomic_fetch_add(&g->limited, 1);
	return 429;
}
