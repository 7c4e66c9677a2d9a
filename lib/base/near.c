/* SPDX-License-Identifier: ISC */
#include "lib/base/near.h"

#include <string.h>

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* Edit distance; two neighbours exchanged count as one edit. */
static unsigned
distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned row[3][NEAR_MAX + 1], *older = row[0], *old = row[1];
	unsigned *new = row[2], *t;
	size_t i, k;

	for (k = 0; k <= nb; k++)
		old[k] = (unsigned)k;
	for (i = 1; i <= na; i++) {
		new[0] = (unsigned)i;
		for (k = 1; k <= nb; k++) {
			new[k] = least(old[k] + 1, new[k - 1] + 1,
			    old[k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
			    a[i - 2] == b[k - 1])
				new[k] = least(
				    new[k], new[k], older[k - 2] + 1);
		}
		t = older;
		older = old;
		old = new;
		new = t;
	}
	return old[nb];
}

void
near_begin(struct near *n, const char *given)
{
	n->given = given;
	n->best = NULL;
	n->distance = 0;
}

/* Near: at most half of the longer name differs, or one begins the other. */
void
near_try(struct near *n, const char *name)
{
	size_t a = strlen(n->given), b = strlen(name);
	unsigned d;

	if (a < 2 || a > NEAR_MAX || b > NEAR_MAX)
		return;
	d = distance(n->given, a, name, b);
	if (strncmp(n->given, name, a < b ? a : b) == 0)
		d = 1;
	if (2 * d > (a > b ? a : b))
		return;
	if (n->best == NULL || d < n->distance) {
		n->best = name;
		n->distance = d;
	}
}
