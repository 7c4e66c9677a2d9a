/* SPDX-License-Identifier: ISC */
/* What each ring of Windows clients is offered, by the snapshot that counts. */
#include <string.h>

#include "formats/snapshot.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/stop.h"
#include "lib/list/list_priv.h"
#include "lib/store/store.h"
#include "lib/store/store_choose.h"
#include "lib/view/snap.h"

#define DAY_S 86400

/* An offer of a ring, with what the store knows of the update. */
struct row {
	const struct snapshot_offer *o; /* borrowed */
	const char *ring, *state, *action;
	const char *why; /* why it is withheld, or NULL */
	char id[GUID_LEN + 1], since[UTC_LEN + 1], deadline[UTC_LEN + 1];
	uint32_t revision;
	const char *kb, *title; /* borrowed; or NULL */
};

static const char *
filled(const char *text)
{
	return *text != '\0' ? text : NULL;
}

/* The day alone. */
static void
write_day(char to[UTC_LEN + 1], uint32_t day)
{
	utc_write(to, (int64_t)day * DAY_S);
	to[10] = '\0';
}

static int
row_csv(struct list *l, const struct row *v, struct err *e)
{
	csv_begin(&l->csv);
	csv_str(&l->csv, v->ring);
	csv_str(&l->csv, v->state);
	csv_str(&l->csv, v->action);
	csv_str(&l->csv, v->why);
	csv_str(&l->csv, v->id);
	csv_num(&l->csv, v->revision);
	csv_str(&l->csv, v->kb);
	csv_str(&l->csv, v->title);
	csv_str(&l->csv, filled(v->since));
	csv_str(&l->csv, filled(v->deadline));
	csv_num(&l->csv, v->o->changed);
	return list_csv_end(l, e);
}

static int
row_json(struct list *l, const struct row *v, struct err *e)
{
	json_begin(&l->json);
	json_str(&l->json, "type", "offer");
	json_str(&l->json, "ring", v->ring);
	json_str(&l->json, "state", v->state);
	json_str(&l->json, "action", v->action);
	json_str(&l->json, "withheld", v->why);
	json_str(&l->json, "id", v->id);
	json_num(&l->json, "revision", v->revision);
	json_str(&l->json, "kb", v->kb);
	json_str(&l->json, "title", v->title);
	json_str(&l->json, "since", filled(v->since));
	json_str(&l->json, "deadline", filled(v->deadline));
	json_num(&l->json, "changed", v->o->changed);
	return list_object(l, e);
}

/* "install since 2026-11-29 by 2026-12-20T03:00:00Z", "absent" */
static int
row_text(struct list *l, const struct row *v, struct err *e)
{
	char kb[24];

	snprintf(kb, sizeof(kb), "KB%s", v->kb != NULL ? v->kb : "");
	if (list_cell(l, 12, v->ring, e) == -1 ||
	    list_cell(l, 10, v->state, e) == -1 ||
	    list_cell(l, 9, v->why != NULL ? v->why : v->action, e) == -1 ||
	    list_cell(l, 10, filled(v->since), e) == -1 ||
	    list_cell(l, 20, filled(v->deadline), e) == -1 ||
	    list_cell(l, 9, v->kb != NULL ? kb : NULL, e) == -1 ||
	    list_cell(l, 0, v->title, e) == -1 || list_line(l, e) == -1)
		return -1;
	if (!l->o->verbose)
		return 0;
	if (buf_printf(&l->text, e, "    %s revision %u", v->id, v->revision) ==
	    -1)
		return -1;
	return list_line(l, e);
}

static int
put_row(struct list *l, const struct snapshot *s, const char *ring,
    const struct snapshot_offer *o, struct err *e)
{
	const struct snapshot_revision *rev = &s->revisions[o->revision];
	struct store_rev known = {.title = NULL};
	struct row v = {.o = o,
	    .ring = ring,
	    .state = snapshot_state_word(snapshot_state(o)),
	    .action = snapshot_action_word((enum snapshot_action)o->action),
	    .revision = rev->revision};
	int64_t row;
	int r = store_newest(l->store, &s->updates[rev->update].id, &row, e);

	if (r == -1 || (r == 1 && store_rev(l->store, row, &known, e) == -1) ||
	    stop_check(e) == -1)
		return -1;
	v.kb = known.kb;
	v.title = known.title;
	guid_write(v.id, &s->updates[rev->update].id);
	if (o->withheld != SNAPSHOT_NOT_WITHHELD)
		v.why = snapshot_withheld_word(
		    (enum snapshot_withheld)o->withheld);
	if (o->held != SNAPSHOT_NONE)
		write_day(v.since, o->held);
	if (o->deadline != 0)
		utc_write(v.deadline, (int64_t)o->deadline);
	l->count++;
	if (l->o->csv)
		return row_csv(l, &v, e);
	return l->o->log->json ? row_json(l, &v, e) : row_text(l, &v, e);
}

/* What is offered first, what is only watched last. */
static int
put_ring(struct list *l, const struct snapshot *s, size_t ring, struct err *e)
{
	char name[SNAPSHOT_RING_NAME + 1] = "";
	size_t first = s->rings[ring].offers, i;
	size_t end = ring + 1 < s->nrings ? s->rings[ring + 1].offers
					  : s->noffers;
	int state;

	memcpy(name, s->rings[ring].name, SNAPSHOT_RING_NAME);
	for (state = SNAPSHOT_OFFERED; state < SNAPSHOT_NEEDED; state++)
		for (i = first; i < end; i++)
			if ((int)snapshot_state(&s->offers[i]) == state &&
			    put_row(l, s, name, &s->offers[i], e) == -1)
				return -1;
	return 0;
}

int
list_offers_each(const struct snapshot *s, const struct guid *id,
    int (*each)(void *arg, const char *ring, const struct snapshot_offer *o,
	struct err *e),
    void *arg, struct err *e)
{
	char name[SNAPSHOT_RING_NAME + 1] = "";
	uint32_t update = snapshot_find(s, id);
	size_t ring = 0, i;

	for (i = 0; update != SNAPSHOT_NONE && i < s->noffers; i++) {
		while (ring + 1 < s->nrings && s->rings[ring + 1].offers <= i)
			ring++;
		if (s->revisions[s->offers[i].revision].update != update)
			continue;
		memcpy(name, s->rings[ring].name, SNAPSHOT_RING_NAME);
		if (each(arg, name, &s->offers[i], e) == -1)
			return -1;
	}
	return 0;
}

int
list_offers(struct list *l, struct err *e)
{
	static const char *const names[] = {"Ring", "State", "Action",
	    "Withheld", "UpdateID", "Revision", "KB", "Title", "Since",
	    "Deadline", "Changed", NULL};
	struct snapshot s = SNAPSHOT_INIT;
	int r = snap_read_current(
	    &s, store_dirfd(l->store), store_id(l->store), e);

	if (r == 0)
		return err_set(e, E_MISSING,
		    "nothing is offered yet: wsusferry-offer compiles it");
	r = r == 1 ? 0 : -1;
	if (r == 0 && l->o->csv)
		r = list_csv_head(l, names, e);
	for (size_t i = 0; r == 0 && i < s.nrings; i++)
		r = put_ring(l, &s, i, e);
	snapshot_free(&s);
	return r;
}
