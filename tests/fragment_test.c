/* SPDX-License-Identifier: ISC */
#include "formats/fragment.h"

#include "tests/fragment_make.h"
#include "tests/t.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Held and straight on, by one writer each. */
static void
core_is(const char *doc, const char *want)
{
	struct fragment_limits lim = fragment_default_limits;
	struct made_rig f;

	for (int i = 0; i < 2; i++) {
		made_setup(&f, &lim);
		T_CALL(made_doc(&f, doc), &f.e);
		made_is(&f, FRAGMENT_CORE, "", want);
		made_teardown(&f);
		lim.max_held = 0;
	}
}

static void
full_is_right(const struct fragment_limits *lim)
{
	struct made_rig f;

	made_setup(&f, lim);
	T_CALL(made_doc(&f, made_full), &f.e);
	T_EQ(f.m.n, 6);
	made_is(&f, FRAGMENT_CORE, "",
	    CORE_ID
	    "<Properties UpdateType=\"Software\" ExplicitlyDeployable=\"true\""
	    " OSUpgrade=\"true\" EulaID=\"E\" />"
	    "<Relationships><Prerequisites /></Relationships>"
	    "<ApplicabilityRules><True /></ApplicabilityRules>");
	made_is(&f, FRAGMENT_EXTENDED, "",
	    "<ExtendedProperties DefaultPropertiesLanguage=\"en\""
	    " MsrcSeverity=\"Low\" RecommendedMemory=\"1\">"
	    "<Language>all</Language></ExtendedProperties>"
	    "<Files><File Digest=\"1\"><AdditionalDigest"
	    " Algorithm=\"SHA256\">2</AdditionalDigest></File></Files>"
	    "<HandlerSpecificData type=\"cbs:Cbs\"><CbsData A=\"\" />"
	    "</HandlerSpecificData>");
	made_is(&f, FRAGMENT_LOCALIZED, "en",
	    "<LocalizedProperties><Language> en </Language>"
	    "<Title>A &amp; B</Title></LocalizedProperties>");
	made_is(&f, FRAGMENT_LOCALIZED, "de",
	    "<LocalizedProperties><Language>de</Language>"
	    "</LocalizedProperties>");
	made_is(&f, FRAGMENT_EULA, "en",
	    "<EulaFile Digest=\"3\" Language=\"en\" GeoId=\"244\" />");
	made_is(&f, FRAGMENT_EULA, "de",
	    "<EulaFile Digest=\"4\" Language=\"de\"><AdditionalDigest>5"
	    "</AdditionalDigest></EulaFile>");
	T_EQ(f.m.of[4].f.type, FRAGMENT_EULA);
	T_STR(f.m.of[4].geo, "244");
	T_STR(f.m.of[5].geo, "");
	T_OK(f.m.odd.per_user);
	T_EQ(f.m.odd.ndeclared, 0);
	made_teardown(&f);
}

T_TEST(every_part_in_its_fragment)
{
	struct fragment_limits lim = fragment_default_limits;

	full_is_right(NULL);
	/* Nothing is held, then some of it. */
	for (lim.max_held = 0; lim.max_held < strlen(made_full) + 10;
	     lim.max_held += 13)
		full_is_right(&lim);
}

T_TEST(what_a_document_lacks_is_left_out)
{
	struct made_rig f;

	made_setup(&f, NULL);
	T_CALL(made_doc(&f, DOC("")), &f.e);
	T_EQ(f.m.n, 2);
	made_is(&f, FRAGMENT_CORE, "", CORE_HEAD);
	made_is(&f, FRAGMENT_EXTENDED, "", "<ExtendedProperties />");
	T_OK(!f.m.odd.per_user);
	made_teardown(&f);
}

static const struct {
	const char *props, *core;
} flags[] = {
    {"ExplicitlyDeployable='false'", ""},
    {"ExplicitlyDeployable='0'", ""},
    {"ExplicitlyDeployable='1'", " ExplicitlyDeployable=\"1\""},
    {"AutoSelectOnWebSites='0'", ""},
    {"AutoSelectOnWebSites='true'", " AutoSelectOnWebSites=\"true\""},
    {"OSUpgrade='false'", ""},
    {"EulaID='0'", " EulaID=\"0\""},
};

T_TEST(flags_that_say_nothing_are_left_out)
{
	char doc[500], want[500];
	size_t i;

	for (i = 0; i < COUNT(flags); i++) {
		snprintf(doc, sizeof(doc),
		    HEAD IDENTITY
		    "<u:Properties %s UpdateType='Driver'/></u:Update>",
		    flags[i].props);
		snprintf(want, sizeof(want),
		    CORE_ID "<Properties UpdateType=\"Driver\"%s />",
		    flags[i].core);
		core_is(doc, want);
	}
}

/* --- text --- */

static const struct {
	const char *in, *out;
} texts[] = {
    {"<n> </n>", "<n />"},
    {"<n>\r\n\t<o/>\r\n</n>", "<n><o /></n>"},
    {"<n></n>", "<n />"},
    {"<n><!-- c --></n>", "<n />"},
    {"<n>a<!-- c -->b</n>", "<n>ab</n>"},
    {"<n>a<!-- c --> </n>", "<n>a </n>"},
    {"<n> <!-- c -->a</n>", "<n> a</n>"},
    {"<n><?p i?>a</n>", "<n>a</n>"},
    {"<n>  a\r\n b\rc </n>", "<n>  a\n b\nc </n>"},
    {"<n>a&#xD;b</n>", "<n>a&#xD;b</n>"},
    {"<n>&#32;a</n>", "<n> a</n>"},
    {"<n>&lt;&gt;&amp;&quot;&apos;&#169;&#x10FFFF;</n>",
	"<n>&lt;&gt;&amp;\"'\xc2\xa9\xf4\x8f\xbf\xbf</n>"},
    {"<n>></n>", "<n>&gt;</n>"},
    {"<n><![CDATA[<a>&amp;]]></n>", "<n>&lt;a&gt;&amp;amp;</n>"},
    {"<n><![CDATA[ ]]></n>", "<n />"},
    {"<n> <![CDATA[a]]> </n>", "<n> a </n>"},
    {"<n a='1&#xA;2&#x9;3&#xD;4\n5\t6'/>",
	"<n a=\"1&#xA;2&#x9;3&#xD;4 5 6\" />"},
    {"<n a='\"&apos;&lt;>&amp;'/>", "<n a=\"&quot;'&lt;&gt;&amp;\" />"},
    {"<n b='' a=''></n>", "<n b=\"\" a=\"\" />"},
    {"<n>a<o/> b</n>", "<n>a<o /> b</n>"},
    {"<n>a<o/> </n>", "<n>a<o /></n>"},
    {"<n xml:lang='en'/>", "<n lang=\"en\" />"},
};

T_TEST(text_and_attributes)
{
	char doc[1000], want[1000];
	size_t i;

	for (i = 0; i < COUNT(texts); i++) {
		snprintf(doc, sizeof(doc), RULES("%s"), texts[i].in);
		snprintf(want, sizeof(want), CORE_RULES("%s"), texts[i].out);
		core_is(doc, want);
	}
}

T_TEST(three_namespaces_have_a_prefix)
{
	core_is(RULES("<x:A xmlns:x='" MSUS "BaseApplicabilityRules'><y:B"
		      " xmlns:y='" MSUS "MsiApplicabilityRules' y:c='1'/>"
		      "<C xmlns='" MSUS "UpdateHandlers/WindowsDriver'/>"
		      "<x:D xmlns:x='" MSUS "CbsApplicabilityRules'/>"
		      "<E xmlns='http://schemas.microsoft.com/msus/x'/></x:A>"),
	    CORE_RULES("<b.A><m.B c=\"1\" /><d.C /><D /><E /></b.A>"));
}

/* More namespaces than are remembered. */
T_TEST(many_namespaces)
{
	struct buf doc = BUF_INIT, want = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(buf_puts(&doc, HEAD IDENTITY PROPS "<u:ApplicabilityRules>", &e),
	    &e);
	T_CALL(buf_puts(&want, CORE_HEAD "<ApplicabilityRules>", &e), &e);
	for (int i = 0; i < 60; i++) {
		T_CALL(buf_printf(&doc, &e, "<b:n xmlns:b='" MSUS "%s%d'/>",
			   i % 7 == 0 ? "BaseApplicabilityRules" : "n",
			   i % 7 == 0 ? 0 : i % 20),
		    &e);
		T_CALL(buf_puts(&want, "<n />", &e), &e);
	}
	T_CALL(buf_puts(&doc, "</u:ApplicabilityRules></u:Update>", &e), &e);
	T_CALL(buf_puts(&want, "</ApplicabilityRules>", &e), &e);
	core_is(buf_str(&doc, &e), buf_str(&want, &e));
	buf_free(&doc);
	buf_free(&want);
}

/* --- what is foreign --- */

static const struct {
	const char *in, *out; /* out NULL: the same */
	unsigned ndeclared;
} copies[] = {
    {"<assembly xmlns='" ASM "' a = \"1\" ><b\n/> <!-- c --><?d e?>"
     "<![CDATA[<]]>&#65;&amp;\r\n</assembly >",
	NULL, 0},
    {"<a xmlns='urn:a'/>", NULL, 0},
    {"<p:a xmlns:p='urn:a'><p:b xmlns:q='urn:q' q:c='>'/></p:a>", NULL, 0},
    {"<a xmlns='urn:a'><b xmlns=''/></a>", NULL, 0},
    {"<a xmlns='urn:a' xml:lang='en'/>", NULL, 0},
    {"<o:a b='1' ><o:c/></o:a>", "<o:a b='1' xmlns:o=\"urn:out\" ><o:c/></o:a>",
	1},
    {"<o:a/>", "<o:a xmlns:o=\"urn:out\"/>", 1},
    {"<a xmlns='urn:a'><b o:c='1'/><o:d/></a>",
	"<a xmlns='urn:a' xmlns:o=\"urn:out\"><b o:c='1'/><o:d/></a>", 1},
    {"<o:a><b xmlns='urn:b' xmlns:o='urn:in' o:c='1'/></o:a>",
	"<o:a xmlns:o=\"urn:out\"><b xmlns='urn:b' xmlns:o='urn:in'"
	" o:c='1'/></o:a>",
	1},
    {"<p:a xmlns:p='urn:a'><b/></p:a>",
	"<p:a xmlns:p='urn:a' xmlns=\"urn:&quot;&amp;\"><b/></p:a>", 1},
    {"<b/>", "<b xmlns=\"urn:&quot;&amp;\"/>", 1},
    {"<a xmlns='urn:a' i:type='o:t'/>",
	"<a xmlns='urn:a' i:type='o:t' xmlns:i=\"" MADE_XSI
	"\" xmlns:o=\"urn:out\"/>",
	2},
    {"<a xmlns='urn:a' i:type='t' i:nil='o:t'/>",
	"<a xmlns='urn:a' i:type='t' i:nil='o:t' xmlns:i=\"" MADE_XSI "\"/>",
	1},
};

T_TEST(foreign_elements_are_copied)
{
	struct fragment_limits lim = fragment_default_limits;
	struct made_rig f;
	char doc[2000], want[1000];
	size_t i;

	for (i = 0; i < 2 * COUNT(copies); i++) {
		size_t k = i % COUNT(copies);
		const char *out = copies[k].out != NULL ? copies[k].out
							: copies[k].in;

		lim.max_held = i < COUNT(copies) ? 10000 : 0;
		made_setup(&f, &lim);
		snprintf(doc, sizeof(doc),
		    "<u:Update xmlns:u='" MSUS "Update' xmlns:o='urn:out'"
		    " xmlns:i='" MADE_XSI
		    "' xmlns='urn:&quot;&amp;'>" IDENTITY PROPS
		    "<u:ApplicabilityRules>\n%s\n%s\n<u:n> </u:n>"
		    "</u:ApplicabilityRules></u:Update>",
		    copies[k].in, copies[k].in);
		snprintf(want, sizeof(want), CORE_RULES("%s%s<n />"), out, out);
		T_CALL(made_doc(&f, doc), &f.e);
		made_is(&f, FRAGMENT_CORE, "", want);
		T_EQ(f.m.odd.ndeclared, 2 * copies[k].ndeclared);
		made_teardown(&f);
	}
}

/* Longer than any portion that is parsed or passed on together. */
T_TEST(long_copies_and_texts)
{
	struct fragment_limits lim = fragment_default_limits;
	struct buf doc = BUF_INIT, want = BUF_INIT;
	char *fill = malloc(100001);
	struct made_rig f;

	T_OK(fill != NULL);
	memset(fill, 'x', 100000);
	fill[100000] = '\0';
	made_setup(&f, NULL);
	T_CALL(
	    buf_puts(&doc, HEAD IDENTITY PROPS "<u:ApplicabilityRules>", &f.e),
	    &f.e);
	T_CALL(buf_puts(&want, CORE_HEAD "<ApplicabilityRules>", &f.e), &f.e);
	for (int i = 0; i < 5; i++) {
		T_CALL(buf_printf(&doc, &f.e,
			   "<a xmlns='urn:a' a='%s'\n\nb='%s'>%s<b/></a>"
			   "<u:n c='%s'>%s</u:n>",
			   fill, fill, fill, fill, fill),
		    &f.e);
		T_CALL(buf_printf(&want, &f.e,
			   "<a xmlns='urn:a' a='%s'\n\nb='%s'>%s<b/></a>"
			   "<n c=\"%s\">%s</n>",
			   fill, fill, fill, fill, fill),
		    &f.e);
	}
	T_CALL(
	    buf_puts(&doc, "</u:ApplicabilityRules></u:Update>", &f.e), &f.e);
	T_CALL(buf_puts(&want, "</ApplicabilityRules>", &f.e), &f.e);
	made_teardown(&f);
	core_is(buf_str(&doc, &f.e), buf_str(&want, &f.e));
	/* Held until it is too much. */
	lim.max_held = doc.len;
	made_setup(&f, &lim);
	T_CALL(made_doc(&f, (const char *)doc.p), &f.e);
	made_is(&f, FRAGMENT_CORE, "", (const char *)want.p);
	made_teardown(&f);
	buf_free(&doc);
	buf_free(&want);
	free(fill);
}

T_MAIN
