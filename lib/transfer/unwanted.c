/* SPDX-License-Identifier: ISC */
#include "lib/transfer/unwanted.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"

#define HEX (2 * SHA1_LEN)

static const char head[] = "{\"t\":\"absent\",\"sha1\":\"";
static const char tail[] = ",\"wanted\":false}";

/* Within a name no quote stands without a backslash, so the tail is no name. */
int
unwanted_line(struct unwanted *u, const char *line, size_t len, struct err *e)
{
	const size_t nhead = sizeof(head) - 1, ntail = sizeof(tail) - 1;
	uint8_t sha1[SHA1_LEN];

	if (len < nhead + HEX + 1 + ntail || memcmp(line, head, nhead) != 0 ||
	    memcmp(line + len - ntail, tail, ntail) != 0 ||
	    line[nhead + HEX] != '"' ||
	    !hex_read(sha1, SHA1_LEN, line + nhead, HEX))
		return 0;
	if (grow(&u->v, &u->cap, u->n, sizeof(*u->v), e) == -1)
		return -1;
	memcpy(u->v[u->n++], sha1, SHA1_LEN);
	u->sorted = false;
	return 0;
}

bool
unwanted_has(struct unwanted *u, const uint8_t sha1[SHA1_LEN])
{
	if (!u->sorted)
		sort_up(u->v, u->n, SHA1_LEN, sort_by_sha1);
	u->sorted = true;
	return sort_find(sha1, u->v, u->n, SHA1_LEN, sort_by_sha1) != NULL;
}

void
unwanted_free(struct unwanted *u)
{
	free(u->v);
	*u = (struct unwanted){.v = NULL};
}
