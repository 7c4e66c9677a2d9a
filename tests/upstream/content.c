/* SPDX-License-Identifier: ISC */
/* Payload: /Content/XX/SHA1.ext as a WSUS has it, /mu/SHA1.ext as MUUrl
   says. */
#include "tests/upstream/upstream.h"

#include <pthread.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/store/content.h"
#include "lib/store/store.h"
#include "tests/upstream/soap.h"

#define ASKED_MAX 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint8_t asked[ASKED_MAX][SHA1_LEN];
static size_t nasked;

void
content_asked(const uint8_t sha1[SHA1_LEN])
{
	pthread_mutex_lock(&lock);
	if (nasked < ASKED_MAX)
		memcpy(asked[nasked++], sha1, SHA1_LEN);
	pthread_mutex_unlock(&lock);
}

static bool
was_asked(const uint8_t sha1[SHA1_LEN])
{
	size_t i;
	bool found = false;

	pthread_mutex_lock(&lock);
	for (i = 0; i < nasked; i++)
		found = found || memcmp(asked[i], sha1, SHA1_LEN) == 0;
	pthread_mutex_unlock(&lock);
	return found;
}

/* Of the path, letters low: the digest and the extension; 404 or 403 else. */
static int
parse(const char *path, uint8_t sha1[SHA1_LEN], char ext[UPDATE_EXT_MAX + 1])
{
	const char *name, *dot;

	if (strncmp(path, "/content/", 9) == 0 && strlen(path) > 12 &&
	    path[11] == '/')
		name = path + 12;
	else if (strncmp(path, "/mu/", 4) == 0)
		name = path + 4;
	else
		return 404;
	dot = strchr(name, '.');
	if (dot != NULL && strlen(dot + 1) > UPDATE_EXT_MAX)
		return 404;
	snprintf(ext, UPDATE_EXT_MAX + 1, "%s", dot != NULL ? dot + 1 : "");
	if (!hex_read(sha1, SHA1_LEN, name, strcspn(name, ".")))
		return 404;
	if (path[1] == 'c' && strncmp(path + 9, name + 38, 2) != 0)
		return 404;
	return 200;
}

/* Opens the file of a digest that the store has. */
static int
open_file(const uint8_t sha1[SHA1_LEN], const char *ext, struct answer *a)
{
	struct store *s = store_lend();
	struct content c = CONTENT_INIT;
	struct store_file f;
	struct err e = ERR_INIT;
	int status = 404;

	if (store_file(s, sha1, &f, &e) != 1 || !f.present)
		goto out;
	if (*ext == '\0' && *f.ext != '\0')
		status = 403;
	else if (strcasecmp(ext, f.ext) == 0 &&
	    content_open(&c, store_dirfd(s), -1, &e) == 0 &&
	    content_fd(&c, sha1, f.ext, &a->fd, &a->len, &e) == 0)
		status = 200;
out:
	content_close(&c);
	store_return(s);
	return status;
}

/* One range, as asked for: 206 with off and len, 416, or 200: none. */
static int
judge(const char *range, uint64_t size, uint64_t *off, uint64_t *len)
{
	unsigned long long from, to;
	int end = 0;

	if (strncmp(range, "bytes=", 6) != 0 || strchr(range, ',') != NULL)
		return 200;
	range += 6;
	if (sscanf(range, "-%llu%n", &to, &end) == 1 && range[end] == '\0') {
		from = to < size ? size - to : 0;
		to = size - 1;
	} else if (sscanf(range, "%llu-%llu%n", &from, &to, &end) == 2 &&
	    range[end] == '\0') {
		if (to < from)
			return 200;
	} else if (sscanf(range, "%llu-%n", &from, &end) == 1 && end != 0 &&
	    range[end] == '\0') {
		to = size - 1;
	} else {
		return 200;
	}
	if (from >= size)
		return 416;
	*off = from;
	*len = (to >= size ? size - 1 : to) - from + 1;
	return 206;
}

static void
put_range(struct answer *a, uint64_t off, uint64_t len, uint64_t size)
{
	a->status = 206;
	a->off = off;
	a->len = len;
	putf(&a->head, "Content-Range: bytes %llu-%llu/%llu\r\n",
	    (unsigned long long)off, (unsigned long long)(off + len - 1),
	    (unsigned long long)size);
	putf(&a->note, " %llu-%llu", (unsigned long long)off,
	    (unsigned long long)(off + len - 1));
}

/* The part that is asked for; wrong-range gives another one as if it were. */
static void
wish_range(const struct request *r, struct answer *a, const char *etag,
    const char *modified)
{
	uint64_t size = a->len, off = 0, len = size;
	int status = judge(r->range, size, &off, &len);

	if (*r->range == '\0' || wish(&a->w, "ignore-range") != NULL ||
	    (*r->if_range != '\0' && strcmp(r->if_range, etag) != 0 &&
		strcmp(r->if_range, modified) != 0))
		return;
	if (a->no_body || wish(&a->w, "416") != NULL)
		status = 416;
	if (status == 416) {
		a->status = 416;
		a->len = 0;
		putf(&a->head, "Content-Range: bytes */%llu\r\n",
		    (unsigned long long)size);
	} else if (status == 206 && wish(&a->w, "wrong-range") != NULL) {
		put_range(a, off / 2, size - off / 2, size);
	} else if (status == 206) {
		put_range(a, off, len, size);
	}
}

static void
wish_bytes(struct answer *a)
{
	if (a->fd == -1 || a->status > 206)
		return;
	a->flip = wish(&a->w, "wrong-bytes") != NULL;
	a->chunked = wish(&a->w, "chunked") != NULL;
	if (wish(&a->w, "double") != NULL) {
		a->chunked = true;
		a->times = 2;
	}
	if (wish(&a->w, "short") != NULL)
		a->len /= 2;
	if (wish(&a->w, "long") != NULL) {
		a->times = 2;
		a->length = (int64_t)a->len * 2;
	}
}

static void
send_file_of(const struct request *r, struct answer *a)
{
	static atomic_uint changes;
	struct stat st;
	char etag[64], modified[DATE_LEN];

	if (fstat(a->fd, &st) == -1) {
		a->status = 500;
		return;
	}
	http_date(modified, (int64_t)st.st_mtime);
	snprintf(etag, sizeof(etag), "\"%llx:0\"",
	    (unsigned long long)st.st_mtime * 10000000 + st.st_ino % 1000 +
		(wish(&a->w, "etag") != NULL ? atomic_fetch_add(&changes, 1) + 1
					     : 0));
	a->type = "application/octet-stream";
	putf(&a->head,
	    "Last-Modified: %s\r\nAccept-Ranges: bytes\r\nETag: %s\r\n",
	    modified, etag);
	wish_range(r, a, etag, modified);
	wish_bytes(a);
}

static bool
wish_absent(const uint8_t sha1[SHA1_LEN], struct answer *a)
{
	return wish(&a->w, "404") != NULL ||
	    (wish(&a->w, "404-until-asked") != NULL && !was_asked(sha1));
}

static bool
wish_redirect(const struct request *r, struct answer *a)
{
	const char *to = wish(&a->w, "redirect");

	if (to == NULL)
		return false;
	a->status = 302;
	if (*to != '\0')
		putf(&a->head, "Location: %s\r\n", to);
	else
		putf(&a->head, "Location: %s%s?again\r\n", up.base, r->path);
	return true;
}

void
content_answer(const struct request *r, const char *path, struct answer *a)
{
	uint8_t sha1[SHA1_LEN];
	char ext[UPDATE_EXT_MAX + 1], hex[2 * SHA1_LEN + 1] = "";

	a->status = up.store_dir != NULL ? parse(path, sha1, ext) : 404;
	if (a->status == 200)
		hex_upper(hex, sha1, SHA1_LEN);
	snprintf(a->op, sizeof(a->op), "%s",
	    a->status != 200	 ? "Other"
		: path[1] == 'c' ? "Content"
				 : "MU");
	a->no_body = strcmp(r->method, "HEAD") == 0;
	modes_match(&a->w, a->op, hex);
	putf(&a->note, " %s%s", a->no_body ? "HEAD " : "",
	    *hex != '\0' ? hex : "-");
	if (a->status != 200 || wish_redirect(r, a))
		return;
	a->status = wish_absent(sha1, a) ? 404 : open_file(sha1, ext, a);
	if (a->status == 200)
		send_file_of(r, a);
}
