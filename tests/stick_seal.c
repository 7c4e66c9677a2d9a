/* SPDX-License-Identifier: ISC */
/* A transfer of tests/stick.h: changed, packed, sealed and written. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/bag.h"
#include "formats/cab.h"
#include "formats/package.h"
#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "tests/stick.h"
#include "tests/t.h"

#define MADE 1700000000

void
stick_free(struct stick *s)
{
	for (size_t i = 0; i < s->n; i++)
		buf_free(&s->f[i].bytes);
	buf_free(&s->index);
	buf_free(&s->meta);
	s->n = 0;
}

struct stick_file *
stick_find(struct stick *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->f[i].name, name) == 0)
			return &s->f[i];
	return NULL;
}

struct stick_file *
stick_put(struct stick *s, const char *name, const void *p, size_t n)
{
	struct stick_file *f = stick_find(s, name);
	struct err e = ERR_INIT;

	if (f == NULL) {
		T_OK(s->n < STICK_FILES);
		f = &s->f[s->n++];
		*f = (struct stick_file){.bytes = BUF_INIT};
		snprintf(f->name, sizeof(f->name), "%s", name);
	}
	buf_reset(&f->bytes);
	T_CALL(buf_put(&f->bytes, p, n, &e), &e);
	return f;
}

void
stick_drop(struct stick *s, const char *name)
{
	struct stick_file *f = stick_find(s, name);

	if (f == NULL)
		return;
	buf_free(&f->bytes);
	*f = s->f[--s->n];
}

struct stick_file *
stick_payload(struct stick *s, unsigned n)
{
	for (size_t i = 0; i < s->n; i++)
		if (strncmp(s->f[i].name, "data/WsusContent/", 17) == 0 &&
		    strlen(s->f[i].name) > 50 && n-- == 0)
			return &s->f[i];
	return NULL;
}

bool
stick_swap(struct buf *b, const char *from, const char *to)
{
	size_t nfrom = strlen(from), nto = strlen(to), at;
	struct buf more = BUF_INIT;
	struct err e = ERR_INIT;
	uint8_t *p;

	if (b->len < nfrom || (p = memmem(b->p, b->len, from, nfrom)) == NULL)
		return false;
	at = (size_t)(p - (uint8_t *)b->p);
	T_CALL(buf_put(&more, b->p, at, &e), &e);
	T_CALL(buf_put(&more, to, nto, &e), &e);
	T_CALL(buf_put(&more, p + nfrom, b->len - at - nfrom, &e), &e);
	buf_free(b);
	*b = more;
	return true;
}

void
stick_label(struct stick *s, const char *label, const char *value)
{
	struct stick_file *f = stick_find(s, STICK_INFO);
	char line[256], key[128], old[256];
	struct err e = ERR_INIT;
	const char *at, *text;

	snprintf(key, sizeof(key), "%s: ", label);
	snprintf(line, sizeof(line), "%s%s\n", key, value != NULL ? value : "");
	T_CALL(buf_put(&f->bytes, "", 1, &e), &e);
	text = (const char *)f->bytes.p;
	at = strstr(text, key);
	old[0] = '\0';
	if (at != NULL)
		snprintf(
		    old, sizeof(old), "%.*s\n", (int)strcspn(at, "\n"), at);
	f->bytes.len--;
	if (old[0] != '\0')
		T_OK(stick_swap(&f->bytes, old, value != NULL ? line : ""));
	else if (value != NULL)
		T_CALL(buf_puts(&f->bytes, line, &e), &e);
}

void
stick_pack(struct stick *s)
{
	const struct cab_member members[] = {
	    {PACKAGE_INDEX, (uint32_t)s->index.len},
	    {PACKAGE_META, (uint32_t)s->meta.len}};
	const struct cab_write_opts o = {
	    .members = members, .nmembers = 2, .time = MADE, .jobs = 1};
	struct cab_writer *w = NULL;
	struct buf cab = BUF_INIT;
	struct err e = ERR_INIT;
	struct cab_patch patch;
	struct sink to;

	sink_buf(&to, &cab);
	T_CALL(cab_writer_open(&w, &to, &o, &e), &e);
	T_CALL(cab_writer_write(w, s->index.p, s->index.len, &e), &e);
	T_CALL(cab_writer_write(w, s->meta.p, s->meta.len, &e), &e);
	T_CALL(cab_writer_finish(w, &patch, &e), &e);
	memcpy(cab.p + patch.off, patch.bytes, sizeof(patch.bytes));
	cab_writer_close(w);
	stick_put(s, STICK_CAB, cab.p, cab.len);
	buf_free(&cab);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct stick_file *)a)->name,
	    ((const struct stick_file *)b)->name);
}

static bool
is_data(const struct stick_file *f)
{
	return strncmp(f->name, "data/", 5) == 0;
}

static unsigned
medium_of(const struct stick *s, const struct stick_file *f)
{
	if (s->bags == 0)
		return 1;
	return f->medium == 0 ? s->bags : f->medium;
}

/* Does it stand on the medium that is made? */
static bool
is_here(const struct stick *s, const struct stick_file *f)
{
	return s->bags == 0 || !is_data(f) || f->undeclared ||
	    medium_of(s, f) == s->bag;
}

/* Lines for all that is declared beneath data, or for all that is not. */
static void
list(struct stick *s, bool data, bool media, struct buf *to)
{
	char hex[2 * SHA256_LEN + 1];
	struct err e = ERR_INIT;
	struct digest d;

	qsort(s->f, s->n, sizeof(s->f[0]), by_name);
	for (size_t i = 0; i < s->n; i++) {
		struct stick_file *f = &s->f[i];

		if (f->undeclared || is_data(f) != data ||
		    (!media && !is_here(s, f)) ||
		    strncmp(f->name, STICK_TAGS, strlen(STICK_TAGS)) == 0)
			continue;
		T_CALL(
		    digest_mem(DIGEST_SHA256, f->bytes.p, f->bytes.len, &d, &e),
		    &e);
		hex_lower(hex, d.sha256, SHA256_LEN);
		if (media)
			T_CALL(buf_printf(to, &e, "%s\t%s\t%zu\t%u\n", f->name,
				   hex, f->bytes.len, medium_of(s, f)),
			    &e);
		else
			T_CALL(
			    buf_printf(to, &e, "%s  %s\n", hex, f->name), &e);
	}
}

static void
put_list(struct stick *s, const char *name, bool data, bool media)
{
	struct buf b = BUF_INIT;

	list(s, data, media, &b);
	stick_put(s, name, b.p, b.len);
	buf_free(&b);
}

void
stick_sign(struct stick *s)
{
	struct buf sig = BUF_INIT;
	struct err e = ERR_INIT;
	struct stick_file *tags;

	put_list(s, STICK_TAGS, false, false);
	tags = stick_find(s, STICK_TAGS);
	T_CALL(sign_make(
		   &s->key, tags->bytes.p, tags->bytes.len, "tests", &sig, &e),
	    &e);
	stick_put(s, STICK_SIGNATURE, sig.p, sig.len);
	buf_free(&sig);
}

void
stick_seal(struct stick *s)
{
	uint64_t bytes = 0, files = 0;
	char oxum[64];

	for (size_t i = 0; i < s->n; i++) {
		if (!is_data(&s->f[i]) || s->f[i].undeclared ||
		    !is_here(s, &s->f[i]))
			continue;
		bytes += s->f[i].bytes.len;
		files++;
	}
	snprintf(oxum, sizeof(oxum), "%llu.%llu", (unsigned long long)bytes,
	    (unsigned long long)files);
	if (!s->keep_oxum)
		stick_label(s, "Payload-Oxum", oxum);
	put_list(s, BAG_MANIFEST, true, false);
	put_list(s, BAG_MEDIA, true, true);
	stick_sign(s);
}

void
stick_write(struct stick *s, const char *dir)
{
	char path[1024];

	T_EQ(mkdir(dir, 0755), 0);
	for (size_t i = 0; i < s->n; i++) {
		const struct stick_file *f = &s->f[i];
		int fd;

		if (f->absent || !is_here(s, f))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, f->name);
		for (char *p = path + strlen(dir) + 1;
		     (p = strchr(p, '/')) != NULL; *p++ = '/') {
			*p = '\0';
			(void)mkdir(path, 0755);
		}
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		T_OK(fd != -1);
		T_EQ(
		    write(fd, f->bytes.p, f->bytes.len), (ssize_t)f->bytes.len);
		T_EQ(close(fd), 0);
	}
}

/* In the order of the page. */
static void
require(struct stick *s)
{
	bool parts = false;

	for (size_t i = 0; i < s->n; i++)
		parts = parts || strncmp(s->f[i].name, "data/parts/", 11) == 0;
	stick_label(s, "Wsusferry-Requires",
	    s->bags > 1 && parts ? "media parts"
		: s->bags > 1	 ? "media"
		: parts		 ? "parts"
				 : NULL);
}

void
stick_spread(struct stick *s, unsigned media)
{
	unsigned turn = 0;

	s->bags = media;
	for (size_t i = 0; i < s->n; i++)
		if (strncmp(s->f[i].name, "data/WsusContent/", 17) == 0 &&
		    strlen(s->f[i].name) > 50)
			s->f[i].medium = turn++ % media + 1;
	require(s);
}

void
stick_medium(struct stick *s, unsigned number)
{
	char count[32];

	s->bag = number;
	snprintf(count, sizeof(count), "%u of %u", number, s->bags);
	stick_label(s, "Bag-Count", count);
}

void
stick_cut(struct stick *s, struct stick_file *f, size_t at)
{
	char whole[STICK_NAME], name[STICK_NAME], hex[2 * SHA256_LEN + 1];
	struct buf all = f->bytes;
	struct err e = ERR_INIT;
	struct digest d;

	snprintf(whole, sizeof(whole), "%s", f->name);
	f->bytes = (struct buf)BUF_INIT;
	stick_drop(s, whole);
	for (unsigned i = 1; i <= 2; i++) {
		snprintf(name, sizeof(name), "data/parts/%.100s.part%03u",
		    strrchr(whole, '/') + 1, i);
		stick_put(s, name, all.p + (i == 1 ? 0 : at),
		    i == 1 ? at : all.len - at);
	}
	T_CALL(digest_mem(DIGEST_SHA256, all.p, all.len, &d, &e), &e);
	hex_lower(hex, d.sha256, SHA256_LEN);
	T_CALL(buf_printf(&stick_find(s, STICK_STATE)->bytes, &e,
		   "{\"t\":\"parts\",\"sha1\":\"%.40s\",\"name\":\"%s\","
		   "\"sha256\":\"%s\",\"size\":%zu,\"parts\":2}\n",
		   strrchr(whole, '/') + 1, whole, hex, all.len),
	    &e);
	buf_free(&all);
	require(s);
}
