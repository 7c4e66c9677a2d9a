/* SPDX-License-Identifier: ISC */
/* What is read is written to the byte. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/wanted.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct wanted w;
	struct sink to;

	if (wanted_read(&w, p, n, &wanted_default_limits, &e) == 0) {
		sink_buf(&to, &b);
		if (wanted_write(&w, &wanted_default_limits, &to, &e) == -1 ||
		    b.len != n || memcmp(b.p, p, n) != 0)
			abort();
	} else if (e.kind != E_FORMAT && e.kind != E_LIMIT) {
		abort();
	}
	buf_free(&b);
	wanted_free(&w);
	return 0;
}
