/* SPDX-License-Identifier: ISC */
#include "lib/transfer/receipt_out.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/copy.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/sign.h"
#include "lib/store/event.h"
#include "lib/store/buckets.h"
#include "lib/store/carried.h"
#include "lib/store/ledger.h"
#include "lib/store/row_set.h"
#include "lib/store/store.h"
#include "lib/transfer/receipt_sign.h"

#define DAY_S 86400

/* The sets of all imports of an origin, and which of the last ones are
   there. */
struct imports {
	const struct guid *origin;
	const struct ledger_row *last;
	struct store *s;
	int64_t since; /* row of the ledger: before a fork it was another one */
	struct row_set revs, files; /* owned */
	uint32_t seen;
};

static int
add_import(void *arg, const struct ledger_row *r, struct err *e)
{
	struct imports *i = arg;
	uint64_t back;

	if (r->kind != LEDGER_IMPORT || r->state != LEDGER_IMPORTED ||
	    r->row < i->since || guid_cmp(&r->origin, i->origin) != 0)
		return 0;
	if (r->sequence < i->last->sequence) {
		back = i->last->sequence - r->sequence - 1;
		if (back < RECEIPT_SEEN)
			i->seen |= (uint32_t)1 << back;
	}
	if (carried_add(i->s, r->row, CARRIED_REVISIONS, &i->revs, e) == -1)
		return -1;
	if (carried_add(i->s, r->row, CARRIED_FILES, &i->files, e) == -1)
		return -1;
	return 0;
}

static int
fill_buckets(struct store *s, const struct ledger_row *last, struct receipt *r,
    struct err *e)
{
	struct imports i = {.origin = &last->origin, .last = last, .s = s};
	struct buckets b;
	int got = -1;

	if (event_last(s, EVENT_FORK, &last->origin, &i.since, e) == 0 &&
	    ledger_each(s, add_import, &i, e) == 0 &&
	    buckets_count(s, &i.revs, &i.files, true, &b, e) == 0) {
		r->seen = i.seen;
		r->revisions = (uint32_t)b.nrevs;
		r->files = (uint32_t)b.nfiles;
		memcpy(r->rev, b.rev, sizeof(r->rev));
		memcpy(r->file, b.file, sizeof(r->file));
		got = 0;
	}
	row_set_free(&i.revs);
	row_set_free(&i.files);
	return got;
}

static int
fill_failures(
    struct receipt *r, const struct receipt_failures *f, struct err *e)
{
	struct digest d;

	r->failures = f->n > UINT16_MAX ? UINT16_MAX : (uint16_t)f->n;
	if (f->n == 0)
		return 0;
	if (digest_mem(DIGEST_SHA256, f->list->p, f->list->len, &d, e) == -1)
		return -1;
	memcpy(r->failed, d.sha256, sizeof(r->failed));
	return 0;
}

static int
check_numbers(const struct ledger_row *last, int64_t time, struct err *e)
{
	if (last->sequence <= UINT32_MAX && time >= 0 && time <= UINT32_MAX)
		return 0;
	return err_set(e, E_LIMIT,
	    "no receipt: sequence %" PRIu64 " or the time has no room in it",
	    last->sequence);
}

static int
fill(struct store *s, const struct ledger_row *last, int64_t time,
    struct receipt *r, struct err *e)
{
	char plan[2 * SHA256_LEN + 1];
	uint8_t digest[SHA256_LEN];

	*r = (struct receipt){.origin = last->origin,
	    .store = *store_id(s),
	    .sequence = (uint32_t)last->sequence,
	    .time_s = (uint32_t)time};
	memcpy(r->identity, last->tag, sizeof(r->identity));
	if (last->has_head)
		memcpy(r->head, last->head, sizeof(r->head));
	if (event_text(s, EVENT_PLAN, last->row, plan, sizeof(plan), e) == -1)
		return -1;
	if (hex_read(digest, SHA256_LEN, plan, strlen(plan)))
		memcpy(r->plan, digest, sizeof(r->plan));
	if (last->gate[0] != '\0') {
		r->gate = RECEIPT_GATE_CLEAN;
		r->gate_day = (uint16_t)(last->time / DAY_S);
	}
	return fill_buckets(s, last, r, e);
}

/* Does it say what the last one said, by the same key?  1, 0, -1. */
static int
says_the_same(
    const struct receipt *new, const struct receipts_row *old, struct err *e)
{
	uint8_t record[RECEIPT_BYTES];
	struct receipt r = *new;

	r.number = old->r.number;
	r.time_s = old->r.time_s;
	memcpy(r.sig, old->r.sig, sizeof(r.sig));
	if (receipt_pack(&r, record, e) == -1)
		return -1;
	return memcmp(record, old->record, sizeof(record)) == 0;
}

/* The last receipt about that origin, and the number of the next one. */
static int
look_back(struct store *s, const struct guid *origin, struct receipts_row *of,
    bool *any, uint32_t *next, struct err *e)
{
	struct receipts_row last;
	int r;

	if ((r = receipts_last(s, RECEIPTS_WRITTEN, store_id(s), &last, e)) ==
	    -1)
		return -1;
	*next = r == 1 ? last.r.number + 1 : 1;
	if (*next == 0)
		return err_set(e, E_LIMIT,
		    "no receipt: %" PRIu32 " were written", UINT32_MAX);
	r = receipts_last_of(s, RECEIPTS_WRITTEN, store_id(s), origin, of, e);
	*any = r == 1;
	return r == -1 ? -1 : 0;
}

int
receipt_out_make(struct store *s, const struct guid *origin,
    const struct sign_sec *key, int64_t time,
    const struct receipt_failures *failures, struct receipts_row *v,
    bool *is_new, struct err *e)
{
	struct ledger_row last;
	struct receipt r;
	uint32_t next;
	bool any = false;
	int got;

	*is_new = false;
	if ((got = ledger_last_import(s, origin, &last, e)) != 1)
		return got;
	if (check_numbers(&last, time, e) == -1 ||
	    fill(s, &last, time, &r, e) == -1 ||
	    look_back(s, origin, v, &any, &next, e) == -1)
		return -1;
	if (failures != NULL && fill_failures(&r, failures, e) == -1)
		return -1;
	if (failures == NULL && any && v->r.sequence == r.sequence) {
		r.failures = v->r.failures;
		memcpy(r.failed, v->r.failed, sizeof(r.failed));
	}
	memcpy(r.key, key->id, sizeof(r.key));
	if (any && (got = says_the_same(&r, v, e)) != 0)
		return got;
	r.number = next;
	*v = (struct receipts_row){
	    .kind = RECEIPTS_WRITTEN, .ledger = last.row, .time = time};
	if (receipt_sign(&r, key, v->record, e) == -1 ||
	    receipts_add(s, v, e) == -1)
		return -1;
	*is_new = true;
	return 1;
}

void
receipt_out_name(
    char out[RECEIPT_OUT_NAME], const struct receipt *r, const char *site)
{
	snprintf(out, RECEIPT_OUT_NAME,
	    "receipt-%06" PRIu32 "-%s-%06" PRIu32 ".txt", r->number, site,
	    r->sequence);
}

#define TAKEN 2

/* A receipt as it is written: its text, and the list that goes beside it. */
struct papers {
	const struct receipts_row *v;
	struct buf text; /* owned */
	const struct buf *list; /* borrowed; NULL: none, or not that of v */
};

static int
papers_make(struct papers *p, const struct receipts_row *v,
    const struct buf *failures, struct err *e)
{
	char lines[RECEIPT_CHARS + 1];
	struct digest d;

	*p = (struct papers){.v = v, .text = BUF_INIT};
	receipt_write(lines, v->record, '\n');
	if (buf_printf(&p->text, e, "%s\n", lines) == -1)
		return -1;
	if (v->r.failures == 0 || failures == NULL)
		return 0;
	if (digest_mem(DIGEST_SHA256, failures->p, failures->len, &d, e) == -1)
		return -1;
	if (memcmp(d.sha256, v->r.failed, sizeof(v->r.failed)) == 0)
		p->list = failures;
	return 0;
}

static void
name_list(char out[RECEIPT_OUT_NAME + 16], const char *name)
{
	snprintf(out, RECEIPT_OUT_NAME + 16, "%.*s-failures.txt",
	    (int)(strlen(name) - strlen(".txt")), name);
}

/* As is_there(), of the receipt; old: that of this store which stands there. */
static int
look_receipt(int dirfd, const char *name, const struct papers *p,
    struct receipt *old, struct err *e)
{
	struct buf b = BUF_INIT_MAX(RECEIPT_MAX_TEXT);
	struct err not_ours = ERR_INIT;
	uint8_t record[RECEIPT_BYTES];
	int there;

	if ((there = path_look(dirfd, name, NULL, e)) != 1)
		return there;
	if (path_read(dirfd, name, RECEIPT_MAX_TEXT, &b, &not_ours) == -1 ||
	    receipt_read(record, (char *)b.p, b.len, &not_ours) == -1 ||
	    receipt_unpack(old, record, &not_ours) == -1 ||
	    guid_cmp(&old->store, &p->v->r.store) != 0)
		there = TAKEN;
	else
		there = b.len == p->text.len &&
		    memcmp(b.p, p->text.p, b.len) == 0;
	buf_free(&b);
	return there;
}

/* Of the list: whose it is, the receipt says that names it, this or the old. */
static int
look_list(int dirfd, const char *name, const struct papers *p,
    const struct receipt *old, struct err *e)
{
	char beside[RECEIPT_OUT_NAME + 16];
	struct err not_ours = ERR_INIT;
	struct digest d;
	uint64_t size;
	int fd, there, r;

	name_list(beside, name);
	if ((there = path_look(dirfd, beside, NULL, e)) != 1)
		return there;
	if (path_open(dirfd, beside, &fd, &size, &not_ours) == -1)
		return TAKEN;
	r = copy_hashed(fd, -1, size, DIGEST_SHA256, &d, &not_ours);
	(void)close(fd);
	if (r == -1)
		return TAKEN;
	return memcmp(d.sha256, p->v->r.failed, sizeof(old->failed)) == 0 ||
		(old->failures != 0 &&
		    memcmp(d.sha256, old->failed, sizeof(old->failed)) == 0)
	    ? 0
	    : TAKEN;
}

/* Is it there?  1; 0: not, or another of this store's; TAKEN: its name, or that
   of its list, by what is none of these; -1. */
static int
is_there(int dirfd, const char *name, const struct papers *p, struct err *e)
{
	struct receipt old = {.failures = 0};
	int there = look_receipt(dirfd, name, p, &old, e);

	return there != 0 || p->list == NULL
	    ? there
	    : look_list(dirfd, name, p, &old, e);
}

static int
put(int dirfd, const char *name, const struct buf *text, struct err *e)
{
	struct out o = OUT_INIT;
	int r = -1;

	o.replace = true;
	if (out_open(&o, dirfd, name, 0644, e) == 0 &&
	    out_write(&o, text->p, text->len, e) == 0 && out_commit(&o, e) == 0)
		r = 0;
	out_abort(&o);
	return r == 0 ? 0 : err_ctx(e, "%s", name);
}

/* Who sees the receipt finds its list. */
static int
put_both(int dirfd, const char *name, const struct papers *p, struct err *e)
{
	char beside[RECEIPT_OUT_NAME + 16];

	name_list(beside, name);
	if (p->list != NULL && put(dirfd, beside, p->list, e) == -1)
		return -1;
	return put(dirfd, name, &p->text, e);
}

/* Two far sides count their receipts alike. */
static void
name_by_store(char name[RECEIPT_OUT_NAME], const struct receipt *r)
{
	char id[GUID_LEN + 1];
	size_t n = strlen(name) - strlen(".txt");

	guid_write(id, &r->store);
	snprintf(name + n, RECEIPT_OUT_NAME - n, "-%.8s.txt", id);
}

int
receipt_out_put(int dirfd, char name[RECEIPT_OUT_NAME],
    const struct receipts_row *v, const struct buf *failures, struct err *e)
{
	struct papers p;
	int r = -1, there;

	if (papers_make(&p, v, failures, e) == -1 ||
	    (there = is_there(dirfd, name, &p, e)) == -1)
		goto out;
	if (there == TAKEN) {
		name_by_store(name, &v->r);
		if ((there = is_there(dirfd, name, &p, e)) == -1)
			goto out;
	}
	if (there == TAKEN)
		err_set(e, E_USAGE,
		    "%s: what has this name here, or that of its list, is no "
		    "receipt of this store: give another folder",
		    name);
	else
		r = there == 1 ? 0 : put_both(dirfd, name, &p, e);
out:
	buf_free(&p.text);
	return r;
}

/* In the store's own folder nobody else has anything. */
static int
keep(int dirfd, const char *name, const struct receipts_row *v,
    const struct buf *failures, struct err *e)
{
	struct papers p;
	int r = -1;

	if (papers_make(&p, v, failures, e) == 0)
		r = is_there(dirfd, name, &p, e);
	if (r == 0 || r == TAKEN)
		r = put_both(dirfd, name, &p, e);
	buf_free(&p.text);
	return r == -1 ? -1 : 0;
}

int
receipt_out_keep(struct store *s, const char *name,
    const struct receipts_row *v, const struct buf *failures, struct err *e)
{
	int at = store_dirfd(s), fd, r;

	if (os.mkdirat(at, RECEIPT_OUT_DIR, 0755) == -1) {
		if (errno != EEXIST)
			return err_sys(e, "making " RECEIPT_OUT_DIR);
	} else if (out_flush_folder(at) == -1) {
		return err_sys(e, "flushing the store's folder");
	}
	if (path_opendir(at, RECEIPT_OUT_DIR, &fd, e) == -1)
		return err_ctx(e, RECEIPT_OUT_DIR);
	r = keep(fd, name, v, failures, e);
	close(fd);
	return r == 0 ? 0 : err_ctx(e, RECEIPT_OUT_DIR);
}
