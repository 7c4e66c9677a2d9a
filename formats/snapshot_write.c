/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "formats/snapshot_priv.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"

#define FLUSH ((size_t)64 << 10)

struct out {
	struct sink *to; /* borrowed */
	struct buf b; /* owned */
	struct blake hash;
	uint64_t off; /* of what b begins with */
};

static int
flush(struct out *o, struct err *e)
{
	blake_add(&o->hash, o->b.p, o->b.len);
	if (sink_write(o->to, o->b.p, o->b.len, e) == -1)
		return -1;
	o->off += o->b.len;
	o->b.len = 0;
	return 0;
}

static void
put_item(uint8_t *to, const struct snapshot_section *sec, const char *item)
{
	const struct snapshot_column *c = sec->columns;
	size_t i;
	uint64_t v;
	uint32_t v4;

	for (i = 0; i < sizeof(sec->columns) / sizeof(*c) && c->size > 0;
	     i++, to += c->size, c++) {
		if (c->raw || c->size == 1) {
			memcpy(to, item + c->off, c->size);
			continue;
		}
		if (c->size == 4) {
			memcpy(&v4, item + c->off, 4);
			v = v4;
		} else {
			memcpy(&v, item + c->off, 8);
		}
		snapshot_put_le(to, v, c->size);
	}
}

static int
put_section(struct out *o, const struct snapshot *s,
    const struct snapshot_section *sec, struct err *e)
{
	static const uint8_t zeros[SNAPSHOT_ALIGN];
	const char *item = snapshot_array(s, sec);
	size_t i, n = snapshot_count(s, sec), row = snapshot_row(sec);
	uint64_t end = o->off + o->b.len;
	uint8_t *to;

	if (buf_put(&o->b, zeros, (size_t)(snapshot_align(end) - end), e) == -1)
		return -1;
	for (i = 0; i < n; i++, item += sec->item) {
		if (o->b.len >= FLUSH && flush(o, e) == -1)
			return -1;
		if ((to = buf_reserve(&o->b, row, e)) == NULL)
			return -1;
		put_item(to, sec, item);
		o->b.len += row;
	}
	return 0;
}

static void
put_head(uint8_t h[SNAPSHOT_HEAD], const struct snapshot *s)
{
	const struct snapshot_section *sec = snapshot_sections;
	uint64_t off = SNAPSHOT_HEAD;
	uint8_t *to = h + SNAPSHOT_FIXED;
	size_t i;

	memset(h, 0, SNAPSHOT_HEAD);
	memcpy(h, SNAPSHOT_MAGIC, 8);
	snapshot_put_le(h + 8, SNAPSHOT_FORMAT, 4);
	snapshot_put_le(h + 12, SNAPSHOT_SECTIONS, 4);
	memcpy(h + 16, s->store.b, 16);
	snapshot_put_le(h + 32, s->epoch, 4);
	snapshot_put_le(h + 36, s->generation, 4);
	snapshot_put_le(h + 40, s->base, 4);
	snapshot_put_le(h + 44, s->texts, 4);
	snapshot_put_le(h + 48, (uint64_t)s->built, 8);
	snapshot_put_le(h + 56, (uint64_t)s->last_change, 8);
	memcpy(h + 64, s->config_hash, BLAKE_LEN);
	memcpy(h + 96, s->rings_hash, BLAKE_LEN);
	snapshot_put_le(h + SNAPSHOT_BACK, s->undone, 4);
	for (i = 0; i < SNAPSHOT_SECTIONS; i++, sec++, to += 16) {
		off = snapshot_align(off);
		snapshot_put_le(to, off, 8);
		snapshot_put_le(to + 8, snapshot_count(s, sec), 8);
		off += snapshot_count(s, sec) * snapshot_row(sec);
	}
}

static int
put_all(struct out *o, struct snapshot *s, struct err *e)
{
	uint8_t head[SNAPSHOT_HEAD], hash[BLAKE_LEN];
	size_t i;

	put_head(head, s);
	if (buf_put(&o->b, head, sizeof(head), e) == -1)
		return -1;
	for (i = 0; i < SNAPSHOT_SECTIONS; i++)
		if (put_section(o, s, &snapshot_sections[i], e) == -1)
			return -1;
	if (flush(o, e) == -1)
		return -1;
	blake_end(&o->hash, hash, sizeof(hash));
	memcpy(s->id, hash, SNAPSHOT_ID_LEN);
	return sink_write(o->to, hash, sizeof(hash), e);
}

int
snapshot_write(struct snapshot *s, struct sink *to, struct err *e)
{
	struct out o = {.to = to, .b = BUF_INIT};
	int r;

	if (snapshot_check(s, e) == -1)
		return -1;
	blake_begin(&o.hash, BLAKE_LEN);
	r = put_all(&o, s, e);
	buf_free(&o.b);
	return r;
}
