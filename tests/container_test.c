/* SPDX-License-Identifier: ISC */
/* A transfer in a tar: each kind of lie, told by verify and by import. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/path_remove.h"
#include "tests/stick.h"
#include "tests/stick_run.h"
#include "tests/store_make.h"
#include "tests/t.h"
#include "tests/tarball.h"
#include "tests/tarlie.h"

MAKE_IN_MEMORY

static char path[600];

static void
put_file(const void *p, size_t n)
{
	int fd;

	snprintf(path, sizeof(path), "%s/one.tar", stick_home()->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	T_OK(fd != -1);
	T_EQ(write(fd, p, n), (ssize_t)n);
	T_EQ(close(fd), 0);
}

static void
says(const char *who, const char *text)
{
	const char *said = stick_said();

	if (text != NULL && strstr(said, text) == NULL)
		t_fail(__FILE__, __LINE__, "%s says '%s', not '%s'", who, said,
		    text);
}

/* The same bytes, as they come by a pipe. */
static void
piped(const struct buf *b, int status, const char *text)
{
	int saved = dup(STDIN_FILENO), ends[2];
	pid_t pid;

	T_EQ(pipe(ends), 0);
	if ((pid = fork()) == 0) {
		close(ends[0]);
		for (size_t at = 0; at < b->len;) {
			size_t k = b->len - at < 700 ? b->len - at : 700;

			if (write(ends[1], b->p + at, k) != (ssize_t)k)
				break;
			at += k;
		}
		_exit(0);
	}
	close(ends[1]);
	T_EQ(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	T_EQ(stick_verify("-", stick_home()->pub), status);
	says("verify of a pipe", text);
	T_EQ(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	close(saved);
	T_EQ(waitpid(pid, NULL, 0), pid);
}

/* Both programs; of some by a pipe, too. */
static void
both(const struct buf *b, const char *what, int status, const char *text)
{
	const char *pub = stick_home()->pub;
	unsigned before = t_failures();
	static unsigned nth;

	put_file(b->p, b->len);
	T_EQ(stick_verify(path, pub), status);
	says("verify", text);
	T_EQ(stick_import(path, pub), status);
	says("import", text);
	if (nth++ % 3 == 0 || getenv("WF_LONG") != NULL)
		piped(b, status, text);
	if (t_failures() != before)
		t_fail(__FILE__, __LINE__, "that was: %s", what);
}

T_TEST(each_lie_of_a_tar_is_told)
{
	for (size_t i = 0; i < tarlie_n; i++) {
		const struct tarlie *l = &tarlie_rows[i];
		struct buf b = BUF_INIT;
		struct tarball t;
		struct stick s;

		stick_make(&s, &stick_home()->key);
		stick_seal(&s);
		tarball_make(&t, &s);
		l->bend(&t, &s, l);
		tarball_bytes(&t, &b);
		both(&b, l->what, l->status, l->says);
		buf_free(&b);
		stick_free(&s);
	}
}

/* One that is good; what it holds is the stick's. */
static void
good(struct buf *b, struct stick *s)
{
	struct tarball t;

	stick_make(s, &stick_home()->key);
	stick_seal(s);
	tarball_make(&t, s);
	tarball_bytes(&t, b);
}

/* What one program says, the other does, and neither calls it good. */
static void
refused(const void *p, size_t n, const char *what, size_t at)
{
	const char *pub = stick_home()->pub;
	int status;

	put_file(p, n);
	status = stick_verify(path, pub);
	T_OK(status == 1 || status == 2 || status == 3 || status == 8);
	T_EQ(stick_import(path, pub), status);
	if (status == 0 || status == 10)
		t_fail(__FILE__, __LINE__, "%s %zu", what, at);
	(void)stick_said();
}

T_TEST(one_that_is_cut_off_anywhere_is_refused)
{
	struct buf b = BUF_INIT;
	struct stick s;
	size_t step = getenv("WF_LONG") != NULL ? 256 : 1280;

	good(&b, &s);
	for (size_t n = 768; n < b.len; n += step)
		refused(b.p, n, "cut at", n);
	buf_free(&b);
	stick_free(&s);
}

T_TEST(one_with_a_changed_byte_is_refused)
{
	const char *pub = stick_home()->pub;
	struct buf b = BUF_INIT;
	unsigned rounds = getenv("WF_LONG") != NULL ? 1000 : 25;
	struct stick s;
	int status;

	good(&b, &s);
	for (unsigned i = 0; i < rounds; i++) {
		size_t at = t_random() % b.len;
		uint8_t was = b.p[at];

		b.p[at] ^= (uint8_t)(1 + t_random() % 255);
		put_file(b.p, b.len);
		status = stick_verify(path, pub);
		T_EQ(stick_import(path, pub), status);
		if (status == 0 || status == 10)
			t_fail(__FILE__, __LINE__, "byte %zu", at);
		(void)stick_said();
		b.p[at] = was;
	}
	buf_free(&b);
	stick_free(&s);
}

/* The parts of a file, in a tar. */
static void
cut_in_two(
    void (*bend)(struct tarball *t, size_t first), int status, const char *text)
{
	struct buf b = BUF_INIT;
	struct tarball t;
	struct stick s;
	char name[STICK_NAME];

	stick_make(&s, &stick_home()->key);
	stick_cut(&s, stick_payload(&s, 0), 600);
	stick_seal(&s);
	tarball_make(&t, &s);
	name[0] = '\0';
	for (size_t i = 0; i < t.n; i++)
		if (strstr(t.v[i].name, ".part001") != NULL)
			memcpy(name, t.v[i].name, sizeof(name));
	bend(&t, tarball_find(&t, name));
	tarball_bytes(&t, &b);
	both(&b, text == NULL ? "parts" : text, status, text);
	buf_free(&b);
	stick_free(&s);
}

static void
leave(struct tarball *t, size_t first)
{
	(void)t, (void)first;
}

static void
swap_parts(struct tarball *t, size_t first)
{
	tarball_move(t, first, first + 1);
}

static void
drop_first(struct tarball *t, size_t first)
{
	tarball_drop(t, first);
}

static void
drop_second(struct tarball *t, size_t first)
{
	tarball_drop(t, first + 1);
}

static void
between(struct tarball *t, size_t first)
{
	(void)tarball_add(t, first + 1, "data/parts/x");
}

T_TEST(parts_of_a_file_follow_each_other)
{
	cut_in_two(leave, 10, NULL);
	cut_in_two(swap_parts, 3, PLACE);
	cut_in_two(drop_first, 3, PLACE);
	cut_in_two(drop_second, 1, "part002: it is not there");
	cut_in_two(between, 3, "data/parts/x: undeclared");
}

T_TEST(a_tar_has_all_of_a_transfer)
{
	struct buf b = BUF_INIT;
	struct tarball t;
	struct stick s;

	stick_make(&s, &stick_home()->key);
	stick_spread(&s, 3);
	stick_medium(&s, 3);
	stick_seal(&s);
	tarball_make(&t, &s);
	for (size_t i = t.n; i-- > 0;)
		if (strstr(t.v[i].name, "WsusContent/") != NULL &&
		    strstr(t.v[i].name, "anonymous") == NULL)
			tarball_drop(&t, i);
	tarball_bytes(&t, &b);
	put_file(b.p, b.len);
	T_OK(stick_verify(path, stick_home()->pub) != 0);
	says("verify", "expected a whole transfer in a tar, found Bag-Count 3");
	T_OK(stick_import(path, stick_home()->pub) != 0);
	says("import", "expected a whole transfer in a tar, found Bag-Count 3");
	buf_free(&b);
	stick_free(&s);
}

/* One that is no transfer, or no container at all. */
T_TEST(what_is_no_container_is_told)
{
	static const char gzip[600] = "\037\213\010";
	static const char zeros[20480];
	const char *pub = stick_home()->pub;

	put_file(gzip, sizeof(gzip));
	T_EQ(stick_import(path, pub), 2);
	says("import", "what is compressed is to be unpacked first");
	put_file(zeros, sizeof(zeros));
	T_EQ(stick_import(path, pub), 2);
	says("import", "neither a folder nor a tar nor an ISO 9660 image");
}

T_MAIN
