/* SPDX-License-Identifier: ISC */
/* A ring file that is read is within its limits, and can be printed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/rings.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "tests/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
check(const struct rings *r)
{
	const struct rings_ring *g;
	size_t i;

	if (r->n > RINGS_MAX)
		abort();
	for (i = 0; i < r->n; i++) {
		g = &r->v[i];
		if (g->inherits >= (int)i || strlen(g->name) == 0 ||
		    strlen(g->name) > RINGS_MAX_NAME ||
		    g->deadline_s >= 86400 ||
		    (g->action == RINGS_UNINSTALL && !rings_selects(g)))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rings r = RINGS_INIT;
	struct arena a = ARENA_INIT((size_t)16 << 20);
	struct policy_words w;
	struct sink to = SINK_INIT;
	struct err e = ERR_INIT;

	sink_null(&to);
	if (rings_read(&r, p, n, &e) == 0) {
		check(&r);
		if (rings_print(&r, &to, &e) == -1)
			abort();
	} else if (e.kind != E_FORMAT && e.kind != E_LIMIT)
		abort();
	rings_free(&r);
	err_clear(&e);
	if (rings_list_read(&w, &a, p, n, &e) == -1 && e.kind != E_FORMAT &&
	    e.kind != E_LIMIT)
		abort();
	arena_free(&a);
	return 0;
}
