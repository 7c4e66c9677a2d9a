/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"

T_TEST(failing_is_one_statement)
{
	struct err e = ERR_INIT;

	T_EQ(err_set(&e, E_LIMIT, "%d files, at most %d", 3, 2), -1);
	T_EQ(e.kind, E_LIMIT);
	T_EQ(e.sys, 0);
	T_OK(e.at == E_NO_OFFSET);
	T_STR(e.msg, "3 files, at most 2");
	err_clear(&e);
	T_EQ(e.kind, E_NONE);
	T_STR(e.msg, "");
	T_EQ(err_at(&e, 76, "folder %u", 1u), -1);
	T_EQ(e.kind, E_FORMAT);
	T_EQ(e.at, 76);
	T_EQ(err_ctx(&e, "file %u", 5u), -1);
	T_EQ(err_ctx(&e, "%s", "a.cab"), -1);
	T_STR(e.msg, "a.cab: file 5: folder 1");
	T_EQ(e.kind, E_FORMAT);
	T_EQ(e.at, 76);
	err_clear(&e);
	T_OK(e.at == E_NO_OFFSET);
}

T_TEST(the_systems_word_is_added)
{
	struct err e = ERR_INIT;

	errno = ENOENT;
	T_EQ(err_sys(&e, "opening %s", "x"), -1);
	T_EQ(e.kind, E_SYS);
	T_EQ(e.sys, ENOENT);
	T_STR(e.msg, "opening x: No such file or directory");
	err_clear(&e);
	T_EQ(e.sys, 0);
	errno = 4242;
	err_sys(&e, "x");
	T_STR(e.msg, "x: unknown error");
	err_clear(&e);
	T_EQ(err_nomem(&e), -1);
	T_EQ(e.kind, E_SYS);
	T_EQ(e.sys, ENOMEM);
	T_STR(e.msg, "out of memory");
}

T_TEST(a_limit_of_open_files_is_named)
{
	struct err e = ERR_INIT;

	errno = EMFILE;
	err_sys(&e, "x");
	T_OK(strstr(e.msg, " (the limit of this process: ulimit -n)") != NULL);
}

T_TEST(a_failing_device_is_called_one)
{
	static const int devices[] = {
	    EIO, ENODEV, ENOMEDIUM, EREMOTEIO, ESTALE};
	static const int others[] = {EACCES, ENOSPC, ENOMEM, ELOOP, EROFS};
	static const char said[] = " (the device or the way to it fails)";
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		errno = devices[i];
		err_sys(&e, "x");
		T_OK(strstr(e.msg, said) != NULL);
		err_clear(&e);
	}
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		errno = others[i];
		err_sys(&e, "x");
		T_OK(strstr(e.msg, said) == NULL);
		err_clear(&e);
	}
}

T_TEST(control_bytes_of_strangers_become_question_marks)
{
	static const char *const rows[][2] = {
	    {"a\nb\rc\td", "a?b?c?d"},
	    {"\x1b[31m", "?[31m"},
	    {"\x7f", "?"},
	    {"\xc2\x9b"
	     "31m",
		"??31m"},
	    {"\xc2\xa0", "\xc2\xa0"},
	    {"\x9b", "?"},
	    {"\xff\xfe", "??"},
	    {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
	    {"\xed\xa0\x80", "???"},
	    {"\xe2\x82", "??"},
	};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		err_set(&e, E_FORMAT, "%s", rows[i][0]);
		T_STR(e.msg, rows[i][1]);
		err_clear(&e);
		err_set(&e, E_FORMAT, "x");
		err_ctx(&e, "%s", rows[i][0]);
		T_MEM(e.msg, rows[i][1], strlen(rows[i][1]));
		err_clear(&e);
	}
}

/* Two, three and four bytes a character, at every phase of the end. */
T_TEST(a_long_message_is_cut_between_characters)
{
	static const char *const chars[] = {
	    "x", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
	char text[2 * ERR_MSG_MAX];
	struct err e = ERR_INIT;
	size_t i, phase, n, w;

	for (i = 0; i < 4; i++)
		for (phase = 0; phase < 4; phase++) {
			w = strlen(chars[i]);
			memset(text, 'p', phase);
			for (n = phase; n < sizeof(text) - w; n += w)
				memcpy(text + n, chars[i], w);
			text[n] = '\0';
			err_set(&e, E_FORMAT, "%s", text);
			n = strlen(e.msg);
			T_OK(n < ERR_MSG_MAX && n + w >= ERR_MSG_MAX);
			T_OK(strchr(e.msg, '?') == NULL);
			T_OK(utf8_valid((const uint8_t *)e.msg, n));
			err_ctx(&e, "%s", "ctx");
			T_OK(strchr(e.msg, '?') == NULL);
			T_OK(strlen(e.msg) + w >= ERR_MSG_MAX);
			err_ctx(&e, "%s", text);
			T_OK(strchr(e.msg, '?') == NULL);
			err_clear(&e);
			errno = EIO;
			err_sys(&e, "%s", text);
			T_OK(strchr(e.msg, '?') == NULL);
			err_clear(&e);
		}
}

T_TEST(a_filled_error_is_not_filled_again)
{
	struct err e = ERR_INIT;
	pid_t pid;
	int status;

	err_set(&e, E_DIGEST, "the cause");
	(void)fflush(NULL);
	if ((pid = fork()) == 0) {
		(void)fclose(stderr);
		err_set(&e, E_SYS, "what came of it");
		_exit(0);
	}
	T_EQ(waitpid(pid, &status, 0), pid);
	T_OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	T_STR(e.msg, "the cause");
}

T_TEST(every_kind_has_a_status_and_a_word)
{
	static const struct {
		enum err_kind k;
		int status;
	} rows[] = {{E_NONE, 0}, {E_USAGE, 2}, {E_SYS, 4}, {E_FORMAT, 3},
	    {E_LIMIT, 3}, {E_DIGEST, 1}, {E_SIG, 8}, {E_SEQ, 9}, {E_MISSING, 1},
	    {E_PARTIAL, 10}, {E_REMOTE, 5}, {E_BUSY, 6}, {E_STOP, 7}};
	size_t i, j;

	T_EQ(sizeof(rows) / sizeof(*rows), E_NKINDS);
	for (i = 0; i < E_NKINDS; i++) {
		T_EQ(rows[i].k, i);
		T_EQ(err_status(rows[i].k), rows[i].status);
		for (j = 0; j < i; j++)
			T_OK(strcmp(err_word(rows[i].k), err_word(rows[j].k)) !=
			    0);
	}
}

T_TEST(what_is_ours_is_no_finding)
{
	for (enum err_kind k = E_NONE; k < E_NKINDS; k++) {
		struct err e = {.kind = k};

		T_EQ(err_is_ours(&e), k == E_SYS || k == E_STOP || k == E_BUSY);
	}
}

T_TEST(the_worst_of_two_statuses_wins)
{
	static const int order[] = {7, 4, 6, 5, 8, 9, 3, 2, 1, 10, 0};
	const int n = (int)(sizeof(order) / sizeof(*order));
	int i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			T_EQ(err_worst(order[i], order[j]),
			    order[i < j ? i : j]);
	T_EQ(err_worst(139, 7), 139);
	T_EQ(err_worst(0, 139), 139);
}

T_MAIN
