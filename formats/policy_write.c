/* SPDX-License-Identifier: ISC */
#include "formats/policy.h"

#include <stdlib.h>
#include <string.h>

#include "formats/policy_priv.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "lib/base/sort.h"

static int
put_words(struct buf *b, const struct policy_key *k,
    const struct policy_words *w, struct err *e)
{
	const char **text;
	size_t i;
	int r = -1;

	if (w->n == 0)
		return 0;
	if ((text = calloc(w->n, sizeof(*text))) == NULL)
		return err_nomem(e);
	for (i = 0; i < w->n; i++)
		text[i] = w->v[i].text;
	sort_up(text, w->n, sizeof(*text), sort_by_text);
	for (i = 0; i < w->n; i++)
		if ((i == 0 || strcmp(text[i], text[i - 1]) != 0) &&
		    buf_printf(b, e, "%s = %s%s\n", k->name,
			k->kind == POLICY_KB ||
				(k->kind == POLICY_KB_OR_ID &&
				    strchr(text[i], '-') == NULL)
			    ? "KB"
			    : "",
			text[i]) == -1)
			goto out;
	r = 0;
out:
	free(text);
	return r;
}

static int
put_key(struct buf *b, const struct policy *p, const struct policy_key *k,
    struct err *e)
{
	const char *at = (const char *)p + k->off;

	if (k->kind == POLICY_YES)
		return *(const bool *)at
		    ? buf_printf(b, e, "%s = yes\n", k->name)
		    : 0;
	if (k->kind == POLICY_DAYS)
		return p->max_age_days != 0
		    ? buf_printf(
			  b, e, "%s = %u\n", k->name, (unsigned)p->max_age_days)
		    : 0;
	return put_words(b, k, policy_words_of(p, k), e);
}

int
policy_write(const struct policy *p, struct sink *to, struct err *e)
{
	struct buf b = BUF_INIT_MAX(4 * POLICY_MAX_BYTES);
	size_t i;
	int r = -1;

	for (i = 0; i < POLICY_NKEYS; i++)
		if (put_key(&b, p, &policy_keys[i], e) == -1)
			goto out;
	r = sink_write(to, b.p, b.len, e);
out:
	buf_free(&b);
	return r;
}
