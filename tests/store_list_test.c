/* SPDX-License-Identifier: ISC */
#include "lib/store/store_list.h"

#include <unistd.h>

#include "tests/choose_make.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static int
note_id(void *arg, const struct guid *id, struct err *e)
{
	(void)e;
	make_note(arg, "%u ", (unsigned)id->b[15]);
	return 0;
}

static const char *
of_kb(struct store *s, const char *kb)
{
	static struct make_notes g;
	struct err e = ERR_INIT;

	g.text[0] = '\0';
	T_CALL(store_each_of_kb(s, kb, note_id, &g, &e), &e);
	return g.text;
}

static void
put(struct store *s, unsigned id, uint32_t revision, const char *kb)
{
	struct make m;

	choose_offer(&m, id, "a", CM_WIN11, CM_SECURITY);
	m.u.revision = revision;
	m.kbs[0] = kb;
	m.u.nkbs = 1;
	snprintf(m.text, sizeof(m.text), "%u %u", id, revision);
	make_put_ok(s, &m);
}

T_TEST(a_kb_number_means_all_updates_that_have_it_each_once)
{
	struct store *s = choose_store();

	put(s, 100, 1, "5000001");
	put(s, 100, 2, "5000001");
	put(s, 101, 1, "KB5000001");
	put(s, 102, 1, "50000010");
	make_commit(s);
	T_STR(of_kb(s, "KB5000001"), "100 101 ");
	T_STR(of_kb(s, "kb5000001"), "100 101 ");
	T_STR(of_kb(s, "5000001"), "100 101 ");
	T_STR(of_kb(s, "500000"), "");
	store_close(s);
}

T_MAIN
