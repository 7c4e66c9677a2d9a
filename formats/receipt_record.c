/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "formats/receipt_priv.h"
#include "lib/base/err.h"

/* The record, taken or put from its beginning, highest byte first. */
struct fields {
	const uint8_t *get; /* borrowed; NULL: put */
	uint8_t *put; /* borrowed */
};

static void
bytes(struct fields *f, void *v, size_t n)
{
	if (f->get != NULL) {
		memcpy(v, f->get, n);
		f->get += n;
	} else {
		memcpy(f->put, v, n);
		f->put += n;
	}
}

static uint32_t
number(struct fields *f, uint32_t v, size_t n)
{
	uint8_t b[4];
	size_t i;

	for (i = 0; i < n; i++)
		b[i] = (uint8_t)(v >> 8 * (n - 1 - i));
	bytes(f, b, n);
	for (v = 0, i = 0; i < n; i++)
		v = v << 8 | b[i];
	return v;
}

/* In the order of the record: the one list of its fields. */
static void
walk(struct fields *f, struct receipt *r)
{
	size_t i;

	bytes(f, r->origin.b, sizeof(r->origin.b));
	bytes(f, r->store.b, sizeof(r->store.b));
	r->number = number(f, r->number, 4);
	r->sequence = number(f, r->sequence, 4);
	bytes(f, r->identity, sizeof(r->identity));
	r->seen = number(f, r->seen, 4);
	bytes(f, r->head, sizeof(r->head));
	r->revisions = number(f, r->revisions, 4);
	r->files = number(f, r->files, 4);
	r->time_s = number(f, r->time_s, 4);
	r->gate = (enum receipt_gate)number(f, r->gate, 1);
	r->gate_day = (uint16_t)number(f, r->gate_day, 2);
	bytes(f, r->plan, sizeof(r->plan));
	r->failures = (uint16_t)number(f, r->failures, 2);
	bytes(f, r->failed, sizeof(r->failed));
	for (i = 0; i < RECEIPT_BUCKETS; i++)
		r->rev[i] = number(f, r->rev[i], 4);
	for (i = 0; i < RECEIPT_BUCKETS; i++)
		r->file[i] = number(f, r->file[i], 4);
	bytes(f, r->key, sizeof(r->key));
	bytes(f, r->sig, sizeof(r->sig));
}

static bool
is_zero(const uint8_t *p, size_t n)
{
	while (n > 0 && *p == 0)
		p++, n--;
	return n == 0;
}

static bool
has_sum(const uint32_t v[RECEIPT_BUCKETS])
{
	for (size_t i = 0; i < RECEIPT_BUCKETS; i++)
		if (v[i] != 0)
			return true;
	return false;
}

/* Bits for transfers before the first one. */
static bool
sees_too_far(const struct receipt *r)
{
	uint32_t earlier = r->sequence - 1;

	return earlier < RECEIPT_SEEN && r->seen >> earlier != 0;
}

static int
check_gate(const struct receipt *r, struct err *e)
{
	if ((unsigned)r->gate >= RECEIPT_NGATES)
		return err_set(e, E_FORMAT, "gate: expected 0 or 1, found %u",
		    (unsigned)r->gate);
	if ((r->gate == RECEIPT_GATE_NONE) != (r->gate_day == 0))
		return err_set(e, E_FORMAT, "gate %u: expected %s date",
		    (unsigned)r->gate,
		    r->gate == RECEIPT_GATE_NONE ? "no" : "a");
	return 0;
}

int
receipt_check(const struct receipt *r, struct err *e)
{
	if (guid_cmp(&r->origin, &r->store) == 0)
		return err_set(e, E_FORMAT,
		    "it is by the store that exported the transfer itself");
	if (r->number == 0 || r->sequence == 0)
		return err_set(e, E_FORMAT, "%s: expected 1 or more, found 0",
		    r->number == 0 ? "number" : "sequence");
	if (sees_too_far(r))
		return err_set(e, E_FORMAT,
		    "earlier transfers: expected none before number 1, found "
		    "bits %08x below sequence %u",
		    r->seen, r->sequence);
	if ((r->revisions == 0 && has_sum(r->rev)) ||
	    (r->files == 0 && has_sum(r->file)))
		return err_set(e, E_FORMAT,
		    "buckets: %s are counted, but their sums are not 0",
		    r->revisions == 0 && has_sum(r->rev) ? "no revisions"
							 : "no files");
	if ((r->failures == 0) != is_zero(r->failed, sizeof(r->failed)))
		return err_set(e, E_FORMAT,
		    "%u failures: expected %s digest of their list",
		    r->failures, r->failures == 0 ? "no" : "a");
	return check_gate(r, e);
}

int
receipt_check_version(unsigned version, struct err *e)
{
	if (version == RECEIPT_VERSION)
		return 0;
	return err_set(e, E_FORMAT,
	    "a receipt of version %u; this program reads %d: a newer one is "
	    "needed",
	    version, RECEIPT_VERSION);
}

int
receipt_unpack(
    struct receipt *r, const uint8_t raw[RECEIPT_BYTES], struct err *e)
{
	struct fields f = {.get = raw + 1};

	memset(r, 0, sizeof(*r));
	if (receipt_check_version(raw[0], e) == -1)
		return -1;
	walk(&f, r);
	return receipt_check(r, e);
}

int
receipt_pack(const struct receipt *r, uint8_t raw[RECEIPT_BYTES], struct err *e)
{
	struct receipt copy = *r;
	struct fields f = {.put = raw + 1};

	if (receipt_check(r, e) == -1)
		return -1;
	raw[0] = RECEIPT_VERSION;
	walk(&f, &copy);
	return 0;
}
