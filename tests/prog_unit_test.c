/* SPDX-License-Identifier: ISC */
/*
 * What verify and import say of how far they are.  Here a minute passes between
 * any two looks at the clock, so that each look says a line.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "tests/stick.h"
#include "tests/stick_run.h"
#include "tests/t.h"

/* In the place of lib/base/clock.c. */
uint64_t
clock_ms(void)
{
	static _Atomic uint64_t ms;

	ms += 60000;
	return ms;
}

static void
said(const char *text, const char *const *lines)
{
	for (; *lines != NULL; lines++)
		if (strstr(text, *lines) == NULL)
			t_fail(__FILE__, __LINE__, "\"%s\" is not in: %s",
			    *lines, text);
}

T_TEST(what_is_counted_stands_in_the_singular_or_the_plural)
{
	static const char *const verify[] = {
	    "verify: reading documents: 1 revision,",
	    "verify: reading documents: 2 revisions,",
	    "verify: hashing payload: 1 of 6 files,", NULL};
	static const char *const import[] = {
	    "import: reading documents: 1 revision,",
	    "import: reading documents: 2 revisions,",
	    "import: taking payload: 1 of 6 files,", NULL};
	const struct stick_home *h = stick_home();
	struct stick s;

	stick_make(&s, &h->key);
	stick_seal(&s);
	stick_write(&s, h->path);
	T_EQ(stick_verify(h->path, h->pub), 10);
	said(stick_said(), verify);
	T_EQ(stick_import(h->path, h->pub), 10);
	said(stick_said(), import);
	stick_free(&s);
}

T_MAIN
