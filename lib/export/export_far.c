/* SPDX-License-Identifier: ISC */
/*
 * For the far side without our programs: a text, two scripts (dist/far, as they
 * are installed, too), and what may be approved.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/csv.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "lib/base/words.h"
#include "lib/export/export_priv.h"
#include "lib/store/row_set.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"
#include "lib/store/store_walk.h"

/* The very files, so that nobody has to keep two of them alike. */
__asm__(".section .rodata\n"
	"export_far_sh: .incbin \"dist/far/verify.sh\"\n"
	"export_far_sh_end: .byte 0\n"
	"export_far_cmd: .incbin \"dist/far/wsus-import.cmd\"\n"
	"export_far_cmd_end: .byte 0\n"
	".previous\n");
extern const char export_far_sh[], export_far_sh_end[];
extern const char export_far_cmd[], export_far_cmd_end[];

/* Each command works as it stands, in the folder that the text names. */
static const char readme[] =
    "CHECK IT FIRST. The public key that belongs to it (site.pub here) must "
    "have\n"
    "come to you another way, and with it verify.sh and wsus-import.cmd: use "
    "those\n"
    "copies. Whoever changes this medium changes the ones on it as well. All "
    "three\n"
    "lie beside this folder, not in it: a file that is not part of the "
    "transfer\n"
    "makes it invalid. Type the commands in the folder where this text lies.\n"
    "\n"
    "On Linux, with minisign and what every system has:\n"
    "\n"
    "    sh ../verify.sh ../site.pub .\n"
    "\n"
    "or step by step:\n"
    "\n"
    "    minisign -Vm tagmanifest-sha256.txt -p ../site.pub\n"
    "    sha256sum -c tagmanifest-sha256.txt\n"
    "    sha256sum -c manifest-sha256.txt\n"
    "\n"
    "or with wsusferry:\n"
    "\n"
    "    wsusferry-verify --trusted-keys ../site.pub .\n"
    "\n"
    "On Windows, with minisign.exe; the second command is part of the import "
    "below:\n"
    "\n"
    "    minisign.exe -Vm tagmanifest-sha256.txt -p ..\\site.pub\n"
    "\n"
    "INTO A WSUSFERRY STORE (STORE is the folder of yours):\n"
    "\n"
    "    wsusferry-import -s STORE --trusted-keys ../site.pub .\n"
    "\n"
    "INTO A WSUS SERVER, as a local administrator on that server. It must be\n"
    "autonomous, not a replica, and have the same languages and express files\n"
    "setting as the exporting side. Automatic approval rules off. D:\\WSUS "
    "stands\n"
    "for the folder in which the server has its WsusContent:\n"
    "\n"
    "    ..\\wsus-import.cmd . D:\\WSUS\n"
    "\n"
    "It checks every file by certutil, copies the payload, joins what was cut, "
    "and\n"
    "imports every package in order. By hand that is, content first:\n"
    "\n"
    "    robocopy data\\WsusContent D:\\WSUS\\WsusContent /E\n"
    "    wsusutil import data\\wsusexport.cab D:\\WSUS\\import.log\n"
    "\n"
    "and every further data\\wsusexport-N.cab the same way, in order of their\n"
    "numbers, each with a log file of a new name. (wsusutil lies in "
    "C:\\Program\n"
    "Files\\Update Services\\Tools.) Then wait until the console shows the "
    "updates,\n"
    "run wsusutil reset, and approve: data\\approve.csv says of each update "
    "whether\n"
    "its files were carried. One that says no would wait for files without "
    "end.\n";

static const char media[] = "This is medium %u of %u of that transfer. Check "
			    "each of them as below, and give\n"
			    "them one after the other to the import, the last "
			    "one last: wsusferry-import\n"
			    "takes them in any order, all at once or one by "
			    "one, and says which it lacks.\n"
			    "The packages for WSUS are on the last one.\n"
			    "\n";

/* LF becomes CR LF. */
static int
put_dos(struct sink *to, const char *p, size_t n, struct err *e)
{
	while (n > 0) {
		const char *lf = memchr(p, '\n', n);
		size_t len = lf == NULL ? n : (size_t)(lf - p);

		if (sink_write(to, p, len, e) == -1)
			return -1;
		if (lf == NULL)
			return 0;
		if (sink_puts(to, "\r\n", e) == -1)
			return -1;
		p += len + 1;
		n -= len + 1;
	}
	return 0;
}

int
export_far_readme(struct export *x, struct sink *to, struct err *e)
{
	struct buf b = BUF_INIT;
	char time[UTC_LEN + 1], key[2 * SIGN_ID_LEN + 1];
	int r;

	utc_write(time, x->info.time);
	sign_id_text(key, x->key.id);
	r = buf_printf(&b, e,
	    "WINDOWS UPDATES, TRANSFER %s\n"
	    "\n"
	    "This folder carries Windows updates to a network that is not "
	    "connected. It was\n"
	    "made on %s (UTC) and signed with the key %s.\n"
	    "The transfer holds %s and %s.\n"
	    "\n",
	    x->info.id, time, key, words_count(x->info.revisions, "revision").s,
	    words_count(x->info.files, "payload file").s);
	if (r == 0 && x->info.bags > 1)
		r = buf_printf(&b, e, media, x->info.bag, x->info.bags);
	if (r == 0)
		r = buf_puts(&b, readme, e);
	if (r == 0)
		r = put_dos(to, (const char *)b.p, b.len, e);
	buf_free(&b);
	return r;
}

int
export_far_verify(struct export *x, struct sink *to, struct err *e)
{
	(void)x;
	return sink_write(
	    to, export_far_sh, (size_t)(export_far_sh_end - export_far_sh), e);
}

int
export_far_import(struct export *x, struct sink *to, struct err *e)
{
	(void)x;
	return put_dos(to, export_far_cmd,
	    (size_t)(export_far_cmd_end - export_far_cmd), e);
}

struct approve {
	struct export *x;
	struct sink *to;
	struct row_set rows; /* owned: what a person can approve */
	struct csv row; /* owned */
	struct buf kbs; /* owned */
	bool no, yes, before; /* of the files of one update */
};

static int
see_top(void *arg, int64_t row, bool superseded, struct err *e)
{
	struct approve *a = arg;

	/* These are the newest of their updates. */
	return superseded ? 0 : row_set_add(&a->rows, row, e);
}

static int
see_file(void *arg, const struct store_file *f, struct err *e)
{
	struct approve *a = arg;
	const char *carried = export_carried(&a->x->pack, f);

	(void)e;
	a->no = a->no || carried[0] == 'n';
	a->yes = a->yes || carried[0] == 'y';
	a->before = a->before || carried[0] == 'b';
	return 0;
}

/* An update with all that it bundles: as good as the worst of its files. */
static int
put_update(struct approve *a, struct store_walk *w, const struct store_rev *r,
    struct err *e)
{
	char id[GUID_LEN + 1];

	a->no = a->yes = a->before = false;
	if (store_each_file_under(a->x->store, r->row, see_file, a, e) == -1 ||
	    store_walk_kbs(w, r->row, &a->kbs, e) == -1)
		return -1;
	guid_write(id, &r->id);
	csv_begin(&a->row);
	csv_str(&a->row, id);
	csv_str(&a->row, buf_str(&a->kbs, e));
	csv_str(&a->row, r->title);
	csv_str(&a->row,
	    a->no		       ? "no"
		: a->before && !a->yes ? "before"
				       : "yes");
	return csv_end(&a->row, a->to, e);
}

static int
put_updates(struct approve *a, struct store_walk *w, struct err *e)
{
	const struct plan *p = &a->x->plan;

	for (size_t i = 0; i < p->n; i++) {
		struct store_rev r;

		if (!row_set_has(&a->rows, p->items[i].row))
			continue;
		if (store_walk_rev(w, p->items[i].row, &r, e) == -1)
			return -1;
		if (!r.expired && put_update(a, w, &r, e) == -1)
			return -1;
	}
	return 0;
}

int
export_far_approve(struct export *x, struct sink *to, struct err *e)
{
	struct approve a = {.x = x, .to = to, .row = CSV_INIT, .kbs = BUF_INIT};
	struct store_walk *w = NULL;
	int r;

	r = sink_puts(to, "\xef\xbb\xbfupdate_id,kb,title,carried\r\n", e);
	if (r == 0)
		r = store_each_top(x->store, 0, UINT_MAX, see_top, &a, e);
	if (r == 0 && (r = store_walk_open(&w, x->store, e)) == 0)
		r = put_updates(&a, w, e);
	store_walk_close(w);
	row_set_free(&a.rows);
	csv_free(&a.row);
	buf_free(&a.kbs);
	return r;
}
