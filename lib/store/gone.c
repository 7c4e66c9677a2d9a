/* SPDX-License-Identifier: ISC */
#include "lib/store/gone.h"

#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"
#include "lib/base/words.h"
#include "lib/store/store_db.h"

#define FIRST 3 /* told, where there are more */

/* The row where q stands: its file is looked at, and kept where it is not
   here. */
static int
look(struct gone *g, struct query *q, const struct content *c, struct err *e)
{
	struct gone_file f = {.row = sqlite3_column_int64(q->st, 0),
	    .size = (uint64_t)sqlite3_column_int64(q->st, 2)};
	bool has_size = sqlite3_column_type(q->st, 2) != SQLITE_NULL;

	(void)query_get_blob(q, 1, f.sha1, SHA1_LEN);
	snprintf(f.ext, sizeof(f.ext), "%s", query_get_text(q, 3));
	if (stop_check(e) == -1 ||
	    content_look(
		c, f.sha1, f.ext, has_size ? &f.size : NULL, &f.seen, e) == -1)
		return -1;
	if (f.seen.here)
		return 0;
	if (grow(&g->v, &g->cap, g->n, sizeof(*g->v), e) == -1)
		return -1;
	g->v[g->n++] = f;
	return 0;
}

int
gone_find(struct gone *g, struct store *s, struct err *e)
{
	struct content c = CONTENT_INIT;
	struct query q;
	int r;

	*g = (struct gone){.v = NULL};
	if (store_dirfd(s) == -1)
		return 0;
	if (content_open(&c, store_dirfd(s), -1, e) == -1)
		return -1;
	r = query_open(&q, s, SQL_EACH_HERE, e);
	while (query_each(&q, &r, e))
		r = look(g, &q, &c, e);
	sort_up(g->v, g->n, sizeof(*g->v), sort_by_sha1);
	content_close(&c);
	return r;
}

const struct gone_file *
gone_has(const struct gone *g, const uint8_t sha1[SHA1_LEN])
{
	return g->n == 0
	    ? NULL
	    : sort_find(sha1, g->v, g->n, sizeof(*g->v), sort_by_sha1);
}

void
gone_free(struct gone *g)
{
	free(g->v);
	*g = (struct gone){.v = NULL};
}

static void
tell(const struct gone *g, struct log *log)
{
	char name[CONTENT_NAME_MAX], fault[CONTENT_FAULT_MAX];
	size_t n = log->verbose > 0 || g->n < FIRST ? g->n : FIRST;

	for (size_t i = 0; i < n; i++) {
		content_name(name, g->v[i].sha1, g->v[i].ext);
		content_fault(fault, &g->v[i].seen, g->v[i].size);
		log_event(log, LOG_WARN, name, "%s", fault);
	}
	if (n < g->n)
		log_event(log, LOG_WARN, CONTENT_DIR,
		    "%s lost or damaged; -v tells them all",
		    words_count(g->n - n, "more payload file").s);
}

int
gone_note(struct store *s, struct log *log, uint64_t *n, struct err *e)
{
	struct gone g;
	int r = gone_find(&g, s, e);

	if (r == 0)
		tell(&g, log);
	for (size_t i = 0; r == 0 && i < g.n; i++)
		r = store_file_lost(s, g.v[i].sha1, e);
	*n = g.n;
	gone_free(&g);
	return r;
}
