/* SPDX-License-Identifier: ISC */
/* Properties and the texts of a document, in up to 38 languages. */
#include "testdata/gen/gen.h"

#define ENGLISH 8 /* row of langs */

static const char *const trees[] = {"Alder", "Birch", "Cedar", "Damson", "Elm",
    "Fir", "Gorse", "Hazel", "Ivy", "Juniper", "Larch", "Maple"};
static const char *const things[] = {"Desktop", "Server", "Office", "Mail",
    "Database", "Runtime", "Viewer", "Defender & Guard"};

static void
add_type(const struct gen *g, const struct rev *v, struct rng *r, struct str *s)
{
	if (v->kind == K_DETECTOID) {
		str_add(s,
		    " UpdateType=\"Detectoid\" DetectoidType=\"SKU or "
		    "Feature\"");
	} else if (v->kind == K_BUNDLE) {
		str_add(s, " UpdateType=\"Software\"");
	} else if (v->kind == K_LEAF) {
		str_fmt(s, " UpdateType=\"%s\" Handler=\"%s\"",
		    v->driver ? "Driver" : "Software",
		    handler_uri(handler_of(g, v)));
	} else {
		str_fmt(s, " UpdateType=\"Category\" Handler=\"%s\"",
		    handler_uri(H_CATEGORY));
	}
	if (v->kind == K_LEAF || v->kind == K_BUNDLE) {
		if (!v->hidden)
			str_add(s,
			    " ExplicitlyDeployable=\"true\" "
			    "AutoSelectOnWebSites=\"true\"");
		else if (rng_hit(r, 50))
			str_add(s, " ExplicitlyDeployable=\"false\"");
	}
}

static void
add_software(
    const struct gen *g, const struct rev *v, struct rng *r, struct str *s)
{
	static const char *const severity[] = {
	    "Critical", "Important", "Moderate", "Low", "Unspecified"};
	uint64_t most = 0;
	bool eula = false;
	char id[37];
	uint32_t i;

	for (i = 0; i < v->nuses; i++) {
		most += g->files[v->uses[i].file].size;
		eula = eula || g->files[v->uses[i].file].eula;
	}
	str_fmt(s, " MaxDownloadSize=\"%llu\" MinDownloadSize=\"0\"",
	    (unsigned long long)most);
	if (rng_hit(r, 250))
		str_fmt(s, " MsrcSeverity=\"%s\"", severity[rng_below(r, 5)]);
	if (eula) {
		guid_of(g, 0x80000000u + v->uses[0].file, false, id);
		str_fmt(s, " EulaID=\"%s\"", id);
	}
	if (rng_hit(r, 40))
		str_add(s, " CompatibleProtocolVersion=\"1.4\"");
	if (rng_hit(r, 20))
		str_add(s, " IsBeta=\"true\"");
	if (rng_hit(r, 10))
		str_add(s, " IsMandatory=\"true\"");
}

static uint32_t
kb_of(const struct rev *v)
{
	return 4000000 + (uint32_t)((uint64_t)v->update * 7919 % 1500000);
}

static void
add_inside(const struct rev *v, struct rng *r, struct str *s)
{
	uint32_t i, n, d[2];

	rng_draw(r, d, 2);
	if (rng_hit(r, 600))
		str_add(s,
		    "<upd:InstallationBehavior Impact=\"Minor\" "
		    "RebootBehavior=\"CanRequestReboot\" />");
	if (rng_hit(r, 300))
		str_add(s,
		    "<upd:UninstallationBehavior "
		    "RebootBehavior=\"NeverReboots\" />");
	for (i = 0, n = rng_hit(r, 200) ? 1 + rng_below(r, 3) : 0; i < n; i++)
		str_fmt(s, "<upd:Language>%s</upd:Language>",
		    langs[(v->update + i * 7) % NLANGS].name);
	str_add(s,
	    "<upd:SupportUrl>https://example.test/s?a=1&amp;b=2"
	    "</upd:SupportUrl>");
	if (rng_hit(r, 100))
		str_fmt(s,
		    "<upd:SecurityBulletinID>MS%02u-%03u"
		    "</upd:SecurityBulletinID>",
		    d[0] % 18, 1 + d[1] % 150);
	str_fmt(s, "<upd:KBArticleID>%u</upd:KBArticleID>", kb_of(v));
	if (rng_hit(r, 50))
		str_fmt(s, "<upd:KBArticleID>%u</upd:KBArticleID>",
		    2000000 + rng_below(r, 1000000));
}

static void
add_properties(const struct gen *g, uint32_t rev, struct rng *r,
    const char *lang, struct str *s)
{
	const struct rev *v = &g->revs[rev];
	bool people = (v->kind == K_LEAF || v->kind == K_BUNDLE) && !v->hidden;
	uint32_t year = (uint32_t)(2004 + (uint64_t)rev * 22 / g->nrevs);
	uint32_t d[6];

	str_fmt(s, "<upd:Properties DefaultPropertiesLanguage=\"%s\"", lang);
	add_type(g, v, r, s);
	if (v->kind == K_LEAF || v->kind == K_BUNDLE)
		add_software(g, v, r, s);
	else
		str_add(s, " IsPublic=\"true\"");
	rng_draw(r, d, 6);
	str_fmt(s,
	    " PublicationState=\"%s\" CreationDate=\"%04u-%02u-%02uT"
	    "%02u:%02u:%02u.%03uZ\" PublisherID=\"42f20e12-2856-447d-"
	    "a8b2-68f06c2e9b45\"",
	    v->expired ? "Expired" : "Published", year, 1 + d[0] % 12,
	    1 + d[1] % 28, d[2] % 24, d[3] % 60, d[4] % 60, d[5] % 1000);
	if (!people && rng_hit(r, 300)) {
		str_add(s, " />");
		return;
	}
	str_add(s, ">");
	if (people)
		add_inside(v, r, s);
	str_add(s, "</upd:Properties>");
}

static void
add_title(const struct gen *g, const struct rev *v, const struct lang *l,
    struct str *s)
{
	static const char *const nouns[K_COUNT] = {[K_COMPANY] = "Company",
	    [K_FAMILY] = "Family",
	    [K_OTHER] = "Feature",
	    [K_DETECTOID] = "Check for"};
	static const char *const classes[] = {"Security Updates",
	    "Critical Updates", "Drivers", "Tools", "Feature Packs",
	    "Update Rollups", "Upgrades", "Definition Updates"};
	uint32_t p = v->products.n > 0 ? v->products.v[0] : v->update;
	const char *tree = trees[p % 12], *thing = things[p / 12 % 8];
	struct str name = {.p = NULL};

	str_fmt(&name, "%s %s %u", tree, thing, p);
	if (v->kind == K_CLASSIFICATION)
		str_fmt(s, "%s %u", classes[v->update % 8], v->update);
	else if (v->kind == K_PRODUCT)
		str_esc(s, name.p);
	else if (nouns[v->kind] != NULL)
		str_fmt(s, "%s %s %u", nouns[v->kind], tree, v->update);
	else if (v->hidden)
		str_fmt(s, "HIDDEN: part %u of %s", v->update, tree);
	else {
		str_fmt(s, "20%02u-%02u %s: ",
		    (unsigned)((uint64_t)v->update * 26 / g->nupdates),
		    1 + v->update % 12,
		    v->update % 3 == 0 ? l->security : l->update);
		str_esc(s, name.p);
		str_fmt(s, " (KB%u)", kb_of(v));
	}
	str_free(&name);
}

static void
add_texts(const struct gen *g, const struct rev *v, const struct lang *l,
    struct rng *r, struct str *s)
{
	static const char *const breaks[] = {"\n", "\r\n", "&#xD;\n",
	    " \xf0\x9f\x9a\x80 ", " &#x1F6A2; \xf0\xa0\xae\xb7 ",
	    "<![CDATA[ <a & b> ]]>"};
	/* As texts of people have them. */
	static const char *const asides[] = {"\n\n",
	    " Alder &amp; Birch: ", "\n &quot;Elm&quot;\n", " &lt;KB&gt; ",
	    " it&apos;s \n", " &#169;\t"};
	uint32_t dice = rng_below(r, 1000);

	str_fmt(s,
	    "<upd:LocalizedProperties><upd:Language>%s</upd:Language>"
	    "<upd:Title>",
	    l->name);
	add_title(g, v, l, s);
	if (dice < 2)
		str_add(s, " \xf0\x9f\x90\xa7");
	str_add(s, "</upd:Title>");
	if (!v->hidden) {
		str_add(s, "<upd:Description>");
		str_add(s, l->sentence);
		if (dice < 24)
			str_add(s, breaks[dice % 6]);
		else if (dice < 250)
			str_add(s, asides[dice % 6]);
		if (dice < 250 || rng_hit(r, 300))
			str_add(s, l->sentence);
		str_add(s, "</upd:Description>");
	}
	if (!v->hidden && v->kind >= K_LEAF)
		str_fmt(s,
		    "<upd:MoreInfoUrl>https://example.test/%u?l=%s"
		    "&amp;x=1</upd:MoreInfoUrl>",
		    kb_of(v), l->name);
	str_add(s, "</upd:LocalizedProperties>");
}

void
props_make(const struct gen *g, uint32_t rev, struct rng *r, uint32_t target,
    struct str *s)
{
	const struct rev *v = &g->revs[rev];
	uint32_t n = target < 3000 ? 1 : 1 + (target - 3000) / 600;
	uint32_t i, first, step;
	bool german = n > 1 && rng_hit(r, 20);

	n += rng_below(r, 3);
	if (v->hidden)
		n = 1;
	if (n > NLANGS - 1)
		n = NLANGS - 1;
	add_properties(g, rev, r, german ? "de" : "en", s);
	str_add(s, "<upd:LocalizedPropertiesCollection>");
	add_texts(g, v, &langs[ENGLISH], r, s);
	if (german)
		add_texts(g, v, &langs[6], r, s);
	first = n >= NLANGS - 1 ? 0 : rng_below(r, NLANGS - 1);
	step = 1;
	for (i = german ? 2 : 1; i < n; first += step) {
		if (1 + first % (NLANGS - 1) == ENGLISH ||
		    (german && 1 + first % (NLANGS - 1) == 6))
			continue;
		add_texts(g, v, &langs[1 + first % (NLANGS - 1)], r, s);
		i++;
	}
	eula_files(g, v, s);
	str_add(s, "</upd:LocalizedPropertiesCollection>");
}
