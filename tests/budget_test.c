/* SPDX-License-Identifier: ISC */
/* What of a plan fits into a budget: closed, in order, and never more. */
#include <string.h>

#include "lib/base/err.h"
#include "lib/export/budget.h"
#include "lib/store/plan.h"
#include "lib/transfer/pack.h"
#include "tests/t.h"

#define MAX 40
#define FILES 30

/* A plan of the test's own, as budget.c reads one. */
struct rig {
	struct plan plan;
	struct pack pack;
	struct plan_item items[MAX];
	uint32_t edges[MAX * 4];
	struct pack_update updates[MAX];
	uint32_t refs[MAX * 4];
	struct pack_file files[FILES];
};

static void
rig_begin(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	r->plan.items = r->items;
	r->plan.edges = r->edges;
	r->pack.updates = r->updates;
	r->pack.refs = r->refs;
	r->pack.files = r->files;
}

static size_t
rig_file(struct rig *r, uint64_t size)
{
	r->files[r->pack.nfiles] = (struct pack_file){
	    .present = true, .size = size};
	return r->pack.nfiles++;
}

static uint32_t
rig_item(struct rig *r, uint8_t id, uint32_t revision, uint32_t bytes)
{
	uint32_t i = (uint32_t)r->plan.n++;

	r->items[i] = (struct plan_item){.revision = revision,
	    .bytes = bytes,
	    .row = i + 1,
	    .edge = (uint32_t)r->plan.nedges};
	r->items[i].id.b[0] = id;
	r->updates[i].ref = (uint32_t)r->pack.nrefs;
	return i;
}

/* Of the last item. */
static void
rig_needs(struct rig *r, uint32_t item)
{
	r->edges[r->plan.nedges++] = item;
	r->items[r->plan.n - 1].nedges++;
}

static void
rig_names(struct rig *r, size_t file)
{
	r->refs[r->pack.nrefs++] = (uint32_t)file;
	r->updates[r->plan.n - 1].nrefs++;
}

static struct budget
opened(struct rig *r)
{
	struct err e = ERR_INIT;
	struct budget b;

	T_CALL(budget_open(&b, &r->plan, &r->pack, &e), &e);
	return b;
}

/* "0 2 3|1": items that are taken, and updates that wait. */
static const char *
say(struct budget *b, uint64_t limit)
{
	static char text[512];
	size_t n = 0;

	text[0] = '\0';
	budget_fill(b, limit, 1024);
	for (size_t i = 0; i < b->plan->n; i++)
		if (b->taken[i])
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s%zu", n == 0 ? "" : " ", i);
	for (size_t i = 0; i < b->nwaiting; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u:%llu",
		    i == 0 ? "|" : " ", b->waiting[i].item,
		    (unsigned long long)b->waiting[i].bytes);
	return text;
}

T_TEST(the_severest_go_first_then_by_class_then_the_newest)
{
	static const struct {
		struct budget_rev r;
		const char *what;
	} v[] = {
	    /* In the order in which they go. */
	    {{BUDGET_UPDATE, true, 4, 9, "2001"}, "has expired"},
	    {{BUDGET_UPDATE, false, 0, 5, "2010"}, "critical"},
	    {{BUDGET_UPDATE, false, 1, 0, "2026"}, "security"},
	    {{BUDGET_UPDATE, false, 1, 5, "2026"}, "updates, new"},
	    {{BUDGET_UPDATE, false, 1, 5, "2025"}, "updates, old"},
	    {{BUDGET_UPDATE, false, 4, 0, "2026"}, "no severity"},
	};
	const size_t n = sizeof(v) / sizeof(v[0]);
	struct rig r;
	struct budget b;

	rig_begin(&r);
	for (size_t i = 0; i < n; i++)
		rig_item(&r, (uint8_t)i, 1, 100);
	b = opened(&r);
	for (size_t i = 0; i < n; i++)
		b.revs[i] = v[n - 1 - i].r;
	budget_rank(&b);
	for (size_t i = 0; i <= n; i++) {
		budget_fill(&b, i * 100, 1024);
		for (size_t k = 0; k < n; k++)
			if (b.taken[k] != (k >= n - i))
				t_fail(__FILE__, __LINE__, "%zu fit: %s", i,
				    v[n - 1 - k].what);
		T_EQ(b.nupdates, i);
		T_EQ(b.waiting_bytes, (n - i) * 100);
	}
	budget_close(&b);
}

T_TEST(an_update_goes_with_all_its_revisions_and_needs_or_waits)
{
	struct rig r;
	struct budget b;

	rig_begin(&r);
	rig_item(&r, 1, 1, 10); /* 0: a category */
	rig_item(&r, 2, 1, 20); /* 1: bundled by 3 */
	rig_names(&r, rig_file(&r, 1000));
	rig_item(&r, 3, 1, 30); /* 2: an older revision of 3 */
	rig_item(&r, 3, 2, 30); /* 3 */
	rig_needs(&r, 0);
	rig_needs(&r, 1);
	rig_item(&r, 4, 1, 40); /* 4: of the same payload */
	rig_names(&r, 0);
	b = opened(&r);
	b.revs[0].role = BUDGET_MUST;
	b.revs[2].role = b.revs[3].role = BUDGET_UPDATE;
	b.revs[4].role = BUDGET_UPDATE;
	b.revs[4].severity = 1;
	budget_rank(&b);
	T_STR(say(&b, 0), "0|3:1080 4:1040");
	T_EQ(b.must, (uint64_t)10);
	T_EQ(b.waiting_bytes, (uint64_t)1120);
	T_STR(say(&b, 1049), "0|3:1080 4:1040");
	T_STR(say(&b, 1050), "0 4|3:80");
	T_STR(say(&b, 1090), "0 1 2 3|4:40");
	T_STR(say(&b, 1130), "0 1 2 3 4");
	T_EQ(budget_documents(&b), (uint64_t)130);
	r.files[0].there = true;
	T_STR(say(&b, 90), "0 1 2 3|4:40");
	budget_fill(&b, 50, 512);
	T_EQ(b.nupdates, (size_t)1);
	budget_close(&b);
}

T_TEST(words_and_classifications_that_nobody_knows_are_last_but_drivers)
{
	struct guid security, drivers, other = {{1}};

	T_OK(guid_read(&security, "0fa1201d-4330-4fa8-8ae9-b877473b6441", 36));
	T_OK(guid_read(&drivers, "ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0", 36));
	T_EQ(budget_severity("critical"), 0);
	T_EQ(budget_severity("Low"), 3);
	T_EQ(budget_severity("Unspecified"), 4);
	T_EQ(budget_severity(NULL), 4);
	T_EQ(budget_class(&security), 0);
	T_OK(budget_class(&other) > budget_class(&security));
	T_OK(budget_class(&drivers) > budget_class(&other));
}

static void
random_rig(struct rig *r)
{
	size_t n = 1 + t_random() % MAX;

	rig_begin(r);
	for (size_t i = 0; i < FILES; i++)
		rig_file(r, t_random() % 1000);
	for (size_t i = 0; i < n; i++) {
		rig_item(r, (uint8_t)(t_random() % (n + 1)), (uint32_t)i + 1,
		    (uint32_t)(t_random() % 50));
		for (size_t k = t_random() % 4; i > 0 && k > 0; k--)
			rig_needs(r, (uint32_t)(t_random() % i));
		for (size_t k = t_random() % 4; k > 0; k--)
			rig_names(r, t_random() % FILES);
	}
}

/* Counted afresh: each payload file once. */
static uint64_t
sum(const struct rig *r, const bool *taken)
{
	bool file[FILES] = {false};
	uint64_t bytes = 0;

	for (size_t i = 0; i < r->plan.n; i++) {
		if (!taken[i])
			continue;
		bytes += r->items[i].bytes;
		for (uint32_t k = 0; k < r->updates[i].nrefs; k++)
			file[r->refs[r->updates[i].ref + k]] = true;
	}
	for (size_t f = 0; f < FILES; f++)
		bytes += file[f] ? r->files[f].size : 0;
	return bytes;
}

/* With an item all of its update, and whatever those need; by brute force. */
static void
close_over(const struct rig *r, bool *taken)
{
	for (bool again = true; again;) {
		again = false;
		for (size_t i = 0; i < r->plan.n; i++)
			for (size_t k = 0; taken[i] && k < r->plan.n; k++) {
				bool needs = guid_cmp(&r->items[i].id,
						 &r->items[k].id) == 0;

				for (uint32_t n = 0; n < r->items[i].nedges;
				     n++)
					needs |=
					    r->edges[r->items[i].edge + n] == k;
				again |= needs && !taken[k];
				taken[k] |= needs;
			}
	}
}

/* The rule of budget.h, told again. */
static void
expect(const struct rig *r, const struct budget *b, uint64_t limit, bool *taken)
{
	bool seen[MAX] = {false}, try[MAX];

	for (size_t i = 0; i < r->plan.n; i++)
		taken[i] = b->revs[i].role == BUDGET_MUST;
	close_over(r, taken);
	for (;;) {
		size_t best = MAX;

		for (size_t i = 0; i < r->plan.n; i++)
			if (b->revs[i].role == BUDGET_UPDATE && !seen[i] &&
			    (best == MAX ||
				b->revs[i].severity < b->revs[best].severity))
				best = i;
		if (best == MAX)
			return;
		seen[best] = true;
		memcpy(try, taken, sizeof(try));
		try[best] = true;
		close_over(r, try);
		if (sum(r, try) <= limit)
			memcpy(taken, try, sizeof(try));
	}
}

T_TEST(random_plans_fill_as_the_rule_says)
{
	for (int round = 0; round < 400; round++) {
		bool want[MAX] = {false};
		uint64_t limit;
		struct budget b;
		struct rig r;

		random_rig(&r);
		b = opened(&r);
		for (size_t i = 0; i < r.plan.n; i++) {
			/* All revisions of an update have its rank. */
			b.revs[i].severity = r.items[i].id.b[0];
			b.revs[i].role = (enum budget_role)(
			    r.items[i].id.b[0] % 3);
		}
		budget_rank(&b);
		budget_fill(&b, 0, 1024);
		limit = b.must + t_random() % 20000;
		budget_fill(&b, limit, 1024);
		expect(&r, &b, limit, want);
		for (size_t i = 0; i < r.plan.n; i++)
			T_EQ(b.taken[i], want[i]);
		T_OK(sum(&r, b.taken) <= limit);
		budget_close(&b);
	}
}

T_MAIN
