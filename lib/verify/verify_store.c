/* SPDX-License-Identifier: ISC */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/choose/choose.h"
#include "lib/choose/choose_file.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/base/words.h"
#include "lib/store/gone.h"
#include "lib/store/payload.h"
#include "lib/verify/verify_priv.h"
#include "lib/store/store.h"

#define CONTENT_DEPTH 2

struct tree {
	struct verify *v;
	struct payload_item *items; /* owned; sorted by SHA-1 as they come */
	char (*names)[CONTENT_NAME_MAX]; /* owned */
	size_t n, cap, capnames;
	struct gone gone; /* owned */
	struct choose_files wanted; /* owned; by digest; with a policy */
	uint64_t unknown, unknown_bytes; /* files that no row calls present */
};

#define SHOWN 3 /* of these, but with -v */

static int
bad_row(void *arg, const char *what, const struct err *fault, struct err *e)
{
	struct verify *v = arg;
	struct err copy = *fault;

	(void)e;
	log_finding_err(v->log, what, &copy);
	return 0;
}

/* What is not here, and nobody wants, is no fault. */
static bool
is_missed(const struct tree *t, const struct store_file *f)
{
	const struct gone_file *g = gone_has(&t->gone, f->sha1);

	return g == NULL || !g->seen.lost || t->v->o->policy == NULL ||
	    choose_files_has(&t->wanted, f->sha1);
}

/* A file that is present is to be hashed. */
static int
see_file(void *arg, const struct store_file *f, struct err *e)
{
	struct tree *t = arg;
	struct payload_item *it;
	char name[CONTENT_NAME_MAX];

	if (!is_missed(t, f))
		return 0;
	content_name(name, f->sha1, f->ext);
	if (grow(&t->items, &t->cap, t->n, sizeof(*t->items), e) == -1 ||
	    grow(&t->names, &t->capnames, t->n, sizeof(*t->names), e) == -1)
		return -1;
	memcpy(t->names[t->n], name, sizeof(name));
	it = &t->items[t->n++];
	*it = (struct payload_item){
	    .size = f->size, .has_sha1 = true, .has_sha256 = f->has_measured};
	memcpy(it->sha1, f->sha1, SHA1_LEN);
	memcpy(it->sha256, f->measured, SHA256_LEN);
	return 0;
}

/* A file in WsusContent that no row calls present. */
static int
see_name(void *arg, const struct path_entry *en, struct err *e)
{
	struct tree *t = arg;
	const char *base = strrchr(en->name, '/');
	uint8_t sha1[SHA1_LEN];
	const struct payload_item *it;

	(void)e;
	base = base == NULL ? en->name : base + 1;
	if (en->type == PATH_DIR || strcmp(en->name, CONTENT_CHECK_FILE) == 0 ||
	    strncmp(en->name, CONTENT_STAGING "/", sizeof(CONTENT_STAGING)) ==
		0)
		return 0;
	if (content_parse(base, sha1)) {
		it = sort_find(
		    sha1, t->items, t->n, sizeof(*t->items), sort_by_sha1);
		if (it != NULL && strcmp(it->name, en->name) == 0)
			return 0;
	}
	t->unknown_bytes += en->size;
	if (++t->unknown <= SHOWN || t->v->log->verbose > 0)
		log_event(
		    t->v->log, LOG_WARN, en->name, "no row knows this file");
	return 0;
}

static void
tell_unknown(const struct tree *t)
{
	if (t->unknown == 0)
		return;
	log_event(t->v->log, LOG_WARN, CONTENT_DIR,
	    "%s, %s, that no row knows%s; an import that was interrupted "
	    "leaves "
	    "such: run it again",
	    words_count(t->unknown, "file").s, words_size(t->unknown_bytes).s,
	    t->unknown > SHOWN && t->v->log->verbose == 0 ? " (-v tells all)"
							  : "");
}

static int
seen_file(void *arg, const struct payload_item *it, const struct digest *d,
    struct content_staged *st, struct err *fault, struct err *e)
{
	struct verify *v = arg;
	char name[PATH_MAX];

	(void)d;
	(void)st;
	(void)e;
	v->files++;
	v->bytes += it->size;
	snprintf(name, sizeof(name), CONTENT_DIR "/%s", it->name);
	if (fault->kind == E_NONE) {
		log_event(v->log, LOG_DEBUG, name, "good, %s",
		    words_count(it->size, "byte").s);
		return 0;
	}
	/* A link or a folder there is damage to a store. */
	if (fault->kind == E_FORMAT)
		fault->kind = E_DIGEST;
	log_finding_err(v->log, name, fault);
	return 0;
}

/* Hash items beneath dirfd and compare; faults are findings. */
static int
hash_files(struct verify *v, int dirfd, struct payload_item *items, size_t n,
    struct err *e)
{
	struct payload p = {.dirfd = dirfd,
	    .to = -1,
	    .which = DIGEST_BOTH,
	    .jobs = v->o->jobs,
	    .prog = &v->prog,
	    .done = seen_file,
	    .arg = v};
	int r;

	v->total = n;
	prog_begin(&v->prog, v->log, "hashing payload", "file",
	    payload_bytes(items, n), n);
	r = payload_run(&p, items, n, e);
	prog_end(&v->prog);
	return r;
}

/* What the policy wants: the rest need not be here. */
static int
want_payload(struct tree *t, struct store *s, struct err *e)
{
	struct policy p = POLICY_INIT;
	struct choose c = CHOOSE_INIT;
	int64_t now;
	int r = -1;

	if (t->v->o->policy == NULL)
		return 0;
	if (choose_file_read(&p, t->v->o->policy, e) == 0 &&
	    utc_now(&now, e) == 0 && choose_open(&c, &p, s, now, e) == 0 &&
	    choose_tell(&c, t->v->log, e) == 0)
		r = choose_files(&c, &t->wanted, e);
	choose_files_sort(&t->wanted);
	choose_close(&c);
	policy_free(&p);
	return r;
}

static int
check_content(struct verify *v, struct store *s, struct err *e)
{
	struct tree t = {.v = v};
	struct content c = CONTENT_INIT;
	struct lacking_of of = {.arg = &t.wanted, .gone = &t.gone};
	int r = -1;

	if (v->o->policy != NULL)
		of.wanted = choose_files_has;
	if (want_payload(&t, s, e) == -1 || gone_find(&t.gone, s, e) == -1 ||
	    store_each_file(s, true, see_file, &t, e) == -1 ||
	    content_open(&c, store_dirfd(s), -1, e) == -1)
		goto out;
	for (size_t i = 0; i < t.n; i++)
		t.items[i].name = t.names[i];
	r = hash_files(v, c.dirfd, t.items, t.n, e);
	if (r == 0 && c.dirfd != -1)
		r = path_walk(c.dirfd, CONTENT_DEPTH, see_name, &t, e);
	if (r == 0)
		tell_unknown(&t);
	if (r == 0)
		r = verify_lacking(v, s, &of, NULL, e);
out:
	content_close(&c);
	choose_files_free(&t.wanted);
	gone_free(&t.gone);
	free(t.items);
	free(t.names);
	return r;
}

int
verify_store(struct verify *v, struct err *e)
{
	struct store_counts n = {0};
	struct store *s = NULL;
	int r = -1;

	if (store_open(&s, v->path, STORE_READ, NULL, e) == 0 &&
	    store_begin(s, e) == 0 && store_counts(s, &n, e) == 0 &&
	    check_all(s, !v->o->quick, v->o->jobs, bad_row, v, e) == 0)
		r = check_content(v, s, e);
	v->revisions = n.revisions;
	store_close(s);
	return r;
}
