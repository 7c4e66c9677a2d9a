/* SPDX-License-Identifier: ISC */
#include "tests/cab_twin.h"

#include <stdlib.h>
#include <string.h>

#include "formats/cab.h"
#include "formats/cab_priv.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"

#define MAX_UNPACKED ((uint64_t)16 << 20)

struct theirs {
	struct src s;
	struct cab_in in;
	struct cab_mspack *m;
	uint32_t folder;
};

static void
must(int r)
{
	if (r == -1)
		abort();
}

static int
take_theirs(struct theirs *t, const struct cab_file *f, struct sink *to)
{
	struct err e = ERR_INIT;
	int r;

	if (t->folder != f->folder)
		cab_mspack_leave(t->m);
	t->folder = f->folder;
	if ((r = cab_mspack_extract(t->m, f, to, &e)) == -1)
		cab_mspack_leave(t->m);
	return r;
}

/* One member by both; what one refuses may have given bytes before. */
static void
take(struct twin *w, struct cab_body *ours, struct theirs *theirs,
    const struct cab *c, unsigned i, uint8_t refused[])
{
	struct buf a = BUF_INIT_MAX(MAX_UNPACKED);
	struct buf b = BUF_INIT_MAX(MAX_UNPACKED);
	const struct cab_file *f = &c->files[i];
	struct err e = ERR_INIT;
	struct sink to;
	int mine, other;

	sink_buf(&to, &a);
	mine = cab_body_extract(ours, i, &to, &e);
	sink_buf(&to, &b);
	other = take_theirs(theirs, f, &to);
	w->ours &= mine == 0;
	w->theirs &= other == 0;
	if (mine == 0 && a.len != f->size)
		w->differs = "a length";
	if (mine == 0 && other == 0 &&
	    (a.len != b.len || memcmp(a.p, b.p, a.len) != 0))
		w->differs = "bytes";
	refused[f->folder] |= (uint8_t)((mine == -1) | (other == -1) << 1);
	buf_free(&a);
	buf_free(&b);
}

static void
take_all(
    struct twin *w, const struct cab *c, struct src *s, const void *p, size_t n)
{
	uint8_t *refused = calloc(c->nfolders, 1);
	struct theirs theirs = {.folder = 0};
	struct cab_body *ours = NULL;
	struct err e = ERR_INIT;

	src_mem(&theirs.s, p, n);
	cab_in_begin(&theirs.in, c, &theirs.s);
	must(refused == NULL ? -1 : 0);
	must(cab_mspack_new(&theirs.m, &theirs.in, &e));
	must(cab_body_open(&ours, c, s, &e));
	for (unsigned i = 0; i < c->nfiles; i++)
		if (c->folders[c->files[i].folder].comp == CAB_MSZIP &&
		    c->files[i].size != 0)
			take(w, ours, &theirs, c, i, refused);
	for (unsigned i = 0; i < c->nfolders; i++)
		if (refused[i] == 2)
			w->differs = "what libmspack refuses";
	cab_body_close(ours);
	cab_mspack_free(theirs.m);
	free(refused);
}

struct twin
cab_twin(const void *p, size_t n)
{
	struct twin w = {.ours = true, .theirs = true};
	struct cab_limits lim = cab_default_limits;
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct src s;

	lim.max_unpacked = MAX_UNPACKED;
	src_mem(&s, p, n);
	if (cab_read(&c, &s, &lim, &e) == 0)
		take_all(&w, &c, &s, p, n);
	cab_free(&c);
	return w;
}
