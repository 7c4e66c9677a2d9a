/* SPDX-License-Identifier: ISC */
/* Cabinets: the directory, the check, every member; memory and stream. */
#include <stddef.h>
#include <stdint.h>

#include "formats/cab.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "tests/cab_make.h"
#include "tests/cab_twin.h"
#include "tests/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int
ignore(void *arg, const struct err *fault, struct err *e)
{
	(void)arg, (void)fault, (void)e;
	return 0;
}

static void
unpack(const struct cab *c, struct src *s)
{
	struct err e = ERR_INIT;
	struct cab_body *b = NULL;
	struct sink to;

	if (cab_body_open(&b, c, s, &e) == -1)
		return;
	for (unsigned i = 0; i < c->nfiles; i++) {
		sink_null(&to);
		if (cab_body_extract(b, i, &to, &e) == 0 &&
		    to.bytes != c->files[i].size)
			__builtin_trap();
		err_clear(&e);
	}
	cab_body_close(b);
}

static void
whole(struct src *s, bool again)
{
	struct cab_limits lim = cab_default_limits;
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct sink to;

	lim.max_unpacked = (uint64_t)16 << 20;
	if (cab_read(&c, s, &lim, &e) == 0) {
		sink_null(&to);
		(void)cab_print(&c, &to, &e);
		(void)cab_find(&c, "package.xml");
		if (again)
			(void)cab_check(&c, s, ignore, NULL, &e);
		unpack(&c, s);
	}
	cab_free(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct trickle t;
	struct src s;

	src_mem(&s, p, n);
	whole(&s, true);
	trickle_open(&t, p, n);
	t.step = 4096;
	whole(&t.s, false);
	if (cab_twin(p, n).differs != NULL)
		__builtin_trap();
	return 0;
}
