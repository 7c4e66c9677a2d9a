/* SPDX-License-Identifier: ISC */
#include "lib/transfer/transfer_tags.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/sort.h"
#include "lib/base/src.h"
#include "lib/transfer/intake.h"

static int
add_tag(void *arg, const struct bag_line *l, struct err *e)
{
	struct transfer *t = arg;

	return transfer_add(&t->arena, &t->tags, &t->ntags, &t->captags, l, e);
}

static int
add_file(void *arg, const struct bag_line *l, struct err *e)
{
	struct transfer *t = arg;

	return transfer_add(
	    &t->arena, &t->files, &t->nfiles, &t->capfiles, l, e);
}

/* What is on other media of the same transfer, behind the files of this one. */
static int
add_elsewhere(
    struct transfer *t, const struct bag_medium_line *l, struct err *e)
{
	struct bag_line line = {.name = l->name};
	struct transfer_file *f;

	memcpy(line.sha256, l->sha256, SHA256_LEN);
	if (transfer_add(
		&t->arena, &t->files, &t->nfiles, &t->capfiles, &line, e) == -1)
		return -1;
	f = &t->files[t->nfiles - 1];
	f->declared = l->size;
	f->medium = l->medium;
	f->in_media = f->elsewhere = true;
	t->nelsewhere++;
	return 0;
}

static int
add_medium(void *arg, const struct bag_medium_line *l, struct err *e)
{
	struct transfer *t = arg;
	struct transfer_file *f;

	f = transfer_look_up(t->files, t->nfiles - t->nelsewhere, l->name);
	if (f == NULL && l->medium != t->info.bag && l->medium <= t->info.bags)
		return add_elsewhere(t, l, e);
	if (f == NULL && l->medium > t->info.bags)
		log_finding(t->log, E_FORMAT, BAG_MEDIA, E_NO_OFFSET,
		    "%s is on medium %u there, and Bag-Count is %u of %u",
		    l->name, l->medium, t->info.bag, t->info.bags);
	if (f == NULL)
		log_finding(t->log, E_FORMAT, BAG_MEDIA, E_NO_OFFSET,
		    "%s is not in %s", l->name, BAG_MANIFEST);
	else if (memcmp(f->sha256, l->sha256, SHA256_LEN) != 0)
		log_finding(t->log, E_FORMAT, BAG_MEDIA, E_NO_OFFSET,
		    "%s has another SHA-256 than in %s", l->name, BAG_MANIFEST);
	else {
		f->in_media = true;
		f->declared = l->size;
		f->medium = l->medium;
	}
	return 0;
}

static int
parse_manifest(struct transfer *t, struct src *s, const char *prefix,
    int (*line)(void *arg, const struct bag_line *l, struct err *e),
    struct err *e)
{
	struct bag_manifest *m = NULL;
	int r = -1;

	if (bag_manifest_open(&m, prefix, line, t, e) == 0 &&
	    src_copy(s, bag_manifest_sink(m), e) == 0)
		r = bag_manifest_finish(m, NULL, e);
	bag_manifest_close(m);
	return r;
}

static int
parse_files(struct transfer *t, struct src *s, struct err *e)
{
	return parse_manifest(t, s, "data/", add_file, e);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct transfer_file *)a)->name,
	    ((const struct transfer_file *)b)->name);
}

static int
parse_media(struct transfer *t, struct src *s, struct err *e)
{
	struct bag_media *m = NULL;
	int r = -1;

	if (bag_media_open(&m, add_medium, t, e) == 0 &&
	    src_copy(s, bag_media_sink(m), e) == 0)
		r = bag_media_finish(m, NULL, e);
	bag_media_close(m);
	sort_up(t->files, t->nfiles, sizeof(*t->files), by_name);
	return r;
}

static int
parse_info(struct transfer *t, struct src *s, struct err *e)
{
	struct buf text = BUF_INIT_MAX(BAG_MAX_TAG);
	struct sink to;
	int r = -1;

	sink_buf(&to, &text);
	if (src_copy(s, &to, e) == 0)
		r = bag_info_read(&t->info, text.p, text.len, e);
	buf_free(&text);
	return r;
}

static int
parse_declaration(struct transfer *t, struct src *s, struct err *e)
{
	struct buf text = BUF_INIT_MAX(BAG_MAX_TAG);
	struct sink to;
	int r;

	(void)t;
	sink_buf(&to, &text);
	r = src_copy(s, &to, e);
	if (r == 0 &&
	    (text.len != strlen(bag_declaration) ||
		memcmp(text.p, bag_declaration, text.len) != 0))
		r = err_set(e, E_FORMAT,
		    "not the declaration of a BagIt 1.0 bag in UTF-8");
	buf_free(&text);
	return r;
}

/* In the order in which they are read: media.tsv needs the manifest. */
static const struct tag {
	const char *name;
	uint64_t max;
	int (*parse)(struct transfer *t, struct src *s, struct err *e);
	bool optional; /* unless it builds on another */
} tag_table[] = {
    {BAG_DECLARATION, BAG_MAX_TAG, parse_declaration, false},
    {BAG_INFO, BAG_MAX_TAG, parse_info, false},
    {BAG_LEDGER, BAG_MAX_TAG, transfer_ledger, true},
    {BAG_MANIFEST, BAG_MAX_MANIFEST, parse_files, false},
    {BAG_MEDIA, BAG_MAX_MANIFEST, parse_media, false},
};
#define NTAGS (sizeof(tag_table) / sizeof(tag_table[0]))

/* Copy, compare, and parse from the copy where somebody knows how. */
static int
read_tag(struct transfer *t, const struct transfer_file *f, uint64_t max,
    int (*parse)(struct transfer *t, struct src *s, struct err *e),
    struct err *e)
{
	struct intake in = INTAKE_INIT;
	struct src src = SRC_INIT;
	int r = -1;

	if (transfer_intake(f, max, t->scratch, &in, e) == -1)
		goto out;
	if (memcmp(in.sha256, f->sha256, SHA256_LEN) != 0) {
		err_set(e, E_DIGEST, "its SHA-256 is not the one in %s",
		    BAG_TAGMANIFEST);
		goto out;
	}
	r = parse == NULL ? 0 : src_fd(&src, in.fd, e);
	if (r == 0 && parse != NULL)
		r = parse(t, &src, e);
out:
	src_close(&src);
	intake_close(&in);
	return r == 0 ? 0 : err_ctx(e, "%s", f->name);
}

static const struct transfer_file *
tag_file(const struct transfer *t, const char *name)
{
	for (size_t i = 0; i < t->ntags; i++)
		if (strcmp(t->tags[i].name, name) == 0)
			return &t->tags[i];
	return NULL;
}

static const struct tag *
find_tag(const char *name)
{
	for (size_t i = 0; i < NTAGS; i++)
		if (strcmp(tag_table[i].name, name) == 0)
			return &tag_table[i];
	return NULL;
}

static uint64_t
max_of(const char *name)
{
	const struct tag *g = find_tag(name);

	return g == NULL ? BAG_MAX_TAG : g->max;
}

/* What a reader needs ends the matter when it is bad; others are findings. */
static int
read_tags(struct transfer *t, struct err *e)
{
	if (transfer_fetch_tags(t, max_of, e) == -1)
		return -1;
	for (size_t i = 0; i < t->ntags; i++) {
		struct err fault = ERR_INIT;

		if (find_tag(t->tags[i].name) != NULL ||
		    read_tag(t, &t->tags[i], BAG_MAX_TAG, NULL, &fault) == 0)
			continue;
		if (err_is_ours(&fault)) {
			*e = fault;
			return -1;
		}
		log_finding_err(t->log, NULL, &fault);
	}
	for (size_t i = 0; i < NTAGS; i++) {
		const struct tag *g = &tag_table[i];
		const struct transfer_file *f = tag_file(t, g->name);

		if (f == NULL && g->optional && t->info.base == 0)
			continue;
		if (f == NULL)
			return err_set(e, E_FORMAT, "%s: %s is not in it",
			    BAG_TAGMANIFEST, g->name);
		if (read_tag(t, f, g->max, g->parse, e) == -1)
			return -1;
		/* In the end that of media.tsv, the last of them. */
		memcpy(t->media, f->sha256, SHA256_LEN);
	}
	return 0;
}

static int
read_tagmanifest(struct transfer *t, struct buf *tag, struct err *e)
{
	struct digest d;
	struct err why;
	int r;

	if (transfer_read(t, BAG_TAGMANIFEST, BAG_MAX_TAGMANIFEST, tag, e) ==
	    -1) {
		if (e->kind == E_LIMIT || e->kind == E_FORMAT) {
			why = *e;
			err_clear(e);
			return err_set(e, E_SIG, "%s", why.msg);
		}
		if (e->kind != E_MISSING)
			return -1;
		err_clear(e);
		if ((r = transfer_has(t, BAG_DECLARATION, e)) == -1)
			return -1;
		return r == 1
		    ? err_set(
			  e, E_SIG, "unsigned: no %s in it", BAG_TAGMANIFEST)
		    : err_set(e, E_USAGE, "not a transfer: no %s in it",
			  BAG_TAGMANIFEST);
	}
	if (digest_mem(DIGEST_SHA256, tag->p, tag->len, &d, e) == -1)
		return -1;
	memcpy(t->tag, d.sha256, SHA256_LEN);
	return 0;
}

int
transfer_tags(struct transfer *t, const struct keyring *keys, struct err *e)
{
	struct buf tag = BUF_INIT_MAX(BAG_MAX_TAGMANIFEST);
	struct src src = SRC_INIT;
	int r = -1;

	if (read_tagmanifest(t, &tag, e) == -1)
		goto out;
	if (transfer_signature(t, &tag, keys, e) == -1)
		goto out;
	src_mem(&src, tag.p, tag.len);
	if (parse_manifest(t, &src, NULL, add_tag, e) == -1) {
		/* Signed, yet malformed; or not checked for want of a key. */
		err_ctx(e, "%s", BAG_TAGMANIFEST);
		goto out;
	}
	r = read_tags(t, e);
out:
	src_close(&src);
	buf_free(&tag);
	return r;
}
