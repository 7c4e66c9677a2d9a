/* SPDX-License-Identifier: ISC */
#include "lib/base/lines.h"

#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "tests/t.h"

/* What was handed on, each line in brackets. */
struct got {
	struct lines *l;
	struct buf text;
	size_t longest;
	struct err e;
};

static int
line(void *arg, const char *text, size_t len, struct err *e)
{
	struct got *g = arg;

	if (len > g->longest)
		g->longest = len;
	if (len == 3 && memcmp(text, "bad", 3) == 0)
		return err_set(e, E_FORMAT, "a bad one");
	return len > 100 ? 0
			 : buf_printf(&g->text, e, "[%.*s]", (int)len, text);
}

static void
begin(struct got *g)
{
	*g = (struct got){.text = BUF_INIT, .e = ERR_INIT};
	T_CALL(lines_open(&g->l, line, g, &g->e), &g->e);
}

static int
put(struct got *g, const void *p, size_t n)
{
	return sink_write(lines_sink(g->l), p, n, &g->e);
}

static void
end(struct got *g)
{
	lines_close(g->l);
	buf_free(&g->text);
}

T_TEST(lines_are_the_same_however_they_are_cut_in_blocks)
{
	static const char text[] = "one\n\nthree\n4\n";
	size_t n = sizeof(text) - 1, a, b;

	for (a = 0; a <= n; a++)
		for (b = a; b <= n; b++) {
			struct got g;

			begin(&g);
			T_CALL(put(&g, text, a), &g.e);
			T_CALL(put(&g, text + a, b - a), &g.e);
			T_CALL(put(&g, text + b, n - b), &g.e);
			T_CALL(lines_finish(g.l, &g.e), &g.e);
			T_STR(buf_str(&g.text, &g.e), "[one][][three][4]");
			end(&g);
		}
}

T_TEST(a_last_line_without_an_end_is_refused)
{
	struct got g;

	begin(&g);
	T_CALL(put(&g, "a\nb", 3), &g.e);
	T_FAILS(lines_finish(g.l, &g.e), &g.e, E_FORMAT, "line 2: cut short");
	end(&g);
}

T_TEST(a_fault_names_its_line)
{
	struct got g;

	begin(&g);
	T_FAILS(
	    put(&g, "a\nb\nbad\nc\n", 10), &g.e, E_FORMAT, "line 3: a bad one");
	end(&g);
	begin(&g);
	T_FAILS(put(&g, "a\nb\0c\n", 6), &g.e, E_FORMAT, "line 2: a NUL byte");
	end(&g);
}

T_TEST(a_line_has_a_limit_in_one_block_and_in_many)
{
	char *p = malloc(LINES_MAX + 2);
	struct got g;
	size_t i;

	memset(p, 'x', LINES_MAX + 1);
	p[LINES_MAX] = '\n';
	begin(&g);
	T_CALL(put(&g, p, LINES_MAX + 1), &g.e);
	for (i = 0; i <= LINES_MAX; i += 1024)
		T_CALL(put(&g, p + i, i == LINES_MAX ? 1 : 1024), &g.e);
	T_CALL(lines_finish(g.l, &g.e), &g.e);
	T_EQ(g.longest, LINES_MAX);
	end(&g);
	p[LINES_MAX] = 'x';
	p[LINES_MAX + 1] = '\n';
	begin(&g);
	T_FAILS(put(&g, p, LINES_MAX + 2), &g.e, E_LIMIT, "line 1");
	end(&g);
	begin(&g);
	T_CALL(put(&g, p, LINES_MAX), &g.e);
	T_FAILS(put(&g, p + LINES_MAX, 2), &g.e, E_LIMIT, "line 1");
	end(&g);
	free(p);
}

T_MAIN
