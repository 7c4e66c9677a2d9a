/* SPDX-License-Identifier: ISC */
#include "lib/base/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"

/* Younger than the oldest header that we build with. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE                                                                  \
	(READ | LANDLOCK_ACCESS_FS_WRITE_FILE |                                \
	    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |   \
	    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |        \
	    LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE)
/* Of these the kernel takes only some where the rule is for a file. */
#define OF_FILES                                                               \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |        \
	    LANDLOCK_ACCESS_FS_TRUNCATE)

/* Everything that this version of the interface can forbid. */
static uint64_t
handled(long abi)
{
	uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

	if (abi >= 2)
		all |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		all |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (abi >= 5)
		all |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	return all;
}

static int
allow(int ruleset, const int *dirs, size_t n, uint64_t access, struct err *e)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = access};
	struct stat st;
	size_t i;

	for (i = 0; i < n; i++) {
		rule.parent_fd = dirs[i];
		rule.allowed_access = access;
		if (fstat(dirs[i], &st) == -1)
			return err_sys(e, "Landlock: folder %zu", i);
		if (!S_ISDIR(st.st_mode))
			rule.allowed_access &= OF_FILES;
		if (syscall(SYS_landlock_add_rule, ruleset,
			LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == -1)
			return err_sys(e, "Landlock: rule %zu", i);
	}
	return 0;
}

static int
landlock(const int *ro, size_t nro, const int *rw, size_t nrw, long abi,
    struct err *e)
{
	struct landlock_ruleset_attr attr = {.handled_access_fs = handled(abi)};
	uint64_t all = attr.handled_access_fs;
	int fd, r = -1;

	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd == -1)
		return err_sys(e, "Landlock: rules");
	if (allow(fd, ro, nro, READ & all, e) == -1 ||
	    allow(fd, rw, nrw, WRITE & all, e) == -1)
		goto out;
	if (syscall(SYS_landlock_restrict_self, fd, 0) == -1) {
		err_sys(e, "Landlock: restriction");
		goto out;
	}
	r = 0;
out:
	close(fd);
	return r;
}

int
sandbox_enter(const int *ro, size_t nro, const int *rw, size_t nrw,
    struct log *l, struct err *e)
{
	static const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
	long abi;

	if (setrlimit(RLIMIT_CORE, &none) == -1)
		return err_sys(e, "no core files");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return err_sys(e, "no new privileges");
	abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (abi >= 1)
		return landlock(ro, nro, rw, nrw, abi, e);
	if (errno != ENOSYS && errno != EOPNOTSUPP)
		return err_sys(e, "Landlock");
	log_event(l, LOG_INFO, NULL,
	    "the kernel offers no Landlock; files are not fenced in");
	return 0;
}

int
sandbox_user(const char *name, struct err *e)
{
	const struct passwd *p;

	errno = 0;
	if ((p = getpwnam(name)) == NULL)
		return errno != 0
		    ? err_sys(e, "user %s", name)
		    : err_set(e, E_USAGE, "there is no user '%s'", name);
	if (geteuid() == p->pw_uid && getuid() == p->pw_uid)
		return 0;
	if (initgroups(name, p->pw_gid) == -1 || setgid(p->pw_gid) == -1 ||
	    setuid(p->pw_uid) == -1)
		return err_sys(e, "becoming user %s", name);
	if (p->pw_uid != 0 && setuid(0) != -1)
		return err_set(e, E_SYS, "user %s could be root again", name);
	return 0;
}
