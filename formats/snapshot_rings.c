/* SPDX-License-Identifier: ISC */
/* Rings and what they are offered. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/snapshot_priv.h"
#include "lib/base/err.h"

static int
check_name(const struct snapshot *s, size_t i, struct err *e)
{
	const struct snapshot_ring *r = &s->rings[i];
	size_t k, n = strnlen((const char *)r->name, sizeof(r->name));
	uint8_t hash[BLAKE_LEN];

	for (k = 0; k < sizeof(r->name); k++)
		if (k < n ? strchr("abcdefghijklmnopqrstuvwxyz0123456789-",
				r->name[k]) == NULL
			  : r->name[k] != 0)
			break;
	if (n == 0 || k < sizeof(r->name))
		return err_set(e, E_FORMAT,
		    "rings %zu: a name of other than a-z, 0-9 and '-'", i);
	blake_of(hash, sizeof(hash), r->name, n);
	if (snapshot_get_le(hash, 8) != r->hash)
		return err_set(
		    e, E_FORMAT, "rings %zu: not the hash of its name", i);
	for (k = 0; k < i; k++)
		if (s->rings[k].hash == r->hash)
			return err_set(e, E_FORMAT,
			    "rings %zu: the hash of ring %zu", i, k);
	return 0;
}

static int
check_ring(const struct snapshot *s, size_t i, struct err *e)
{
	static const struct snapshot_ring none;
	const struct snapshot_ring *r = &s->rings[i],
				   *b = i > 0 ? r - 1 : &none;

	if (check_name(s, i, e) == -1 ||
	    snapshot_check_start("rings", i, "networks", b->networks,
		r->networks, s->nnetworks, e) == -1 ||
	    snapshot_check_start(
		"rings", i, "words", b->words, r->words, s->nwords, e) == -1)
		return -1;
	return snapshot_check_start(
	    "rings", i, "offers", b->offers, r->offers, s->noffers, e);
}

static bool
lasts(uint8_t action)
{
	return action == SNAPSHOT_INSTALL || action == SNAPSHOT_OPTIONAL ||
	    action == SNAPSHOT_UNINSTALL;
}

static int
check_offer(const struct snapshot *s, size_t i, struct err *e)
{
	const struct snapshot_offer *o = &s->offers[i];

	if (o->action < SNAPSHOT_EVALUATE || o->action >= SNAPSHOT_ACTIONS)
		return err_set(e, E_FORMAT,
		    "offers %zu: action %u, expected 1 to 6", i, o->action);
	if (o->withheld >= SNAPSHOT_WITHHELDS ||
	    (o->withheld != SNAPSHOT_NOT_WITHHELD &&
		o->action != SNAPSHOT_WATCH))
		return err_set(e, E_FORMAT,
		    "offers %zu: withheld for %u with action %u", i,
		    o->withheld, o->action);
	if (o->changed == 0 || o->changed > s->generation)
		return err_set(e, E_FORMAT,
		    "offers %zu: changed in %u, expected 1 to %u", i,
		    o->changed, s->generation);
	if (lasts(o->action) != (o->held != SNAPSHOT_NONE) ||
	    (o->deadline != 0 && !lasts(o->action)) || o->deadline > INT64_MAX)
		return err_set(e, E_FORMAT,
		    "offers %zu: action %u with since %u and deadline "
		    "%" PRIu64,
		    i, o->action, o->held, o->deadline);
	return 0;
}

/* seen: of each update the last ring, from 1, that had it. */
static int
check_offers(
    const struct snapshot *s, size_t ring, uint32_t *seen, struct err *e)
{
	const struct snapshot_offer *o = s->offers;
	size_t first = s->rings[ring].offers, i;
	size_t end = SNAPSHOT_END(
	    s->rings, s->nrings, ring, offers, s->noffers);
	uint32_t update;

	for (i = first; i < end; i++) {
		if (o[i].revision >= s->nrevisions ||
		    (i > first && o[i - 1].revision >= o[i].revision))
			return err_set(e, E_FORMAT,
			    "offers %zu: revision %u, expected more than the "
			    "one before, below %zu",
			    i, o[i].revision, s->nrevisions);
		update = s->revisions[o[i].revision].update;
		if (seen[update] == ring + 1)
			return err_set(e, E_FORMAT,
			    "offers %zu: a second revision of update %u in "
			    "ring %zu",
			    i, update, ring);
		seen[update] = (uint32_t)ring + 1;
		if (check_offer(s, i, e) == -1)
			return -1;
	}
	return 0;
}

static int
check_who(const struct snapshot *s, struct err *e)
{
	size_t i;

	for (i = 0; i < s->nnetworks; i++)
		if (s->networks[i].bits > 128)
			return err_set(e, E_FORMAT,
			    "networks %zu: %u bits, expected 0 to 128", i,
			    s->networks[i].bits);
	for (i = 0; i < s->nwords; i++)
		if (s->words[i].kind >= SNAPSHOT_WORDS ||
		    s->words[i].name >= s->nnames)
			return err_set(e, E_FORMAT,
			    "words %zu: kind %u and name %u, expected 0 or 1 "
			    "and below %zu",
			    i, s->words[i].kind, s->words[i].name, s->nnames);
	if (s->nrings == 0 && s->nnetworks + s->nwords + s->noffers > 0)
		return err_set(
		    e, E_FORMAT, "rings: none, but networks, words or offers");
	return 0;
}

int
snapshot_check_rings(const struct snapshot *s, struct err *e)
{
	uint32_t *seen;
	size_t i;
	int r = 0;

	if (check_who(s, e) == -1)
		return -1;
	for (i = 0; i < s->nrings; i++)
		if (check_ring(s, i, e) == -1)
			return -1;
	if ((seen = calloc(s->nupdates + 1, sizeof(*seen))) == NULL)
		return err_nomem(e);
	for (i = 0; r == 0 && i < s->nrings; i++)
		r = check_offers(s, i, seen, e);
	free(seen);
	return r;
}
