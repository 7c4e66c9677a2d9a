/* SPDX-License-Identifier: ISC */
/*
 * From a store and a ring file to the snapshot: the example of the manual, day
 * by day; and random stores, ring files and histories beside a plain reading of
 * the specification.  WF_SEED gives the seed, WF_LONG ten times as many.
 */
#include <unistd.h>

#include "lib/store/store.h"
#include "tests/brute.h"
#include "tests/brute_priv.h"
#include "tests/offer_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define ROUNDS 12
#define STEPS 5

/* --- the example --- */

static void
read_example(char *to, size_t size)
{
	FILE *f = fopen("man/wsusferry-rings.5", "r");
	static char page[65536];
	char *begin, *end;
	size_t n;

	if (f == NULL)
		t_skip("not at the top of the tree");
	n = fread(page, 1, sizeof(page) - 1, f);
	fclose(f);
	page[n] = '\0';
	begin = strchr(strstr(page, ".Bd -literal"), '\n') + 1;
	end = strstr(begin, ".Ed");
	snprintf(to, size, "%.*s", (int)(end - begin), begin);
}

/* What each ring is offered of updates 10 and 11 on a day, with deadlines. */
static const char *
on(struct offer_rig *r, const char *day)
{
	static const char *const rings[] = {"pilot", "line", "dcs", "default"};
	static char out[1024];
	const struct snapshot_offer *o;
	char utc[UTC_LEN + 1];
	struct snapshot s;
	unsigned i, id;
	int64_t t = 0;
	size_t n = 0;

	snprintf(utc, sizeof(utc), "%sT04:00:00Z", day);
	T_OK(utc_read(&t, utc, UTC_LEN));
	om_at(r, t);
	T_OK(om_do(r, "yes") != -1);
	om_current(r, &s);
	for (i = 0; i < 4; i++) {
		n += (size_t)snprintf(
		    out + n, sizeof(out) - n, "%s:", rings[i]);
		for (id = 10; id <= 11; id++) {
			n += (size_t)snprintf(out + n, sizeof(out) - n, " %s;",
			    om_says(&s, rings[i], id));
			o = om_offer(&s, rings[i], id);
			if (o == NULL || o->deadline == 0)
				continue;
			utc_write(utc, (int64_t)o->deadline);
			n += (size_t)snprintf(
			    out + n, sizeof(out) - n, " by %s;", utc);
		}
		n += (size_t)snprintf(out + n, sizeof(out) - n, "\n");
	}
	snapshot_free(&s);
	return out;
}

T_TEST(the_example_does_what_its_comments_say)
{
	struct offer_rig r;
	struct store *s;
	char text[2048], list[340];

	om_setup(&r, NULL);
	read_example(text, sizeof(text));
	om_rings(&r, text);
	snprintf(list, sizeof(list), "%.*svendor.csv",
	    (int)(strrchr(r.rings, '/') + 1 - r.rings), r.rings);
	make_text(list, "\xef\xbb\xbfKB;Tested\r\nKB5000010;yes\r\n");
	T_STR(on(&r, "2026-11-30"),
	    "pilot: -; -;\nline: -; -;\ndcs: -; -;\ndefault: -; -;\n");
	om_one(&r, 10, 1, true);
	om_one(&r, 11, 1, false);
	/* "on the day when all of their files are here"; "what the vendor has
	   released, and no more" */
	T_STR(on(&r, "2026-12-01"),
	    "pilot: install; watch absent;\nline: watch delay; watch absent;\n"
	    "dcs: install; watch;\ndefault: watch; watch;\n");
	s = om_begin(&r);
	make_here(s, r.dir, "payload of 11", "cab");
	om_end(s);
	T_STR(on(&r, "2026-12-05"),
	    "pilot: install; install;\nline: watch delay; watch delay;\n"
	    "dcs: install; watch;\ndefault: watch; watch;\n");
	T_STR(on(&r, "2026-12-14"),
	    "pilot: install; install;\nline: watch delay; watch delay;\n"
	    "dcs: install; watch;\ndefault: watch; watch;\n");
	/* "two weeks later, has three more weeks for it": 5 January lies in the
	   freeze */
	T_STR(on(&r, "2026-12-15"),
	    "pilot: install; install;\n"
	    "line: install; by 2027-01-07T03:00:00Z; watch delay;\n"
	    "dcs: install; watch;\ndefault: watch; watch;\n");
	/* "over the turn of the year nothing new" */
	T_STR(on(&r, "2026-12-19"),
	    "pilot: install; install;\n"
	    "line: install; by 2027-01-07T03:00:00Z; watch freeze;\n"
	    "dcs: install; watch;\ndefault: watch; watch;\n");
	T_STR(on(&r, "2027-01-06"),
	    "pilot: install; install;\n"
	    "line: install; by 2027-01-07T03:00:00Z; watch freeze;\n"
	    "dcs: install; watch;\ndefault: watch; watch;\n");
	T_STR(on(&r, "2027-01-07"),
	    "pilot: install; install;\n"
	    "line: install; by 2027-01-07T03:00:00Z; install; by "
	    "2027-01-28T03:00:00Z;\n"
	    "dcs: install; watch;\ndefault: watch; watch;\n");
}

/* --- a random store --- */

struct history {
	struct offer_rig r;
	struct toy w;
	unsigned nput; /* revisions of w that the store holds */
	bool here[TOY_FILES];
	char text[8192]; /* the ring file */
	struct brute before;
};

static void
put_ref(struct update_ref *to, unsigned id, uint32_t revision, uint32_t group,
    bool any)
{
	*to = (struct update_ref){
	    .group = group, .any = any, .revision = revision};
	toy_guid(&to->id, id);
}

static void
put_refs(struct make *m, const struct toy_rev *r)
{
	struct update *u = &m->u;
	unsigned i, k;

	for (i = 0; i < r->nclauses; i++)
		for (k = 0; k < r->nclause[i]; k++)
			put_ref(&m->prereqs[u->nprereqs++], r->clauses[i][k], 0,
			    i, r->nclause[i] > 1);
	for (i = 0; i < r->nparts; i++)
		for (k = 0; k < r->npart[i]; k++)
			put_ref(&m->bundled[u->nbundled++], r->parts[i][k].id,
			    r->parts[i][k].revision, i, r->npart[i] > 1);
	for (i = 0; i < r->nsupersedes; i++)
		toy_guid(&m->superseded[u->nsuperseded++], r->supersedes[i]);
}

static const char *
content_of(unsigned file)
{
	static char out[32];

	snprintf(out, sizeof(out), "toy file %u", file);
	return out;
}

static void
put_rev(struct store *s, const struct toy *w, const struct toy_rev *r)
{
	struct make m;
	char kb[16];
	unsigned i;

	make_update(&m, r->id, r->revision);
	toy_guid(&m.u.id, r->id);
	m.u.type = r->type;
	m.u.deployable = r->deployable;
	m.u.expired = r->expired;
	m.u.has_eula = r->eula != 0;
	toy_eula(&m.u.eula, r->eula);
	snprintf(kb, sizeof(kb), "%u", r->kb);
	if (r->kb != 0)
		m.kbs[m.u.nkbs++] = kb;
	put_refs(&m, r);
	for (i = 0; i < r->nfiles; i++)
		make_file(&m, content_of(r->files[i]), "toy.cab")
		    ->has_sha256 = w->files[r->files[i]].sha256;
	om_put(s, &m);
}

static bool
is_named(const struct history *h, unsigned file)
{
	unsigned i, k;

	for (i = 0; i < h->nput; i++)
		for (k = 0; k < h->w.revs[i].nfiles; k++)
			if (h->w.revs[i].files[k] == file)
				return true;
	return false;
}

static void
put_file(struct history *h, struct store *s, unsigned file)
{
	const struct toy_file *f = &h->w.files[file];
	struct err e = ERR_INIT;
	struct digest d;

	if (!is_named(h, file))
		return;
	if (f->present) {
		make_here(s, h->r.dir, content_of(file), "cab");
		h->here[file] = true;
		return;
	}
	T_CALL(digest_mem(DIGEST_BOTH, content_of(file),
		   strlen(content_of(file)), &d, &e),
	    &e);
	if (h->here[file]) {
		make_lost(h->r.dir, content_of(file), "cab");
		T_CALL(store_file_lost(s, d.sha1, &e), &e);
		h->here[file] = false;
	}
	T_CALL(store_file_left_out(s, d.sha1, f->left_out, &e), &e);
}

/* --- the upstream --- */

#define GROUP "a0a08746-4dbe-4a37-9adf-9e7652c0b421"

static void __attribute__((format(printf, 2, 3)))
say(struct store *s, const char *fmt, ...)
{
	struct err e = ERR_INIT;
	char line[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	T_CALL(store_put_state(s, line, strlen(line), &e), &e);
}

/* Every ring's is the same: of one group. */
static void
put_upstream(struct toy *w, struct store *s)
{
	static const char *const words[] = {
	    [RINGS_NONE] = "scan", "install", "install", "uninstall"};
	char id[GUID_LEN + 1], by[UTC_LEN + 1], more[100];
	struct err e = ERR_INIT;
	struct guid g;
	unsigned i;

	for (i = 1; i <= TOY_RINGS; i++)
		memcpy(w->upstream[i], w->upstream[0], sizeof(w->upstream[0]));
	T_CALL(store_drop_approvals(s, &e), &e);
	say(s, "{\"t\":\"approval\",\"group\":\"" GROUP "\",\"name\":\"G\"}");
	for (i = 1; i <= TOY_IDS; i++) {
		if (!w->upstream[0][i].known)
			continue;
		toy_guid(&g, i);
		guid_write(id, &g);
		if (w->upstream[0][i].declined) {
			say(s,
			    "{\"t\":\"approval\",\"id\":\"%s\","
			    "\"action\":\"decline\"}",
			    id);
			continue;
		}
		utc_write(by, w->upstream[0][i].by);
		snprintf(more, sizeof(more), ",\"deadline\":\"%s\"", by);
		say(s,
		    "{\"t\":\"approval\",\"id\":\"%s\",\"revision\":1,"
		    "\"action\":\"%s\",\"group\":\"" GROUP "\"%s%s}",
		    id, words[w->upstream[0][i].action],
		    w->upstream[0][i].has_by ? more : "",
		    w->upstream[0][i].action == RINGS_OPTIONAL
			? ",\"assigned\":false"
			: "");
	}
}

static void
put_world(struct history *h)
{
	struct store *s = om_begin(&h->r);
	unsigned i;

	for (; h->nput < h->w.nrevs; h->nput++)
		put_rev(s, &h->w, &h->w.revs[h->nput]);
	for (i = 0; i < TOY_FILES; i++)
		put_file(h, s, i);
	put_upstream(&h->w, s);
	om_end(s);
}

/* --- compared --- */

/* "kb: only updates with one of these numbers" */
static void
select_by_kb(struct toy *w, const struct rings *r)
{
	const struct toy_rev *newest;
	unsigned id;
	size_t i, k;

	for (i = 0; i < r->n; i++)
		for (id = 1; id <= TOY_IDS; id++) {
			newest = brute_highest(w, id);
			w->selected[i][id] = false;
			for (k = 0; newest != NULL && k < r->v[i].select.kbs.n;
			     k++)
				w->selected[i][id] |= brute_word_is(
				    &r->v[i].select.kbs.v[k], newest);
		}
}

/* The number of an update of the toy, or 0. */
static unsigned
number(const struct snapshot *s, uint32_t update)
{
	struct guid g;
	unsigned id = s->updates[update].id.b[14];

	toy_guid(&g, id);
	return id <= TOY_IDS && guid_cmp(&g, &s->updates[update].id) == 0 ? id
									  : 0;
}

static void
compare_ring(const struct history *h, const struct snapshot *s, size_t ring,
    const struct brute_ring *want)
{
	const struct snapshot_offer *of[TOY_IDS + 1] = {NULL}, *o;
	uint32_t revisions[TOY_IDS + 1] = {0};
	const struct snapshot_revision *r;
	size_t i,
	    end = ring + 1 < s->nrings ? s->rings[ring + 1].offers : s->noffers;
	unsigned id;

	T_STR((const char *)s->rings[ring].name, want->name);
	for (i = s->rings[ring].offers; i < end; i++) {
		o = &s->offers[i];
		r = &s->revisions[o->revision];
		if ((id = number(s, r->update)) == 0)
			continue;
		if (of[id] != NULL)
			t_fail(__FILE__, __LINE__, "two revisions of %u", id);
		of[id] = o;
		revisions[id] = r->revision;
	}
	brute_compare(want, of, revisions, s->generation, h->text);
}

static void
compare(
    const struct history *h, const struct snapshot *s, const struct brute *want)
{
	uint32_t days[TOY_IDS + 1];
	unsigned id;
	size_t i;

	T_EQ(s->nrings, want->nrings);
	for (i = 0; i < s->nrings && i < want->nrings; i++)
		compare_ring(h, s, i, &want->rings[i]);
	memset(days, 0xff, sizeof(days));
	for (i = 0; i < s->nages; i++)
		days[number(s, s->ages[i].update)] = s->ages[i].day;
	for (id = 1; id <= TOY_IDS; id++)
		T_EQ(days[id],
		    want->ages[id].known ? want->ages[id].day : UINT32_MAX);
	for (i = 0; i < s->nupdates; i++)
		if ((id = number(s, (uint32_t)i)) != 0)
			T_EQ(s->updates[i].leaf, want->leaf[id]);
}

static void
step(struct history *h, bool first)
{
	uint32_t generation = om_generation(&h->r);
	struct rings r = RINGS_INIT;
	struct err e = ERR_INIT;
	struct snapshot s;
	struct brute want;

	T_CALL(rings_read(&r, h->text, strlen(h->text), &e), &e);
	T_CALL(rings_default(&r, &e), &e);
	put_world(h);
	select_by_kb(&h->w, &r);
	brute(&want, first ? NULL : &h->before, &h->w, &r, generation + 1);
	om_rings(&h->r, h->text);
	om_at(&h->r, h->w.now);
	if (om_do(&h->r, "yes") == -1)
		t_fail(__FILE__, __LINE__, "%s\n%s", h->r.said, h->text);
	om_current(&h->r, &s);
	T_OK(s.generation == generation || s.generation == generation + 1);
	compare(h, &s, &want);
	snapshot_free(&s);
	rings_free(&r);
	h->before = want;
}

T_TEST(what_a_store_offers_is_what_the_specification_says)
{
	static struct history h;
	unsigned rounds = getenv("WF_LONG") != NULL ? 10 * ROUNDS : ROUNDS;
	unsigned i, k;

	for (i = 0; i < rounds && t_failures() == 0; i++) {
		memset(&h, 0, sizeof(h));
		om_setup(&h.r, NULL);
		toy_begin(&h.w, true);
		toy_rings(h.text, sizeof(h.text));
		for (k = 0; k < STEPS && t_failures() == 0; k++) {
			step(&h, k == 0);
			toy_go_on(&h.w);
			if (t_random() % 3 == 0)
				toy_rings(h.text, sizeof(h.text));
		}
	}
}

T_MAIN
