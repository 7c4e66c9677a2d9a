/* SPDX-License-Identifier: ISC */
#include "lib/base/log.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/json.h"
#include "lib/base/prog.h"
#include "tests/t.h"

/* What was printed while it was caught. */
struct caught {
	int fd[2], saved[2];
	char text[2][4096];
};

static void catch (struct caught *c)
{
	char path[512];
	int i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < 2; i++) {
		fflush(i == 0 ? stdout : stderr);
		snprintf(path, sizeof(path), "%s/caught%d", t_tmpdir(), i);
		c->fd[i] = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
		c->saved[i] = dup(i + 1);
		dup2(c->fd[i], i + 1);
	}
}

static void
release(struct caught *c)
{
	int i;

	for (i = 0; i < 2; i++) {
		fflush(i == 0 ? stdout : stderr);
		if (pread(c->fd[i], c->text[i], sizeof(c->text[i]) - 1, 0) < 0)
			c->text[i][0] = '\0';
		dup2(c->saved[i], i + 1);
		close(c->saved[i]);
		close(c->fd[i]);
	}
}

static struct log
new_log(void)
{
	struct log l = LOG_INIT;

	l.prog = "wsusferry-test";
	return l;
}

static void
some_events(struct log *l)
{
	log_event(l, LOG_ERROR, "sub", "it is %s", "broken");
	log_event(l, LOG_WARN, NULL, "careful");
	log_event(l, LOG_INFO, "sub", "news");
	log_event(l, LOG_DEBUG, NULL, "detail");
}

T_TEST(events_go_to_stderr_debug_only_when_verbose)
{
	struct log l = new_log();
	struct caught c;

	catch (&c);
	some_events(&l);
	release(&c);
	T_STR(c.text[0], "");
	T_STR(c.text[1],
	    "wsusferry-test: error: sub: it is broken\n"
	    "wsusferry-test: warning: careful\n"
	    "wsusferry-test: sub: news\n");
	l.verbose = 1;
	catch (&c);
	log_event(&l, LOG_DEBUG, NULL, "detail");
	release(&c);
	T_STR(c.text[1], "wsusferry-test: detail\n");
}

T_TEST(quiet_keeps_errors_and_warnings)
{
	struct log l = new_log();
	struct caught c;

	l.quiet = true;
	catch (&c);
	some_events(&l);
	log_summary(&l, NULL, "all is well");
	release(&c);
	T_STR(c.text[1],
	    "wsusferry-test: error: sub: it is broken\n"
	    "wsusferry-test: warning: careful\n");
}

T_TEST(json_is_one_object_a_line_and_stderr_has_errors_only)
{
	struct log l = new_log();
	struct json j = JSON_INIT;
	struct caught c;

	l.json = true;
	catch (&c);
	some_events(&l);
	log_data(&l, "text", "{\"a\":1}");
	log_data(&l, "text", NULL);
	json_begin(&j);
	json_str(&j, "type", "summary");
	log_summary(&l, &j, "done"); /* and still last */
	json_free(&j);
	log_finding(&l, E_FORMAT, "a\"b", 76, "folder %d of %d", 1, 1);
	log_finding(&l, E_MISSING, NULL, E_NO_OFFSET, "gone");
	log_close(&l);
	release(&c);
	T_STR(c.text[0],
	    "{\"type\":\"event\",\"level\":\"error\",\"subject\":\"sub\","
	    "\"message\":\"it is broken\"}\n"
	    "{\"type\":\"event\",\"level\":\"warning\","
	    "\"message\":\"careful\"}\n"
	    "{\"type\":\"event\",\"level\":\"info\",\"subject\":\"sub\","
	    "\"message\":\"news\"}\n"
	    "{\"a\":1}\n"
	    "{\"type\":\"finding\",\"kind\":\"format\",\"path\":\"a\\\"b\","
	    "\"offset\":76,\"message\":\"folder 1 of 1\"}\n"
	    "{\"type\":\"finding\",\"kind\":\"missing\",\"path\":null,"
	    "\"message\":\"gone\"}\n"
	    "{\"type\":\"summary\"}\n");
	T_STR(c.text[1], "wsusferry-test: error: sub: it is broken\n");
}

T_TEST(findings_are_data_and_the_worst_is_kept)
{
	struct log l = new_log();
	struct err e = ERR_INIT;
	struct caught c;

	catch (&c);
	log_finding(&l, E_MISSING, "b/c", E_NO_OFFSET, "not there");
	T_EQ(l.worst, 1);
	err_at(&e, 12, "expected 64 hex digits");
	log_finding_err(&l, "m.txt", &e);
	T_EQ(l.worst, 3);
	T_EQ(e.kind, E_NONE);
	log_finding(&l, E_DIGEST, NULL, E_NO_OFFSET, "differs");
	log_data(&l, "row", "{}");
	log_data(&l, NULL, "{}");
	release(&c);
	T_EQ(l.worst, 3);
	T_EQ(l.findings, 3);
	T_STR(c.text[0],
	    "b/c: not there\n"
	    "m.txt: expected 64 hex digits (byte 12)\n"
	    "differs\nrow\n");
	T_STR(c.text[1], "");
}

T_TEST(an_error_goes_to_stderr_and_gives_its_status)
{
	struct log l = new_log();
	struct err e = ERR_INIT;
	struct caught c;

	catch (&c);
	err_at(&e, 76, "folder 1 of 1");
	T_EQ(log_error(&l, "b7.cab", &e), 3);
	err_set(&e, E_SIG, "not signed");
	T_EQ(log_error(&l, NULL, &e), 8);
	l.json = true;
	err_at(&e, 5, "odd");
	T_EQ(log_error(&l, "x", &e), 3);
	release(&c);
	T_EQ(l.worst, 8);
	T_EQ(e.kind, E_NONE);
	T_STR(c.text[0],
	    "{\"type\":\"error\",\"kind\":\"format\",\"subject\":\"x\","
	    "\"offset\":5,\"message\":\"odd\"}\n");
	T_STR(c.text[1],
	    "wsusferry-test: b7.cab: folder 1 of 1 (byte 76)\n"
	    "wsusferry-test: not signed\n"
	    "wsusferry-test: x: odd (byte 5)\n");
}

T_TEST(a_subject_is_said_once)
{
	struct log l = new_log();
	struct err e = ERR_INIT;
	struct caught c;

	catch (&c);
	err_set(&e, E_FORMAT, "nd: store.db: malformed");
	(void)log_error(&l, "nd", &e);
	err_set(&e, E_FORMAT, "ndx: store.db: malformed");
	(void)log_error(&l, "nd", &e);
	log_finding(&l, E_DIGEST, "a.cab", E_NO_OFFSET, "a.cab: differs");
	log_finding(&l, E_DIGEST, "a.cab", E_NO_OFFSET, "a.cab:differs");
	release(&c);
	T_STR(c.text[0], "a.cab: differs\na.cab: a.cab:differs\n");
	T_STR(c.text[1],
	    "wsusferry-test: nd: store.db: malformed\n"
	    "wsusferry-test: nd: ndx: store.db: malformed\n");
}

T_TEST(what_a_stranger_named_cannot_drive_the_terminal)
{
	struct log l = new_log();
	struct caught c;

	catch (&c);
	log_event(&l, LOG_INFO, "a\033[2J\n", "\xc2\x9b%s", "\xffz\xc3\xa4");
	log_finding(&l, E_FORMAT, "a\rb", E_NO_OFFSET, "%s", "x\ty");
	release(&c);
	T_STR(c.text[1], "wsusferry-test: a?[2J?: ???z\xc3\xa4\n");
	T_STR(c.text[0], "a?b: x?y\n");
}

static void
read_file(const char *path, char *to, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, to, size - 1);

	to[n > 0 ? n : 0] = '\0';
	close(fd);
}

T_TEST(the_log_file_has_a_line_for_each_event_and_is_appended_to)
{
	struct log l = new_log();
	struct err e = ERR_INIT;
	char path[512], text[2048];
	struct caught c;

	setenv("SOURCE_DATE_EPOCH", "86400", 1);
	snprintf(path, sizeof(path), "%s/import.log", t_tmpdir());
	l.quiet = true;
	catch (&c);
	T_CALL(log_file(&l, AT_FDCWD, path, &e), &e);
	some_events(&l);
	log_close(&l);
	log_close(&l);
	T_CALL(log_file(&l, AT_FDCWD, path, &e), &e);
	log_finding(&l, E_FORMAT, "p\tq", 7, "odd");
	log_summary(&l, NULL, "2 files");
	log_close(&l);
	release(&c);
	unsetenv("SOURCE_DATE_EPOCH");
	read_file(path, text, sizeof(text));
	T_STR(text,
	    "1970-01-02T00:00:00Z\terror\tsub\tit is broken\n"
	    "1970-01-02T00:00:00Z\twarning\t-\tcareful\n"
	    "1970-01-02T00:00:00Z\tinfo\tsub\tnews\n"
	    "1970-01-02T00:00:00Z\tfinding\tp?q\todd (byte 7)\n"
	    "1970-01-02T00:00:00Z\tinfo\t-\t2 files\n");
}

T_TEST(a_log_file_that_cannot_be_opened_or_written_is_told)
{
	struct log l = new_log();
	struct err e = ERR_INIT;
	struct caught c;

	T_FAILS(log_file(&l, AT_FDCWD, "/proc/none/x", &e), &e, E_SYS,
	    "log file '/proc/none/x'");
	T_EQ(l.file_fd, -1);
	T_CALL(log_file(&l, AT_FDCWD, "/dev/full", &e), &e);
	l.quiet = true;
	catch (&c);
	log_event(&l, LOG_INFO, NULL, "one");
	log_event(&l, LOG_INFO, NULL, "two");
	release(&c);
	T_EQ(l.worst, 4);
	T_EQ(l.file_fd, -1);
	T_OK(strstr(c.text[1], "No space left on device; it ends here\n"));
}

T_TEST(progress_off_a_terminal_is_a_line_a_minute)
{
	struct log l = new_log();
	struct prog p;
	struct caught c;

	catch (&c);
	prog_begin(&p, &l, "copying payload", "file", (uint64_t)4 << 30, 40);
	prog_add(&p, 1 << 29, 5);
	T_OK(!l.progress_shown);
	p.began_ms -= 100000;
	p.shown_ms -= 60000;
	prog_add(&p, 1 << 29, 5);
	prog_add(&p, 1, 1);
	prog_end(&p);
	release(&c);
	T_STR(c.text[1],
	    "wsusferry-test: copying payload: 10 of 40 files, "
	    "1.0 GiB of 4.0 GiB, 10.2 MiB/s, 0:05:00 left\n");
}

/* A terminal in the place of stdout and stderr. */
struct tty {
	int fd, end, saved[2];
	char text[2048];
};

static void
tty_open(struct tty *t, unsigned short columns)
{
	struct winsize w = {.ws_row = 24, .ws_col = columns};

	t->fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (t->fd == -1 || grantpt(t->fd) == -1 || unlockpt(t->fd) == -1 ||
	    (t->end = open(ptsname(t->fd), O_RDWR | O_NOCTTY)) == -1)
		t_skip("this machine gives no pseudo-terminal");
	T_EQ(ioctl(t->end, TIOCSWINSZ, &w), 0);
	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		t->saved[i] = dup(i + 1);
		dup2(t->end, i + 1);
	}
}

static void
tty_close(struct tty *t)
{
	size_t len = 0;
	ssize_t n;

	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		dup2(t->saved[i], i + 1);
		close(t->saved[i]);
	}
	while ((n = read(t->fd, t->text + len, sizeof(t->text) - 1 - len)) > 0)
		len += (size_t)n;
	t->text[len] = '\0';
	close(t->end);
	close(t->fd);
}

T_TEST(progress_on_a_terminal_is_redrawn_and_gives_way)
{
	struct log l = new_log();
	struct prog p;
	struct tty t;

	tty_open(&t, 0);
	prog_begin(&p, &l, "reading", "file", 0, 4);
	p.shown_ms -= 200;
	prog_add(&p, 0, 1);
	prog_add(&p, 0, 1);
	T_OK(l.progress_shown);
	log_event(&l, LOG_INFO, NULL, "news");
	T_OK(!l.progress_shown);
	p.shown_ms -= 200;
	p.began_ms -= 1000;
	prog_add(&p, 0, 1);
	prog_end(&p);
	T_OK(!l.progress_shown);
	tty_close(&t);
	T_STR(t.text,
	    "\r\033[Kreading: 1 of 4 files, 0:00:00 left"
	    "\r\033[Kwsusferry-test: news\r\n"
	    "\r\033[Kreading: 3 of 4 files, 0:00:00 left"
	    "\r\033[K");
}

/* The last column stays free. */
T_TEST(progress_is_as_much_as_the_terminal_holds)
{
	static const struct {
		unsigned short columns;
		const char *line;
	} rows[] = {
	    {80,
		"fetching payload: 12345 of 98765 files, 115.0 GiB of 919.8 "
		"GiB, "
		"11.8 MiB/s"},
	    {75,
		"fetching payload: 12345 of 98765 files, 115.0 GiB of 919.8 "
		"GiB, "
		"11.8 MiB/s"},
	    {74,
		"fetching payload: 12345 of 98765 files, 115.0 GiB of 919.8 "
		"GiB"},
	    {63,
		"fetching payload: 12345 of 98765 files, 115.0 GiB of 919.8 "
		"GiB"},
	    {62, "fetching payload: 12345 of 98765 files"},
	    {20, "fetching payload: 1"},
	    {1, ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct log l = new_log();
		char want[128];
		struct prog p;
		struct tty t;

		tty_open(&t, rows[i].columns);
		prog_begin(
		    &p, &l, "fetching payload", "file", 987654321000, 98765);
		p.shown_ms -= 200;
		p.began_ms -= 10000000;
		prog_add(&p, 123456789000, 12345);
		tty_close(&t);
		snprintf(want, sizeof(want), "\r\033[K%s", rows[i].line);
		T_STR(t.text, want);
	}
}

T_TEST(talk_is_wrapped_at_spaces_on_a_terminal)
{
	static const struct {
		unsigned short columns;
		const char *says;
	} rows[] = {
	    {78,
		"wsusferry-test: warning: a/long/path/of/36/characters/and/so: "
		"one two three \u9f98\r\n"},
	    {0,
		"wsusferry-test: warning: a/long/path/of/36/characters/and/so: "
		"one two three \u9f98\r\n"},
	    {77,
		"wsusferry-test: warning: a/long/path/of/36/characters/and/so: "
		"one two three\r\n  \u9f98\r\n"},
	    {25,
		"wsusferry-test: warning:\r\n"
		"  a/long/path/of/36/characters/and/so:\r\n"
		"  one two three \u9f98\r\n"},
	    {19,
		"wsusferry-test: warning: a/long/path/of/36/characters/and/so: "
		"one two three \u9f98\r\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct log l = new_log();
		struct tty t;

		tty_open(&t, rows[i].columns);
		log_event(&l, LOG_WARN, "a/long/path/of/36/characters/and/so",
		    "one two three \u9f98");
		tty_close(&t);
		T_STR(t.text, rows[i].says);
	}
}

T_TEST(findings_and_errors_are_wrapped_and_data_is_not)
{
	struct err e = ERR_INIT;
	struct log l = new_log();
	struct tty t;

	tty_open(&t, 30);
	log_finding(&l, E_DIGEST, "some/file", 7, "it is not the one");
	log_verdict(&l, "some/file: package: with one fault", NULL);
	log_data(&l, "a line of a policy that can be pasted", NULL);
	err_set(&e, E_SYS, "nothing goes on from here");
	T_EQ(log_error(&l, "some/file", &e), 4);
	tty_close(&t);
	T_STR(t.text,
	    "some/file: it is not the one\r\n  (byte 7)\r\n"
	    "some/file: package: with one\r\n  fault\r\n"
	    "a line of a policy that can be pasted\r\n"
	    "wsusferry-test: some/file:\r\n  nothing goes on from here\r\n");
}

T_TEST(progress_without_totals_says_what_was_done_but_quiet_or_json_nothing)
{
	struct log l = new_log();
	struct prog p;
	struct caught c;

	catch (&c);
	prog_begin(&p, &l, "reading", "revision", 0, 0);
	p.began_ms -= 100000;
	p.shown_ms -= 60000;
	prog_add(&p, 0, 7);
	l.quiet = true;
	prog_begin(&p, &l, "x", "file", 0, 2);
	p.shown_ms -= 60000;
	prog_add(&p, 0, 1);
	l.quiet = false;
	l.json = true;
	prog_add(&p, 0, 1);
	prog_end(&p);
	release(&c);
	T_STR(c.text[1], "wsusferry-test: reading: 7 revisions\n");
}

T_MAIN
