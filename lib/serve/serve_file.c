/* SPDX-License-Identifier: ISC */
/* One payload file: from a path to a descriptor, by way of its digest. */
#include "lib/serve/serve_priv.h"

#include <fcntl.h>
#include <inttypes.h>
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
#define UNCHANGED_SINCE 1104537600 /* 2005-01-01 */

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
serve_files_open(struct serve_worker *w)
{
	unsigned i;

	w->content = (struct content)CONTENT_INIT;
	for (i = 0; i < SERVE_CACHED; i++)
		w->cached[i].fd = -1;
}

void
serve_files_close(struct serve_worker *w)
{
	unsigned i;

	for (i = 0; i < SERVE_CACHED; i++)
		if (w->cached[i].fd != -1)
			(void)close(w->cached[i].fd);
	content_close(&w->content);
}

/* Bytes of another number are not what the name stands for. */
static int
check_size(const struct serve_cached *c, uint64_t found, struct err *e)
{
	char name[CONTENT_NAME_MAX];

	if (found == c->size)
		return 0;
	content_name(name, c->sha1, c->ext);
	return err_set(e, E_DIGEST,
	    "%s/%s: %" PRIu64 " bytes, expected %" PRIu64 ": damaged, and not "
	    "served; import again what brought it",
	    CONTENT_DIR, name, found, c->size);
}

/* 1 found, 0 there is none, -1. */
static int
find_payload(struct serve_worker *w, const uint8_t sha1[SHA1_LEN],
    struct serve_cached *c, struct err *e)
{
	struct store_file f;
	uint64_t size;
	int r;

	if (c->fd != -1)
		(void)close(c->fd);
	c->fd = -1;
	if ((r = store_file(w->store, sha1, &f, e)) != 1 || !f.present)
		return r == -1 ? -1 : 0;
	memcpy(c->sha1, sha1, SHA1_LEN);
	memcpy(c->ext, f.ext, sizeof(c->ext));
	c->size = f.size;
	if (here_open(&w->content, w->store, e) == -1)
		return -1;
	if (content_fd(&w->content, sha1, f.ext, &c->fd, &size, e) == -1)
		return e->kind == E_MISSING ? err_ctx(e, "lost from the store")
					    : -1;
	if (check_size(c, size, e) == -1) {
		(void)close(c->fd);
		c->fd = -1;
		return -1;
	}
	c->until_s = clock_s() + SERVE_CACHED_S;
	return 1;
}

int
serve_file(struct serve_worker *w, const uint8_t sha1[SHA1_LEN],
    const char *ext, struct httpd_res *rs, struct err *e)
{
	struct serve_cached *c = &w->cached[sha1[0] % SERVE_CACHED];
	struct stat st;
	int r;

	if ((c->fd == -1 || memcmp(c->sha1, sha1, SHA1_LEN) != 0 ||
		c->until_s <= clock_s()) &&
	    (r = find_payload(w, sha1, c, e)) != 1)
		return r;
	if (strcasecmp(c->ext, ext) != 0)
		return 0;
	if (fstat(c->fd, &st) == -1)
		return err_sys(e, "a payload file");
	if (check_size(c, (uint64_t)st.st_size, e) == -1)
		return -1;
	/* Sent from by position, so that it may be the same open file. */
	if ((rs->fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return err_sys(e, "one more descriptor");
	rs->size = c->size;
	rs->status = 200;
	rs->type = "application/octet-stream";
	rs->modified = UNCHANGED_SINCE;
	rs->etag[0] = '"';
	hex_lower(rs->etag + 1, sha1, SHA1_LEN);
	memcpy(rs->etag + 1 + HEX, "\"", 2);
	return 0;
}
