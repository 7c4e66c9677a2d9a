/* SPDX-License-Identifier: ISC */
/* What a document says is bounded, whole, and can be printed; it is the same
   however it is read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/update.h"
#include "formats/xml.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "tests/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
check(const struct update *u)
{
	char ext[UPDATE_EXT_MAX + 1];
	size_t i, j;

	if (u->revision > INT32_MAX || *update_type_word(u->type) == '\0' ||
	    (u->category != CATEGORY_NONE && u->type != UPDATE_CATEGORY))
		abort();
	for (i = 0; i < u->nfiles; i++) {
		update_file_ext(ext, u->files[i].name);
		if (strspn(ext,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
			"UVWXYZ0123456789") != strlen(ext))
			abort();
		for (j = 0; j < i && i < 50; j++)
			if (memcmp(u->files[i].sha1, u->files[j].sha1,
				SHA1_LEN) == 0)
				abort();
	}
	for (i = 1; i < u->nprereqs; i++)
		if (u->prereqs[i].group < u->prereqs[i - 1].group)
			abort();
	for (i = 0; i < u->ntitles; i++)
		if (u->titles[i].lang == NULL || u->titles[i].title == NULL)
			abort();
}

static void
print(struct buf *b, const struct update *u)
{
	struct err e = ERR_INIT;
	struct sink to = SINK_INIT;

	buf_reset(b);
	sink_buf(&to, b);
	if (update_print(u, &to, &e) == -1)
		abort();
}

static int
read_doc(struct arena *a, struct update *u, const uint8_t *p, size_t n)
{
	static struct update_reader *r;
	struct err e = ERR_INIT;

	if (r == NULL) {
		xml_init();
		if (update_reader_open(&r, NULL, &e) == -1)
			abort();
	}
	arena_reset(a);
	if (update_read(r, u, a, p, n, &e) == 0)
		return 0;
	if (e.kind != E_FORMAT && e.kind != E_LIMIT)
		abort();
	return -1;
}

/* Behind it an instruction, so that it is not read quickly. */
static void
check_slow(struct arena *a, const uint8_t *p, size_t n, const struct buf *want)
{
	static const char slow[] = "<?x?>";
	static struct buf doc = BUF_INIT, b = BUF_INIT;
	struct err e = ERR_INIT;
	struct update u;

	buf_reset(&doc);
	if (buf_put(&doc, p, n, &e) == -1 ||
	    buf_put(&doc, slow, sizeof(slow) - 1, &e) == -1 ||
	    read_doc(a, &u, doc.p, doc.len) == -1)
		abort();
	print(&b, &u);
	if (b.len != want->len || memcmp(b.p, want->p, b.len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct arena a = ARENA_INIT((size_t)16 << 20);
	static struct buf b = BUF_INIT;
	struct update u;

	if (read_doc(&a, &u, p, n) == -1)
		return 0;
	check(&u);
	print(&b, &u);
	check_slow(&a, p, n, &b);
	return 0;
}
