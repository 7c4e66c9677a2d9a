/* SPDX-License-Identifier: ISC */
#include "tests/print.h"

#include "formats/policy_priv.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"

static int
print_words(struct buf *b, const struct policy_key *k,
    const struct policy_words *w, struct err *e)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (buf_printf(b, e, "%s %s (line %u)\n", k->name, w->v[i].text,
			w->v[i].line) == -1)
			return -1;
	return 0;
}

int
policy_print(const struct policy *p, struct sink *to, struct err *e)
{
	struct buf b = BUF_INIT_MAX(8 * POLICY_MAX_BYTES);
	const struct policy_key *k;
	const char *at;
	int r = -1;

	for (k = policy_keys; k < policy_keys + POLICY_NKEYS; k++) {
		at = (const char *)p + k->off;
		if (k->kind == POLICY_YES)
			r = buf_printf(&b, e, "%s %s\n", k->name,
			    *(const bool *)at ? "yes" : "no");
		else if (k->kind != POLICY_DAYS)
			r = print_words(&b, k, policy_words_of(p, k), e);
		else if (p->max_age_days != 0)
			r = buf_printf(&b, e, "%s %u days\n", k->name,
			    (unsigned)p->max_age_days);
		if (r == -1)
			goto out;
	}
	r = sink_write(to, b.p, b.len, e);
out:
	buf_free(&b);
	return r;
}
