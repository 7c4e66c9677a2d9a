/* SPDX-License-Identifier: ISC */
/* Tag files, in the order in which each covers those before it. */
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/sink.h"
#include "lib/export/export_priv.h"
#include "lib/transfer/transfer.h"

static int
put_buf(struct sink *to, struct buf *b, struct err *e)
{
	int r = sink_write(to, b->p, b->len, e);

	buf_reset(b);
	return r;
}

static int
make_declaration(struct export *x, struct sink *to, struct err *e)
{
	(void)x;
	return sink_puts(to, bag_declaration, e);
}

static int
make_info(struct export *x, struct sink *to, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = bag_info_write(&x->info, &b, e);

	if (r == 0)
		r = put_buf(to, &b, e);
	buf_free(&b);
	return r;
}

static int
manifest_line(const struct export_entry *f, struct buf *b, struct err *e)
{
	struct bag_line l = {.name = f->name};

	memcpy(l.sha256, f->sha256, SHA256_LEN);
	return bag_put_line(b, &l, e);
}

static int
media_line(const struct export_entry *f, struct buf *b, struct err *e)
{
	struct bag_medium_line l = {
	    .name = f->name, .size = f->size, .medium = f->medium};

	memcpy(l.sha256, f->sha256, SHA256_LEN);
	return bag_put_medium(b, &l, e);
}

static int
put_lines(const struct export_list *list, struct sink *to,
    int (*line)(const struct export_entry *f, struct buf *b, struct err *e),
    struct err *e)
{
	struct buf b = BUF_INIT;
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->n; i++) {
		r = line(&list->v[i], &b, e);
		if (r == 0)
			r = put_buf(to, &b, e);
	}
	buf_free(&b);
	return r;
}

static int
make_ledger(struct export *x, struct sink *to, struct err *e)
{
	if (export_ledger(x, e) == -1)
		return -1;
	return sink_write(to, x->ledger.p, x->ledger.len, e);
}

static int
make_manifest(struct export *x, struct sink *to, struct err *e)
{
	return put_lines(&x->files_list, to, manifest_line, e);
}

static int
make_media(struct export *x, struct sink *to, struct err *e)
{
	return put_lines(
	    x->on_media ? &x->whole : &x->files_list, to, media_line, e);
}

static void
fill_oxum(struct export *x)
{
	x->info.oxum_files = x->files_list.n;
	x->info.oxum_bytes = 0;
	for (size_t i = 0; i < x->files_list.n; i++)
		x->info.oxum_bytes += x->files_list.v[i].size;
}

static const struct tag {
	const char *name;
	int (*make)(struct export *x, struct sink *to, struct err *e);
} tag_table[] = {
    {BAG_DECLARATION, make_declaration},
    {BAG_INFO, make_info},
    {BAG_LEDGER, make_ledger},
    {BAG_MANIFEST, make_manifest},
    {BAG_MEDIA, make_media},
    {BAG_README, export_far_readme},
    {BAG_VERIFY, export_far_verify},
};

static int
put_whole(
    struct export *x, const char *name, const struct buf *b, struct err *e)
{
	struct out o = OUT_INIT;
	int r = -1;

	if (out_open(&o, x->root, name, 0644, e) == 0 &&
	    out_write(&o, b->p, b->len, e) == 0 && out_commit(&o, e) == 0)
		r = 0;
	out_abort(&o);
	return r;
}

/* The tag manifest, its digest for the ledger, and the signature over it. */
static int
put_signed(struct export *x, struct err *e)
{
	struct buf tag = BUF_INIT, sig = BUF_INIT;
	struct sink to;
	struct digest d;
	uint8_t head[SHA256_LEN] = {0};
	char comment[256];
	int r = -1;

	sink_buf(&to, &tag);
	snprintf(comment, sizeof(comment), "transfer %s sequence %llu",
	    x->info.id, (unsigned long long)x->info.sequence);
	if (put_lines(&x->tags_list, &to, manifest_line, e) == 0 &&
	    digest_mem(DIGEST_SHA256, tag.p, tag.len, &d, e) == 0 &&
	    sign_make(&x->key, tag.p, tag.len, comment, &sig, e) == 0 &&
	    put_whole(x, BAG_TAGMANIFEST, &tag, e) == 0 &&
	    put_whole(x, BAG_SIGNATURE, &sig, e) == 0) {
		memcpy(x->row.tag, d.sha256, SHA256_LEN);
		x->row.has_tag = x->row.has_head = true;
		r = transfer_head(head, x->ledger.p, x->ledger.len,
		    x->row.sequence, x->row.tag, e);
		memcpy(x->row.head, head, sizeof(x->row.head));
	}
	buf_free(&tag);
	buf_free(&sig);
	return r;
}

int
export_tags(struct export *x, struct err *e)
{
	export_sort(&x->files_list);
	fill_oxum(x);
	x->row.bytes = x->info.oxum_bytes;
	for (size_t i = 0; i < sizeof(tag_table) / sizeof(tag_table[0]); i++)
		if (export_put(x, &x->tags_list, x->root, tag_table[i].name,
			tag_table[i].name, tag_table[i].make, e) == -1)
			return -1;
	export_sort(&x->tags_list);
	return put_signed(x, e);
}
