/* SPDX-License-Identifier: ISC */
#include "tests/print.h"

#include <inttypes.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"

static int
put_method(struct buf *b, const struct cab_folder *f, struct err *e)
{
	static const char *const names[] = {
	    "stored    ", "MSZIP     ", "Quantum:", "LZX:"};

	if (f->comp <= CAB_MSZIP)
		return buf_puts(b, names[f->comp], e);
	return buf_printf(b, e, "%s%-*d", names[f->comp],
	    f->comp == CAB_LZX ? 6 : 2, (f->comp_type >> 8) & 0x1f);
}

/* A name is a stranger's: what could steer a terminal is shown as '?'. */
static int
put_name(struct buf *b, const char *name, struct err *e)
{
	if (buf_puts(b, "  ", e) == -1)
		return -1;
	for (; *name != '\0'; name++) {
		char ch = *name;

		if ((unsigned char)ch < ' ' || ch == 0x7f)
			ch = '?';
		if (buf_put(b, &ch, 1, e) == -1)
			return -1;
	}
	return buf_puts(b, "\n", e);
}

static int
put_file(struct buf *b, const struct cab_file *f, struct err *e)
{
	return buf_printf(b, e,
	    "%10" PRIu32 "  %04d-%02d-%02d %02d:%02d:%02d  ", f->size,
	    1980 + (f->date >> 9), f->date >> 5 & 15, f->date & 31,
	    f->time >> 11, f->time >> 5 & 63, (f->time & 31) * 2);
}

int
cab_print(const struct cab *c, struct sink *to, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = -1;

	for (unsigned i = 0; i < c->nfiles; i++) {
		const struct cab_file *f = &c->files[i];

		buf_reset(&b);
		if (put_file(&b, f, e) == -1 ||
		    put_method(&b, &c->folders[f->folder], e) == -1 ||
		    put_name(&b, f->name, e) == -1 ||
		    sink_write(to, b.p, b.len, e) == -1)
			goto out;
	}
	r = 0;
out:
	buf_free(&b);
	return r;
}
