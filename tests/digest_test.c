/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include "lib/base/digest.h"
#include "lib/base/enc.h"

struct vector {
	const char *text;
	unsigned times;
	const char *sha1, *sha256;
};

/* FIPS 180-4's examples and those of NIST's example files. */
static const struct vector vectors[] = {
    {"", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d",
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	"84983e441c3bd26ebaae4aa1f95129e5e54670f1",
	"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
     "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	1, "a49b2446a02c645bf419f995b67091253a04a259",
	"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    {"a", 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
	"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    {"0123456701234567012345670123456701234567012345670123456701234567", 10,
	"dea356a2cddd90c7a7ecedc5ebb563934f460452",
	"594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5"},
};

static void
check(const struct digest *d, const struct vector *v, unsigned which)
{
	char hex[2 * SHA256_LEN + 1];

	hex_lower(hex, d->sha1, SHA1_LEN);
	T_STR(hex,
	    which & DIGEST_SHA1 ? v->sha1
				: "0000000000000000000000000000000000000000");
	hex_lower(hex, d->sha256, SHA256_LEN);
	T_STR(hex,
	    which & DIGEST_SHA256
		? v->sha256
		: "0000000000000000000000000000000000000000000000000000000000"
		  "000000");
	T_EQ(d->bytes, strlen(v->text) * v->times);
}

T_TEST(published_vectors_come_out)
{
	struct digest_ctx c = DIGEST_CTX_INIT;
	struct err e = ERR_INIT;
	const struct vector *v;
	struct digest d;
	unsigned which, t;

	for (which = DIGEST_SHA1; which <= DIGEST_BOTH; which++) {
		T_CALL(digest_open(&c, which, &e), &e);
		for (v = vectors; v < vectors + 6; v++) {
			for (t = 0; t < v->times; t++)
				T_CALL(digest_add(
					   &c, v->text, strlen(v->text), &e),
				    &e);
			T_CALL(digest_done(&c, &d, &e), &e);
			check(&d, v, which);
			if (v->times > 1)
				continue;
			T_CALL(
			    digest_mem(which, v->text, strlen(v->text), &d, &e),
			    &e);
			check(&d, v, which);
		}
		digest_close(&c);
		digest_close(&c);
	}
}

T_TEST(portions_do_not_matter)
{
	enum { N = 200000 };
	static uint8_t in[N];
	static const size_t sizes[] = {
	    1, 63, 64, 65, 32767, 32768, 32769, 65536, 100001, N};
	struct digest_ctx c = DIGEST_CTX_INIT;
	struct err e = ERR_INIT;
	struct digest want, one, d;
	size_t i, at, n;

	for (i = 0; i < N; i++)
		in[i] = (uint8_t)t_random();
	T_CALL(digest_mem(DIGEST_SHA1, in, N, &want, &e), &e);
	T_CALL(digest_mem(DIGEST_SHA256, in, N, &one, &e), &e);
	memcpy(want.sha256, one.sha256, SHA256_LEN);
	T_CALL(digest_open(&c, DIGEST_BOTH, &e), &e);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (at = 0; at < N; at += n) {
			n = sizes[i] < N - at ? sizes[i] : N - at;
			T_CALL(digest_add(&c, in + at, n, &e), &e);
		}
		T_CALL(digest_done(&c, &d, &e), &e);
		T_MEM(&d, &want, sizeof(d));
	}
	digest_close(&c);
}

T_TEST(an_unfinished_digest_can_be_closed)
{
	struct digest_ctx c = DIGEST_CTX_INIT;
	struct err e = ERR_INIT;

	digest_close(&c);
	T_CALL(digest_open(&c, DIGEST_BOTH, &e), &e);
	T_CALL(digest_add(&c, "abc", 3, &e), &e);
	digest_close(&c);
}

T_MAIN
