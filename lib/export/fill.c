/* SPDX-License-Identifier: ISC */
#include "lib/export/fill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/bag.h"
#include "formats/state.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/base/words.h"

#define NFOLDERS 257 /* 00 to FF, and that of parts */
#define PARTS 256
/* Bytes of a line: of a manifest, of media.tsv with its numbers. */
#define LINE (2 * (uint64_t)SHA256_LEN + 3)
#define MEDIA_LINE (LINE + 20 + 4 + 3)
/* Tag files beside the lists: none has more; signatures that others may add. */
#define TAG_FILES 12
#define TAG_BYTES ((uint64_t)8 << 10)
#define TOP_NAMES 24 /* in folders of the transfer's own */
#define TOP_FOLDERS 4 /* the transfer's, data, WsusContent, parts */
#define WHOLE_MIB ((uint64_t)1 << 20)

struct bin {
	uint64_t used; /* bytes, but for what the lists and folders take */
	uint64_t lines; /* bytes of its manifest */
	uint64_t names[NFOLDERS]; /* bytes of names in its folders */
};

static unsigned
folder_of(const struct fill_file *f)
{
	const char *base = strrchr(f->name, '/');
	uint8_t b = 0;

	if (f->parts != 0)
		return PARTS;
	return hex_read(&b, 1, base - 2, 2) ? b : 0;
}

static const char *
base_of(const struct fill_file *f)
{
	return strrchr(f->name, '/') + 1;
}

static uint64_t
folder_bytes(const struct volume *v, uint64_t names)
{
	/* A folder more: its name in the one above. */
	return names == 0 ? 0 : volume_folder(v, names) + volume_name(v, 8);
}

/* What the file makes the medium take more. */
static uint64_t
cost(const struct volume *v, const struct bin *b, const struct fill_file *f)
{
	uint64_t names = b->names[folder_of(f)],
		 name = volume_name(v, strlen(base_of(f))),
		 line = LINE + strlen(f->name);

	return volume_file(v, f->size) + folder_bytes(v, names + name) -
	    folder_bytes(v, names) + volume_file(v, b->lines + line) -
	    volume_file(v, b->lines);
}

static void
put(const struct volume *v, struct bin *b, struct fill_file *f)
{
	b->used += cost(v, b, f);
	b->names[folder_of(f)] += volume_name(v, strlen(base_of(f)));
	b->lines += LINE + strlen(f->name);
}

/* What every medium has, with lists of so many payload files. */
static uint64_t
own_bytes(const struct volume *v, uint64_t files)
{
	uint64_t line = MEDIA_LINE + FILL_NAME;

	return volume_file(v, (files + TOP_NAMES) * line) +
	    volume_file(v, TOP_NAMES * line) +
	    TAG_FILES * volume_file(v, TAG_BYTES) +
	    TOP_FOLDERS * volume_folder(v, TOP_NAMES * volume_name(v, 64));
}

/* What is left for one part beside lists of so many files; 0: nothing. */
static uint64_t
left_beside(const struct volume *v, uint64_t files)
{
	struct fill_file f = {.size = 1, .parts = 2};
	struct bin b = {.used = 0};
	uint64_t own = own_bytes(v, files), most;

	snprintf(f.name, sizeof(f.name), "data/parts/%040d.%s.part001", 0,
	    "12345678");
	own += cost(v, &b, &f);
	if (own >= v->room)
		return 0;
	most = v->room - own < v->largest ? v->room - own : v->largest;
	return most - most % (most > 64 * WHOLE_MIB ? WHOLE_MIB : v->cluster);
}

/* Parts are in the lists, too: as many as there may be by then. */
int
fill_most(const struct volume *v, uint64_t files, uint64_t bytes,
    uint64_t *most, struct err *e)
{
	uint64_t listed = files;

	while ((*most = left_beside(v, listed)) != 0) {
		if (files + bytes / *most <= listed)
			return 0;
		listed = files + bytes / *most;
	}
	return err_set(e, E_LIMIT,
	    "a medium with room for %s is too small: the lists of this "
	    "transfer alone take %s",
	    words_size(v->room).s, words_size(own_bytes(v, listed)).s);
}

static int
add(struct fill *f, const struct fill_file *file, struct err *e)
{
	if (grow(&f->v, &f->cap, f->n, sizeof(*f->v), e) == -1)
		return -1;
	f->v[f->n++] = *file;
	return 0;
}

int
fill_add(struct fill *f, size_t of, const char *name, uint64_t size,
    uint64_t most, struct err *e)
{
	struct fill_file file = {.of = of, .size = size};
	uint64_t parts = size / most + (size % most != 0);

	if (size <= most) {
		snprintf(file.name, sizeof(file.name), "data/%s/%s",
		    CONTENT_DIR, name);
		return add(f, &file, e);
	}
	if (parts > STATE_MAX_PARTS)
		return err_set(e, E_LIMIT,
		    "%s: %s would be cut in %llu parts, at most %d: take "
		    "larger media",
		    name, words_size(size).s, (unsigned long long)parts,
		    STATE_MAX_PARTS);
	file.parts = (unsigned)parts;
	for (file.part = 1; file.part <= file.parts; file.part++) {
		file.size = size - file.off < most ? size - file.off : most;
		snprintf(file.name, sizeof(file.name), "data/parts/%s.part%03u",
		    name + 3, file.part);
		if (add(f, &file, e) == -1)
			return -1;
		file.off += file.size;
	}
	return 0;
}

static int
larger_first(const void *va, const void *vb)
{
	const struct fill_file *a = va, *b = vb;

	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return strcmp(a->name, b->name);
}

struct bins {
	struct bin *v; /* owned; the first is that of the last medium */
	size_t n, cap;
	size_t from; /* the first that may have room */
};

static int
add_bin(struct bins *b, uint64_t used, struct err *e)
{
	if (b->n == BAG_MAX_MEDIA)
		return err_set(e, E_LIMIT,
		    "more than %d media: take larger ones", BAG_MAX_MEDIA);
	if (grow(&b->v, &b->cap, b->n, sizeof(*b->v), e) == -1)
		return -1;
	b->v[b->n++] = (struct bin){.used = used};
	return 0;
}

/* The first that has room; what follows is smaller, so a full one stays so. */
static int
place(struct fill *f, struct bins *b, struct fill_file *file, uint64_t own,
    struct err *e)
{
	const struct volume *v = &f->volume;
	size_t i = b->from;

	while (i < b->n && cost(v, &b->v[i], file) > v->room - b->v[i].used) {
		if (i == b->from && v->room - b->v[i].used < v->cluster)
			b->from++;
		i++;
	}
	if (i == b->n && add_bin(b, own, e) == -1)
		return -1;
	if (cost(v, &b->v[i], file) > v->room - b->v[i].used)
		return err_set(
		    e, E_LIMIT, "%s: no medium can hold it", file->name);
	put(v, &b->v[i], file);
	file->medium = (uint32_t)i;
	return 0;
}

static int
place_all(struct fill *f, struct bins *b, const uint64_t *last, size_t nlast,
    struct err *e)
{
	uint64_t own = own_bytes(&f->volume, f->n), used = own;

	for (size_t i = 0; i < nlast; i++)
		used += volume_file(&f->volume, last[i]);
	if (used > f->volume.room)
		return err_set(e, E_LIMIT,
		    "the last medium has the documents and the lists, %s, and "
		    "room for %s: take larger media",
		    words_size(used).s, words_size(f->volume.room).s);
	if (add_bin(b, used, e) == -1)
		return -1;
	for (size_t i = 0; i < f->n; i++)
		if (place(f, b, &f->v[i], own, e) == -1)
			return -1;
	return 0;
}

int
fill_place(struct fill *f, const uint64_t *last, size_t nlast, struct err *e)
{
	struct bins b = {.v = NULL};
	int r;

	sort_up(f->v, f->n, sizeof(*f->v), larger_first);
	r = place_all(f, &b, last, nlast, e);
	f->media = (uint32_t)b.n;
	for (size_t i = 0; r == 0 && i < f->n; i++)
		if (f->v[i].medium == 0)
			f->v[i].medium = f->media;
	free(b.v);
	return r;
}

void
fill_free(struct fill *f)
{
	free(f->v);
	*f = (struct fill){.v = NULL};
}
