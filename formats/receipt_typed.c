/* SPDX-License-Identifier: ISC */
#include "formats/receipt_typed.h"

#include <stdbool.h>
#include <string.h>

#include "formats/receipt_priv.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/words.h"

#define TOLD 4 /* faults in one message */
#define END (RECEIPT_LINES + 1) /* what follows the last line */

struct faults {
	struct buf text; /* owned */
	struct err *e; /* borrowed; filled where memory failed */
	unsigned n;
};

/* A line that is whole. */
struct found {
	size_t at;
	unsigned number;
};

struct lines {
	const struct receipt_typed *y; /* borrowed */
	struct found v[RECEIPT_TYPED_MAX / RECEIPT_LINE + 1]; /* END is last */
	size_t n;
	bool seen[END];
	struct faults f;
};

/* One more; true where it is to be told, too. */
static bool
another(struct faults *f)
{
	if (f->e->kind != E_NONE || f->n++ >= TOLD)
		return false;
	return f->n == 1 || buf_puts(&f->text, "; ", f->e) == 0;
}

#define TELL(f, ...)                                                           \
	do {                                                                   \
		if (another(f))                                                \
			(void)buf_printf(&(f)->text, (f)->e, __VA_ARGS__);     \
	} while (0)

/*
 * The next line that is whole, at *at or later; 0: none.  First where it is if
 * those before it have their length: one place in a hundred thousand looks
 * whole by chance.
 */
static unsigned
find_next(const struct receipt_typed *y, size_t *at)
{
	size_t p = *at;
	unsigned number;

	for (; p + RECEIPT_LINE <= y->n; p += RECEIPT_LINE)
		if ((number = receipt_code_number(y->v + p)) != 0)
			goto found;
	if (p == y->n)
		return 0;
	for (p = *at; p + RECEIPT_LINE <= y->n; p++)
		if ((number = receipt_code_number(y->v + p)) != 0)
			goto found;
	return 0;
found:
	*at = p;
	return number;
}

static void
find(struct lines *l)
{
	unsigned number;
	size_t at = 0;

	while ((number = find_next(l->y, &at)) != 0) {
		l->v[l->n++] = (struct found){at, number};
		at += RECEIPT_LINE;
	}
	l->v[l->n] = (struct found){l->y->n, END};
}

static void
show(const uint8_t *v, char out[RECEIPT_GROUP + 1])
{
	for (unsigned i = 0; i < RECEIPT_GROUP; i++)
		out[i] = receipt_alphabet[v[i]];
	out[RECEIPT_GROUP] = '\0';
}

/* A line of the right length that is not whole. */
static void
tell_wrong(struct faults *f, unsigned number, const uint8_t *line)
{
	char is[RECEIPT_GROUP + 1], be[RECEIPT_GROUP + 1];
	uint8_t mended[RECEIPT_LINE];
	struct receipt_mend m;
	unsigned group;

	if (!receipt_code_mend(number, line, &m)) {
		TELL(f, "line %u: more than one character is wrong", number);
		return;
	}
	group = m.at / RECEIPT_GROUP;
	if (m.exchanged) {
		TELL(f,
		    "line %u: characters %u and %u (%c%c, group %u) are "
		    "exchanged",
		    number, m.at + 1, m.at + 2, receipt_alphabet[line[m.at]],
		    receipt_alphabet[line[m.at + 1]], group + 1);
		return;
	}
	memcpy(mended, line, sizeof(mended));
	mended[m.at] = m.value;
	show(line + (size_t)group * RECEIPT_GROUP, is);
	show(mended + (size_t)group * RECEIPT_GROUP, be);
	TELL(f, "line %u, group %u: found %s where the check allows %s only",
	    number, group + 1, is, be);
}

/* What stands between two lines that are whole: n characters from at. */
static void
tell_gap(struct lines *l, size_t at, size_t n, unsigned from, unsigned to)
{
	unsigned want[RECEIPT_LINES], nwant = 0, k;

	for (k = from + 1; k < to; k++)
		if (!l->seen[k])
			want[nwant++] = k;
	for (k = 0; n == 0 && k < nwant; k++)
		TELL(&l->f, "line %u is missing", want[k]);
	if (n == 0)
		return;
	if (n == (size_t)nwant * RECEIPT_LINE) {
		for (k = 0; k < nwant; k++, at += RECEIPT_LINE)
			tell_wrong(&l->f, want[k], l->y->v + at);
	} else if (nwant == 0) {
		TELL(&l->f, "%s behind line %u belong to no line",
		    words_count(n, "character").s, from);
	} else if (nwant == 1) {
		TELL(&l->f, "line %u has %s, expected %d", want[0],
		    words_count(n, "character").s, RECEIPT_LINE);
	} else {
		TELL(&l->f, "lines %u to %u have %s, expected %u", want[0],
		    want[nwant - 1], words_count(n, "character").s,
		    nwant * RECEIPT_LINE);
	}
}

static void
judge(struct lines *l)
{
	unsigned last = 0;
	bool twice[END] = {false};
	size_t at = 0, i;

	for (i = 0; i < l->n; i++)
		l->seen[l->v[i].number] = true;
	for (i = 0; i <= l->n; i++) {
		tell_gap(l, at, l->v[i].at - at, last, l->v[i].number);
		if (l->v[i].number == END)
			break;
		if (twice[l->v[i].number])
			TELL(&l->f, "line %u stands twice", l->v[i].number);
		else if (l->v[i].number < last)
			TELL(&l->f, "line %u stands behind line %u",
			    l->v[i].number, last);
		twice[l->v[i].number] = true;
		last = l->v[i].number;
		at = l->v[i].at + RECEIPT_LINE;
	}
}

static void
refuse(struct faults *f)
{
	struct err other = ERR_INIT;
	const char *text = buf_str(&f->text, &other);

	if (text == NULL)
		*f->e = other;
	else if (f->n > TOLD)
		err_set(f->e, E_FORMAT, "%s; and %u more", text, f->n - TOLD);
	else
		err_set(f->e, E_FORMAT, "%s", text);
}

int
receipt_typed_check(const struct receipt_typed *y, struct err *e)
{
	struct lines l = {.y = y, .f = {.text = BUF_INIT, .e = e}};
	unsigned version;

	find(&l);
	version = y->n < 2 ? 0 : (unsigned)(y->v[0] << 3 | y->v[1] >> 2);
	if (l.n > 0 && l.v[0].at == 0 && l.v[0].number == 1 &&
	    receipt_check_version(version, e) == -1)
		return -1;
	judge(&l);
	if (l.f.n != 0 && e->kind == E_NONE)
		refuse(&l.f);
	buf_free(&l.f.text);
	return l.f.n == 0 ? 0 : -1;
}
