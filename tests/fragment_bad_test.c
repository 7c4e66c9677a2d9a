/* SPDX-License-Identifier: ISC */
#include "formats/fragment.h"

#include "lib/base/sink.h"
#include "tests/fragment_make.h"
#include "tests/t.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct {
	const char *doc, *text;
} bad[] = {
    {"", "no element in it"},
    {"x", "no element in it"},
    {"<u:Update/>", "prefix u"},
    {"<Update/>", "root is Update in '', expected Update in 'http"},
    {"<Fix xmlns='" MSUS "Update'/>", "root is Fix"},
    {HEAD "</u:Update>", "no UpdateIdentity"},
    {HEAD PROPS "</u:Update>", "no UpdateIdentity"},
    {HEAD IDENTITY "</u:Update>", "no Properties"},
    {DOC(IDENTITY), "UpdateIdentity: a second one, expected one"},
    {DOC(PROPS), "Properties: a second one, expected one"},
    {DOC("<u:Relationships/><u:Relationships/>"), "Relationships: a second"},
    {DOC("<u:ApplicabilityRules/><u:ApplicabilityRules/>"),
	"ApplicabilityRules: a second"},
    {DOC("<u:Files/><u:Files/>"), "Files: a second"},
    {DOC("<u:HandlerSpecificData/><u:HandlerSpecificData/>"),
	"HandlerSpecificData: a second"},
    {DOC("<u:LocalizedPropertiesCollection/>"
	 "<u:LocalizedPropertiesCollection/>"),
	"LocalizedPropertiesCollection: a second"},
    {RULES("<n type='a' x:type='b' xmlns:x='" MADE_XSI "'/>"),
	"n: type twice, once in '" MADE_XSI "'"},
    {RULES("<n x:type='b' type='a' xmlns:x='" MADE_XSI "'/>"), "n: type twice"},
    {RULES("<n x:xmlns='b' xmlns:x='urn:x'/>"),
	"n: an attribute xmlns of 'urn:x'"},
    {RULES("<n>]]></n>"), "line 1"},
    {RULES("<n>&nbsp;</n>"), "line 1"},
    {"<!DOCTYPE x>" DOC(""), "DOCTYPE"},
    {RULES("<a xmlns='urn:a'><b></a>"), "line 1"},
};

T_TEST(what_is_refused)
{
	struct fragment_limits lim = fragment_default_limits;
	struct made_rig f;
	size_t i;

	for (i = 0; i < COUNT(bad); i++) {
		made_setup(&f, NULL);
		T_FAILS(made_doc(&f, bad[i].doc), &f.e, E_FORMAT, bad[i].text);
		T_CALL(made_doc(&f, DOC("")), &f.e); /* and goes on */
		made_is(&f, FRAGMENT_CORE, "", CORE_HEAD);
		made_teardown(&f);
		lim.max_held = 0;
		made_setup(&f, &lim);
		T_FAILS(made_doc(&f, bad[i].doc), &f.e, E_FORMAT, bad[i].text);
		T_CALL(made_doc(&f, DOC("")), &f.e);
		made_teardown(&f);
	}
}

static void
over(struct fragment_limits *lim, const char *doc, const char *text)
{
	struct made_rig f;

	made_setup(&f, lim);
	T_FAILS(made_doc(&f, doc), &f.e, E_LIMIT, text);
	made_teardown(&f);
}

static void
within(struct fragment_limits *lim, const char *doc)
{
	struct made_rig f;

	made_setup(&f, lim);
	T_CALL(made_doc(&f, doc), &f.e);
	made_teardown(&f);
}

#define TEXTS(body)                                                            \
	DOC("<u:LocalizedPropertiesCollection>" body                           \
	    "</u:LocalizedPropertiesCollection>")
#define TEXT                                                                   \
	"<u:LocalizedProperties><u:Language>en-us</u:Language>"                \
	"</u:LocalizedProperties>"

T_TEST(limits)
{
	struct fragment_limits lim = fragment_default_limits;

	lim.max_doc = strlen(DOC(""));
	within(&lim, DOC(""));
	over(&lim, DOC(" "), "document of ");
	lim = fragment_default_limits;
	lim.max_texts = 2;
	within(&lim, TEXTS(TEXT TEXT "<u:EulaFile/><u:EulaFile/>"));
	over(&lim, TEXTS(TEXT TEXT TEXT), "LocalizedProperties: more than 2");
	over(&lim, TEXTS("<u:EulaFile/><u:EulaFile/><u:EulaFile/>"),
	    "EulaFile: more than 2");
	lim.max_lang = 5;
	within(&lim, TEXTS(TEXT));
	lim.max_lang = 4;
	over(&lim, TEXTS(TEXT), "Language: more than 4 bytes");
	over(&lim, TEXTS("<u:EulaFile Language='en-us'/>"), "Language: more");
	over(&lim, TEXTS("<u:EulaFile GeoId='12345'/>"), "GeoId: more than 4");
	lim.max_space = 4;
	within(&lim, RULES("    <n>\n\n\n\n</n>"));
	over(&lim, RULES("     "), "white space of more than 4 bytes");
	lim.max_declared = 1;
	within(&lim,
	    HEAD IDENTITY PROPS "<u:Files xmlns:a='urn:a'><a:b/></u:Files>"
				"</u:Update>");
	over(&lim,
	    HEAD IDENTITY PROPS "<u:Files xmlns:a='urn:a' xmlns:b='urn:b'>"
				"<a:b><b:c/></a:b></u:Files></u:Update>",
	    "more than 1 namespaces declared outside");
}

T_TEST(every_truncation_is_an_error)
{
	struct fragment_limits lim = fragment_default_limits;
	struct made_rig f;
	size_t n, end = strlen(made_full) - 1; /* without the line feed */

	for (int i = 0; i < 2; i++) {
		made_setup(&f, &lim);
		for (n = 0; n < end; n++) {
			T_EQ(made_write(&f.m, f.w, made_full, n, &f.e), -1);
			T_EQ(f.e.kind, E_FORMAT);
			err_clear(&f.e);
		}
		T_CALL(made_write(&f.m, f.w, made_full, end, &f.e), &f.e);
		made_teardown(&f);
		lim.max_held = 0;
	}
}

/* Whatever a byte becomes: an error, or the same held and straight on. */
T_TEST(damage_is_an_error_or_the_same_by_both_ways)
{
	struct fragment_limits lim = fragment_default_limits;
	static const char marks[] = "<>/&\"' =:x\0\xff";
	struct made_rig held, direct;
	size_t len = strlen(made_full);
	char *doc = strdup(made_full);
	size_t i, k, ngood = 0;

	made_setup(&held, NULL);
	lim.max_held = 0;
	made_setup(&direct, &lim);
	for (i = 0; i < len; i++) {
		k = (size_t)(t_random() % (sizeof(marks) - 1));
		memcpy(doc, made_full, len);
		doc[i] = marks[k];
		if (made_write(&held.m, held.w, doc, len, &held.e) == -1) {
			T_EQ(made_write(
				 &direct.m, direct.w, doc, len, &direct.e),
			    -1);
			err_clear(&held.e);
			err_clear(&direct.e);
			continue;
		}
		ngood++;
		T_CALL(made_write(&direct.m, direct.w, doc, len, &direct.e),
		    &direct.e);
		T_EQ(direct.m.b.len, held.m.b.len);
		T_MEM(direct.m.b.p, held.m.b.p, held.m.b.len);
	}
	T_OK(ngood > 0);
	free(doc);
	made_teardown(&held);
	made_teardown(&direct);
}

/* --- where they go --- */

static int
refuse(struct sink *s, const void *p, size_t n, struct err *e)
{
	(void)s, (void)p, (void)n;
	return err_set(e, E_REMOTE, "made_full");
}

static int
refuse_done(void *arg, const struct fragment *f, struct err *e)
{
	unsigned *left = arg;

	(void)f;
	return (*left)-- > 0 ? 0 : err_set(e, E_REMOTE, "no more");
}

T_TEST(what_takes_them_may_fail)
{
	struct fragment_limits lim = fragment_default_limits;
	struct sink bad_sink = SINK_INIT, to = SINK_INIT;
	struct fragment_out out = {.to = &bad_sink};
	struct fragment_odd odd;
	struct made_rig f;
	unsigned left, i;

	bad_sink.write = refuse;
	sink_null(&to);
	for (i = 0; i < 2; i++) {
		made_setup(&f, &lim);
		out = (struct fragment_out){.to = &bad_sink};
		T_FAILS(fragment_write(f.w, made_full, strlen(made_full), &out,
			    &odd, &f.e),
		    &f.e, E_REMOTE, "made_full");
		for (unsigned n = 0; n < 6; n++) {
			left = n;
			out = (struct fragment_out){&to, refuse_done, &left};
			T_FAILS(fragment_write(f.w, made_full,
				    strlen(made_full), &out, &odd, &f.e),
			    &f.e, E_REMOTE, "no more");
		}
		made_teardown(&f);
		lim.max_held = 0;
	}
	T_STR(fragment_word(FRAGMENT_EULA), "Eula");
	T_STR(fragment_word(FRAGMENT_LOCALIZED), "LocalizedProperties");
}

T_MAIN
