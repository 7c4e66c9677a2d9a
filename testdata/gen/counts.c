/* SPDX-License-Identifier: ISC */
/* expected/counts.json: what the catalogue holds, for tests to compare. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testdata/gen/gen.h"

struct row {
	const char *name;
	uint64_t n;
};

enum {
	C_REVISIONS,
	C_UPDATES,
	C_COMPANIES,
	C_FAMILIES,
	C_PRODUCTS,
	C_CLASSIFICATIONS,
	C_OTHER,
	C_DETECTOIDS,
	C_LEAVES,
	C_BUNDLES,
	C_HIDDEN,
	C_DRIVERS,
	C_EXPIRED,
	C_SUPERSEDED,
	C_UPPER,
	C_ASTRAL,
	C_LF,
	C_CR,
	C_DOC_BYTES,
	C_DOC_UNITS,
	C_PREREQS,
	C_BUNDLED,
	C_FILE_USES,
	C_FILES,
	C_PAYLOAD,
	C_MISSING,
	C_EXTRA,
	C_COUNT
};

static struct row rows[C_COUNT] = {[C_REVISIONS] = {"revisions", 0},
    [C_UPDATES] = {"updates", 0},
    [C_COMPANIES] = {"companies", 0},
    [C_FAMILIES] = {"families", 0},
    [C_PRODUCTS] = {"products", 0},
    [C_CLASSIFICATIONS] = {"classifications", 0},
    [C_OTHER] = {"other_categories", 0},
    [C_DETECTOIDS] = {"detectoids", 0},
    [C_LEAVES] = {"leaf_revisions", 0},
    [C_BUNDLES] = {"bundle_revisions", 0},
    [C_HIDDEN] = {"hidden_revisions", 0},
    [C_DRIVERS] = {"driver_revisions", 0},
    [C_EXPIRED] = {"expired_revisions", 0},
    [C_SUPERSEDED] = {"superseded_updates", 0},
    [C_UPPER] = {"upper_case_documents", 0},
    [C_ASTRAL] = {"astral_documents", 0},
    [C_LF] = {"lf_documents", 0},
    [C_CR] = {"cr_documents", 0},
    [C_DOC_BYTES] = {"document_bytes", 0},
    [C_DOC_UNITS] = {"document_units", 0},
    [C_PREREQS] = {"prerequisites", 0},
    [C_BUNDLED] = {"bundled", 0},
    [C_FILE_USES] = {"file_uses", 0},
    [C_FILES] = {"files", 0},
    [C_PAYLOAD] = {"payload_bytes", 0},
    [C_MISSING] = {"missing_files", 0},
    [C_EXTRA] = {"extra_files", 0}};

static void
count_revision(const struct rev *v)
{
	rows[C_LEAVES].n += v->kind == K_LEAF;
	rows[C_BUNDLES].n += v->kind == K_BUNDLE;
	rows[C_HIDDEN].n += v->hidden;
	rows[C_DRIVERS].n += v->driver;
	rows[C_EXPIRED].n += v->expired;
	rows[C_UPPER].n += v->upper;
	rows[C_ASTRAL].n += v->astral;
	rows[C_LF].n += v->lf;
	rows[C_CR].n += v->cr;
	rows[C_DOC_BYTES].n += v->len;
	rows[C_DOC_UNITS].n += v->units;
	rows[C_PREREQS].n += v->nprereqs;
	rows[C_BUNDLED].n += v->nbundled;
	rows[C_FILE_USES].n += v->nuses;
}

static void
count_superseded(const struct gen *g)
{
	bool *old = need(calloc(g->nupdates, sizeof(*old)));
	uint32_t i, j, u;

	for (i = 0; i < g->nrevs; i++)
		for (j = 0; j < g->revs[i].nsuperseded; j++) {
			u = g->revs[i].superseded[j];
			if (u < g->nupdates)
				old[u] = true;
		}
	for (i = 0; i < g->nupdates; i++)
		rows[C_SUPERSEDED].n += old[i];
	free(old);
}

static void
count_all(const struct gen *g)
{
	static const int of[K_COUNT] = {[K_COMPANY] = C_COMPANIES,
	    [K_FAMILY] = C_FAMILIES,
	    [K_PRODUCT] = C_PRODUCTS,
	    [K_CLASSIFICATION] = C_CLASSIFICATIONS,
	    [K_OTHER] = C_OTHER,
	    [K_DETECTOID] = C_DETECTOIDS};
	uint32_t i;

	rows[C_REVISIONS].n = g->nrevs;
	rows[C_UPDATES].n = g->nupdates;
	for (i = 0; i < g->nupdates; i++)
		if (g->updates[i].kind < K_LEAF)
			rows[of[g->updates[i].kind]].n++;
	for (i = 0; i < g->nrevs; i++)
		count_revision(&g->revs[i]);
	rows[C_FILES].n = g->nfiles;
	for (i = 0; i < g->nfiles; i++) {
		rows[C_PAYLOAD].n += g->files[i].size;
		rows[C_MISSING].n += g->files[i].missing;
	}
	rows[C_EXTRA].n = g->o.extra_files;
	count_superseded(g);
}

static void
print_missing(const struct gen *g, FILE *f)
{
	char hex[41], ext[10], comma[2] = "";
	uint32_t i;

	fputs(" \"missing\": [", f);
	for (i = 0; i < g->nfiles; i++) {
		if (!g->files[i].missing)
			continue;
		hex_of(hex, g->files[i].sha1, 20, true);
		file_ext(g, i, ext);
		fprintf(f, "%s\"%s/%s%s\"", comma, hex + 38, hex, ext);
		comma[0] = ',';
	}
	fputs("],\n", f);
}

static void
print_packages(const struct gen *g, FILE *f)
{
	const struct package *k;
	uint32_t i;

	fputs(" \"packages\": [\n", f);
	for (i = 0; i < g->npackages; i++) {
		k = &g->packages[i];
		fprintf(f,
		    "  {\"from\": %u, \"to\": %u, \"revisions\": %u, "
		    "\"repeats\": %u, \"package_xml_bytes\": %llu, "
		    "\"metadata_txt_bytes\": %llu}%s\n",
		    k->from, k->to, k->revs.n, k->revs.n - (k->to - k->from),
		    (unsigned long long)k->index_len,
		    (unsigned long long)k->meta_len,
		    i + 1 < g->npackages ? "," : "");
	}
	fputs(" ]}\n", f);
}

void
write_counts(const struct gen *g)
{
	char *path = path_in(g->o.out, "expected/counts.json");
	FILE *f = fopen(path, "wx");
	int i;

	if (f == NULL)
		die("%s: %s", path, strerror(errno));
	count_all(g);
	fprintf(f, "{\"seed\": %llu,\n", (unsigned long long)g->o.seed);
	for (i = 0; i < C_COUNT; i++)
		fprintf(f, " \"%s\": %llu,\n", rows[i].name,
		    (unsigned long long)rows[i].n);
	print_missing(g, f);
	print_packages(g, f);
	if (ferror(f) || fclose(f) == EOF)
		die("%s: %s", path, strerror(errno));
	free(path);
}
