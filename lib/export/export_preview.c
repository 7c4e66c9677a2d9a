/* SPDX-License-Identifier: ISC */
/* What would be written, for people and for a program that approves it; and
   later that, or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/json_read.h"
#include "lib/base/log.h"
#include "lib/base/room.h"
#include "lib/base/words.h"
#include "lib/export/export_priv.h"
#include "lib/store/store.h"

#define MAX_PLAN ((size_t)128 << 20) /* bytes of a plan that was saved */
#define TYPE "plan"

static int
add_line(struct digest_ctx *c, struct buf *b, struct err *e)
{
	int r = digest_add(c, b->p, b->len, e);

	buf_reset(b);
	return r;
}

/* Each revision in its order, then each payload file: carried, there, told of
   before, left out, or absent. */
static int
add_all(struct export *x, struct digest_ctx *c, struct buf *b, struct err *e)
{
	char id[GUID_LEN + 1], sha1[2 * SHA1_LEN + 1];

	for (size_t i = 0; i < x->plan.n; i++) {
		guid_write(id, &x->plan.items[i].id);
		if (buf_printf(b, e, "r %s %" PRIu32 "\n", id,
			x->plan.items[i].revision) == -1 ||
		    add_line(c, b, e) == -1)
			return -1;
	}
	for (size_t i = 0; i < x->pack.nfiles; i++) {
		const struct pack_file *f = &x->pack.files[i];

		hex_upper(sha1, f->sha1, SHA1_LEN);
		if (buf_printf(b, e, "f %s %c\n", sha1,
			pack_carries(f)	  ? 'c'
			    : f->there	  ? 'b'
			    : f->told	  ? 't'
			    : f->unwanted ? 'l'
					  : 'a') == -1 ||
		    add_line(c, b, e) == -1)
			return -1;
	}
	return 0;
}

/* The plan's name: equal where the same would be written. */
static int
name_plan(struct export *x, char hex[2 * SHA256_LEN + 1], struct err *e)
{
	struct digest_ctx c = DIGEST_CTX_INIT;
	char when[UTC_LEN + 1];
	struct buf b = BUF_INIT;
	struct digest d;
	int r = -1;

	utc_write(when, x->head.created);
	if (digest_open(&c, DIGEST_SHA256, e) == 0 &&
	    buf_printf(&b, e,
		"wsusferry plan 1\n%s\nto %s\nfor %s\nbase %" PRIu64
		"\nat %s\n",
		x->info.id, x->dest.name, x->row.destination, x->row.base,
		when) == 0 &&
	    add_line(&c, &b, e) == 0 && add_all(x, &c, &b, e) == 0 &&
	    export_with_lines(x, &c, e) == 0 && digest_done(&c, &d, e) == 0) {
		hex_lower(hex, d.sha256, SHA256_LEN);
		r = 0;
	}
	digest_close(&c);
	buf_free(&b);
	return r;
}

/* What is to be said of it beyond the numbers of struct export. */
struct preview {
	const struct pack_file *largest; /* or NULL */
	char name[256]; /* of that */
	uint64_t packages, payload; /* bytes */
	uint64_t room; /* bytes that are free */
	bool has_room;
	char sha256[2 * SHA256_LEN + 1];
};

static int
look(struct export *x, struct preview *p, struct err *e)
{
	struct store_file row;
	int told;

	for (size_t i = 0; i < x->pack.nfiles; i++) {
		const struct pack_file *f = &x->pack.files[i];

		if (!pack_carries(f))
			continue;
		p->payload += f->size;
		if (p->largest == NULL || f->size > p->largest->size)
			p->largest = f;
	}
	p->packages = x->bytes - p->payload - x->with.bytes;
	if (p->largest != NULL) {
		if (store_file(x->store, p->largest->sha1, &row, e) != 1)
			return -1;
		snprintf(p->name, sizeof(p->name), "%s", row.name);
	}
	told = x->parent == -1 ? 0 : room_free(x->parent, &p->room, e);
	if (told == -1)
		return err_ctx(e, "%s", x->o->to);
	p->has_room = told == 1;
	return name_plan(x, p->sha256, e);
}

static const char *
put_json(const struct export *x, const struct preview *p, struct json *j)
{
	char when[UTC_LEN + 1];

	utc_write(when, x->head.created);
	json_begin(j);
	json_str(j, "type", TYPE);
	json_str(j, "transfer", x->info.id);
	json_str(j, "destination", x->dest.name);
	json_num(j, "base", x->row.base);
	json_str(j, "time", when);
	json_num(j, "revisions", x->plan.n);
	json_num(j, "new_revisions", x->fresh);
	json_num(j, "files", x->files);
	json_num(j, "files_before", x->before);
	json_num(j, "payload_bytes", p->payload);
	json_num(j, "packages", x->npackages);
	json_num(j, "package_bytes", p->packages);
	json_num(j, "media", x->info.bags);
	if (x->with.n != 0) {
		json_num(j, "with_files", x->with.n);
		json_num(j, "with_bytes", x->with.bytes);
	}
	if (x->budget != 0) {
		json_num(j, "budget", x->budget);
		json_num(j, "waiting", x->nwaiting);
		json_num(j, "waiting_bytes", x->waiting_bytes);
	}
	if (p->largest != NULL) {
		json_num(j, "largest_bytes", p->largest->size);
		json_str(j, "largest_name", p->name);
	}
	if (p->has_room)
		json_num(j, "free_bytes", p->room);
	json_str(j, "sha256", p->sha256);
	return json_end(j);
}

static void
say(const struct export *x, const char *name, const char *what)
{
	char line[512];

	snprintf(line, sizeof(line), "%-10s %s", name, what);
	log_data(x->log, line, NULL);
}

static void
say_all(const struct export *x, const struct preview *p)
{
	char text[480], base[BAG_WORD + 1];

	bag_info_id(base, x->row.site, x->row.base);
	snprintf(text, sizeof(text), "%s for %s, %s%s", x->info.id,
	    x->dest.name[0] != '\0' ? x->dest.name : "anybody",
	    x->row.base != 0 ? "builds on " : "a full one",
	    x->row.base != 0 ? base : "");
	say(x, "transfer", text);
	snprintf(text, sizeof(text), "%" PRIu64 " new, %" PRIu64 " repeated",
	    x->fresh, (uint64_t)x->plan.n - x->fresh);
	say(x, "revisions", text);
	snprintf(text, sizeof(text), "%s, %s; %" PRIu64 " are there already",
	    words_count(x->files, "file").s, words_size(p->payload).s,
	    x->before);
	say(x, "payload", text);
	snprintf(text, sizeof(text), "%s, %s",
	    words_count(x->npackages, "package").s, words_size(p->packages).s);
	say(x, "documents", text);
	if (x->with.n != 0) {
		snprintf(text, sizeof(text), "%s, %s",
		    words_count(x->with.n, "file").s,
		    words_size(x->with.bytes).s);
		say(x, "with", text);
	}
	if (p->largest != NULL) {
		snprintf(text, sizeof(text), "%s, %s",
		    words_size(p->largest->size).s, p->name);
		say(x, "largest", text);
	}
	snprintf(text, sizeof(text), "%" PRIu32 ", %s%s", x->info.bags,
	    p->has_room ? words_size(p->room).s : "",
	    p->has_room ? " free" : "which does not say what is free");
	say(x, "media", text);
	say(x, "plan", p->sha256);
}

int
export_preview(struct export *x, struct err *e)
{
	struct preview p = {.largest = NULL};
	struct json j = JSON_INIT;
	const char *line = NULL;
	int r = 0;

	if (look(x, &p, e) == -1)
		return -1;
	if (!x->log->json)
		say_all(x, &p);
	else if ((line = put_json(x, &p, &j)) == NULL)
		r = err_nomem(e);
	else
		log_data(x->log, NULL, line);
	json_free(&j);
	return r;
}

/* One line of a plan that was saved. */
struct line {
	char type[32], time[UTC_LEN + 1], sha256[2 * SHA256_LEN + 1];
};

static int
on_member(void *arg, const char *key, const struct json_value *v, struct err *e)
{
	struct line *l = arg;
	const struct {
		const char *key;
		char *to;
		size_t room;
	} texts[] = {{"type", l->type, sizeof(l->type)},
	    {"time", l->time, sizeof(l->time)},
	    {"sha256", l->sha256, sizeof(l->sha256)}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(key, texts[i].key) == 0 && v->type == JSON_TEXT)
			return json_text(v, texts[i].to, texts[i].room, e);
	return 0;
}

static int
take_line(struct export *x, const struct line *l, struct err *e)
{
	uint8_t digest[SHA256_LEN];

	if (!utc_read(&x->head.created, l->time, strlen(l->time)) ||
	    !hex_read(digest, SHA256_LEN, l->sha256, strlen(l->sha256)))
		return err_set(e, E_FORMAT,
		    "expected a plan's time and sha256 in the line of the "
		    "plan");
	memcpy(x->approved, l->sha256, sizeof(x->approved));
	return 0;
}

/* The first line that is a plan; others are of the same run's talk. */
static int
find_line(struct export *x, const char *text, struct err *e)
{
	while (*text != '\0') {
		struct line l = {.type = ""};
		size_t n = strcspn(text, "\n");

		if (n > 0 && json_read(text, n, on_member, &l, e) == -1)
			return -1;
		if (strcmp(l.type, TYPE) == 0)
			return take_line(x, &l, e);
		text += n + (text[n] == '\n');
	}
	return err_set(e, E_FORMAT,
	    "no line of it is a plan: it is what wsusferry-export --plan "
	    "--json prints");
}

/* Wherever it lies, also in a pipe. */
static int
read_plan(const char *path, struct buf *to, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = -1;
	uint8_t *p;

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, E_USAGE,
		    "the plan is not there; --plan --json prints one");
	if (fd == -1)
		return err_sys(e, "cannot open");
	while ((p = buf_reserve(to, 4096, e)) != NULL &&
	    (n = read(fd, p, 4096)) > 0)
		to->len += (size_t)n;
	if (p != NULL && n == -1)
		(void)err_sys(e, "cannot read");
	(void)close(fd);
	return p != NULL && n == 0 ? 0 : -1;
}

int
export_preview_read(struct export *x, struct err *e)
{
	const char *path = x->o->from_plan;
	struct buf text = BUF_INIT_MAX(MAX_PLAN);
	int r = -1;

	if (path == NULL)
		return 0;
	if (read_plan(path, &text, e) == 0 && buf_str(&text, e) != NULL)
		r = find_line(x, (char *)text.p, e);
	buf_free(&text);
	return r == -1 ? err_ctx(e, "%s", path) : 0;
}

int
export_preview_check(struct export *x, struct err *e)
{
	char now[2 * SHA256_LEN + 1];

	if (x->o->from_plan == NULL)
		return 0;
	if (name_plan(x, now, e) == -1)
		return -1;
	if (strcmp(now, x->approved) == 0)
		return 0;
	return err_set(e, E_DIGEST,
	    "%s: the store, or what is asked for, is not what it was: %s would "
	    "have %s and %s, by another plan, %.16s...; make a new one",
	    x->o->from_plan, x->info.id, words_count(x->plan.n, "revision").s,
	    words_count(x->files, "payload file").s, now);
}
