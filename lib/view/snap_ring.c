/* SPDX-License-Identifier: ISC */
#include "lib/view/snap_ring.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "formats/rings.h"
#include "formats/snapshot.h"

#define WORD_MAX 512 /* longer names fit nothing */

static size_t
networks_end(const struct snapshot *s, size_t ring)
{
	return ring + 1 < s->nrings ? s->rings[ring + 1].networks
				    : s->nnetworks;
}

static size_t
words_end(const struct snapshot *s, size_t ring)
{
	return ring + 1 < s->nrings ? s->rings[ring + 1].words : s->nwords;
}

static bool
holds(const struct snapshot_network *n, const uint8_t *addr)
{
	unsigned whole = n->bits / 8, rest = n->bits % 8;
	uint8_t mask = (uint8_t)(0xff00u >> rest);

	return memcmp(n->addr, addr, whole) == 0 &&
	    (rest == 0 || ((n->addr[whole] ^ addr[whole]) & mask) == 0);
}

static bool
read_word(
    const struct snapshot *s, const struct snapshot_word *w, char to[WORD_MAX])
{
	const struct snapshot_name *n = &s->names[w->name];

	if (n->len >= WORD_MAX)
		return false;
	memcpy(to, s->text + n->off, n->len);
	to[n->len] = '\0';
	return true;
}

static bool
fits(const char *pattern, const char *text)
{
	return text != NULL && fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

/* Names of hosts have dots between their labels; ids have none. */
static bool
fits_client(const char *pattern, const struct snap_client *c)
{
	char label[WORD_MAX];
	size_t n;

	if (fits(pattern, c->id))
		return true;
	if (strchr(pattern, '.') != NULL || c->name == NULL)
		return fits(pattern, c->name);
	n = strcspn(c->name, ".");
	if (n >= sizeof(label))
		return false;
	memcpy(label, c->name, n);
	label[n] = '\0';
	return fits(pattern, label);
}

/* One of the names claimed, blanks around them aside. */
static bool
is_group(const char *group, const char *claimed, size_t len)
{
	while (len > 0 && claimed[0] == ' ') {
		claimed++;
		len--;
	}
	while (len > 0 && claimed[len - 1] == ' ')
		len--;
	return len > 0 && strlen(group) == len &&
	    strncasecmp(group, claimed, len) == 0;
}

static size_t
by_network(const struct snapshot *s, const struct snap_client *c)
{
	size_t i, k;

	for (i = 0; i < s->nrings && c->addr != NULL; i++)
		for (k = s->rings[i].networks; k < networks_end(s, i); k++)
			if (holds(&s->networks[k], c->addr))
				return i;
	return s->nrings;
}

static size_t
by_client(const struct snapshot *s, const struct snap_client *c)
{
	char word[WORD_MAX];
	size_t i, k;

	for (i = 0; i < s->nrings; i++)
		for (k = s->rings[i].words; k < words_end(s, i); k++)
			if (s->words[k].kind == SNAPSHOT_CLIENT &&
			    read_word(s, &s->words[k], word) &&
			    fits_client(word, c))
				return i;
	return s->nrings;
}

static size_t
by_group(const struct snapshot *s, const char *claimed, size_t len)
{
	char word[WORD_MAX];
	size_t i, k;

	for (i = 0; i < s->nrings; i++)
		for (k = s->rings[i].words; k < words_end(s, i); k++)
			if (s->words[k].kind == SNAPSHOT_GROUP &&
			    read_word(s, &s->words[k], word) &&
			    is_group(word, claimed, len))
				return i;
	return s->nrings;
}

/* The first of the names claimed that a ring has. */
static size_t
by_groups(const struct snapshot *s, const char *claimed)
{
	size_t n, i = s->nrings;

	for (; claimed != NULL && i == s->nrings; claimed += n + 1) {
		n = strcspn(claimed, ";");
		i = by_group(s, claimed, n);
		if (claimed[n] == '\0')
			break;
	}
	return i;
}

static size_t
by_name(const struct snapshot *s)
{
	size_t i;

	for (i = 0; i < s->nrings; i++)
		if (strncmp((const char *)s->rings[i].name, RINGS_DEFAULT,
			SNAPSHOT_RING_NAME) == 0)
			break;
	return i;
}

size_t
snap_ring_of(const struct snapshot *s, const struct snap_client *c)
{
	size_t i = by_network(s, c);

	if (i == s->nrings)
		i = by_client(s, c);
	if (i == s->nrings)
		i = by_groups(s, c->groups);
	return i < s->nrings ? i : by_name(s);
}
