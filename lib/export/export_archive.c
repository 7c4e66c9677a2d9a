/* SPDX-License-Identifier: ISC */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/base/sink.h"
#include "lib/export/export_priv.h"

/* Bytes that are written at a time: whole records, or the end would be no
 * multiple of one. */
#define BLOCK (100 * EXPORT_ARCHIVE_END)
#define HEADER 512
#define PAX (3 * HEADER) /* what says a size that a header has no room for */

struct export_archive {
	struct archive *a; /* owned */
	struct archive_entry *entry; /* owned */
	struct sink *to; /* borrowed */
	const char *folder; /* borrowed */
	int64_t time;
	struct err fault; /* of the sink */
	bool ended, left; /* left in the middle: nothing more is written */
};

static la_ssize_t
write_block(struct archive *a, void *arg, const void *p, size_t n)
{
	struct export_archive *t = arg;

	if (!t->left && sink_write(t->to, p, n, &t->fault) == 0)
		return (la_ssize_t)n;
	archive_set_error(a, t->fault.sys, "write");
	return -1;
}

static int
failed(struct export_archive *t, struct err *e)
{
	const char *why = archive_error_string(t->a);

	if (t->fault.kind != E_NONE) {
		*e = t->fault;
		return -1;
	}
	return err_set(e, E_SYS, "writing a tar: %s",
	    why == NULL ? "no reason given" : why);
}

int
export_archive_open(struct export_archive **out, struct sink *to,
    const char *folder, int64_t time, struct err *e)
{
	struct export_archive *t = calloc(1, sizeof(*t));

	*out = t;
	if (t == NULL)
		return err_nomem(e);
	t->to = to;
	t->folder = folder;
	t->time = time;
	t->fault = (struct err)ERR_INIT;
	if ((t->a = archive_write_new()) == NULL ||
	    (t->entry = archive_entry_new()) == NULL)
		return err_nomem(e);
	if (archive_write_set_format_pax_restricted(t->a) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(t->a, BLOCK) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(t->a, EXPORT_ARCHIVE_END) !=
		ARCHIVE_OK ||
	    archive_write_open(t->a, t, NULL, write_block, NULL) != ARCHIVE_OK)
		return failed(t, e);
	return 0;
}

int
export_archive_member(
    struct export_archive *t, const char *name, uint64_t size, struct err *e)
{
	char path[PATH_SAFE_MAX + sizeof(((struct export *)0)->name) + 2];
	struct archive_entry *n = t->entry;

	snprintf(path, sizeof(path), "%s/%s", t->folder, name);
	archive_entry_clear(n);
	archive_entry_set_pathname(n, path);
	archive_entry_set_filetype(n, AE_IFREG);
	archive_entry_set_perm(n, 0644);
	archive_entry_set_size(n, (la_int64_t)size);
	archive_entry_set_mtime(n, t->time, 0);
	return archive_write_header(t->a, n) == ARCHIVE_OK ? 0 : failed(t, e);
}

int
export_archive_write(
    struct export_archive *t, const void *p, size_t n, struct err *e)
{
	return archive_write_data(t->a, p, n) == (la_ssize_t)n ? 0
							       : failed(t, e);
}

int
export_archive_finish(struct export_archive *t, struct err *e)
{
	t->ended = true;
	return archive_write_close(t->a) == ARCHIVE_OK ? 0 : failed(t, e);
}

/* libarchive would give one that was left in the middle its end, and frees what
   it holds for the sink by that alone. */
void
export_archive_close(struct export_archive *t)
{
	if (t == NULL)
		return;
	t->left = !t->ended;
	if (t->a != NULL && t->left)
		(void)archive_write_close(t->a);
	archive_write_free(t->a);
	archive_entry_free(t->entry);
	free(t);
}

uint64_t
export_archive_takes(uint64_t size)
{
	return HEADER + PAX + (size + HEADER - 1) / HEADER * HEADER;
}
