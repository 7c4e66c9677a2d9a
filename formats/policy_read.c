/* SPDX-License-Identifier: ISC */
#include "formats/policy.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "formats/policy_priv.h"
#include "lib/base/err.h"
#include "lib/base/near.h"

#define AT(field) offsetof(struct policy, field)
#define FOUND_MAX 80 /* bytes of a value in a message */

const struct policy_key policy_keys[POLICY_NKEYS] = {
    {"product", POLICY_NAME, AT(products)},
    {"family", POLICY_NAME, AT(families)},
    {"product-exclude", POLICY_NAME, AT(not_products)},
    {"classification", POLICY_NAME, AT(classifications)},
    {"language", POLICY_LANG, AT(languages)},
    {"architecture", POLICY_ARCH, AT(architectures)},
    {"title", POLICY_PATTERN, AT(titles)},
    {"title-exclude", POLICY_PATTERN, AT(not_titles)},
    {"kb", POLICY_KB, AT(kbs)},
    {"kb-exclude", POLICY_KB, AT(not_kbs)},
    {"approve", POLICY_KB_OR_ID, AT(approve)},
    {"decline", POLICY_KB_OR_ID, AT(decline)},
    {"only-approved", POLICY_YES, AT(only_approved)},
    {"max-age", POLICY_DAYS, AT(max_age_days)},
    {"superseded", POLICY_YES, AT(superseded)},
    {"drivers", POLICY_YES, AT(drivers)},
    {"express", POLICY_YES, AT(express)},
};

static const char *const architectures[] = {
    "x86", "x64", "arm", "arm64", "ia64", NULL};

struct policy_span
policy_trim(struct policy_span t)
{
	while (t.n > 0 && (*t.s == ' ' || *t.s == '\t')) {
		t.s++;
		t.n--;
	}
	while (t.n > 0 && (t.s[t.n - 1] == ' ' || t.s[t.n - 1] == '\t'))
		t.n--;
	return t;
}

bool
policy_is(struct policy_span t, const char *word)
{
	return strlen(word) == t.n && strncasecmp(t.s, word, t.n) == 0;
}

int
policy_refuse(const struct policy_line *l, const char *key,
    const char *expected, struct err *e)
{
	int n = l->value.n > FOUND_MAX ? FOUND_MAX : (int)l->value.n;

	return err_set(e, E_FORMAT, "%s: %s: expected %s, found '%.*s'",
	    l->place, key, expected, n, l->value.s);
}

/* Room for one more; what the words were before stays in the arena. */
static int
room(struct policy_reader *r, const struct policy_key *k,
    struct policy_words *w, struct err *e)
{
	struct policy_word *v;
	size_t cap;

	if (r->out > POLICY_MAX_BYTES)
		return err_set(e, E_LIMIT, "%s: more than %zu bytes in all",
		    r->l->place, POLICY_MAX_BYTES);
	if (w->n == POLICY_MAX_WORDS)
		return err_set(e, E_LIMIT, "%s: more than %u values of '%s'",
		    r->l->place, POLICY_MAX_WORDS, k->name);
	if (w->n != 0 && (w->n < 8 || (w->n & (w->n - 1)) != 0))
		return 0;
	cap = w->n == 0 ? 8 : 2 * w->n;
	if ((v = arena_alloc(&r->p->arena, cap * sizeof(*v))) == NULL)
		return err_nomem(e);
	if (w->n != 0)
		memcpy(v, w->v, w->n * sizeof(*v));
	w->v = v;
	return 0;
}

static int
add_word(struct policy_reader *r, const struct policy_key *k,
    struct policy_words *w, struct policy_span v, bool lower, struct err *e)
{
	struct policy_word *word;
	char *text;
	size_t i;

	r->out += strlen(k->name) + sizeof(" = KB\n") + v.n;
	if (room(r, k, w, e) == -1)
		return -1;
	if ((text = arena_strndup(&r->p->arena, v.s, v.n)) == NULL)
		return err_nomem(e);
	for (i = 0; lower && i < v.n; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] - 'A' + 'a');
	word = &w->v[w->n++];
	*word = (struct policy_word){.text = text, .line = r->l->line};
	return 0;
}

/* A title, or an id: that in its one spelling. */
static int
name(struct policy_reader *r, const struct policy_key *k,
    struct policy_words *w, struct err *e)
{
	struct policy_span v = r->l->value;
	struct guid id;
	bool is_id = guid_read(&id, v.s, v.n);

	if (add_word(r, k, w, v, is_id, e) == -1)
		return -1;
	w->v[w->n - 1].is_id = is_id;
	if (is_id)
		w->v[w->n - 1].id = id;
	return 0;
}

static int
lang(struct policy_reader *r, const struct policy_key *k,
    struct policy_words *w, struct err *e)
{
	static const char expected[] =
	    "a language's short name, as 'en' or 'pt-br'";
	struct policy_span v = r->l->value;
	size_t i;

	if (v.n < 2 || v.n > POLICY_MAX_LANG)
		return policy_refuse(r->l, k->name, expected, e);
	for (i = 0; i < v.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-",
			v.s[i]) == NULL)
			return policy_refuse(r->l, k->name, expected, e);
	if (policy_is(v, "all"))
		return policy_refuse(r->l, k->name,
		    "a language's short name; all are taken where none is "
		    "named",
		    e);
	return add_word(r, k, w, v, true, e);
}

static int
arch(struct policy_reader *r, const struct policy_key *k,
    struct policy_words *w, struct err *e)
{
	size_t i;

	for (i = 0; architectures[i] != NULL; i++)
		if (policy_is(r->l->value, architectures[i]))
			return add_word(r, k, w, r->l->value, true, e);
	return policy_refuse(r->l, k->name, "x86, x64, arm, arm64 or ia64", e);
}

static int
kb(struct policy_reader *r, const struct policy_key *k, struct policy_words *w,
    struct err *e)
{
	struct policy_span d = r->l->value;
	size_t i;

	if (d.n > 2 && strncasecmp(d.s, "KB", 2) == 0) {
		d.s += 2;
		d.n -= 2;
	}
	for (i = 0; i < d.n && d.s[i] >= '0' && d.s[i] <= '9'; i++)
		;
	if (i == d.n && d.n <= POLICY_MAX_KB && *d.s != '0')
		return add_word(r, k, w, d, false, e);
	return policy_refuse(r->l, k->name,
	    k->kind == POLICY_KB ? "a KB number, as KB5001234"
				 : "a KB number, as KB5001234, or an update's "
				   "id",
	    e);
}

int
policy_put_word(struct policy_reader *r, const struct policy_key *k,
    struct policy_words *w, struct err *e)
{
	struct guid id;

	switch (k->kind) {
	case POLICY_NAME:
		return name(r, k, w, e);
	case POLICY_LANG:
		return lang(r, k, w, e);
	case POLICY_ARCH:
		return arch(r, k, w, e);
	case POLICY_KB:
		return kb(r, k, w, e);
	case POLICY_KB_OR_ID:
		return guid_read(&id, r->l->value.s, r->l->value.n)
		    ? name(r, k, w, e)
		    : kb(r, k, w, e);
	default:
		return add_word(r, k, w, r->l->value, false, e);
	}
}

static int
days(struct policy_reader *r, const struct policy_key *k, struct err *e)
{
	const struct policy_span *v = &r->l->value;

	if (!num_read(&r->p->max_age_days, v->s, v->n, 1, POLICY_MAX_DAYS))
		return policy_refuse(r->l, k->name, "days, 1 to 36500", e);
	return 0;
}

static int
yes(struct policy_reader *r, const struct policy_key *k, struct err *e)
{
	bool *to = (bool *)((char *)r->p + k->off);

	if (!policy_is(r->l->value, "yes") && !policy_is(r->l->value, "no"))
		return policy_refuse(r->l, k->name, "yes or no", e);
	*to = policy_is(r->l->value, "yes");
	return 0;
}

int
policy_unknown(const struct policy_line *l, const char *what,
    struct policy_span given, const char *(*name_of)(size_t i, const void *arg),
    const void *arg, struct err *e)
{
	int n = given.n > FOUND_MAX ? FOUND_MAX : (int)given.n;
	char text[NEAR_MAX + 1] = "";
	struct near near;
	const char *known;
	size_t i;

	if (given.n <= NEAR_MAX)
		memcpy(text, given.s, given.n);
	near_begin(&near, text);
	for (i = 0; (known = name_of(i, arg)) != NULL; i++)
		near_try(&near, known);
	if (near.best == NULL)
		return err_set(e, E_FORMAT, "%s: unknown %s '%.*s'", l->place,
		    what, n, given.s);
	return err_set(e, E_FORMAT, "%s: unknown %s '%.*s', nearest is '%s'",
	    l->place, what, n, given.s, near.best);
}

static const char *
key_name(size_t i, const void *arg)
{
	(void)arg;
	return i < POLICY_NKEYS ? policy_keys[i].name : NULL;
}

size_t
policy_find(struct policy_span key)
{
	size_t i;

	for (i = 0; i < POLICY_NKEYS; i++)
		if (strlen(policy_keys[i].name) == key.n &&
		    memcmp(policy_keys[i].name, key.s, key.n) == 0)
			break;
	return i;
}

int
policy_check_value(const struct policy_line *l, const char *key, bool single,
    unsigned *seen, struct err *e)
{
	if (l->value.n == 0)
		return err_set(
		    e, E_FORMAT, "%s: '%s' has no value", l->place, key);
	if (l->value.n > POLICY_MAX_VALUE)
		return err_set(e, E_LIMIT, "%s: %s: %zu bytes, at most %u",
		    l->place, key, l->value.n, POLICY_MAX_VALUE);
	if (single && *seen != 0)
		return err_set(e, E_FORMAT,
		    "%s: '%s' has a value already, in line %u", l->place, key,
		    *seen);
	*seen = l->line;
	return 0;
}

int
policy_put(struct policy_reader *r, size_t i, const struct policy_line *l,
    struct err *e)
{
	const struct policy_key *k = &policy_keys[i];

	r->l = l;
	if (policy_check_value(
		l, k->name, k->kind >= POLICY_DAYS, &r->seen[i], e) == -1)
		return -1;
	if (k->kind == POLICY_DAYS)
		return days(r, k, e);
	if (k->kind == POLICY_YES)
		return yes(r, k, e);
	return policy_put_word(
	    r, k, (struct policy_words *)((char *)r->p + k->off), e);
}

static int
setting(void *arg, const struct policy_line *l, struct err *e)
{
	struct policy_reader *r = arg;
	size_t i = policy_find(l->key);

	if (i == POLICY_NKEYS)
		return policy_unknown(l, "key", l->key, key_name, NULL, e);
	return policy_put(r, i, l, e);
}

int
policy_read(struct policy *p, const void *text, size_t n, struct err *e)
{
	struct policy_reader r = {.p = p};

	return policy_lines(text, n, false, setting, &r, e);
}

void
policy_free(struct policy *p)
{
	arena_free(&p->arena);
	*p = (struct policy)POLICY_INIT;
}
