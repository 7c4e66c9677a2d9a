/* SPDX-License-Identifier: ISC */
/* What the steps of one export share; only export_run*.c include it. */
#ifndef WF_EXPORT_PRIV_H
#define WF_EXPORT_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/bag.h"
#include "formats/package.h"
#include "formats/policy.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/prog.h"
#include "lib/base/sign.h"
#include "lib/export/export.h"
#include "lib/export/fill.h"
#include "lib/transfer/pack.h"
#include "lib/store/carried.h"
#include "lib/store/content.h"
#include "lib/store/destination.h"
#include "lib/choose/choose.h"
#include "lib/store/gone.h"
#include "lib/store/lacking.h"
#include "lib/store/ledger.h"
#include "lib/store/plan.h"
#include "lib/store/row_set.h"
#include "lib/store/store_show.h"

struct payload_item;
struct sink;
struct store;

/* A file of the transfer: beneath data/, or a tag file. */
struct export_entry {
	const char *name; /* borrowed from the arena */
	uint8_t sha256[SHA256_LEN];
	uint64_t size; /* bytes */
	uint64_t off; /* of a part: bytes of its file that are before it */
	uint32_t medium; /* from 1 */
};

struct export_list {
	struct export_entry *v; /* owned */
	size_t n, cap;
};

/* An update that waits for the next transfer. */
struct export_waiting {
	int64_t row; /* of its newest revision that would be carried */
	uint64_t bytes; /* that it would take */
};

struct export
{
	const struct export_opts *o;
	struct log *log;
	struct store *store; /* owned */
	struct content content; /* owned */
	struct selection sel;
	struct guid *ids; /* owned: what sel borrows */
	size_t cap_ids;
	struct package_head head;
	struct package_enabled langs;
	struct plan plan; /* owned */
	struct pack pack; /* owned */
	struct prog prog;
	uint64_t left_out; /* revisions that could not be closed */
	struct row_set
	    asked; /* owned: rows of the plan and of those left out */
	struct words first_left[3]; /* of those held back by another one */
	uint64_t held_back;
	struct row_set chosen; /* owned: updates, by the policy */
	struct choose_files
	    wanted; /* owned: by the policy, when there is one */
	struct gone gone; /* owned: damage of the store */
	struct lacking lacking; /* of what was asked for */
	uint64_t absent; /* payload files named, but not held */
	uint64_t unwanted; /* payload files that the policy does not want */
	struct policy given; /* owned */
	uint8_t policy[SHA256_LEN]; /* its name, when there is one */
	uint64_t files, bytes; /* payload carried */
	/* Where it goes, and what is there already. */
	struct destination dest; /* name "": to anybody */
	bool since_last; /* what was sent there counts as held */
	uint64_t base_sequence; /* 0: a full transfer */
	bool marked; /* a person has just vouched for what is held */
	struct row_set planned; /* owned: revisions of the plan */
	struct row_set held, held_files, sent, also; /* owned */
	struct plan_base base;
	uint64_t fresh; /* revisions that are not there yet */
	uint64_t before; /* payload files that are there, and not carried */
	/* export_budget.c */
	uint64_t budget; /* bytes; 0: none */
	struct row_set waits; /* owned: revisions that sel leaves out */
	struct export_waiting *waiting; /* owned; the first goes first */
	size_t nwaiting, too_large; /* those that no such transfer carries */
	uint64_t waiting_bytes;
	/* export_with.c */
	struct export_with {
		struct export_with_file {
			const char *name; /* borrowed: data/with/NAME/... */
			size_t of; /* the folder: o->withs */
			uint64_t size; /* bytes */
			uint8_t sha256[SHA256_LEN];
		} * v; /* owned, sorted by name */
		size_t n, cap;
		int *dirs; /* owned: the folders, open */
		size_t ndirs;
		uint64_t bytes;
	} with;
	/* a transfer's own */
	int scratch; /* owned */
	int parent; /* owned: the folder named by --to, or of the package */
	int root; /* owned: the transfer's folder while it is made */
	int data; /* owned: data/ in it */
	char name[96], temp[112]; /* of the transfer's folder */
	int *packages; /* owned: nameless files with the packed packages */
	size_t npackages;
	uint64_t packed_bytes; /* of those */
	struct ledger_row row;
	struct sign_sec key;
	struct bag_info info;
	struct arena names; /* owned */
	struct export_list files_list, tags_list;
	char approved[2 * SHA256_LEN + 1]; /* name of the plan, or "" */
	struct buf ledger; /* owned: ledger.tsv */
	/* export_media.c: where there are several, or files are cut */
	bool on_media;
	struct fill fill; /* owned */
	struct export_list whole; /* owned: data/ of all media */
	int out; /* owned: staging/out-SEQUENCE; -1 */
	/* export_tar.c: one medium, and that a tar */
	bool tar;
	const char *tar_name; /* borrowed: in parent; NULL: standard output */
};

/* export_lacking.c: the plan, and what it leaves out; then what is told. */
int export_plan(struct export *x, struct err *e);
int export_tell_lacking(struct export *x, struct err *e);

/* export.c: plan and pack anew, after x->sel has changed. */
int export_plan_again(struct export *x, struct err *e);

/* export_budget.c: its size, before work begins; of a plan what fits into it,
   and no more; and the list of what waits, as data. */
int export_budget_read(struct export *x, struct err *e);
int export_budget(struct export *x, struct err *e);
int export_budget_tell(struct export *x, struct err *e);

/*
 * export_with.c: what --with names is listed and hashed, before work begins;
 * can the medium hold each; lines for names of selection and plan; then they
 * are copied beneath the folder that x->data is in, and must be what they were.
 */
int export_with_read(struct export *x, struct err *e);
void export_with_close(struct export *x);
int export_with_fits(struct export *x, struct err *e);
int export_with_lines(
    const struct export *x, struct digest_ctx *c, struct err *e);
int export_with_put(struct export *x, struct err *e);

/* export_policy.c: reads it, before work begins */
int export_policy_read(struct export *x, struct err *e);
int export_policy_put(struct export *x, struct sink *to, struct err *e);
/* export_policy.c: the updates that it wants are selected, before the plan is
   made; then what of their payload it does not want is marked in x->pack; and
   a warning where that is all of it. */
int export_policy_choose(struct export *x, struct err *e);
void export_policy_mark(struct export *x);
void export_policy_tell(struct export *x);

/* export_base.c: the destination and what it has, before the plan is made;
   then, in the transaction of what is written, what was learned of it. */
int export_base(struct export *x, struct err *e);
int export_base_keep(struct export *x, struct err *e);
/* Nothing is to be written: what a person vouched for is kept all the same. */
int export_mark(struct export *x, struct err *e);
int export_nothing(struct export *x, struct err *e);

/* export_receipt.c: what a receipt that is given says is held. */
int export_receipt(struct export *x, struct err *e);

/* export_sets.c: what of the pack is there already; then what it carries, for
   the ledger. */
void export_sets_mark(struct export *x);
int export_sets_keep(struct export *x, struct err *e);

/* export_resume.c: a run of its own; nothing is exported. */
int export_resume(const struct export_opts *o, struct err *e);

/* export_package.c: its folder and name, before work begins; then it. */
int export_package_given(struct export *x, struct err *e);
int export_package(struct export *x, struct err *e);

/* export_transfer.c: the key and the folder, before work begins; then it. */
int export_given(struct export *x, struct err *e);
int export_transfer(struct export *x, struct err *e);
/* export_number.c: the row of this transfer, into x->row; 1: it is written, and
   the row is to be finished; EXPORT_WAITS: media of it are left. */
#define EXPORT_WAITS 2
int export_number(struct export *x, struct err *e);
/* export_transfer.c: all packages, packed into files without a name: so the
   room that is needed is known to the byte before the first is written. */
int export_pack(struct export *x, struct err *e);
void export_unpack(struct export *x);
/* What of the pack's payload is carried, and why the rest is not. */
void export_count(struct export *x);

/* export_preview.c: the plan that was approved, before work begins; is it this
   one, by its name (E_DIGEST); and what would be written, on standard
   output. */
int export_preview_read(struct export *x, struct err *e);
int export_preview_check(struct export *x, struct err *e);
int export_preview(struct export *x, struct err *e);

/* export_room.c, before the first byte is written: may anything be, and can the
   medium hold each file?  Then, of what is packed: is there room for all? */
int export_fits(struct export *x, struct err *e);
int export_room(struct export *x, struct err *e);

/* export_data.c: everything beneath data/; the same without payload, where
   data/ and data/WsusContent are there. */
int export_data(struct export *x, struct err *e);
int export_texts(struct export *x, int content, struct err *e);
/*
 * Payload of the store into a folder WsusContent, hashed while it is copied;
 * notes: each is added to the list of files.  E_DIGEST: some is damaged.
 */
int export_copy(struct export *x, int to, struct payload_item *items, size_t n,
    bool notes, struct err *e);

/*
 * export_media.c.  Does the transfer take media, or cut files?  Then what each
 * medium is to have but its payload is made in staging/out-SEQUENCE/, and media
 * are written from there, by this run as many as folders were named, by later
 * ones the rest: the store may go on meanwhile.
 */
int export_media_ask(struct export *x, struct err *e); /* x->on_media */
int export_media_plan(struct export *x, struct err *e);
int export_media_make(struct export *x, struct err *e);
int export_media_state(struct export *x, struct sink *to, struct err *e);
/* export_media_out.c: the folder's name in staging; the options by which media
   were planned, as a file there has them. */
#define EXPORT_OUT_NAME 32
#define EXPORT_ASKED "asked"
#define EXPORT_ASKED_MAX 256
void export_media_name(char out[EXPORT_OUT_NAME], uint64_t sequence);
void export_media_asked(const struct export *x, char text[EXPORT_ASKED_MAX]);
/* Does that row wait for media?  1, 0, -1. */
int export_media_left(
    struct export *x, const struct ledger_row *open, struct err *e);
/* What waits is given up; only a writer that has accepted may. */
int export_media_clear(struct export *x, struct err *e);
/* The media that are still to be written, or the one that was asked for.  1:
   that was all of them; 0 some are left. */
int export_media_write(struct export *x, struct err *e);
/* An open row's media are made, and as many written as there are folders. */
int export_media_begin(struct export *x, struct err *e);
/* --medium: what an earlier run began. */
int export_media_go_on(struct export *x, struct err *e);
const char *export_to(const struct export *x, size_t i);
size_t export_ntos(const struct export *x);

/* export_medium.c: one of them into the folder at path. */
int export_medium(
    struct export *x, uint32_t number, const char *path, struct err *e);
/* Bytes of a file, hashed, and written to to, unless that is -1. */
int export_slice(int fd, int to, uint64_t off, uint64_t size, struct digest *d,
    struct err *e);

/* What media.tsv in that folder of staging gives to a medium. */
int export_medium_list(struct export *x, int from, uint32_t number,
    struct export_list *list, struct err *e);

/*
 * export_tar.c: the transfer as a tar, in a file or on standard output, from
 * what waits in staging and the store's payload.  Given: the options, and the
 * file's folder, before work begins; fits: before packages are made, then of
 * all that is packed.
 */
bool export_tar_asked(const struct export *x);
int export_tar_given(struct export *x, struct err *e);
int export_tar_fits(struct export *x, bool packed, struct err *e);
int export_tar_write(struct export *x, struct err *e);

/*
 * export_archive.c: a tar by libarchive, as wsusferry-transfer(5) has it, all
 * beneath one folder and of one time.  Bytes go to `to`, which is borrowed.
 */
struct export_archive;
int export_archive_open(struct export_archive **a, struct sink *to,
    const char *folder, int64_t time, struct err *e);
int export_archive_member(
    struct export_archive *a, const char *name, uint64_t size, struct err *e);
int export_archive_write(
    struct export_archive *a, const void *p, size_t n, struct err *e);
/* Its end; without that it is cut off. */
int export_archive_finish(struct export_archive *a, struct err *e);
void export_archive_close(struct export_archive *a);
/* At least the bytes of a member with what stands before it. */
uint64_t export_archive_takes(uint64_t size);
#define EXPORT_ARCHIVE_END 10240 /* bytes that it ends in, at most */

/* export_again.c: reads what was written again, past the page cache. */
int export_again(struct export *x, int root, const char *path,
    const struct export_list *const *lists, size_t n, struct err *e);

/* export_transfer.c: its row is written. */
int export_finish_row(struct export *x, struct err *e);
int export_check_free(struct export *x, const char *path, struct err *e);

/* export_ledger.c: ledger.tsv, into x->ledger. */
int export_ledger(struct export *x, struct err *e);

/* export_tags.c: tag files and signature, after data/. */
int export_tags(struct export *x, struct err *e);

/*
 * export_text.c: texts beneath data/ into a sink.
 */
struct sink;
int export_state(struct export *x, struct sink *to, struct err *e);
int export_inventory(struct export *x, struct sink *to, struct err *e);
/* Is that file in the transfer?  "yes", "before", "no". */
const char *export_carried(const struct pack *p, const struct store_file *f);

/*
 * export_far.c: what the far side reads and runs without our programs; lines
 * end in CR LF where Windows reads them.
 */
int export_far_readme(struct export *x, struct sink *to, struct err *e);
int export_far_verify(struct export *x, struct sink *to, struct err *e);
int export_far_approve(struct export *x, struct sink *to, struct err *e);
int export_far_import(struct export *x, struct sink *to, struct err *e);

/* A file made through `make`, hashed on its way, and noted in the list. */
int export_put(struct export *x, struct export_list *list, int dirfd,
    const char *name, const char *base,
    int (*make)(struct export *x, struct sink *to, struct err *e),
    struct err *e);
/* A new folder, open; the mode is 0755 whatever the umask. */
int export_folder(int dirfd, const char *name, int *fd, struct err *e);
int export_note(struct export *x, struct export_list *list, const char *name,
    const uint8_t sha256[SHA256_LEN], uint64_t size, struct err *e);
void export_sort(struct export_list *list);

#endif
