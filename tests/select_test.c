/* SPDX-License-Identifier: ISC */
#include "lib/offer/select.h"

#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/log.h"
#include "lib/store/store.h"
#include "tests/choose_make.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

/* make_guid(103), of 104, of 900; of none held. */
#define ID103 "abe30000-0000-0000-0000-000000000067"
#define ID104 "ab080000-0000-0000-0000-000000000068"
#define EULA "ab140000-0000-0000-0000-000000000384"
#define NOBODY "00000000-0000-0000-0000-000000000999"
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/*
 * 100 and 101: Windows 11, security; 101 is x64, supersedes 100; 102: Windows
 * 11, definitions; 103: Windows 10, security; 104: a bundle's part; 105: Windows
 * 11, security, expired.  KB numbers are 5000 and theirs.
 */
static void
put(struct store *s, unsigned id, const char *title, unsigned product,
    unsigned classification)
{
	static char kbs[8][16];
	struct make m;

	choose_offer(&m, id, title, product, classification);
	snprintf(kbs[id - 100], sizeof(kbs[0]), "%u", 5000 + id);
	m.kbs[m.u.nkbs++] = kbs[id - 100];
	if (id == 101)
		m.superseded[m.u.nsuperseded++] = make_guid(100);
	m.u.deployable = id != 104;
	m.u.expired = id == 105;
	if (id == 103) {
		m.u.has_eula = true;
		m.u.eula = make_guid(900);
	}
	make_put_ok(s, &m);
}

static struct store *
catalogue(void)
{
	struct store *s = choose_store();

	put(s, 100, "January for Windows 11", CM_WIN11, CM_SECURITY);
	put(s, 101, "February for Windows 11 x64", CM_WIN11, CM_SECURITY);
	put(s, 102, "Definitions", CM_WIN11, CM_DEFINITIONS);
	put(s, 103, "January for Windows 10", CM_WIN10, CM_SECURITY);
	put(s, 104, "A part", CM_WIN11, CM_SECURITY);
	put(s, 105, "Withdrawn", CM_WIN11, CM_SECURITY);
	return s;
}

/* --- a ring file applied --- */

static const char *
folder(void)
{
	static const char *dir;

	return dir != NULL ? dir : (dir = t_tmpdir());
}

struct applying {
	struct rings rings;
	struct select_how how;
	struct select s;
	char path[512];
};

static int
apply(void *arg, struct err *e)
{
	struct applying *a = arg;

	return select_open(&a->s, &a->how, e);
}

static uint32_t
place(const struct facts *f, unsigned id)
{
	struct guid g = make_guid(id);

	return facts_find(f, &g);
}

/* What the upstream says of it: "+100@86401". */
static void
print_upstream(struct buf *b, const struct decide_ring *r, uint32_t u,
    unsigned id, struct err *e)
{
	static const char *const words[] = {"-", "+", "?", "!"};
	const struct decide_upstream *up;

	for (up = r->upstream; up < r->upstream + r->nupstream; up++) {
		if (up > r->upstream)
			T_OK(up[-1].update < up->update);
		if (up->update != u)
			continue;
		T_CALL(buf_printf(b, e, " %s%u",
			   up->declined ? "x" : words[up->action], id),
		    e);
		if (up->has_by)
			T_CALL(buf_printf(b, e, "@%jd", (intmax_t)up->by), e);
	}
}

static void
print_ring(struct buf *b, const struct decide_ring *r, const struct facts *f,
    struct err *e)
{
	unsigned id;
	uint32_t u;

	T_CALL(buf_printf(b, e, "%s:", r->ring->name), e);
	for (id = 100; id <= 105; id++) {
		u = place(f, id);
		if (r->selected != NULL &&
		    (r->selected[u / 8] & 1u << u % 8) != 0)
			T_CALL(buf_printf(b, e, " %u", id), e);
	}
	if (r->selected == NULL)
		T_CALL(buf_puts(b, " nothing", e), e);
	for (id = 100; r->nupstream > 0 && id <= 105; id++)
		print_upstream(b, r, place(f, id), id, e);
	T_CALL(buf_puts(b, "\n", e), e);
}

static uint8_t lists_hash[BLAKE_LEN]; /* of the last call */

/* "a: 100 101\n" for each ring, or why not; what was said is in choose_said. */
static const char *
selects(struct store *s, const char *text)
{
	static char out[4096];
	struct log log = LOG_INIT;
	struct applying a = {.rings = RINGS_INIT, .s = SELECT_INIT};
	struct facts f = FACTS_INIT;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	size_t i;

	log.prog = "t";
	snprintf(a.path, sizeof(a.path), "%s/rings.conf", folder());
	a.how = (struct select_how){.store = s,
	    .facts = &f,
	    .rings = &a.rings,
	    .path = a.path,
	    .now = CHOOSE_NOW,
	    .log = &log};
	T_CALL(rings_read(&a.rings, text, strlen(text), &e), &e);
	T_CALL(facts_load(&f, s, &e), &e);
	if (choose_quietly(apply, &a, &e) == -1) {
		T_CALL(buf_printf(
			   &b, &(struct err)ERR_INIT, "%u %s", e.kind, e.msg),
		    &e);
	} else {
		memcpy(lists_hash, a.s.lists_hash, sizeof(lists_hash));
		for (i = 0; i < a.s.n; i++)
			print_ring(&b, &a.s.v[i], &f, &e);
	}
	snprintf(out, sizeof(out), "%.*s", (int)b.len, (char *)b.p);
	buf_free(&b);
	select_close(&a.s);
	facts_free(&f);
	rings_free(&a.rings);
	return out;
}

/* --- keys --- */

static const struct {
	const char *lines, *want;
} keys[] = {
    {"", "nothing"},
    {"product = Windows 11", "100 101 102"},
    {"product = Windows 11\nclassification = Security Updates", "100 101"},
    {"product = Windows 11\nproduct = Windows 10", "100 101 102 103"},
    {"family = Windows", "100 101 102 103"},
    {"family = Windows\nproduct-exclude = Windows 11", "103"},
    {"title = January*", "100 103"},
    {"title = January*\ntitle-exclude = *10", "100"},
    {"kb = 5100\nkb = KB5103", "100 103"},
    {"family = Windows\nkb-exclude = 5100", "101 102 103"},
    {"kb = 5100\nkb = 5101\narchitecture = arm64", "100"},
    /* Which of those that supersede each other is offered, decide.h says. */
    {"kb = 5100\nkb = 5101\nsuperseded = no", "100 101"},
    {"kb = 5100\nkb = 5101\nsuperseded = yes", "100 101"},
    {"kb = 5100\nkb = 5101\ndecline = 5100\napprove = 5102", "100 101"},
    /* What only narrows selects nothing. */
    {"language = en", "nothing"},
    {"classification = Security Updates", "nothing"},
    {"architecture = x64\nkb-exclude = 5100", "nothing"},
    {"title-exclude = *\nproduct-exclude = Windows 10", "nothing"},
    {"superseded = yes", "nothing"},
};

T_TEST(each_key_selects_what_a_policy_would)
{
	struct store *s = catalogue();
	char text[300], want[100];
	size_t i;

	make_commit(s);
	for (i = 0; i < COUNT(keys); i++) {
		snprintf(text, sizeof(text), "ring = a\n%s\n", keys[i].lines);
		snprintf(want, sizeof(want), "a: %s\n", keys[i].want);
		T_STR(selects(s, text), want);
		/* The same from before the first ring, and inherited. */
		snprintf(text, sizeof(text), "%s\nring = a\n", keys[i].lines);
		T_STR(selects(s, text), want);
		snprintf(text, sizeof(text),
		    "ring = x\n%s\nring = a\ninherit = x\n", keys[i].lines);
		snprintf(want, sizeof(want), "x: %s\na: %s\n", keys[i].want,
		    keys[i].want);
		T_STR(selects(s, text), want);
	}
	store_close(s);
}

T_TEST(what_is_inherited_adds_up)
{
	struct store *s = catalogue();

	make_commit(s);
	T_STR(selects(s,
		  "classification = Security Updates\n"
		  "ring = a\nproduct = Windows 11\n"
		  "ring = b\ninherit = a\nproduct = Windows 10\n"
		  "ring = c\n"),
	    "a: 100 101\nb: 100 101 103\nc: nothing\n");
	store_close(s);
}

/* --- lists --- */

static const char *
listed(struct store *s, const char *lines, const char *list)
{
	char text[300];

	snprintf(text, sizeof(text), "%s/vendor.csv", folder());
	make_text(text, list);
	snprintf(text, sizeof(text), "ring = a\napprove-list = vendor.csv\n%s",
	    lines);
	return selects(s, text);
}

static const struct {
	const char *lines, *list, *want;
} lists[] = {
    {"", "KB5100\nKB5103\n", "100 103"},
    {"", "5100;Remark\r\n5103\tx\r\n", "100 103"},
    {"", "\xef\xbb\xbfKB number,Title\n\"KB5100\",\"x, y\"\n", "100"},
    {"", ID103 "\n", "103"},
    {"", "", ""},
    {"", "KB number;Title\n", ""},
    /* It narrows, as other keys do. */
    {"product = Windows 11\n", "KB5100\nKB5103\n", "100"},
    {"kb = 5103\n", "KB5100\nKB5103\n", "103"},
    {"classification = Definition Updates\n", "KB5100\nKB5102\n", "102"},
    /* A part, and what was withdrawn, are not offered by themselves. */
    {"", "KB5104\nKB5105\n", ""},
};

T_TEST(a_list_narrows)
{
	struct store *s = catalogue();
	char want[100];
	size_t i;

	make_commit(s);
	for (i = 0; i < COUNT(lists); i++) {
		snprintf(want, sizeof(want), "a:%s%s\n",
		    *lists[i].want != '\0' ? " " : "", lists[i].want);
		T_STR(listed(s, lists[i].lines, lists[i].list), want);
	}
	store_close(s);
}

/* The KB number of an older revision is not the update's. */
T_TEST(a_list_means_the_newest_revision)
{
	struct store *s = catalogue();
	struct make m;

	choose_offer(&m, 100, "Once more", CM_WIN11, CM_SECURITY);
	m.u.revision = 2;
	m.kbs[m.u.nkbs++] = "5200";
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(listed(s, "", "5100\n5103\n"), "a: 103\n");
	T_OK(strstr(choose_said, "no update held") == NULL);
	T_STR(listed(s, "", "5200\n"), "a: 100\n");
	store_close(s);
}

T_TEST(rings_that_select_alike_but_for_their_lists)
{
	struct store *s = catalogue();
	char path[300];

	make_commit(s);
	snprintf(path, sizeof(path), "%s/other.csv", folder());
	make_text(path, "5101\n");
	T_STR(listed(s,
		  "ring = b\ninherit = a\napprove-list = other.csv\n"
		  "ring = c\nproduct = Windows 11\n"
		  "ring = d\nproduct = Windows 11\n"
		  "approve-list = other.csv\n"
		  "ring = e\ninherit = a\n",
		  "5100\n"),
	    "a: 100\nb: 101\nc: 100 101 102\nd: 101\ne: 100\n");
	store_close(s);
}

T_TEST(the_hash_of_lists_tells_that_one_changed)
{
	struct store *s = catalogue();
	uint8_t first[BLAKE_LEN], none[BLAKE_LEN] = {0};

	make_commit(s);
	(void)listed(s, "", "5100\n");
	memcpy(first, lists_hash, sizeof(first));
	(void)listed(s, "", "5101\n");
	T_OK(memcmp(first, lists_hash, sizeof(first)) != 0);
	(void)listed(s, "ring = b\ninherit = a\n", "5100\n");
	T_MEM(first, lists_hash, sizeof(first));
	(void)selects(s, "ring = a\n");
	T_MEM(none, lists_hash, sizeof(none));
	store_close(s);
}

/* What a message says behind the folder. */
static const char *
behind(const char *text, const char *dir)
{
	static char out[4096];
	size_t n = 0, len = strlen(dir);

	while (*text != '\0' && n < sizeof(out) - 1)
		if (strncmp(text, dir, len) == 0)
			text += len;
		else
			out[n++] = *text++;
	out[n] = '\0';
	return out;
}

static const struct {
	const char *list, *want;
} bad_lists[] = {
    {"KB5100\nSecurity update\n",
	"line 2: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found 'Security update'"},
    {"Number\nKB\n",
	"line 2: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found 'KB'"},
    {"KB5100\r\n;x\r\n",
	"line 2: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found ''"},
    {"5100\n\n\n12345678901\n",
	"line 4: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found '12345678901'"},
};

T_TEST(a_list_that_is_none_is_told_with_its_line)
{
	struct store *s = catalogue();
	char want[500];
	size_t i;

	make_commit(s);
	for (i = 0; i < COUNT(bad_lists); i++) {
		snprintf(want, sizeof(want),
		    "%u approve-list '/vendor.csv': %s", E_FORMAT,
		    bad_lists[i].want);
		T_STR(behind(listed(s, "", bad_lists[i].list), folder()), want);
	}
	T_STR(
	    behind(selects(s, "ring = a\napprove-list = none.csv\n"), folder()),
	    "1 approve-list '/none.csv' is not there");
	store_close(s);
}

T_TEST(what_a_list_names_and_the_store_lacks_is_told_and_the_reverse)
{
	struct store *s = catalogue();

	make_commit(s);
	T_STR(listed(s, "product = Windows 11\n",
		  "KB,x\nKB5100\nKB7\n" NOBODY "\n"),
	    "a: 100\n");
	T_STR(behind(choose_said, folder()),
	    "t: warning: /vendor.csv: line 3: no update held has KB7\n"
	    "t: warning: /vendor.csv: line 4: no update held has the id " NOBODY
	    "\n"
	    "t: /rings.conf: ring 'a': vendor.csv is silent on 2 of 3 updates "
	    "that its other lines let in\n");
	T_STR(listed(s, "", "KB5100\nKB5101\nKB5102\nKB5103\n"),
	    "a: 100 101 102 103\n");
	T_STR(choose_said, "");
	store_close(s);
}

/* --- what is told of lines --- */

T_TEST(each_line_is_told_once)
{
	struct store *s = catalogue();

	make_commit(s);
	(void)selects(s,
	    "decline = 7\ndecline = " EULA "\n"
	    "ring = a\nproduct = Windows 12\nproduct = Windows 11\n"
	    "ring = b\ninherit = a\nkb = 5100\nkb = 8\n"
	    "ring = c\nproduct = Windows 11\nproduct = Windows 12\n"
	    "ring = d\napprove = 9 none\naccept-eula = 5100\n"
	    "accept-eula = " EULA "\naccept-eula = " NOBODY "\n");
	T_STR(behind(choose_said, folder()),
	    "t: warning: /rings.conf: line 1: decline: no update held has KB7\n"
	    "t: warning: /rings.conf: line 2: decline: no update held has the "
	    "id " EULA "\n"
	    "t: warning: /rings.conf: line 4: no product 'Windows 12' is held, "
	    "nearest "
	    "is 'Windows 10'\n"
	    "t: warning: /rings.conf: line 9: kb: no update held has KB8\n"
	    "t: warning: /rings.conf: line 14: approve: no update held has "
	    "KB9\n"
	    "t: warning: /rings.conf: line 17: accept-eula: no update held has "
	    "the id " NOBODY "\n");
	(void)selects(s, "ring = a\nkb = 8\n");
	T_OK(strstr(choose_said,
		 "ring 'a': it chooses none of the updates that are held") !=
	    NULL);
	store_close(s);
}

/* --- the upstream --- */

#define GROUP "00000000-0000-0000-0000-0000000000aa"
#define OTHER "00000000-0000-0000-0000-0000000000bb"

static void __attribute__((format(printf, 2, 3)))
say(struct store *s, const char *fmt, ...)
{
	struct err e = ERR_INIT;
	char line[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	T_CALL(store_put_state(s, line, strlen(line), &e), &e);
}

static void
approve(struct store *s, unsigned id, uint32_t revision, const char *action,
    const char *group, const char *more)
{
	struct guid g = make_guid(id);
	char hex[GUID_LEN + 1];

	guid_write(hex, &g);
	say(s,
	    "{\"t\":\"approval\",\"id\":\"%s\",\"revision\":%u,"
	    "\"action\":\"%s\",\"group\":\"%s\"%s}",
	    hex, revision, action, group, more);
}

T_TEST(what_the_upstream_approved_for_a_group)
{
	struct store *s = catalogue();

	say(s,
	    "{\"t\":\"approval\",\"group\":\"" GROUP
	    "\",\"name\":\"Pilot PCs\"}");
	say(s,
	    "{\"t\":\"approval\",\"group\":\"" OTHER "\",\"name\":\"Others\"}");
	approve(s, 100, 1, "install", GROUP, "");
	approve(s, 100, 1, "uninstall", OTHER, "");
	approve(s, 101, 1, "install", GROUP,
	    ",\"deadline\":\"1970-01-02T00:00:01\",\"assigned\":false");
	approve(s, 102, 1, "install", GROUP, "");
	approve(s, 102, 2, "uninstall", GROUP,
	    ",\"deadline\":\"1970-01-02T00:00:02.0000000Z\"");
	approve(s, 103, 10, "scan", GROUP, "");
	approve(s, 103, 9, "install", GROUP, "");
	approve(s, 104, 1, "install", GROUP, "");
	say(s,
	    "{\"t\":\"approval\",\"id\":"
	    "\"" ID104 "\","
	    "\"action\":\"decline\"}");
	approve(s, 105, 1, "7", GROUP, "");
	approve(s, 800, 1, "install", GROUP, ""); /* not held */
	make_commit(s);
	T_STR(selects(s,
		  "ring = a\napprove-upstream = pilot pcs\n"
		  "ring = b\napprove-upstream = " OTHER "\n"
		  "ring = c\ninherit = a\n"
		  "ring = d\n"),
	    "a: nothing +100 ?101@86401 !102@86402 -103 x104 -105\n"
	    "b: nothing !100 x104\n"
	    "c: nothing +100 ?101@86401 !102@86402 -103 x104 -105\n"
	    "d: nothing\n");
	T_STR(behind(choose_said, folder()),
	    "t: warning: /rings.conf: 1 of the upstream's approvals have an "
	    "action or "
	    "a deadline that is not known here, and do without\n");
	T_STR(selects(s, "ring = a\napprove-upstream = Pilot PC\n"),
	    "a: nothing x104\n");
	T_STR(behind(choose_said, folder()),
	    "t: warning: /rings.conf: ring 'a': approve-upstream: no group "
	    "'Pilot PC' "
	    "of the upstream is known, nearest is 'Pilot PCs'\n"
	    "t: warning: /rings.conf: 1 of the upstream's approvals have an "
	    "action or "
	    "a deadline that is not known here, and do without\n");
	store_close(s);
}

T_TEST(without_approvals_fetch_is_named)
{
	struct store *s = catalogue();

	make_commit(s);
	T_STR(selects(s, "ring = a\napprove-upstream = G\n"), "a: nothing\n");
	T_STR(behind(choose_said, folder()),
	    "t: warning: /rings.conf: ring 'a': approve-upstream: no group 'G' "
	    "of the "
	    "upstream is known; 'wsusferry-fetch --copy-approvals' brings "
	    "them\n");
	store_close(s);
}

T_MAIN
