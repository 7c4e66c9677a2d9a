/* SPDX-License-Identifier: ISC */
/*
 * Read-back: what was written is read from the medium, and not from memory, and
 * compared with what it was when it was written.  A stick that claims to be
 * larger than it is loses what is beyond its end; here that is seen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/words.h"
#include "lib/export/export_priv.h"
#include "lib/store/event.h"
#include "lib/store/payload.h"
#include "lib/store/store.h"

struct again {
	struct export *x;
	uint64_t faults, bytes;
};

/* The kernel forgets what it has of the file, once that is on the medium. */
static int
drop_pages(int root, const char *name, struct err *e)
{
	int fd;

	if (path_open(root, name, &fd, NULL, e) == -1)
		return -1;
	out_forget(fd);
	close(fd);
	return 0;
}

static int
was_read(void *arg, const struct payload_item *it, const struct digest *d,
    struct content_staged *st, struct err *fault, struct err *e)
{
	struct again *a = arg;

	(void)st;
	(void)e;
	if (fault->kind == E_NONE) {
		a->bytes += d->bytes;
		return 0;
	}
	a->faults++;
	log_finding_err(a->x->log, it->name, fault);
	return 0;
}

static size_t
list_items(struct payload_item *items, const struct export_list *const *lists,
    size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < lists[i]->n; j++) {
			const struct export_entry *f = &lists[i]->v[j];

			items[k] = (struct payload_item){.name = f->name,
			    .size = f->size,
			    .has_sha256 = true};
			memcpy(items[k++].sha256, f->sha256, SHA256_LEN);
		}
	return k;
}

/* So that who asks later finds how it was when it left: also a medium that was
   not good, of which nothing else is kept.  Media have no transaction open. */
static int
note(struct export *x, const char *said, bool good, struct err *e)
{
	bool own = x->out != -1 || !good;
	char text[400];
	struct event v = {.time = x->row.time,
	    .kind = EVENT_READ_BACK,
	    .ledger = x->row.row,
	    .origin = x->row.origin,
	    .sequence = x->row.sequence,
	    .text = text};

	(void)snprintf(text, sizeof(text), "%s: %s", x->name, said);
	if (!good)
		store_rollback(x->store);
	if (own && store_begin(x->store, e) == -1)
		return -1;
	if (event_add(x->store, &v, e) == -1)
		return -1;
	return own ? store_commit(x->store, e) : 0;
}

/* That is told anyhow, so that this must not hide it. */
static void
note_faults(struct export *x, const char *said, const char *path)
{
	struct err e = ERR_INIT;

	if (note(x, said, false, &e) == 0)
		return;
	store_rollback(x->store);
	log_event(x->log, LOG_WARN, path,
	    "that it was read again is not in the ledger: %s", e.msg);
}

static int
verdict(
    struct again *a, const char *path, size_t files, uint64_t ms, struct err *e)
{
	char said[200];
	int n = snprintf(said, sizeof(said),
	    "%s, %s, %s/s: ", words_count(files, "file").s,
	    words_size(a->bytes).s, words_size(a->bytes * 1000 / (ms + 1)).s);

	(void)snprintf(said + n, sizeof(said) - (size_t)n, "%s",
	    a->faults == 0 ? "good" : words_count(a->faults, "fault").s);
	if (a->faults != 0) {
		note_faults(a->x, said, path);
		return err_set(e, E_DIGEST,
		    "%s: the medium does not give back what was written: %s in "
		    "%s; it is damaged, or holds less than it says: take "
		    "another one",
		    path, words_count(a->faults, "fault").s,
		    words_count(files, "file").s);
	}
	log_event(a->x->log, LOG_INFO, path, "read again: %s", said);
	return note(a->x, said, true, e);
}

int
export_again(struct export *x, int root, const char *path,
    const struct export_list *const *lists, size_t n, struct err *e)
{
	struct again a = {.x = x};
	struct payload p = {.dirfd = root,
	    .to = -1,
	    .which = DIGEST_SHA256,
	    .jobs = x->o->jobs,
	    .prog = &x->prog,
	    .done = was_read,
	    .arg = &a};
	struct payload_item *items;
	size_t nitems = 0;
	uint64_t began;
	int r = 0;

	for (size_t i = 0; i < n; i++)
		nitems += lists[i]->n;
	if ((items = calloc(nitems + 1, sizeof(*items))) == NULL)
		return err_nomem(e);
	(void)list_items(items, lists, n);
	for (size_t i = 0; r == 0 && i < nitems; i++)
		r = drop_pages(root, items[i].name, e);
	began = clock_ms();
	prog_begin(&x->prog, x->log, "reading it again", "file",
	    payload_bytes(items, nitems), nitems);
	if (r == 0)
		r = payload_run(&p, items, nitems, e);
	prog_end(&x->prog);
	free(items);
	return r == -1 ? -1 : verdict(&a, path, nitems, clock_ms() - began, e);
}
