/* SPDX-License-Identifier: ISC */
/*
 * Bytes as they are, and with the right hash at their end: what is read is
 * written the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/snapshot.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "tests/snapshot_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
run(const struct buf *b)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct buf again = BUF_INIT;
	struct err e = ERR_INIT;

	if (snapshot_read(&s, b->p, b->len, &e) == 0) {
		if (snapshot_bytes(&s, &again, &e) == -1 ||
		    again.len != b->len || memcmp(again.p, b->p, b->len) != 0)
			abort();
	} else if (e.kind != E_FORMAT && e.kind != E_DIGEST &&
	    e.kind != E_LIMIT) {
		abort();
	}
	snapshot_free(&s);
	buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	if (buf_put(&b, p, n, &e) == -1 || buf_str(&b, &e) == NULL)
		abort();
	run(&b);
	snapshot_seal(&b);
	run(&b);
	buf_free(&b);
	return 0;
}
