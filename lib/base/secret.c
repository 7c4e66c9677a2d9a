/* SPDX-License-Identifier: ISC */
#include "lib/base/secret.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"

int
secret_check(const struct stat *st, struct err *e)
{
	mode_t others = st->st_uid == geteuid() ? 077 : 07;

	if ((st->st_mode & others) == 0)
		return 0;
	return err_set(e, E_USAGE,
	    "mode %04o, expected 0600: others may read what is secret; chmod "
	    "600 it, and make a new one if they may have done so",
	    (unsigned)(st->st_mode & 07777));
}
