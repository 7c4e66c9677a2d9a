/* SPDX-License-Identifier: ISC */
#include "lib/store/row_set.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/store/store.h"

int
row_set_add(struct row_set *s, int64_t row, struct err *e)
{
	size_t old = (size_t)s->n / 8, want = (size_t)row / 8 + 1;
	uint8_t *p;

	if (row < 0 || row >= STORE_ROWS_MAX)
		return err_set(e, E_FORMAT,
		    "row %" PRId64 " is damaged: expected 0 to %" PRId64, row,
		    STORE_ROWS_MAX - 1);
	if (want > old) {
		want *= 2;
		if ((p = realloc(s->bits, want)) == NULL)
			return err_nomem(e);
		memset(p + old, 0, want - old);
		s->bits = p;
		s->n = (int64_t)want * 8;
	}
	s->bits[row / 8] |= (uint8_t)(1u << row % 8);
	return 0;
}

bool
row_set_has(const struct row_set *s, int64_t row)
{
	return row >= 0 && row < s->n && (s->bits[row / 8] >> row % 8 & 1) != 0;
}

void
row_set_free(struct row_set *s)
{
	free(s->bits);
	*s = (struct row_set){.bits = NULL};
}
