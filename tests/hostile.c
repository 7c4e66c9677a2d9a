/* SPDX-License-Identifier: ISC */
/* A row of the hostile suite: made, asked of both programs and of the second
   reader, and what it left behind. */
#include "tests/hostile.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/path_remove.h"
#include "tests/hostile_run.h"
#include "tests/second.h"
#include "tests/t.h"

static const struct hostile_row **rows;
static size_t nrows;

static void
clear(struct hostile *h)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < HOSTILE_PATHS; i++)
		T_CALL(path_remove(AT_FDCWD, h->paths[i], &e), &e);
	T_CALL(path_remove(AT_FDCWD, hostile_home()->fresh, &e), &e);
	stick_free(&h->s);
}

static void
make(struct hostile *h, const struct hostile_row *r)
{
	(void)hostile_home();
	memset(h, 0, sizeof(*h));
	h->row = r;
	for (unsigned i = 0; i < HOSTILE_PATHS; i++)
		snprintf(h->paths[i], sizeof(h->paths[i]), "%s/m%u",
		    stick_home()->dir, i);
	h->npaths = 1;
	stick_make(&h->s, &stick_home()->key);
	h->s.keep_oxum = r->a != NULL && strcmp(r->a, "Payload-Oxum") == 0;
	if (r->when != HOSTILE_MADE)
		stick_seal(&h->s);
	if (r->when == HOSTILE_WRITTEN)
		stick_write(&h->s, h->paths[0]);
	if (r->bend != NULL)
		r->bend(h);
	if (r->when == HOSTILE_WRITTEN || h->written || h->receipt != NULL)
		return;
	if (r->when == HOSTILE_MADE)
		stick_seal(&h->s);
	if (r->when == HOSTILE_LISTED)
		stick_sign(&h->s);
	stick_write(&h->s, h->paths[0]);
}

static void
ended(
    const char *who, const char *name, int status, const struct hostile_row *r)
{
	const char *said = stick_said(), *says = r->says;
	bool wanted = says == NULL || *says != '!';

	if (status != r->status)
		t_fail(__FILE__, __LINE__, "%s: %s ends with %d, not %d: %s",
		    name, who, status, r->status, said);
	if (says != NULL && (strstr(said, says + !wanted) != NULL) != wanted)
		t_fail(__FILE__, __LINE__, "%s: %s says '%s', not '%s'", name,
		    who, said, says);
}

static void
ask_second(const struct hostile *h, const struct hostile_row *r)
{
	int expected = r->second != 0 ? r->second : r->status, status;
	char why[512];

	if (r->second == HOSTILE_UNASKED || h->receipt != NULL)
		return;
	status = second_status(
	    h->paths[0], h->keyless ? NULL : stick_home()->pub, why);
	if (status != -1 && status != expected)
		t_fail(__FILE__, __LINE__,
		    "%s: the second reader ends with %d, not %d: %s", r->name,
		    status, expected, why);
}

static void
ask_import(const struct hostile *h, const struct hostile_row *r)
{
	const struct hostile_home *home = hostile_home();
	const char *store = h->receipt != NULL	    ? home->near
	    : r->end == HOSTILE_TAKEN || h->keyless ? home->fresh
						    : home->far;

	ended("import", r->name, hostile_import(h, store), r);
	if (r->end == HOSTILE_KEPT)
		hostile_forget(store);
	if (r->end != HOSTILE_TAKEN)
		hostile_unchanged(store);
	else if (access(store, F_OK) == -1)
		t_fail(__FILE__, __LINE__, "%s: nothing was taken", r->name);
}

static void
run_row(void)
{
	const struct hostile_row *r = NULL;
	struct hostile h;

	for (size_t i = 0; i < nrows && r == NULL; i++)
		if (strcmp(rows[i]->name, t_name()) == 0)
			r = rows[i];
	make(&h, r);
	if (h.before != NULL)
		h.before(&h);
	if (h.receipt == NULL) {
		ended("verify", r->name, hostile_verify(&h, r->end), r);
		ask_second(&h, r);
	}
	if (h.before != NULL)
		h.before(&h);
	ask_import(&h, r);
	if (h.before != NULL)
		h.before(NULL);
	clear(&h);
}

/* Each so-maniest row; by the sanitizers a third of them is enough in a short
   run. */
static size_t
each_row(void)
{
	const char *text = getenv("WF_EACH");

	if (text != NULL)
		return (size_t)hostile_number(text);
#ifdef __SANITIZE_ADDRESS__
	return getenv("WF_LONG") != NULL ? 1 : 3;
#else
	return 1;
#endif
}

static void
add_test(const char *name)
{
	struct t_test *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	t->name = name;
	t->run = run_row;
	t_add(t);
}

void
hostile_add(const struct hostile_row *more, size_t n)
{
	size_t each = each_row();

	if ((rows = realloc(rows, (nrows + n) * sizeof(*rows))) == NULL)
		abort();
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < nrows; k++)
			if (strcmp(rows[k]->name, more[i].name) == 0)
				abort(); /* two of one name */
		rows[nrows++] = &more[i];
		if (nrows % each == 0)
			add_test(more[i].name);
	}
}
