/* SPDX-License-Identifier: ISC */
#include "tests/select_say.h"

#include "lib/base/buf.h"
#include "lib/base/log.h"
#include "lib/offer/select.h"
#include "lib/store/store.h"
#include "tests/choose_make.h"
#include "tests/store_make.h"
#include "tests/t.h"

uint8_t select_hash[BLAKE_LEN];

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

struct store *
select_catalogue(void)
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

const char *
select_folder(void)
{
	static const char *dir;

	return dir != NULL ? dir : (dir = t_tmpdir());
}

struct applying {
	struct rings rings;
	struct select_how how;
	struct select s;
	struct facts f;
	struct log log;
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

/* 0, or -1 with why not in to. */
static int
begin(struct applying *a, struct store *s, const char *text, struct buf *to)
{
	struct err e = ERR_INIT;

	*a = (struct applying){.rings = RINGS_INIT,
	    .s = SELECT_INIT,
	    .f = FACTS_INIT,
	    .log = LOG_INIT};
	a->log.prog = "t";
	snprintf(a->path, sizeof(a->path), "%s/rings.conf", select_folder());
	a->how = (struct select_how){.store = s,
	    .facts = &a->f,
	    .rings = &a->rings,
	    .path = a->path,
	    .now = CHOOSE_NOW,
	    .log = &a->log};
	T_CALL(rings_read(&a->rings, text, strlen(text), &e), &e);
	T_CALL(facts_load(&a->f, s, &e), &e);
	if (choose_quietly(apply, a, &e) == 0)
		return 0;
	T_CALL(
	    buf_printf(to, &(struct err)ERR_INIT, "%u %s", e.kind, e.msg), &e);
	return -1;
}

/* Both, and the text. */
static const char *
end(struct applying *a, struct buf *b)
{
	static char out[4096];

	snprintf(out, sizeof(out), "%.*s", (int)b->len, (char *)b->p);
	buf_free(b);
	select_close(&a->s);
	facts_free(&a->f);
	rings_free(&a->rings);
	return out;
}

const char *
select_say(struct store *s, const char *text)
{
	struct applying a;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	size_t i;

	if (begin(&a, s, text, &b) == 0) {
		memcpy(select_hash, a.s.lists_hash, sizeof(select_hash));
		for (i = 0; i < a.s.n; i++)
			print_ring(&b, &a.s.v[i], &a.f, &e);
	}
	return end(&a, &b);
}

const char *
select_say_why(struct store *s, const char *text, unsigned id)
{
	struct applying a;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	if (begin(&a, s, text, &b) == 0)
		T_CALL(select_why(&a.s, 0, place(&a.f, id), &b, &e), &e);
	return end(&a, &b);
}

const char *
select_behind(const char *text)
{
	static char out[4096];
	const char *dir = select_folder();
	size_t n = 0, len = strlen(dir);

	while (*text != '\0' && n < sizeof(out) - 1)
		if (strncmp(text, dir, len) == 0)
			text += len;
		else
			out[n++] = *text++;
	out[n] = '\0';
	return out;
}
