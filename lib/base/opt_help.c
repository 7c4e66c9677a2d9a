/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"

#define HELP_COLUMNS 80
#define HELP_MAX_LEFT 32 /* columns for the names; longer ones get a line */

static const struct opt built_in[] = {
    {OPT_STR, 'c', "config", NULL, "FILE", "configuration file",
	"WSUSFERRY_CONFIG", 0, 0},
    {OPT_FLAG, 0, "help", NULL, NULL, "print this and exit", NULL, 0, 0},
    {OPT_FLAG, 0, "version", NULL, NULL, "print the version and exit", NULL, 0,
	0},
    {OPT_END, 0, NULL, NULL, NULL, NULL, NULL, 0, 0},
};

/* Up to the next space that stands outside brackets. */
static size_t
word(const char *s)
{
	int open = 0;
	size_t n;

	for (n = 0; s[n] != '\0' && (s[n] != ' ' || open > 0); n++)
		open += (strchr("[(", s[n]) != NULL) -
		    (strchr("])", s[n]) != NULL);
	return n;
}

/* Words from column at on, following lines indented. */
static int
wrap(struct buf *to, const char *words, size_t at, size_t indent, struct err *e)
{
	bool first = true;
	size_t n;

	for (; *words != '\0'; words += n) {
		words += strspn(words, " ");
		n = word(words);
		if (!first && at + 1 + n > HELP_COLUMNS) {
			if (buf_printf(to, e, "\n%*s", (int)indent, "") == -1)
				return -1;
			at = indent;
			first = true;
		}
		if (buf_printf(
			to, e, "%s%.*s", first ? "" : " ", (int)n, words) == -1)
			return -1;
		at += n + !first;
		first = false;
	}
	return buf_puts(to, "\n", e);
}

static size_t
left(char *out, size_t size, const struct opt *o)
{
	char letter[] = "-x, ";
	int n;

	letter[1] = o->letter;
	n = snprintf(out, size, "  %s--%s%s%s", o->letter ? letter : "    ",
	    o->name, o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "");
	return n < 0 ? 0 : (size_t)n;
}

static size_t
left_width(const struct opt *o, size_t width)
{
	char text[128];
	size_t n;

	for (; o->type != OPT_END; o++) {
		n = left(text, sizeof(text), o);
		if (n > width && n <= HELP_MAX_LEFT)
			width = n;
	}
	return width;
}

static int
rows(struct buf *to, const struct opt *o, size_t width, struct err *e)
{
	char text[128], help[512];
	size_t n;

	for (; o->type != OPT_END; o++) {
		n = left(text, sizeof(text), o);
		if (buf_printf(to, e, "%s", text) == -1)
			return -1;
		if (n > width) {
			if (buf_puts(to, "\n", e) == -1)
				return -1;
			n = 0;
		}
		if (buf_printf(to, e, "%*s", (int)(width + 2 - n), "") == -1)
			return -1;
		n = (size_t)snprintf(help, sizeof(help), "%s", o->help);
		if (o->type == OPT_NUM && n < sizeof(help))
			n += (size_t)snprintf(help + n, sizeof(help) - n,
			    " (%" PRIu64 " to %" PRIu64 ")", o->min, o->max);
		if (o->type == OPT_LIST && n < sizeof(help))
			n += (size_t)snprintf(
			    help + n, sizeof(help) - n, " (may be repeated)");
		if (o->env != NULL && n < sizeof(help))
			snprintf(help + n, sizeof(help) - n, " [%s]", o->env);
		if (wrap(to, help, width + 2, width + 2, e) == -1)
			return -1;
	}
	return 0;
}

int
opt_help(const struct opt_prog *prog, struct buf *to, struct err *e)
{
	size_t i, at = strlen("usage: ") + strlen(prog->name) + 1, width;

	for (i = 0; prog->synopsis[i] != NULL; i++)
		if (buf_printf(to, e, "%s%s ", i == 0 ? "usage: " : "       ",
			prog->name) == -1 ||
		    wrap(to, prog->synopsis[i], at, at, e) == -1)
			return -1;
	if (buf_puts(to, "\n", e) == -1 ||
	    wrap(to, prog->purpose, 0, 0, e) == -1 ||
	    buf_puts(to, "\n", e) == -1)
		return -1;
	width = left_width(built_in, left_width(prog->opts, 0));
	if (rows(to, prog->opts, width, e) == -1)
		return -1;
	return rows(to, built_in, width, e);
}
