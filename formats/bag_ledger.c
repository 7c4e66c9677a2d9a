/* SPDX-License-Identifier: ISC */
#include "formats/bag.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/bag_lines.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

static const char *const words[] = {"written", "resumed"};

struct bag_ledger {
	struct bag_lines lines;
	int (*line)(void *arg, const struct bag_ledger_line *l, struct err *e);
	void *arg;
	uint64_t last; /* sequence of the line before */
};

/* The words, by whether it is resumed. */
static bool
read_word(bool *resumed, const char *s, size_t n)
{
	for (unsigned i = 0; i < 2; i++)
		if (strlen(words[i]) == n && memcmp(words[i], s, n) == 0) {
			*resumed = i == 1;
			return true;
		}
	return false;
}

static int
check_order(struct bag_ledger *r, uint64_t sequence, struct err *e)
{
	if (r->lines.n > BAG_MAX_LEDGER)
		return err_set(
		    e, E_LIMIT, "more than %d lines", BAG_MAX_LEDGER);
	if (sequence <= r->last)
		return bag_lines_bad(&r->lines, 0,
		    "a higher sequence than in the line before", e);
	r->last = sequence;
	return 0;
}

static int
on_line(struct bag_lines *l, const char *text, size_t len, struct err *e)
{
	struct bag_ledger *r = l->owner;
	struct bag_ledger_line out;
	struct bag_field f[3];

	if (bag_lines_split(l, text, len, f, 3, e) == -1)
		return -1;
	if (!bag_num(
		&out.sequence, text + f[0].col, f[0].len, 1, BAG_MAX_NUMBER))
		return bag_lines_bad(l, f[0].col, "a sequence from 1", e);
	if (bag_lines_sha256(l, text, f[1].col, f[1].len, out.sha256, e) == -1)
		return -1;
	if (!read_word(&out.resumed, text + f[2].col, f[2].len))
		return bag_lines_bad(
		    l, f[2].col, "the word 'written' or 'resumed'", e);
	if (check_order(r, out.sequence, e) == -1)
		return -1;
	return r->line == NULL ? 0 : r->line(r->arg, &out, e);
}

int
bag_ledger_open(struct bag_ledger **to,
    int (*line)(void *arg, const struct bag_ledger_line *l, struct err *e),
    void *arg, struct err *e)
{
	struct bag_ledger *r = calloc(1, sizeof(*r));

	*to = r;
	if (r == NULL)
		return err_nomem(e);
	bag_lines_init(&r->lines, BAG_MAX_TAG, on_line, r);
	r->line = line;
	r->arg = arg;
	return 0;
}

struct sink *
bag_ledger_sink(struct bag_ledger *r)
{
	return &r->lines.sink;
}

int
bag_ledger_finish(struct bag_ledger *r, uint64_t *nlines, struct err *e)
{
	return bag_lines_finish(&r->lines, nlines, e);
}

void
bag_ledger_close(struct bag_ledger *r)
{
	free(r);
}

int
bag_put_ledger(struct buf *b, const struct bag_ledger_line *l, struct err *e)
{
	char hex[2 * SHA256_LEN + 1];

	if (l->sequence < 1 || l->sequence > BAG_MAX_NUMBER)
		return err_set(e, E_FORMAT,
		    "expected a sequence from 1, found %" PRIu64, l->sequence);
	hex_lower(hex, l->sha256, SHA256_LEN);
	return buf_printf(
	    b, e, "%" PRIu64 "\t%s\t%s\n", l->sequence, hex, words[l->resumed]);
}
