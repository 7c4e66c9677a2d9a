/* SPDX-License-Identifier: ISC */
/* package.xml: one line of UTF-8 behind a byte order mark. */
#include <stdlib.h>

#include "testdata/gen/gen.h"

void
index_begin(const struct gen *g, struct str *s)
{
	int i;

	str_add(s, "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>");
	str_fmt(s,
	    "<ExportPackage ServerID=\"%s\" CreationTime=\"%s\" "
	    "FormatVersion=\"1.0\" ProtocolVersion=\"%s\"><Languages>",
	    g->o.server_id, g->o.creation_time, g->o.protocol);
	for (i = 0; i < NLANGS; i++)
		str_fmt(s,
		    "<Language Id=\"%u\" ShortName=\"%s\" "
		    "LongName=\"%s\" Enabled=\"%d\" />",
		    langs[i].id, langs[i].name, langs[i].long_name,
		    g->o.enabled[i]);
	str_add(s, "</Languages>");
}

void
index_file(const struct gen *g, uint32_t file, struct str *s)
{
	struct str t = {.p = NULL};
	char digest[29];

	base64_of(digest, g->files[file].sha1, 20);
	str_fmt(s, "<File Digest=\"%s\" MUUrl=\"", digest);
	file_url(g, file, &t);
	str_esc(s, t.p);
	str_add(s, "\" Name=\"");
	t.len = 0;
	file_name(g, file, g->files[file].alias, &t);
	str_esc(s, t.p);
	str_add(s, "\" />");
	str_free(&t);
}

static bool
used_before(const struct rev *v, uint32_t at)
{
	uint32_t i;

	for (i = 0; i < at; i++)
		if (v->uses[i].file == v->uses[at].file)
			return true;
	return false;
}

static void
add_files(const struct gen *g, const struct rev *v, struct str *s)
{
	char digest[29];
	uint32_t i;

	str_add(s, v->nuses > 0 ? "<Files>" : "<Files />");
	for (i = 0; i < v->nuses; i++) {
		if (used_before(v, i))
			continue;
		base64_of(digest, g->files[v->uses[i].file].sha1, 20);
		str_fmt(s, "<File Digest=\"%s\" />", digest);
	}
	if (v->nuses > 0)
		str_add(s, "</Files>");
}

static void
add_values(const struct gen *g, const struct list *l, const char *many,
    const char *one, struct str *s)
{
	char id[37];
	uint32_t i;

	str_fmt(s, l->n > 0 ? "<%s>" : "<%s />", many);
	for (i = 0; i < l->n; i++) {
		guid_of(g, l->v[i], false, id);
		str_fmt(s, "<%s Value=\"%s\" />", one, id);
	}
	if (l->n > 0)
		str_fmt(s, "</%s>", many);
}

void
index_update(const struct gen *g, uint32_t rev, struct str *s)
{
	const struct rev *v = &g->revs[rev];
	char id[37];

	guid_of(g, v->update, false, id);
	str_fmt(s, "<Update UpdateId=\"%s\" RevisionNumber=\"%u\">", id,
	    v->revision);
	add_files(g, v, s);
	add_values(g, &v->products, "Categories", "Category", s);
	add_values(g, &v->classes, "Classifications", "Classification", s);
	str_add(s, "</Update>");
}

uint64_t
index_frame(bool any_files)
{
	return (any_files ? sizeof("<Files></Files>") : sizeof("<Files />")) +
	    sizeof("<Updates></Updates></ExportPackage>") - 2;
}

void
index_make(const struct gen *g, const struct package *k, struct str *s)
{
	bool *seen = need(calloc(g->nfiles + 1, sizeof(*seen))), any = false;
	const struct rev *v;
	uint32_t i, j;

	index_begin(g, s);
	for (i = 0; i < k->revs.n; i++) {
		v = &g->revs[k->revs.v[i]];
		for (j = 0; j < v->nuses; j++) {
			if (seen[v->uses[j].file])
				continue;
			if (!any)
				str_add(s, "<Files>");
			any = seen[v->uses[j].file] = true;
			index_file(g, v->uses[j].file, s);
		}
	}
	str_add(s, any ? "</Files><Updates>" : "<Files /><Updates>");
	for (i = 0; i < k->revs.n; i++)
		index_update(g, k->revs.v[i], s);
	str_add(s, "</Updates></ExportPackage>");
	free(seen);
}
