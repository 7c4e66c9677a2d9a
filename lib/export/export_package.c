/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/room.h"
#include "lib/base/src.h"
#include "lib/base/words.h"
#include "lib/export/export_priv.h"
#include "lib/transfer/given.h"
#include "lib/store/store.h"

/* "out.cab" is "out.cab", "out-2.cab", ... */
static int
part_name(char *to, size_t room, const char *base, size_t k, struct err *e)
{
	size_t n = strlen(base);
	int len;

	if (n < 5 || strcmp(base + n - 4, ".cab") != 0)
		return err_set(e, E_USAGE,
		    "--package takes a name that ends in .cab, not '%s'", base);
	if (k == 0)
		len = snprintf(to, room, "%s", base);
	else
		len = snprintf(
		    to, room, "%.*s-%zu.cab", (int)(n - 4), base, k + 1);
	if (len < 0 || (size_t)len >= room)
		return err_set(e, E_USAGE, "the name '%s' is too long", base);
	return 0;
}

/* As it was packed, into a file that has no name until all are whole. */
static int
write_part(
    struct export *x, const char *base, size_t k, struct out *o, struct err *e)
{
	struct src src = SRC_INIT;
	struct stat st;
	char name[200];
	int r;

	if (part_name(name, sizeof(name), base, k, e) == -1)
		return -1;
	o->partial = true;
	if (out_open(o, x->parent, name, 0644, e) == -1)
		return -1;
	if ((r = fstat(x->packages[k], &st)) == -1)
		err_sys(e, "looking at a temporary file");
	else if ((r = src_fd(&src, x->packages[k], e)) == 0)
		r = src_copy(&src, &o->sink, e);
	src_close(&src);
	if (r == -1)
		return err_ctx(e, "%s", name);
	log_event(x->log, LOG_INFO, name, "%s, %s",
	    words_count(pack_part_items(&x->pack.parts[k]), "revision").s,
	    words_size((uint64_t)st.st_size).s);
	return 0;
}

/* All are whole before one gets its name, and the first one gets it last. */
static int
write_parts(struct export *x, const char *base, struct err *e)
{
	size_t n = x->pack.nparts;
	struct out *outs = calloc(n, sizeof(*outs));
	int r = 0;

	if (outs == NULL)
		return err_nomem(e);
	for (size_t k = 0; k < n; k++)
		outs[k] = (struct out)OUT_INIT;
	for (size_t k = 0; r == 0 && k < n; k++)
		r = write_part(x, base, k, &outs[k], e);
	for (size_t k = n; r == 0 && k > 0; k--)
		r = out_commit(&outs[k - 1], e);
	for (size_t k = 0; k < n; k++)
		out_abort(&outs[k]);
	free(outs);
	return r;
}

/* Refuse before the first byte is written, the first name before any work. */
static int
check_free(const struct export *x, const char *base, struct err *e)
{
	size_t n = x->pack.nparts == 0 ? 1 : x->pack.nparts;
	char name[200];
	int r;

	for (size_t k = 0; k < n; k++) {
		if (part_name(name, sizeof(name), base, k, e) == -1 ||
		    (r = path_look(x->parent, name, NULL, e)) == -1)
			return -1;
		if (r == 1)
			return err_set(e, E_USAGE,
			    "'%s' is there already; a package gets a new name",
			    name);
	}
	return 0;
}

/* The last component of --package. */
static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

int
export_package_given(struct export *x, struct err *e)
{
	const char *path = x->o->package, *base = base_of(path);
	char dir[PATH_MAX];

	if (*base == '\0')
		return err_set(e, E_USAGE,
		    "--package takes a name that ends in .cab, not '%s'", path);
	snprintf(dir, sizeof(dir), "%.*s",
	    base == path ? 1 : (int)(base - path), base == path ? "." : path);
	if (given_folder(dir, "the folder for the package", e) == -1)
		return -1;
	x->parent = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x->parent == -1)
		return err_sys(e, "%s: cannot open", dir);
	if (check_free(x, base, e) == -1)
		return -1;
	return room_writable(x->parent, path, e);
}

static void
summarize(struct export *x)
{
	struct json j = JSON_INIT;
	const char *verb = x->o->dry_run ? "would write" : "wrote";

	json_begin(&j);
	json_str(&j, "type", "summary");
	json_bool(&j, "dry_run", x->o->dry_run);
	json_str(&j, "package", x->o->package);
	json_num(&j, "packages", x->pack.nparts);
	json_num(&j, "revisions", x->plan.n);
	json_num(&j, "left_out", x->left_out);
	json_num(&j, "bytes", x->bytes);
	log_summary(x->log, &j, "%s %s into %s, %s; %llu left out", verb,
	    words_count(x->plan.n, "revision").s,
	    words_count(x->pack.nparts, "package").s, words_size(x->bytes).s,
	    (unsigned long long)x->left_out);
	json_free(&j);
}

int
export_package(struct export *x, struct err *e)
{
	const char *base = base_of(x->o->package);

	if (check_free(x, base, e) == -1 || export_pack(x, e) == -1)
		return -1;
	x->bytes = x->packed_bytes;
	if (export_room(x, e) == -1)
		return -1;
	if (!x->o->dry_run && write_parts(x, base, e) == -1)
		return -1;
	summarize(x);
	return 0;
}
