/* SPDX-License-Identifier: ISC */
/* The first byte picks the operation; the rest is its answer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/serversync.h"
#include "formats/xml.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "tests/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct ss_reader *reader;
static struct buf doc = BUF_INIT;
static volatile uint8_t seen;

/* Every byte that was given is there to be read. */
static void
look(const void *p, size_t n)
{
	const uint8_t *b = p;
	uint8_t all = 0;

	while (n-- > 0)
		all ^= *b++;
	seen = all;
}

static void
look_text(const char *s)
{
	if (s != NULL && !utf8_valid((const uint8_t *)s, strlen(s)))
		abort();
}

static int
on_rev(void *arg, const struct ss_rev *r, struct err *e)
{
	(void)arg, (void)e;
	if (r->revision > INT32_MAX)
		abort();
	return 0;
}

static int
on_item(void *arg, const struct ss_item *it, struct err *e)
{
	const char *encoding;

	if (on_rev(arg, &it->rev, e) == -1)
		return -1;
	look(it->p, it->n);
	look(it->sha1, it->nsha1 * SHA1_LEN);
	buf_reset(&doc);
	if (serversync_doc(reader, it, &doc, &encoding, e) == -1) {
		if (e->kind != E_FORMAT && e->kind != E_LIMIT)
			abort();
		err_clear(e);
		return 0;
	}
	if (doc.len == 0 || doc.len > SS_MAX_DOC || !utf8_valid(doc.p, doc.len))
		abort();
	return 0;
}

static int
on_url(void *arg, const struct ss_url *u, struct err *e)
{
	(void)arg, (void)e;
	look(u->sha1, SHA1_LEN);
	look(u->key, u->nkey);
	look_text(u->url);
	return 0;
}

static int
on_key(void *arg, const struct ss_key *k, struct err *e)
{
	look(k->key, k->nkey);
	return on_rev(arg, &k->rev, e);
}

static int
on_deployment(void *arg, const struct ss_deployment *d, struct err *e)
{
	look_text(d->deadline);
	look_text(d->admin);
	return on_rev(arg, &d->rev, e);
}

static int
on_group(void *arg, const struct ss_group *g, struct err *e)
{
	(void)arg, (void)e;
	look_text(g->name);
	return 0;
}

static int
on_id(void *arg, const struct guid *id, struct err *e)
{
	(void)arg, (void)e;
	look(id, sizeof(*id));
	return 0;
}

static void
check_fault(const struct soap_fault *f)
{
	static struct ss_rev revs[100];
	static uint8_t files[100][SHA1_LEN];

	look_text(f->message);
	look_text(f->string);
	look_text(f->word);
	if (serversync_missing(f->message, revs, 100) > 100 ||
	    serversync_missing_files(f->message, files, 100) > 100)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct ss_each each = {on_rev, on_item, on_url, on_key,
	    on_deployment, on_group, on_id, on_id};
	static struct ss_reply reply;
	struct sink to = SINK_INIT;
	struct err e = ERR_INIT;
	enum ss_op op;

	if (n == 0)
		return 0;
	if (reader == NULL) {
		xml_init();
		if (serversync_reader_open(&reader, &e) == -1)
			abort();
	}
	op = (enum ss_op)(*p % SS_NOPS);
	if (serversync_read(
		reader, op, p + 1, n - 1, &each, NULL, &reply, &e) == -1) {
		if (e.kind != E_FORMAT && e.kind != E_LIMIT)
			abort();
		return 0;
	}
	check_fault(&reply.fault);
	sink_null(&to);
	if (serversync_print(op, &reply, &to, &e) == -1)
		abort();
	return 0;
}
