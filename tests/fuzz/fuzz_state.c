/* SPDX-License-Identifier: ISC */
/* Byte 0: bytes of a portion.  A line of a known kind that is read is written,
   and reads back as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/state.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int
line(void *arg, const struct state_line *s, const char *text, size_t len,
    struct err *e)
{
	static struct state_line again;
	struct buf b = BUF_INIT;
	struct sink to;

	(void)arg;
	(void)text;
	(void)len;
	if (s->type == STATE_UNKNOWN)
		return 0;
	sink_buf(&to, &b);
	if (state_write(s, &to, e) == -1 ||
	    state_read_line(&again, (const char *)b.p, b.len - 1, e) == -1 ||
	    s->type != again.type || s->unwanted != again.unwanted ||
	    memcmp(s->sha1, again.sha1, SHA1_LEN) != 0 ||
	    s->size != again.size || strcmp(s->name, again.name) != 0 ||
	    strcmp(s->url, again.url) != 0 || s->count != again.count ||
	    memcmp(s->sha256, again.sha256, SHA256_LEN) != 0 ||
	    s->has_revision != again.has_revision ||
	    s->revision != again.revision ||
	    (s->has_id && guid_cmp(&s->id, &again.id) != 0))
		abort();
	buf_free(&b);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct err e = ERR_INIT;
	struct state *r = NULL;
	size_t step;
	int ret;

	if (n < 1)
		return 0;
	step = p[0] == 0 ? n : p[0];
	ret = state_open(&r, line, NULL, &e);
	for (size_t at = 1; at < n && ret == 0; at += step)
		ret = sink_write(
		    state_sink(r), p + at, n - at < step ? n - at : step, &e);
	if (ret == 0)
		ret = state_finish(r, &e);
	if (ret == -1 && e.kind != E_FORMAT && e.kind != E_LIMIT)
		abort();
	state_close(r);
	return 0;
}
