/* SPDX-License-Identifier: ISC */
/* Calls of the kernel, by seccomp. */
#include <errno.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sandbox.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static const int allowed[] = {
    /* Connections. */
    SCMP_SYS(accept4), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_wait), SCMP_SYS(getsockname), SCMP_SYS(getsockopt),
    SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(sendfile),
    SCMP_SYS(sendmsg), SCMP_SYS(sendto), SCMP_SYS(setsockopt),
    SCMP_SYS(shutdown),
    /* Files; which, Landlock says. */
    SCMP_SYS(access), SCMP_SYS(close), SCMP_SYS(dup3), SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(fadvise64), SCMP_SYS(fchmod),
    SCMP_SYS(fcntl), SCMP_SYS(fdatasync), SCMP_SYS(flock), SCMP_SYS(fstat),
    SCMP_SYS(fstatfs), SCMP_SYS(fsync), SCMP_SYS(ftruncate), SCMP_SYS(getcwd),
    SCMP_SYS(getdents64), SCMP_SYS(lseek), SCMP_SYS(lstat),
    SCMP_SYS(newfstatat), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2),
    SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(preadv2), SCMP_SYS(pwrite64),
    SCMP_SYS(read), SCMP_SYS(readahead), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(readv), SCMP_SYS(renameat),
    SCMP_SYS(renameat2), SCMP_SYS(stat), SCMP_SYS(statx), SCMP_SYS(unlinkat),
    SCMP_SYS(write), SCMP_SYS(writev),
    /* Memory, threads, signals, time. */
    SCMP_SYS(brk), SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(futex), SCMP_SYS(getegid),
    SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getpid), SCMP_SYS(getrandom),
    SCMP_SYS(gettid), SCMP_SYS(gettimeofday), SCMP_SYS(getuid),
    SCMP_SYS(madvise), SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(mremap),
    SCMP_SYS(munmap), SCMP_SYS(nanosleep), SCMP_SYS(poll),
    SCMP_SYS(restart_syscall), SCMP_SYS(rseq), SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list), SCMP_SYS(sigaltstack), SCMP_SYS(sysinfo),
    SCMP_SYS(tgkill), SCMP_SYS(time), SCMP_SYS(uname)};

/* Of one who only reads; on which descriptors, read_rules() says. */
static const int plain[] = {SCMP_SYS(brk), SCMP_SYS(clock_gettime),
    SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(futex), SCMP_SYS(getrandom),
    SCMP_SYS(gettimeofday), SCMP_SYS(madvise), SCMP_SYS(mmap),
    SCMP_SYS(mprotect), SCMP_SYS(mremap), SCMP_SYS(munmap),
    SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn)};

bool
sandbox_left_off(void)
{
	return SANITIZED && getenv("WSUSFERRY_UNCONFINED") != NULL;
}

static int
add_rules(scmp_filter_ctx f)
{
	/* How much of an answer is not taken yet. */
	const struct scmp_arg_cmp waiting = {
	    .arg = 1, .op = SCMP_CMP_EQ, .datum_a = SIOCOUTQ};
	size_t i;
	int r;

	if ((r = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1)) != 0)
		return r;
	for (i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		if ((r = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0)) !=
		    0)
			return r;
	return seccomp_rule_add_array(
	    f, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, &waiting);
}

int
sandbox_calls(struct log *l, struct err *e)
{
	scmp_filter_ctx f;
	int r;

	if (SANITIZED)
		return 0;
	if ((f = seccomp_init(SCMP_ACT_ERRNO(EPERM))) == NULL)
		return err_nomem(e);
	if ((r = add_rules(f)) == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	if (r == 0)
		return 0;
	errno = -r;
	if (r != -ENOSYS && r != -EINVAL && r != -ECANCELED)
		return err_sys(e, "seccomp");
	log_event(l, LOG_INFO, NULL,
	    "the kernel offers no seccomp; its calls are not fenced in");
	return 0;
}

static int
add_fd(scmp_filter_ctx f, int call, int fd)
{
	const struct scmp_arg_cmp is = {
	    .arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)fd};

	return seccomp_rule_add_array(f, SCMP_ACT_ALLOW, call, 1, &is);
}

static int
read_rules(scmp_filter_ctx f, int ask, int fd, int tell)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(plain) / sizeof(*plain); i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, plain[i], 0);
	if (r != 0 || (r = add_fd(f, SCMP_SYS(read), ask)) != 0 ||
	    (r = add_fd(f, SCMP_SYS(read), fd)) != 0 ||
	    (r = add_fd(f, SCMP_SYS(lseek), fd)) != 0)
		return r;
	return add_fd(f, SCMP_SYS(write), tell);
}

int
sandbox_reader(int ask, int fd, int tell, size_t memory, struct err *e)
{
	struct log quiet = LOG_INIT;
	struct rlimit most;
	scmp_filter_ctx f;
	int r;

	quiet.quiet = true;
	if (sandbox_enter(NULL, 0, NULL, 0, &quiet, e) == -1)
		return -1;
	if (SANITIZED)
		return 0;
	/* Who is given less already keeps that. */
	if (getrlimit(RLIMIT_DATA, &most) == -1)
		return err_sys(e, "limit of memory");
	if (most.rlim_max > memory)
		most.rlim_max = memory;
	most.rlim_cur = most.rlim_max;
	if (setrlimit(RLIMIT_DATA, &most) == -1)
		return err_sys(e, "limit of memory");
	if ((f = seccomp_init(SCMP_ACT_ERRNO(EPERM))) == NULL)
		return err_nomem(e);
	if ((r = read_rules(f, ask, fd, tell)) == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	errno = -r;
	/* Where the kernel offers none there is Landlock, or nothing. */
	if (r != 0 && r != -ENOSYS && r != -EINVAL && r != -ECANCELED)
		return err_sys(e, "seccomp");
	return 0;
}
