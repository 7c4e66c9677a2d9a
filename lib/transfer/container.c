/* SPDX-License-Identifier: ISC */
/* What the process that reads it says, heard with care. */
#include "lib/transfer/container.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/transfer/container_priv.h"

#define TAR_AT 257 /* bytes: where a tar has its magic */
#define ISO_AT 32769

static bool
has_magic(const uint8_t *p, ssize_t n, const char *magic)
{
	return n == 5 && memcmp(p, magic, 5) == 0;
}

static int
look_for_form(int fd, enum unpack_form *form, struct err *e)
{
	uint8_t tar[5], iso[5];
	struct stat st;
	ssize_t n, m;

	*form = UNPACK_NONE;
	if (fstat(fd, &st) == -1)
		return err_sys(e, "cannot look at it");
	if (S_ISDIR(st.st_mode))
		return 0;
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
		*form = UNPACK_TAR;
		return 0;
	}
	if ((n = pread(fd, tar, sizeof(tar), TAR_AT)) == -1 ||
	    (m = pread(fd, iso, sizeof(iso), ISO_AT)) == -1)
		return err_sys(e, "cannot read");
	if (has_magic(tar, n, "ustar"))
		*form = UNPACK_TAR;
	else if (has_magic(iso, m, "CD001"))
		*form = UNPACK_ISO;
	return 0;
}

int
container_is(int fd, struct err *e)
{
	enum unpack_form form;

	if (look_for_form(fd, &form, e) == -1)
		return -1;
	return form != UNPACK_NONE;
}

bool
container_named(const char *path)
{
	struct stat st;

	return strcmp(path, CONTAINER_STDIN) == 0 ||
	    (stat(path, &st) == 0 && !S_ISDIR(st.st_mode));
}

static int
open_fd(struct container *c, const char *path, struct err *e)
{
	if (strcmp(path, CONTAINER_STDIN) == 0)
		c->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		c->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (c->fd == -1)
		return err_sys(e, "cannot open");
	if (look_for_form(c->fd, &c->form, e) == -1)
		return -1;
	if (c->form == UNPACK_NONE)
		return err_set(e, E_USAGE,
		    "neither a tar nor an ISO 9660 image; what is compressed "
		    "is to be unpacked first");
	return 0;
}

int
container_open(struct container **out, const char *path, struct err *e)
{
	struct container *c = calloc(1, sizeof(*c));

	*out = c;
	if (c == NULL)
		return err_nomem(e);
	c->child = (struct child)CHILD_INIT;
	c->fd = -1;
	c->arena = (struct arena)ARENA_INIT((size_t)128 << 20);
	c->tag = (struct buf)BUF_INIT_MAX(BAG_MAX_TAGMANIFEST);
	c->flow.run = container_run;
	c->flow.open = container_seek;
	if (open_fd(c, path, e) == -1)
		return -1;
	return child_start(&c->child, c->fd,
	    c->form == UNPACK_ISO ? unpack_run_iso : unpack_run_tar, e);
}

void
container_close(struct container *c)
{
	if (c == NULL)
		return;
	child_end(&c->child);
	if (c->fd != -1)
		(void)close(c->fd);
	arena_free(&c->arena);
	free(c->names);
	buf_free(&c->tag);
	for (size_t i = 0; i < c->nsigs; i++)
		buf_free(&c->sigs[i].text);
	for (size_t i = 0; i < c->ntags; i++)
		intake_close(&c->tags[i].in);
	free(c->tags);
	free(c);
}

bool
container_flows(const struct container *c)
{
	return c->form == UNPACK_TAR;
}

int64_t
container_time(const struct container *c)
{
	return c->mtime;
}

struct payload_flow *
container_flow(struct container *c)
{
	return &c->flow;
}

static int
no_sense(struct container *c, struct err *e)
{
	c->dead = true;
	return err_set(
	    e, E_SYS, "the process that reads it says what makes no sense");
}

/* A fault as it stands; only a few kinds can be. */
static int
hear_fault(struct container *c, struct err *e)
{
	struct err said;

	c->dead = true;
	if (child_hear(&c->child, &said, sizeof(said), e) == -1)
		return -1;
	said.msg[sizeof(said.msg) - 1] = '\0';
	if (said.kind == E_FORMAT && said.at != E_NO_OFFSET)
		return err_at(e, said.at, "%s", said.msg);
	if (said.kind != E_FORMAT && said.kind != E_LIMIT && said.kind != E_SYS)
		return no_sense(c, e);
	(void)err_set(e, said.kind, "%s", said.msg);
	e->sys = said.kind == E_SYS ? said.sys : 0;
	return -1;
}

/* The next word, of n bytes at most: *n becomes how many.  -1, also of a
   fault. */
static int
hear_word(struct container *c, enum unpack_say *say, uint32_t *n, struct err *e)
{
	struct unpack_word w;

	if (c->dead)
		return err_set(e, E_FORMAT, "nothing more of it can be read");
	if (child_hear(&c->child, &w, sizeof(w), e) == -1) {
		c->dead = true;
		return -1;
	}
	if (w.say == UNPACK_FAULT && w.n == sizeof(struct err))
		return hear_fault(c, e);
	if (w.say >= UNPACK_FAULT || w.n > *n)
		return no_sense(c, e);
	*say = (enum unpack_say)w.say;
	*n = w.n;
	return 0;
}

static int
ask(struct container *c, enum unpack_ask what, struct err *e)
{
	char byte = (char)what;

	if (c->dead)
		return err_set(e, E_FORMAT, "nothing more of it can be read");
	return child_ask(&c->child, &byte, 1, e);
}

static int
hear_member(struct container *c, struct err *e)
{
	struct unpack_member *m = &c->at;
	uint32_t n = sizeof(*m);
	enum unpack_say say;

	if (ask(c, UNPACK_NEXT, e) == -1 || hear_word(c, &say, &n, e) == -1)
		return -1;
	if (say == UNPACK_END && n == 0) {
		c->ended = true;
		return 0;
	}
	if (say != UNPACK_MEMBER || n != sizeof(*m))
		return no_sense(c, e);
	if (child_hear(&c->child, m, sizeof(*m), e) == -1)
		return -1;
	m->name[sizeof(m->name) - 1] = '\0';
	m->why[sizeof(m->why) - 1] = '\0';
	if (m->type != PATH_FILE && m->type != PATH_DIR)
		m->type = PATH_OTHER;
	c->has = true;
	return 1;
}

static ssize_t
data_read(struct src *s, void *p, size_t n, struct err *e)
{
	struct container *c = s->priv;
	enum unpack_say say;

	while (c->within && c->piece == 0) {
		c->piece = UNPACK_BLOCK;
		if (hear_word(c, &say, &c->piece, e) == -1) {
			c->within = false;
			return -1;
		}
		if (say == UNPACK_DONE && c->piece == 0)
			c->within = false;
		else if (say != UNPACK_BYTES || c->piece == 0)
			return no_sense(c, e);
	}
	if (!c->within)
		return 0;
	if (n > c->piece)
		n = c->piece;
	if (child_hear(&c->child, p, n, e) == -1) {
		c->dead = true;
		c->within = false;
		return -1;
	}
	c->piece -= (uint32_t)n;
	return (ssize_t)n;
}

static ssize_t
data_begin(struct src *s, void *p, size_t n, struct err *e)
{
	static const struct src_ops going = {.read = data_read};
	struct container *c = s->priv;

	if (ask(c, UNPACK_DATA, e) == -1)
		return -1;
	c->has = false;
	c->within = true;
	c->piece = 0;
	s->ops = &going;
	return data_read(s, p, n, e);
}

void
container_src(struct container *c, struct src *s)
{
	static const struct src_ops ops = {.read = data_begin};

	*s = (struct src){.ops = &ops, .size = c->at.size, .fd = -1, .priv = c};
}

/* What was not taken of a member's bytes. */
static int
leave(struct container *c, struct err *e)
{
	uint8_t rest[4096];
	struct src s;
	ssize_t n = 1;

	if (!c->within)
		return 0;
	s = (struct src){.priv = c};
	while (n > 0)
		n = data_read(&s, rest, sizeof(rest), e);
	return n == -1 ? -1 : 0;
}

int
container_next(struct container *c, struct err *e)
{
	if (c->has)
		return 1;
	if (leave(c, e) == -1)
		return -1;
	return c->ended ? 0 : hear_member(c, e);
}

void
container_pass(struct container *c)
{
	c->has = false;
}

int
container_again(struct container *c, struct err *e)
{
	enum unpack_say say;
	uint32_t n = 0;

	if (leave(c, e) == -1 || ask(c, UNPACK_AGAIN, e) == -1 ||
	    hear_word(c, &say, &n, e) == -1)
		return -1;
	if (say != UNPACK_DONE)
		return no_sense(c, e);
	c->has = c->ended = false;
	return 0;
}

const char *
container_name(const struct container *c)
{
	size_t n = strlen(c->base);

	return c->at.name + (strncmp(c->at.name, c->base, n) == 0 ? n : 0);
}

bool
container_is_file(struct container *c)
{
	const char *name = c->at.name, *why = c->at.why;
	size_t n = strlen(c->base);

	if (strncmp(name, c->base, n) != 0 ||
	    !path_safe(name + n, strlen(name + n))) {
		log_finding(c->log, E_FORMAT, name, E_NO_OFFSET,
		    "expected the name of a file in %s, found this", c->base);
		return false;
	}
	if (why[0] != '\0')
		log_finding(c->log, E_FORMAT, name + n, E_NO_OFFSET,
		    "expected a plain file in the tar, found %s", why);
	else if (container_flows(c) && c->at.mtime != c->mtime)
		log_finding(c->log, E_FORMAT, name + n, E_NO_OFFSET,
		    "expected one time for all members of the tar, found "
		    "another");
	return c->at.type == PATH_FILE;
}
