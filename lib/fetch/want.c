/* SPDX-License-Identifier: ISC */
/* Which payload is to be had, what is here of it, and where it may be. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/room.h"
#include "lib/base/sort.h"
#include "lib/base/words.h"
#include "lib/base/grow.h"
#include "lib/fetch/want.h"
#include "lib/store/store.h"

#define SPACE_KEPT ((uint64_t)64 << 20) /* for the database and for others */

/* Is it to be had?  1, 0, -1.  The rows are true: missed_note(). */
static int
look_for(struct wants *w, const struct choose_file *cf, struct want *to,
    struct err *e)
{
	uint64_t size;
	int r;

	if (cf->present)
		return 0;
	*to = (struct want){.file = cf, .newest = WANT_NONE};
	r = content_has(&w->f->content, cf->sha1, cf->ext, &size, e);
	to->held = r == 1;
	if (r == 1 && (!cf->has_size || size == cf->size))
		to->here = size;
	return r == -1 ? -1 : 1;
}

static int
by_sha1(const void *a, const void *b)
{
	const struct want *const *x = a, *const *y = b;

	return memcmp((*x)->file->sha1, (*y)->file->sha1, SHA1_LEN);
}

static int
sha1_of(const void *sha1, const void *entry)
{
	const struct want *const *w = entry;

	return memcmp(sha1, (*w)->file->sha1, SHA1_LEN);
}

static struct want *
find_want(const struct wants *w, const uint8_t sha1[SHA1_LEN])
{
	struct want **at;

	at = sort_find(sha1, w->by_sha1, w->n, sizeof(*w->by_sha1), sha1_of);
	return at != NULL ? *at : NULL;
}

bool
want_has(const void *wants, const uint8_t sha1[SHA1_LEN])
{
	return find_want(wants, sha1) != NULL;
}

/* In order of arrival: what comes last is in front. */
static int
add_url(void *arg, const uint8_t sha1[SHA1_LEN], const char *url, struct err *e)
{
	struct wants *w = arg;
	struct want *t = find_want(w, sha1);

	if (t == NULL)
		return 0;
	if (grow(&w->urls, &w->capurls, w->nurls, sizeof(*w->urls), e) == -1)
		return -1;
	if ((w->urls[w->nurls].url = strdup(url)) == NULL)
		return err_nomem(e);
	w->urls[w->nurls].older = t->newest;
	t->newest = w->nurls++;
	return 0;
}

/* What is in staging of it; each() gets every name that is one of ours. */
static int
each_part(struct wants *w,
    int (*each)(struct wants *w, const char *name, const uint8_t *sha1,
	enum content_part k, struct err *e),
    struct err *e)
{
	int fd;
	uint8_t sha1[SHA1_LEN];
	struct dirent *de;
	enum content_part k;
	int r = -1;
	DIR *d;

	if (w->f->content.staging == -1)
		return 0; /* a dry run */
	fd = openat(
	    w->f->content.staging, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || (d = fdopendir(fd)) == NULL) {
		if (fd != -1)
			(void)close(fd);
		return err_sys(e, "reading staging");
	}
	while ((errno = 0, de = readdir(d)) != NULL) {
		if (content_part_parse(de->d_name, sha1, &k) &&
		    each(w, de->d_name, sha1, k, e) == -1)
			goto out;
	}
	r = errno == 0 ? 0 : err_sys(e, "reading staging");
out:
	closedir(d);
	return r;
}

static int
measure(struct wants *w, const char *name, const uint8_t *sha1,
    enum content_part k, struct err *e)
{
	struct want *t = find_want(w, sha1);
	struct stat st;
	int r;

	if (t == NULL || k != CONTENT_PART || (t->held && t->here != 0))
		return 0;
	if ((r = path_look(w->f->content.staging, name, &st, e)) != 1)
		return r;
	t->here = (uint64_t)st.st_size;
	if (t->file->has_size && t->here > t->file->size)
		t->here = 0;
	return 0;
}

void
want_measure(struct wants *w)
{
	struct err none = ERR_INIT;

	if (each_part(w, measure, &none) == -1)
		err_clear(&none);
}

static int
sweep(struct wants *w, const char *name, const uint8_t *sha1,
    enum content_part k, struct err *e)
{
	if (find_want(w, sha1) != NULL)
		return 0;
	log_event(w->f->log, LOG_DEBUG, name,
	    "not wanted any more, or here by now: removed");
	return download_forget(w->f->content.staging, sha1, k, e);
}

int
want_sweep(struct wants *w, struct err *e)
{
	return each_part(w, sweep, e);
}

/* Declared by strangers, and each may be 2^63 - 1. */
static void
add_bytes(uint64_t *sum, uint64_t n)
{
	*sum = n > UINT64_MAX - *sum ? UINT64_MAX : *sum + n;
}

static int
collect_wants(struct wants *w, struct err *e)
{
	size_t n = w->files.n == 0 ? 1 : w->files.n;

	w->v = calloc(n, sizeof(*w->v));
	w->by_sha1 = calloc(n, sizeof(*w->by_sha1));
	if (w->v == NULL || w->by_sha1 == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < w->files.n; i++) {
		int r = look_for(w, &w->files.v[i], &w->v[w->n], e);

		if (r == -1)
			return -1;
		w->n += (size_t)r;
	}
	for (size_t i = 0; i < w->n; i++)
		w->by_sha1[i] = &w->v[i];
	sort_up(w->by_sha1, w->n, sizeof(*w->by_sha1), by_sha1);
	if (each_part(w, measure, e) == -1)
		return -1;
	for (size_t i = 0; i < w->n; i++) {
		const struct want *t = &w->v[i];

		add_bytes(
		    &w->bytes, t->file->has_size ? t->file->size : t->here);
		add_bytes(&w->here, t->here);
	}
	return 0;
}

int
want_open(struct wants *w, struct fetch *f, struct err *e)
{
	bool catalog_only = f->peer.microsoft || f->up.catalog_only;

	*w = (struct wants){.f = f};
	if (get_sources(&w->from, f->o, f->up.url, catalog_only, e) == -1 ||
	    choose_open(&w->choose, &f->policy, f->store, f->now, e) == -1 ||
	    news_policy(f, &w->choose, e) == -1 ||
	    choose_files(&w->choose, &w->files, e) == -1 ||
	    collect_wants(w, e) == -1)
		return -1;
	if (!w->from.internet)
		return 0;
	return store_each_url(f->store, add_url, w, e);
}

void
want_close(struct wants *w)
{
	for (size_t i = 0; i < w->nurls; i++)
		free(w->urls[i].url);
	for (size_t i = 0; w->v != NULL && i < w->n; i++)
		free(w->v[i].why);
	free(w->urls);
	free(w->by_sha1);
	free(w->v);
	choose_files_free(&w->files);
	choose_close(&w->choose);
	*w = (struct wants)WANTS_INIT;
}

/* Nobody has it, or nobody whom we may ask. */
static void
no_url(const struct wants *w, struct get *g)
{
	const char *why = "no URL is known from which it can be had";

	if (w->from.refused)
		why = "its URL names a host that payload is not taken from "
		      "(--content-host)";
	if (w->from.plain)
		why = "its URL is plain HTTP, which --require-tls forbids";
	g->outcome = SYNC_NO_URL;
	(void)snprintf(g->why, sizeof(g->why), "%s", why);
}

int
want_get(struct wants *w, const struct want *t, struct get *g, struct err *e)
{
	const struct choose_file *cf = t->file;
	struct store_file row;
	int r;

	*g = (struct get){.job = {.run = get_run, .err = ERR_INIT},
	    .has_sha256 = cf->has_sha256,
	    .has_size = cf->has_size,
	    .size = cf->size,
	    .held = t->held};
	memcpy(g->sha1, cf->sha1, SHA1_LEN);
	memcpy(g->sha256, cf->sha256, SHA256_LEN);
	memcpy(g->ext, cf->ext, sizeof(g->ext));
	w->from.refused = w->from.plain = false;
	if (get_add_bases(g, &w->from, e) == -1)
		return -1;
	for (size_t i = t->newest; i != WANT_NONE; i = w->urls[i].older)
		if (get_add_url(g, &w->from, w->urls[i].url, e) == -1)
			return -1;
	if (w->from.internet) {
		if ((r = store_file(w->f->store, cf->sha1, &row, e)) == -1)
			return -1;
		if (r == 1 && row.url != NULL &&
		    get_add_url(g, &w->from, row.url, e) == -1)
			return -1;
	}
	if (g->nurls == 0)
		no_url(w, g);
	return 0;
}

int
want_room(const struct wants *w, struct err *e)
{
	uint64_t need = w->bytes - w->here, have;
	char name[CONTENT_NAME_MAX];
	int r;

	if (w->f->content.staging == -1)
		return 0; /* a dry run */
	if ((r = room_free(w->f->content.staging, &have, e)) != 1)
		return r;
	if (need == 0 || (have > SPACE_KEPT && need <= have - SPACE_KEPT))
		return 0;
	content_name(name, w->v[0].file->sha1, w->v[0].file->ext);
	errno = ENOSPC;
	return err_sys(e,
	    "the payload needs %s more, and %s should stay free, but only %s "
	    "are: make room, or let the policy want less; %s alone is said to "
	    "have %s",
	    words_size(need).s, words_size(SPACE_KEPT).s, words_size(have).s,
	    name, words_size(w->v[0].file->size).s);
}

static void
print(
    struct wants *w, const struct want *t, const struct get *g, struct json *j)
{
	const char *url = g->nurls == 0 ? "-" : g->urls[0].url;
	char name[CONTENT_NAME_MAX], hex[2 * SHA1_LEN + 1];
	char text[CONTENT_NAME_MAX + DOWNLOAD_URL_MAX + 128];
	char size[24] = "-";

	content_name(name, t->file->sha1, t->file->ext);
	hex_lower(hex, t->file->sha1, SHA1_LEN);
	if (t->file->has_size)
		(void)snprintf(size, sizeof(size), "%" PRIu64, t->file->size);
	(void)snprintf(text, sizeof(text), "%s %s %s %s", name, size, hex, url);
	json_begin(j);
	json_str(j, "type", "file");
	json_str(j, "name", name);
	if (t->file->has_size)
		json_num(j, "bytes", t->file->size);
	json_num(j, "here", t->here);
	json_str(j, "sha1", hex);
	json_str(j, "url", g->nurls == 0 ? NULL : url);
	log_data(w->f->log, text, json_end(j));
}

int
want_print(struct wants *w, struct err *e)
{
	struct json j = JSON_INIT;
	struct get *g = malloc(sizeof(*g));
	int r = -1;

	if (g == NULL)
		return err_nomem(e);
	g->nurls = 0;
	for (size_t i = 0; i < w->n; i++) {
		if (want_get(w, &w->v[i], g, e) == -1)
			goto out;
		print(w, &w->v[i], g, &j);
		get_free(g);
	}
	r = 0;
out:
	get_free(g);
	json_free(&j);
	free(g);
	return r;
}
