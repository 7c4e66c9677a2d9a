/* SPDX-License-Identifier: ISC */
#include "lib/offer/config.h"

#include <stdlib.h>
#include <string.h>

#include "formats/snapshot.h"
#include "formats/wusp.h"
#include "lib/base/buf.h"

static bool
is_old(const struct snapshot *s, const struct snapshot *prev)
{
	return prev != NULL &&
	    memcmp(s->config_hash, prev->config_hash, BLAKE_LEN) == 0;
}

int
config_make(
    struct snapshot *s, const struct snapshot *prev, int64_t now, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = -1;

	if (wusp_put_config(&b, NULL, e) == -1)
		goto out;
	blake_of(s->config_hash, BLAKE_LEN, b.p, b.len);
	s->last_change = is_old(s, prev) ? prev->last_change : now;
	buf_reset(&b);
	if (wusp_put_config(&b, &s->last_change, e) == -1)
		goto out;
	free(s->config);
	s->config = b.p; /* and is freed with it */
	s->nconfig = b.len;
	b = (struct buf)BUF_INIT;
	r = 0;
out:
	buf_free(&b);
	return r;
}
