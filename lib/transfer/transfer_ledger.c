/* SPDX-License-Identifier: ISC */
/* ledger.tsv: what the origin of a transfer published before it. */
#include <inttypes.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "lib/transfer/transfer_tags.h"

static int
add_line(void *arg, const struct bag_ledger_line *l, struct err *e)
{
	struct transfer *t = arg;

	if (l->sequence >= t->info.sequence)
		return err_set(e, E_FORMAT,
		    "sequence %" PRIu64
		    ": expected one below its own, %" PRIu64,
		    l->sequence, t->info.sequence);
	if (grow(&t->ledger, &t->capledger, t->nledger, sizeof(*t->ledger),
		e) == -1)
		return -1;
	t->ledger[t->nledger++] = *l;
	return 0;
}

static int
parse(struct transfer *t, const struct buf *text, struct err *e)
{
	struct bag_ledger *r = NULL;
	int result = -1;

	if (bag_ledger_open(&r, add_line, t, e) == 0 &&
	    sink_write(bag_ledger_sink(r), text->p, text->len, e) == 0)
		result = bag_ledger_finish(r, NULL, e);
	bag_ledger_close(r);
	return result;
}

static int
check_base(const struct transfer *t, struct err *e)
{
	for (size_t i = 0; i < t->nledger; i++)
		if (t->ledger[i].sequence == t->info.base)
			return 0;
	return t->info.base == 0
	    ? 0
	    : err_set(e, E_FORMAT,
		  "expected a line for %" PRIu64 ", which it builds on",
		  t->info.base);
}

int
transfer_head(uint8_t head[SHA256_LEN], const void *ledger, size_t n,
    uint64_t sequence, const uint8_t tag[SHA256_LEN], struct err *e)
{
	struct bag_ledger_line own = {.sequence = sequence};
	struct buf all = BUF_INIT;
	struct digest d;
	int r = -1;

	memcpy(own.sha256, tag, SHA256_LEN);
	if (buf_put(&all, ledger, n, e) == 0 &&
	    bag_put_ledger(&all, &own, e) == 0)
		r = digest_mem(DIGEST_SHA256, all.p, all.len, &d, e);
	if (r == 0)
		memcpy(head, d.sha256, SHA256_LEN);
	buf_free(&all);
	return r;
}

int
transfer_ledger(struct transfer *t, struct src *s, struct err *e)
{
	struct buf text = BUF_INIT_MAX(BAG_MAX_TAG);
	struct sink to;
	int r = -1;

	sink_buf(&to, &text);
	if (src_copy(s, &to, e) == 0 && parse(t, &text, e) == 0 &&
	    check_base(t, e) == 0)
		r = transfer_head(
		    t->head, text.p, text.len, t->info.sequence, t->tag, e);
	t->has_ledger = r == 0;
	buf_free(&text);
	return r;
}
