/* SPDX-License-Identifier: ISC */
/* An answer of GetUpdateData through a worker: read, decoded, hashed,
   packed. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/fetch/batch.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/store/store.h"

int
batch_slot_open(struct slot *s, const struct store *pack_for, struct err *e)
{
	s->job.run = batch_slot_read;
	s->arena = (struct arena)ARENA_INIT(SLOT_ARENA);
	s->doc = (struct buf)BUF_INIT_MAX(SS_MAX_DOC);
	s->packed = (struct buf)BUF_INIT;
	session_post_init(&s->post);
	if ((s->reply = calloc(1, sizeof(*s->reply))) == NULL)
		return err_nomem(e);
	if (store_packer_open(&s->packer, pack_for, e) == -1 ||
	    serversync_reader_open(&s->reader, e) == -1)
		return -1;
	return update_reader_open(&s->update, &update_default_limits, e);
}

void
batch_slot_close(struct slot *s)
{
	session_post_free(&s->post);
	store_packer_close(s->packer);
	serversync_reader_close(s->reader);
	update_reader_close(s->update);
	free(s->reply);
	arena_free(&s->arena);
	buf_free(&s->doc);
	buf_free(&s->packed);
	free(s->urls);
}

static void
let_go(struct buf *b)
{
	if (b->cap > SLOT_KEEP)
		buf_free(b);
	else
		buf_reset(b);
}

void
batch_slot_empty(struct slot *s)
{
	s->nitems = s->unasked = 0;
	s->nurls = 0;
	err_clear(&s->job.err);
	arena_reset(&s->arena);
	let_go(&s->doc);
	let_go(&s->packed);
	let_go(&s->post.answer);
}

/* The id's place among those asked for and not seen; -1: nobody asked. */
static int
find_asked(const struct slot *s, const struct ss_rev *r, bool *dup)
{
	*dup = false;
	for (unsigned i = s->h.span.lo; i < s->h.span.lo + s->h.span.n; i++) {
		const struct sync_work *w = &s->h.ids[i];

		if (w->revision != r->revision || guid_cmp(&w->id, &r->id) != 0)
			continue;
		if (!s->h.seen[i])
			return (int)i;
		*dup = true;
	}
	return -1;
}

/* Of FileDigestList, what the document does not name: a licence's text, or a
   form of file that we do not know. */
static int
keep_extra(struct slot *s, const struct ss_item *it, struct slot_item *to)
{
	size_t n = to->u.nfiles;
	uint8_t(*named)[SHA1_LEN] = arena_alloc(
	    &s->arena, (n + SYNC_EXTRA_MAX) * SHA1_LEN);

	if (named == NULL)
		return err_nomem(&to->err);
	to->extra = named + n;
	for (size_t i = 0; i < n; i++)
		memcpy(named[i], to->u.files[i].sha1, SHA1_LEN);
	sort_up(named, n, SHA1_LEN, sort_by_sha1);
	for (size_t i = 0; i < it->nsha1; i++) {
		if (sort_find(it->sha1[i], named, n, SHA1_LEN, sort_by_sha1) !=
		    NULL)
			continue;
		if (to->nextra == SYNC_EXTRA_MAX)
			return err_set(&to->err, E_LIMIT,
			    "FileDigestList: more than %d files that the "
			    "document does not name",
			    SYNC_EXTRA_MAX);
		memcpy(to->extra[to->nextra++], it->sha1[i], SHA1_LEN);
	}
	return 0;
}

static int
pack(struct slot *s, const struct ss_item *it, struct slot_item *to)
{
	struct digest d;

	buf_reset(&s->doc);
	if (serversync_doc(s->reader, it, &s->doc, &to->encoding, &to->err) ==
		-1 ||
	    digest_mem(DIGEST_SHA256, s->doc.p, s->doc.len, &d, &to->err) ==
		-1 ||
	    update_read(s->update, &to->u, &s->arena, s->doc.p, s->doc.len,
		&to->err) == -1)
		return -1;
	if (guid_cmp(&to->u.id, &it->rev.id) != 0 ||
	    to->u.revision != it->rev.revision)
		return err_set(&to->err, E_FORMAT,
		    "the document is another update's, or of another revision");
	if (it->nsha1 > 0 && keep_extra(s, it, to) == -1)
		return -1;
	memcpy(to->sha256, d.sha256, SHA256_LEN);
	to->bytes = s->doc.len;
	to->units = utf8_units(s->doc.p, s->doc.len);
	to->packed_at = s->packed.len;
	if (sync_pack(s->packer, s->doc.p, s->doc.len, &s->packed, &to->err) ==
	    -1)
		return -1;
	to->packed_len = s->packed.len - to->packed_at;
	if (digest_mem(DIGEST_SHA256, s->packed.p + to->packed_at,
		to->packed_len, &d, &to->err) == -1)
		return -1;
	memcpy(to->seal, d.sha256, SHA256_LEN);
	return 0;
}

static int
on_item(void *arg, const struct ss_item *it, struct err *e)
{
	struct slot *s = arg;
	struct slot_item *to;
	bool dup;
	int at = find_asked(s, &it->rev, &dup);

	if (at == -1) {
		s->unasked += !dup;
		return 0;
	}
	to = &s->items[s->nitems++];
	*to = (struct slot_item){.at = (unsigned)at, .err = ERR_INIT};
	s->h.seen[at] = true;
	/* A bad document is that document's; our own fault is all's. */
	if (pack(s, it, to) == -1 && err_is_ours(&to->err)) {
		*e = to->err;
		return -1;
	}
	return 0;
}

static int
on_url(void *arg, const struct ss_url *u, struct err *e)
{
	struct slot *s = arg;
	struct slot_url *to;
	void *key;

	if (grow(&s->urls, &s->capurls, s->nurls, sizeof(*s->urls), e) == -1)
		return -1;
	to = &s->urls[s->nurls++];
	*to = (struct slot_url){.nkey = u->nkey};
	memcpy(to->sha1, u->sha1, SHA1_LEN);
	if (u->url != NULL &&
	    (to->url = arena_strndup(&s->arena, u->url, strlen(u->url))) ==
		NULL)
		return err_nomem(e);
	if (u->key == NULL)
		return 0;
	if ((key = arena_alloc(&s->arena, u->nkey + 1)) == NULL)
		return err_nomem(e);
	memcpy(key, u->key, u->nkey);
	to->key = key;
	return 0;
}

void
batch_slot_read(struct job *j)
{
	const struct ss_each each = {.item = on_item, .url = on_url};
	struct slot *s = (struct slot *)(void *)j;

	(void)session_post_read(
	    &s->post, s->reader, &each, s, s->reply, &s->job.err);
}
