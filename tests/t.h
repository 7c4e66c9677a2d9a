/* SPDX-License-Identifier: ISC */
/*
 * The harness.  A test is a sentence; a check prints both values; the last
 * line of a program is "N passed, N failed, N skipped".
 *
 *	T_TEST(every_truncation_is_an_error)
 *	{
 *		T_EQ(cab_dir_read(...), -1);
 *	}
 *	T_MAIN
 *
 * Arguments of the program: names of the tests to run; none: all.
 */
#ifndef WF_T_H
#define WF_T_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"

struct t_test {
	const char *name;
	void (*run)(void);
	struct t_test *next;
};

extern struct t_test **t_tail;
void t_add(struct t_test *t);
int t_main(int argc, char *argv[]);
void t_fail(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Of the test that runs. */
const char *t_name(void);
/* Failures of this test so far: for a forked child to tell its parent. */
unsigned t_failures(void);
/* The rest of the test is not run; it counts as skipped. */
void t_skip(const char *why) __attribute__((noreturn));
/* A fresh empty folder, removed at exit; owned by the harness. */
const char *t_tmpdir(void);
/* $WSUSFERRY_SAMPLES or ../shared/samples, with the name appended; NULL. */
const char *t_sample(const char *name);
/* Pseudo-random, from WF_SEED or a printed seed. */
uint64_t t_random(void);

#define T_TEST(n)                                                              \
	static void t_run_##n(void);                                           \
	static struct t_test t_entry_##n = {#n, t_run_##n, NULL};              \
	__attribute__((constructor)) static void t_add_##n(void)               \
	{                                                                      \
		t_add(&t_entry_##n);                                           \
	}                                                                      \
	static void t_run_##n(void)

#define T_MAIN                                                                 \
	int main(int argc, char *argv[])                                       \
	{                                                                      \
		return t_main(argc, argv);                                     \
	}

#define T_OK(c)                                                                \
	do {                                                                   \
		if (!(c))                                                      \
			t_fail(__FILE__, __LINE__, "not so: %s", #c);          \
	} while (0)

#define T_EQ(a, b)                                                             \
	do {                                                                   \
		intmax_t t_a = (intmax_t)(a), t_b = (intmax_t)(b);             \
		if (t_a != t_b)                                                \
			t_fail(__FILE__, __LINE__,                             \
			    "%s is %" PRIdMAX ", not %s (%" PRIdMAX ")", #a,   \
			    t_a, #b, t_b);                                     \
	} while (0)

#define T_STR(a, b)                                                            \
	do {                                                                   \
		const char *t_a = (a), *t_b = (b);                             \
		if (t_a == NULL || t_b == NULL || strcmp(t_a, t_b) != 0)       \
			t_fail(__FILE__, __LINE__, "%s is '%s', not '%s'", #a, \
			    t_a ? t_a : "(null)", t_b ? t_b : "(null)");       \
	} while (0)

#define T_MEM(a, b, n)                                                         \
	do {                                                                   \
		if (memcmp((a), (b), (n)) != 0)                                \
			t_fail(__FILE__, __LINE__,                             \
			    "%s and %s differ in %zu "                         \
			    "bytes",                                           \
			    #a, #b, (size_t)(n));                              \
	} while (0)

/* A call that must succeed, with its error printed when it does not. */
#define T_CALL(call, e)                                                        \
	do {                                                                   \
		if ((call) == -1)                                              \
			t_fail(__FILE__, __LINE__, "%s: %s", #call, (e)->msg); \
	} while (0)

/* A call that must fail with this kind and a message that holds this text. */
#define T_FAILS(call, e, k, text)                                              \
	do {                                                                   \
		if ((call) != -1)                                              \
			t_fail(__FILE__, __LINE__, "%s succeeded", #call);     \
		else if ((e)->kind != (k) || !strstr((e)->msg, (text)))        \
			t_fail(__FILE__, __LINE__,                             \
			    "%s: kind %d '%s', not %d "                        \
			    "'%s'",                                            \
			    #call, (int)(e)->kind, (e)->msg, (int)(k),         \
			    (text));                                           \
		err_clear(e);                                                  \
	} while (0)

#endif
