/* SPDX-License-Identifier: ISC */
#include "formats/state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/json_read.h"
#include "lib/base/lines.h"
#include "lib/base/sink.h"

enum key {
	K_T,
	K_SHA1,
	K_SHA256,
	K_NAME,
	K_SIZE,
	K_COUNT,
	K_WANTED,
	K_URL,
	K_ID,
	K_REVISION,
	K_ACTION,
	K_GROUP,
	K_DEADLINE,
	K_ASSIGNED,
	NKEYS
};

struct raw {
	struct json_value v[NKEYS];
};

/* A member's value into its place. */
struct member {
	const char *name;
	int (*read)(struct state_line *s, enum key k,
	    const struct json_value *v, struct err *e);
	size_t off, room; /* of a text in struct state_line */
};
static const struct member members[NKEYS];

static int
found(
    enum key k, const struct json_value *v, const char *expected, struct err *e)
{
	if (v->type != JSON_TEXT && v->type != JSON_NUMBER)
		return err_at(e, v->off, "'%s': expected %s, found %s",
		    members[k].name, expected, json_type_name(v->type));
	return err_at(e, v->off, "'%s': expected %s, found %s '%.*s'",
	    members[k].name, expected, json_type_name(v->type),
	    (int)(v->len < 60 ? v->len : 60), v->p);
}

static int
read_text(
    struct state_line *s, enum key k, const struct json_value *v, struct err *e)
{
	if (v->type != JSON_TEXT)
		return found(k, v, "a text", e);
	if (json_text(v, (char *)s + members[k].off, members[k].room, e) == -1)
		return err_ctx(e, "'%s'", members[k].name);
	return 0;
}

/* A text without letters of that case. */
static bool
has_none(const struct json_value *v, char from, char to)
{
	bool none = v->type == JSON_TEXT;

	for (size_t i = 0; i < v->len; i++)
		none = none && (v->p[i] < from || v->p[i] > to);
	return none;
}

static int
read_sha1(
    struct state_line *s, enum key k, const struct json_value *v, struct err *e)
{
	if (!has_none(v, 'a', 'f') ||
	    !hex_read(s->sha1, SHA1_LEN, v->p, v->len))
		return found(k, v, "40 upper-case hex digits", e);
	return 0;
}

static int
read_sha256(
    struct state_line *s, enum key k, const struct json_value *v, struct err *e)
{
	if (!has_none(v, 'A', 'F') ||
	    !hex_read(s->sha256, SHA256_LEN, v->p, v->len))
		return found(k, v, "64 lower-case hex digits", e);
	return 0;
}

static bool
whole(const struct json_value *v, uint64_t max, uint64_t *n)
{
	return v->type == JSON_NUMBER && num_read(n, v->p, v->len, 0, max);
}

static int
read_size(
    struct state_line *s, enum key k, const struct json_value *v, struct err *e)
{
	if (!whole(v, INT64_MAX, &s->size))
		return found(
		    k, v, "a whole number from 0 to 9223372036854775807", e);
	s->has_size = true;
	return 0;
}

static int
read_count(
    struct state_line *s, enum key k, const struct json_value *v, struct err *e)
{
	uint64_t n;

	if (!whole(v, STATE_MAX_PARTS, &n) || n < 2)
		return found(k, v, "a whole number from 2 to 999", e);
	s->count = (uint32_t)n;
	return 0;
}

static int
read_false(
    struct state_line *s, enum key k, const struct json_value *v, struct err *e)
{
	if (v->type != JSON_FALSE)
		return found(k, v, "false, or no such member", e);
	*(k == K_WANTED ? &s->unwanted : &s->optional) = true;
	return 0;
}

static int
read_guid(
    struct state_line *s, enum key k, const struct json_value *v, struct err *e)
{
	struct guid *g = k == K_ID ? &s->id : &s->group;
	char text[GUID_LEN + 1];
	bool ok = v->type == JSON_TEXT && guid_read(g, v->p, v->len);

	if (ok)
		guid_write(text, g);
	if (!ok || memcmp(text, v->p, GUID_LEN) != 0)
		return found(k, v, "a GUID in lower case", e);
	*(k == K_ID ? &s->has_id : &s->has_group) = true;
	return 0;
}

static int
read_revision(
    struct state_line *s, enum key k, const struct json_value *v, struct err *e)
{
	uint64_t n;

	if (!whole(v, UINT32_MAX, &n))
		return found(k, v, "a whole number from 0 to 4294967295", e);
	s->revision = (uint32_t)n;
	s->has_revision = true;
	return 0;
}

/* An upstream's number that has no word is written as a number. */
static int
read_action(
    struct state_line *s, enum key k, const struct json_value *v, struct err *e)
{
	uint64_t n;

	if (!whole(v, UINT32_MAX, &n))
		return read_text(s, k, v, e);
	memcpy(s->action, v->p, v->len);
	s->action[v->len] = '\0';
	return 0;
}

#define TEXT(m)                                                                \
	read_text, offsetof(struct state_line, m),                             \
	    sizeof(((struct state_line *)0)->m)

static const struct member members[NKEYS] = {
    [K_T] = {"t", TEXT(t)},
    [K_SHA1] = {"sha1", read_sha1, 0, 0},
    [K_SHA256] = {"sha256", read_sha256, 0, 0},
    [K_NAME] = {"name", TEXT(name)},
    [K_SIZE] = {"size", read_size, 0, 0},
    [K_COUNT] = {"parts", read_count, 0, 0},
    [K_WANTED] = {"wanted", read_false, 0, 0},
    [K_URL] = {"url", TEXT(url)},
    [K_ID] = {"id", read_guid, 0, 0},
    [K_REVISION] = {"revision", read_revision, 0, 0},
    [K_ACTION] = {"action", read_action, offsetof(struct state_line, action),
	sizeof(((struct state_line *)0)->action)},
    [K_GROUP] = {"group", read_guid, 0, 0},
    [K_DEADLINE] = {"deadline", TEXT(deadline)},
    [K_ASSIGNED] = {"assigned", read_false, 0, 0},
};

#define BIT(k) (1u << (k))

/* Which members a line has, and which it must have. */
static const struct {
	const char *t;
	unsigned has, needs;
} types[] = {
    [STATE_ABSENT] = {"absent",
	BIT(K_SHA1) | BIT(K_NAME) | BIT(K_SIZE) | BIT(K_WANTED),
	BIT(K_SHA1) | BIT(K_NAME)},
    [STATE_FILE] = {"file",
	BIT(K_SHA1) | BIT(K_NAME) | BIT(K_ID) | BIT(K_REVISION),
	BIT(K_SHA1) | BIT(K_NAME) | BIT(K_ID) | BIT(K_REVISION)},
    [STATE_URL] = {"url", BIT(K_SHA1) | BIT(K_URL), BIT(K_SHA1) | BIT(K_URL)},
    [STATE_APPROVAL] = {"approval",
	BIT(K_ID) | BIT(K_REVISION) | BIT(K_ACTION) | BIT(K_GROUP) |
	    BIT(K_DEADLINE) | BIT(K_NAME) | BIT(K_ASSIGNED),
	0},
    [STATE_WITHDRAWN] = {"withdrawn", BIT(K_ID) | BIT(K_REVISION),
	BIT(K_ID) | BIT(K_REVISION)},
    [STATE_PARTS] = {"parts",
	BIT(K_SHA1) | BIT(K_NAME) | BIT(K_SHA256) | BIT(K_SIZE) | BIT(K_COUNT),
	BIT(K_SHA1) | BIT(K_NAME) | BIT(K_SHA256) | BIT(K_SIZE) | BIT(K_COUNT)},
};
#define NTYPES (sizeof(types) / sizeof(types[0]))

static int
keep_value(
    void *arg, const char *key, const struct json_value *v, struct err *e)
{
	struct raw *raw = arg;

	for (size_t k = 0; k < NKEYS; k++) {
		if (strcmp(members[k].name, key) != 0)
			continue;
		if (raw->v[k].type != JSON_NONE)
			return err_at(
			    e, v->off, "'%s' stands there a second time", key);
		raw->v[k] = *v;
	}
	return 0;
}

static int
read_type(struct state_line *s, const struct raw *raw, struct err *e)
{
	if (raw->v[K_T].type == JSON_NONE)
		return err_set(
		    e, E_FORMAT, "expected a member 't', found none");
	if (read_text(s, K_T, &raw->v[K_T], e) == -1)
		return -1;
	if (s->t[0] == '\0')
		return err_set(e, E_FORMAT, "'t': expected a word, found ''");
	for (size_t i = STATE_UNKNOWN + 1; i < NTYPES; i++)
		if (strcmp(types[i].t, s->t) == 0)
			s->type = (enum state_type)i;
	return 0;
}

/* A group's name has no revision, and what has one no name: further members. */
static void
forget_further(struct state_line *s)
{
	if (s->has_id) {
		s->name[0] = '\0';
		return;
	}
	s->has_revision = false;
	s->revision = 0;
	s->deadline[0] = '\0';
	s->optional = false;
}

int
state_read_line(
    struct state_line *s, const char *line, size_t len, struct err *e)
{
	struct raw raw = {.v = {{.type = JSON_NONE}}};

	*s = (struct state_line){.type = STATE_UNKNOWN};
	if (len > STATE_MAX_LINE)
		return err_set(
		    e, E_LIMIT, "%zu bytes, at most %zu", len, STATE_MAX_LINE);
	if (json_read(line, len, keep_value, &raw, e) == -1 ||
	    read_type(s, &raw, e) == -1)
		return -1;
	for (enum key k = K_T + 1; k < NKEYS; k++) {
		const struct json_value *v = &raw.v[k];

		if ((types[s->type].needs & BIT(k)) != 0 &&
		    v->type == JSON_NONE)
			return err_set(e, E_FORMAT,
			    "'%s': expected a member '%s', found none", s->t,
			    members[k].name);
		if ((types[s->type].has & BIT(k)) != 0 &&
		    v->type != JSON_NONE && members[k].read(s, k, v, e) == -1)
			return err_ctx(e, "'%s'", s->t);
	}
	if (s->type == STATE_APPROVAL)
		forget_further(s);
	return s->type == STATE_UNKNOWN ? 0 : state_check(s, e);
}

struct state {
	struct lines *lines; /* owned */
	struct sink limit; /* in front of them */
	struct state_line s;
	bool urls; /* one was there */
	int (*line)(void *arg, const struct state_line *s, const char *text,
	    size_t len, struct err *e);
	void *arg;
};

static int
on_line(void *arg, const char *text, size_t len, struct err *e)
{
	struct state *r = arg;

	if (state_read_line(&r->s, text, len, e) == -1)
		return -1;
	if (r->s.type == STATE_FILE && r->urls)
		return err_set(e, E_FORMAT,
		    "'file': expected before the first 'url', found behind it");
	r->urls = r->urls || r->s.type == STATE_URL;
	return r->line == NULL ? 0 : r->line(r->arg, &r->s, text, len, e);
}

int
state_open(struct state **to,
    int (*line)(void *arg, const struct state_line *s, const char *text,
	size_t len, struct err *e),
    void *arg, struct err *e)
{
	struct state *r = calloc(1, sizeof(*r));

	*to = r;
	if (r == NULL)
		return err_nomem(e);
	r->line = line;
	r->arg = arg;
	if (lines_open(&r->lines, on_line, r, e) == -1)
		return -1;
	sink_limit(&r->limit, STATE_MAX_BYTES, lines_sink(r->lines));
	return 0;
}

struct sink *
state_sink(struct state *r)
{
	return &r->limit;
}

int
state_finish(struct state *r, struct err *e)
{
	return lines_finish(r->lines, e);
}

void
state_close(struct state *r)
{
	if (r == NULL)
		return;
	lines_close(r->lines);
	free(r);
}
