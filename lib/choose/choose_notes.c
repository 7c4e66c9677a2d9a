/* SPDX-License-Identifier: ISC */
#include "lib/choose/choose_notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/base/words.h"

#define NOTE_MAX 1024 /* bytes of a sentence */
#define SHOWN 5 /* lines of one key that name nothing held */
#define KEYS_MAX 17

static int __attribute__((format(printf, 3, 0)))
add_note(struct choose_notes *n, struct choose_note note, const char *fmt,
    va_list ap, struct err *e)
{
	char text[NOTE_MAX];

	vsnprintf(text, sizeof(text), fmt, ap);
	note.text = arena_strndup(&n->arena, text, strlen(text));
	if (note.text == NULL ||
	    grow(&n->v, &n->cap, n->n, sizeof(*n->v), e) == -1)
		return err_nomem(e);
	n->v[n->n++] = note;
	return 0;
}

int
choose_note(struct choose_notes *n, unsigned line, const char *key,
    struct err *e, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = add_note(
	    n, (struct choose_note){.line = line, .key = key}, fmt, ap, e);
	va_end(ap);
	return r;
}

int
choose_note_lost(struct choose_notes *n, unsigned line, const char *key,
    struct err *e, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = add_note(n,
	    (struct choose_note){.line = line, .key = key, .lost = true}, fmt,
	    ap, e);
	va_end(ap);
	return r;
}

void
choose_notes_free(struct choose_notes *n)
{
	arena_free(&n->arena);
	free(n->v);
	*n = (struct choose_notes)CHOOSE_NOTES_INIT;
}

struct place {
	unsigned line; /* less 1: those of no line come last */
	size_t at; /* in v */
};

static int
by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* The indices of the notes in the order in which they are told; free() it. */
static struct place *
sorted(const struct choose_notes *n, struct err *e)
{
	struct place *p = calloc(n->n + 1, sizeof(*p));
	size_t i;

	if (p == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (i = 0; i < n->n; i++)
		p[i] = (struct place){n->v[i].line - 1, i};
	sort_up(p, n->n, sizeof(*p), by_place);
	return p;
}

static void
tell_note(struct log *log, const char *subject, const struct choose_note *v)
{
	if (v->key == NULL)
		log_event(log, LOG_WARN, subject, "    %s", v->text);
	else if (v->line == 0)
		log_event(log, LOG_WARN, subject, "%s", v->text);
	else
		log_event(
		    log, LOG_WARN, subject, "line %u: %s", v->line, v->text);
}

/* Lines of a key that name nothing held. */
struct lost {
	const char *key;
	size_t all, told;
	unsigned last; /* of them */
};

static struct lost *
lost_of(struct lost v[KEYS_MAX], const char *key)
{
	size_t i;

	for (i = 0; i < KEYS_MAX - 1 && v[i].key != NULL; i++)
		if (strcmp(v[i].key, key) == 0)
			break;
	v[i].key = key;
	return &v[i];
}

static void
tell_lost(struct log *log, const char *subject, const struct choose_note *v,
    struct lost *l)
{
	/* A sixth alone takes no more room than that there is one. */
	bool each = log->verbose > 0 || l->all <= SHOWN + 1;

	if (l->told++ < SHOWN || each)
		tell_note(log, subject, v);
	else if (l->told == SHOWN + 1)
		log_event(log, LOG_WARN, subject,
		    "line %u and %s more of '%s', the last of them line %u, "
		    "name nothing that is held; -v tells them all",
		    v->line, words_count(l->all - l->told, "line").s, v->key,
		    l->last);
}

int
choose_notes_tell(struct choose_notes *n, struct log *log, struct err *e)
{
	struct lost lost[KEYS_MAX] = {{.key = NULL}}, *l;
	struct place *p = sorted(n, e);
	const struct choose_note *v;
	size_t i;

	if (p == NULL)
		return -1;
	for (i = 0; i < n->n; i++) {
		v = &n->v[p[i].at];
		if (!v->lost)
			continue;
		l = lost_of(lost, v->key);
		l->all++;
		l->last = v->line;
	}
	for (i = 0; i < n->n; i++) {
		v = &n->v[p[i].at];
		if (v->lost)
			tell_lost(log, n->subject, v, lost_of(lost, v->key));
		else
			tell_note(log, n->subject, v);
	}
	free(p);
	return 0;
}

int
choose_notes_hash(
    struct choose_notes *n, uint8_t sha256[SHA256_LEN], struct err *e)
{
	struct digest_ctx ctx = DIGEST_CTX_INIT;
	struct digest d;
	size_t i;
	int r = digest_open(&ctx, DIGEST_SHA256, e);

	for (i = 0; i < n->n && r == 0; i++)
		r = digest_add(&ctx, n->v[i].text, strlen(n->v[i].text) + 1, e);
	if (r == 0 && (r = digest_done(&ctx, &d, e)) == 0)
		memcpy(sha256, d.sha256, SHA256_LEN);
	digest_close(&ctx);
	return r;
}
