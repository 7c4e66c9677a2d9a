/* SPDX-License-Identifier: ISC */
#include "lib/base/enc.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/err.h"

static const uint8_t guid_groups[] = {4, 2, 2, 2, 6};

bool
guid_read(struct guid *g, const char *s, size_t len)
{
	size_t i, at = 0;

	if (len != GUID_LEN)
		return false;
	for (i = 0; i < sizeof(guid_groups); i++) {
		if (i > 0 && *s++ != '-')
			return false;
		if (!hex_read(g->b + at, guid_groups[i], s,
			(size_t)guid_groups[i] * 2))
			return false;
		at += guid_groups[i];
		s += (size_t)guid_groups[i] * 2;
	}
	return true;
}

void
guid_write(char out[GUID_LEN + 1], const struct guid *g)
{
	size_t i, at = 0;

	for (i = 0; i < sizeof(guid_groups); i++) {
		if (i > 0)
			*out++ = '-';
		hex_lower(out, g->b + at, guid_groups[i]);
		at += guid_groups[i];
		out += (size_t)guid_groups[i] * 2;
	}
}

int
guid_cmp(const struct guid *a, const struct guid *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

int
guid_random(struct guid *g, struct err *e)
{
	ssize_t n;

	do {
		n = getrandom(g->b, sizeof(g->b), 0);
	} while (n == -1 && errno == EINTR);
	if (n != (ssize_t)sizeof(g->b))
		return err_sys(e, "getrandom");
	g->b[6] = (uint8_t)((g->b[6] & 0x0f) | 0x40);
	g->b[8] = (uint8_t)((g->b[8] & 0x3f) | 0x80);
	return 0;
}
