/* SPDX-License-Identifier: ISC */
/* A policy that is read is written, and reads back as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/policy.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "tests/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Its canonical form; false: it is none. */
static bool
canonical(struct buf *b, const void *text, size_t n)
{
	struct policy p = POLICY_INIT;
	struct err e = ERR_INIT;
	struct sink to;
	bool ok;

	sink_null(&to);
	ok = policy_read(&p, text, n, &e) == 0;
	if (!ok && e.kind != E_FORMAT && e.kind != E_LIMIT)
		abort();
	if (ok && policy_print(&p, &to, &e) == -1)
		abort();
	sink_buf(&to, b);
	if (ok && policy_write(&p, &to, &e) == -1)
		abort();
	policy_free(&p);
	return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;

	if (canonical(&once, p, n) &&
	    (!canonical(&twice, once.p, once.len) || once.len != twice.len ||
		(once.len > 0 && memcmp(once.p, twice.p, once.len) != 0)))
		abort();
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
