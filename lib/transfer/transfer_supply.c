/* SPDX-License-Identifier: ISC */
/* Where the files of a transfer come from: a folder, or a container. */
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "lib/transfer/container.h"
#include "lib/transfer/intake.h"
#include "lib/transfer/transfer_tags.h"

int
transfer_read(const struct transfer *t, const char *name, size_t max,
    struct buf *to, struct err *e)
{
	return t->box != NULL ? container_read(t->box, name, max, to, e)
			      : path_read(t->dirfd, name, max, to, e);
}

/* Of a container only the tag manifest is asked for in this way. */
int
transfer_has(const struct transfer *t, const char *name, struct err *e)
{
	return t->box != NULL ? 0 : path_look(t->dirfd, name, NULL, e);
}

int
transfer_walk(const struct transfer *t,
    int (*each)(void *arg, const struct path_entry *en, struct err *e),
    void *arg, struct err *e)
{
	return t->box != NULL
	    ? container_walk(t->box, each, arg, e)
	    : path_walk(t->dirfd, PATH_MAX_DEPTH, each, arg, e);
}

int
transfer_fetch_tags(
    struct transfer *t, uint64_t (*max)(const char *name), struct err *e)
{
	for (size_t i = 0; i < t->ntags; i++) {
		t->tags[i].dirfd = t->dirfd;
		t->tags[i].box = t->box;
	}
	return t->box == NULL
	    ? 0
	    : container_tags(t->box, t->tags, t->ntags, max, t->scratch, e);
}

int
transfer_intake(const struct transfer_file *f, uint64_t max, int scratch,
    struct intake *in, struct err *e)
{
	return f->box != NULL
	    ? container_intake(f->box, f->name, max, scratch, in, e)
	    : intake_name(in, f->dirfd, f->name, max, scratch, e);
}

static int
copy_file(const struct transfer *t, const char *name, uint64_t max,
    struct sink *to, struct err *e)
{
	struct transfer_file f = {
	    .name = name, .dirfd = t->dirfd, .box = t->box};
	struct intake in = INTAKE_INIT;
	struct src s = SRC_INIT;
	int r = transfer_intake(&f, max, t->scratch, &in, e);

	if (r == 0)
		r = src_fd(&s, in.fd, e);
	if (r == 0)
		r = src_copy(&s, to, e);
	src_close(&s);
	intake_close(&in);
	return r;
}

int
transfer_tag_copy(const struct transfer *t, const char *name, uint64_t max,
    struct sink *to, struct err *e)
{
	struct buf b = BUF_INIT_MAX(BAG_MAX_TAGMANIFEST);
	int r;

	if (strcmp(name, BAG_TAGMANIFEST) != 0 && !bag_is_signature(name))
		return copy_file(t, name, max, to, e);
	r = transfer_read(t, name, BAG_MAX_TAGMANIFEST, &b, e);
	if (r == 0)
		r = sink_write(to, b.p, b.len, e);
	buf_free(&b);
	return r;
}
