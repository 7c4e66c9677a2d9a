/* SPDX-License-Identifier: ISC */
/* Does the transfer, or the package, fit where it is to be? */
#include <stdio.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/room.h"
#include "lib/base/words.h"
#include "lib/export/export_priv.h"
#include "lib/store/store.h"

#define ENTRY 4096u /* bytes: what a file or folder takes besides its own */
#define OWN_FILES 300u /* tag files, and the folders of payload */

/* The largest payload file, by the name that its update has for it.  Packages
   end long before a limit. */
static int
check_payload(struct export *x, struct err *e)
{
	const struct pack_file *largest = NULL;
	char name[CONTENT_NAME_MAX + 512];
	struct store_file row;
	int n;

	for (size_t i = 0; i < x->pack.nfiles; i++) {
		const struct pack_file *f = &x->pack.files[i];

		if (pack_carries(f) &&
		    (largest == NULL || f->size > largest->size))
			largest = f;
	}
	if (largest == NULL)
		return 0;
	if (store_file(x->store, largest->sha1, &row, e) != 1)
		return -1;
	n = snprintf(name, sizeof(name), "%.255s, ", row.name);
	content_name(name + n, largest->sha1, largest->ext);
	return room_file(x->parent, largest->size, name, x->o->to, e);
}

int
export_fits(struct export *x, struct err *e)
{
	if (room_writable(x->parent, x->o->to, e) == -1)
		return -1;
	return check_payload(x, e);
}

int
export_room(struct export *x, struct err *e)
{
	uint64_t files = x->files + x->npackages + x->with.n + OWN_FILES, need,
		 have = 0;
	int told;

	if (x->o->package != NULL)
		return room_check(
		    x->parent, x->bytes, x->npackages, x->o->package, e);
	/* Lines of both manifests and of the inventory, generously. */
	need = x->bytes + (files + x->plan.n) * ENTRY / 4 +
	    x->files * ENTRY / 2;
	if ((told = room_free(x->parent, &have, e)) == -1)
		return err_ctx(e, "%s", x->o->to);
	log_event(x->log, LOG_INFO, NULL, "%s: %s, %s, %s on 1 medium; %s%s",
	    x->name, words_count(x->plan.n, "revision").s,
	    words_count(x->files, "payload file").s, words_size(x->bytes).s,
	    told == 1 ? words_size(have).s : "",
	    told == 1 ? " free" : "how much is free, its file system says not");
	return room_check(x->parent, need, files, x->o->to, e);
}
