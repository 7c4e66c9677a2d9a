/* SPDX-License-Identifier: ISC */
/*
 * Recorded exchanges: DIR/NAME/{request,response}.{headers,body}.  A request is
 * answered with the response to the recorded one that is most alike; for
 * GetUpdateData the ids must be the same, or the answer is the recorded fault.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

#include "tests/upstream/soap.h"

#define RECORDS_MAX 256
#define TEXT_MAX 8192

/* What tells requests of one operation apart. */
struct traits {
	bool cookie, config, has_config, anchor, cats, classes, delta;
	char anchor_text[256];
	char lists[TEXT_MAX]; /* Categories and Classifications */
	char ids[TEXT_MAX];
};

struct record {
	char op[64];
	struct traits t;
	struct buf head, body; /* of the response */
};

static struct record records[RECORDS_MAX];
static size_t nrecords;

static void
slurp(const char *dir, const char *name, const char *file, struct buf *b)
{
	char path[4096];
	struct err e = ERR_INIT;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s/%s", dir, name, file);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		die(4, "%s: %s", path, strerror(errno));
	do {
		uint8_t *p = buf_reserve(b, 65536, &e);

		if (p == NULL || (n = read(fd, p, 65536)) == -1)
			die(4, "%s: cannot be read", path);
		b->len += (size_t)n;
	} while (n > 0);
	close(fd);
}

static void
add_id(struct traits *t, struct _xmlNode *n)
{
	struct guid g;
	uint32_t revision;
	size_t at = strlen(t->ids);

	if (!ask_rev(n, &g, &revision) || sizeof(t->ids) - at < GUID_LEN + 16)
		return;
	guid_write(t->ids + at, &g);
	snprintf(t->ids + at + GUID_LEN, 16, ".%u ", (unsigned)revision);
}

static void
read_traits(const struct ask *q, struct traits *t)
{
	struct _xmlNode *f = ask_child(q->op, "filter"), *n;

	*t = (struct traits){.cookie = ask_child(q->op, "cookie") != NULL};
	t->has_config = ask_child(q->op, "configAnchor") != NULL;
	t->config = ask_true(ask_child(f, "GetConfig"));
	t->anchor = ask_child(f, "Anchor") != NULL;
	ask_text(
	    ask_child(f, "Anchor"), t->anchor_text, sizeof(t->anchor_text));
	t->cats = ask_child(f, "Categories") != NULL;
	t->classes = ask_child(f, "Classifications") != NULL;
	n = ask_child(ask_child(f, "Categories"), "IdAndDelta");
	t->delta = ask_true(ask_child(n, "Delta"));
	ask_text(ask_child(f, "Categories"), t->lists, TEXT_MAX / 2);
	ask_text(ask_child(f, "Classifications"), t->lists + strlen(t->lists),
	    TEXT_MAX / 2);
	for (n = ask_child(ask_child(q->op, "updateIds"), "UpdateIdentity");
	     n != NULL; n = ask_follow(n, "UpdateIdentity"))
		add_id(t, n);
}

static void
read_record(const char *dir, const char *name)
{
	struct record *r = &records[nrecords++];
	struct buf b = BUF_INIT;
	struct ask q = ASK_INIT;

	slurp(dir, name, "request.body", &b);
	if (ask_read(&q, b.p, b.len) == -1)
		die(4, "%s/%s/request.body: no request", dir, name);
	snprintf(r->op, sizeof(r->op), "%s", q.name);
	read_traits(&q, &r->t);
	ask_free(&q);
	buf_free(&b);
	r->head = r->body = (struct buf)BUF_INIT;
	slurp(dir, name, "response.headers", &r->head);
	putn(&r->head, "", 1);
	slurp(dir, name, "response.body", &r->body);
}

void
replay_start(const char *dir)
{
	struct dirent **names;
	int i, n = scandir(dir, &names, NULL, alphasort);

	if (n == -1)
		die(2, "%s: %s", dir, strerror(errno));
	for (i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.' && nrecords < RECORDS_MAX)
			read_record(dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	if (nrecords == 0)
		die(2, "%s: no recorded exchanges", dir);
}

/* -1: not this one. */
static int
likeness(const struct record *r, const char *op, const struct traits *t)
{
	const struct traits *x = &r->t;

	if (strcmp(r->op, op) != 0)
		return -1;
	if (strcmp(op, "GetUpdateData") == 0)
		return strcmp(x->ids, t->ids) == 0		       ? 9
		    : strstr((const char *)r->head.p, " 500 ") != NULL ? 0
								       : -1;
	if (x->cookie != t->cookie || x->config != t->config)
		return -1;
	/* Both lists or neither are full answers; one alone is empty. */
	return 8 * (x->anchor == t->anchor) +
	    4 * (x->has_config == t->has_config) +
	    4 * ((x->cats == x->classes) == (t->cats == t->classes)) +
	    (x->cats == t->cats) + (x->classes == t->classes) +
	    3 * (strcmp(x->anchor_text, t->anchor_text) == 0) +
	    (x->delta == t->delta) + 3 * (strcmp(x->lists, t->lists) == 0);
}

/* The recorded fields but those that belong to a connection. */
static void
put_head(struct answer *a, const char *head)
{
	const char *line = strchr(head, '\n');

	(void)sscanf(head, "%*s %d", &a->status);
	while (line != NULL && line[1] != '\0') {
		size_t n = strcspn(++line, "\r\n");

		if (n > 0 && strncasecmp(line, "connection:", 11) != 0 &&
		    strncasecmp(line, "content-length:", 15) != 0 &&
		    strncasecmp(line, "content-type:", 13) != 0) {
			putn(&a->head, line, n);
			put(&a->head, "\r\n");
		}
		line = strchr(line, '\n');
	}
	a->own_date = true;
}

void
replay_answer(const struct ask *q, struct answer *a)
{
	const struct record *best = NULL;
	struct traits t;
	int most = -1;
	size_t i;

	read_traits(q, &t);
	for (i = 0; i < nrecords; i++) {
		int like = likeness(&records[i], q->name, &t);

		if (like > most ||
		    (best != NULL && like == most &&
			records[i].body.len > best->body.len)) {
			most = like;
			best = &records[i];
		}
	}
	if (best == NULL) {
		soap_fault(a, "InternalServerError", "");
		return;
	}
	put_head(a, (const char *)best->head.p);
	putn(&a->body, best->body.p, best->body.len);
	if (*t.ids != '\0')
		putf(&a->note, " %s", t.ids);
}
