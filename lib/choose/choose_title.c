/* SPDX-License-Identifier: ISC */
/*
 * Which architectures a title names.  Nothing else in a document says it short
 * of its rules of applicability.  Words are letters and digits of ASCII with
 * anything else around them: "x64-based", "(ARM64)", "32-Bit-Edition".
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/choose/choose_priv.h"

struct word {
	const char *s;
	size_t n;
};

static bool
is(struct word w, const char *what)
{
	return strlen(what) == w.n && strncasecmp(w.s, what, w.n) == 0;
}

/* The next word; before: the byte in front of it, or a blank. */
static bool
next(const char **p, struct word *w, char *before)
{
	const char *s = *p;

	*before = ' ';
	for (; *s != '\0' && !isalnum((unsigned char)*s); s++)
		*before = *s;
	w->s = s;
	while (isalnum((unsigned char)*s))
		s++;
	w->n = (size_t)(s - w->s);
	*p = s;
	return w->n > 0;
}

static unsigned
arch_of(struct word w)
{
	static const struct {
		const char *word;
		unsigned arch;
	} words[] = {
	    {"x86", CHOOSE_X86},
	    {"32bit", CHOOSE_X86},
	    {"x64", CHOOSE_X64},
	    {"amd64", CHOOSE_X64},
	    {"64bit", CHOOSE_X64},
	    {"arm", CHOOSE_ARM},
	    {"arm64", CHOOSE_ARM64},
	    {"aarch64", CHOOSE_ARM64},
	    {"ia64", CHOOSE_IA64},
	    {"itanium", CHOOSE_IA64},
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (is(w, words[i].word))
			return words[i].arch;
	return 0;
}

/* "64-bit" is two words, and "x86-64" is none of x86. */
unsigned
choose_title_archs(const char *title)
{
	struct word w, last = {"", 0};
	unsigned archs = 0, one, held = 0;
	char before;

	while (next(&title, &w, &before)) {
		one = arch_of(w);
		if (is(w, "bit") && is(last, "64"))
			one = CHOOSE_X64;
		else if (is(w, "bit") && is(last, "32"))
			one = CHOOSE_X86;
		if (is(w, "64") && is(last, "x86") &&
		    (before == '-' || before == '_'))
			held = CHOOSE_X64;
		archs |= held;
		held = one;
		last = w;
	}
	return archs | held;
}

unsigned
choose_arch(const char *word)
{
	return arch_of((struct word){word, strlen(word)});
}
