/* SPDX-License-Identifier: ISC */
/*
 * A snapshot gets its name, then `current` does, then what nobody needs goes.
 * Each is a file that is flushed before it has its name, so a killed run leaves
 * a whole snapshot behind `current` at any time.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/stop.h"
#include "lib/base/words.h"
#include "lib/offer/offer_priv.h"
#include "lib/store/store.h"

#define BLOCK ((size_t)1 << 20)

/* What the disk gives back is what was written: its hash stands at the end. */
static int
read_back(int fd, const struct snapshot *s, struct err *e)
{
	uint8_t *block = malloc(BLOCK + BLAKE_LEN), hash[BLAKE_LEN];
	struct blake b;
	size_t kept = 0; /* bytes that may be the trailer */
	off_t off = 0;
	ssize_t n;

	if (block == NULL)
		return err_nomem(e);
	out_forget(fd);
	blake_begin(&b, BLAKE_LEN);
	while ((n = pread(fd, block + kept, BLOCK, off)) > 0) {
		off += n;
		kept += (size_t)n;
		if (kept <= BLAKE_LEN)
			continue;
		blake_add(&b, block, kept - BLAKE_LEN);
		memmove(block, block + kept - BLAKE_LEN, BLAKE_LEN);
		kept = BLAKE_LEN;
	}
	if (n == -1)
		err_sys(e, "reading it back");
	blake_end(&b, hash, sizeof(hash));
	if (n == 0 &&
	    (kept != BLAKE_LEN || memcmp(hash, block, BLAKE_LEN) != 0 ||
		memcmp(hash, s->id, sizeof(s->id)) != 0))
		n = err_set(e, E_DIGEST,
		    "read back, it is not what was written: the disk is not to "
		    "be trusted");
	free(block);
	return n == 0 ? 0 : -1;
}

static int
write_index(struct offer *b, struct err *e)
{
	struct out o = OUT_INIT;
	char name[SNAP_NAME_MAX];

	snap_name(name, b->next.generation);
	if (out_open(&o, b->dirfd, name, 0444, e) == -1)
		return -1;
	if (snapshot_write(&b->next, &o.sink, e) == -1 ||
	    out_flush(&o, e) == -1)
		goto bad;
	if (os.fsync(o.fd) == -1) {
		err_sys(e, "flushing it");
		goto bad;
	}
	if (read_back(o.fd, &b->next, e) == -1)
		goto bad;
	return out_commit(&o, e);
bad:
	out_abort(&o);
	return err_ctx(e, SNAP_FOLDER "/%s", name);
}

/* `current` names that one, which it may do already. */
static int
point(struct offer *b, uint32_t generation, struct err *e)
{
	struct err fault = ERR_INIT;
	struct out o = {.replace = true};
	char text[SNAP_NAME_MAX + 1];
	uint32_t is = 0;
	int r = snap_current(b->dirfd, &is, &fault);

	if (r == 1 && is == generation)
		return 0;
	if (r == -1 && err_is_ours(&fault)) {
		*e = fault;
		return -1;
	}
	snap_name(text, generation);
	memcpy(text + strlen(text), "\n", 2);
	if (out_open(&o, b->dirfd, SNAP_CURRENT, 0444, e) == -1)
		return -1;
	if (out_write(&o, text, strlen(text), e) == -1) {
		out_abort(&o);
		return -1;
	}
	return out_commit(&o, e);
}

/*
 * One of another generation than these two: 1 it is gone, 0 it stays, for it is
 * not ours to judge: damaged, of another store, or of a later version.
 */
static int
remove_older(struct offer *b, uint32_t generation, struct err *e)
{
	struct snapshot s = SNAPSHOT_INIT;
	char name[SNAP_NAME_MAX];
	int r = snap_read(&s, b->dirfd, store_id(b->store), generation, e);

	snapshot_free(&s);
	snap_name(name, generation);
	if (r == -1 && err_is_ours(e))
		return -1;
	if (r == -1) {
		log_event(b->log, LOG_WARN, b->o->store,
		    SNAP_FOLDER "/%s; it stays, and so do all texts, which it "
				"may name: move it away",
		    e->msg);
		err_clear(e);
		return 0;
	}
	if (os.unlinkat(b->dirfd, name, 0) == -1 && errno != ENOENT)
		return err_sys(e, "removing " SNAP_FOLDER "/%s", name);
	return 1;
}

/* 1, 0 one stays, -1; before: NULL: there is none. */
static int
remove_all_older(struct offer *b, const struct snapshot *newest,
    const struct snapshot *before, struct err *e)
{
	struct snap_list l;
	int r = snap_list(&l, b->dirfd, e), all = 1;

	for (size_t i = 0; r != -1 && i < l.n; i++) {
		if (l.v[i] == newest->generation ||
		    (before != NULL && l.v[i] == before->generation))
			continue;
		r = remove_older(b, l.v[i], e);
		all = r == 0 ? 0 : all;
	}
	snap_list_free(&l);
	return r == -1 ? -1 : all;
}

static int
sweep(struct offer *b, const struct snapshot *newest,
    const struct snapshot *before, struct err *e)
{
	const struct snapshot *keep[] = {newest, before};
	uint64_t removed = 0, bytes = 0;
	int r = remove_all_older(b, newest, before, e);

	if (r == 1)
		r = texts_sweep(b->dirfd, keep, before != NULL ? 2 : 1,
		    &removed, &bytes, e);
	if (r == -1)
		return err_ctx(
		    e, "the new snapshot is served, but older ones stay");
	if (removed > 0)
		log_event(b->log, LOG_DEBUG, NULL, "removed %s, %s",
		    words_count(removed, "file of texts").s,
		    words_size(bytes).s);
	return 0;
}

int
offer_write(struct offer *b, struct err *e)
{
	if (stop_check(e) == -1 || write_index(b, e) == -1 ||
	    point(b, b->next.generation, e) == -1)
		return -1;
	return sweep(b, &b->next, b->has_prev ? &b->prev : NULL, e);
}

int
offer_settle(struct offer *b, struct err *e)
{
	struct snapshot before = SNAPSHOT_INIT;
	int r = snap_newest(&before, b->dirfd, &b->prev.store,
	    b->prev.generation, NULL, NULL, e);

	if (r != -1 && point(b, b->prev.generation, e) == 0)
		r = sweep(b, &b->prev, r == 1 ? &before : NULL, e);
	else
		r = -1;
	snapshot_free(&before);
	return r;
}

/* The id that next would have, were it of prev's generation, time and past. */
static int
id_as_prev(struct offer *b, uint8_t id[SNAPSHOT_ID_LEN], struct err *e)
{
	struct snapshot as = b->next;
	struct sink to;
	int r;

	as.generation = b->prev.generation;
	as.built = b->prev.built;
	as.past = b->prev.past;
	as.npast = b->prev.npast;
	sink_null(&to);
	r = snapshot_write(&as, &to, e);
	memcpy(id, as.id, SNAPSHOT_ID_LEN);
	return r;
}

int
offer_is_news(struct offer *b, struct err *e)
{
	uint8_t id[SNAPSHOT_ID_LEN];
	size_t i;

	/* What is not sound has a number that is not to be given again. */
	if (!b->has_prev || b->highest != b->prev.generation)
		return 1;
	for (i = 0; i < b->next.noffers; i++)
		if (b->next.offers[i].changed == b->next.generation)
			return 1;
	if (id_as_prev(b, id, e) == -1)
		return -1;
	return memcmp(id, b->prev.id, sizeof(id)) != 0;
}
