/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/path.h"

struct row {
	const char *name;
	size_t len; /* 0: strlen */
};

static const struct row hostile[] = {
    {"", 0},
    {"/", 0},
    {"/etc/passwd", 0},
    {".", 0},
    {"..", 0},
    {"../a", 0},
    {"a/../b", 0},
    {"a/..", 0},
    {"a/./b", 0},
    {"./a", 0},
    {"a//b", 0},
    {"a/", 0},
    {"a/b/", 0},
    {".hidden", 0},
    {"a/.hidden", 0},
    {"...", 0},
    {"a.", 0},
    {"a./b", 0},
    {"a b", 0},
    {" a", 0},
    {"a\\b", 0},
    {"..\\a", 0},
    {"c:a", 0},
    {"a:stream", 0},
    {"a%2fb", 0},
    {"a\nb", 0},
    {"a\rb", 0},
    {"a\tb", 0},
    {"a\x7f", 0},
    {"a\0b", 3},
    {"a\0", 2},
    {"\0", 1},
    {"a*", 0},
    {"a?", 0},
    {"a|b", 0},
    {"a;b", 0},
    {"$a", 0},
    {"~a", 0},
    {"a\"b", 0},
    {"a'b", 0},
    {"<a>", 0},
    {"a,b", 0},
    {"a+b", 0},
    {"a=b", 0},
    {"\xc3\xa4", 0},
    {"a\xe2\x80\xae", 0},
    {"\xff", 0},
    {"1/2/3/4/5/6/7/8/9", 0},
};

static size_t
row_len(const struct row *r)
{
	return r->len != 0 ? r->len : strlen(r->name);
}

T_TEST(hostile_names_are_no_paths)
{
	size_t i;

	for (i = 0; i < sizeof(hostile) / sizeof(*hostile); i++)
		if (path_safe(hostile[i].name, row_len(&hostile[i])))
			t_fail(__FILE__, __LINE__, "row %zu '%s' is safe", i,
			    hostile[i].name);
}

T_TEST(plain_names_are_paths)
{
	static const char *const good[] = {"a", "-", "_", "0", "a.b", "a..b",
	    "data/WsusContent/0A/0123456789ABCDEF.cab", "manifest-sha256.txt",
	    "1/2/3/4/5/6/7/8"};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!path_safe(good[i], strlen(good[i])))
			t_fail(__FILE__, __LINE__, "'%s' is not safe", good[i]);
}

T_TEST(every_byte_is_safe_or_not_wherever_it_stands)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	unsigned c;
	char s[3] = "a?b";
	bool want;

	for (c = 0; c < 256; c++) {
		s[1] = (char)c;
		want = c == '/' || (c != 0 && strchr(ok, (int)c) != NULL);
		if (path_safe(s, 3) != want)
			t_fail(__FILE__, __LINE__, "byte %02x: %d", c, !want);
	}
}

T_TEST(a_name_has_at_most_255_bytes)
{
	char s[PATH_SAFE_MAX + 1];

	memset(s, 'a', sizeof(s));
	T_EQ(path_safe(s, PATH_SAFE_MAX), true);
	T_EQ(path_safe(s, PATH_SAFE_MAX + 1), false);
}

static int
put(int dirfd, const char *name, const char *text)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ssize_t n;

	if (fd == -1)
		return -1;
	n = write(fd, text, strlen(text));
	return close(fd) == 0 && n == (ssize_t)strlen(text) ? 0 : -1;
}

static int
put_socket(const char *dir)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), r;

	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/socket", dir);
	r = bind(fd, (struct sockaddr *)&sa, sizeof(sa));
	(void)close(fd);
	return r;
}

/* a/file "text", a/b/deep, and one of everything that is no file. */
static int
furnish(void)
{
	const char *dir = t_tmpdir();
	int fd = open(dir, O_RDONLY | O_DIRECTORY);

	T_EQ(mkdirat(fd, "a", 0700), 0);
	T_EQ(mkdirat(fd, "a/b", 0700), 0);
	T_EQ(put(fd, "a/file", "text"), 0);
	T_EQ(put(fd, "a/b/deep", "deeper"), 0);
	T_EQ(symlinkat("file", fd, "a/link"), 0);
	T_EQ(symlinkat("a", fd, "dirlink"), 0);
	T_EQ(symlinkat("/etc", fd, "etc"), 0);
	T_EQ(symlinkat("loop", fd, "loop"), 0);
	T_EQ(mkfifoat(fd, "a/fifo", 0600), 0);
	T_EQ(put_socket(dir), 0);
	return fd;
}

struct open_row {
	const char *name;
	enum err_kind as_file, as_folder; /* E_NONE: opens */
};

static const struct open_row opens[] = {
    {"a/file", E_NONE, E_FORMAT},
    {"a/b/deep", E_NONE, E_FORMAT},
    {"a/./file", E_NONE, E_FORMAT},
    {"a//file", E_NONE, E_FORMAT},
    {"a", E_FORMAT, E_NONE},
    {"a/b", E_FORMAT, E_NONE},
    {"a/b/", E_FORMAT, E_NONE},
    {".", E_FORMAT, E_NONE},
    {"none", E_MISSING, E_MISSING},
    {"a/none", E_MISSING, E_MISSING},
    {"none/file", E_MISSING, E_MISSING},
    {"a/file/x", E_FORMAT, E_FORMAT},
    {"a/file/", E_FORMAT, E_FORMAT},
    {"a/link", E_FORMAT, E_FORMAT},
    {"dirlink", E_FORMAT, E_FORMAT},
    {"dirlink/file", E_FORMAT, E_FORMAT},
    {"etc/passwd", E_FORMAT, E_FORMAT},
    {"etc", E_FORMAT, E_FORMAT},
    {"loop", E_FORMAT, E_FORMAT},
    {"a/fifo", E_FORMAT, E_FORMAT},
    {"socket", E_FORMAT, E_FORMAT},
    {"..", E_FORMAT, E_FORMAT},
    {"a/..", E_FORMAT, E_FORMAT},
    {"a/../a/file", E_FORMAT, E_FORMAT},
    {"../a", E_FORMAT, E_FORMAT},
    {"/etc/passwd", E_FORMAT, E_FORMAT},
    {"", E_FORMAT, E_FORMAT},
};

static void
check_open(int dirfd, const struct open_row *row, enum err_kind want,
    int (*how)(int, const char *, int *, struct err *))
{
	struct err e = ERR_INIT;
	int fd = -1, r = how(dirfd, row->name, &fd, &e);

	if ((r == 0) != (want == E_NONE) || e.kind != want || (fd != -1) != !r)
		t_fail(__FILE__, __LINE__, "'%s': kind %d '%s', not %d",
		    row->name, (int)e.kind, e.msg, (int)want);
	if (fd != -1)
		(void)close(fd);
}

static int
as_file(int dirfd, const char *name, int *fd, struct err *e)
{
	uint64_t size = 99;

	if (path_open(dirfd, name, fd, &size, e) == -1)
		return -1;
	T_EQ(size, strstr(name, "deep") != NULL ? 6 : 4);
	return 0;
}

static void
check_opens(void)
{
	int dirfd = furnish(), before = dup(dirfd), after;
	size_t i;

	for (i = 0; i < sizeof(opens) / sizeof(*opens); i++) {
		check_open(dirfd, &opens[i], opens[i].as_file, as_file);
		check_open(dirfd, &opens[i], opens[i].as_folder, path_opendir);
	}
	after = dup(dirfd);
	T_EQ(after, before + 1);
	(void)close(before);
	(void)close(after);
	(void)close(dirfd);
}

T_TEST(links_fifos_and_what_is_not_beneath_are_refused)
{
	check_opens();
}

/* Makes openat2() answer with this errno, as older kernels and filters do. */
static int
forbid_openat2(int answer)
{
	struct sock_filter f[] = {
	    BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)answer),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {4, f};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

static void
without_openat2(int answer)
{
	pid_t pid;
	int status;

	(void)fflush(stdout);
	if ((pid = fork()) == 0) {
		if (forbid_openat2(answer) == -1)
			_exit(77);
		if (syscall(SYS_openat2, -1, "", NULL, 0) != -1 ||
		    errno != answer)
			_exit(78);
		check_opens();
		(void)fflush(stdout);
		_exit(t_failures() != 0);
	}
	T_EQ(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		t_skip("no seccomp here");
	T_EQ(status, 0);
}

T_TEST(the_same_holds_where_the_kernel_has_no_openat2)
{
	without_openat2(ENOSYS);
}

T_TEST(the_same_holds_where_a_filter_forbids_openat2)
{
	without_openat2(EPERM);
}

struct seen {
	char text[1024];
	unsigned n, stop_at;
};

static int
note(void *arg, const struct path_entry *p, struct err *e)
{
	struct seen *s = arg;
	size_t n = strlen(s->text);

	if (++s->n == s->stop_at)
		return err_set(e, E_USAGE, "enough");
	(void)snprintf(s->text + n, sizeof(s->text) - n, "%c %s %d\n",
	    "FDO"[p->type], p -> name, (int)p -> size);
	return 0;
}

T_TEST(a_walk_is_sorted_and_follows_no_link)
{
	struct err e = ERR_INIT;
	struct seen s = {.n = 0};
	int dirfd = furnish();

	T_CALL(path_walk(dirfd, 3, note, &s, &e), &e);
	T_STR(s.text,
	    "D a 0\nD a/b 0\nF a/b/deep 6\nO a/fifo 0\n"
	    "F a/file 4\nO a/link 0\nO dirlink 0\nO etc 0\n"
	    "O loop 0\nO socket 0\n");
	(void)close(dirfd);
}

T_TEST(a_walk_ends_at_its_depth_and_when_told)
{
	struct err e = ERR_INIT;
	struct seen s = {.n = 0};
	int dirfd = furnish();

	T_FAILS(path_walk(dirfd, 2, note, &s, &e), &e, E_LIMIT,
	    "a/b/deep: more than 1");
	s = (struct seen){.stop_at = 3};
	T_FAILS(path_walk(dirfd, 9, note, &s, &e), &e, E_USAGE, "enough");
	T_EQ(s.n, 3);
	(void)close(dirfd);
}

T_TEST(a_name_is_there_or_not_or_it_cannot_be_told)
{
	char much[300];
	struct err e = ERR_INIT;
	int dirfd = furnish();
	struct stat st;

	memset(much, 'n', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	T_EQ(path_look(dirfd, "a/file", &st, &e), 1);
	T_EQ(st.st_size, 4);
	T_EQ(path_look(dirfd, "a", NULL, &e), 1);
	T_EQ(path_look(dirfd, "a/none", NULL, &e), 0);
	T_EQ(path_look(dirfd, "none/none", NULL, &e), 0);
	T_EQ(path_look(dirfd, "a/file/none", NULL, &e), 0);
	T_EQ(e.kind, E_NONE);
	T_EQ(symlinkat("nowhere", dirfd, "dangling"), 0);
	T_EQ(path_look(dirfd, "dangling", &st, &e), 1);
	T_OK(S_ISLNK(st.st_mode));
	T_FAILS(path_look(dirfd, much, NULL, &e), &e, E_SYS, "looking for nnn");
	T_FAILS(path_look(-1, "a", NULL, &e), &e, E_SYS, "looking for a: ");
	(void)close(dirfd);
}

T_TEST(a_small_file_is_read_whole_or_refused)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int dirfd = furnish();

	T_CALL(path_read(dirfd, "a/file", 4, &b, &e), &e);
	T_STR(buf_str(&b, &e), "text");
	T_CALL(path_read(dirfd, "a/b/deep", 100, &b, &e), &e);
	T_STR(buf_str(&b, &e), "textdeeper");
	T_FAILS(path_read(dirfd, "a/file", 3, &b, &e), &e, E_LIMIT,
	    "a/file: 4 bytes, at most 3");
	T_FAILS(path_read(dirfd, "a/none", 3, &b, &e), &e, E_MISSING, "a/none");
	T_EQ(b.len, 10);
	buf_free(&b);
	(void)close(dirfd);
}

T_MAIN
