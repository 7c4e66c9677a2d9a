/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/cab.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/room.h"
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

static int
write_part(struct export *x, int dirfd, const char *base, size_t k,
    struct out *o, struct err *e)
{
	const struct pack_write w = {
	    .small = x->o->small, .jobs = x->o->jobs, .prog = &x->prog};
	struct cab_patch patch;
	char name[200];

	if (part_name(name, sizeof(name), base, k, e) == -1)
		return -1;
	o->partial = true;
	if (out_open(o, dirfd, name, 0644, e) == -1)
		return -1;
	if (pack_write(&x->pack, k, &w, &o->sink, &patch, e) == -1 ||
	    out_patch(o, patch.off, patch.bytes, sizeof(patch.bytes), e) == -1)
		return err_ctx(e, "%s", name);
	x->bytes += patch.size;
	log_event(x->log, LOG_INFO, name, "%s, %s",
	    words_count(pack_part_items(&x->pack.parts[k]), "revision").s,
	    words_size(patch.size).s);
	return 0;
}

/* All are whole before one gets its name, and the first one gets it last. */
static int
write_parts(struct export *x, int dirfd, const char *base, struct err *e)
{
	size_t n = x->pack.nparts;
	struct out *outs = calloc(n, sizeof(*outs));
	int r = 0;

	if (outs == NULL)
		return err_nomem(e);
	for (size_t k = 0; k < n; k++)
		outs[k] = (struct out)OUT_INIT;
	for (size_t k = 0; r == 0 && k < n; k++)
		r = write_part(x, dirfd, base, k, &outs[k], e);
	for (size_t k = n; r == 0 && k > 0; k--)
		r = out_commit(&outs[k - 1], e);
	for (size_t k = 0; k < n; k++)
		out_abort(&outs[k]);
	free(outs);
	return r;
}

/* Refuse before the first byte is written. */
static int
check_free(struct export *x, int dirfd, const char *base, struct err *e)
{
	char name[200];
	int r;

	for (size_t k = 0; k < x->pack.nparts; k++) {
		if (part_name(name, sizeof(name), base, k, e) == -1 ||
		    (r = path_look(dirfd, name, NULL, e)) == -1)
			return -1;
		if (r == 1)
			return err_set(e, E_USAGE,
			    "'%s' is there already; a package gets a new name",
			    name);
	}
	return 0;
}

static int
open_parent(const char *path, int *dirfd, const char **base, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char dir[4096];

	if (slash != NULL && slash[1] == '\0')
		return err_set(e, E_USAGE,
		    "--package takes a name that ends in .cab, not '%s'", path);

	*base = slash == NULL ? path : slash + 1;
	snprintf(dir, sizeof(dir), "%.*s",
	    slash == NULL ? 1 : (int)(slash - path) + 1,
	    slash == NULL ? "." : path);
	if (given_folder(dir, "the folder for the package", e) == -1)
		return -1;
	*dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *dirfd == -1 ? err_sys(e, "%s: cannot open", dir) : 0;
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
	const char *base;
	int dirfd, r;

	if (open_parent(x->o->package, &dirfd, &base, e) == -1)
		return -1;
	if ((r = room_writable(dirfd, x->o->package, e)) == 0)
		r = check_free(x, dirfd, base, e);
	prog_begin(
	    &x->prog, x->log, "packing documents", "revision", 0, x->plan.n);
	if (r == 0 && !x->o->dry_run)
		r = write_parts(x, dirfd, base, e);
	prog_end(&x->prog);
	(void)os.close(dirfd);
	if (r == 0)
		summarize(x);
	return r;
}
