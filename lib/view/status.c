/* SPDX-License-Identifier: ISC */
#include "lib/view/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"
#include "lib/store/sync.h"

struct newest {
	struct store *s;
	struct status *t;
};

static int
see_newest(void *arg, int64_t row, bool superseded, struct err *e)
{
	struct newest *n = arg;
	struct store_rev r;

	(void)superseded;
	if (store_rev(n->s, row, &r, e) == -1)
		return -1;
	if (r.created != NULL)
		snprintf(
		    n->t->newest, sizeof(n->t->newest), "%.10s", r.created);
	return 0;
}

static int
see_row(void *arg, const struct ledger_row *r, struct err *e)
{
	struct status *t = arg;

	(void)e;
	if (r->state == LEDGER_IMPORTED && r->kind != LEDGER_FETCH) {
		t->imported = true;
		t->import = *r;
	}
	return 0;
}

static int
see_upstream(void *arg, const struct sync_upstream *u, struct err *e)
{
	struct status *t = arg;

	(void)e;
	if (u->last_success > t->fetched)
		t->fetched = u->last_success;
	return 0;
}

int
status_read(
    struct status *t, struct store *s, const struct lacking *l, struct err *e)
{
	struct newest n = {s, t};

	*t = (struct status){.lacking = *l};
	if (store_each_top(s, 0, 1, see_newest, &n, e) == -1 ||
	    ledger_each(s, see_row, t, e) == -1)
		return -1;
	return sync_each_upstream(s, see_upstream, t, e);
}

void
status_transfer(char to[STATUS_NAME_MAX], const struct ledger_row *r)
{
	if (r->kind == LEDGER_PACKAGE || r->kind == LEDGER_FETCH)
		snprintf(to, STATUS_NAME_MAX, "%s",
		    *r->where != '\0'		    ? r->where
			: r->kind == LEDGER_PACKAGE ? "a package"
						    : "an upstream server");
	else
		snprintf(
		    to, STATUS_NAME_MAX, "%s-%06" PRIu64, r->site, r->sequence);
}

static void
add(char to[STATUS_LINE_MAX], const char *what, const char *value,
    const char *end)
{
	size_t n = strlen(to);

	snprintf(to + n, STATUS_LINE_MAX - n, "%s%s%s%s", n > 0 ? " " : "",
	    what, value, end);
}

void
status_line(char to[STATUS_LINE_MAX], const struct status *t)
{
	char when[UTC_LEN + 1], name[STATUS_NAME_MAX];

	*to = '\0';
	if (*t->newest != '\0')
		add(to, "Newest release held: ", t->newest, ".");
	else
		add(to, "No update is held", "", ".");
	if (t->imported) {
		status_transfer(name, &t->import);
		utc_write(when, t->import.time);
		when[10] = '\0';
		add(to, "Last import: ", name, " on");
		add(to, "", when, ".");
	}
	if (t->fetched != 0) {
		utc_write(when, t->fetched);
		when[10] = '\0';
		add(to, "Last fetch: ", when, ".");
	}
	if (lacking_any(&t->lacking))
		add(to, "Lacking: ", lacking_summary(&t->lacking).s, ".");
	else
		add(to, "Nothing is lacking", "", ".");
	utf8_clean(to);
}
