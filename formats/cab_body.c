/* SPDX-License-Identifier: ISC */
#include "formats/cab.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "formats/cab_priv.h"
#include "lib/base/err.h"

#define NO_FOLDER UINT32_MAX

struct cab_body {
	struct cab_in in;
	struct cab_mspack *mspack; /* owned; NULL until a folder needs it */
	struct cab_unzip *unzip; /* owned; the same */
	uint32_t folder; /* the one that is being unpacked */
	uint32_t next; /* byte of it unpacked next */
	uint64_t work; /* bytes decoded so far */
};

void
cab_body_leave(struct cab_body *b)
{
	if (b == NULL)
		return;
	if (b->mspack != NULL)
		cab_mspack_leave(b->mspack);
	if (b->unzip != NULL)
		cab_unzip_leave(b->unzip);
	b->folder = NO_FOLDER;
	b->next = 0;
}

int
cab_body_open(
    struct cab_body **bp, const struct cab *c, struct src *s, struct err *e)
{
	struct cab_body *b = *bp;

	if (b == NULL) {
		if ((b = malloc(sizeof(*b))) == NULL)
			return err_nomem(e);
		b->mspack = NULL;
		b->unzip = NULL;
		*bp = b;
	}
	cab_body_leave(b);
	cab_in_begin(&b->in, c, s);
	b->work = 0;
	return 0;
}

void
cab_body_close(struct cab_body *b)
{
	if (b == NULL)
		return;
	cab_mspack_free(b->mspack);
	cab_unzip_free(b->unzip);
	free(b);
}

/* Bytes of the blocks behind the last one that files need: of MSZIP, whoever
   takes the file that ends last has these looked at too. */
static uint64_t
rest(const struct cab_folder *f, uint64_t end)
{
	uint64_t blocks = (end + CAB_BLOCK - 1) / CAB_BLOCK;

	if (f->comp != CAB_MSZIP || end != f->end)
		return 0;
	return (f->nblocks - blocks) * CAB_BLOCK;
}

/* Taken backwards, a member costs all that stands before it again. */
static int
count_work(struct cab_body *b, const struct cab_file *f, struct err *e)
{
	const struct cab *c = b->in.c;
	uint64_t end = (uint64_t)f->off + f->size;
	uint64_t cost = end + rest(&c->folders[f->folder], end);
	uint64_t most = UINT64_MAX;

	if (c->max_unpacked < most / CAB_WORK)
		most = c->max_unpacked * CAB_WORK;
	if (f->off >= b->next)
		cost -= b->next;
	if (cost > most - b->work)
		return err_set(e, E_LIMIT,
		    "members taken in this order decode more than %" PRIu64
		    " bytes",
		    most);
	b->work += cost;
	b->next = (uint32_t)end;
	return 0;
}

static int
extract(struct cab_body *b, const struct cab_file *f, struct sink *to,
    struct err *e)
{
	if (b->folder != f->folder)
		cab_body_leave(b);
	b->folder = f->folder;
	if (count_work(b, f, e) == -1)
		return -1;
	if (b->in.c->folders[f->folder].comp == CAB_MSZIP) {
		if (b->unzip == NULL &&
		    cab_unzip_new(&b->unzip, &b->in, e) == -1)
			return -1;
		return cab_unzip_extract(b->unzip, f, to, e);
	}
	if (b->mspack == NULL && cab_mspack_new(&b->mspack, &b->in, e) == -1)
		return -1;
	return cab_mspack_extract(b->mspack, f, to, e);
}

int
cab_body_extract(
    struct cab_body *b, unsigned file, struct sink *to, struct err *e)
{
	const struct cab_file *f = &b->in.c->files[file];

	assert(file < b->in.c->nfiles);
	if (f->size == 0)
		return 0;
	if (extract(b, f, to, e) == -1) {
		cab_body_leave(b);
		return err_ctx(e, "%s", f->name);
	}
	return 0;
}
