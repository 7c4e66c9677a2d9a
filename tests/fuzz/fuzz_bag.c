/* SPDX-License-Identifier: ISC */
/*
 * Byte 0: which tag file; byte 1: bytes of a portion.  Manifests, media.tsv and
 * ledger.tsv have one form only, so what was read is written to the byte.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/bag.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "tests/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int
line(void *arg, const struct bag_line *l, struct err *e)
{
	return bag_put_line(arg, l, e);
}

static int
medium(void *arg, const struct bag_medium_line *l, struct err *e)
{
	return bag_put_medium(arg, l, e);
}

static int
push(struct sink *s, const uint8_t *p, size_t n, size_t step, struct err *e)
{
	for (size_t at = 0; at < n; at += step)
		if (sink_write(s, p + at, n - at < step ? n - at : step, e) ==
		    -1)
			return -1;
	return 0;
}

static int
read_manifest(
    struct buf *b, const char *prefix, const uint8_t *p, size_t n, size_t step)
{
	struct err e = ERR_INIT;
	struct bag_manifest *m = NULL;
	int r = -1;

	if (bag_manifest_open(&m, prefix, line, b, &e) == 0 &&
	    push(bag_manifest_sink(m), p, n, step, &e) == 0)
		r = bag_manifest_finish(m, NULL, &e);
	bag_manifest_close(m);
	return r;
}

static int
read_media(struct buf *b, const uint8_t *p, size_t n, size_t step)
{
	struct err e = ERR_INIT;
	struct bag_media *m = NULL;
	int r = -1;

	if (bag_media_open(&m, medium, b, &e) == 0 &&
	    push(bag_media_sink(m), p, n, step, &e) == 0)
		r = bag_media_finish(m, NULL, &e);
	bag_media_close(m);
	return r;
}

static int
ledger(void *arg, const struct bag_ledger_line *l, struct err *e)
{
	return bag_put_ledger(arg, l, e);
}

static int
read_ledger(struct buf *b, const uint8_t *p, size_t n, size_t step)
{
	struct err e = ERR_INIT;
	struct bag_ledger *m = NULL;
	int r = -1;

	if (bag_ledger_open(&m, ledger, b, &e) == 0 &&
	    push(bag_ledger_sink(m), p, n, step, &e) == 0)
		r = bag_ledger_finish(m, NULL, &e);
	bag_ledger_close(m);
	return r;
}

static void
check_info(const uint8_t *p, size_t n)
{
	struct err e = ERR_INIT;
	struct bag_info i, again;
	struct buf b = BUF_INIT;
	struct sink s;

	if (bag_info_read(&i, p, n, &e) == -1)
		return;
	if (bag_info_write(&i, &b, &e) == -1 ||
	    bag_info_read(&again, b.p, b.len, &e) == -1 ||
	    memcmp(&i, &again, sizeof(i)) != 0)
		abort();
	sink_null(&s);
	if (bag_info_print(&i, &s, &e) == -1)
		abort();
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf b = BUF_INIT;
	size_t step;
	int r = -1;

	if (n < 2)
		return 0;
	step = p[1] == 0 ? n : p[1];
	switch (p[0] == 'L' ? 4 : p[0] % 4) {
	case 0:
		r = read_manifest(&b, "data/", p + 2, n - 2, step);
		break;
	case 1:
		r = read_manifest(&b, NULL, p + 2, n - 2, step);
		break;
	case 2:
		r = read_media(&b, p + 2, n - 2, step);
		break;
	case 4:
		r = read_ledger(&b, p + 2, n - 2, step);
		break;
	default:
		check_info(p + 2, n - 2);
		break;
	}
	if (r == 0 &&
	    (b.len != n - 2 || (b.len != 0 && memcmp(b.p, p + 2, b.len) != 0)))
		abort();
	buf_free(&b);
	return 0;
}
