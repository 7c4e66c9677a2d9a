/* SPDX-License-Identifier: ISC */
#include "tests/rings_say.h"

#include <stdio.h>

#include "formats/rings.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "tests/print.h"

const char *
rings_say(const void *text, size_t n)
{
	static char out[8192];
	struct rings r = RINGS_INIT;
	struct buf b = BUF_INIT;
	struct sink to = SINK_INIT;
	struct err e = ERR_INIT;

	sink_buf(&to, &b);
	if (rings_read(&r, text, n, &e) == -1 ||
	    rings_print(&r, &to, &e) == -1 || buf_str(&b, &e) == NULL)
		snprintf(out, sizeof(out), "%u %s", e.kind, e.msg);
	else
		snprintf(out, sizeof(out), "%s", (char *)b.p);
	buf_free(&b);
	rings_free(&r);
	return out;
}
