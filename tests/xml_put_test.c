/* SPDX-License-Identifier: ISC */
/* What handlers ask of an element, and the writer's half. */
#include "formats/xml.h"

#include "lib/base/buf.h"
#include "tests/t.h"

struct prefixes {
	struct xml *x;
	struct buf seen;
};

static int
resolve(void *arg, const struct xml_elem *el, struct err *e)
{
	struct prefixes *p = arg;
	const char *a = xml_prefix(p->x, "p", 1), *d = xml_prefix(p->x, "", 0);

	return buf_printf(&p->seen, e, "%s:%s,%s;", el->name,
	    a != NULL ? a : "-", d != NULL ? d : "-");
}

T_TEST(prefixes_resolve_in_scope)
{
	static const struct xml_handler h = {resolve, resolve, NULL};
	static const char doc[] =
	    "<a xmlns:p='one'><b xmlns:p='two' xmlns='d'><c xmlns=''/></b>"
	    "</a>";
	struct prefixes p = {.seen = BUF_INIT};
	struct err e = ERR_INIT;

	xml_init();
	T_CALL(xml_open(&p.x, &h, &p, NULL, &e), &e);
	T_CALL(xml_parse(p.x, doc, sizeof(doc) - 1, &e), &e);
	T_STR(buf_str(&p.seen, &e),
	    "a:one,-;b:two,d;c:two,-;c:two,-;b:two,d;a:one,-;");
	xml_close(p.x);
	buf_free(&p.seen);
}

static int
find(void *arg, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a = xml_attr(el, "b");

	(void)e;
	*(bool *)arg = a != NULL && a->len == 1 && a->value[0] == '2';
	return 0;
}

T_TEST(an_attribute_is_found_by_name_without_namespace)
{
	static const struct xml_handler h = {find, NULL, NULL};
	static const char doc[] = "<a xmlns:p='u' p:b='1' b='2' bc='3'/>";
	struct err e = ERR_INIT;
	bool found = false;
	struct xml *x;

	xml_init();
	T_CALL(xml_open(&x, &h, &found, NULL, &e), &e);
	T_CALL(xml_parse(x, doc, sizeof(doc) - 1, &e), &e);
	T_OK(found);
	xml_close(x);
}

struct unique {
	const char *name, *ns, *attr;
};

static int
keep_names(void *arg, const struct xml_elem *el, struct err *e)
{
	struct unique *u = arg;

	(void)e;
	u->name = el->name;
	u->ns = el->ns;
	u->attr = el->attrs[0].name;
	return 0;
}

T_TEST(a_name_has_one_pointer_for_an_epoch)
{
	static const struct xml_handler h = {keep_names, NULL, NULL};
	struct xml_limits l = xml_default_limits;
	struct err e = ERR_INIT;
	struct unique u;
	unsigned epoch;
	struct xml *x;

	xml_init();
	l.max_names = 16 * 1000;
	T_CALL(xml_open(&x, &h, &u, &l, &e), &e);
	epoch = xml_epoch(x);
	T_OK(epoch != 0);
	T_CALL(xml_parse(x, "<p:a xmlns:p='u' b=''/>", 23, &e), &e);
	T_OK(u.name == xml_unique(x, "a"));
	T_OK(u.ns == xml_unique(x, "u"));
	T_OK(u.attr == xml_unique(x, "b"));
	xml_reset(x, &u);
	T_OK(xml_epoch(x) != epoch);
	xml_close(x);
}

static const char awkward[] = "&<>\"'\r\n\t \xc3\xa9\xf0\x9f\x98\x80]]>";

T_TEST(the_writer_escapes)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(xml_put_text(&b, awkward, sizeof(awkward) - 1, &e), &e);
	T_CALL(xml_put_attr(&b, "a", awkward, sizeof(awkward) - 1, &e), &e);
	T_STR(buf_str(&b, &e),
	    "&amp;&lt;&gt;\"'&#xD;\n\t \xc3\xa9\xf0\x9f\x98\x80]]&gt;"
	    " a=\"&amp;&lt;&gt;&quot;'&#xD;&#xA;&#x9; \xc3\xa9\xf0\x9f\x98\x80"
	    "]]&gt;\"");
	buf_free(&b);
}

static int
keep_attr(void *arg, const struct xml_elem *el, struct err *e)
{
	return buf_put(arg, el->attrs[0].value, el->attrs[0].len, e);
}

static int
keep_text(void *arg, const char *p, size_t n, struct err *e)
{
	return buf_put(arg, p, n, e);
}

T_TEST(what_was_written_is_read_back)
{
	static const struct xml_handler h = {keep_attr, NULL, keep_text};
	struct buf b = BUF_INIT, seen = BUF_INIT;
	struct err e = ERR_INIT;
	size_t n = sizeof(awkward) - 1;
	struct xml *x;

	xml_init();
	T_CALL(buf_puts(&b, "<r", &e), &e);
	T_CALL(xml_put_attr(&b, "a", awkward, n, &e), &e);
	T_CALL(buf_puts(&b, ">", &e), &e);
	T_CALL(xml_put_text(&b, awkward, n, &e), &e);
	T_CALL(buf_puts(&b, "</r>", &e), &e);
	T_CALL(xml_open(&x, &h, &seen, NULL, &e), &e);
	T_CALL(xml_parse(x, b.p, b.len, &e), &e);
	T_EQ(seen.len, 2 * n);
	T_MEM(seen.p, awkward, n);
	T_MEM(seen.p + n, awkward, n);
	xml_close(x);
	buf_free(&b);
	buf_free(&seen);
}

T_TEST(the_writer_refuses_what_xml_cannot_hold)
{
	static const struct {
		const char *s;
		size_t n;
	} rows[] = {{"ab\x01", 3}, {"ab\x00", 3}, {"ab\xff", 3},
	    {"ab\xe2\x82", 4}, {"ab\xed\xa0\x80", 5}, {"ab\xef\xbf\xbf", 5},
	    {"ab\xef\xbf\xbe", 5}};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		T_EQ(xml_put_text(&b, rows[i].s, rows[i].n, &e), -1);
		T_EQ(e.kind, E_FORMAT);
		T_EQ(e.at, 2);
		err_clear(&e);
		T_FAILS(xml_put_attr(&b, "a", rows[i].s, rows[i].n, &e), &e,
		    E_FORMAT, "not a character of XML");
	}
	T_CALL(xml_put_text(&b, "\x7f\xef\xbf\xbd", 4, &e), &e);
	buf_free(&b);
}

T_MAIN
