/* SPDX-License-Identifier: ISC */
/* Held and straight on alike; what is written is well-formed in an element. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/fragment.h"
#include "formats/xml.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int
run(struct fragment_writer *w, const uint8_t *p, size_t n, struct buf *b,
    struct err *e)
{
	struct sink to = SINK_INIT;
	const struct fragment_out out = {.to = &to};
	struct fragment_odd odd;

	buf_reset(b);
	sink_buf(&to, b);
	err_clear(e);
	if (buf_puts(b, "<all>", e) == -1)
		abort();
	if (fragment_write(w, p, n, &out, &odd, e) == -1) {
		if (e->kind != E_FORMAT && e->kind != E_LIMIT)
			abort();
		return -1;
	}
	if (buf_puts(b, "</all>", e) == -1)
		abort();
	return 0;
}

static void
check(const struct buf *b, struct err *e)
{
	static const struct xml_handler none = {NULL, NULL, NULL};
	struct xml_limits lim = xml_default_limits;
	struct xml *x;

	lim.max_text = SIZE_MAX / 2;
	lim.max_markup = SIZE_MAX / 2;
	lim.max_attr_bytes = SIZE_MAX / 2;
	lim.max_depth++;
	lim.max_attrs += 64;
	lim.max_ns += 64;
	if (xml_open(&x, &none, NULL, &lim, e) == -1 ||
	    xml_parse(x, b->p, b->len, e) == -1)
		abort();
	xml_close(x);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct fragment_writer *held, *direct;
	static struct buf a = BUF_INIT, b = BUF_INIT;
	struct fragment_limits lim = fragment_default_limits;
	struct err e = ERR_INIT;
	int r;

	if (held == NULL) {
		xml_init();
		lim.max_held = 0;
		if (fragment_writer_open(&held, NULL, &e) == -1 ||
		    fragment_writer_open(&direct, &lim, &e) == -1)
			abort();
	}
	r = run(held, p, n, &a, &e);
	if (run(direct, p, n, &b, &e) != r)
		abort();
	if (r == -1)
		return 0;
	if (a.len != b.len || memcmp(a.p, b.p, a.len) != 0)
		abort();
	check(&a, &e);
	return 0;
}
