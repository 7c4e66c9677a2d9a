/* SPDX-License-Identifier: ISC */
/*
 * A signature's text and both kinds of key file.  What is read as a key is
 * written and read again to the same key; no signature can be found by chance.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_pub(const struct sign_pub *p)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct sign_pub q;

	if (sign_pub_write(p, &b, &e) == -1 ||
	    sign_pub_read(&q, (const char *)b.p, b.len, &e) == -1 ||
	    memcmp(p, &q, sizeof(q)) != 0)
		abort();
	buf_free(&b);
}

static void
check_sec(const struct sign_sec *s)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct sign_sec t;

	if (sign_sec_write(s, &b, &e) == -1 ||
	    sign_sec_read(&t, (const char *)b.p, b.len, &e) == -1 ||
	    memcmp(s, &t, sizeof(t)) != 0)
		abort();
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char comment[SIGN_MAX_COMMENT + 1];
	struct err e = ERR_INIT;
	struct sign_pub pub = {.key = {1}};
	struct sign_sec sec;
	const char *text = (const char *)p;
	size_t which;

	if (sign_check(&pub, 1, "m", 1, text, n, &which, comment, &e) == 0)
		abort();
	if (e.kind != E_SIG)
		abort();
	err_clear(&e);
	if (sign_pub_read(&pub, text, n, &e) == 0)
		check_pub(&pub);
	err_clear(&e);
	if (sign_sec_read(&sec, text, n, &e) == 0)
		check_sec(&sec);
	return 0;
}
