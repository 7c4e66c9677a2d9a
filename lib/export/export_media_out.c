/* SPDX-License-Identifier: ISC */
/*
 * What waits in staging/out-SEQUENCE/ for its media: found again, written as
 * folders for media are there, and gone when all of it is out.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/path_remove.h"
#include "lib/base/words.h"
#include "lib/export/export_priv.h"
#include "lib/store/store.h"
#include "lib/transfer/media.h"

void
export_media_name(char out[EXPORT_OUT_NAME], uint64_t sequence)
{
	snprintf(out, EXPORT_OUT_NAME, CONTENT_OUT "%llu",
	    (unsigned long long)sequence);
}

void
export_media_asked(const struct export *x, char text[EXPORT_ASKED_MAX])
{
	snprintf(text, EXPORT_ASKED_MAX, "media-size %s\nfilesystem %s\n%s",
	    x->o->media_size == NULL ? "" : x->o->media_size,
	    x->o->filesystem == NULL ? "" : x->o->filesystem,
	    x->tar ? "tar\n" : "");
}

int
export_media_clear(struct export *x, struct err *e)
{
	int fd = openat(
	    store_staging(x->store), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *de;
	int r = 0;
	DIR *d;

	if (fd == -1 || (d = fdopendir(fd)) == NULL) {
		err_sys(e, "reading staging");
		if (fd != -1)
			(void)close(fd);
		return -1;
	}
	while (r == 0 && (errno = 0, de = readdir(d)) != NULL)
		if (strncmp(de->d_name, CONTENT_OUT, strlen(CONTENT_OUT)) ==
			0 &&
		    content_waits(de->d_name))
			r = path_remove(fd, de->d_name, e);
	if (r == 0 && errno != 0)
		r = err_sys(e, "reading staging");
	closedir(d);
	return r;
}

/* How it was asked for then. */
static int
same_options(struct export *x, struct err *e)
{
	struct buf text = BUF_INIT_MAX(EXPORT_ASKED_MAX);
	char now[EXPORT_ASKED_MAX];
	int r = path_read(x->out, EXPORT_ASKED, EXPORT_ASKED_MAX, &text, e);

	export_media_asked(x, now);
	if (r == 0)
		r = text.len == strlen(now) &&
		    memcmp(text.p, now, text.len) == 0;
	buf_free(&text);
	return r;
}

static int
open_out(struct export *x, uint64_t sequence, struct err *e)
{
	char name[EXPORT_OUT_NAME];
	int fd, r;

	export_media_name(name, sequence);
	if ((r = content_open_staging(store_dirfd(x->store), 0, &fd, e)) != 1)
		return r;
	if (x->out != -1)
		(void)close(x->out);
	x->out = -1;
	if ((r = path_opendir(fd, name, &x->out, e)) == -1 &&
	    e->kind == E_MISSING) {
		err_clear(e);
		r = 1;
	}
	close(fd);
	return r == -1 ? -1 : x->out != -1;
}

int
export_media_left(
    struct export *x, const struct ledger_row *open, struct err *e)
{
	int r;

	if (!open->has_tag || (r = open_out(x, open->sequence, e)) == 0)
		return 0;
	if (r == 1)
		r = same_options(x, e);
	return r;
}

static int
read_bags(struct export *x, uint32_t *bags, struct err *e)
{
	struct buf text = BUF_INIT_MAX(BAG_MAX_TAG);
	int r = path_read(x->out, "1/" BAG_INFO, BAG_MAX_TAG, &text, e);

	if (r == 0)
		r = bag_info_read(&x->info, text.p, text.len, e);
	*bags = x->info.bags;
	buf_free(&text);
	return r;
}

static void
name_written(char name[32], uint32_t k)
{
	snprintf(name, 32, "%u.written", k);
}

static int
note_written(struct export *x, uint32_t k, struct err *e)
{
	char name[32];
	int fd;

	name_written(name, k);
	fd = os.openat(
	    x->out, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd == -1 || os.close(fd) == -1 || out_flush_folder(x->out) == -1)
		return err_sys(e, "noting medium %u in staging", k);
	return 0;
}

/* The first that is not written; 0: none is. */
static int
next_medium(struct export *x, uint32_t bags, uint32_t *next, struct err *e)
{
	char name[32];
	int r = 1;

	for (*next = 1; *next <= bags; (*next)++) {
		name_written(name, *next);
		if ((r = path_look(x->out, name, NULL, e)) != 1)
			break;
	}
	if (r == 1)
		*next = 0;
	return r == -1 ? -1 : 0;
}

static void
summarize(struct export *x, uint64_t wrote, uint32_t bags, uint32_t next)
{
	struct json j = JSON_INIT;
	char label[MEDIA_LABEL_MAX];

	json_begin(&j);
	json_str(&j, "type", "summary");
	json_bool(&j, "dry_run", false);
	json_str(&j, "transfer", x->info.id);
	json_num(&j, "sequence", x->info.sequence);
	json_num(&j, "media", bags);
	json_num(&j, "written_media", wrote);
	json_num(&j, "next_medium", next);
	media_label(label, &x->info, next);
	if (next == 0)
		log_summary(x->log, &j, "wrote %llu %s; %s is complete, on %u",
		    (unsigned long long)wrote,
		    words_pick(wrote, "medium", "media"), x->info.id, bags);
	else
		log_summary(x->log, &j,
		    "wrote %llu %s; %s is not complete: change the medium and "
		    "run it again with --medium %u for %s",
		    (unsigned long long)wrote,
		    words_pick(wrote, "medium", "media"), x->info.id, next,
		    label);
	json_free(&j);
	if (next != 0)
		x->log->worst = err_worst(x->log->worst, err_status(E_STOP));
}

static int
read_tag(int dirfd, const char *folder, struct buf *tag, struct err *e)
{
	char name[sizeof(((struct export *)0)->name) + sizeof(BAG_TAGMANIFEST)];

	buf_reset(tag);
	snprintf(name, sizeof(name), "%s/" BAG_TAGMANIFEST, folder);
	if (path_read(dirfd, name, BAG_MAX_TAGMANIFEST, tag, e) == 0)
		return 1;
	if (e->kind == E_SYS)
		return -1;
	err_clear(e);
	return 0;
}

/* Is the k-th medium in that folder?  1, 0, -1. */
static int
is_there(struct export *x, int dirfd, uint32_t k, struct err *e)
{
	struct buf mine = BUF_INIT_MAX(BAG_MAX_TAGMANIFEST),
		   theirs = BUF_INIT_MAX(BAG_MAX_TAGMANIFEST);
	char label[MEDIA_LABEL_MAX], name[sizeof(x->name)], number[16];
	int r;

	media_label(label, &x->info, k);
	snprintf(name, sizeof(name), "wsusferry-%s", label);
	snprintf(number, sizeof(number), "%u", k);
	if ((r = read_tag(dirfd, name, &theirs, e)) == 1 &&
	    (r = read_tag(x->out, number, &mine, e)) == 1)
		r = mine.len == theirs.len &&
		    memcmp(mine.p, theirs.p, mine.len) == 0;
	buf_free(&mine);
	buf_free(&theirs);
	return r;
}

/* The medium that an earlier run wrote there, maybe as its last deed; 0:
   none. */
static int
look_for_medium(struct export *x, const char *path, uint32_t bags, uint32_t *k,
    struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (fd == -1)
		return err_sys(e, "%s: cannot open", path);
	for (*k = 1; *k <= bags; (*k)++)
		if ((r = is_there(x, fd, *k, e)) != 0)
			break;
	close(fd);
	if (r == 0)
		*k = 0;
	if (r == 1) {
		log_event(x->log, LOG_INFO, path,
		    "medium %u of %u is here already", *k, bags);
		r = note_written(x, *k, e);
	}
	return r;
}

/* One medium for each folder that was named, and has none. */
static int
write_media(struct export *x, uint32_t bags, uint64_t *wrote, struct err *e)
{
	uint32_t asked = (uint32_t)x->o->medium, k = asked, has = 0;

	for (size_t i = 0; i < export_ntos(x); i++) {
		const char *path = export_to(x, i);

		if (asked == 0 && look_for_medium(x, path, bags, &has, e) == -1)
			return -1;
		if (asked == 0 && has != 0)
			continue;
		if (asked == 0 && next_medium(x, bags, &k, e) == -1)
			return -1;
		if (k == 0 || k > bags)
			break;
		if (export_medium(x, k, path, e) == -1 ||
		    note_written(x, k, e) == -1)
			return -1;
		(*wrote)++;
		k++;
	}
	return next_medium(x, bags, &k, e) == -1 ? -1 : (int)k;
}

static int
write_tar(struct export *x, struct err *e)
{
	if (export_tar_write(x, e) == -1 || export_finish_row(x, e) == -1 ||
	    export_media_clear(x, e) == -1)
		return -1;
	return 1;
}

int
export_media_write(struct export *x, struct err *e)
{
	uint64_t wrote = 0;
	uint32_t bags;
	int next;

	if (read_bags(x, &bags, e) == -1)
		return -1;
	if (x->tar)
		return write_tar(x, e);
	if (x->o->medium > bags)
		return err_set(e, E_USAGE, "--medium %llu: %s is on %u media",
		    (unsigned long long)x->o->medium, x->info.id, bags);
	if ((next = write_media(x, bags, &wrote, e)) == -1)
		return -1;
	if (next == 0 &&
	    (export_finish_row(x, e) == -1 || export_media_clear(x, e) == -1))
		return -1;
	summarize(x, wrote, bags, (uint32_t)next);
	return next == 0;
}

/* What waits was asked for by another run: is it what this one means? */
static int
check_medium(const struct export *x, struct err *e)
{
	const char *to = x->row.target[0] != '\0' ? x->row.target : "anybody";
	char when[UTC_LEN + 1];

	if (x->o->destination != NULL &&
	    strcmp(x->o->destination, x->row.target) != 0)
		return err_set(e, E_USAGE,
		    "--medium goes on with %s, which is for %s, not for %s",
		    x->row.where, to, x->o->destination);
	utc_write(when, x->row.time);
	log_event(x->log, LOG_INFO, x->row.where,
	    "going on with its media: for %s, begun %s%s%s", to, when,
	    x->row.reason[0] != '\0' ? ", " : "", x->row.reason);
	return 0;
}

int
export_media_go_on(struct export *x, struct err *e)
{
	int r;

	if ((r = ledger_last_export(x->store, &x->row, e)) == -1)
		return -1;
	if (r == 1 && x->row.state == LEDGER_OPEN && x->row.has_tag)
		r = open_out(x, x->row.sequence, e);
	else
		r = 0;
	if (r == -1)
		return -1;
	if (r == 0)
		return err_set(e, E_USAGE,
		    "--medium goes on with media that an export has begun, and "
		    "none waits for any; begin with --media-size");
	if (check_medium(x, e) == -1)
		return -1;
	if (store_accept(x->store, x->log, e) == -1)
		return -1;
	return export_media_write(x, e) == -1 ? -1 : 0;
}

/* The identity is in the ledger before the first medium gets its name. */
int
export_media_begin(struct export *x, struct err *e)
{
	if (export_media_make(x, e) == -1) {
		struct err ignored = ERR_INIT;

		store_rollback(x->store);
		(void)export_media_clear(x, &ignored);
		return -1;
	}
	if (ledger_update(x->store, &x->row, e) == -1 ||
	    export_sets_keep(x, e) == -1 || store_commit(x->store, e) == -1)
		return -1;
	return export_media_write(x, e) == -1 ? -1 : 0;
}
