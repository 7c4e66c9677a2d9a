/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/os.h"
#include "lib/base/path.h"
#include "lib/base/words.h"
#include "lib/store/payload_priv.h"

int
payload_wrong_size(const struct payload_item *it, uint64_t size, struct err *e)
{
	return err_set(e, E_DIGEST, "%s, expected %llu",
	    words_count(size, "byte").s, (unsigned long long)it->size);
}

int
payload_compare(
    const struct payload_item *it, const struct digest *d, struct err *e)
{
	char want[2 * SHA256_LEN + 1], got[2 * SHA256_LEN + 1];

	if (d->bytes != it->size)
		return payload_wrong_size(it, d->bytes, e);
	if (it->has_sha256 && memcmp(d->sha256, it->sha256, SHA256_LEN) != 0) {
		hex_lower(want, it->sha256, SHA256_LEN);
		hex_lower(got, d->sha256, SHA256_LEN);
		return err_set(
		    e, E_DIGEST, "SHA-256 is %s, expected %s", got, want);
	}
	if (it->has_sha1 && memcmp(d->sha1, it->sha1, SHA1_LEN) != 0) {
		hex_upper(want, it->sha1, SHA1_LEN);
		hex_upper(got, d->sha1, SHA1_LEN);
		return err_set(
		    e, E_DIGEST, "SHA-1 is %s, expected %s", got, want);
	}
	return 0;
}

bool
payload_is_staged(const struct payload *p, const struct payload_item *it)
{
	return it->stage && p->content != NULL;
}

static int
folder_of(const struct payload *p, const struct payload_item *it)
{
	return it->from != NULL ? *it->from : p->dirfd;
}

static int
to_of(const struct payload *p, const struct payload_item *it)
{
	return it->to != NULL ? *it->to : p->to;
}

int
payload_begin_copy(
    const struct payload *p, struct payload_file *f, struct copy *cp)
{
	const struct payload_item *it = f->it;
	enum content_how how = it->link ? CONTENT_LINK : p->how;

	*cp = (struct copy){.fd = f->fd, .to = -1, .max = UINT64_MAX};
	if (to_of(p, it) != -1)
		return copy_make_name(to_of(p, it), it->name, &cp->to, &f->err);
	if (!payload_is_staged(p, it))
		return 0;
	return content_stage_begin(p->content, f->fd, folder_of(p, it),
	    it->name, f->fd == -1 ? CONTENT_COPY : how, it->size, &f->st, cp,
	    &f->err);
}

/* path_open() says which, as does whoever is told of the item. */
static int
drop_name(struct err *e, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(e->msg, name, n) == 0 && strncmp(e->msg + n, ": ", 2) == 0)
		memmove(e->msg, e->msg + n + 2, strlen(e->msg + n + 2) + 1);
	return -1;
}

static int
open_file(const struct payload *p, struct payload_file *f, struct copy *cp)
{
	uint64_t size;

	f->err = (struct err)ERR_INIT;
	f->fd = -1;
	if (folder_of(p, f->it) == -1)
		return err_set(&f->err, E_MISSING, "its folder is not there");
	if (path_open(
		folder_of(p, f->it), f->it->name, &f->fd, &size, &f->err) == -1)
		return drop_name(&f->err, f->it->name);
	if (size != f->it->size)
		payload_wrong_size(f->it, size, &f->err);
	else if (payload_begin_copy(p, f, cp) == 0)
		return 0;
	close(f->fd);
	return -1;
}

int
payload_end_copy(
    const struct payload *p, struct payload_file *f, const struct copy *cp)
{
	int r = 0;

	if (payload_is_staged(p, f->it) && to_of(p, f->it) == -1)
		return content_stage_end(
		    p->content, f->fd, &f->st, cp, &f->err);
	if (cp->err.kind != E_NONE) {
		f->err = cp->err;
		r = -1;
	}
	if (cp->to != -1 && os.close(cp->to) == -1 && r == 0)
		r = err_sys(&f->err, "cannot close");
	return r;
}

static void
close_file(
    const struct payload *p, struct payload_file *f, const struct copy *cp)
{
	f->digest = cp->digest;
	if (payload_end_copy(p, f, cp) == 0 &&
	    payload_compare(f->it, &f->digest, &f->err) == -1 &&
	    payload_is_staged(p, f->it))
		content_drop(p->content, &f->st);
	close(f->fd);
}

void
payload_take(const struct payload *p, struct payload_file *files, unsigned n)
{
	struct payload_file *open[PAYLOAD_LANES];
	struct copy copies[PAYLOAD_LANES];
	unsigned i, nopen = 0;

	for (i = 0; i < n; i++)
		if (files[i].it->npieces != 0)
			payload_join(p, &files[i], NULL);
		else if (open_file(p, &files[i], &copies[nopen]) == 0)
			open[nopen++] = &files[i];
	copy_lanes(copies, nopen, p->which);
	for (i = 0; i < nopen; i++)
		close_file(p, open[i], &copies[i]);
}
