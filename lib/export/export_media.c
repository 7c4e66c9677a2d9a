/* SPDX-License-Identifier: ISC */
/*
 * A transfer on several media, or with files that are cut.  All but the payload
 * is made beforehand, in staging/out-SEQUENCE/, and the ledger has the identity
 * of the last medium before the first one is written: so the numbers of media
 * that are out stand for one transfer, whatever the store does meanwhile.
 *
 *	1/ 2/ ...	each medium's tag files; of the last, data/ too
 *	1.written ...	it has got its name somewhere
 *	asked		the options by which it was planned
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/state.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/sink.h"
#include "lib/base/words.h"
#include "lib/export/export_priv.h"
#include "lib/store/store.h"

#define WITH_LINES 700u /* bytes for one in both lists */
#define TAR_ROOM ((uint64_t)1 << 60) /* bytes: as a medium, it holds all */
#define LAST "last" /* the last medium's folder, before its number is known */

size_t
export_ntos(const struct export *x)
{
	return x->o->ntos != 0 ? x->o->ntos : x->o->to != NULL;
}

const char *
export_to(const struct export *x, size_t i)
{
	return x->o->ntos != 0 ? x->o->tos[i] : x->o->to;
}

/* The smallest of those that were named, as each has to do for any medium. */
static int
smallest(const struct export *x, struct volume *v, struct err *e)
{
	struct volume one;

	for (size_t i = 0; i < export_ntos(x); i++) {
		const char *path = export_to(x, i);
		int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

		if (fd == -1)
			return err_sys(e, "%s: cannot open", path);
		r = volume_at(&one, fd, path, e);
		close(fd);
		if (r == -1)
			return -1;
		if (i == 0 || one.room < v->room)
			*v = one;
	}
	return 0;
}

/* What --media-size and --filesystem say; the rest is the medium's. */
static int
ask_volume(struct export *x, struct volume *v, struct err *e)
{
	const struct export_opts *o = x->o;
	enum volume_kind kind = VOLUME_ANY;
	bool disc = false, sized;
	uint64_t size = 0;

	sized = o->media_size != NULL && strcmp(o->media_size, "auto") != 0;
	if (sized && !volume_size_read(&size, &disc, o->media_size))
		return err_set(e, E_USAGE,
		    "--media-size takes a size like 32G, or cd, dvd, bd or "
		    "auto, not '%s'",
		    o->media_size);
	if (o->filesystem != NULL && !volume_kind_read(&kind, o->filesystem))
		return err_set(e, E_USAGE,
		    "--filesystem takes fat32, exfat, ntfs or any, not '%s'",
		    o->filesystem);
	if (!sized || (o->filesystem == NULL && !disc)) {
		if (smallest(x, v, e) == -1)
			return -1;
		if (o->filesystem == NULL)
			kind = v->kind;
	}
	if (sized)
		volume_new(v,
		    disc && o->filesystem == NULL ? VOLUME_DISC : kind, size);
	else
		volume_set_kind(v, kind);
	return 0;
}

int
export_media_ask(struct export *x, struct err *e)
{
	uint64_t largest = 0;

	if (x->tar) {
		volume_new(&x->fill.volume, VOLUME_ANY, TAR_ROOM);
		x->on_media = true;
		return export_tar_fits(x, false, e);
	}
	if (ask_volume(x, &x->fill.volume, e) == -1) {
		/* Only who wants several must know. */
		if (e->kind != E_USAGE || x->o->media_size != NULL ||
		    x->o->filesystem != NULL || export_ntos(x) > 1)
			return -1;
		err_clear(e);
		return 0;
	}
	for (size_t i = 0; i < x->pack.nfiles; i++)
		if (pack_carries(&x->pack.files[i]) &&
		    x->pack.files[i].size > largest)
			largest = x->pack.files[i].size;
	x->on_media = x->o->media_size != NULL || export_ntos(x) > 1 ||
	    largest > x->fill.volume.largest;
	return 0;
}

static int
cut(struct export *x, struct err *e)
{
	uint64_t most;

	if (fill_most(&x->fill.volume, x->files, x->bytes, &most, e) == -1)
		return -1;
	for (size_t i = 0; i < x->pack.nfiles; i++) {
		const struct pack_file *f = &x->pack.files[i];
		char name[CONTENT_NAME_MAX];

		if (!pack_carries(f))
			continue;
		content_name(name, f->sha1, f->ext);
		if (fill_add(&x->fill, i, name, f->size, most, e) == -1)
			return -1;
	}
	return 0;
}

/* What each text takes, without writing it. */
static int
count_text(struct export *x,
    int (*make)(struct export *x, struct sink *to, struct err *e),
    uint64_t *size, struct err *e)
{
	struct sink none;

	sink_null(&none);
	if (make(x, &none, e) == -1)
		return -1;
	*size = none.bytes;
	return 0;
}

static int
is_cut(const struct export *x)
{
	for (size_t i = 0; i < x->fill.n; i++)
		if (x->fill.v[i].parts != 0)
			return true;
	return false;
}

static int
place(struct export *x, struct err *e)
{
	size_t n = x->npackages + x->with.n + 5, k;
	uint64_t *last = calloc(n, sizeof(*last));
	int r = 0;

	if (last == NULL)
		return err_nomem(e);
	for (k = 0; r == 0 && k < x->npackages; k++) {
		off_t size = lseek(x->packages[k], 0, SEEK_END);

		if (size == -1 || lseek(x->packages[k], 0, SEEK_SET) == -1)
			r = err_sys(e, "looking at a temporary file");
		last[k] = (uint64_t)size;
	}
	/* With their lines in the lists. */
	for (size_t i = 0; r == 0 && i < x->with.n; i++)
		last[k++] = x->with.v[i].size + WITH_LINES;
	if (r == 0 && count_text(x, export_policy_put, &last[n - 5], e) == 0 &&
	    count_text(x, export_state, &last[n - 4], e) == 0 &&
	    count_text(x, export_inventory, &last[n - 3], e) == 0 &&
	    count_text(x, export_far_approve, &last[n - 2], e) == 0 &&
	    count_text(x, export_far_import, &last[n - 1], e) == 0)
		r = fill_place(&x->fill, last, n, e);
	else
		r = -1;
	free(last);
	return r;
}

static int
too_many(const struct export *x, struct err *e)
{
	if (x->o->media_size != NULL || export_ntos(x) > 1 ||
	    x->fill.media == 1)
		return 0;
	errno = ENOSPC;
	return err_sys(e,
	    "%s: it would take %u media like this one; --media-size auto "
	    "writes them one after the other",
	    x->o->to, x->fill.media);
}

/* The one tag file that grows besides the lists. */
static int
leave_room(struct export *x, struct err *e)
{
	struct volume *v = &x->fill.volume;
	uint64_t own;

	if (export_ledger(x, e) == -1)
		return -1;
	own = volume_file(v, x->ledger.len);
	v->room = own < v->room ? v->room - own : 0;
	return 0;
}

int
export_media_plan(struct export *x, struct err *e)
{
	if (leave_room(x, e) == -1 || cut(x, e) == -1 || place(x, e) == -1 ||
	    too_many(x, e) == -1)
		return -1;
	x->info.bags = x->fill.media;
	if ((x->fill.media > 1 &&
		bag_info_require(&x->info, "media", e) == -1) ||
	    (is_cut(x) && bag_info_require(&x->info, "parts", e) == -1))
		return -1;
	log_event(x->log, LOG_INFO, NULL, "%s: %s, %s, %s on %u %s", x->name,
	    words_count(x->plan.n, "revision").s,
	    words_count(x->files, "payload file").s, words_size(x->bytes).s,
	    x->fill.media, words_pick(x->fill.media, "medium", "media"));
	return x->tar ? export_tar_fits(x, true, e) : 0;
}

int
export_media_state(struct export *x, struct sink *to, struct err *e)
{
	for (size_t i = 0; x->on_media && i < x->fill.n; i++) {
		const struct fill_file *f = &x->fill.v[i];
		const struct pack_file *p = &x->pack.files[f->of];
		struct state_line s = {.type = STATE_PARTS,
		    .has_size = true,
		    .size = p->size,
		    .count = f->parts};
		char name[CONTENT_NAME_MAX];

		if (f->part != 1)
			continue;
		memcpy(s.sha1, p->sha1, SHA1_LEN);
		memcpy(s.sha256, p->measured, SHA256_LEN);
		content_name(name, p->sha1, p->ext);
		snprintf(
		    s.name, sizeof(s.name), "data/" CONTENT_DIR "/%s", name);
		if (state_write(&s, to, e) == -1)
			return -1;
	}
	return 0;
}

/* data/ of the last medium, without payload. */
static int
make_last(struct export *x, struct err *e)
{
	int content = -1, r = -1;

	if (export_folder(x->out, LAST, &x->root, e) == 0 &&
	    export_folder(x->root, "data", &x->data, e) == 0 &&
	    export_folder(x->data, CONTENT_DIR, &content, e) == 0)
		r = export_texts(x, content, e);
	if (content != -1)
		(void)os.close(content);
	if (x->root != -1)
		(void)os.close(x->root);
	x->root = -1;
	for (size_t i = 0; r == 0 && i < x->files_list.n; i++)
		x->files_list.v[i].medium = x->fill.media;
	return r;
}

static int
hash_part(
    struct export *x, const struct fill_file *f, uint8_t *sha256, struct err *e)
{
	const struct pack_file *p = &x->pack.files[f->of];
	struct digest d;
	int fd, r;

	if (content_fd(&x->content, p->sha1, p->ext, &fd, NULL, e) == -1)
		return -1;
	r = export_slice(fd, -1, f->off, f->size, &d, e);
	close(fd);
	if (r == 0)
		memcpy(sha256, d.sha256, SHA256_LEN);
	return r == 0 ? 0 : err_ctx(e, "%s", f->name);
}

/* All files of all media, sorted. */
static int
list_whole(struct export *x, struct err *e)
{
	for (size_t i = 0; i < x->fill.n; i++) {
		const struct fill_file *f = &x->fill.v[i];
		uint8_t sha256[SHA256_LEN];

		memcpy(sha256, x->pack.files[f->of].measured, SHA256_LEN);
		if ((f->parts != 0 && hash_part(x, f, sha256, e) == -1) ||
		    export_note(x, &x->whole, f->name, sha256, f->size, e) ==
			-1)
			return -1;
		x->whole.v[x->whole.n - 1].medium = f->medium;
	}
	for (size_t i = 0; i < x->files_list.n; i++) {
		const struct export_entry *f = &x->files_list.v[i];

		if (grow(&x->whole.v, &x->whole.cap, x->whole.n, sizeof(*f),
			e) == -1)
			return -1;
		x->whole.v[x->whole.n++] = *f;
	}
	export_sort(&x->whole);
	return 0;
}

/* The k-th medium's tag files. */
static int
make_tags(struct export *x, uint32_t k, struct err *e)
{
	char name[16];
	int r;

	snprintf(name, sizeof(name), "%u", k);
	if (k == x->fill.media) {
		if (os.renameat2(x->out, LAST, x->out, name, 0) == -1)
			return err_sys(e, "%s: cannot get its name", name);
		r = path_opendir(x->out, name, &x->root, e);
	} else
		r = export_folder(x->out, name, &x->root, e);
	x->files_list.n = x->tags_list.n = 0;
	for (size_t i = 0; r == 0 && i < x->whole.n; i++) {
		const struct export_entry *f = &x->whole.v[i];

		if (f->medium != k)
			continue;
		r = grow(&x->files_list.v, &x->files_list.cap, x->files_list.n,
		    sizeof(*f), e);
		if (r == 0)
			x->files_list.v[x->files_list.n++] = *f;
	}
	x->info.bag = k;
	if (r == 0)
		r = export_tags(x, e);
	if (x->root != -1)
		(void)os.close(x->root);
	x->root = -1;
	return r;
}

static int
put_asked(struct export *x, struct err *e)
{
	char text[EXPORT_ASKED_MAX];
	struct out o = OUT_INIT;
	int r = -1;

	export_media_asked(x, text);
	if (out_open(&o, x->out, EXPORT_ASKED, 0644, e) == 0 &&
	    out_write(&o, text, strlen(text), e) == 0 && out_commit(&o, e) == 0)
		r = 0;
	out_abort(&o);
	return r;
}

int
export_media_make(struct export *x, struct err *e)
{
	char name[EXPORT_OUT_NAME];
	int staging = store_staging(x->store);

	export_media_name(name, x->row.sequence);
	if (export_media_clear(x, e) == -1 ||
	    export_folder(staging, name, &x->out, e) == -1 ||
	    make_last(x, e) == -1 || list_whole(x, e) == -1)
		return -1;
	for (uint32_t k = 1; k <= x->fill.media; k++)
		if (make_tags(x, k, e) == -1)
			return err_ctx(e, "medium %u", k);
	if (put_asked(x, e) == -1)
		return -1;
	if (os.syncfs(x->out) == -1)
		return err_sys(e, "flushing the file system");
	return 0;
}
