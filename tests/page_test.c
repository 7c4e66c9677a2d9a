/* SPDX-License-Identifier: ISC */
/* Pages for people: what strangers' text becomes, and what an update's says. */
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/serve/serve_priv.h"
#include "lib/store/store.h"
#include "lib/view/find.h"
#include "lib/view/page.h"
#include "lib/view/page_transfers.h"
#include "lib/view/page_updates.h"
#include "lib/view/show.h"
#include "lib/view/status.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static struct err fault;

static const char *
text(struct page *p)
{
	T_CALL(page_end(p), &fault);
	return buf_str(&p->out, &fault);
}

T_TEST(no_text_of_a_stranger_means_anything_in_html)
{
	static const struct {
		const char *text, *html;
	} rows[] = {
	    {"plain", "plain"},
	    {"<script>", "&#60;script&#62;"},
	    {"\"><b>'&amp;", "&#34;&#62;&#60;b&#62;&#39;&#38;amp;"},
	    {"a\nb\tc\x01"
	     "d\x7f",
		"a b c d "},
	    {"\xc3\xbc", "\xc3\xbc"},
	    {"", ""},
	};
	struct page p;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		page_init(&p, "", &fault);
		page_text(&p, rows[i].text);
		T_STR(text(&p), rows[i].html);
		page_free(&p);
	}
	page_init(&p, "", &fault);
	page_query(&p, "a b+c&d=\"\xc3\xbc");
	T_STR(text(&p), "a%20b%2Bc%26d%3D%22%C3%BC");
	page_free(&p);
}

T_TEST(words_are_marked_in_either_case_and_escaped)
{
	static const char *const words[] = {"elm", "elmo", "<b"};
	struct page p;

	page_init(&p, "", &fault);
	page_marked(&p, "Elm, ELMOS <B>", words, 3);
	T_STR(text(&p),
	    "<mark>Elm</mark>, <mark>ELMO</mark>S <mark>&#60;B</mark>&#62;");
	page_free(&p);
}

T_TEST(a_page_that_grows_too_long_is_an_error_once)
{
	struct err e = ERR_INIT;
	struct page p;

	page_init(&p, "", &e);
	p.out.max = 10;
	page_put(&p, "0123456789");
	page_put(&p, "x");
	page_text(&p, "y");
	T_EQ(page_end(&p), -1);
	T_EQ(e.kind, E_LIMIT);
	page_free(&p);
}

T_TEST(a_name_in_a_command_is_a_name_and_nothing_more)
{
	static const struct {
		const char *name, *saved;
	} rows[] = {{"windows10.0-kb1_x64.msu", "windows10.0-kb1_x64.msu"},
	    {"a b.msu", NULL}, {"a;reboot.msu", NULL}, {"$(id).msu", NULL},
	    {"`id`.msu", NULL}, {"a&calc.msu", NULL}, {"a|b.msu", NULL},
	    {"-o.msu", NULL}, {".profile", NULL}, {"..", NULL},
	    {"../../etc/x.msu", NULL}, {"a\\b.msu", NULL}, {"%PATH%.msu", NULL},
	    {"a\"b.msu", NULL}, {"a'b.msu", NULL}, {"a\nb.msu", NULL},
	    {"\xc3\xbc.msu", NULL}, {"", NULL}};
	char name[SHOW_NAME_MAX], long_name[SHOW_NAME_MAX + 1];
	struct store_file f = {.ext = "msu"};
	size_t i;

	memset(f.sha1, 0xab, SHA1_LEN);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		f.name = rows[i].name;
		show_name(name, &f);
		T_STR(name,
		    rows[i].saved != NULL
			? rows[i].saved
			: "ABABABABABABABABABABABABABABABABABABABAB.msu");
	}
	memset(long_name, 'a', SHOW_NAME_MAX);
	long_name[SHOW_NAME_MAX] = '\0';
	f.name = long_name;
	show_name(name, &f);
	T_EQ(strlen(name), 44);
}

T_TEST(gzip_is_for_who_takes_it)
{
	static const struct {
		const char *accepts; /* lines, a newline between them */
		bool takes;
	} rows[] = {{"gzip", true}, {"gzip, deflate, br", true},
	    {"br, GZIP", true}, {"deflate", false}, {"", false},
	    {"identity", false}, {"gzip;q=0", false}, {"gzip; q=0.000", false},
	    {"gzip;q=0.5", true}, {"gzip ; q=1.0, *;q=0", true}, {"*", true},
	    {"*;q=0", false}, {"x-gzip", true}, {"gzipped", false},
	    {",,gzip", true}, {"gzi", false},
	    /* 12.5.3: what is named counts, wherever it stands. */
	    {"*;q=0, gzip", true}, {"*, gzip;q=0", false},
	    {"gzip;q=0, *", false}, {"*;q=0.001", true},
	    {"*;q=0,gzip;q=0.001", true}, {"gzip;q=0, x-gzip", true},
	    /* The higher weight; nothing said of it is no wish for it. */
	    {"identity, gzip;q=0.5", false},
	    {"gzip;q=0.5, identity;q=0.4", true},
	    {"identity;q=0.5, gzip;q=0.5", true},
	    {"identity;q=0.5, *;q=0.4", false},
	    {"identity;q=0, gzip;q=0", false}, {"identity;q=0", false},
	    {"br;q=1.0, gzip;q=0.8, *;q=0.1", true},
	    /* 12.4.2: the grammar of a weight; plain where it is broken. */
	    {"gzip;q=1.000", true}, {"gzip;Q=1", true}, {"gzip\t;\tq=1", true},
	    {"gzip;q=0.", false}, {"gzip;q=1.", true}, {"gzip;q=1.001", false},
	    {"gzip;q=2", false}, {"gzip;q=0.0001", false}, {"gzip;q=", false},
	    {"gzip;q", false}, {"gzip;", false}, {"gzip;q=.5", false},
	    {"gzip;q=0,5", false}, {"gzip;q=-1", false}, {"gzip;q=1e0", false},
	    {"gzip;q=0x1", false}, {"gzip;p=1", false}, {"gzip q=1", false},
	    {"gzip;q=1;q=0", false}, {"gzip;q=0.5 ", true},
	    /* Several lines are one list, 5.3. */
	    {"br\ngzip", true}, {"gzip;q=0\n*", false}, {"\n\ngzip", true},
	    {"gz\nip", false}};
	struct serve_coding c;
	const char *p;
	size_t i, n;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		c = (struct serve_coding)SERVE_CODING_INIT;
		for (p = rows[i].accepts;; p += n + 1) {
			n = strcspn(p, "\n");
			serve_coding_add(&c, p, n);
			if (p[n] == '\0')
				break;
		}
		if (serve_coding_gzip(&c) != rows[i].takes)
			t_fail(__FILE__, __LINE__, "'%s'", rows[i].accepts);
	}
}

/* 10 bundles 11, is superseded by 12, needs two categories, one of 30 and 31,
   and 40; of these only 30 is held. */
static struct store *
related(const char *dir)
{
	struct store *s = make_begun(dir);
	struct make m;

	make_fill(s);
	make_update(&m, 30, 1);
	make_put_ok(s, &m);
	make_update(&m, 12, 1);
	m.u.title = "<i>twelve</i>";
	m.superseded[m.u.nsuperseded++] = make_guid(10);
	m.superseded[m.u.nsuperseded++] = make_guid(50);
	make_needs(&m, 3, 30);
	make_needs(&m, 3, 31);
	make_needs(&m, 0, 40);
	(void)make_file(&m, "<&>", "\"><script>.msu");
	make_put_ok(s, &m);
	make_here(s, dir, "<&>", "msu");
	make_commit(s);
	return s;
}

static const char *
page_of(struct store *s, unsigned id)
{
	static struct page p;
	struct content c = CONTENT_INIT;
	struct guid guid = make_guid(id);
	struct err e = ERR_INIT;
	struct show x;

	page_free(&p);
	T_CALL(store_begin(s, &e), &e);
	T_EQ(show_open(&x, s, &c, &guid, &e), 1);
	x.url = "http://host:1/";
	page_init(&p, "../", &fault);
	show_page(&p, &x);
	show_free(&x);
	content_close(&c);
	store_rollback(s);
	return text(&p);
}

static void
holds(const char *page, const char *what)
{
	if (strstr(page, what) == NULL)
		t_fail(__FILE__, __LINE__, "no '%s' in: %s", what, page);
}

T_TEST(an_update_s_page_says_what_it_has_to_do_with_others)
{
	struct store *s = related(t_tmpdir());
	const char *page = page_of(s, 10);

	holds(page, "<h1>update 10 <span class=\"tag warn\">superseded</span>");
	holds(page, "<h2>Superseded by</h2>");
	holds(page, ">&#60;i&#62;twelve&#60;/i&#62;</a>");
	holds(page, "<h2>Consists of</h2>");
	holds(page, ">update 11</a>");
	holds(page, "<dd>KB5000001 KB5000002</dd>");
	holds(page, "<span class=\"tag bad\">absent</span>");
	holds(page, "SHA-1 <code>");
	holds(page, "Came with</dt><dd><a href=\"../transfer/1\">");
	page = page_of(s, 11);
	holds(page, "<h2>Part of</h2>");
	holds(page, ">update 10</a>");
	page = page_of(s, 12);
	holds(page, "<h2>Supersedes</h2>");
	holds(page, "<span class=\"tag bad\">not held</span>");
	holds(page, "<li>one of: <a href=");
	holds(page, "<li>or <code>");
	holds(page, "/Content/");
	T_OK(strstr(page, "<script") == NULL);
	holds(page, "curl -C - -o BB3E");
	holds(page, " http://host:1/Content/");
	holds(page, ".msu\nwusa BB3E");
	store_close(s);
}

/* Titles of updates and of categories, KB numbers, severities: whatever a
   document says. */
T_TEST(a_list_of_hostile_updates_is_harmless)
{
	static const char hostile[] = "<script>\"'&\x1b[31m</script>";
	struct store *s = make_begun(t_tmpdir());
	struct err e = ERR_INIT;
	struct find_ask ask = {.nwords = 0};
	struct find_hit hits[PAGE_UPDATES_MAX];
	struct page_updates u = {
	    .store = s, .ask = &ask, .hits = hits, .number = 1, .pages = 1};
	const struct page_head head = {
	    .title = hostile, .site = "here", .status = hostile};
	struct find *f = NULL;
	struct make m;
	struct page p;
	const char *html, *at;

	make_category(&m, 1, CATEGORY_PRODUCT);
	m.u.title = hostile;
	make_put_ok(s, &m);
	make_update(&m, 2, 1);
	m.u.title = hostile;
	m.u.severity = hostile;
	m.u.created = hostile;
	m.kbs[m.u.nkbs++] = "<b>";
	make_needs(&m, 1, 1);
	make_put_ok(s, &m);
	make_commit(s);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(find_make(&f, s, NULL, &e), &e);
	T_OK(find_words(&ask, "<SCRIPT> \"'"));
	T_CALL(find_search(f, &ask, 0, 100, hits, &u.nhits, &u.found, &e), &e);
	T_EQ(u.nhits, 1);
	u.find = f;
	page_init(&p, "", &fault);
	page_begin(&p, &head);
	page_updates(&p, &u);
	page_finish(&p);
	html = text(&p);
	T_OK(strstr(html, "<script") == NULL && strstr(html, "<b>") == NULL);
	T_OK(strchr(html, '\x1b') == NULL);
	at = strstr(html, "name=\"q\"");
	T_OK(at != NULL &&
	    strstr(at, "value=\"&#60;SCRIPT&#62; &#34;&#39;\"") != NULL);
	page_free(&p);
	find_free(f);
	store_rollback(s);
	store_close(s);
}

T_TEST(the_state_of_all_is_one_line)
{
	struct store *s = related(t_tmpdir());
	struct err e = ERR_INIT;
	struct status t;
	struct lacking l;
	char line[STATUS_LINE_MAX];

	T_CALL(store_begin(s, &e), &e);
	T_CALL(lacking_count(s, NULL, &l, &e), &e);
	T_CALL(status_read(&t, s, &l, &e), &e);
	t.imported = false;
	status_line(line, &t);
	T_OK(strncmp(line, "No update is held. Lacking: 1 file absent", 40) ==
	    0);
	snprintf(t.newest, sizeof(t.newest), "2026-11-10");
	t.imported = true;
	t.import = (struct ledger_row){
	    .kind = LEDGER_IMPORT, .sequence = 3, .site = "north"};
	t.fetched = 86400;
	t.lacking = (struct lacking){.files = 0};
	status_line(line, &t);
	T_STR(line,
	    "Newest release held: 2026-11-10. Last import: north-000003 on "
	    "1970-01-01. Last fetch: 1970-01-02. Nothing is lacking.");
	store_rollback(s);
	store_close(s);
}

T_MAIN
