/* SPDX-License-Identifier: ISC */
/* One payload file: from a path to a descriptor, by way of its digest. */
#include "lib/op/serve.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/store/store.h"

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

/* A store without payload may get some while we run. */
static int
see_content(struct serve_worker *w, struct err *e)
{
	if (w->content.dirfd != -1)
		return 0;
	return content_open(&w->content, store_dirfd(w->store), -1, e);
}

int
serve_file(struct serve_worker *w, const uint8_t sha1[SHA1_LEN],
    const char *ext, struct httpd_res *rs, struct err *e)
{
	struct store_file f;
	char hex[HEX + 1];
	int r;

	if ((r = store_file(w->store, sha1, &f, e)) != 1)
		return r;
	if (!f.present || strcasecmp(f.ext, ext) != 0)
		return 0;
	if (see_content(w, e) == -1)
		return -1;
	if (content_fd(&w->content, sha1, f.ext, &rs->fd, &rs->size, e) == -1) {
		if (e->kind != E_MISSING)
			return -1;
		err_clear(e);
		return 0;
	}
	rs->status = 200;
	rs->type = "application/octet-stream";
	rs->modified = UNCHANGED_SINCE;
	hex_lower(hex, sha1, SHA1_LEN);
	snprintf(rs->etag, sizeof(rs->etag), "\"%s\"", hex);
	return 0;
}
