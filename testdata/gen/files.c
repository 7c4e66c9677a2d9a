/* SPDX-License-Identifier: ISC */
/* Which documents name which payload, under which names. */
#include <stdlib.h>
#include <string.h>

#include "testdata/gen/gen.h"

static void
add_use(struct rev *v, struct use use)
{
	v->uses = need(realloc(v->uses, (v->nuses + 1) * sizeof(*v->uses)));
	v->uses[v->nuses++] = use;
}

/* The licence's texts come last among the files of a document. */
static void
eula_last(struct rev *v)
{
	struct use *sorted;
	uint32_t i, n = 0;

	if (v->nuses == 0)
		return;
	sorted = need(calloc(v->nuses, sizeof(*sorted)));
	for (i = 0; i < v->nuses; i++)
		if (!v->uses[i].eula)
			sorted[n++] = v->uses[i];
	for (i = 0; i < v->nuses; i++)
		if (v->uses[i].eula)
			sorted[n++] = v->uses[i];
	free(v->uses);
	v->uses = sorted;
}

/* Files that other documents name too, and now and then one named twice. */
static void
share(struct gen *g, struct rev *v, struct rng *r)
{
	uint32_t i, n = rng_below(r, 1000);
	struct use use;

	if (v->nuses == 0)
		n = (uint32_t)(n < 700) + (uint32_t)(n < 200);
	else
		n = n < 150;

	for (i = 0; i < n; i++) {
		use.file = rng_below(r, g->nfiles);
		use.alias = rng_hit(r, 300);
		use.eula = g->files[use.file].eula && rng_hit(r, 250);
		add_use(v, use);
	}
	if (v->nuses > 0 && rng_hit(r, 5))
		add_use(v, v->uses[0]);
}

/* The Name of a file is the first that a document gives it. */
static void
first_names(struct gen *g)
{
	bool *seen = need(calloc(g->nfiles + 1, sizeof(*seen)));
	const struct use *u;
	uint32_t i, j;

	for (i = 0; i < g->nrevs; i++)
		for (j = 0; j < g->revs[i].nuses; j++) {
			u = &g->revs[i].uses[j];
			if (!seen[u->file])
				g->files[u->file].alias = u->alias;
			seen[u->file] = true;
		}
	free(seen);
}

static struct list
leaves_of(const struct gen *g)
{
	struct list l = {.v = NULL};
	uint32_t i;

	for (i = 0; i < g->nrevs; i++)
		if (g->revs[i].kind == K_LEAF)
			list_add(&l, i);
	if (l.n == 0)
		die("%u revisions leave no room for one with payload",
		    g->nrevs);
	return l;
}

void
files_assign(struct gen *g)
{
	struct list leaves = leaves_of(g);
	struct rng r = rng_for(g->o.seed, S_USE, 0);
	struct use use = {.alias = false};
	uint32_t i, at, missing = g->o.missing_files;

	g->nfiles = g->o.payload_files;
	g->files = need(
	    calloc(g->nfiles + g->o.extra_files + 1, sizeof(*g->files)));
	for (i = 0; i < g->nfiles; i++) {
		g->files[i].eula = i % 33 == 7;
		g->files[i].missing = (uint64_t)i * missing / g->nfiles !=
		    ((uint64_t)i + 1) * missing / g->nfiles;
		at = (uint32_t)((uint64_t)i * leaves.n / g->nfiles);
		use.file = i;
		use.eula = g->files[i].eula && rng_hit(&r, 250);
		add_use(&g->revs[leaves.v[at]], use);
	}
	for (i = 0; i < leaves.n && g->nfiles > 0; i++) {
		share(g, &g->revs[leaves.v[i]], &r);
		eula_last(&g->revs[leaves.v[i]]);
	}
	first_names(g);
	free(leaves.v);
}

/* The last of a FileName, its dot included; some are no extension at all. */
static const char *
suffix_of(const struct gen *g, uint32_t file)
{
	static const char *const odd[] = {
	    "", "", ".CAB", ".verylongone", ".c-b", ".", ".Exe", ".7z"};
	struct rng r = rng_for(g->o.seed, S_NAME, (uint64_t)file * 2);
	uint32_t dice = rng_below(&r, 1000);

	if (file < g->nfiles && g->files[file].eula)
		return ".txt";
	if (dice < 450)
		return ".cab";
	if (dice < 700)
		return ".exe";
	if (dice < 800)
		return ".msu";
	if (dice < 900)
		return ".psf";
	if (dice < 940)
		return ".esd";
	return odd[rng_below(&r, 8)];
}

void
file_ext(const struct gen *g, uint32_t file, char out[10])
{
	const char *suffix = suffix_of(g, file);
	size_t n = strlen(suffix);

	out[0] = '\0';
	if (n >= 2 && n <= 9 && strchr(suffix, '-') == NULL)
		memcpy(out, suffix, n + 1);
}

void
file_name(const struct gen *g, uint32_t file, bool alias, struct str *s)
{
	static const char *const strange[] = {"R&D pack's ", "less<than>",
	    "quo\"ted", "..\\..\\up", "../../etc/", "Übergröße ", "🧱",
	    "CON"};
	static const char *const arch[] = {"x64", "x86", "arm64", "ndp48-x64"};
	struct rng r = rng_for(
	    g->o.seed, S_NAME, (uint64_t)file * 2 + alias + 1000000007);
	uint32_t d[4];

	rng_draw(&r, d, 4);
	d[0] = 4000000 + d[0] % 1500000;
	if (g->files[file].eula) {
		str_fmt(
		    s, "eula_%s_%u", langs[1 + d[1] % (NLANGS - 1)].name, d[0]);
	} else {
		if (d[3] % 50 == 0)
			str_add(s, strange[d[3] / 50 % 8]);
		str_fmt(
		    s, "alder10.0-kb%u-%s_%08x", d[0], arch[d[1] % 4], d[2]);
	}
	str_add(s, suffix_of(g, file));
}

void
file_url(const struct gen *g, uint32_t file, struct str *s)
{
	struct rng r = rng_for(g->o.seed, S_URL, file);
	uint32_t d[4];
	char hex[41];

	rng_draw(&r, d, 4);
	hex_of(hex, g->files[file].sha1, 20, false);
	str_fmt(s, "http://example.test/c/msdownload/update/20%02u/%02u/%s%s",
	    5 + d[0] % 20, 1 + d[1] % 12, hex,
	    g->files[file].eula ? ".txt" : ".cab");
	if (rng_hit(&r, 600))
		str_fmt(s, "?P1=%u&P2=%u&P3=2", d[2], d[3]);
	if (rng_hit(&r, 50))
		str_add(s, "&q=\"a<b>c\"&n='é'");
}
