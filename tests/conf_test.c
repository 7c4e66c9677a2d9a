/* SPDX-License-Identifier: ISC */
#include "lib/base/conf.h"

#include "tests/t.h"

/* All that was told, as "line:common:key=value;". */
struct told {
	char text[1024];
};

static int
each(void *arg, unsigned line, int common, const char *key, const char *value,
    struct err *e)
{
	struct told *t = arg;
	size_t n = strlen(t->text);

	if (strcmp(key, "refuse") == 0)
		return err_set(e, E_FORMAT, "refused");
	snprintf(t->text + n, sizeof(t->text) - n, "%u:%d:%s=%s;", line,
	    common != 0, key, value);
	return 0;
}

static int
read_n(struct told *t, const char *text, size_t len, struct err *e)
{
	char *copy = malloc(len + 1);
	int r;

	t->text[0] = '\0';
	memcpy(copy, text, len);
	copy[len] = 'x';
	r = conf_read(copy, len, "import", each, t, e);
	free(copy);
	return r;
}

static void
tells(const char *text, const char *expected)
{
	struct err e = ERR_INIT;
	struct told t;

	T_CALL(read_n(&t, text, strlen(text), &e), &e);
	T_STR(t.text, expected);
}

static void
refuses(const char *text, const char *why)
{
	struct err e = ERR_INIT;
	struct told t;

	T_FAILS(read_n(&t, text, strlen(text), &e), &e, E_FORMAT, why);
}

T_TEST(common_lines_and_our_section_are_told)
{
	tells("# a comment\n"
	      "\n"
	      "store = /srv/wsus\n"
	      "  jobs=2  \n"
	      "[export]\n"
	      "to = /media/stick\n"
	      " [ import ] \n"
	      "\tlog\t=\t/var/log/a = b # c\n"
	      "[fetch]\n"
	      "x = y\n"
	      "[import]\n"
	      "content = D",
	    "3:1:store=/srv/wsus;4:1:jobs=2;8:0:log=/var/log/a = b # c;"
	    "12:0:content=D;");
}

T_TEST(an_empty_file_and_blank_lines_tell_nothing)
{
	tells("", "");
	tells("\n\n  \n\t\n#", "");
}

T_TEST(line_ends_of_another_system_are_read)
{
	tells("store = a\r\n[import]\r\nlog = b\r\n", "1:1:store=a;3:0:log=b;");
	tells("\xef\xbb\xbf"
	      "store = a\r\n",
	    "1:1:store=a;");
}

T_TEST(every_section_name_is_known)
{
	tells("[fetch]\n[export]\n[import]\n[verify]\n[offer]\n"
	      "[serve-static]\n[key]\n[list]\n",
	    "");
}

T_TEST(a_fault_names_its_line)
{
	refuses("store = a\n[improt]\n",
	    "line 2: unknown section 'improt', nearest is 'import'");
	refuses("[zzzzzz]\n", "line 1: unknown section 'zzzzzz'");
	refuses("[]\n", "line 1: unknown section ''");
	refuses("[import\n", "line 1: expected ']' at the end of '[import'");
	refuses("[\n", "line 1: expected ']'");
	refuses("\nstore\n", "line 2: expected 'key = value', found 'store'");
	refuses("= x\n", "line 1: no key before '='");
	refuses("store = \n", "line 1: 'store' has no value");
	refuses("store =", "line 1: 'store' has no value");
	refuses("a = b\nrefuse = me\n", "refused");
}

T_TEST(a_section_of_another_program_is_read_for_its_form)
{
	refuses("[export]\nnonsense\n", "line 2: expected 'key = value'");
}

T_TEST(control_characters_and_broken_utf8_are_refused)
{
	struct err e = ERR_INIT;
	struct told t;

	T_FAILS(read_n(&t, "a = b\0c\n", 8, &e), &e, E_FORMAT,
	    "line 1: control character 0x00 in column 6");
	refuses("a = b\rc\n", "control character 0x0d in column 6");
	refuses("a = \x7f\n", "control character 0x7f");
	refuses("# \x1b\n", "control character 0x1b");
	refuses("a = b\nc = \xff\n", "line 2: not UTF-8");
	tells("a = \xc3\xa4\n", "1:1:a=\xc3\xa4;");
}

T_TEST(a_long_line_and_a_long_file_are_refused)
{
	struct err e = ERR_INIT;
	struct told t;
	char *big = malloc(CONF_MAX_BYTES + 2);

	memset(big, '#', CONF_MAX_BYTES + 1);
	T_FAILS(read_n(&t, big, CONF_MAX_LINE + 1, &e), &e, E_FORMAT,
	    "line 1: 4097 bytes, at most 4096");
	T_CALL(read_n(&t, big, CONF_MAX_LINE, &e), &e);
	T_FAILS(read_n(&t, big, CONF_MAX_BYTES + 1, &e), &e, E_FORMAT,
	    "1048577 bytes, at most 1048576");
	free(big);
}

T_TEST(any_bytes_are_read_or_refused_without_harm)
{
	static const char chars[] = "[]= \n\r#axi\xc3\xa4";
	struct err e = ERR_INIT;
	struct told t;
	char text[64];
	size_t i, n, round;

	for (round = 0; round < 20000; round++) {
		n = t_random() % sizeof(text);
		for (i = 0; i < n; i++)
			text[i] = chars[t_random() % (sizeof(chars) - 1)];
		if (read_n(&t, text, n, &e) == -1) {
			T_EQ(e.kind, E_FORMAT);
			err_clear(&e);
		}
	}
}

T_MAIN
