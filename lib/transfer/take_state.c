/* SPDX-License-Identifier: ISC */
/* What state.jsonl says, and what bag-info.txt says of all of it. */
#include <stdlib.h>
#include <string.h>

#include "formats/state.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/base/src.h"
#include "lib/store/store.h"
#include "lib/store/withdrawn.h"
#include "lib/transfer/take.h"
#include "lib/transfer/transfer.h"

int
take_rev(
    struct take *t, const struct guid *id, uint32_t revision, struct err *e)
{
	if (grow(&t->revs, &t->caprevs, t->nrevs, sizeof(*t->revs), e) == -1)
		return -1;
	t->revs[t->nrevs++] = (struct take_rev){
	    .id = *id, .revision = revision};
	return 0;
}

static int
rev_cmp(const void *va, const void *vb)
{
	const struct take_rev *a = va, *b = vb;
	int c = guid_cmp(&a->id, &b->id);

	return c != 0
	    ? c
	    : (a->revision > b->revision) - (a->revision < b->revision);
}

static int
add_absent(struct take *t, const uint8_t sha1[SHA1_LEN], struct err *e)
{
	if (grow(&t->absences, &t->capabsences, t->nabsences,
		sizeof(*t->absences), e) == -1)
		return -1;
	memcpy(t->absences[t->nabsences++], sha1, SHA1_LEN);
	return 0;
}

/* The rows that the line is about are those of the packages. */
static int
on_line(void *arg, const struct state_line *l, const char *text, size_t len,
    struct err *e)
{
	const struct take_rev rev = {.id = l->id, .revision = l->revision};
	struct take *t = arg;

	if (l->type == STATE_FILE &&
	    sort_find(&rev, t->revs, t->nrevs, sizeof(rev), rev_cmp) == NULL)
		return 0;
	if (l->type == STATE_PARTS)
		return take_cut(t, l, e);
	if (l->type == STATE_URL && take_late_urls(t, e) == -1)
		return -1;
	if (!t->is_old && store_state_take(t->store, l, text, len, e) == -1)
		return -1;
	if (l->type == STATE_WITHDRAWN && !t->is_old)
		return withdrawn_put(
		    t->store, &t->origin, &l->id, l->revision, e);
	if (l->type == STATE_ABSENT)
		return add_absent(t, l->sha1, e);
	if (l->type != STATE_FILE)
		return 0;
	if (take_extra_add(&t->state_extras, &l->id, l->revision, l->sha1, e) ==
	    -1)
		return -1;
	return take_name(t, l->sha1, e);
}

int
take_state(struct take *t, int fd, const char *name, struct err *e)
{
	struct err fault = ERR_INIT;
	struct src src = SRC_INIT;
	struct state *s = NULL;
	int r = -1;

	if (src_fd(&src, fd, &fault) == 0 &&
	    state_open(&s, on_line, t, &fault) == 0 &&
	    src_copy(&src, state_sink(s), &fault) == 0)
		r = state_finish(s, &fault);
	state_close(s);
	src_close(&src);
	return r == 0 ? 0 : take_fault(t, name, &fault, e);
}

void
take_sort_revs(struct take *t)
{
	t->nrevs = sort_unique(t->revs, t->nrevs, sizeof(*t->revs), rev_cmp);
}

static void
check_number(struct take *t, const char *label, uint64_t said, uint64_t found,
    const char *what)
{
	if (said != found)
		log_finding(t->log, E_FORMAT, BAG_INFO, E_NO_OFFSET,
		    "%s is %llu, found %llu %s", label,
		    (unsigned long long)said, (unsigned long long)found, what);
}

/* Each once, and none that is carried. */
static void
check_absences(struct take *t, const struct transfer *from)
{
	char hex[2 * SHA1_LEN + 1];

	sort_up(t->absences, t->nabsences, sizeof(*t->absences), sort_by_sha1);
	for (size_t i = 0; i < t->nabsences; i++) {
		const struct transfer_file *f = transfer_payload(
		    from, t->absences[i]);
		const char *fault = NULL;

		if (i > 0 &&
		    sort_by_sha1(t->absences[i - 1], t->absences[i]) == 0)
			fault = "it has an absent line already";
		else if (f != NULL)
			fault = "it is carried";
		else if (sort_find(t->absences[i], t->named, t->nnamed,
			     SHA1_LEN, sort_by_sha1) == NULL)
			fault = "no revision in the packages names it";
		if (fault == NULL)
			continue;
		hex_upper(hex, t->absences[i], SHA1_LEN);
		log_finding(t->log, E_FORMAT, TRANSFER_STATE, E_NO_OFFSET,
		    "an absent line for %s, and %s", hex, fault);
	}
}

/* A full transfer accounts for each file. */
static void
check_named(struct take *t, const struct transfer *from)
{
	char hex[2 * SHA1_LEN + 1];

	for (size_t i = 0; i < t->nnamed; i++) {
		if (transfer_payload(from, t->named[i]) != NULL ||
		    sort_find(t->named[i], t->absences, t->nabsences, SHA1_LEN,
			sort_by_sha1) != NULL)
			continue;
		hex_upper(hex, t->named[i], SHA1_LEN);
		log_finding(t->log, E_FORMAT, TRANSFER_STATE, E_NO_OFFSET,
		    "expected an absent line for %s, which an update names and "
		    "the transfer does not carry",
		    hex);
	}
}

void
take_counts(struct take *t, const struct transfer *from)
{
	take_sort_named(t);
	check_number(t, "Wsusferry-Revisions", from->info.revisions, t->nrevs,
	    "in the packages");
	check_number(t, "Wsusferry-Absent", from->info.absent, t->nabsences,
	    "absent lines in " TRANSFER_STATE);
	check_absences(t, from);
	take_cuts_check(t, from);
	if (from->info.base == 0)
		check_named(t, from);
}
