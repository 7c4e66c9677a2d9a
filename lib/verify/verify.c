/* SPDX-License-Identifier: ISC */
#include "lib/verify/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/bag.h"
#include "formats/cab.h"
#include "formats/package.h"
#include "formats/xml.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/src.h"
#include "lib/base/words.h"
#include "lib/transfer/container.h"
#include "lib/transfer/given.h"
#include "lib/verify/verify_priv.h"

/* A cabinet, a package as a cabinet, or one as gzip. */
static int
verify_file(struct verify *v, int fd, const char **kind, struct err *e)
{
	struct cab c = CAB_INIT;
	struct src s = SRC_INIT;
	uint8_t magic[2] = {0, 0};
	bool package = false;
	int r = -1;

	if (src_fd(&s, fd, e) == -1 ||
	    src_read_full(&s, magic, sizeof(magic), e) == -1 ||
	    src_seek(&s, 0, e) == -1)
		goto out;
	if (magic[0] == 0x1f && magic[1] == 0x8b)
		package = true;
	else if (cab_read(&c, &s, &cab_default_limits, e) == -1)
		goto out;
	else
		package = cab_find(&c, PACKAGE_INDEX) != -1 &&
		    cab_find(&c, PACKAGE_META) != -1;
	*kind = package ? "package" : "cabinet";
	for (unsigned i = 0; package && i < c.nfiles; i++)
		v->bytes += c.files[i].size;
	v->files += package ? c.nfiles : 0;
	r = package ? verify_package(v, fd, e) : verify_cab(v, fd, e);
out:
	cab_free(&c);
	src_close(&s);
	return r;
}

/* What a folder is: the first of these names that is in it says it; lock, that
   of a store without its database: store_open() knows what to say of it. */
static int
folder_kind(int dirfd, const char **kind, struct err *e)
{
	static const char *const rows[][2] = {{"store.db", "store"},
	    {BAG_DECLARATION, "transfer"}, {BAG_TAGMANIFEST, "transfer"},
	    {"lock", "store"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = path_look(dirfd, rows[i][0], NULL, e);

		if (r == -1)
			return -1;
		if (r == 1) {
			*kind = rows[i][1];
			return 1;
		}
	}
	return 0;
}

/* What ends it early is a fault of the file as any other; 1 then. */
static int
verify_bytes(
    struct verify *v, int fd, bool empty, const char **kind, struct err *e)
{
	int r;

	if (!empty)
		r = verify_file(v, fd, kind, e);
	else
		r = err_set(e, E_FORMAT,
		    "empty; wsusutil leaves such a file when an export passes "
		    "2 GB");
	if (r == 0 || (e->kind != E_FORMAT && e->kind != E_LIMIT))
		return r;
	log_finding_err(v->log, v->path, e);
	return 1;
}

static bool
is_stdin(const char *path)
{
	return strcmp(path, CONTAINER_STDIN) == 0;
}

/* 0 all of it was read, 1 not, for a fault that was told, -1. */
static int
verify_path(struct verify *v, int fd, const char **kind, struct err *e)
{
	char hint[GIVEN_HINT_MAX];
	struct stat st;
	int r;

	if (fstat(fd, &st) == -1)
		return err_sys(e, "cannot look at it");
	if (is_stdin(v->path) || S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)) {
		if ((r = container_is(fd, e)) == -1)
			return -1;
		if (r == 1 || is_stdin(v->path)) {
			*kind = "transfer";
			return verify_transfer(v, e);
		}
	}
	if (S_ISREG(st.st_mode))
		return verify_bytes(v, fd, st.st_size == 0, kind, e);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, E_USAGE,
		    "neither a folder nor a regular file; what comes by a pipe "
		    "is read from standard input, as " CONTAINER_STDIN);
	if ((r = folder_kind(fd, kind, e)) == -1)
		return -1;
	if (r == 1 && strcmp(*kind, "store") == 0)
		return verify_store(v, e);
	if (r == 1)
		return verify_transfer(v, e);
	given_hint(hint, fd, v->path);
	return err_set(e, E_USAGE,
	    "neither a store (no store.db) nor a transfer (no %s)%s",
	    BAG_TAGMANIFEST, hint);
}

/* How far it came, when it ended before its end. */
static void
say_cut(const struct verify *v, const char *kind, enum err_kind why,
    uint64_t faults, char *text, size_t room)
{
	struct words read = v->total != 0 || v->revisions == 0
	    ? words_count(v->files, "file")
	    : words_count(v->revisions, "revision");
	char of[32] = "";

	if (v->total != 0)
		snprintf(
		    of, sizeof(of), "%llu of ", (unsigned long long)v->files);
	if (v->total != 0)
		read = words_count(v->total, "file");
	snprintf(text, room, "%s: %s: %s after %s%s; %s so far", v->path, kind,
	    why == E_STOP ? "stopped" : "not finished", of, read.s,
	    faults == 0 ? "nothing bad" : words_count(faults, "fault").s);
}

/* cut: E_NONE when all was read. */
static void
tell_verdict(const struct verify *v, const char *kind, enum err_kind cut)
{
	uint64_t faults = v->log->findings - v->began;
	char text[PATH_MAX + 256];
	struct json j = JSON_INIT;

	if (v->log->quiet && !v->log->json && faults == 0)
		return;
	if (cut != E_NONE)
		say_cut(v, kind, cut, faults, text, sizeof(text));
	else if (v->glanced)
		snprintf(text, sizeof(text),
		    "%s: %s: signature and tag files: %s; no payload was read",
		    v->path, kind, words_count(faults, "fault").s);
	else
		snprintf(text, sizeof(text), "%s: %s: %s, %s, %s read: %s",
		    v->path, kind, words_count(v->revisions, "revision").s,
		    words_count(v->files, "file").s, words_size(v->bytes).s,
		    words_count(faults, "fault").s);
	utf8_clean(text);
	json_begin(&j);
	json_str(&j, "type", "verified");
	json_str(&j, "path", v->path);
	json_str(&j, "kind", kind);
	json_bool(&j, "finished", cut == E_NONE);
	json_bool(&j, "payload_read", !v->glanced);
	json_num(&j, "revisions", v->revisions);
	json_num(&j, "files", v->files);
	json_num(&j, "bytes", v->bytes);
	lacking_json(&j, &v->lacking);
	json_num(&j, "faults", faults);
	log_verdict(v->log, text, json_end(&j));
	json_free(&j);
}

static void
note_kind(struct verify_seen *seen, const char *kind)
{
	if (seen == NULL)
		return;
	seen->store |= strcmp(kind, "store") == 0;
	seen->transfer |= strcmp(kind, "transfer") == 0;
	seen->package |= strcmp(kind, "package") == 0;
}

int
verify_run(const struct verify_opts *o, const char *path, struct err *e)
{
	struct verify v = {.o = o,
	    .log = o->log,
	    .path = path,
	    .began = o->log->findings,
	    .content = CONTENT_INIT};
	const char *kind = "file";
	int fd, r;

	xml_init();
	if (o->content != NULL &&
	    given_folder(o->content, "the content folder", e) == -1)
		return -1;
	fd = is_stdin(path)
	    ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	    : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, E_USAGE, "no such file or folder");
	if (fd == -1)
		return err_sys(e, "cannot open");
	r = verify_path(&v, fd, &kind, e);
	note_kind(o->seen, kind);
	if (!v.judged && (r != -1 || e->kind == E_STOP || e->kind == E_SYS))
		tell_verdict(&v, kind, r == 1 ? E_FORMAT : e->kind);
	verify_drop(&v);
	close(fd);
	return r == -1 ? -1 : 0;
}
