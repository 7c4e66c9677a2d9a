/* SPDX-License-Identifier: ISC */
#include "lib/store/store_unborn.h"

#include <fcntl.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/path_remove.h"
#include "lib/store/content.h"
#include "lib/store/store.h"

/* In this order it is a store until store.db is gone, and one that may be born
   from then on, wherever this stops. */
static const char *const names[] = {"import.log", "fetch.log", "store.db-wal",
    "store.db-shm", "store.db", "staging", "keys", CONTENT_DIR, "lock"};

void
born_remove(struct store *s, const char *dir, bool was_there)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (tree_remove(store_dirfd(s), names[i], &e) == -1)
			return;
	if (!was_there)
		(void)os.unlinkat(AT_FDCWD, dir, AT_REMOVEDIR);
}
