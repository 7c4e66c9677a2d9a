/* SPDX-License-Identifier: ISC */
/* What is noted of a part: what is read is written so that it reads the
   same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/fetch/download.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct download_info i, again;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;

	if (!download_info_read(&i, p, n))
		return 0;
	if (strpbrk(i.url, "\r\n ") != NULL ||
	    download_info_write(&i, &b, &e) == -1 ||
	    b.len > DOWNLOAD_INFO_MAX ||
	    !download_info_read(&again, b.p, b.len) || again.size != i.size ||
	    strcmp(again.url, i.url) != 0 || strcmp(again.etag, i.etag) != 0 ||
	    strcmp(again.modified, i.modified) != 0)
		abort();
	buf_free(&b);
	return 0;
}
