/* SPDX-License-Identifier: ISC */
/* Payload: few large files, many small ones, hashed while they are written. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testdata/gen/gen.h"

#define STEP (256u * 1024)
#define LEAST 24 /* bytes, so that no two files are the same by chance */
#define EMPTY 3 /* this one has no bytes at all */

static bool
is_big(const struct gen *g, uint32_t i)
{
	return (uint64_t)i * g->o.big_files / g->nfiles !=
	    ((uint64_t)i + 1) * g->o.big_files / g->nfiles;
}

static uint64_t
weight_of(const struct gen *g, uint32_t i)
{
	static const uint16_t small[] = {1, 2, 3, 5, 8, 10, 10, 15, 30, 120};
	struct rng r = rng_for(g->o.seed, S_SIZE, i);

	if (g->files[i].eula)
		return 1;
	if (is_big(g, i))
		return 500 + rng_below(&r, 1000);
	return small[rng_below(&r, 10)] * 100u + rng_below(&r, 100);
}

static void
set_sizes(struct gen *g)
{
	uint64_t sum[2] = {0, 0}, share[2];
	uint32_t i;
	bool big;

	share[1] = g->o.big_files > 0 ? g->o.payload_bytes / 20 * 19 : 0;
	if (g->o.big_files == g->nfiles)
		share[1] = g->o.payload_bytes;
	share[0] = g->o.payload_bytes - share[1];
	for (i = 0; i < g->nfiles; i++)
		sum[is_big(g, i) && !g->files[i].eula] += weight_of(g, i);
	for (i = 0; i < g->nfiles; i++) {
		big = is_big(g, i) && !g->files[i].eula;
		g->files[i].size = (uint64_t)((double)share[big] *
		    (double)weight_of(g, i) / (double)sum[big]);
		if (g->files[i].size < LEAST)
			g->files[i].size = LEAST;
	}
	if (g->nfiles > EMPTY * 2 && !g->files[EMPTY].eula)
		g->files[EMPTY].size = 0;
	for (i = 0; i < g->o.extra_files; i++)
		g->files[g->nfiles + i].size = 1000 + i;
}

static void
fill(struct rng *r, bool text, uint8_t *p, size_t n)
{
	uint64_t x;
	size_t i;

	for (i = 0; i < n; i += sizeof(x)) {
		x = rng_next(r);
		if (text) /* letters and blanks */
			x = (x & 0x0f0f0f0f0f0f0f0fu) | 0x6060606060606060u;
		memcpy(p + i, &x, sizeof(x));
	}
}

static void
put(int fd, const uint8_t *p, size_t n, const char *path)
{
	ssize_t k;

	while (n > 0) {
		k = write(fd, p, n);
		if (k == -1 && errno == EINTR)
			continue;
		if (k == -1)
			die("%s: %s", path, strerror(errno));
		p += k;
		n -= (size_t)k;
	}
}

static void
must(int ok)
{
	if (ok != 1)
		die("libcrypto failed");
}

/* fd -1: only the digests are wanted. */
static void
pour(const struct gen *g, uint32_t i, int fd, const char *path)
{
	struct payload *f = &g->files[i];
	struct rng r = rng_for(g->o.seed, S_PAYLOAD, i);
	EVP_MD_CTX *a = need(EVP_MD_CTX_new()), *b = need(EVP_MD_CTX_new());
	uint8_t *buf = need(malloc(STEP));
	uint64_t left;
	size_t n;

	must(EVP_DigestInit_ex(a, EVP_sha1(), NULL));
	must(EVP_DigestInit_ex(b, EVP_sha256(), NULL));
	for (left = f->size; left > 0; left -= n) {
		n = left < STEP ? (size_t)left : STEP;
		fill(&r, f->eula, buf, STEP);
		must(EVP_DigestUpdate(a, buf, n));
		must(EVP_DigestUpdate(b, buf, n));
		if (fd != -1)
			put(fd, buf, n, path);
	}
	must(EVP_DigestFinal_ex(a, f->sha1, NULL));
	must(EVP_DigestFinal_ex(b, f->sha256, NULL));
	EVP_MD_CTX_free(a);
	EVP_MD_CTX_free(b);
	free(buf);
}

static void
move_in(const struct gen *g, uint32_t i, const char *from)
{
	char hex[41], ext[10];
	struct str to = {.p = NULL};

	hex_of(hex, g->files[i].sha1, 20, true);
	file_ext(g, i, ext);
	str_fmt(&to, "%s/WsusContent/%s", g->o.out, hex + 38);
	make_dir(to.p);
	str_fmt(&to, "/%s%s", hex, ext);
	if (rename(from, to.p) == -1)
		die("%s: %s", to.p, strerror(errno));
	str_free(&to);
}

static void
make_one(void *arg, uint32_t i)
{
	struct gen *g = arg;
	struct str path = {.p = NULL};
	int fd;

	if (g->files[i].missing) {
		pour(g, i, -1, NULL);
		return;
	}
	str_fmt(&path, "%s/WsusContent/new.%u", g->o.out, i);
	fd = open(path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd == -1)
		die("%s: %s", path.p, strerror(errno));
	pour(g, i, fd, path.p);
	if (close(fd) == -1)
		die("%s: %s", path.p, strerror(errno));
	move_in(g, i, path.p);
	str_free(&path);
}

void
payload_make(struct gen *g)
{
	char *dir = path_in(g->o.out, "WsusContent");
	char *check = path_in(dir, "anonymousCheckFile.txt");
	FILE *f;

	make_dir(dir);
	f = fopen(check, "wx");
	if (f == NULL || fclose(f) == EOF)
		die("%s: %s", check, strerror(errno));
	set_sizes(g);
	par(g->nfiles + g->o.extra_files, make_one, g);
	free(check);
	free(dir);
}
