/* SPDX-License-Identifier: ISC */
/* Which ring of a snapshot a client is in (specs 8.2). */
#ifndef WF_SNAP_RING_H
#define WF_SNAP_RING_H

#include <stddef.h>
#include <stdint.h>

struct snapshot;

/* What is known of a client; NULL: not known. */
struct snap_client {
	const uint8_t *addr; /* 16 bytes: IPv4 as ::ffff:a.b.c.d */
	const char *name; /* dnsName */
	const char *id; /* client id */
	const char *groups; /* what it claims: names with ';' between them */
};

/*
 * The place of its ring: the first with a network that holds the address; else
 * the first with a pattern that fits name or id (one without a dot: the first
 * label of the name, or the id); else the one that has a group claimed; else
 * the ring `default`.  s->nrings where there is not even that.
 */
size_t snap_ring_of(const struct snapshot *s, const struct snap_client *c);

#endif
