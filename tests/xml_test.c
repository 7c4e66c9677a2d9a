/* SPDX-License-Identifier: ISC */
#include "formats/xml.h"

#include <sys/resource.h>

#include "lib/base/buf.h"
#include "tests/t.h"

/* Events as text: (name{ns} @attr=value  for a start, "text", ) for an end. */
struct trace {
	struct buf b;
	struct xml *x;
	unsigned fail_at, events; /* fail at this event, from 1 */
	bool in_text;
};

static int
count(struct trace *t, struct err *e)
{
	if (++t->events == t->fail_at)
		return err_set(e, E_FORMAT, "not wanted");
	return 0;
}

static int
put_ns(struct trace *t, const char *ns, struct err *e)
{
	return ns == NULL ? 0 : buf_printf(&t->b, e, "{%s}", ns);
}

static int
start(void *arg, const struct xml_elem *el, struct err *e)
{
	struct trace *t = arg;
	size_t i;

	t->in_text = false;
	if (count(t, e) == -1 ||
	    buf_printf(&t->b, e, "(%u%s", el->depth, el->name) == -1 ||
	    put_ns(t, el->ns, e) == -1)
		return -1;
	for (i = 0; i < el->nattrs; i++)
		if (buf_printf(&t->b, e, "@%s", el->attrs[i].name) == -1 ||
		    put_ns(t, el->attrs[i].ns, e) == -1 ||
		    buf_printf(&t->b, e, "=%.*s", (int)el->attrs[i].len,
			el->attrs[i].value) == -1)
			return -1;
	return 0;
}

static int
end(void *arg, const struct xml_elem *el, struct err *e)
{
	struct trace *t = arg;

	t->in_text = false;
	if (count(t, e) == -1)
		return -1;
	return buf_printf(&t->b, e, ")%u%s", el->depth, el->name);
}

static int
text(void *arg, const char *p, size_t n, struct err *e)
{
	struct trace *t = arg;

	if (!t->in_text && (count(t, e) == -1 || buf_puts(&t->b, "'", e) == -1))
		return -1;
	t->in_text = true;
	return buf_put(&t->b, p, n, e);
}

static const struct xml_handler tracer = {start, end, text};

/* step 0: in one by xml_parse(). */
static int
parse(struct trace *t, const void *doc, size_t n, size_t step,
    const struct xml_limits *lim, struct err *e)
{
	const char *p = doc;
	size_t i, len;
	int r = -1;

	xml_init();
	buf_reset(&t->b);
	t->events = 0;
	t->in_text = false;
	T_CALL(xml_open(&t->x, &tracer, t, lim, e), e);
	if (step == 0) {
		r = xml_parse(t->x, doc, n, e);
		goto out;
	}
	for (i = 0; i < n; i += len) {
		len = step < n - i ? step : n - i;
		if (xml_push(t->x, p + i, len, e) == -1)
			goto out;
	}
	r = xml_finish(t->x, e);
out:
	xml_close(t->x);
	return r;
}

static const size_t steps[] = {0, 1, 2, 3, 7, 64, 100000};
#define NSTEPS (sizeof(steps) / sizeof(*steps))

static void
gives(const char *doc, const char *events)
{
	struct trace t = {.b = BUF_INIT};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < NSTEPS; i++) {
		T_CALL(parse(&t, doc, strlen(doc), steps[i], NULL, &e), &e);
		T_STR(buf_str(&t.b, &e), events);
		err_clear(&e);
	}
	buf_free(&t.b);
}

static const char good[] =
    "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
    "<!-- c --><?pi x?><p:r xmlns:p='urn:p' xmlns='urn:d' a='1' p:b='&lt;2'>"
    "t&amp;&#65;&#x1F600;\xf0\x9f\x98\x80<e/><![CDATA[<raw>]]>"
    "<x xmlns=''>\r\n</x></p:r>\n";

T_TEST(events_of_a_small_document)
{
	gives(good,
	    "(1r{urn:p}@a=1@b{urn:p}=<2't&A\xf0\x9f\x98\x80\xf0\x9f\x98"
	    "\x80(2e{urn:d})2e'<raw>(2x'\n)2x)1r");
}

T_TEST(attribute_values_are_normalized_as_xml_says)
{
	gives("<a b='x\ty\nz' c='&#10;&quot;&apos;&gt;&amp;lt;&#38;' d=''/>",
	    "(1a@b=x y z@c=\n\"'>&lt;&@d=)1a");
}

T_TEST(every_truncation_is_an_error)
{
	struct trace t = {.b = BUF_INIT};
	struct err e = ERR_INIT;
	size_t n, i;

	for (n = 0; n < sizeof(good) - 2; n++)
		for (i = 0; i < NSTEPS; i++) {
			T_EQ(parse(&t, good, n, steps[i], NULL, &e), -1);
			T_EQ(e.kind, E_FORMAT);
			T_OK(e.at <= n);
			err_clear(&e);
		}
	buf_free(&t.b);
}

struct bad {
	const char *doc;
	uint64_t at;
	const char *text;
};

static const struct bad bads[] = {
    {"", 0, "no element in it"},
    {"   ", 3, "no element in it"},
    {"<!-- only -->", 13, "no element in it"},
    {"x<a/>", 0, "line 1: "},
    {"<a>", 3, "cut short in an element of depth 1"},
    {"<a><b>", 6, "cut short in an element of depth 2"},
    {"<a><b></a>", 10, "line 1: Opening and ending tag mismatch: b"},
    {"<a/><b/>", 4, "line 1: Extra content"},
    {"<a b='1' b='2'/>", 14, "Attribute b redefined"},
    {"<p:a/>", 4, "Namespace prefix p on a is not defined"},
    {"<a p:b='1'/>", 10, "Namespace prefix p for b on a is not defined"},
    {"<a>&e;</a>", 6, "Entity 'e' not defined"},
    {"<a b='&e;'/>", 9, "Entity 'e' not defined"},
    {"<a>&#0;</a>", 7, "line 1: xmlParseCharRef"},
    {"<a>&lt</a>", 6, "line 1: EntityRef"},
    {"<a>\n\x01</a>", 4, "line 2: PCDATA invalid Char value 1"},
    {"<a b='<'/>", 6, "line 1: Unescaped '<'"},
    {"<!DOCTYPE a><a/>", 0, "DOCTYPE"},
    {"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", 0, "DOCTYPE"},
    {"<!DOCTYPE a SYSTEM 'http://127.0.0.1/x.dtd'><a/>", 0, "DOCTYPE"},
    {"<!-- <!DOCTYPE --> <!DOCTYPE a>", 19, "DOCTYPE"},
    {"<!DOCTYPE a [ <!ENTITY", 0, "DOCTYPE"},
    {"<?xml version='1.0' encoding='iso-8859-1'?><a/>", 0,
	"encoding 'iso-8859-1', expected UTF-8"},
    {"<?xml version='1.0' encoding='UTF-16'?><a/>", 37, "UTF-16"},
    {"<?xml version='1.0' encoding='none-such'?><a/>", 40, "none-such"},
    {"<a>\xff</a>", 3, "byte 0xff: not UTF-8"},
    {"<a>\xc0\x80</a>", 3, "byte 0xc0: not UTF-8"},
    {"<a>\xed\xa0\x80</a>", 3, "byte 0xed: not UTF-8"},
    {"<a b='\xe2\x82'/>", 6, "byte 0xe2: not UTF-8"},
    {"<a/>\xe2\x82", 4, "byte 0xe2: not UTF-8"},
    {"<a>\xef\xbf\xbe</a>", 3, "line 1: Char 0xFFFE out of allowed range"},
    {"\xff\xfe<\0a\0/\0>\0", 0, "byte 0xff: not UTF-8"},
};

T_TEST(every_rejection_has_a_place_and_a_message)
{
	struct trace t = {.b = BUF_INIT};
	struct err e = ERR_INIT;
	const struct bad *b = bads;
	size_t i;

	for (; b < bads + sizeof(bads) / sizeof(*bads); b++) {
		for (i = 0; i < NSTEPS; i++) {
			T_EQ(parse(&t, b->doc, strlen(b->doc), steps[i], NULL,
				 &e),
			    -1);
			if (e.kind != E_FORMAT ||
			    strstr(e.msg, b->text) == NULL || e.at != b->at)
				t_fail(__FILE__, __LINE__,
				    "'%s' in steps of %zu: at %" PRIu64
				    " '%s', not at %" PRIu64 " '%s'",
				    b->doc, steps[i], e.at, e.msg, b->at,
				    b->text);
			err_clear(&e);
		}
	}
	buf_free(&t.b);
}

T_TEST(a_nul_byte_is_refused)
{
	struct trace t = {.b = BUF_INIT};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < NSTEPS; i++) {
		T_EQ(parse(&t, "<a>b\0c</a>", 10, steps[i], NULL, &e), -1);
		T_EQ(e.kind, E_FORMAT);
		err_clear(&e);
		T_EQ(parse(&t, "<\0a\0/\0>\0", 8, steps[i], NULL, &e), -1);
		T_EQ(e.kind, E_FORMAT);
		err_clear(&e);
	}
	buf_free(&t.b);
}

T_TEST(a_doctype_is_refused_before_its_end_was_seen)
{
	struct trace t = {.b = BUF_INIT};
	struct err e = ERR_INIT;

	xml_init();
	T_CALL(xml_open(&t.x, &tracer, &t, NULL, &e), &e);
	T_CALL(xml_push(t.x, "<!DOCTYP", 8, &e), &e);
	T_FAILS(xml_push(t.x, "E", 1, &e), &e, E_FORMAT, "DOCTYPE");
	T_FAILS(xml_push(t.x, " a>", 3, &e), &e, E_FORMAT, "refused before");
	T_FAILS(xml_finish(t.x, &e), &e, E_FORMAT, "refused before");
	xml_close(t.x);
	buf_free(&t.b);
}

/* Seven events; each is refused once, and no other follows. */
T_TEST(what_a_handler_fails_with_comes_out_with_its_place)
{
	static const char doc[] = "<a b='1'>text<c d='2'/>more</a>";
	static const uint64_t at[] = {0, 13, 13, 13, 27, 27, 27};
	struct trace t = {.b = BUF_INIT};
	struct err e = ERR_INIT;
	unsigned i;
	size_t s;

	for (s = 0; s < NSTEPS; s++)
		for (i = 1; i <= 6; i++) {
			t.fail_at = i;
			T_FAILS(
			    parse(&t, doc, sizeof(doc) - 1, steps[s], NULL, &e),
			    &e, E_FORMAT, "not wanted");
			T_EQ(t.events, i);
		}
	for (i = 1; i <= 6; i++) {
		t.fail_at = i;
		T_EQ(parse(&t, doc, sizeof(doc) - 1, 0, NULL, &e), -1);
		if (i != 2 && i != 5)
			T_EQ(e.at, at[i - 1]);
		err_clear(&e);
	}
	buf_free(&t.b);
}

static void
passes(const char *doc, const struct xml_limits *lim, const char *message)
{
	struct trace t = {.b = BUF_INIT};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < NSTEPS; i++) {
		if (message == NULL)
			T_CALL(
			    parse(&t, doc, strlen(doc), steps[i], lim, &e), &e);
		else
			T_FAILS(parse(&t, doc, strlen(doc), steps[i], lim, &e),
			    &e, E_LIMIT, message);
		err_clear(&e);
	}
	buf_free(&t.b);
}

T_TEST(limits_hold_at_their_edge)
{
	struct xml_limits l = xml_default_limits;

	l.max_depth = 2;
	passes("<a><b/></a>", &l, NULL);
	passes("<a><b><c/></b></a>", &l, "deeper than 2");
	l.max_attrs = 2;
	passes("<a b='' c=''/>", &l, NULL);
	passes("<a b='' c='' d=''/>", &l, "3 attributes, at most 2");
	passes("<a xmlns:b='u' xmlns:c='v' d=''/>", &l, "3 attributes");
	l.max_attr_bytes = 3;
	passes("<a b='123'/>", &l, NULL);
	passes("<a b='1234'/>", &l, "attribute b: 4 bytes, at most 3");
	l.max_text = 5;
	passes("<a>12345<b>12345</b>12345</a>", &l, NULL);
	passes("<a>123456</a>", &l, "text of more than 5 bytes");
	passes("<a>12<!-- -->34<![CDATA[56]]></a>", &l, "text of more");
	l = xml_default_limits;
	l.max_ns = 2;
	passes("<a xmlns='u'><b xmlns='v'/><c xmlns='w'/></a>", &l, NULL);
	passes("<a xmlns='u'><b xmlns='v' xmlns:p='w'/></a>", &l,
	    "3 namespaces in scope, at most 2");
}

/* Markup that never ends must not be held for ever. */
static void
endless(const char *begin, const char *more, const char *message)
{
	struct xml_limits l = xml_default_limits;
	struct trace t = {.b = BUF_INIT_MAX(1 << 16)};
	struct err e = ERR_INIT;
	int i, r = 0;

	xml_init();
	l.max_markup = 100000;
	l.max_text = 1000000;
	l.max_attr_bytes = 1000000;
	T_CALL(xml_open(&t.x, &tracer, &t, &l, &e), &e);
	r = xml_push(t.x, begin, strlen(begin), &e);
	for (i = 0; i < 50000 && r == 0; i++)
		r = xml_push(t.x, more, strlen(more), &e);
	T_FAILS(r, &e, E_LIMIT, message);
	T_OK(i < 50000);
	xml_close(t.x);
	buf_free(&t.b);
}

T_TEST(what_never_ends_meets_a_limit)
{
	endless(
	    "<a b='", "123456789012345678901234567890123", "markup of more");
	endless(
	    "<a ", "                                    ", "markup of more");
	endless("<!--", "123456789012345678901234567890123", "markup of more");
	endless("<?pi ", "12345678901234567890123456789012", "markup of more");
	endless(
	    "<a></a", "                                 ", "markup of more");
	endless("<a>&", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "markup of more");
	endless("<aaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "markup of more");
}

T_TEST(names_without_end_meet_a_limit_and_are_forgotten)
{
	struct xml_limits l = xml_default_limits;
	struct trace t = {.b = BUF_INIT};
	struct err e = ERR_INIT;
	struct buf doc = BUF_INIT;
	int i;

	xml_init();
	l.max_names = 100000;
	T_CALL(buf_puts(&doc, "<a>", &e), &e);
	for (i = 0; i < 20000; i++)
		T_CALL(buf_printf(&doc, &e, "<n%d/>", i), &e);
	T_CALL(buf_puts(&doc, "</a>", &e), &e);
	T_CALL(xml_open(
		   &t.x, &(struct xml_handler){NULL, NULL, NULL}, NULL, &l, &e),
	    &e);
	T_FAILS(xml_parse(t.x, doc.p, doc.len, &e), &e, E_LIMIT,
	    "different names of more than 100000 bytes");
	xml_reset(t.x, NULL);
	T_CALL(xml_parse(t.x, good, sizeof(good) - 1, &e), &e);
	xml_close(t.x);
	buf_free(&doc);
}

T_TEST(a_parser_is_as_new_after_a_reset)
{
	struct trace t = {.b = BUF_INIT}, other = {.b = BUF_INIT};
	struct err e = ERR_INIT;
	size_t i;

	xml_init();
	T_CALL(xml_open(&t.x, &tracer, &t, NULL, &e), &e);
	for (i = 0; i < sizeof(bads) / sizeof(*bads); i++) {
		(void)xml_push(t.x, bads[i].doc, strlen(bads[i].doc), &e);
		err_clear(&e);
		xml_reset(t.x, &other);
		buf_reset(&other.b);
		T_CALL(
		    xml_push(t.x, "<?xml version='1.0'?><a>x</a>", 29, &e), &e);
		T_CALL(xml_finish(t.x, &e), &e);
		T_FAILS(
		    xml_push(t.x, " ", 1, &e), &e, E_FORMAT, "finished before");
		T_STR(buf_str(&other.b, &e), "(1a'x)1a");
		xml_reset(t.x, &t);
	}
	xml_close(t.x);
	xml_close(NULL);
	buf_free(&t.b);
	buf_free(&other.b);
}

static int
count_text(void *arg, const char *p, size_t n, struct err *e)
{
	(void)p;
	(void)e;
	*(uint64_t *)arg += n;
	return 0;
}

static long
peak_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

/* 60 MB of text, plain and CDATA, through a few hundred KB of memory. */
static void
streams(const char *open, const char *close)
{
	static const struct xml_handler h = {NULL, NULL, count_text};
	static char block[60000];
	struct err e = ERR_INIT;
	uint64_t n = 0;
	struct xml *x;
	long before;
	int i;

	xml_init();
	memset(block, 'x', sizeof(block));
	before = peak_kib();
	T_CALL(xml_open(&x, &h, &n, NULL, &e), &e);
	T_CALL(xml_push(x, open, strlen(open), &e), &e);
	for (i = 0; i < 1000; i++)
		T_CALL(xml_push(x, block, sizeof(block), &e), &e);
	T_CALL(xml_push(x, close, strlen(close), &e), &e);
	T_CALL(xml_finish(x, &e), &e);
	T_EQ(n, 60000000);
	T_OK(peak_kib() - before < 8192);
	xml_close(x);
}

T_TEST(text_without_end_streams)
{
	streams("<a>", "</a>");
	streams("<a><![CDATA[", "]]></a>");
}

T_MAIN
