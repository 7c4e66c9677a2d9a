/* SPDX-License-Identifier: ISC */
/* What is read of a container before its payload. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/transfer/container_priv.h"
#include "lib/transfer/transfer.h"

#define DATA "data/"

/* Whole, into memory; b has the limit. */
static int
read_small(struct container *c, struct buf *b, struct err *e)
{
	struct sink to;
	struct src s;

	container_src(c, &s);
	sink_buf(&to, b);
	return src_copy(&s, &to, e);
}

static int
read_sig(struct container *c, const char *name, struct err *e)
{
	struct container_sig *g = &c->sigs[c->nsigs];

	/* One too many is told by who counts them. */
	if (c->nsigs == sizeof(c->sigs) / sizeof(c->sigs[0])) {
		container_pass(c);
		return 0;
	}
	c->nsigs++;
	snprintf(g->name, sizeof(g->name), "%s", name);
	/* One byte more shows that it is too long. */
	g->text = (struct buf)BUF_INIT_MAX(BAG_MAX_SIGNATURE + 1);
	if (c->at.size > BAG_MAX_SIGNATURE) {
		container_pass(c);
		return buf_printf(
		    &g->text, e, "%*s", (int)BAG_MAX_SIGNATURE + 1, "");
	}
	return read_small(c, &g->text, e);
}

/* The first of all says in which folder the others are. */
static int
take_base(struct container *c, struct err *e)
{
	static const char tag[] = "/" BAG_TAGMANIFEST;
	size_t n = strlen(c->at.name), k = strlen(tag);

	if (n <= k || strcmp(c->at.name + n - k, tag) != 0 ||
	    !path_safe(c->at.name, n - k) ||
	    memchr(c->at.name, '/', n - k) != NULL)
		return err_set(e, E_USAGE,
		    "no transfer in this tar: it begins with %s, expected "
		    "FOLDER/%s; wsusferry-export --to FILE.tar writes one",
		    c->at.name, BAG_TAGMANIFEST);
	memcpy(c->base, c->at.name, n - k + 1);
	c->base[n - k + 1] = '\0';
	c->mtime = c->at.mtime;
	return 0;
}

static int
read_tagmanifest(struct container *c, struct err *e)
{
	if (!container_is_file(c)) {
		container_pass(c);
		return err_set(
		    e, E_SIG, "%s: not a regular file", BAG_TAGMANIFEST);
	}
	c->has_tag = true;
	if (c->at.size > BAG_MAX_TAGMANIFEST)
		return err_set(e, E_SIG, "%s: more than %zu bytes",
		    BAG_TAGMANIFEST, BAG_MAX_TAGMANIFEST);
	return read_small(c, &c->tag, e);
}

static int
flow_head(struct container *c, struct err *e)
{
	char last[UNPACK_NAME + 1] = "";
	int r;

	if ((r = container_next(c, e)) != 1)
		return r == -1 ? -1
			       : err_set(e, E_USAGE,
				     "no transfer in this tar: it is empty");
	if (take_base(c, e) == -1 || read_tagmanifest(c, e) == -1)
		return -1;
	while ((r = container_next(c, e)) == 1) {
		const char *name = container_name(c);

		if (strncmp(c->at.name, c->base, strlen(c->base)) != 0 ||
		    !bag_is_signature(name))
			return 0;
		if (strcmp(name, last) <= 0)
			log_finding(c->log, E_FORMAT, name, E_NO_OFFSET,
			    "expected signatures in the order of their names, "
			    "found it behind %s",
			    last);
		snprintf(last, sizeof(last), "%s", name);
		if (!container_is_file(c))
			container_pass(c);
		else if (read_sig(c, name, e) == -1)
			return -1;
	}
	return r;
}

/* Of an image: the rest of it, then all of it. */
static int
search(struct container *c, const char *name, struct err *e)
{
	int r;

	for (unsigned round = 0; round < 2; round++) {
		while ((r = container_next(c, e)) == 1) {
			if (strncmp(c->at.name, c->base, strlen(c->base)) ==
				0 &&
			    strcmp(container_name(c), name) == 0)
				return 1;
			container_pass(c);
		}
		if (r == -1 || container_again(c, e) == -1)
			return -1;
	}
	return 0;
}

int
container_find(struct container *c, const char *name, struct err *e)
{
	int r;

	if (!container_flows(c))
		return search(c, name, e);
	if (c->dead || (r = container_next(c, e)) == 0)
		return 0;
	return r == -1 ? -1 : strcmp(container_name(c), name) == 0;
}

static int
image_head(struct container *c, struct err *e)
{
	int r;

	if (container_read_names(c, e) == -1 || container_again(c, e) == -1)
		return -1;
	if ((r = search(c, BAG_TAGMANIFEST, e)) != 1)
		return r;
	if (read_tagmanifest(c, e) == -1)
		return -1;
	for (size_t i = 0; i < c->nnames; i++) {
		if (!bag_is_signature(c->names[i].name))
			continue;
		if ((r = search(c, c->names[i].name, e)) == -1)
			return -1;
		if (r == 1 && container_is_file(c) &&
		    read_sig(c, c->names[i].name, e) == -1)
			return -1;
	}
	return 0;
}

int
container_begin(struct container *c, struct log *log, struct err *e)
{
	c->log = log;
	return container_flows(c) ? flow_head(c, e) : image_head(c, e);
}

int
container_read(struct container *c, const char *name, size_t max,
    struct buf *to, struct err *e)
{
	const struct buf *b = NULL;

	if (strcmp(name, BAG_TAGMANIFEST) == 0 && c->has_tag)
		b = &c->tag;
	for (size_t i = 0; i < c->nsigs; i++)
		if (strcmp(c->sigs[i].name, name) == 0)
			b = &c->sigs[i].text;
	if (b == NULL)
		return err_set(e, E_MISSING, "%s: it is not there", name);
	if (b->len > max)
		return err_set(
		    e, E_LIMIT, "%s: more than %zu bytes", name, max);
	/* As path_read(): also of no bytes there is memory. */
	if (buf_reserve(to, b->len, e) == NULL)
		return -1;
	return b->len == 0 ? 0 : buf_put(to, b->p, b->len, e);
}

int
container_each_signature(struct container *c,
    int (*each)(void *arg, const char *name, struct err *e), void *arg,
    struct err *e)
{
	for (size_t i = 0; i < c->nsigs; i++)
		if (each(arg, c->sigs[i].name, e) == -1)
			return -1;
	return 0;
}

/* The member that comes next, copied while it is hashed. */
static int
take_in(struct container *c, uint64_t max, int scratch, struct intake *in,
    struct err *e)
{
	struct src s;

	if (c->at.size > max)
		return err_set(e, E_LIMIT, "more than %llu bytes",
		    (unsigned long long)max);
	container_src(c, &s);
	return intake_src(in, &s, max, scratch, e);
}

struct tag_taking {
	struct container *c;
	const struct transfer_file *tags;
	uint64_t (*max)(const char *name);
	int scratch;
};

static int
take_tag(void *arg, size_t i, struct err *e)
{
	struct tag_taking *t = arg;
	struct container *c = t->c;
	struct container_tag *g = &c->tags[i];
	uint64_t max = t->max(t->tags[i].name);

	g->has = true;
	g->over = c->at.size > max;
	if (g->over) {
		container_pass(c);
		return 0;
	}
	return take_in(c, max, t->scratch, &g->in, e) == -1
	    ? err_ctx(e, "%s", g->name)
	    : 0;
}

/* Of an image, in any order. */
static int
search_tags(struct tag_taking *t, size_t n, struct err *e)
{
	int r;

	for (size_t i = 0; i < n; i++) {
		if ((r = search(t->c, t->tags[i].name, e)) == -1)
			return -1;
		if (r == 1 && t->c->at.type == PATH_FILE &&
		    take_tag(t, i, e) == -1)
			return -1;
	}
	return 0;
}

int
container_tags(struct container *c, const struct transfer_file *tags, size_t n,
    uint64_t (*max)(const char *name), int scratch, struct err *e)
{
	struct tag_taking t = {
	    .c = c, .tags = tags, .max = max, .scratch = scratch};
	struct container_order o = {
	    .n = n, .tags = true, .take = take_tag, .arg = &t};
	const char **names;
	int r;

	if (n > CONTAINER_TAGS)
		return err_set(e, E_LIMIT,
		    "%s names %zu files, and at most %d can be read of a "
		    "container; unpack it",
		    BAG_TAGMANIFEST, n, CONTAINER_TAGS);
	names = calloc(n + 1, sizeof(*names));
	c->tags = calloc(n + 1, sizeof(*c->tags));
	if (names == NULL || c->tags == NULL) {
		free(names);
		return err_nomem(e);
	}
	for (size_t i = 0; i < n; i++) {
		names[i] = tags[i].name;
		c->tags[i].name = tags[i].name;
		c->tags[i].in = (struct intake)INTAKE_INIT;
	}
	c->ntags = n;
	o.names = names;
	r = container_flows(c) ? container_in_order(c, &o, e)
			       : search_tags(&t, n, e);
	free(names);
	return r;
}

static const struct container_tag *
tag_of(const struct container *c, const char *name)
{
	for (size_t i = 0; i < c->ntags; i++)
		if (c->tags[i].has && strcmp(c->tags[i].name, name) == 0)
			return &c->tags[i];
	return NULL;
}

static int
intake_kept(const struct container_tag *g, uint64_t max, struct intake *in,
    struct err *e)
{
	if (g->over || g->in.size > max)
		return err_set(e, E_LIMIT, "more than %llu bytes",
		    (unsigned long long)max);
	return intake_again(in, &g->in, e);
}

int
container_intake(struct container *c, const char *name, uint64_t max,
    int scratch, struct intake *in, struct err *e)
{
	const struct container_tag *g = tag_of(c, name);
	int r;

	if (g != NULL)
		return intake_kept(g, max, in, e);
	if ((r = container_find(c, name, e)) == -1)
		return -1;
	if (r == 0 && c->has)
		return err_set(e, E_MISSING,
		    "expected in the tar here, found %s", container_name(c));
	if (r == 0)
		return err_set(e, E_MISSING, "it is not there");
	if (container_is_file(c))
		return take_in(c, max, scratch, in, e);
	container_pass(c);
	return err_set(e, E_FORMAT, "not a regular file");
}

static int
peek(struct container *c, const char *name, size_t max, struct buf *to,
    struct err *e)
{
	int r;

	if (!container_flows(c)) {
		if (container_read_names(c, e) == -1 ||
		    container_again(c, e) == -1 ||
		    (r = search(c, name, e)) == -1)
			return -1;
	} else {
		r = container_next(c, e);
		if (r == 1 && take_base(c, e) == -1)
			return -1;
		while (r == 1 && strcmp(container_name(c), name) != 0 &&
		    strncmp(container_name(c), DATA, strlen(DATA)) != 0) {
			container_pass(c);
			r = container_next(c, e);
		}
	}
	if (r != 1 || strcmp(container_name(c), name) != 0 || c->at.size > max)
		return r == -1 ? -1 : err_set(e, E_MISSING, "%s", name);
	return read_small(c, to, e);
}

int
container_peek(struct container *c, const char *name, size_t max,
    struct buf *to, struct err *e)
{
	struct log quiet = LOG_INIT, *was = c->log;
	int r;

	quiet.quiet = true;
	c->log = &quiet;
	r = peek(c, name, max, to, e);
	c->log = was;
	return r;
}

int
container_walk(struct container *c,
    int (*each)(void *arg, const struct path_entry *, struct err *), void *arg,
    struct err *e)
{
	for (size_t i = 0; i < c->nnames; i++) {
		struct path_entry en = {.name = c->names[i].name,
		    .type = c->names[i].type,
		    .size = c->names[i].size};

		if (each(arg, &en, e) == -1)
			return -1;
	}
	for (size_t i = 0; container_flows(c) && i < c->nfiles; i++) {
		struct path_entry en = {
		    .name = c->files[i].name, .type = PATH_FILE};

		if (!c->files[i].elsewhere && each(arg, &en, e) == -1)
			return -1;
	}
	return 0;
}

void
container_declare(
    struct container *c, const struct transfer_file *files, size_t n)
{
	c->files = files;
	c->nfiles = n;
}
