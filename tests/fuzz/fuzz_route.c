/* SPDX-License-Identifier: ISC */
/*
 * A target: it is answered from a small store whose texts are hostile, and
 * what becomes of them and of the target in a page is no markup.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "formats/request.h"
#include "lib/base/err.h"
#include "lib/base/path_remove.h"
#include "lib/serve/serve_priv.h"
#include "lib/store/store.h"
#include "tests/store_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define HOSTILE "<b onload='x'>\"&\\ 5000001 \xc3\xbc"

static struct serve serve = {.scan = {.dirfd = -1}, .self_update = -1};
static struct err failed = ERR_INIT;

static void
need(bool ok)
{
	if (!ok)
		abort();
}

static void
put_hostile(struct store *s)
{
	struct make m;

	make_update(&m, 30, 1);
	m.titles[0] = (struct update_title){"en", HOSTILE, HOSTILE};
	m.u.ntitles = 1;
	m.u.title = HOSTILE;
	make_needs(&m, 1, 1);
	make_needs(&m, 2, 2);
	make_file(&m, "hostile", "<a href=\"x\">.cab");
	m.kbs[m.u.nkbs++] = "5000003";
	make_put_ok(s, &m);
}

static char dir[4096];

static void
remove_store(void)
{
	struct err e = ERR_INIT;

	(void)path_remove(AT_FDCWD, dir, &e);
}

static void
open_store(void)
{
	const char *where = getenv("TMPDIR");
	struct serve_worker *w = &serve.workers[0];
	struct err e = ERR_INIT;
	struct store *s;

	snprintf(dir, sizeof(dir), "%s/fuzz_route.XXXXXX",
	    where != NULL ? where : "/dev/shm");
	need(mkdtemp(dir) != NULL && atexit(remove_store) == 0);
	s = make_begun(dir);
	make_fill(s);
	put_hostile(s);
	make_commit(s);
	store_close(s);
	serve.dir = dir;
	serve.failed = &failed;
	serve.nloops = 1;
	serve_view_init(&serve.view);
	serve_files_open(&serve.files);
	serve_worker_open(w, &serve.files);
	serve_wanted_init(&serve.wanted);
	need(store_open(&w->store, dir, STORE_READ, NULL, &e) == 0);
	need(content_open(&w->content, store_dirfd(w->store), -1, &e) == 0);
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* Behind '<': a name, attributes in double quotes, '>'.  Returns its end. */
static const char *
check_tag(const char *p)
{
	const char *name;

	if (strncmp(p, "!DOCTYPE html>", 14) == 0)
		return p + 13;
	p += *p == '/';
	need(is_word(*p));
	while (is_word(*p))
		p++;
	while (*p == ' ' || *p == '\n') {
		p += strspn(p, " \n");
		name = p;
		while (is_word(*p))
			p++;
		need(strncmp(name, "on", 2) != 0);
		if (*p != '=')
			continue;
		need(p[1] == '"');
		p += 2;
		need(strncmp(name, "href", 4) != 0 ||
		    strncmp(p, "javascript", 10) != 0);
		p += strcspn(p, "\"<>");
		need(*p++ == '"');
	}
	p += *p == '/';
	need(*p == '>');
	return p;
}

static void
check_page(struct buf *b)
{
	struct err e = ERR_INIT;
	const char *p = buf_str(b, &e);

	need(p != NULL && strlen(p) == b->len);
	need(utf8_valid(b->p, b->len));
	for (; *p != '\0'; p++) {
		need((unsigned char)*p >= 0x20 || *p == '\n');
		if (*p == '<')
			p = check_tag(p + 1);
		else
			need(*p != '>' || p[-1] == ' ');
	}
}

static void
check_answer(const struct httpd_req *rq)
{
	struct httpd_res rs = HTTPD_RES_INIT;

	serve_answer(&serve, rq, &rs);
	need(rs.status == 200 || rs.status == 301 || rs.status == 302 ||
	    rs.status == 400 || rs.status == 404);
	need(strpbrk(rs.etag, "\r\n") == NULL);
	if (rs.type != NULL && strncmp(rs.type, "text/html", 9) == 0)
		check_page(&rs.bytes);
	buf_free(&rs.bytes);
	if (rs.fd != -1 && !rs.fd_kept)
		close(rs.fd);
	if (rs.ctx != NULL)
		rs.close(rs.ctx);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static char head[REQUEST_HEAD_MAX], path[REQUEST_TARGET_MAX + 1];
	struct request r;
	struct httpd_req rq = {.path = path, .head_of = &r};
	int len;

	if (serve.dir == NULL)
		open_store();
	if (n > REQUEST_TARGET_MAX || memchr(p, '\0', n) != NULL)
		return 0;
	len = snprintf(head, sizeof(head),
	    "GET %.*s HTTP/1.1\r\nHost: a\r\n\r\n", (int)n, (const char *)p);
	request_init(&r);
	if (request_read(&r, head, (size_t)len) != REQUEST_WHOLE ||
	    r.size != (size_t)len || request_path(&r, path, NULL) != 0)
		return 0;
	/* Lists are made by other threads, from the same rows. */
	if (strcasecmp(path, "/index.json") != 0 &&
	    strcasecmp(path, "/updates.csv") != 0)
		check_answer(&rq);
	return 0;
}
