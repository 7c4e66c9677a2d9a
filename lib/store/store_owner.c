/* SPDX-License-Identifier: ISC */
/* A store that root made and another is to use: who owns it, and who asks. */
#include "lib/store/store_db.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_ROOM 64

static const char *
name_of(uid_t uid, char room[NAME_ROOM])
{
	const struct passwd *p = getpwuid(uid);

	if (p != NULL)
		snprintf(room, NAME_ROOM, "%s", p->pw_name);
	else
		snprintf(room, NAME_ROOM, "user %u", (unsigned)uid);
	return room;
}

void
store_owner_tell(const char *dir, struct err *e)
{
	char owner[NAME_ROOM], asking[NAME_ROOM];
	struct stat st;

	if (e->kind != E_SYS)
		return;
	if (e->sys == EROFS)
		err_ctx(e, "on a file system that is mounted read-only");
	else if ((e->sys == EACCES || e->sys == EPERM) && stat(dir, &st) == 0)
		err_ctx(e, "of %s, mode %04o, and asked for by %s",
		    name_of(st.st_uid, owner), (unsigned)st.st_mode & 07777,
		    name_of(geteuid(), asking));
}
