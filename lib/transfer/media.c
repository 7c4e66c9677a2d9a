/* SPDX-License-Identifier: ISC */
#include "lib/transfer/media.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/sort.h"
#include "lib/store/content.h"
#include "lib/transfer/container.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/transfer_tags.h"

#define SHOWN 4 /* labels that a message names */

static int
peek_folder(const char *path, struct buf *text, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd == -1)
		return -1;
	r = path_read(fd, BAG_INFO, BAG_MAX_TAG, text, e);
	close(fd);
	return r;
}

/* What comes by a pipe is there once. */
static int
peek_box(const char *path, struct buf *text, struct err *e)
{
	struct container *c = NULL;
	int r = -1;

	if (strcmp(path, CONTAINER_STDIN) != 0 &&
	    container_open(&c, path, e) == 0)
		r = container_peek(c, BAG_INFO, BAG_MAX_TAG, text, e);
	container_close(c);
	return r;
}

/* bag-info.txt as it stands there. */
static bool
peek(const char *path, struct bag_info *i)
{
	struct buf text = BUF_INIT_MAX(BAG_MAX_TAG);
	struct err unsure = ERR_INIT;
	bool is;

	is = (container_named(path) ? peek_box(path, &text, &unsure)
				    : peek_folder(path, &text, &unsure)) == 0 &&
	    bag_info_read(i, text.p, text.len, &unsure) == 0;
	buf_free(&text);
	return is;
}

bool
media_alike(const char *path, const char *other)
{
	struct bag_info a, b;

	return peek(path, &a) && peek(other, &b) && a.bags > 1 &&
	    strcmp(a.id, b.id) == 0 && guid_cmp(&a.origin, &b.origin) == 0;
}

bool
media_is_part(const char *path)
{
	struct bag_info i;

	return peek(path, &i) && i.bags > 1;
}

void
media_label(
    char out[MEDIA_LABEL_MAX], const struct bag_info *i, unsigned number)
{
	if (i->bags == 1)
		snprintf(out, MEDIA_LABEL_MAX, "%s", i->id);
	else
		snprintf(
		    out, MEDIA_LABEL_MAX, "%s-%uof%u", i->id, number, i->bags);
}

void
media_name(char out[MEDIA_NAME_MAX], const struct transfer *t)
{
	snprintf(out, MEDIA_NAME_MAX, "%uof%u", t->info.bag, t->info.bags);
}

void
media_set_name(char out[MEDIA_SET_MAX], const struct transfer *t)
{
	char hex[2 * SHA256_LEN + 1];

	hex_lower(hex, t->media, SHA256_LEN);
	snprintf(out, MEDIA_SET_MAX, CONTENT_SET "%s", hex);
}

struct medium *
media_find(const struct media *m, unsigned number)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].t.info.bag == number)
			return &m->v[i];
	return NULL;
}

bool
media_is_whole(const struct media *m)
{
	return m->n != 0 && m->n == m->v[0].t.info.bags;
}

/* What bag-info.txt says of the whole transfer. */
static bool
same_transfer(const struct transfer *a, const struct transfer *b)
{
	const struct bag_info *i = &a->info, *k = &b->info;

	return memcmp(a->media, b->media, SHA256_LEN) == 0 &&
	    strcmp(i->id, k->id) == 0 && i->bags == k->bags &&
	    guid_cmp(&i->origin, &k->origin) == 0 &&
	    strcmp(i->requires, k->requires) == 0 &&
	    strcmp(i->destination, k->destination) == 0 &&
	    i->sequence == k->sequence && i->base == k->base &&
	    strcmp(i->selection, k->selection) == 0 &&
	    strcmp(i->plan, k->plan) == 0 && i->revisions == k->revisions &&
	    i->files == k->files && i->absent == k->absent &&
	    i->time == k->time;
}

/* Is the last of them what the others say it is?  1 new, 0 named twice. */
static int
check_last(const struct media *m, struct err *e)
{
	const struct medium *last = &m->v[m->n - 1], *first = &m->v[0], *twin;
	char label[MEDIA_LABEL_MAX];

	media_label(label, &last->t.info, last->t.info.bag);
	if (m->n == 1)
		return 1;
	if (!same_transfer(&first->t, &last->t))
		return err_set(e, E_SEQ,
		    "media of different transfers: this is %s, and %s is of "
		    "%s%s",
		    label, first->path, first->t.info.id,
		    strcmp(first->t.info.id, last->t.info.id) == 0
			? ", written another time"
			: "");
	twin = media_find(m, last->t.info.bag);
	if (twin == last)
		return 1;
	if (memcmp(twin->t.tag, last->t.tag, SHA256_LEN) == 0)
		return 0;
	return err_set(e, E_SEQ,
	    "%s is %s as well, and another: expected one of that number", label,
	    twin->path);
}

/* The last one goes. */
static void
drop_last(struct media *m)
{
	transfer_close(&m->v[--m->n].t);
}

int
media_begin(struct media *m, const char *const *paths, size_t n, struct err *e)
{
	m->boxes = calloc(n + 1, sizeof(*m->boxes));
	if (m->boxes == NULL)
		return err_nomem(e);
	for (m->nboxes = 0; m->nboxes < n;) {
		const char *path = paths[m->nboxes++];

		if (container_named(path) &&
		    container_open(&m->boxes[m->nboxes - 1], path, e) == -1)
			return err_ctx(e, "%s", path);
	}
	return 0;
}

/* The i-th path. */
static int
open_medium(struct media *m, size_t i, struct medium *v,
    const struct keyring *keys, int scratch, struct err *e)
{
	struct container *box = i < m->nboxes ? m->boxes[i] : NULL;

	if (box == NULL)
		return transfer_open(&v->t, v->path, keys, scratch, m->log, e);
	m->boxes[i] = NULL;
	return transfer_open_box(&v->t, box, keys, scratch, m->log, e);
}

static int
add_path(struct media *m, size_t i, const char *path,
    const struct keyring *keys, int scratch, struct err *e)
{
	struct medium *v;
	int r;

	if (grow(&m->v, &m->cap, m->n, sizeof(*m->v), e) == -1)
		return -1;
	v = &m->v[m->n++];
	*v = (struct medium){.t = TRANSFER_INIT, .path = path};
	if (open_medium(m, i, v, keys, scratch, e) == -1 ||
	    (r = check_last(m, e)) == -1)
		return -1;
	if (r == 0)
		drop_last(m);
	return 0;
}

int
media_open(struct media *m, const char *const *paths, size_t n,
    const struct keyring *keys, int scratch, struct log *log, struct err *e)
{
	m->log = log;
	for (size_t i = 0; i < n; i++)
		if (add_path(m, i, paths[i], keys, scratch, e) == -1)
			return n == 1 ? -1 : err_ctx(e, "%s", paths[i]);
	return 0;
}

void
media_close(struct media *m)
{
	while (m->n != 0)
		drop_last(m);
	for (size_t i = 0; i < m->nboxes; i++)
		container_close(m->boxes[i]);
	free(m->boxes);
	free(m->v);
	*m = (struct media)MEDIA_INIT;
}

/* Nobody vouches for what waits: it is opened as any other. */
static int
add_copy(struct media *m, int fd, const char *name, const struct keyring *keys,
    int scratch, struct err *e)
{
	struct err fault = ERR_INIT;
	struct medium *v;
	int r;

	if (grow(&m->v, &m->cap, m->n, sizeof(*m->v), e) == -1) {
		close(fd);
		return -1;
	}
	v = &m->v[m->n++];
	*v = (struct medium){.t = TRANSFER_INIT};
	r = transfer_open_fd(&v->t, fd, keys, scratch, m->log, &fault);
	if (r == 0)
		r = check_last(m, &fault);
	if (r == 1) {
		for (size_t i = 0; i < v->t.nfiles; i++)
			v->t.files[i].waits = true;
		return 0;
	}
	drop_last(m);
	if (err_is_ours(&fault)) {
		*e = fault;
		return -1;
	}
	log_event(m->log, LOG_WARN, name,
	    "what waits of it in the store is not whole, and is not used: %s",
	    fault.kind == E_NONE ? "it is another medium" : fault.msg);
	return 0;
}

/* Of one folder in which they may wait. */
static int
add_from(struct media *m, int staging, const struct keyring *keys, int scratch,
    struct err *e)
{
	const struct bag_info info = m->v[0].t.info;
	char set[MEDIA_SET_MAX], path[MEDIA_SET_MAX + 2 * MEDIA_NAME_MAX],
	    label[MEDIA_LABEL_MAX];
	int fd, r = 0;

	media_set_name(set, &m->v[0].t);
	for (unsigned k = 1; r == 0 && k <= info.bags; k++) {
		if (media_find(m, k) != NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%uof%u", set, k, info.bags);
		media_label(label, &info, k);
		if (path_opendir(staging, path, &fd, e) == 0)
			r = add_copy(m, fd, label, keys, scratch, e);
		else if (e->kind == E_MISSING)
			err_clear(e);
		else
			r = -1;
	}
	return r;
}

int
media_add_waiting(struct media *m, int storefd, const struct keyring *keys,
    int scratch, struct err *e)
{
	for (unsigned n = 0; n < CONTENT_NSTAGING; n++) {
		int fd, r = content_open_staging(storefd, n, &fd, e);

		if (r == 1) {
			r = add_from(m, fd, keys, scratch, e);
			close(fd);
		}
		if (r == -1)
			return -1;
	}
	return 0;
}

int
media_missing(const struct media *m, struct buf *to, struct err *e)
{
	const struct bag_info *i = &m->v[0].t.info;
	unsigned missing = i->bags - (unsigned)m->n, listed = 0;
	char label[MEDIA_LABEL_MAX];

	for (unsigned k = 1; k <= i->bags && listed < SHOWN; k++) {
		if (media_find(m, k) != NULL)
			continue;
		media_label(label, i, k);
		if (buf_printf(to, e, "%s%s", listed == 0 ? "" : ", ", label) ==
		    -1)
			return -1;
		listed++;
	}
	if (missing > listed)
		return buf_printf(to, e, " and %u more", missing - listed);
	return 0;
}

static int
by_number(const void *a, const void *b)
{
	const struct medium *x = a, *y = b;

	return (x->t.info.bag > y->t.info.bag) -
	    (x->t.info.bag < y->t.info.bag);
}

/* What the others have of the last one's list. */
struct transfer *
media_join(struct media *m)
{
	struct transfer *all;

	if (!media_is_whole(m) || m->n == 1)
		return &m->v[0].t;
	sort_up(m->v, m->n, sizeof(*m->v), by_number);
	all = &m->v[m->n - 1].t;
	for (size_t i = 0; i < all->nfiles; i++) {
		struct transfer_file *f = &all->files[i];
		const struct transfer_file *has;
		const struct medium *on;

		if (!f->elsewhere || (on = media_find(m, f->medium)) == NULL ||
		    (has = transfer_find(&on->t, f->name)) == NULL)
			continue;
		f->dirfd = has->dirfd;
		f->box = has->box;
		f->present = has->present;
		f->waits = has->waits;
		f->elsewhere = false;
	}
	all->nelsewhere = 0;
	m->joined = true;
	return all;
}
