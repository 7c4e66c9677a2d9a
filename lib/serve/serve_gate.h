/* SPDX-License-Identifier: ISC */
/* Who may ask, and how often. */
#ifndef WF_SERVE_GATE_H
#define WF_SERVE_GATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define SERVE_NETS_MAX 1024
#define SERVE_SHARDS 64
#define SERVE_WAYS 256 /* addresses remembered in each: the rest are new */

struct serve_net {
	uint8_t address[16]; /* as in httpd_req */
	unsigned bits; /* of it that count, 0 to 128 */
};
struct serve_bucket {
	uint64_t key; /* 0: free */
	uint64_t ms; /* when it was filled last */
	uint64_t left; /* thousandths of a request */
};
struct serve_shard {
	pthread_mutex_t lock;
	struct serve_bucket v[SERVE_WAYS];
};

struct serve_gate {
	struct serve_net *nets; /* owned; none: everybody */
	size_t nnets;
	uint64_t rate; /* requests a second of one address; 0: no limit */
	uint64_t seed;
	struct serve_shard *shards; /* owned; where there is a rate */
	atomic_ullong refused, limited;
};

/*
 * "192.0.2.0/24", "2001:db8::/32", an address by itself.  E_USAGE with what was
 * found.  serve_gate_close() also after a failure.
 */
int serve_net_read(struct serve_net *n, const char *text, struct err *e);
int serve_gate_open(struct serve_gate *g, const char *const *allow,
    size_t nallow, uint64_t rate, struct err *e);
void serve_gate_close(struct serve_gate *g);
/*
 * 0: go on; 403: not allowed; 429: too often.  Of IPv6 the first 64 bits are
 * one client.  NULL, a socket of this machine, may always.  At that moment, in
 * milliseconds of clock_ms().  Any thread.
 */
unsigned serve_gate_check(
    struct serve_gate *g, const uint8_t *address, uint64_t now_ms);

#endif
