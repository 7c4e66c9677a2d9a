/* SPDX-License-Identifier: ISC */
/* The quick reader says what libxml2 says, or nothing. */
#include "tests/t.h"

#include "formats/xml.h"
#include "lib/base/buf.h"
#include "tests/fragment_make.h"

/* Everything that a handler can learn; text in portions is one text. */
struct seen {
	struct buf b;
	struct xml *x;
};

static int
start(void *arg, const struct xml_elem *el, struct err *e)
{
	struct seen *s = arg;
	size_t i;

	if (buf_printf(&s->b, e,
		"(%s|%s|%s %u %zu/%zu,%zu @%" PRIu64 "-%" PRIu64,
		el->prefix != NULL ? el->prefix : "", el->name,
		el->ns != NULL ? el->ns : "", el->depth, el->ndecls,
		xml_scope(s->x), xml_declared(s->x, "p", 1), xml_offset(s->x),
		xml_offset_after(s->x)) == -1)
		return -1;
	for (i = 0; i < el->nattrs; i++)
		if (buf_printf(&s->b, e, " %s|%s|%s=%.*s;",
			el->attrs[i].prefix != NULL ? el->attrs[i].prefix : "",
			el->attrs[i].name,
			el->attrs[i].ns != NULL ? el->attrs[i].ns : "",
			(int)el->attrs[i].len, el->attrs[i].value) == -1)
			return -1;
	return buf_puts(&s->b, "'", e);
}

static int
end(void *arg, const struct xml_elem *el, struct err *e)
{
	struct seen *s = arg;

	return buf_printf(&s->b, e, ")%s|%s|%s %u %zu @%" PRIu64 "'",
	    el->prefix != NULL ? el->prefix : "", el->name,
	    el->ns != NULL ? el->ns : "", el->depth, xml_scope(s->x),
	    xml_offset_after(s->x));
}

static int
text(void *arg, const char *p, size_t n, struct err *e)
{
	struct seen *s = arg;

	return buf_put(&s->b, p, n, e);
}

static struct seen quick = {.b = BUF_INIT}, slow = {.b = BUF_INIT};

static void
setup(const struct xml_limits *lim)
{
	static const struct xml_handler h = {start, end, text};
	struct err e = ERR_INIT;

	xml_init();
	T_CALL(xml_open(&quick.x, &h, &quick, lim, &e), &e);
	T_CALL(xml_open(&slow.x, &h, &slow, lim, &e), &e);
}

static void
teardown(void)
{
	xml_close(quick.x);
	xml_close(slow.x);
	buf_free(&quick.b);
	buf_free(&slow.b);
}

/* Is it simple?  Then both say the same. */
static bool
compare(const void *doc, size_t n)
{
	struct err e = ERR_INIT;

	buf_reset(&quick.b);
	buf_reset(&slow.b);
	xml_reset(quick.x, &quick);
	if (!xml_scan(quick.x, doc, n, &e))
		return false;
	xml_reset(slow.x, &slow);
	T_CALL(xml_parse(slow.x, doc, n, &e), &e);
	T_EQ(quick.b.len, slow.b.len);
	if (quick.b.len == slow.b.len)
		T_MEM(quick.b.p, slow.b.p, slow.b.len);
	if (t_failures() == 1)
		t_fail(__FILE__, __LINE__, "'%.*s'", (int)(n < 300 ? n : 300),
		    (const char *)doc);
	return true;
}

static const struct {
	bool simple;
	const char *doc;
} docs[] = {
    {true, "<a/>"},
    {true, "<a></a >\n"},
    {true, "<a b='c' d = \"e'f\"\n g='\"'>x</a>"},
    {true, "<a b='&amp;&lt;&gt;&quot;&apos;&#9;&#xA;&#x10FFFF;'/>"},
    {true, "<a b=' x\ty\nz '>\t</a>"},
    {true, "<a>&amp;&lt; ]] ]&gt;&#13;\r\n\r.\r\r\n</a>"},
    {true, "<a>\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbd\x9e\x7f</a>"},
    {true, "<a xmlns='u'><b xmlns='v'/><c/></a>"},
    {true, "<p:a xmlns:p='u' p:b='1' b='2'><p:c xmlns:p='v'/></p:a>"},
    {true, "<p:a p:b='1' xmlns:p='u' xmlns:q='u'/>"},
    {true, "<a xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:t=''/>"},
    {true, "<a-b.c_1 _x=''/>"},
    {true, "<a xmlns='not a uri &amp; so'/>"},
    {false, ""},
    {false, " <a/>"},
    {false, "a"},
    {false, "<"},
    {false, "<a"},
    {false, "<a/"},
    {false, "<a>"},
    {false, "<a/>x"},
    {false, "<a/><b/>"},
    {false, "<a/>&#32;"},
    {false, "<a></b>"},
    {false, "<a></ab>"},
    {false, "<a></a"},
    {false, "</a>"},
    {false, "<a b='1' b='2'/>"},
    {false, "<a b='1'c='2'/>"},
    {false, "<a b=1/>"},
    {false, "<a b/>"},
    {false, "<a b='<'/>"},
    {false, "<a b='1/>"},
    {false, "<a b='\r'/>"},
    {false, "<a b='&x;'/>"},
    {false, "<a b='&amp'/>"},
    {false, "<a>&#0;</a>"},
    {false, "<a>&#xD800;</a>"},
    {false, "<a>&#xFFFE;</a>"},
    {false, "<a>&#x110000;</a>"},
    {false, "<a>&#99999999999;</a>"},
    {false, "<a>&#;</a>"},
    {false, "<a>&#x;</a>"},
    {false, "<a>&nbsp;</a>"},
    {false, "<a>]]></a>"},
    {false, "<a>\x01</a>"},
    {false, "<a>\xff</a>"},
    {false, "<a>\xef\xbf\xbe</a>"},
    {false, "<a>\xef\xbf\xbf</a>"},
    {false, "<p:a/>"},
    {false, "<a p:b=''/>"},
    {false, "<a xmlns:p='u' xmlns:p='v'/>"},
    {false, "<a xmlns='u' xmlns='v'/>"},
    {false, "<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>"},
    {false, "<a xmlns:p=''/>"},
    {false, "<a xmlns=''/>"},
    {false, "<a xml:lang='en'/>"},
    {false, "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>"},
    {false, "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>"},
    {false, "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>"},
    {false, "<xmlns:a/>"},
    {false, "<a:b:c xmlns:a='u'/>"},
    {false, "<:a/>"},
    {false, "<a: xmlns:a='u'/>"},
    {false, "<a :b=''/>"},
    {false, "<1/>"},
    {false, "<\xc3\xbc/>"},
    {false, "<?xml version='1.0'?><a/>"},
    {false, "<!DOCTYPE a><a/>"},
    {true, "<a>x<!-- - -> & < \r\n -->y<!----></a>"},
    {false, "<!-- --><a/>"},
    {false, "<a/><!-- -->"},
    {false, "<a><!-- -- --></a>"},
    {false, "<a><!-- ---></a>"},
    {false, "<a><!--"},
    {false, "<a><!-- --"},
    {false, "<a><!- --></a>"},
    {true, "<a>y<![CDATA[x]] < & ]]]]>z<![CDATA[]]></a>"},
    {false, "<a><![CDATA[\r\n]]></a>"},
    {false, "<![CDATA[x]]><a/>"},
    {false, "<a/><![CDATA[ ]]>"},
    {false, "<a><![CDATA[x]]</a>"},
    {false, "<a><![CDATAx]]></a>"},
    {false, "<a><!"},
    {false, "<a><?p?></a>"},
    {false, "<a>\n<"},
};

T_TEST(what_is_simple_and_what_is_not)
{
	size_t i;

	setup(NULL);
	for (i = 0; i < sizeof(docs) / sizeof(*docs); i++)
		if (compare(docs[i].doc, strlen(docs[i].doc)) != docs[i].simple)
			t_fail(__FILE__, __LINE__, "%s: %s",
			    docs[i].simple ? "not simple" : "simple",
			    docs[i].doc);
	teardown();
}

T_TEST(no_limit_is_passed)
{
	struct xml_limits lim = xml_default_limits;
	size_t i;
	static const char *const over[] = {
	    "<a><b><c/></b></a>",
	    "<a b='' c='' d=''/>",
	    "<a b='12345'/>",
	    "<a>1234567</a>",
	    "<a>123<!---->4567</a>",
	    "<a>12&amp;45&amp;7</a>",
	    "<a xmlns='u' xmlns:p='v'><b xmlns='w'/></a>",
	};

	lim.max_depth = 2;
	lim.max_attrs = 2;
	lim.max_attr_bytes = 4;
	lim.max_text = 6;
	lim.max_ns = 2;
	setup(&lim);
	for (i = 0; i < sizeof(over) / sizeof(*over); i++)
		T_EQ(compare(over[i], strlen(over[i])), false);
	T_EQ(compare("<a b='1234' c=''>123456<b/>123456</a>", 37), true);
	T_EQ(compare("<a xmlns='u' xmlns:p='v'/>", 26), true);
	teardown();
}

T_TEST(no_cut_and_no_damage_makes_it_say_something_else)
{
	size_t n = strlen(made_full), i, k;
	char *doc = strdup(made_full);

	setup(NULL);
	T_EQ(compare(doc, n), true);
	for (i = 0; i + 1 < n; i++) {
		char *cut = malloc(i + 1);

		memcpy(cut, doc, i);
		T_EQ(compare(cut, i), false);
		free(cut);
	}
	for (i = 0; i < n; i++)
		for (k = 0; k < 8; k++) {
			static const char put[] = "<>&'\":/x";
			char was = doc[i];

			doc[i] = put[k];
			(void)compare(doc, n);
			doc[i] = (char)(was ^ (1 << k));
			(void)compare(doc, n);
			doc[i] = was;
		}
	teardown();
	free(doc);
}

/* Wherever it stands among the blocks that are looked at together. */
T_TEST(what_is_no_character_is_found_everywhere)
{
	static const char *const odd[] = {
	    "\x01", "\x1f", "\xef\xbf\xbe", "\xef\xbf\xbf", "\xed\xa0\x80"};
	char doc[300];
	size_t i, at;

	setup(NULL);
	for (i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		for (at = 3; at < 200; at++) {
			memset(doc, 'x', sizeof(doc));
			memcpy(doc, "<a>", 3);
			memcpy(doc + 280, "</a>", 4);
			T_EQ(compare(doc, 284), true);
			memcpy(doc + at, odd[i], strlen(odd[i]));
			T_EQ(compare(doc, 284), false);
			memcpy(doc + at, "\xef\xbf\xbd", 3);
			T_EQ(compare(doc, 284), true);
		}
	teardown();
}

/* More names than are kept, in one document and in many. */
T_TEST(many_names_are_forgotten)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	unsigned i, k, simple = 0;

	setup(NULL);
	for (i = 0; i < 40; i++) {
		buf_reset(&b);
		T_CALL(buf_puts(&b, "<a>", &e), &e);
		for (k = 0; k < (i == 20 ? 2000 : 60); k++)
			T_CALL(buf_printf(
				   &b, &e, "<n%u a%u='' />", i * 100 + k, k),
			    &e);
		T_CALL(buf_puts(&b, "</a>", &e), &e);
		simple += compare(b.p, b.len);
	}
	T_EQ(simple, 39);
	buf_free(&b);
	teardown();
}

T_TEST(a_handler_that_fails_ends_it)
{
	struct err e = ERR_INIT;

	setup(NULL);
	quick.b.max = 100;
	buf_reset(&quick.b);
	xml_reset(quick.x, &quick);
	T_EQ(xml_scan(quick.x, made_full, strlen(made_full), &e), false);
	err_clear(&e);
	quick.b.max = BUF_MAX_DEFAULT;
	xml_reset(quick.x, &quick);
	T_CALL(xml_parse(quick.x, "<a/>", 4, &e), &e);
	teardown();
}

struct hunt {
	unsigned n, simple;
};

static int
hunt(void *arg, const struct package_record *rec, struct err *e)
{
	struct hunt *h = arg;

	(void)e;
	h->n++;
	h->simple += compare(rec->doc, rec->len);
	return 0;
}

T_TEST(genuine_documents_are_simple)
{
	struct hunt h = {.n = 0};

	setup(NULL);
	made_package(
	    "wsusexport/wsus-categories-2024-06-19.cab", true, hunt, &h);
	T_EQ(h.n, 4125);
	T_OK(h.simple > 4100);
	teardown();
}

T_MAIN
