/* SPDX-License-Identifier: ISC */
/* A document: a function of the seed, the plan and its place in it. */
#include "testdata/gen/gen.h"

#define SCHEMA "http://schemas.microsoft.com/msus/2002/12/"
#define GIANT 1000 /* one document in as many is twenty times as long */
#define MOST (1u << 20) /* but not longer than this */

/* How long it is to be; the mean over all documents is what was asked. */
static uint32_t
target_of(const struct gen *g, uint32_t rev, struct rng *r)
{
	static const uint16_t tenths[] = {2, 3, 4, 5, 6, 8, 10, 13, 19, 30};
	uint64_t t = (uint64_t)g->o.doc_bytes * g->scale / 1000;
	uint32_t dice = rng_below(r, 10);

	if (g->revs[rev].kind < K_LEAF)
		return (uint32_t)(t / 5);
	if (rev % GIANT == GIANT / 2)
		return (uint32_t)(t * 20 < MOST ? t * 20 : MOST);
	return (uint32_t)(t * tenths[dice] / 10);
}

static void
add_id(const struct gen *g, uint32_t update, bool upper, uint32_t revision,
    struct str *s)
{
	char id[37];

	guid_of(g, update, upper, id);
	str_add(s, "<upd:UpdateIdentity UpdateID=\"");
	str_mem(s, id, 36);
	if (revision > 0)
		str_fmt(s, "\" RevisionNumber=\"%u", revision);
	str_add(s, "\" />");
}

static void
add_refs(const struct gen *g, const struct ref *refs, uint32_t n, bool bundled,
    bool upper, struct str *s)
{
	const struct ref *f;
	uint32_t i;

	for (i = 0; i < n; i++) {
		f = &refs[i];
		if (f->any && (i == 0 || refs[i - 1].group != f->group))
			str_add(s,
			    f->category ? "<upd:AtLeastOne IsCategory=\"true\">"
					: "<upd:AtLeastOne>");
		if (bundled)
			add_id(g, g->revs[f->to].update, upper,
			    g->revs[f->to].revision, s);
		else
			add_id(g, f->to, upper, 0, s);
		if (f->any && (i + 1 == n || refs[i + 1].group != f->group))
			str_add(s, "</upd:AtLeastOne>");
	}
}

static void
add_relations(
    const struct gen *g, const struct rev *v, bool upper, struct str *s)
{
	uint32_t i;

	if (v->nprereqs + v->nbundled + v->nsuperseded == 0)
		return;
	str_add(s, "<upd:Relationships>");
	if (v->nsuperseded > 0) {
		str_add(s, "<upd:SupersededUpdates>");
		for (i = 0; i < v->nsuperseded; i++)
			add_id(g, v->superseded[i], upper, 0, s);
		str_add(s, "</upd:SupersededUpdates>");
	}
	if (v->nprereqs > 0) {
		str_add(s, "<upd:Prerequisites>");
		add_refs(g, v->prereqs, v->nprereqs, false, upper, s);
		str_add(s, "</upd:Prerequisites>");
	}
	if (v->nbundled > 0) {
		str_add(s, "<upd:BundledUpdates>");
		add_refs(g, v->bundled, v->nbundled, true, upper, s);
		str_add(s, "</upd:BundledUpdates>");
	}
	str_add(s, "</upd:Relationships>");
}

static void
add_file(const struct gen *g, const struct use *u, struct rng *r, struct str *s)
{
	const struct payload *f = &g->files[u->file];
	struct str name = {.p = NULL};
	char digest[45];

	base64_of(digest, f->sha1, 20);
	file_name(g, u->file, u->alias, &name);
	str_fmt(s,
	    "<upd:File Digest=\"%s\" DigestAlgorithm=\"SHA1\" "
	    "FileName=\"",
	    digest);
	str_esc(s, name.p);
	str_fmt(s, "\" Size=\"%llu\" Modified=\"2024-%02u-10T01:02:03Z\"",
	    (unsigned long long)f->size, 1 + u->file % 12);
	if (rng_hit(r, 300))
		str_fmt(s, " PatchingType=\"%s\"",
		    rng_hit(r, 500) ? "SelfContained" : "Express");
	if (u->file % 10 == 9) {
		str_add(s, " />");
	} else {
		base64_of(digest, f->sha256, 32);
		str_add(s, "><upd:AdditionalDigest Algorithm=\"SHA256\">");
		str_add(s, digest);
		str_add(s, "</upd:AdditionalDigest></upd:File>");
	}
	str_free(&name);
}

static void
add_files(
    const struct gen *g, const struct rev *v, struct rng *r, struct str *s)
{
	uint32_t i;

	for (i = 0; i < v->nuses && !v->uses[i].eula; i++) {
		if (i == 0)
			str_add(s, "<upd:Files>");
		add_file(g, &v->uses[i], r, s);
	}
	if (i > 0)
		str_add(s, "</upd:Files>");
}

/* In the collection of texts, before what the update itself is made of. */
void
eula_files(const struct gen *g, const struct rev *v, struct str *s)
{
	const struct payload *f;
	struct str name = {.p = NULL};
	char digest[45];
	uint32_t i;

	for (i = 0; i < v->nuses; i++) {
		if (!v->uses[i].eula)
			continue;
		f = &g->files[v->uses[i].file];
		base64_of(digest, f->sha1, 20);
		str_fmt(s,
		    "<upd:EulaFile Digest=\"%s\" DigestAlgorithm=\"SHA1\" "
		    "FileName=\"",
		    digest);
		name.len = 0;
		file_name(g, v->uses[i].file, v->uses[i].alias, &name);
		str_esc(s, name.p);
		str_fmt(s, "\" Size=\"%llu\" Language=\"%s\"",
		    (unsigned long long)f->size,
		    langs[1 + v->uses[i].file % (NLANGS - 1)].name);
		str_add(s, v->update % 2 == 0 ? " GeoId=\"244\">" : ">");
		base64_of(digest, f->sha256, 32);
		str_fmt(s,
		    "<upd:AdditionalDigest Algorithm=\"SHA256\">%s"
		    "</upd:AdditionalDigest></upd:EulaFile>",
		    digest);
	}
	str_free(&name);
}

void
doc_make(const struct gen *g, uint32_t rev, struct str *s)
{
	const struct rev *v = &g->revs[rev];
	struct rng r = rng_for(g->o.seed, S_DOC, rev);
	bool upper = rng_hit(&r, 200), refs = rng_hit(&r, 100);
	uint32_t target = target_of(g, rev, &r), tail = 600 + v->nuses * 250;

	s->len = 0;
	str_add(s,
	    "<upd:Update xmlns:lar=\"" SCHEMA
	    "LogicalApplicabilityRules\" xmlns:bar=\"" SCHEMA
	    "BaseApplicabilityRules\" xmlns:upd=\"" SCHEMA "Update\">");
	add_id(g, v->update, upper, v->revision, s);
	props_make(g, rev, &r, target, s);
	add_relations(g, v, upper && refs, s);
	if (v->kind != K_BUNDLE || target > s->len + 400)
		rules_make(
		    g, v, &r, target > tail ? (size_t)target - tail : 0, s);
	add_files(g, v, &r, s);
	handler_data(g, v, s);
	if (rng_hit(&r, 10))
		str_add(s, "\n");
	if (rng_hit(&r, 3))
		str_add(s, "\r\n");
	str_add(s, "</upd:Update>");
}
