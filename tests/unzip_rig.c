/* SPDX-License-Identifier: ISC */
#include "tests/unzip_rig.h"

#include "formats/cab.h"
#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "tests/cab_twin.h"
#include "tests/t.h"

uint8_t whole[CAB_BLOCK];
struct deflate block, before;
uint8_t lens[288], dists[32];
unsigned nlens, ndists;

int
unzip_extract(const struct buf *p, struct buf *got, struct err *e)
{
	struct cab_body *b = NULL;
	struct cab c = CAB_INIT;
	struct sink to;
	struct src s;
	int r;

	src_mem(&s, p->p, p->len);
	sink_buf(&to, got);
	T_CALL(cab_read(&c, &s, &cab_default_limits, e), e);
	T_CALL(cab_body_open(&b, &c, &s, e), e);
	r = cab_body_extract(b, 0, &to, e);
	cab_body_close(b);
	cab_free(&c);
	return r;
}

void
unzip_before(void)
{
	for (size_t i = 0; i < sizeof(whole); i++)
		whole[i] = (uint8_t)(i * 5 + i / 256);
	deflate_begin(&before, CAB_BLOCK);
	deflate_stored(&before, true, whole, CAB_BLOCK);
}

void
unzip_refused(
    const struct buf *b, enum they they, uint64_t at, const char *says)
{
	struct twin w = cab_twin(b->p, b->len);
	struct buf got = BUF_INIT;
	struct err e = ERR_INIT;

	T_EQ(unzip_extract(b, &got, &e), -1);
	T_EQ(e.at, at);
	T_FAILS(-1, &e, E_FORMAT, says);
	T_OK(!w.ours);
	T_EQ(w.theirs, they == THEY_TAKE);
	if (w.differs != NULL)
		t_fail(__FILE__, __LINE__, "%s: %s", says, w.differs);
	buf_free(&got);
}

void
unzip_refused_block(enum they they, size_t at, const char *says)
{
	const struct deflate *const one[] = {&block};
	struct buf b = BUF_INIT;

	deflate_cab(&b, one, 1, block.size);
	unzip_refused(&b, they, STREAM + at, says);
	buf_free(&b);
}

void
unzip_given(const struct deflate *const *blocks, unsigned n, const void *want,
    uint32_t size)
{
	struct buf b = BUF_INIT, got = BUF_INIT;
	struct err e = ERR_INIT;
	struct twin w;

	deflate_cab(&b, blocks, n, size);
	T_CALL(unzip_extract(&b, &got, &e), &e);
	T_EQ(got.len, size);
	if (got.len == size)
		T_MEM(got.p, want, size);
	w = cab_twin(b.p, b.len);
	T_OK(w.ours && w.theirs && w.differs == NULL);
	buf_free(&got);
	buf_free(&b);
}

void
unzip_given_block(const char *want)
{
	const struct deflate *const one[] = {&block};

	unzip_given(one, 1, want, (uint32_t)strlen(want));
}

void
unzip_plain_codes(void)
{
	memset(lens, 0, sizeof(lens));
	memset(dists, 0, sizeof(dists));
	lens['a'] = lens['b'] = lens['c'] = 2;
	lens['d'] = lens[256] = 3;
	dists[0] = dists[1] = 1;
	nlens = 257;
	ndists = 2;
}

void
unzip_put_codes(bool last)
{
	deflate_dynamic(&block, last, nlens, ndists);
	deflate_lengths(&block, lens, nlens);
	deflate_lengths(&block, dists, ndists);
}

void
unzip_put_coded(const char *text)
{
	for (; *text != '\0'; text++)
		deflate_coded(&block, lens, nlens, (uint8_t)*text);
}

void
unzip_put_end(void)
{
	deflate_coded(&block, lens, nlens, 256);
}
