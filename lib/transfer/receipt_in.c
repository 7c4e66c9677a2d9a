/* SPDX-License-Identifier: ISC */
#include "lib/transfer/receipt_in.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/store/event.h"
#include "lib/store/store.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/receipt_held.h"
#include "lib/transfer/receipt_sign.h"

static int
read_all(int fd, struct buf *to, struct err *e)
{
	uint8_t *p;
	ssize_t n;

	do {
		if ((p = buf_reserve(to, 4096, e)) == NULL)
			return -1;
		if ((n = read(fd, p, 4096)) == -1)
			return err_sys(e, "read");
		to->len += (size_t)n;
	} while (n > 0 && to->len <= RECEIPT_MAX_TEXT);
	return 0;
}

static int
read_path(const char *path, struct buf *to, struct err *e)
{
	int fd, r;

	if (strcmp(path, RECEIPT_IN_STDIN) == 0)
		return read_all(STDIN_FILENO, to, e);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, E_USAGE, "no such file");
	if (fd == -1)
		return err_sys(e, "opening it");
	r = read_all(fd, to, e);
	close(fd);
	return r;
}

int
receipt_in_text(struct receipts_row *v, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	int r;

	*v = (struct receipts_row){.kind = RECEIPTS_TAKEN};
	if ((r = read_path(path, &text, e)) == 0 &&
	    (r = receipt_read(v->record, (char *)text.p, text.len, e)) == 0)
		r = receipt_unpack(&v->r, v->record, e);
	buf_free(&text);
	return r;
}

int
receipt_in_read(struct receipt_in *i, const char *path,
    const struct keyring *keys, struct err *e)
{
	if (receipt_in_text(&i->row, path, e) == -1)
		return -1;
	if (keys->n == 0 && keys->nothers == 0 && keys->nrevoked == 0)
		return err_set(e, E_SIG,
		    "no key is trusted for receipts: wsusferry-key trust --for "
		    "receipts FILE.pub");
	return receipt_sign_check(keys, i->row.record, &i->by, e);
}

/* The export of that number; 1, 0, -1. */
struct find {
	uint32_t sequence;
	struct ledger_row *to;
	bool found;
};

static int
see(void *arg, const struct ledger_row *r, struct err *e)
{
	struct find *f = arg;

	(void)e;
	if (r->kind == LEDGER_EXPORT && r->state == LEDGER_WRITTEN &&
	    r->sequence == f->sequence) {
		*f->to = *r;
		f->found = true;
	}
	return 0;
}

#define WAY_ON                                                                 \
	"go on with wsusferry-export --resume-after (see "                     \
	"wsusferry-export(1), "                                                \
	"An exporter that was set back)"

static int
judge_transfer(struct receipt_in *i, struct store *s, struct err *e)
{
	const struct receipt *r = &i->row.r;
	struct find f = {.sequence = r->sequence, .to = &i->about};
	char theirs[GUID_LEN + 1], mine[GUID_LEN + 1];

	guid_write(theirs, &r->origin);
	guid_write(mine, store_id(s));
	if (guid_cmp(&r->origin, store_id(s)) != 0)
		return err_set(e, E_SEQ,
		    "it is about transfers of store %s, this is %s: take it "
		    "where these were exported",
		    theirs, mine);
	if (ledger_each(s, see, &f, e) == -1)
		return -1;
	if (!f.found)
		return err_set(e, E_SEQ,
		    "it is about transfer %" PRIu32 ", which this store did "
		    "not write: it was set back to an older state; " WAY_ON,
		    r->sequence);
	if (!i->about.has_tag ||
	    memcmp(i->about.tag, r->identity, SHA256_LEN) != 0)
		return err_set(e, E_SEQ,
		    "another transfer %" PRIu32 " was imported there than this "
		    "store wrote: it was set back to an older state, or two "
		    "export as one; " WAY_ON,
		    r->sequence);
	i->row.ledger = i->about.row;
	return 0;
}

static bool
is_revoked(const struct keyring *keys, const uint8_t key[DESTINATION_KEY])
{
	for (size_t i = 0; i < keys->nrevoked; i++)
		if (memcmp(keys->revoked[i].pub.key, key, DESTINATION_KEY) == 0)
			return true;
	return false;
}

/* The store is known: by its key, unless that was revoked since. */
static int
judge_pinned(struct receipt_in *i, const struct keyring *keys, const char *name,
    struct err *e)
{
	char id[2 * SIGN_ID_LEN + 1];

	if (name != NULL && strcmp(name, i->to.name) != 0)
		return err_set(e, E_SEQ,
		    "the store that wrote it is destination %s, not %s",
		    i->to.name, name);
	if (i->to.has_key &&
	    memcmp(i->to.key, i->by.key, sizeof(i->to.key)) == 0)
		return 0;
	if (i->to.has_key && !is_revoked(keys, i->to.key)) {
		sign_id_text(id, i->by.id);
		return err_set(e, E_SIG,
		    "key %s signed it; receipts of %s are signed by another "
		    "one: where that is lost, revoke it first",
		    id, i->to.name);
	}
	i->pins = true;
	return 0;
}

/* The store is new: for a destination that is no other store's. */
static int
judge_new(
    struct receipt_in *i, struct store *s, const char *name, struct err *e)
{
	char theirs[GUID_LEN + 1], pinned[GUID_LEN + 1];
	int r;

	if (name == NULL)
		name = i->about.target;
	if (*name == '\0')
		return err_set(e, E_USAGE,
		    "the transfer was for no destination by name: say with "
		    "--destination NAME whose receipt this is");
	if (destination_check(name, e) == -1 ||
	    (r = destination_find(s, name, &i->to, e)) == -1)
		return -1;
	if (r == 0) {
		i->to = (struct destination){.since = i->about.time};
		memcpy(i->to.name, name, strlen(name) + 1);
	}
	if (i->to.has_store) {
		guid_write(theirs, &i->row.r.store);
		guid_write(pinned, &i->to.store);
		return err_set(e, E_SEQ,
		    "store %s wrote it; destination %s is store %s: a store "
		    "that was made anew is another destination",
		    theirs, name, pinned);
	}
	i->pins = true;
	return 0;
}

static int
judge_number(struct receipt_in *i, struct store *s, struct err *e)
{
	const struct receipt *r = &i->row.r;
	struct receipts_row last, same;
	char when[UTC_LEN + 1];
	int any, known;

	if ((any = receipts_last(s, RECEIPTS_TAKEN, &r->store, &last, e)) ==
		-1 ||
	    (known = receipts_find(
		 s, RECEIPTS_TAKEN, &r->store, r->number, &same, e)) == -1)
		return -1;
	utc_write(when, known == 1 ? same.time : last.time);
	if (known == 1 &&
	    memcmp(same.record, i->row.record, RECEIPT_BYTES) == 0) {
		i->already = true;
		return 0;
	}
	if (known == 1)
		return err_set(e, E_SEQ,
		    "another receipt %" PRIu32 " of %s was taken on %.10s: the "
		    "store there was set back to an older state, or two write "
		    "as one; the next number that counts is %" PRIu32
		    ", and until then export --destination %s --full brings "
		    "what it lost",
		    r->number, i->to.name, when, last.r.number + 1, i->to.name);
	if (any == 1 && r->number < last.r.number)
		return err_set(e, E_SEQ,
		    "receipt %" PRIu32 " of %s is older than receipt %" PRIu32
		    ", taken on %.10s: nothing to do, unless the store there "
		    "was set back: then export --destination %s --full brings "
		    "what it lost",
		    r->number, i->to.name, last.r.number, when, i->to.name);
	return 0;
}

int
receipt_in_judge(struct receipt_in *i, struct store *s,
    const struct keyring *keys, const char *name, struct err *e)
{
	int r;

	if (judge_transfer(i, s, e) == -1 ||
	    (r = destination_of_store(s, &i->row.r.store, &i->to, e)) == -1 ||
	    (r == 1 ? judge_pinned(i, keys, name, e)
		    : judge_new(i, s, name, e)) == -1 ||
	    judge_number(i, s, e) == -1)
		return -1;
	return i->already ? 0 : receipt_held(i, s, e);
}

int
receipt_in_take(
    struct receipt_in *i, struct store *s, int64_t time, struct err *e)
{
	const struct receipt *r = &i->row.r;
	char text[128];
	struct event v = {.time = time,
	    .kind = EVENT_RECEIPT,
	    .ledger = i->about.row,
	    .origin = r->origin,
	    .sequence = r->sequence,
	    .text = text};

	i->row.time = time;
	if (i->pins) {
		i->to.has_store = i->to.has_key = true;
		i->to.store = r->store;
		memcpy(i->to.key, i->by.key, sizeof(i->to.key));
		if (destination_put(s, &i->to, e) == -1)
			return -1;
	}
	snprintf(text, sizeof(text), "receipt %" PRIu32 " of %s", r->number,
	    i->to.name);
	if (receipts_add(s, &i->row, e) == -1 || event_add(s, &v, e) == -1)
		return -1;
	return destination_acknowledge(
	    s, i->to.row, r->sequence, &i->revs, &i->files, e);
}

void
receipt_in_free(struct receipt_in *i)
{
	row_set_free(&i->revs);
	row_set_free(&i->files);
}
