/* SPDX-License-Identifier: ISC */
/*
 * A file that is there in pieces: each is read once, and hashed by itself and
 * as what it is a part of, while it is copied (invariant 9).  One that comes
 * out of a source is such a file without pieces.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/src.h"
#include "lib/base/stop.h"
#include "lib/store/payload_priv.h"

struct join {
	struct digest_ctx whole, piece;
	uint8_t *block; /* owned: SRC_BLOCK bytes */
	int to; /* borrowed; -1: nowhere */
	uint64_t left; /* bytes that the whole may still have */
	bool in_pieces;
};

static int
add_block(struct join *j, size_t n, struct err *e)
{
	if (n > j->left)
		return err_set(e, E_LIMIT, "more bytes than were declared");
	j->left -= n;
	if (digest_add(&j->whole, j->block, n, e) == -1 ||
	    (j->in_pieces && digest_add(&j->piece, j->block, n, e) == -1))
		return -1;
	return j->to == -1 ? 0 : out_fd_write(j->to, j->block, n, e);
}

static int
add_src(struct join *j, struct src *s, struct err *e)
{
	ssize_t n;

	for (;;) {
		if (stop_check(e) == -1 ||
		    (n = src_read(s, j->block, SRC_BLOCK, e)) == -1)
			return -1;
		if (n == 0)
			return 0;
		if (add_block(j, (size_t)n, e) == -1)
			return -1;
	}
}

static int
open_piece(
    const struct payload_piece *piece, int *fd, struct src *s, struct err *e)
{
	if (piece->flow != NULL)
		return piece->flow->open(piece->flow, piece->name, s, e);
	if (path_open(piece->dirfd, piece->name, fd, NULL, e) == -1)
		return -1;
	return src_fd(s, *fd, e);
}

static int
add_piece(struct join *j, const struct payload_piece *piece, struct err *e)
{
	struct payload_item it = {
	    .name = piece->name, .size = piece->size, .has_sha256 = true};
	struct src s = SRC_INIT;
	struct digest d;
	int fd = -1, r;

	memcpy(it.sha256, piece->sha256, SHA256_LEN);
	r = open_piece(piece, &fd, &s, e);
	if (r == 0)
		r = add_src(j, &s, e);
	src_close(&s);
	if (fd != -1)
		close(fd);
	if (r == 0 && (r = digest_done(&j->piece, &d, e)) == 0)
		r = payload_compare(&it, &d, e);
	return r == 0 ? 0 : err_ctx(e, "%s", piece->name);
}

static int
add_all(struct join *j, const struct payload_item *it, struct src *s,
    struct digest *d, struct err *e)
{
	j->in_pieces = s == NULL;
	if ((j->block = malloc(SRC_BLOCK)) == NULL)
		return err_nomem(e);
	if (digest_open(&j->whole, DIGEST_BOTH, e) == -1 ||
	    digest_open(&j->piece, DIGEST_SHA256, e) == -1)
		return -1;
	if (s != NULL && add_src(j, s, e) == -1)
		return -1;
	for (size_t i = 0; s == NULL && i < it->npieces; i++)
		if (add_piece(j, &it->pieces[i], e) == -1)
			return -1;
	return digest_done(&j->whole, d, e);
}

void
payload_join(const struct payload *p, struct payload_file *f, struct src *s)
{
	struct join j = {.whole = DIGEST_CTX_INIT, .piece = DIGEST_CTX_INIT};
	struct copy cp;

	f->err = (struct err)ERR_INIT;
	f->fd = -1;
	if (payload_begin_copy(p, f, &cp) == -1)
		return;
	cp.err = (struct err)ERR_INIT;
	j.to = cp.to;
	j.left = f->it->size;
	if (add_all(&j, f->it, s, &cp.digest, &cp.err) == 0)
		(void)payload_compare(f->it, &cp.digest, &cp.err);
	f->digest = cp.digest;
	(void)payload_end_copy(p, f, &cp);
	digest_close(&j.whole);
	digest_close(&j.piece);
	free(j.block);
}
