/* SPDX-License-Identifier: ISC */
#include "lib/transfer/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/transfer/container.h"
#include "lib/transfer/transfer_tags.h"
#include "lib/store/content.h"

#define MAX_NAMES ((size_t)256 << 20) /* bytes of all names together */

static int
name_cmp(const void *name, const void *file)
{
	return strcmp(name, ((const struct transfer_file *)file)->name);
}

struct transfer_file *
transfer_look_up(struct transfer_file *files, size_t n, const char *name)
{
	return sort_find(name, files, n, sizeof(*files), name_cmp);
}

const struct transfer_file *
transfer_find(const struct transfer *t, const char *name)
{
	return transfer_look_up(t->files, t->nfiles, name);
}

static const struct transfer_file *
find_content(const struct transfer *t, const uint8_t sha1[SHA1_LEN])
{
	char name[sizeof("data/" CONTENT_DIR "/") + CONTENT_NAME_MAX] =
	    "data/" CONTENT_DIR "/";
	size_t at, n;

	content_name(name + strlen(name), sha1, "");
	n = strlen(name);
	at = sort_place(name, t->files, t->nfiles, sizeof(*t->files), name_cmp);
	if (at == t->nfiles || strncmp(t->files[at].name, name, n) != 0 ||
	    (t->files[at].name[n] != '.' && t->files[at].name[n] != '\0'))
		return NULL;
	return &t->files[at];
}

const struct transfer_file *
transfer_payload(const struct transfer *t, const uint8_t sha1[SHA1_LEN])
{
	const struct transfer_file *f = find_content(t, sha1);
	size_t at;

	if (f != NULL || !bag_info_requires(&t->info, "parts"))
		return f;
	at = transfer_parts_find(t, sha1);
	return at == t->nfiles ? NULL : &t->files[at];
}

const struct transfer_file *
transfer_package(const struct transfer *t, unsigned number)
{
	char name[64];

	if (number <= 1)
		return transfer_find(t, "data/wsusexport.cab");
	snprintf(name, sizeof(name), "data/wsusexport-%u.cab", number);
	return transfer_find(t, name);
}

int
transfer_add(struct arena *a, struct transfer_file **files, size_t *n,
    size_t *cap, const struct bag_line *l, struct err *e)
{
	struct transfer_file *f;

	if (grow(files, cap, *n, sizeof(**files), e) == -1)
		return -1;
	f = &(*files)[*n];
	*f = (struct transfer_file){
	    .name = arena_strndup(a, l->name, strlen(l->name)), .dirfd = -1};
	if (f->name == NULL)
		return err_set(
		    e, E_LIMIT, "more than %zu bytes of names", MAX_NAMES);
	memcpy(f->sha256, l->sha256, SHA256_LEN);
	(*n)++;
	return 0;
}

/* Folders that file names imply. */
static bool
implied(const struct transfer_file *files, size_t nfiles, const char *name)
{
	size_t n = strlen(name), lo;

	lo = sort_place(name, files, nfiles, sizeof(*files), name_cmp);
	/* "name/..." sorts after "name", maybe behind "name-..." */
	for (; lo < nfiles && strncmp(files[lo].name, name, n) == 0; lo++)
		if (files[lo].name[n] == '/' && !files[lo].elsewhere)
			return true;
	return false;
}

static void
see_folder(const struct transfer *t, const char *name)
{
	if (!implied(t->files, t->nfiles, name) &&
	    !implied(t->tags, t->ntags, name))
		log_finding(t->log, E_FORMAT, name, E_NO_OFFSET,
		    "a folder that no manifest implies");
}

/* What stands in the folder without being in any manifest is outside. */
static int
see_name(void *arg, const struct path_entry *en, struct err *e)
{
	struct transfer *t = arg;
	struct transfer_file *f;
	bool outside = strcmp(en->name, BAG_TAGMANIFEST) == 0 ||
	    bag_is_signature(en->name);

	(void)e;
	if (en->type == PATH_DIR) {
		see_folder(t, en->name);
		return 0;
	}
	f = transfer_look_up(t->files, t->nfiles, en->name);
	if (f == NULL)
		f = transfer_look_up(t->tags, t->ntags, en->name);
	if (f != NULL && f->elsewhere)
		log_finding(t->log, E_FORMAT, en->name, E_NO_OFFSET,
		    "undeclared: it belongs on medium %u of %u", f->medium,
		    t->info.bags);
	else if (f == NULL && !outside)
		log_finding(t->log, E_FORMAT, en->name, E_NO_OFFSET,
		    "undeclared: no manifest names it");
	else if (en->type != PATH_FILE)
		log_finding(t->log, E_FORMAT, en->name, E_NO_OFFSET,
		    "not a regular file");
	else if (f != NULL)
		f->present = true;
	return 0;
}

/* Of tag files that was told when they were read. */
static void
tell_absent(const struct transfer *t)
{
	for (size_t i = 0; i < t->nfiles; i++)
		if (!t->files[i].present && !t->files[i].elsewhere)
			log_finding(t->log, E_MISSING, t->files[i].name,
			    E_NO_OFFSET, "absent, though %s declares it",
			    BAG_MANIFEST);
}

int
transfer_open(struct transfer *t, const char *path, const struct keyring *keys,
    int scratch, struct log *log, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*t = (struct transfer)TRANSFER_INIT;
	if (fd == -1)
		return err_sys(e, "cannot open the transfer");
	return transfer_open_fd(t, fd, keys, scratch, log, e);
}

/* A tar is one medium, of the transfer's time. */
static void
check_tar(const struct transfer *t)
{
	if (t->info.bags != 1)
		log_finding(t->log, E_FORMAT, BAG_INFO, E_NO_OFFSET,
		    "expected a whole transfer in a tar, found Bag-Count %u of "
		    "%u",
		    t->info.bag, t->info.bags);
	if (container_time(t->box) != t->info.time)
		log_finding(t->log, E_FORMAT, BAG_TAGMANIFEST, E_NO_OFFSET,
		    "its time in the tar is not that of Wsusferry-Created");
}

/* dirfd and box are set. */
static int
open_it(struct transfer *t, const struct keyring *keys, struct err *e)
{
	if (transfer_tags(t, keys, e) == -1)
		return -1;
	for (size_t i = 0; i < t->nfiles; i++) {
		if (t->files[i].elsewhere)
			continue;
		t->files[i].dirfd = t->dirfd;
		t->files[i].box = t->box;
	}
	if (t->box != NULL)
		container_declare(t->box, t->files, t->nfiles);
	if (transfer_walk(t, see_name, t, e) == -1)
		return -1;
	tell_absent(t);
	if (t->box != NULL && container_flows(t->box))
		check_tar(t);
	return transfer_check(t, e);
}

static void
begin(struct transfer *t, int scratch, struct log *log)
{
	*t = (struct transfer)TRANSFER_INIT;
	t->arena = (struct arena)ARENA_INIT(MAX_NAMES);
	t->log = log;
	t->scratch = scratch;
}

int
transfer_open_fd(struct transfer *t, int dirfd, const struct keyring *keys,
    int scratch, struct log *log, struct err *e)
{
	begin(t, scratch, log);
	t->dirfd = dirfd;
	return open_it(t, keys, e);
}

int
transfer_open_box(struct transfer *t, struct container *box,
    const struct keyring *keys, int scratch, struct log *log, struct err *e)
{
	begin(t, scratch, log);
	t->box = box;
	if (container_begin(box, log, e) == -1)
		return -1;
	return open_it(t, keys, e);
}

int
transfer_finish(const struct transfer *t, struct err *e)
{
	return t->box == NULL ? 0 : container_finish(t->box, e);
}

void
transfer_close(struct transfer *t)
{
	if (t->dirfd != -1)
		close(t->dirfd);
	container_close(t->box);
	arena_free(&t->arena);
	free(t->files);
	free(t->tags);
	free(t->ledger);
	*t = (struct transfer)TRANSFER_INIT;
}
