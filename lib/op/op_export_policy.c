/* SPDX-License-Identifier: ISC */
/* A policy chooses the payload of a transfer; the documents go all the same. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/policy.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/sink.h"
#include "lib/op/choose.h"
#include "lib/op/export.h"

static int
read_file(int fd, struct buf *to, struct err *e)
{
	uint8_t block[4096];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		if (buf_put(to, block, (size_t)n, e) == -1)
			return -1;
	return n == -1 ? err_sys(e, "cannot read") : 0;
}

/* Its canonical form is its name. */
static int
name_policy(struct export *x, const struct policy *p, struct err *e)
{
	struct digest_ctx ctx = DIGEST_CTX_INIT;
	struct digest d;
	struct sink to;
	int r = -1;

	if (digest_open(&ctx, DIGEST_SHA256, e) == 0) {
		sink_digest(&to, &ctx, NULL);
		if (policy_write(p, &to, e) == 0)
			r = digest_done(&ctx, &d, e);
	}
	if (r == 0)
		memcpy(x->policy, d.sha256, SHA256_LEN);
	digest_close(&ctx);
	return r;
}

static int
read_policy(struct export *x, struct policy *p, struct err *e)
{
	struct buf text = BUF_INIT_MAX(POLICY_MAX_BYTES);
	const char *path = x->o->policy;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), r = -1;

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, E_USAGE, "policy '%s' is not there", path);
	if (fd == -1)
		return err_sys(e, "policy '%s'", path);
	if (read_file(fd, &text, e) == 0 &&
	    policy_read(p, text.p, text.len, e) == 0 &&
	    name_policy(x, p, e) == 0)
		r = 0;
	(void)os.close(fd);
	buf_free(&text);
	return r == 0 ? 0 : err_ctx(e, "policy '%s'", path);
}

static int
by_sha1(const void *a, const void *b)
{
	const struct choose_file *x = a, *y = b;

	return memcmp(x->sha1, y->sha1, SHA1_LEN);
}

static void
mark(struct export *x, struct choose_files *wanted)
{
	struct choose_file key;
	struct pack_file *f;

	if (wanted->n > 0)
		qsort(wanted->v, wanted->n, sizeof(*wanted->v), by_sha1);
	for (size_t i = 0; i < x->pack.nfiles; i++) {
		f = &x->pack.files[i];
		memcpy(key.sha1, f->sha1, SHA1_LEN);
		if (wanted->n > 0 &&
		    bsearch(&key, wanted->v, wanted->n, sizeof(key), by_sha1) !=
			NULL)
			continue;
		f->unwanted = true;
		f->present = false;
	}
}

int
export_policy(struct export *x, struct err *e)
{
	struct choose_files wanted = {.v = NULL};
	struct policy p = POLICY_INIT;
	struct choose c = CHOOSE_INIT;
	int r = -1;

	if (read_policy(x, &p, e) == -1 ||
	    choose_open(&c, &p, x->store, x->head.created, x->log, e) == -1 ||
	    choose_files(&c, &wanted, e) == -1)
		goto out;
	mark(x, &wanted);
	r = 0;
out:
	choose_files_free(&wanted);
	choose_close(&c);
	policy_free(&p);
	return r;
}
