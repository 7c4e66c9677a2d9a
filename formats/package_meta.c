/* SPDX-License-Identifier: ISC */
#include "formats/package.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/cur.h"
#include "lib/base/err.h"

#define MAX_BYTES_A_UNIT 3 /* of UTF-8 for one UTF-16 unit */
#define REV_OFF (GUID_LEN + 1)
#define UNITS_OFF (REV_OFF + 9)

const struct package_limits package_default_limits = {
    .max_units = (uint32_t)64 << 20,
    .max_records = (uint64_t)4 << 20,
    .max_files = (uint64_t)16 << 20,
    .max_values = (uint32_t)128 << 10,
    .max_string = (size_t)8 << 10,
};

enum state { IN_MARK, IN_HEAD, IN_DOC, IN_END, BROKEN };

struct package_meta {
	int (*record)(
	    void *arg, const struct package_record *rec, struct err *e);
	void *arg;
	struct package_limits lim;
	struct sink sink;
	enum state state;
	uint64_t off; /* bytes: of what is being taken */
	uint64_t nrecords, lf_only;
	uint8_t head[PACKAGE_META_HEAD];
	size_t have; /* bytes of the mark, the head or the line's end */
	struct package_record rec; /* rec.doc NULL: in gathered */
	uint32_t left; /* units of the document to come */
	struct buf gathered; /* what earlier portions brought of it */
	unsigned npart; /* last bytes of gathered: a character's beginning */
};

static uint64_t
place(const struct package_meta *r, const struct cur *c)
{
	return r->off + cur_off(c);
}

static const uint8_t mark[] = {0xef, 0xbb, 0xbf};

/* Real servers write no byte order mark here; one is taken nevertheless. */
static int
step_mark(struct package_meta *r, struct cur *c, struct err *e)
{
	if (r->have == 0 && *c->p != mark[0]) {
		r->state = IN_HEAD;
		return 0;
	}
	if (*c->p != mark[r->have])
		return err_at(
		    e, place(r, c), "expected a byte order mark or a record");
	cur_skip(c, 1);
	r->have++;
	if (r->have == sizeof(mark)) {
		r->have = 0;
		r->state = IN_HEAD;
	}
	return 0;
}

static int
read_hex(const struct package_meta *r, size_t off, const char *what,
    uint32_t *v, struct err *e)
{
	uint64_t n;
	const char *s = (const char *)r->head + off;

	if (!hex_number(&n, s, 8) || n > UINT32_MAX)
		return err_at(e, r->rec.off + off,
		    "%s: expected 8 hex digits, found '%.8s'", what, s);
	if (r->head[off + 8] != ',')
		return err_at(e, r->rec.off + off + 8,
		    "%s: expected a comma, found byte 0x%02x", what,
		    r->head[off + 8]);
	*v = (uint32_t)n;
	return 0;
}

static int
read_head(struct package_meta *r, struct err *e)
{
	const char *s = (const char *)r->head;

	if (!guid_read(&r->rec.id, s, GUID_LEN))
		return err_at(e, r->rec.off, "expected a GUID, found '%.*s'",
		    GUID_LEN, s);
	if (r->head[GUID_LEN] != ',')
		return err_at(e, r->rec.off + GUID_LEN,
		    "GUID: expected a comma, found byte 0x%02x",
		    r->head[GUID_LEN]);
	if (read_hex(r, REV_OFF, "revision", &r->rec.revision, e) == -1 ||
	    read_hex(r, UNITS_OFF, "length", &r->rec.units, e) == -1)
		return -1;
	if (r->rec.units == 0)
		return err_at(
		    e, r->rec.off + UNITS_OFF, "length: an empty document");
	if (r->rec.units > r->lim.max_units)
		return err_set(e, E_LIMIT,
		    "length: %" PRIu32 " UTF-16 units, at most %" PRIu32,
		    r->rec.units, r->lim.max_units);
	return 0;
}

static int
step_head(struct package_meta *r, struct cur *c, struct err *e)
{
	size_t n = PACKAGE_META_HEAD - r->have;

	if (r->have == 0) {
		if (r->nrecords == r->lim.max_records)
			return err_set(e, E_LIMIT,
			    "more than %" PRIu64 " records",
			    r->lim.max_records);
		r->nrecords++;
		r->rec.off = place(r, c);
	}
	if (n > cur_left(c))
		n = cur_left(c);
	memcpy(r->head + r->have, cur_take(c, n), n);
	r->have += n;
	if (r->have < PACKAGE_META_HEAD)
		return 0;
	if (read_head(r, e) == -1)
		return -1;
	r->left = r->rec.units;
	r->rec.doc = NULL;
	buf_reset(&r->gathered);
	r->state = IN_DOC;
	r->have = 0;
	return 0;
}

static bool
ascii32(const uint8_t *p)
{
	uint64_t v[4];

	memcpy(v, p, sizeof(v));
	return ((v[0] | v[1] | v[2] | v[3]) & 0x8080808080808080u) == 0;
}

static bool
follows(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* utf8_len() with a short way for what titles in other languages hold. */
static unsigned
char_len(const uint8_t *p, size_t n)
{
	if (n >= 3 && p[0] > 0xe0 && p[0] < 0xf0 && p[0] != 0xed &&
	    follows(p[1]) && follows(p[2]))
		return 3;
	if (n >= 2 && p[0] >= 0xc2 && p[0] < 0xe0 && follows(p[1]))
		return 2;
	return utf8_len(p, n);
}

/*
 * Bytes of p[0..n) that are whole characters and not more than *left units;
 * left is lowered by them.  Nearly all of a document is ASCII.
 */
static size_t
scan(const uint8_t *p, size_t n, uint32_t *left)
{
	size_t i = 0;
	uint32_t u = *left;

	while (i < n && u > 0) {
		size_t room = n - i < u ? n - i : u, k = 0;

		while (room - k >= 32 && ascii32(p + i + k))
			k += 32;
		while (k < room && p[i + k] < 0x80)
			k++;
		i += k;
		u -= (uint32_t)k;
		while (i < n && u > 0 && p[i] >= 0x80) {
			unsigned len = char_len(p + i, n - i);
			unsigned units = len == 4 ? 2 : 1;

			if (len == 0 || units > u)
				goto out;
			i += len;
			u -= units;
		}
	}
out:
	*left = u;
	return i;
}

/* Bytes that a character takes by its first one, or 0. */
static unsigned
need(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* Why scan() stopped before a character that is there as a whole. */
static int
bad_char(const struct package_meta *r, uint64_t off, const uint8_t *p, size_t n,
    struct err *e)
{
	if (utf8_len(p, n) == 0)
		return err_at(e, off,
		    "malformed UTF-8 (byte 0x%02x) in the document", *p);
	return err_at(e, off,
	    "length: %" PRIu32 " UTF-16 units end within a surrogate pair",
	    r->rec.units);
}

/* One more byte of a character that a portion's end cut apart. */
static int
step_part(struct package_meta *r, struct cur *c, struct err *e)
{
	const uint8_t *p;
	uint64_t off = place(r, c) - r->npart;

	if (buf_put(&r->gathered, cur_take(c, 1), 1, e) == -1)
		return -1;
	r->npart++;
	p = r->gathered.p + r->gathered.len - r->npart;
	if (r->npart < need(*p))
		return 0;
	if (scan(p, r->npart, &r->left) != r->npart)
		return bad_char(r, off, p, r->npart, e);
	r->npart = 0;
	if (r->left == 0)
		r->state = IN_END;
	return 0;
}

/* Are the line's end and all before it in one portion? */
static bool
end_is_near(const uint8_t *p, size_t n)
{
	return n >= 2 || (n == 1 && *p == '\n');
}

static int
step_doc(struct package_meta *r, struct cur *c, struct err *e)
{
	const uint8_t *p = c->p;
	size_t n = cur_left(c), used;

	if (r->npart != 0)
		return step_part(r, c, e);
	used = scan(p, n, &r->left);
	if (r->left == 0) {
		r->state = IN_END;
		if (r->gathered.len == 0 && end_is_near(p + used, n - used)) {
			r->rec.doc = cur_take(c, used);
			r->rec.len = used;
			return 0;
		}
	} else if (used < n) {
		if (need(p[used]) == 0 || need(p[used]) <= n - used)
			return bad_char(
			    r, place(r, c) + used, p + used, n - used, e);
		r->npart = (unsigned)(n - used);
		used = n;
	}
	return buf_put(&r->gathered, cur_take(c, used), used, e);
}

static int
step_end(struct package_meta *r, struct cur *c, struct err *e)
{
	if (r->have == 0 && *c->p == '\r') {
		cur_skip(c, 1);
		r->have = 1;
		return 0;
	}
	if (*c->p != '\n')
		return err_at(e, place(r, c),
		    "expected %s after %" PRIu32
		    " UTF-16 units, found byte 0x%02x",
		    r->have == 0 ? "CR LF" : "LF", r->rec.units, *c->p);
	if (r->rec.doc == NULL) {
		r->rec.doc = r->gathered.p;
		r->rec.len = r->gathered.len;
	}
	/* A document of one unit too many would take the CR for its own. */
	if (r->have == 0 && r->rec.doc[r->rec.len - 1] == '\r')
		return err_at(e, place(r, c) - 1,
		    "length: CR LF after %" PRIu32
		    " UTF-16 units, expected after %" PRIu32,
		    r->rec.units - 1, r->rec.units);
	cur_skip(c, 1);
	if (r->have == 0)
		r->lf_only++;
	r->have = 0;
	r->state = IN_HEAD;
	if (r->record == NULL)
		return 0;
	return r->record(r->arg, &r->rec, e);
}

static int
step_broken(struct package_meta *r, struct cur *c, struct err *e)
{
	return err_at(e, place(r, c), "more bytes after a fault");
}

static int
take_bytes(struct sink *s, const void *p, size_t n, struct err *e)
{
	static int (*const step[])(
	    struct package_meta * r, struct cur * c, struct err * e) = {
	    [IN_MARK] = step_mark,
	    [IN_HEAD] = step_head,
	    [IN_DOC] = step_doc,
	    [IN_END] = step_end,
	    [BROKEN] = step_broken,
	};
	struct package_meta *r = s->ctx;
	struct cur c;

	cur_init(&c, p, n);
	while (cur_left(&c) > 0)
		if (step[r->state](r, &c, e) == -1) {
			r->state = BROKEN;
			return err_ctx(e, "record %" PRIu64, r->nrecords);
		}
	r->off += n;
	return 0;
}

int
package_meta_open(struct package_meta **to,
    int (*record)(void *arg, const struct package_record *rec, struct err *e),
    void *arg, const struct package_limits *lim, struct err *e)
{
	const struct sink empty = SINK_INIT;
	struct package_meta *r = calloc(1, sizeof(*r));

	*to = r;
	if (r == NULL)
		return err_nomem(e);
	r->record = record;
	r->arg = arg;
	r->lim = lim == NULL ? package_default_limits : *lim;
	r->gathered = (struct buf)BUF_INIT_MAX(
	    (size_t)r->lim.max_units * MAX_BYTES_A_UNIT);
	r->sink = empty;
	r->sink.write = take_bytes;
	r->sink.ctx = r;
	r->state = IN_MARK;
	return 0;
}

struct sink *
package_meta_sink(struct package_meta *r)
{
	return &r->sink;
}

int
package_meta_finish(struct package_meta *r, uint64_t *nrecords,
    uint64_t *lf_only, struct err *e)
{
	static const char *const where[] = {
	    [IN_MARK] = "its byte order mark",
	    [IN_HEAD] = "its 55 bytes of header",
	    [IN_DOC] = "its document",
	    [IN_END] = "its line end",
	    [BROKEN] = "a fault",
	};

	if ((r->state != IN_HEAD && r->state != IN_MARK) || r->have != 0)
		return err_at(e, r->off, "record %" PRIu64 ": cut short in %s",
		    r->nrecords, where[r->state]);
	if (nrecords != NULL)
		*nrecords = r->nrecords;
	if (lf_only != NULL)
		*lf_only = r->lf_only;
	return 0;
}

void
package_meta_close(struct package_meta *r)
{
	if (r == NULL)
		return;
	buf_free(&r->gathered);
	free(r);
}

static void
put_hex(char *out, uint32_t v)
{
	const uint8_t be[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16),
	    (uint8_t)(v >> 8), (uint8_t)v};

	hex_lower(out, be, sizeof(be));
	out[8] = ',';
}

void
package_meta_head(char out[PACKAGE_META_HEAD + 1], const struct guid *id,
    uint32_t revision, uint32_t units)
{
	guid_write(out, id);
	out[GUID_LEN] = ',';
	put_hex(out + GUID_LEN + 1, revision);
	put_hex(out + GUID_LEN + 10, units);
	out[PACKAGE_META_HEAD] = '\0';
}
