/* SPDX-License-Identifier: ISC */
/* Every example of wsusferry-rings(5) is read, and the keys are those of it. */
#include "tests/rings_say.h"
#include "tests/t.h"

#define PAGE "man/wsusferry-rings.5"

static char page[65536];

static void
read_page(void)
{
	FILE *f = fopen(PAGE, "r");
	size_t n;

	if (f == NULL)
		t_skip("not at the top of the tree");
	n = fread(page, 1, sizeof(page) - 1, f);
	fclose(f);
	T_OK(n > 0 && n < sizeof(page) - 1);
	page[n] = '\0';
}

static const char *
says(const char *text)
{
	return rings_say(text, strlen(text));
}

/* A digit: the kind of an error. */
static bool
is_refused(const char *text)
{
	return *says(text) >= '0' && *says(text) <= '9';
}

/* The next display behind *at, in text; false: there is none. */
static bool
next_display(const char **at, char *text, size_t size)
{
	const char *begin = strstr(*at, ".Bd -literal"), *end;

	if (begin == NULL)
		return false;
	begin = strchr(begin, '\n') + 1;
	end = strstr(begin, ".Ed\n");
	T_OK(end != NULL);
	snprintf(text, size, "%.*s", (int)(end - begin), begin);
	*at = end;
	return true;
}

T_TEST(its_files_are_read)
{
	char text[8192];
	const char *at = page;
	unsigned n = 0;

	read_page();
	for (; next_display(&at, text, sizeof(text)); n++)
		if (is_refused(text))
			t_fail(__FILE__, __LINE__, "%s\n%s", says(text), text);
	T_EQ(n, 3);
}

/* The one of the specification, with a comment on each ring. */
T_TEST(its_first_file_is_the_example_of_three_rings)
{
	char text[8192];
	const char *at = page;

	read_page();
	T_OK(next_display(&at, text, sizeof(text)));
	T_STR(says(text),
	    "texts en\ntexts de\n"
	    "ring pilot\nproduct Windows 11\nclassification Security Updates\n"
	    "network 00000000000000000000ffff0a010900/120\n"
	    "action install\nwatch 0\ndelay 0\n"
	    "ring line\nproduct Windows 11\nclassification Security Updates\n"
	    "group Line\naction install\nwatch 0\ndelay 14\n"
	    "deadline 21 10800\nfreeze 20805 20824\n"
	    "ring dcs\nnetwork 00000000000000000000ffff0a010200/120\n"
	    "list vendor.csv\naction install\nwatch 0\ndelay 0\n");
}

/* Each line shown alone does something in a file where it may stand. */
T_TEST(its_lines_are_read)
{
	static const char other[] = "ring = other\nkb = 1\n";
	char line[200], text[400], without[400];
	const char *at;
	unsigned n = 0;

	read_page();
	for (at = page; (at = strstr(at, "\n.Dl ")) != NULL; n++) {
		at += 5;
		snprintf(
		    line, sizeof(line), "%.*s\n", (int)strcspn(at, "\n"), at);
		if (strncmp(line, "texts", 5) == 0 ||
		    strncmp(line, "ring", 4) == 0)
			snprintf(text, sizeof(text), "%s%s", line, other);
		else
			snprintf(text, sizeof(text),
			    "ring = pilot\n%skb = 2\n%s", other, line);
		snprintf(without, sizeof(without), "%s",
		    says(strncmp(line, "ring", 4) == 0 ||
				strncmp(line, "texts", 5) == 0
			    ? other
			    : "ring = pilot\nring = other\nkb = 1\nkb = 2\n"));
		if (is_refused(text) ||
		    (strcmp(says(text), without) == 0 &&
			strncmp(line, "inherit", 7) != 0))
			t_fail(__FILE__, __LINE__, "%s: %s", line, says(text));
	}
	T_OK(n > 30);
}

/* A key that the program knows and the page does not, and the reverse. */
T_TEST(its_keys_are_those_of_the_program)
{
	static const char *const keys[] = {"texts", "ring", "network", "client",
	    "target-group", "inherit", "product", "family", "product-exclude",
	    "classification", "title", "title-exclude", "kb", "kb-exclude",
	    "architecture", "language", "superseded", "approve-upstream",
	    "approve-list", "action", "delay", "deadline", "freeze", "watch",
	    "approve", "decline", "accept-eula"};
	char item[64], text[100];
	const char *at;
	size_t i;

	read_page();
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		snprintf(item, sizeof(item), "\n.Dl %s = ", keys[i]);
		if (strstr(page, item) == NULL)
			t_fail(__FILE__, __LINE__, "%s is not shown", keys[i]);
		snprintf(text, sizeof(text), "%s = x", keys[i]);
		at = says(text);
		if (strstr(at, "unknown key") != NULL)
			t_fail(__FILE__, __LINE__, "%s", at);
	}
}

T_MAIN
