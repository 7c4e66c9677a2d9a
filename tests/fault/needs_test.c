/* SPDX-License-Identifier: ISC */
/*
 * What wanted updates need and the policy's lists do not name: a fetch goes
 * after it, at any upstream, and asks no more than once for what there is.
 */
#include "tests/t.h"

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "formats/update.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/err.h"
#include "lib/store/store.h"
#include "lib/store/store_choose.h"
#include "tests/fault/disk.h"
#include "tests/fault/house.h"
#include "tests/fault/peer.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

#define NS "http://schemas.microsoft.com/msus/2002/12/Update"
#define CATEGORY_NS                                                            \
	"http://schemas.microsoft.com/msus/2002/12/UpdateHandlers/Category"
#define DEEP 80 /* prerequisites of prerequisites */

enum { PRODUCT = 1, SECURITY, UPDATES, FIRST = 10, CHAIN = 100, NOWHERE = 999 };

static struct {
	const char *base; /* of the upstream */
	char up[HOUSE_PATH], store[HOUSE_PATH], log[HOUSE_PATH];
	char modes[HOUSE_PATH], policy[HOUSE_PATH];
} place;

static void
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	T_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	T_EQ(close(fd), 0);
}

static void
put_document(struct store *s, const struct buf *b, const struct update *u)
{
	struct store_doc doc = {.u = u,
	    .bytes = (uint32_t)b->len,
	    .units = (uint32_t)b->len,
	    .encoding = "utf-8"};
	enum store_put put = STORE_NEW;
	struct store_packer *p = NULL;
	struct buf packed = BUF_INIT;
	struct err e = ERR_INIT;
	struct digest d;

	T_CALL(digest_mem(DIGEST_SHA256, b->p, b->len, &d, &e), &e);
	T_CALL(store_packer_open(&p, s, &e), &e);
	T_CALL(store_pack(p, b->p, b->len, &packed, &e), &e);
	memcpy(doc.sha256, d.sha256, SHA256_LEN);
	doc.packed = packed.p;
	doc.packed_len = packed.len;
	T_CALL(store_put(s, &doc, 1, &put, &e), &e);
	store_packer_close(p);
	buf_free(&packed);
}

/* %G: a GUID, by its number. */
static void
put_text(struct buf *b, const char *text, va_list ap)
{
	struct err e = ERR_INIT;
	char id[GUID_LEN + 1];
	struct guid g;

	for (; *text != '\0'; text++) {
		if (text[0] != '%') {
			T_CALL(buf_put(b, text, 1, &e), &e);
			continue;
		}
		g = make_guid(va_arg(ap, unsigned));
		guid_write(id, &g);
		T_CALL(
		    buf_printf(b, &e, "<UpdateIdentity UpdateID='%s'", id), &e);
		text++;
		T_CALL(buf_puts(b,
			   *text == 'R' ? " RevisionNumber='1'/>" : "/>", &e),
		    &e);
	}
}

/* rest: what stands behind its properties; %G a reference, %R to revision 1. */
static void
put(struct store *s, unsigned id, const char *type, const char *rest, ...)
{
	struct arena a = ARENA_INIT(1 << 20);
	struct update_reader *r = NULL;
	struct guid g = make_guid(id);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	char text[GUID_LEN + 1];
	struct update u;
	va_list ap;

	guid_write(text, &g);
	T_CALL(buf_printf(&b, &e,
		   "<Update xmlns='" NS "'><UpdateIdentity UpdateID='%s' "
		   "RevisionNumber='1'/><Properties UpdateType='%s'/>",
		   text, type),
	    &e);
	va_start(ap, rest);
	put_text(&b, rest, ap);
	va_end(ap);
	T_CALL(buf_puts(&b, "</Update>", &e), &e);
	T_CALL(update_reader_open(&r, &update_default_limits, &e), &e);
	T_CALL(update_read(r, &u, &a, b.p, b.len, &e), &e);
	put_document(s, &b, &u);
	update_reader_close(r);
	arena_free(&a);
	buf_free(&b);
}

#define CATEGORY(t, title)                                                     \
	"<LocalizedPropertiesCollection><LocalizedProperties><Language>en"     \
	"</Language><Title>" title "</Title></LocalizedProperties>"            \
	"</LocalizedPropertiesCollection><HandlerSpecificData>"                \
	"<CategoryInformation xmlns='" CATEGORY_NS "' CategoryType='" t "'/>"  \
	"</HandlerSpecificData>"
#define IN "<AtLeastOne IsCategory='true'>%G</AtLeastOne>"
#define NEEDS(x) "<Relationships><Prerequisites>" IN IN x "</Prerequisites>"
#define END "</Relationships>"

/* What the lists of a policy of security updates name is 10 to 13. */
static void
fill(struct store *s)
{
	put(s, PRODUCT, "Category", CATEGORY("Product", "Plant"));
	put(s, SECURITY, "Category",
	    CATEGORY("UpdateClassification", "Security Updates"));
	put(s, UPDATES, "Category",
	    CATEGORY("UpdateClassification", "Updates"));
	put(s, 10, "Software", NEEDS("%G") END, PRODUCT, SECURITY, CHAIN);
	for (unsigned i = CHAIN; i < CHAIN + DEEP; i++)
		put(s, i, "Software", NEEDS("%G") END, PRODUCT, UPDATES, i + 1);
	put(s, CHAIN + DEEP, "Software", NEEDS("") END, PRODUCT, UPDATES);
	put(s, 11, "Software", NEEDS("<AtLeastOne>%G%G</AtLeastOne>") END,
	    PRODUCT, SECURITY, 20, NOWHERE);
	put(s, 20, "Software", NEEDS("") END, PRODUCT, UPDATES);
	put(s, 12, "Software",
	    NEEDS("") "<BundledUpdates>%R</BundledUpdates>" END, PRODUCT,
	    SECURITY, 21);
	put(s, 21, "Software",
	    "<Relationships><Prerequisites>%G</Prerequisites>" END, 22);
	put(s, 22, "Software", NEEDS("") END, PRODUCT, UPDATES);
	put(s, 13, "Software", NEEDS("") END, PRODUCT, SECURITY);
	put(s, 30, "Software", NEEDS("") END, PRODUCT, UPDATES);
}

static void
place_make(void)
{
	struct store *s;

	if (place.base == NULL) {
		house_make();
		snprintf(place.up, HOUSE_PATH, "%.300s/up", house.dir);
		snprintf(place.store, HOUSE_PATH, "%.300s/store", house.dir);
		snprintf(place.log, HOUSE_PATH, "%.300s/up.log", house.dir);
		snprintf(place.modes, HOUSE_PATH, "%.300s/up.modes", house.dir);
		snprintf(place.policy, HOUSE_PATH, "%.300s/policy", house.dir);
		s = make_begun(place.up);
		fill(s);
		make_commit(s);
		store_close(s);
		write_text(place.log, "");
		write_text(place.modes, "");
		place.base = peer_start(place.up, place.modes, place.log);
	}
	if (place.base == NULL)
		t_skip("the upstream of the tests is not built");
	disk_remove(place.store);
	write_text(place.modes, "");
	write_text(place.policy, "classification = Security Updates\n");
}

/* A fetch; how many lists of updates it asked for. */
static unsigned
lists_of(int status, const char *policy)
{
	char *words, *at;
	unsigned n = 0;

	T_EQ(truncate(place.log, 0), 0);
	house_forget();
	T_EQ(house_fetch(place.store, place.base, policy), status);
	words = peer_words(place.log, "GetRevisionIdList", 1);
	for (at = words; (at = strstr(at, "updates\n")) != NULL; at++)
		n++;
	free(words);
	if (t_failures() != 0)
		house_told();
	return n;
}

static bool
holds(unsigned id)
{
	struct guid g = make_guid(id);
	struct err e = ERR_INIT;
	struct store *s = NULL;
	int64_t row;
	int r;

	T_CALL(store_open(&s, place.store, STORE_READ, NULL, &e), &e);
	r = store_newest(s, &g, &row, &e);
	T_OK(r != -1);
	store_close(s);
	return r == 1;
}

T_TEST(what_wanted_updates_need_comes_at_whatever_depth)
{
	place_make();
	T_EQ(lists_of(0, place.policy), 2);
	for (unsigned i = CHAIN; i <= CHAIN + DEEP; i++)
		T_OK(holds(i));
	T_OK(holds(20) && holds(21) && holds(22));
	T_OK(!holds(30)); /* nobody needs it */
	T_OK(!holds(NOWHERE));
}

T_TEST(all_that_there_is_is_listed_for_news_alone)
{
	place_make();
	T_EQ(lists_of(0, place.policy), 2);
	T_EQ(lists_of(0, place.policy), 1);
	T_EQ(lists_of(0, place.policy), 1);
}

T_TEST(what_came_by_other_ways_is_followed_too)
{
	struct store *s;

	place_make();
	s = make_begun(place.store);
	put(s, 10, "Software", NEEDS("%G") END, PRODUCT, SECURITY, CHAIN);
	make_commit(s);
	store_close(s);
	T_EQ(lists_of(0, place.policy), 2);
	T_OK(holds(CHAIN) && holds(CHAIN + DEEP));
}

T_TEST(without_a_policy_all_of_it_was_listed_already)
{
	place_make();
	T_EQ(lists_of(0, NULL), 1);
	T_OK(holds(CHAIN + DEEP) && holds(30));
}

T_TEST(an_upstream_that_gives_no_whole_list_is_told_and_no_failure)
{
	static const char *const modes[] = {
	    "GetRevisionIdList#3 fault InternalServerError\n",
	    "GetRevisionIdList#3 fault NoSuchThing\n",
	    "GetRevisionIdList#3 empty\n",
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		place_make();
		write_text(place.modes, modes[i]);
		T_OK(lists_of(0, place.policy) <= 2);
		T_OK(house_said("list of all updates is not to be had"));
		T_OK(holds(10) && !holds(CHAIN));
	}
}

T_MAIN
