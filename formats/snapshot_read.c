/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/snapshot_priv.h"
#include "lib/base/err.h"

struct in {
	const uint8_t *p; /* borrowed */
	size_t n; /* bytes before the trailer */
	uint64_t end; /* of the section before */
};

static int
read_head(struct snapshot *s, const struct in *in, struct err *e)
{
	const uint8_t *p = in->p;
	uint32_t format, nsections;

	if (in->n < 16 || memcmp(p, SNAPSHOT_MAGIC, 8) != 0)
		return err_at(e, 0, "no offer: expected '%s' at its beginning",
		    SNAPSHOT_MAGIC);
	format = (uint32_t)snapshot_get_le(p + 8, 4);
	if (format != SNAPSHOT_FORMAT)
		return err_at(e, 8, "format %" PRIu32 ", expected %u", format,
		    SNAPSHOT_FORMAT);
	nsections = (uint32_t)snapshot_get_le(p + 12, 4);
	if (nsections != SNAPSHOT_SECTIONS)
		return err_at(e, 12, "%" PRIu32 " sections, expected %u",
		    nsections, SNAPSHOT_SECTIONS);
	if (in->n < SNAPSHOT_HEAD)
		return err_at(e, in->n, "cut short in the header");
	memcpy(s->store.b, p + 16, 16);
	s->epoch = (uint32_t)snapshot_get_le(p + 32, 4);
	s->generation = (uint32_t)snapshot_get_le(p + 36, 4);
	s->base = (uint32_t)snapshot_get_le(p + 40, 4);
	s->texts = (uint32_t)snapshot_get_le(p + 44, 4);
	s->built = (int64_t)snapshot_get_le(p + 48, 8);
	s->last_change = (int64_t)snapshot_get_le(p + 56, 8);
	memcpy(s->config_hash, p + 64, BLAKE_LEN);
	memcpy(s->rings_hash, p + 96, BLAKE_LEN);
	return 0;
}

static int
check_zeros(const struct in *in, uint64_t from, uint64_t to, struct err *e)
{
	for (; from < to; from++)
		if (in->p[from] != 0)
			return err_at(e, from,
			    "byte 0x%02x between sections, expected 0",
			    in->p[from]);
	return 0;
}

static uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static void
get_item(char *item, const struct snapshot_section *sec, const uint8_t *p)
{
	const struct snapshot_column *c = sec->columns;
	const struct snapshot_column *end = c +
	    sizeof(sec->columns) / sizeof(*c);
	uint64_t v8;
	uint32_t v4;

	for (; c < end && c->size > 0; p += c->size, c++) {
		if (c->raw) {
			memcpy(item + c->off, p, c->size);
		} else if (c->size == 4) {
			v4 = le32(p);
			memcpy(item + c->off, &v4, 4);
		} else if (c->size == 8) {
			v8 = le32(p) | (uint64_t)le32(p + 4) << 32;
			memcpy(item + c->off, &v8, 8);
		} else {
			item[c->off] = (char)*p;
		}
	}
}

static int
read_section(struct snapshot *s, struct in *in, size_t k, struct err *e)
{
	const struct snapshot_section *sec = &snapshot_sections[k];
	const uint8_t *row = in->p + SNAPSHOT_FIXED + 16 * k;
	uint64_t off = snapshot_get_le(row, 8), i;
	uint64_t count = snapshot_get_le(row + 8, 8);
	uint64_t want = snapshot_align(in->end);
	size_t size = snapshot_row(sec);
	char *items;

	if (off != want)
		return err_at(e, SNAPSHOT_FIXED + 16 * k,
		    "%s: begins at %" PRIu64 ", expected %" PRIu64, sec->name,
		    off, want);
	if (count > sec->max)
		return err_set(e, E_LIMIT, "%s: %" PRIu64 " items, at most %u",
		    sec->name, count, sec->max);
	if (off > in->n || count > (in->n - off) / size)
		return err_at(e, in->n,
		    "%s: cut short, expected %" PRIu64 " items of %zu bytes at "
		    "%" PRIu64,
		    sec->name, count, size, off);
	if (check_zeros(in, in->end, off, e) == -1)
		return -1;
	in->end = off + count * size;
	/* One more, so that no table is NULL. */
	if ((items = calloc((size_t)count + 1, sec->item)) == NULL)
		return err_nomem(e);
	*(void **)(void *)((char *)s + sec->array) = items;
	*(size_t *)(void *)((char *)s + sec->count) = (size_t)count;
	for (i = 0; i < count; i++)
		get_item(items + i * sec->item, sec, in->p + off + i * size);
	return 0;
}

static int
read_back(struct snapshot *s, const struct in *in, struct err *e)
{
	uint32_t back = le32(in->p + SNAPSHOT_BACK);

	s->undone = back == 1;
	return back <= 1 ? 0
			 : err_at(e, SNAPSHOT_BACK,
			       "goes back %" PRIu32 ", expected 0 or 1", back);
}

static int
read_all(struct snapshot *s, struct in *in, struct err *e)
{
	size_t k;

	if (read_head(s, in, e) == -1)
		return -1;
	if (read_back(s, in, e) == -1 ||
	    check_zeros(in, SNAPSHOT_BACK + 4, SNAPSHOT_HEAD, e) == -1)
		return -1;
	in->end = SNAPSHOT_HEAD;
	for (k = 0; k < SNAPSHOT_SECTIONS; k++)
		if (read_section(s, in, k, e) == -1)
			return -1;
	if (in->end != in->n)
		return err_at(
		    e, in->end, "%" PRIu64 " bytes too many", in->n - in->end);
	return snapshot_check(s, e);
}

int
snapshot_read(struct snapshot *s, const void *bytes, size_t n, struct err *e)
{
	struct in in = {.p = bytes};
	uint8_t hash[BLAKE_LEN];

	if (n > SNAPSHOT_MAX_BYTES)
		return err_set(e, E_LIMIT, "%zu bytes, at most %zu", n,
		    SNAPSHOT_MAX_BYTES);
	if (n < BLAKE_LEN)
		return err_at(
		    e, n, "cut short, expected %d bytes at least", BLAKE_LEN);
	in.n = n - BLAKE_LEN;
	/* What a later version writes is told as such. */
	if (read_head(s, &in, e) == -1)
		return -1;
	blake_of(hash, sizeof(hash), in.p, in.n);
	if (memcmp(hash, in.p + in.n, sizeof(hash)) != 0)
		return err_set(e, E_DIGEST,
		    "its bytes and the hash at its end differ: damaged or cut "
		    "short");
	memcpy(s->id, hash, SNAPSHOT_ID_LEN);
	return read_all(s, &in, e);
}

void
snapshot_free(struct snapshot *s)
{
	size_t k;

	for (k = 0; k < SNAPSHOT_SECTIONS; k++)
		free(snapshot_array(s, &snapshot_sections[k]));
	*s = (struct snapshot)SNAPSHOT_INIT;
}
