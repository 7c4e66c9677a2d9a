/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/cab.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "lib/store/store.h"
#include "lib/transfer/take.h"
#include "lib/verify/verify_priv.h"

int
verify_try(struct verify *v, struct err *e)
{
	if (store_open(&v->store, v->o->store, STORE_TRY, NULL, e) == -1)
		return -1;
	return content_open(&v->content, store_dirfd(v->store), -1, e);
}

void
verify_drop(struct verify *v)
{
	content_close(&v->content);
	store_close(v->store);
	v->store = NULL;
}

int
verify_begin(struct verify *v, struct take *t, int scratch, struct err *e)
{
	bool judged = v->store != NULL;

	if ((!judged && store_nothing(&v->store, e) == -1) ||
	    store_begin(v->store, e) == -1)
		return -1;
	*t = (struct take){.store = v->store,
	    .content = judged ? &v->content : NULL,
	    .scratch = scratch,
	    .jobs = v->o->jobs,
	    .log = v->log,
	    .began = v->began,
	    .reads_on = true};
	return 0;
}

void
verify_end(struct verify *v, struct take *t)
{
	v->revisions += t->revisions;
	v->files += t->nread;
	v->bytes += t->bytes_read;
	take_free(t);
	verify_drop(v);
}

int
verify_lacking(struct verify *v, struct store *s, const struct lacking_of *of,
    const char *files, struct err *e)
{
	const struct lacking_how how = {
	    .findings = true, .subject = v->path, .files = files};

	return lacking_tell(s, v->log, of, &how, &v->lacking, e);
}

/* The folder that was given, else one of the usual name beside the package. */
static int
find_content(const struct verify *v, char beside[PATH_MAX], const char **to,
    struct err *e)
{
	const char *slash = strrchr(v->path, '/');
	int n = slash == NULL ? 0 : (int)(slash - v->path) + 1, r;
	struct stat st;

	if ((*to = v->o->content) != NULL)
		return 0;
	if (snprintf(beside, PATH_MAX, "%.*s%s", n, v->path, CONTENT_DIR) >=
	    PATH_MAX)
		return 0;
	if ((r = path_look(AT_FDCWD, beside, &st, e)) != 1 ||
	    !(S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode)))
		return r == -1 ? -1 : 0;
	log_event(v->log, LOG_INFO, v->path, "its payload is looked for in %s",
	    beside);
	*to = beside;
	return 0;
}

int
verify_package(struct verify *v, int fd, struct err *e)
{
	const struct lacking_of of = {.noted = true};
	char beside[PATH_MAX];
	const char *content;
	struct take t = {.store = NULL};
	int r = -1;

	if (find_content(v, beside, &content, e) == 0 &&
	    verify_begin(v, &t, -1, e) == 0 &&
	    take_package(&t, fd, v->path, e) == 0 && take_derive(&t, e) == 0)
		r = take_folder(&t, content, e);
	if (r == 0 && v->log->findings == v->began)
		r = verify_lacking(v, v->store, &of,
		    content == NULL ? TAKE_NO_CONTENT : NULL, e);
	verify_end(v, &t);
	return r;
}

static int
bad_block(void *arg, const struct err *fault, struct err *e)
{
	const struct verify *v = arg;
	struct err copy = *fault;

	(void)e;
	log_finding_err(v->log, v->path, &copy);
	return 0;
}

/* Unpack every member into nothing. */
static int
unpack_all(struct verify *v, const struct cab *c, struct src *s, struct err *e)
{
	struct cab_body *b = NULL;
	struct sink none;
	int r = cab_body_open(&b, c, s, e);

	sink_null(&none);
	for (unsigned i = 0; r == 0 && i < c->nfiles; i++) {
		struct err fault = ERR_INIT;

		if (cab_body_extract(b, i, &none, &fault) == 0) {
			v->bytes += c->files[i].size;
			continue;
		}
		if (err_is_ours(&fault)) {
			*e = fault;
			r = -1;
		} else {
			log_finding_err(v->log, v->path, &fault);
		}
	}
	cab_body_close(b);
	return r;
}

int
verify_cab(struct verify *v, int fd, struct err *e)
{
	struct cab c = CAB_INIT;
	struct src s = SRC_INIT;
	int r = -1;

	if (src_fd(&s, fd, e) == 0 &&
	    cab_read(&c, &s, &cab_default_limits, e) == 0 &&
	    cab_check(&c, &s, bad_block, v, e) == 0)
		r = unpack_all(v, &c, &s, e);
	v->files += c.nfiles;
	cab_free(&c);
	src_close(&s);
	return r;
}
