/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "lib/base/err.h"
#include "lib/base/guid_set.h"
#include "lib/store/nums.h"
#include "lib/store/store_choose.h"
#include "lib/store/store_list.h"
#include "lib/store/store_related.h"
#include "lib/view/show.h"

#define HEX1 ((size_t)2 * SHA1_LEN)
#define HEX256 ((size_t)2 * SHA256_LEN)
#define FILES_MAX 1000 /* of one name, whose updates are looked for */

static bool
is_kb(const char *s)
{
	size_t n;

	if (strncasecmp(s, "KB", 2) == 0)
		s += 2;
	n = strlen(s);
	return n > 0 && n <= 10 && strspn(s, "0123456789") == n;
}

/* "8FF572...228F.cab", "name_8ff572...228f.cab": what stands before the dot. */
static bool
has_digest(const char *name, uint8_t sha1[SHA1_LEN])
{
	const char *dot = strrchr(name, '.');
	size_t n = dot != NULL ? (size_t)(dot - name) : strlen(name);

	return n >= HEX1 && (n == HEX1 || name[n - HEX1 - 1] == '_') &&
	    hex_read(sha1, SHA1_LEN, name + n - HEX1, HEX1);
}

int
show_ask(struct show_asked *a, const char *text, struct err *e)
{
	const char *slash = strrchr(text, '/');
	size_t n = strlen(text);

	*a = (struct show_asked){.text = text};
	if (guid_read(&a->id, text, n)) {
		a->key = SHOW_ID;
	} else if (is_kb(text)) {
		a->key = SHOW_KB;
	} else if (n == HEX256 && hex_read(a->digest, SHA256_LEN, text, n)) {
		a->key = SHOW_SHA256;
	} else if (strncasecmp(text, "CVE-", 4) == 0) {
		return err_set(e, E_USAGE,
		    "%s: no document names a CVE; ask for the KB number that "
		    "its advisory names",
		    text);
	} else {
		a->text = slash != NULL ? slash + 1 : text;
		a->key = has_digest(a->text, a->digest) ? SHOW_SHA1 : SHOW_FILE;
		if (*a->text == '\0')
			return err_set(e, E_USAGE,
			    "'%s': expected a KB number, a GUID, a digest or "
			    "the name of a file",
			    text);
	}
	return 0;
}

struct files {
	const struct show_asked *a;
	int (*each)(void *arg, const struct store_file *f, struct err *e);
	void *arg;
};

static bool
is_asked(const struct show_asked *a, const struct store_file *f)
{
	if (a->key == SHOW_FILE)
		return strcasecmp(f->name, a->text) == 0;
	return (f->has_declared &&
		   memcmp(f->declared, a->digest, SHA256_LEN) == 0) ||
	    (f->has_measured &&
		memcmp(f->measured, a->digest, SHA256_LEN) == 0);
}

static int
see_file(void *arg, const struct store_file *f, struct err *e)
{
	const struct files *x = arg;

	return is_asked(x->a, f) ? x->each(x->arg, f, e) : 0;
}

int
show_each_file(const struct show_asked *a, struct store *s,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e)
{
	struct files x = {a, each, arg};
	struct store_file f;
	int r;

	if (a->key == SHOW_ID || a->key == SHOW_KB)
		return 0;
	if (a->key != SHOW_SHA1)
		return store_each_file(s, false, see_file, &x, e);
	r = store_file(s, a->digest, &f, e);
	return r == 1 ? each(arg, &f, e) : r;
}

static int
keep_row(void *arg, const struct store_file *f, struct err *e)
{
	struct nums *rows = arg;

	if (rows->n == FILES_MAX)
		return err_set(e, E_LIMIT,
		    "more than %d files have that name; give a digest",
		    FILES_MAX);
	return nums_add(rows, (uint32_t)f->row, e);
}

struct updates {
	struct guid_set *seen;
	int (*each)(void *arg, const struct guid *id, struct err *e);
	void *arg;
};

static int
see_update(void *arg, const struct guid *id, struct err *e)
{
	struct updates *x = arg;

	if (guid_set_has(x->seen, id, 0))
		return 0;
	return guid_set_add(x->seen, id, 0, e) == -1 ? -1
						     : x->each(x->arg, id, e);
}

static int
each_of_files(const struct show_asked *a, struct store *s, struct updates *x,
    struct err *e)
{
	struct nums rows = {.v = NULL};
	int r = show_each_file(a, s, keep_row, &rows, e);
	size_t i;

	for (i = 0; r == 0 && i < rows.n; i++)
		r = store_each_naming(s, rows.v[i], see_update, x, e);
	nums_free(&rows);
	return r;
}

int
show_each_update(const struct show_asked *a, struct store *s,
    int (*each)(void *arg, const struct guid *id, struct err *e), void *arg,
    struct err *e)
{
	struct updates x = {.each = each, .arg = arg};
	int64_t row;
	int r;

	if (a->key == SHOW_ID) {
		r = store_newest(s, &a->id, &row, e);
		return r == 1 ? each(arg, &a->id, e) : r;
	}
	if (guid_set_open(&x.seen, e) == -1)
		return -1;
	r = a->key == SHOW_KB ? store_each_of_kb(s, a->text, see_update, &x, e)
			      : each_of_files(a, s, &x, e);
	guid_set_close(x.seen);
	return r;
}
