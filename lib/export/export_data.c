/* SPDX-License-Identifier: ISC */
/* Everything beneath data/: payload first, the packages last. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/sink.h"
#include "lib/export/export_priv.h"
#include "lib/base/grow.h"
#include "lib/base/words.h"
#include "lib/store/payload.h"
#include "lib/store/store.h"

int
export_note(struct export *x, struct export_list *list, const char *name,
    const uint8_t sha256[SHA256_LEN], uint64_t size, struct err *e)
{
	struct export_entry *n;

	if (grow(&list->v, &list->cap, list->n, sizeof(*list->v), e) == -1)
		return -1;
	n = &list->v[list->n];
	n->name = arena_strndup(&x->names, name, strlen(name));
	if (n->name == NULL)
		return err_nomem(e);
	memcpy(n->sha256, sha256, SHA256_LEN);
	n->size = size;
	n->off = 0;
	n->medium = 1;
	list->n++;
	return 0;
}

static int
name_cmp(const void *a, const void *b)
{
	return strcmp(((const struct export_entry *)a)->name,
	    ((const struct export_entry *)b)->name);
}

void
export_sort(struct export_list *list)
{
	if (list->n != 0)
		qsort(list->v, list->n, sizeof(*list->v), name_cmp);
}

int
export_put(struct export *x, struct export_list *list, int dirfd,
    const char *name, const char *base,
    int (*make)(struct export *x, struct sink *to, struct err *e),
    struct err *e)
{
	struct digest_ctx ctx = DIGEST_CTX_INIT;
	struct buf b = BUF_INIT;
	struct sink file, hash, gather;
	struct digest d;
	int fd, r = -1;

	fd = os.openat(dirfd, base,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd == -1)
		return err_sys(e, "%s: cannot create", name);
	if (out_fd_mode(fd, 0644, e) == 0 &&
	    digest_open(&ctx, DIGEST_SHA256, e) == 0) {
		sink_fd(&file, fd);
		sink_digest(&hash, &ctx, &file);
		sink_gather(&gather, &b, &hash);
		if (make(x, &gather, e) == 0 && sink_gathered(&gather, e) == 0)
			r = digest_done(&ctx, &d, e);
	}
	buf_free(&b);
	digest_close(&ctx);
	if (os.close(fd) == -1 && r == 0)
		r = err_sys(e, "cannot close");
	if (r == -1)
		return err_ctx(e, "%s", name);
	return export_note(x, list, name, d.sha256, d.bytes, e);
}

int
export_folder(int dirfd, const char *name, int *fd, struct err *e)
{
	if (os.mkdirat(dirfd, name, 0755) == -1)
		return err_sys(e, "%s: cannot make the folder", name);
	*fd = openat(
	    dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd == -1)
		return err_sys(e, "%s: cannot open", name);
	return out_fd_mode(*fd, 0755, e) == -1 ? err_ctx(e, "%s", name) : 0;
}

struct copying {
	struct export *x;
	bool notes;
};

/* A payload file was copied while it was hashed. */
static int
copied(void *arg, const struct payload_item *it, const struct digest *d,
    struct content_staged *st, struct err *fault, struct err *e)
{
	struct copying *c = arg;
	struct export *x = c->x;
	char name[sizeof("data/" CONTENT_DIR "/") + CONTENT_NAME_MAX];

	(void)st;
	if (fault->kind == E_SYS) {
		*e = *fault;
		return err_ctx(e, "%s/%s", CONTENT_DIR, it->name);
	}
	snprintf(name, sizeof(name), "data/%s/%s", CONTENT_DIR, it->name);
	if (fault->kind != E_NONE) {
		err_ctx(fault, "damaged in the store");
		log_finding_err(x->log, name + strlen("data/"), fault);
		return 0;
	}
	if (!c->notes)
		return 0;
	log_event(x->log, LOG_DEBUG, name, "written, %s",
	    words_count(d->bytes, "byte").s);
	return export_note(x, &x->files_list, name, d->sha256, d->bytes, e);
}

struct copy_list {
	struct payload_item *items; /* owned */
	char (*names)[CONTENT_NAME_MAX]; /* owned */
	size_t n;
};

static int
list_payload(struct export *x, struct copy_list *l, struct err *e)
{
	l->items = calloc(x->files + 1, sizeof(*l->items));
	l->names = calloc(x->files + 1, sizeof(*l->names));
	if (l->items == NULL || l->names == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < x->pack.nfiles; i++) {
		const struct pack_file *f = &x->pack.files[i];
		struct payload_item *it = &l->items[l->n];

		if (!pack_carries(f))
			continue;
		content_name(l->names[l->n], f->sha1, f->ext);
		*it = (struct payload_item){.name = l->names[l->n++],
		    .size = f->size,
		    .has_sha256 = true};
		memcpy(it->sha256, f->measured, SHA256_LEN);
	}
	return 0;
}

/* XX, of payload by its name in WsusContent. */
static int
make_folders(
    int dirfd, const struct payload_item *items, size_t n, struct err *e)
{
	bool made[256] = {false};

	for (size_t i = 0; i < n; i++) {
		int fd = -1, r;
		uint8_t b;
		char xx[3];

		memcpy(xx, items[i].name, 2);
		xx[2] = '\0';
		if (!hex_read(&b, 1, xx, 2) || made[b])
			continue;
		made[b] = true;
		r = export_folder(dirfd, xx, &fd, e);
		if (fd != -1)
			(void)os.close(fd);
		if (r == -1)
			return -1;
	}
	return 0;
}

static int
nothing(struct export *x, struct sink *to, struct err *e)
{
	(void)x;
	(void)to;
	(void)e;
	return 0;
}

int
export_copy(struct export *x, int to, struct payload_item *items, size_t n,
    bool notes, struct err *e)
{
	struct copying c = {.x = x, .notes = notes};
	struct payload p = {.dirfd = x->content.dirfd,
	    .to = to,
	    .which = DIGEST_SHA256,
	    .jobs = x->o->jobs,
	    .prog = &x->prog,
	    .done = copied,
	    .arg = &c};
	uint64_t before = x->log->findings;
	int r;

	if (make_folders(to, items, n, e) == -1)
		return -1;
	prog_begin(&x->prog, x->log, "copying payload", "file",
	    payload_bytes(items, n), n);
	r = payload_run(&p, items, n, e);
	prog_end(&x->prog);
	if (r == 0 && x->log->findings != before)
		r = err_set(e, E_DIGEST,
		    "the store is damaged, so %s; run wsusferry-verify on it",
		    notes ? "nothing was exported"
			  : "this medium was not written");
	return r;
}

static int
put_payload(struct export *x, struct err *e)
{
	struct copy_list l = {.n = 0};
	int to = -1, r = -1;

	if (list_payload(x, &l, e) == 0 &&
	    export_folder(x->data, CONTENT_DIR, &to, e) == 0 &&
	    export_copy(x, to, l.items, l.n, true, e) == 0)
		r = export_texts(x, to, e);
	if (to != -1)
		(void)os.close(to);
	free(l.items);
	free(l.names);
	return r;
}

static int
put_package(struct export *x, size_t k, struct err *e)
{
	struct digest d;
	char name[64];

	if (k == 0)
		snprintf(name, sizeof(name), "data/wsusexport.cab");
	else
		snprintf(name, sizeof(name), "data/wsusexport-%zu.cab", k + 1);
	if (copy_to_name(x->packages[k], x->root, name, DIGEST_SHA256, &d, e) ==
	    -1)
		return err_ctx(e, "%s", name);
	return export_note(x, &x->files_list, name, d.sha256, d.bytes, e);
}

int
export_texts(struct export *x, int content, struct err *e)
{
	if (export_put(x, &x->files_list, content,
		"data/" CONTENT_DIR "/" CONTENT_CHECK_FILE, CONTENT_CHECK_FILE,
		nothing, e) == -1 ||
	    export_put(x, &x->files_list, x->data, "data/state.jsonl",
		"state.jsonl", export_state, e) == -1 ||
	    export_put(x, &x->files_list, x->data, "data/inventory.csv",
		"inventory.csv", export_inventory, e) == -1 ||
	    export_put(x, &x->files_list, x->data, "data/approve.csv",
		"approve.csv", export_far_approve, e) == -1 ||
	    export_put(x, &x->files_list, x->data, "data/wsus-import.cmd",
		"wsus-import.cmd", export_far_import, e) == -1 ||
	    (x->o->policy != NULL &&
		export_put(x, &x->files_list, x->data, BAG_POLICY,
		    "policy.conf", export_policy_put, e) == -1) ||
	    export_with_put(x, e) == -1)
		return -1;
	for (size_t k = 0; k < x->npackages; k++)
		if (put_package(x, k, e) == -1)
			return -1;
	return 0;
}

int
export_data(struct export *x, struct err *e)
{
	if (export_folder(x->root, "data", &x->data, e) == -1)
		return -1;
	return put_payload(x, e);
}
