/* SPDX-License-Identifier: ISC */
#include "tests/fault/plant.h"

#include <fcntl.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "formats/update.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch.h"
#include "lib/store/store.h"
#include "lib/store/store_choose.h"
#include "tests/fault/disk.h"
#include "tests/fault/peer.h"
#include "tests/store_make.h"
#include "tests/t.h"

#define NS "http://schemas.microsoft.com/msus/2002/12/Update"
#define CATEGORY_NS                                                            \
	"http://schemas.microsoft.com/msus/2002/12/UpdateHandlers/Category"

#define CATEGORY(t, title)                                                     \
	"<LocalizedPropertiesCollection><LocalizedProperties><Language>en"     \
	"</Language><Title>" title "</Title></LocalizedProperties>"            \
	"</LocalizedPropertiesCollection><HandlerSpecificData>"                \
	"<CategoryInformation xmlns='" CATEGORY_NS "' CategoryType='" t "'/>"  \
	"</HandlerSpecificData>"

struct plant plant;

void
plant_write(const char *path, const char *text)
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

void
plant_put(struct store *s, unsigned id, const char *type, const char *rest, ...)
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

/* What the lists of a policy of security updates name is 10 to 13. */
static void
fill(struct store *s)
{
	plant_put(s, PLANT_PRODUCT, "Category", CATEGORY("Product", "Plant"));
	plant_put(s, PLANT_SECURITY, "Category",
	    CATEGORY("UpdateClassification", "Security Updates"));
	plant_put(s, PLANT_UPDATES, "Category",
	    CATEGORY("UpdateClassification", "Updates"));
	plant_put(s, 10, "Software", PLANT_NEEDS("%G") PLANT_END, PLANT_PRODUCT,
	    PLANT_SECURITY, PLANT_CHAIN);
	for (unsigned i = PLANT_CHAIN; i < PLANT_CHAIN + PLANT_DEEP; i++)
		plant_put(s, i, "Software", PLANT_NEEDS("%G") PLANT_END,
		    PLANT_PRODUCT, PLANT_UPDATES, i + 1);
	plant_put(s, PLANT_CHAIN + PLANT_DEEP, "Software",
	    PLANT_NEEDS("") PLANT_END, PLANT_PRODUCT, PLANT_UPDATES);
	plant_put(s, 11, "Software",
	    PLANT_NEEDS("<AtLeastOne>%G%G</AtLeastOne>") PLANT_END,
	    PLANT_PRODUCT, PLANT_SECURITY, 20, PLANT_NOWHERE);
	plant_put(s, 20, "Software", PLANT_NEEDS("") PLANT_END, PLANT_PRODUCT,
	    PLANT_UPDATES);
	plant_put(s, 12, "Software",
	    PLANT_NEEDS("") "<BundledUpdates>%R</BundledUpdates>" PLANT_END,
	    PLANT_PRODUCT, PLANT_SECURITY, 21);
	plant_put(s, 21, "Software",
	    "<Relationships><Prerequisites>%G</Prerequisites>" PLANT_END, 22);
	plant_put(s, 22, "Software", PLANT_NEEDS("") PLANT_END, PLANT_PRODUCT,
	    PLANT_UPDATES);
	plant_put(s, 13, "Software", PLANT_NEEDS("") PLANT_END, PLANT_PRODUCT,
	    PLANT_SECURITY);
	plant_put(s, 30, "Software", PLANT_NEEDS("") PLANT_END, PLANT_PRODUCT,
	    PLANT_UPDATES);
}

void
plant_make(void)
{
	struct store *s;

	if (plant.base == NULL) {
		house_make();
		snprintf(plant.up, HOUSE_PATH, "%.300s/up", house.dir);
		snprintf(plant.store, HOUSE_PATH, "%.300s/store", house.dir);
		snprintf(plant.log, HOUSE_PATH, "%.300s/up.log", house.dir);
		snprintf(plant.modes, HOUSE_PATH, "%.300s/up.modes", house.dir);
		snprintf(plant.policy, HOUSE_PATH, "%.300s/policy", house.dir);
		s = make_begun(plant.up);
		fill(s);
		make_commit(s);
		store_close(s);
		plant_write(plant.log, "");
		plant_write(plant.modes, "");
		plant.base = peer_start(plant.up, plant.modes, plant.log);
	}
	if (plant.base == NULL)
		t_skip("the upstream of the tests is not built");
	plant.full = plant.quiet = plant.approvals = false;
	disk_remove(plant.store);
	plant_write(plant.modes, "");
	plant_write(plant.policy, "classification = Security Updates\n");
}

static int
run(const char *policy)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const struct fetch_opts o = {.store = plant.store,
	    .upstream = plant.base,
	    .policy = policy,
	    .account = "down.example.org",
	    .tries = 1,
	    .retry_wait_ms = 1,
	    .full = plant.full,
	    .copy_approvals = plant.approvals,
	    .jobs = 1,
	    .log = &log};
	int r, status;

	log.prog = "fetch";
	log.quiet = plant.quiet;
	log.verbose = plant.quiet ? 0 : 1;
	house_hush();
	r = fetch_run(&o, &e);
	status = r == -1 ? log_error(&log, NULL, &e) : 0;
	status = err_worst(status, log.worst);
	log_close(&log);
	house_speak();
	return status;
}

void
plant_fetch(int status, const char *policy)
{
	unsigned before = t_failures();

	T_EQ(truncate(plant.log, 0), 0);
	house_forget();
	T_EQ(run(policy), status);
	if (t_failures() != before)
		house_told();
}

/* The upstream notes a call when it has answered it, which may be after we have
   the answer. */
void
plant_listed(unsigned want)
{
	const struct timespec step = {.tv_nsec = 10000000};
	char *words, *at;
	unsigned n = 0;

	for (unsigned tries = 0; tries < 200 && n != want; tries++) {
		if (tries > 0)
			(void)nanosleep(&step, NULL);
		words = peer_words(plant.log, "GetRevisionIdList", 1);
		n = 0;
		for (at = words; (at = strstr(at, "updates\n")) != NULL; at++)
			n++;
		free(words);
	}
	T_EQ(n, want);
}

bool
plant_holds(unsigned id)
{
	struct guid g = make_guid(id);
	struct err e = ERR_INIT;
	struct store *s = NULL;
	int64_t row;
	int r;

	T_CALL(store_open(&s, plant.store, STORE_READ, NULL, &e), &e);
	r = store_newest(s, &g, &row, &e);
	T_OK(r != -1);
	store_close(s);
	return r == 1;
}
