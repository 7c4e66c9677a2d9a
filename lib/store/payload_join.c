/* SPDX-License-Identifier: ISC */
/*
 * A file that is there in pieces: each is read once, and hashed by itself and
 * as what it is a part of, while it is copied (invariant 9).
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
};

static int
add_block(struct join *j, size_t n, struct err *e)
{
	if (n > j->left)
		return err_set(e, E_LIMIT, "more bytes than were declared");
	j->left -= n;
	if (digest_add(&j->whole, j->block, n, e) == -1 ||
	    digest_add(&j->piece, j->block, n, e) == -1)
		return -1;
	return j->to == -1 ? 0 : out_fd_write(j->to, j->block, n, e);
}

static int
add_fd(struct join *j, int fd, struct digest *d, struct err *e)
{
	struct src s = SRC_INIT;
	ssize_t n;
	int r = src_fd(&s, fd, e);

	while (r == 0) {
		if (stop_check(e) == -1 ||
		    (n = src_read(&s, j->block, SRC_BLOCK, e)) == -1)
			r = -1;
		else if (n == 0)
			break;
		else
			r = add_block(j, (size_t)n, e);
	}
	src_close(&s);
	return r == 0 ? digest_done(&j->piece, d, e) : -1;
}

static int
add_piece(struct join *j, const struct payload_piece *piece, struct err *e)
{
	struct payload_item it = {
	    .name = piece->name, .size = piece->size, .has_sha256 = true};
	struct digest d;
	int fd, r;

	memcpy(it.sha256, piece->sha256, SHA256_LEN);
	if (path_open(piece->dirfd, piece->name, &fd, NULL, e) == -1)
		return -1;
	r = add_fd(j, fd, &d, e);
	close(fd);
	if (r == 0)
		r = payload_compare(&it, &d, e);
	return r == 0 ? 0 : err_ctx(e, "%s", piece->name);
}

static int
add_pieces(struct join *j, const struct payload_item *it, struct digest *d,
    struct err *e)
{
	if ((j->block = malloc(SRC_BLOCK)) == NULL)
		return err_nomem(e);
	if (digest_open(&j->whole, DIGEST_BOTH, e) == -1 ||
	    digest_open(&j->piece, DIGEST_SHA256, e) == -1)
		return -1;
	for (size_t i = 0; i < it->npieces; i++)
		if (add_piece(j, &it->pieces[i], e) == -1)
			return -1;
	return digest_done(&j->whole, d, e);
}

void
payload_join(const struct payload *p, struct payload_file *f)
{
	struct join j = {.whole = DIGEST_CTX_INIT, .piece = DIGEST_CTX_INIT};
	struct copy cp = {.fd = -1, .to = -1, .err = ERR_INIT};
	bool staged = payload_is_staged(p, f->it);

	f->err = (struct err)ERR_INIT;
	f->fd = -1;
	if (staged &&
	    content_stage_begin(p->content, -1, -1, f->it->name, CONTENT_COPY,
		f->it->size, &f->st, &cp, &f->err) == -1)
		return;
	j.to = cp.to;
	j.left = f->it->size;
	if (add_pieces(&j, f->it, &cp.digest, &cp.err) == 0)
		(void)payload_compare(f->it, &cp.digest, &cp.err);
	f->digest = cp.digest;
	if (staged)
		(void)content_stage_end(p->content, -1, &f->st, &cp, &f->err);
	else
		f->err = cp.err;
	digest_close(&j.whole);
	digest_close(&j.piece);
	free(j.block);
}
