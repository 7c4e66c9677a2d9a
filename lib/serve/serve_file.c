/* SPDX-License-Identifier: ISC */
/* One payload file: from a path to a descriptor, by way of its digest. */
#include "lib/serve/serve_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/store/store.h"
#include "lib/view/here.h"

#define PREFIX "/content/"
#define HEX ((size_t)2 * SHA1_LEN)

/*
 * What a name stands for never changes, so its date is the same everywhere and
 * always: servers side by side agree, and a store made again does not differ.
 */
#define UNCHANGED_SINCE 946684800 /* 2000-01-01 */

bool
serve_name(
    const char *path, uint8_t sha1[SHA1_LEN], char ext[UPDATE_EXT_MAX + 1])
{
	const char *folder, *name;
	uint8_t last;
	size_t n;

	if (strncasecmp(path, PREFIX, sizeof(PREFIX) - 1) != 0)
		return false;
	folder = path + sizeof(PREFIX) - 1;
	if (!hex_read(&last, 1, folder, strnlen(folder, 2)) || folder[2] != '/')
		return false;
	name = folder + 3;
	n = strcspn(name, ".");
	if (n != HEX || !hex_read(sha1, SHA1_LEN, name, n) ||
	    sha1[SHA1_LEN - 1] != last)
		return false;
	name += n;
	if (*name == '.' && *++name == '\0')
		return false;
	if (strlen(name) > UPDATE_EXT_MAX)
		return false;
	memcpy(ext, name, strlen(name) + 1);
	return true;
}

void
serve_files_open(struct serve_files *f)
{
	*f = (struct serve_files){.open = {NULL}};
	pthread_mutex_init(&f->lock, NULL);
}

static void
leave(void *ctx)
{
	struct serve_open *o = ctx;

	if (o == NULL || atomic_fetch_sub(&o->users, 1) != 1)
		return;
	(void)close(o->fd);
	free(o);
}

void
serve_files_close(struct serve_files *f)
{
	unsigned i;

	for (i = 0; i < SERVE_CACHED; i++)
		leave(f->open[i]);
	pthread_mutex_destroy(&f->lock);
}

void
serve_worker_open(struct serve_worker *w, struct serve_files *f)
{
	*w = (struct serve_worker){.files = f, .content = CONTENT_INIT};
}

void
serve_worker_close(struct serve_worker *w)
{
	content_close(&w->content);
	store_close(w->store);
}

/* NULL: not known; else with one user more. */
static struct serve_open *
find_known(struct serve_files *f, const uint8_t sha1[SHA1_LEN], uint64_t now_ms)
{
	struct serve_open *o;

	pthread_mutex_lock(&f->lock);
	o = f->open[sha1[0] % SERVE_CACHED];
	if (o != NULL &&
	    (memcmp(o->sha1, sha1, SHA1_LEN) != 0 || o->until_ms <= now_ms))
		o = NULL;
	if (o != NULL)
		atomic_fetch_add(&o->users, 1);
	pthread_mutex_unlock(&f->lock);
	return o;
}

static void
make_known(struct serve_files *f, struct serve_open *o)
{
	struct serve_open **at = &f->open[o->sha1[0] % SERVE_CACHED], *was;

	atomic_fetch_add(&o->users, 1);
	pthread_mutex_lock(&f->lock);
	was = *at;
	*at = o;
	pthread_mutex_unlock(&f->lock);
	leave(was);
}

/* Addresses of Microsoft's own begin so, or have a folder of that name. */
static bool
is_download(const char *path)
{
	return strncasecmp(path, "/d/", 3) == 0 ||
	    strncasecmp(path, "/c/", 3) == 0 ||
	    strcasestr(path, "/msdownload/") != NULL;
}

bool
serve_download(const char *path, uint8_t sha1[SHA1_LEN])
{
	const char *name = strrchr(path, '/'), *end;
	size_t n;

	if (name == NULL || !is_download(path))
		return false;
	name++;
	end = strrchr(name, '.');
	n = end != NULL ? (size_t)(end - name) : strlen(name);
	if (n < HEX || (n > HEX && name[n - HEX - 1] != '_'))
		return false;
	return hex_read(sha1, SHA1_LEN, name + n - HEX, HEX);
}

/* Bytes of another number are not what the name stands for. */
static int
check_size(const struct serve_open *o, struct err *e)
{
	char name[CONTENT_NAME_MAX];
	struct stat st;

	if (fstat(o->fd, &st) == -1)
		return err_sys(e, "a payload file");
	if ((uint64_t)st.st_size == o->size)
		return 0;
	content_name(name, o->sha1, o->ext);
	return err_set(e, E_DIGEST,
	    "%s/%s: %" PRIu64 " bytes, expected %" PRIu64 ": damaged, and not "
	    "served; import again what brought it",
	    CONTENT_DIR, name, (uint64_t)st.st_size, o->size);
}

/* The same of one that is asked for all the time: ten times a second.  What is
   wrong a worker meets again, and says it. */
static bool
is_sound(struct serve_open *o, uint64_t now_ms)
{
	struct err e = ERR_INIT;

	if (now_ms - atomic_load(&o->checked_ms) < SERVE_CHECK_MS)
		return true;
	atomic_store(&o->checked_ms, now_ms);
	return check_size(o, &e) == 0;
}

/* 1 found, 0 there is none, -1. */
static int
find_payload(struct serve_worker *w, const uint8_t sha1[SHA1_LEN],
    struct serve_open **out, struct err *e)
{
	struct serve_open *o;
	struct store_file f;
	uint64_t size;
	int r, fd;

	if ((r = store_file(w->store, sha1, &f, e)) != 1 || !f.present)
		return r == -1 ? -1 : 0;
	if (here_open(&w->content, w->store, e) == -1)
		return -1;
	if (content_fd(&w->content, sha1, f.ext, &fd, &size, e) == -1)
		return e->kind == E_MISSING ? err_ctx(e, "lost from the store")
					    : -1;
	if ((o = malloc(sizeof(*o))) == NULL) {
		(void)close(fd);
		return err_nomem(e);
	}
	*o = (struct serve_open){.users = 1,
	    .fd = fd,
	    .size = f.size,
	    .until_ms = clock_ms() + SERVE_CACHED_MS};
	memcpy(o->sha1, sha1, SHA1_LEN);
	memcpy(o->ext, f.ext, sizeof(o->ext));
	*out = o;
	return 1;
}

static void
fill(struct httpd_res *rs, struct serve_open *o)
{
	/* Sent from by position, so that many can. */
	rs->fd = o->fd;
	rs->fd_kept = true;
	rs->close = leave;
	rs->ctx = o;
	rs->size = o->size;
	rs->status = 200;
	rs->type = "application/octet-stream";
	rs->modified = UNCHANGED_SINCE;
	rs->etag[0] = '"';
	hex_lower(rs->etag + 1, o->sha1, SHA1_LEN);
	memcpy(rs->etag + 1 + HEX, "\"", 2);
}

bool
serve_file_known(struct serve_files *files, const uint8_t sha1[SHA1_LEN],
    const char *ext, uint64_t now_ms, struct httpd_res *rs)
{
	struct serve_open *o = find_known(files, sha1, now_ms);

	if (o == NULL)
		return false;
	if ((ext != NULL && strcasecmp(o->ext, ext) != 0) ||
	    !is_sound(o, now_ms)) {
		leave(o);
		return false;
	}
	fill(rs, o);
	return true;
}

/* What is said where a file is asked for that is not here: 1 the store knows
   it, 0 not, -1. */
int
serve_absent(struct serve_worker *w, const uint8_t sha1[SHA1_LEN],
    struct httpd_res *rs, struct err *e)
{
	char hex[2 * SHA1_LEN + 1], name[256] = "";
	struct store_file f;
	int r;

	if ((r = store_file(w->store, sha1, &f, e)) == -1)
		return -1;
	hex_upper(hex, sha1, SHA1_LEN);
	if (r == 1)
		snprintf(name, sizeof(name), "%s", f.name);
	utf8_clean(name);
	rs->status = 404;
	rs->type = "text/plain; charset=utf-8";
	if (r == 0)
		return buf_printf(&rs->bytes, e,
		    "%s: no update of this store names this file.\n", hex);
	if (buf_printf(&rs->bytes, e,
		"%s: '%s' is named by an update of this store, and is not "
		"here: %s.\n",
		hex, name,
		f.left_out ? "it was left out by a policy"
			   : "it may come with a later transfer") == -1)
		return -1;
	return 1;
}

int
serve_file(struct serve_worker *w, const uint8_t sha1[SHA1_LEN],
    const char *ext, struct httpd_res *rs, struct err *e)
{
	struct serve_open *o = find_known(w->files, sha1, clock_ms());
	int r;

	if (o == NULL && (r = find_payload(w, sha1, &o, e)) != 1)
		return r;
	if (check_size(o, e) == -1) {
		leave(o);
		return -1;
	}
	make_known(w->files, o);
	if (ext == NULL || strcasecmp(o->ext, ext) == 0)
		fill(rs, o);
	else
		leave(o);
	return 0;
}
