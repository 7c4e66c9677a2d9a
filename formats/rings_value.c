/* SPDX-License-Identifier: ISC */
/* Values of the keys that only rings have. */
#include <string.h>

#include "formats/rings_priv.h"
#include "lib/base/err.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define DAY_S 86400

static const char *const actions[] = {[RINGS_NONE] = "none",
    [RINGS_INSTALL] = "install",
    [RINGS_OPTIONAL] = "optional",
    [RINGS_UNINSTALL] = "uninstall",
    NULL};
static const char *const watches[] = {[RINGS_NEWEST] = "newest",
    [RINGS_COMPLETE] = "complete",
    [RINGS_ALL] = "all",
    [RINGS_NOTHING] = "none",
    NULL};

const char *
rings_action_word(enum rings_action a)
{
	return actions[a];
}

/* --- parts of values --- */

/* The next word, and what is left behind it. */
static struct policy_span
next_word(struct policy_span *left)
{
	struct policy_span w = {left->s, 0};

	while (w.n < left->n && w.s[w.n] != ' ' && w.s[w.n] != '\t')
		w.n++;
	*left = policy_trim((struct policy_span){w.s + w.n, left->n - w.n});
	return w;
}

/* Of the line only that word, so that a message shows it and where it is. */
static struct policy_line
only(const struct policy_line *l, struct policy_span word)
{
	struct policy_line one = *l;

	one.value = word;
	policy_set_place(&one, (size_t)(word.s - l->start) + 1);
	return one;
}

static int
refuse(const struct policy_line *l, const char *key, struct policy_span found,
    const char *expected, struct err *e)
{
	struct policy_line one = only(l, found);

	return policy_refuse(&one, key, expected, e);
}

static const char *
word_of(size_t i, const void *arg)
{
	return ((const char *const *)arg)[i];
}

static int
one_of(unsigned *which, const char *const *words, const char *what,
    const struct policy_line *l, struct policy_span given, struct err *e)
{
	struct policy_line one = only(l, given);
	unsigned i;

	for (i = 0; words[i] != NULL; i++)
		if (policy_is(given, words[i])) {
			*which = i;
			return 0;
		}
	return policy_unknown(&one, what, given, word_of, words, e);
}

/* What stands there, between what is wanting of a time. */
static bool
read_time(
    int64_t *t, const char *before, struct policy_span v, const char *after)
{
	size_t b = strlen(before), a = strlen(after);
	char text[UTC_LEN];

	if (v.n != UTC_LEN - a - b)
		return false;
	memcpy(text, before, b);
	memcpy(text + b, v.s, v.n);
	memcpy(text + b + v.n, after, a);
	return utc_read(t, text, UTC_LEN);
}

int
rings_room(struct rings_ring *g, void *array, size_t n, size_t size,
    const struct policy_line *l, const char *key, struct err *e)
{
	void **a = array;
	char *more;
	size_t cap = n < 8 ? 8 : 2 * n;

	if (n == POLICY_MAX_WORDS)
		return err_set(e, E_LIMIT, "%s: more than %u values of '%s'",
		    l->place, POLICY_MAX_WORDS, key);
	if (n != 0 && (n < 8 || (n & (n - 1)) != 0))
		return 0;
	if ((more = arena_alloc(&g->select.arena, cap * size)) == NULL)
		return err_nomem(e);
	if (n != 0)
		memcpy(more, *a, n * size);
	*a = more;
	return 0;
}

static int
keep(struct rings_ring *g, const char **to, struct policy_span v, struct err *e)
{
	*to = arena_strndup(&g->select.arena, v.s, v.n);
	return *to != NULL ? 0 : err_nomem(e);
}

/* --- who is in it --- */

static int
ring_name(struct rings_reader *r, const struct policy_line *l, struct err *e)
{
	struct rings *to = r->r;
	struct rings_ring *g = &to->v[to->n];
	size_t i;

	for (i = 0; i < l->value.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-",
			l->value.s[i]) == NULL)
			break;
	if (i < l->value.n || l->value.n > RINGS_MAX_NAME)
		return refuse(l, "ring", l->value,
		    "a name of 1 to 32 of a-z, 0-9 and '-'", e);
	for (i = 0; i < to->n; i++)
		if (policy_is(l->value, to->v[i].name))
			return err_set(e, E_FORMAT,
			    "%s: ring: '%s' is one already, in line %u",
			    l->place, to->v[i].name, to->v[i].line);
	if (to->n == RINGS_MAX)
		return err_set(
		    e, E_LIMIT, "%s: more than %d rings", l->place, RINGS_MAX);
	*g = (struct rings_ring){.select = POLICY_INIT,
	    .line = l->line,
	    .inherits = -1,
	    .deadline = RINGS_NO_DAYS};
	to->n++;
	r->at = g;
	r->policy = (struct policy_reader){.p = &g->select};
	return keep(g, &g->name, l->value, e);
}

/* The address of a client would do by itself; what is meant is not certain. */
static bool
has_host(const struct rings_network *n)
{
	unsigned i;

	for (i = n->bits; i < 128; i++)
		if (n->addr[i / 8] & (0x80u >> i % 8))
			return true;
	return false;
}

static int
network(struct rings_reader *r, const struct policy_line *l, struct err *e)
{
	struct rings_ring *g = r->at;
	struct rings_network n = {.line = l->line};

	if (!rings_network_read(&n, l->value))
		return refuse(l, "network", l->value,
		    "an IPv4 or IPv6 network, as 10.1.9.0/24 or fd00:9::/64",
		    e);
	if (has_host(&n))
		return refuse(l, "network", l->value,
		    "an address with nothing behind the network's bits", e);
	if (rings_room(g, &g->networks, g->nnetworks, sizeof(n), l, "network",
		e) == -1)
		return -1;
	g->networks[g->nnetworks++] = n;
	return 0;
}

static const char *
ring_above(size_t i, const void *arg)
{
	const struct rings *r = arg;

	return i + 1 < r->n ? r->v[i].name : NULL;
}

static int
inherit(struct rings_reader *r, const struct policy_line *l, struct err *e)
{
	struct policy_line one = only(l, l->value);
	size_t i;

	for (i = 0; i + 1 < r->r->n; i++)
		if (policy_is(l->value, r->r->v[i].name)) {
			r->at->inherits = (int)i;
			return 0;
		}
	if (policy_is(l->value, r->at->name))
		return refuse(
		    l, "inherit", l->value, "a ring above this one", e);
	return policy_unknown(
	    &one, "ring above", l->value, ring_above, r->r, e);
}

/* --- what it is offered --- */

static int
list(struct rings_reader *r, const struct policy_line *l, struct err *e)
{
	const struct policy_span *v = &l->value;

	if (memchr(v->s, '/', v->n) != NULL ||
	    memchr(v->s, '\\', v->n) != NULL || *v->s == '.')
		return refuse(l, "approve-list", *v,
		    "the name of a file beside this one", e);
	return keep(r->at, &r->at->list, *v, e);
}

static int
days(uint32_t *to, const char *key, const struct policy_line *l,
    struct policy_span v, struct err *e)
{
	uint64_t n;

	if (!num_read(&n, v.s, v.n, 0, RINGS_MAX_DAYS))
		return refuse(l, key, v, "days, 0 to 36500", e);
	*to = (uint32_t)n;
	return 0;
}

static int
deadline(struct rings_reader *r, const struct policy_line *l, struct err *e)
{
	struct policy_span left = l->value, v = next_word(&left);
	int64_t t = 0;

	if (days(&r->at->deadline, "deadline", l, v, e) == -1)
		return -1;
	r->at->deadline_s = 0;
	if (left.n == 0)
		return 0;
	if (!read_time(&t, "1970-01-01T", left, ":00Z"))
		return refuse(l, "deadline", left,
		    "a time of the day in UTC, as 03:00", e);
	r->at->deadline_s = (uint32_t)t;
	return 0;
}

static int
freeze(struct rings_reader *r, const struct policy_line *l, struct err *e)
{
	static const char expected[] = "two days, as 2026-12-18..2027-01-06";
	struct rings_ring *g = r->at;
	const char *dots = memmem(l->value.s, l->value.n, "..", 2);
	struct rings_freeze f = {.line = l->line};
	struct policy_span a = l->value, b;

	if (dots == NULL)
		return refuse(l, "freeze", a, expected, e);
	a = (struct policy_span){a.s, (size_t)(dots - a.s)};
	b = (struct policy_span){dots + 2, l->value.n - a.n - 2};
	if (!read_time(&f.first, "", policy_trim(a), "T00:00:00Z") ||
	    !read_time(&f.last, "", policy_trim(b), "T00:00:00Z"))
		return refuse(l, "freeze", l->value, expected, e);
	if (f.last < f.first)
		return refuse(l, "freeze", l->value,
		    "a last day that is not before the first", e);
	f.first /= DAY_S;
	f.last /= DAY_S;
	if (rings_room(
		g, &g->freezes, g->nfreezes, sizeof(f), l, "freeze", e) == -1)
		return -1;
	g->freezes[g->nfreezes++] = f;
	return 0;
}

static int
by(struct rings_approve *to, const struct policy_line *l,
    struct policy_span left, struct err *e)
{
	struct policy_span v = next_word(&left);

	if (!policy_is(v, "by"))
		return refuse(l, "approve", v,
		    "an action, 'by' and a time, or nothing", e);
	if (left.n == 0 || left.s[left.n - 1] != 'Z' ||
	    !read_time(
		&to->by, "", (struct policy_span){left.s, left.n - 1}, ":00Z"))
		return refuse(l, "approve", left.n > 0 ? left : v,
		    "a time in UTC after 'by', as 2026-12-18T03:00Z", e);
	to->has_by = true;
	return 0;
}

static int
approve(struct rings_reader *r, const struct policy_line *l, struct err *e)
{
	struct rings_ring *g = r->at;
	struct policy_span left = l->value, what = next_word(&left), v, rest;
	struct policy_line one = only(l, what);
	struct rings_approve a = {.action = RINGS_INSTALL};
	unsigned which;

	rest = left;
	if (left.n > 0 && (v = next_word(&rest), !policy_is(v, "by"))) {
		if (one_of(&which, actions, "action", l, v, e) == -1)
			return -1;
		a.action = (enum rings_action)which;
		left = rest;
	}
	if (left.n > 0 && by(&a, l, left, e) == -1)
		return -1;
	if (rings_room(g, &g->approve, g->select.approve.n, sizeof(a), l,
		"approve", e) == -1 ||
	    policy_put(&r->policy, policy_find(l->key), &one, e) == -1)
		return -1;
	g->approve[g->select.approve.n - 1] = a;
	return 0;
}

static int
words(struct rings_reader *r, struct policy_words *to,
    const struct policy_key *k, const struct policy_line *l, struct err *e)
{
	struct policy_line one = only(l, l->value);
	int n;

	r->policy.l = &one;
	n = policy_put_word(&r->policy, k, to, e);
	r->policy.l = NULL;
	return n;
}

static int
texts(struct rings_reader *r, const struct policy_line *l, struct err *e)
{
	static const struct policy_key key = {"texts", POLICY_LANG, 0};
	struct policy_span left = l->value;
	struct policy_line one;

	while (left.n > 0) {
		one = *l;
		one.value = next_word(&left);
		if (words(r, &r->r->texts, &key, &one, e) == -1)
			return -1;
	}
	return 0;
}

static int
eula(struct rings_reader *r, const struct policy_line *l, struct err *e)
{
	static const struct policy_key key = {
	    "accept-eula", POLICY_KB_OR_ID, 0};

	if (policy_is(l->value, "all")) {
		r->at->all_eulas = true;
		return 0;
	}
	return words(r, &r->at->eulas, &key, l, e);
}

int
rings_value(struct rings_reader *r, enum rings_key k,
    const struct policy_line *l, struct err *e)
{
	static const struct policy_key client = {"client", POLICY_PATTERN, 0};
	static const struct policy_key group = {
	    "target-group", POLICY_PATTERN, 0};
	struct rings_ring *g = r->at;
	unsigned which = 0;
	int n;

	switch (k) {
	case RINGS_TEXTS:
		return texts(r, l, e);
	case RINGS_RING:
		return ring_name(r, l, e);
	case RINGS_NETWORK:
		return network(r, l, e);
	case RINGS_CLIENT:
		return words(r, &g->clients, &client, l, e);
	case RINGS_GROUP:
		return words(r, &g->groups, &group, l, e);
	case RINGS_INHERIT:
		return inherit(r, l, e);
	case RINGS_UPSTREAM:
		return keep(g, &g->upstream, l->value, e);
	case RINGS_LIST:
		return list(r, l, e);
	case RINGS_ACTION:
		n = one_of(&which, actions, "action", l, l->value, e);
		g->action = (enum rings_action)which;
		return n;
	case RINGS_DELAY:
		return days(&g->delay, "delay", l, l->value, e);
	case RINGS_DEADLINE:
		return deadline(r, l, e);
	case RINGS_FREEZE:
		return freeze(r, l, e);
	case RINGS_WATCH:
		n = one_of(&which, watches, "watch", l, l->value, e);
		g->watch = (enum rings_watch)which;
		return n;
	case RINGS_APPROVE:
		return approve(r, l, e);
	default:
		return eula(r, l, e);
	}
}
