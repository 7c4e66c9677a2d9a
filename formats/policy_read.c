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

struct reader {
	struct policy *p; /* borrowed */
	unsigned line;
	unsigned seen[POLICY_NKEYS]; /* the line of keys of one value */
	size_t out; /* bytes that policy_write() will take for the words */
};

/* A stretch of the text. */
struct span {
	const char *s; /* borrowed from the text */
	size_t n;
};

static struct span
trim(struct span t)
{
	while (t.n > 0 && (*t.s == ' ' || *t.s == '\t')) {
		t.s++;
		t.n--;
	}
	while (t.n > 0 && (t.s[t.n - 1] == ' ' || t.s[t.n - 1] == '\t'))
		t.n--;
	return t;
}

static bool
is(struct span t, const char *word)
{
	return strlen(word) == t.n && strncasecmp(t.s, word, t.n) == 0;
}

static int
refuse_value(const struct reader *r, const struct policy_key *k, struct span v,
    const char *expected, struct err *e)
{
	int n = v.n > FOUND_MAX ? FOUND_MAX : (int)v.n;

	return err_set(e, E_FORMAT, "line %u: %s: expected %s, found '%.*s'",
	    r->line, k->name, expected, n, v.s);
}

/* Room for one more; what the words were before stays in the arena. */
static int
room(struct reader *r, const struct policy_key *k, struct policy_words *w,
    struct err *e)
{
	struct policy_word *v;
	size_t cap;

	if (r->out > POLICY_MAX_BYTES)
		return err_set(e, E_LIMIT,
		    "line %u: more than %zu bytes in all", r->line,
		    POLICY_MAX_BYTES);
	if (w->n == POLICY_MAX_WORDS)
		return err_set(e, E_LIMIT,
		    "line %u: more than %u values of '%s'", r->line,
		    POLICY_MAX_WORDS, k->name);
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
add_word(struct reader *r, const struct policy_key *k, struct span v,
    bool lower, struct err *e)
{
	struct policy_words *w = (struct policy_words *)((char *)r->p + k->off);
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
	*word = (struct policy_word){.text = text, .line = r->line};
	return 0;
}

/* A title, or an id: that in its one spelling. */
static int
name(struct reader *r, const struct policy_key *k, struct span v, struct err *e)
{
	struct policy_words *w = (struct policy_words *)((char *)r->p + k->off);
	struct guid id;
	bool is_id = guid_read(&id, v.s, v.n);

	if (add_word(r, k, v, is_id, e) == -1)
		return -1;
	w->v[w->n - 1].is_id = is_id;
	if (is_id)
		w->v[w->n - 1].id = id;
	return 0;
}

static int
lang(struct reader *r, const struct policy_key *k, struct span v, struct err *e)
{
	static const char expected[] =
	    "a language's short name, as 'en' or 'pt-br'";
	size_t i;

	if (v.n < 2 || v.n > POLICY_MAX_LANG)
		return refuse_value(r, k, v, expected, e);
	for (i = 0; i < v.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-",
			v.s[i]) == NULL)
			return refuse_value(r, k, v, expected, e);
	if (is(v, "all"))
		return refuse_value(r, k, v,
		    "a language's short name; all are taken where none is "
		    "named",
		    e);
	return add_word(r, k, v, true, e);
}

static int
arch(struct reader *r, const struct policy_key *k, struct span v, struct err *e)
{
	size_t i;

	for (i = 0; architectures[i] != NULL; i++)
		if (is(v, architectures[i]))
			return add_word(r, k, v, true, e);
	return refuse_value(r, k, v, "x86, x64, arm, arm64 or ia64", e);
}

static int
kb(struct reader *r, const struct policy_key *k, struct span v, struct err *e)
{
	struct span d = v;
	size_t i;

	if (d.n > 2 && strncasecmp(d.s, "KB", 2) == 0) {
		d.s += 2;
		d.n -= 2;
	}
	for (i = 0; i < d.n && d.s[i] >= '0' && d.s[i] <= '9'; i++)
		;
	if (i == d.n && d.n <= POLICY_MAX_KB && *d.s != '0')
		return add_word(r, k, d, false, e);
	return refuse_value(r, k, v,
	    k->kind == POLICY_KB ? "a KB number, as KB5001234"
				 : "a KB number, as KB5001234, or an update's "
				   "id",
	    e);
}

static int
days(struct reader *r, const struct policy_key *k, struct span v, struct err *e)
{
	if (!num_read(&r->p->max_age_days, v.s, v.n, 1, POLICY_MAX_DAYS))
		return refuse_value(r, k, v, "days, 1 to 36500", e);
	return 0;
}

static int
yes(struct reader *r, const struct policy_key *k, struct span v, struct err *e)
{
	bool *to = (bool *)((char *)r->p + k->off);

	if (!is(v, "yes") && !is(v, "no"))
		return refuse_value(r, k, v, "yes or no", e);
	*to = is(v, "yes");
	return 0;
}

static int
value(
    struct reader *r, const struct policy_key *k, struct span v, struct err *e)
{
	struct guid id;

	switch (k->kind) {
	case POLICY_NAME:
		return name(r, k, v, e);
	case POLICY_LANG:
		return lang(r, k, v, e);
	case POLICY_ARCH:
		return arch(r, k, v, e);
	case POLICY_PATTERN:
		return add_word(r, k, v, false, e);
	case POLICY_KB:
		return kb(r, k, v, e);
	case POLICY_KB_OR_ID:
		return guid_read(&id, v.s, v.n) ? name(r, k, v, e)
						: kb(r, k, v, e);
	case POLICY_DAYS:
		return days(r, k, v, e);
	case POLICY_YES:
		return yes(r, k, v, e);
	}
	return 0;
}

static int
unknown(const struct reader *r, struct span key, struct err *e)
{
	int n = key.n > FOUND_MAX ? FOUND_MAX : (int)key.n;
	char text[NEAR_MAX + 1] = "";
	struct near near;
	size_t i;

	if (key.n <= NEAR_MAX)
		memcpy(text, key.s, key.n);
	near_begin(&near, text);
	for (i = 0; i < POLICY_NKEYS; i++)
		near_try(&near, policy_keys[i].name);
	if (near.best == NULL)
		return err_set(e, E_FORMAT, "line %u: unknown key '%.*s'",
		    r->line, n, key.s);
	return err_set(e, E_FORMAT,
	    "line %u: unknown key '%.*s', nearest is '%s'", r->line, n, key.s,
	    near.best);
}

static int
setting(struct reader *r, struct span line, struct err *e)
{
	const char *eq = memchr(line.s, '=', line.n);
	int n = line.n > FOUND_MAX ? FOUND_MAX : (int)line.n;
	struct span key, v;
	size_t i;

	if (eq == NULL)
		return err_set(e, E_FORMAT,
		    "line %u: expected 'key = value', found '%.*s'", r->line, n,
		    line.s);
	key = trim((struct span){line.s, (size_t)(eq - line.s)});
	v = trim((struct span){eq + 1, line.n - (size_t)(eq + 1 - line.s)});
	if (key.n == 0)
		return err_set(
		    e, E_FORMAT, "line %u: no key before '='", r->line);
	for (i = 0; i < POLICY_NKEYS; i++)
		if (strlen(policy_keys[i].name) == key.n &&
		    memcmp(policy_keys[i].name, key.s, key.n) == 0)
			break;
	if (i == POLICY_NKEYS)
		return unknown(r, key, e);
	if (v.n == 0)
		return err_set(e, E_FORMAT, "line %u: '%s' has no value",
		    r->line, policy_keys[i].name);
	if (v.n > POLICY_MAX_VALUE)
		return err_set(e, E_LIMIT, "line %u: %s: %zu bytes, at most %u",
		    r->line, policy_keys[i].name, v.n, POLICY_MAX_VALUE);
	if (policy_keys[i].kind >= POLICY_DAYS && r->seen[i] != 0)
		return err_set(e, E_FORMAT,
		    "line %u: '%s' has a value already, in line %u", r->line,
		    policy_keys[i].name, r->seen[i]);
	r->seen[i] = r->line;
	return value(r, &policy_keys[i], v, e);
}

static int
check_bytes(const struct reader *r, struct span t, struct err *e)
{
	size_t i;

	if (t.n > POLICY_MAX_LINE)
		return err_set(e, E_LIMIT, "line %u: %zu bytes, at most %u",
		    r->line, t.n, POLICY_MAX_LINE);
	for (i = 0; i < t.n; i++)
		if (((uint8_t)t.s[i] < 0x20 && t.s[i] != '\t') ||
		    t.s[i] == 0x7f)
			return err_set(e, E_FORMAT,
			    "line %u: control character 0x%02x in column %zu",
			    r->line, (uint8_t)t.s[i], i + 1);
	if (!utf8_valid((const uint8_t *)t.s, t.n))
		return err_set(e, E_FORMAT, "line %u: not UTF-8", r->line);
	return 0;
}

int
policy_read(struct policy *p, const void *text, size_t n, struct err *e)
{
	struct reader r = {.p = p};
	const char *s = text, *end, *nl;
	struct span line;

	if (n == 0)
		return 0; /* text may be NULL */
	if (n > POLICY_MAX_BYTES)
		return err_set(
		    e, E_LIMIT, "%zu bytes, at most %zu", n, POLICY_MAX_BYTES);
	end = s + n;
	if (n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		s += 3;
	while (s < end) {
		r.line++;
		if ((nl = memchr(s, '\n', (size_t)(end - s))) == NULL)
			nl = end;
		line = (struct span){s, (size_t)(nl - s)};
		if (line.n > 0 && line.s[line.n - 1] == '\r')
			line.n--;
		if (check_bytes(&r, line, e) == -1)
			return -1;
		line = trim(line);
		if (line.n > 0 && *line.s != '#' && setting(&r, line, e) == -1)
			return -1;
		s = nl < end ? nl + 1 : end;
	}
	return 0;
}

void
policy_free(struct policy *p)
{
	arena_free(&p->arena);
	*p = (struct policy)POLICY_INIT;
}
