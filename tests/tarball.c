/* SPDX-License-Identifier: ISC */
#include "tests/tarball.h"

#include <string.h>

#include "formats/bag.h"
#include "tests/stick.h"
#include "tests/t.h"

#define BLOCK 512
#define MADE 1769839628 /* 2026-01-31T06:07:08Z, of a stick */

static unsigned
rank(const char *name)
{
	if (strcmp(name, STICK_TAGS) == 0)
		return 0;
	if (bag_is_signature(name))
		return 1;
	if (strncmp(name, "data/", 5) != 0)
		return 2;
	if (strncmp(name, "data/wsusexport", 15) == 0)
		return 3;
	return strcmp(name, STICK_STATE) == 0 ? 4 : 5;
}

static int
in_order(const void *va, const void *vb)
{
	const char *a = ((const struct tarball_member *)va)->name,
		   *b = ((const struct tarball_member *)vb)->name;

	return rank(a) != rank(b) ? (int)rank(a) - (int)rank(b) : strcmp(a, b);
}

static void
fill(struct tarball_member *m, const char *name)
{
	*m = (struct tarball_member){.type = '0',
	    .mode = 0644,
	    .mtime = MADE,
	    .magic = "ustar\0"
		     "00"};
	snprintf(m->name, sizeof(m->name), "%s", name);
}

void
tarball_make(struct tarball *t, const struct stick *s)
{
	*t = (struct tarball){.zeros = 2};
	for (size_t i = 0; i < s->n; i++) {
		struct tarball_member *m = &t->v[t->n];

		if (s->f[i].absent || t->n == TARBALL_MEMBERS)
			continue;
		fill(m, s->f[i].name);
		m->p = s->f[i].bytes.p;
		m->n = m->size = s->f[i].bytes.len;
		t->n++;
	}
	qsort(t->v, t->n, sizeof(t->v[0]), in_order);
}

size_t
tarball_find(const struct tarball *t, const char *name)
{
	size_t i = 0;

	while (i < t->n && strcmp(t->v[i].name, name) != 0)
		i++;
	if (i == t->n)
		t_fail(__FILE__, __LINE__, "there is no %s", name);
	return i < t->n ? i : 0;
}

struct tarball_member *
tarball_add(struct tarball *t, size_t at, const char *name)
{
	T_OK(t->n < TARBALL_MEMBERS);
	memmove(&t->v[at + 1], &t->v[at], (t->n - at) * sizeof(t->v[0]));
	t->n++;
	fill(&t->v[at], name);
	return &t->v[at];
}

void
tarball_drop(struct tarball *t, size_t at)
{
	t->n--;
	memmove(&t->v[at], &t->v[at + 1], (t->n - at) * sizeof(t->v[0]));
}

void
tarball_move(struct tarball *t, size_t from, size_t to)
{
	struct tarball_member m = t->v[from];

	tarball_drop(t, from);
	*tarball_add(t, to, m.name) = m;
}

static void
put_padded(struct buf *to, const void *p, size_t n, uint8_t pad)
{
	static const uint8_t zeros[BLOCK];
	uint8_t rest[BLOCK];
	struct err e = ERR_INIT;

	memset(rest, pad, sizeof(rest));
	T_CALL(buf_put(to, n == 0 ? zeros : p, n, &e), &e);
	T_CALL(buf_put(to, rest, (BLOCK - n % BLOCK) % BLOCK, &e), &e);
}

static void
put_octal(char *at, size_t room, uint64_t v)
{
	char text[32];

	snprintf(
	    text, sizeof(text), "%0*llo", (int)room - 1, (unsigned long long)v);
	memcpy(at, text, room);
}

/* A header block; a long name is parted at a slash. */
static void
put_header(struct buf *to, const struct tarball_member *m, const char *name,
    char type, uint64_t size)
{
	char h[BLOCK] = "";
	size_t n = strlen(name), at = 0;
	unsigned sum = 0;

	while (n - at > 100)
		at += strcspn(name + at, "/") + 1;
	T_OK(at <= n);
	memcpy(h, name + at, n - at);
	if (at != 0)
		memcpy(h + 345, name, at - 1);
	put_octal(h + 100, 8, m->mode);
	put_octal(h + 108, 8, m->uid);
	put_octal(h + 116, 8, 0);
	put_octal(h + 124, 12, size);
	put_octal(h + 136, 12, (uint64_t)m->mtime);
	h[156] = type;
	if (m->link != NULL)
		memcpy(h + 157, m->link, strlen(m->link));
	memcpy(h + 257, m->magic, 8);
	memset(h + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)h[i];
	put_octal(h + 148, 7, sum);
	put_padded(to, h, BLOCK, 0);
}

void
tarball_bytes(const struct tarball *t, struct buf *to)
{
	static const uint8_t zeros[BLOCK];
	struct err e = ERR_INIT;

	for (size_t i = 0; i < t->n; i++) {
		const struct tarball_member *m = &t->v[i];
		char name[400];

		snprintf(name, sizeof(name), "%s%s",
		    m->bare ? "" : TARBALL_FOLDER, m->name);
		if (m->pax != NULL) {
			put_header(to, m, "PaxHeader/x", 'x', strlen(m->pax));
			put_padded(to, m->pax, strlen(m->pax), 0);
		}
		put_header(to, m, name, m->type, m->size);
		put_padded(to, m->p, m->n, m->pad);
	}
	for (size_t i = 0; i < t->zeros; i++)
		T_CALL(buf_put(to, zeros, BLOCK, &e), &e);
	if (t->behind != NULL)
		T_CALL(buf_puts(to, t->behind, &e), &e);
}
