/* SPDX-License-Identifier: ISC */
/* Networks as RFC 4632 and RFC 4291, 2.2 and 2.3, write them. */
#include <string.h>

#include "formats/rings_priv.h"

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

/* Up to the first c, which is gone over; all where there is none. */
static struct policy_span
cut(struct policy_span *left, char c)
{
	const char *at = memchr(left->s, c, left->n);
	struct policy_span w = *left;

	if (at == NULL) {
		*left = (struct policy_span){left->s + left->n, 0};
		return w;
	}
	w.n = (size_t)(at - left->s);
	*left = (struct policy_span){at + 1, left->n - w.n - 1};
	return w;
}

static bool
read_v4(uint8_t to[4], struct policy_span v)
{
	struct policy_span w;
	uint64_t n;
	int i;

	for (i = 0; i < 4; i++) {
		if (i < 3 && memchr(v.s, '.', v.n) == NULL)
			return false;
		w = i < 3 ? cut(&v, '.') : v;
		if (w.n > 3 || (w.n > 1 && *w.s == '0') ||
		    !num_read(&n, w.s, w.n, 0, 255))
			return false;
		to[i] = (uint8_t)n;
	}
	return true;
}

/* Groups of 16 bits with ':' between them; how many bytes, -1: none such. */
static int
read_groups(uint8_t *to, size_t max, struct policy_span v)
{
	struct policy_span w;
	uint64_t n;
	size_t len = 0;
	bool more = v.n > 0;

	while (more) {
		more = memchr(v.s, ':', v.n) != NULL;
		w = cut(&v, ':');
		if (!more && memchr(w.s, '.', w.n) != NULL)
			return max - len >= 4 && read_v4(to + len, w)
			    ? (int)len + 4
			    : -1;
		if (max - len < 2 || w.n == 0 || w.n > 4 ||
		    !hex_number(&n, w.s, w.n))
			return -1;
		to[len++] = (uint8_t)(n >> 8);
		to[len++] = (uint8_t)n;
	}
	return (int)len;
}

/* "::" stands once, for at least one group of zeros. */
static bool
read_v6(uint8_t to[16], struct policy_span v)
{
	const char *gap = memmem(v.s, v.n, "::", 2);
	struct policy_span head = v, tail;
	uint8_t end[16];
	int nhead, ntail;

	memset(to, 0, 16);
	if (gap == NULL)
		return read_groups(to, 16, v) == 16;
	head.n = (size_t)(gap - v.s);
	tail = (struct policy_span){gap + 2, v.n - head.n - 2};
	nhead = read_groups(to, 14, head);
	if (nhead == -1 || memchr(head.s, '.', head.n) != NULL)
		return false;
	ntail = read_groups(end, 14 - (size_t)nhead, tail);
	if (ntail > 0)
		memcpy(to + 16 - ntail, end, (size_t)ntail);
	return ntail != -1;
}

bool
rings_network_read(struct rings_network *n, struct policy_span v)
{
	struct policy_span address;
	uint64_t bits;

	if (memchr(v.s, '/', v.n) == NULL)
		return false;
	address = cut(&v, '/');
	if (read_v4(n->addr + sizeof(mapped), address)) {
		memcpy(n->addr, mapped, sizeof(mapped));
		if (!num_read(&bits, v.s, v.n, 0, 32))
			return false;
		n->bits = (unsigned)bits + 96;
		return true;
	}
	if (!read_v6(n->addr, address) || !num_read(&bits, v.s, v.n, 0, 128))
		return false;
	n->bits = (unsigned)bits;
	return memcmp(n->addr, mapped, sizeof(mapped)) != 0;
}
