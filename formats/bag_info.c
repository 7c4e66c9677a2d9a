/* SPDX-License-Identifier: ISC */
/* What bag-info.txt may say, and reading it. */
#include "formats/bag_info.h"

#include <inttypes.h>
#include <string.h>

#include "formats/bag_lines.h"
#include "lib/base/err.h"

#define SHOWN 60 /* bytes of a refused value in a message */

const char bag_declaration[] = "BagIt-Version: 1.0\n"
			       "Tag-File-Character-Encoding: UTF-8\n";

#define TEXT(m)                                                                \
	BAG_TEXT, true, offsetof(struct bag_info, m),                          \
	    sizeof(((struct bag_info *)0)->m)
#define MAYBE(m)                                                               \
	BAG_TEXT, false, offsetof(struct bag_info, m),                         \
	    sizeof(((struct bag_info *)0)->m)
#define NUMBER(m)                                                              \
	BAG_NUMBER, true, offsetof(struct bag_info, m), sizeof(uint64_t)

/* The first two decide whether the others can be understood. */
const struct bag_label bag_labels[BAG_NLABELS] = {
    {"Wsusferry-Format", BAG_VERSION, true, 0, 0},
    {"Wsusferry-Requires", MAYBE(requires)},
    {"Wsusferry-Transfer", TEXT(id)},
    {"Wsusferry-Origin", BAG_GUID, true, 0, 0},
    {"Wsusferry-Site", TEXT(site)},
    {"Wsusferry-Destination", TEXT(destination)},
    {"Wsusferry-Sequence", NUMBER(sequence)},
    {"Wsusferry-Base", NUMBER(base)},
    {"Wsusferry-Selection", TEXT(selection)},
    {"Wsusferry-Revisions", NUMBER(revisions)},
    {"Wsusferry-Files", NUMBER(files)},
    {"Wsusferry-Absent", NUMBER(absent)},
    {"Wsusferry-Reason", BAG_PROSE, false, offsetof(struct bag_info, reason),
	BAG_REASON + 1},
    {"Wsusferry-Plan", MAYBE(plan)},
    {"Wsusferry-Packer", MAYBE(packer)},
    {"Wsusferry-Created", BAG_TIME, true, 0, 0},
    {"Bag-Software-Agent", MAYBE(software)},
    {"Bag-Count", BAG_COUNT, true, 0, 0},
    {"Payload-Oxum", BAG_OXUM, true, 0, 0},
};

struct span {
	const char *s; /* borrowed; NULL: label absent */
	size_t len;
	uint64_t off; /* bytes: of the value in bag-info.txt */
};

bool
bag_plain(const char *s, size_t n)
{
	if (n == 0 || s[0] == ' ' || s[n - 1] == ' ')
		return false;
	for (size_t i = 0; i < n; i++)
		if (s[i] < ' ' || s[i] > '~')
			return false;
	return true;
}

static bool
same_but_case(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((a[i] | 0x20) != (b[i] | 0x20))
			return false;
	return true;
}

/* Note the value of a known label.  RFC 8493 reads labels without case. */
static int
note(struct span v[BAG_NLABELS], const char *label, size_t n, struct span value,
    unsigned line, struct err *e)
{
	for (size_t i = 0; i < BAG_NLABELS; i++) {
		const char *name = bag_labels[i].name;

		if (strlen(name) != n || !same_but_case(name, label, n))
			continue;
		if (memcmp(name, label, n) != 0)
			return err_at(e, value.off,
			    "line %u: expected '%s', found '%.*s'", line, name,
			    (int)n, label);
		if (v[i].s != NULL)
			return err_at(e, value.off,
			    "line %u: '%s' a second time", line, name);
		v[i] = value;
		return 0;
	}
	return 0;
}

static bool
is_label(const char *s, size_t n)
{
	if (n == 0 || n > BAG_WORD)
		return false;
	for (size_t i = 0; i < n; i++)
		if (s[i] != '-' && (s[i] < '0' || s[i] > '9') &&
		    ((s[i] | 0x20) < 'a' || (s[i] | 0x20) > 'z'))
			return false;
	return true;
}

bool
bag_info_prose(const char *s, size_t n)
{
	if (n == 0 || s[0] == ' ' || s[n - 1] == ' ')
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return false;
	return utf8_valid((const uint8_t *)s, n);
}

static int
read_line(struct span v[BAG_NLABELS], const char *s, size_t n, uint64_t off,
    unsigned line, struct err *e)
{
	const char *colon = memchr(s, ':', n);
	size_t label = colon == NULL ? n : (size_t)(colon - s);
	struct span value;

	if (!is_label(s, label))
		return err_at(
		    e, off, "line %u: expected a label and a colon", line);
	if (n - label < 2 || s[label + 1] != ' ')
		return err_at(e, off + label,
		    "line %u: expected a colon, one space and a value", line);
	value.s = s + label + 2;
	value.len = n - label - 2;
	value.off = off + label + 2;
	if (!bag_info_prose(value.s, value.len))
		return err_at(e, value.off,
		    "line %u: expected a value without control characters or "
		    "blanks around it",
		    line);
	return note(v, s, label, value, line, e);
}

static int
read_lines(struct span v[BAG_NLABELS], const char *s, size_t n, struct err *e)
{
	size_t off = 0;
	unsigned line = 1;

	for (; off < n; line++) {
		const char *lf = memchr(s + off, '\n', n - off);
		size_t len;

		if (lf == NULL)
			return err_at(
			    e, n, "line %u: cut short, expected a LF", line);
		len = (size_t)(lf - s) - off;
		if (read_line(v, s + off, len, off, line, e) == -1)
			return -1;
		off += len + 1;
	}
	return 0;
}

static int
refuse_value(const struct bag_label *l, const struct span *v,
    const char *expected, struct err *e)
{
	return err_at(e, v->off, "%s: expected %s, found '%.*s'", l->name,
	    expected, (int)(v->len < SHOWN ? v->len : SHOWN), v->s);
}

static int
read_text(struct bag_info *i, const struct bag_label *l, const struct span *v,
    struct err *e)
{
	char *to = (char *)i + l->off;

	if (v->len > l->size - 1)
		return err_at(e, v->off, "%s: %zu bytes, at most %zu", l->name,
		    v->len, l->size - 1);
	if (!bag_plain(v->s, v->len))
		return refuse_value(l, v, "printable ASCII", e);
	memcpy(to, v->s, v->len);
	to[v->len] = '\0';
	return 0;
}

/* UTF-8, which bag_info_prose() has seen. */
static int
read_prose(struct bag_info *i, const struct bag_label *l, const struct span *v,
    struct err *e)
{
	char *to = (char *)i + l->off;

	if (v->len > l->size - 1)
		return err_at(e, v->off, "%s: %zu bytes, at most %zu", l->name,
		    v->len, l->size - 1);
	memcpy(to, v->s, v->len);
	to[v->len] = '\0';
	return 0;
}

static int
read_number(struct bag_info *i, const struct bag_label *l, const struct span *v,
    struct err *e)
{
	uint64_t n;

	if (!bag_num(&n, v->s, v->len, 0, BAG_MAX_NUMBER))
		return refuse_value(l, v, "a decimal number", e);
	memcpy((char *)i + l->off, &n, sizeof(n));
	return 0;
}

static int
read_version(struct bag_info *i, const struct bag_label *l,
    const struct span *v, struct err *e)
{
	uint64_t n;

	if (!bag_num(&n, v->s, v->len, 1, UINT32_MAX))
		return refuse_value(l, v, "a number from 1", e);
	if (n > BAG_FORMAT)
		return err_at(e, v->off,
		    "%s: %" PRIu64 " needs a newer wsusferry, one that reads "
		    "format %" PRIu64 " (this one reads %d)",
		    l->name, n, n, BAG_FORMAT);
	i->format = (unsigned)n;
	return 0;
}

static int
read_guid(struct bag_info *i, const struct bag_label *l, const struct span *v,
    struct err *e)
{
	char text[GUID_LEN + 1];

	if (!guid_read(&i->origin, v->s, v->len))
		return refuse_value(l, v, "a GUID", e);
	guid_write(text, &i->origin);
	if (memcmp(text, v->s, v->len) != 0)
		return refuse_value(l, v, "a GUID in lower case", e);
	return 0;
}

static int
read_time(struct bag_info *i, const struct bag_label *l, const struct span *v,
    struct err *e)
{
	if (v->len != UTC_LEN || !utc_read(&i->time, v->s, v->len))
		return refuse_value(l, v, "a time as 2026-01-31T06:07:08Z", e);
	return 0;
}

static int
read_count(struct bag_info *i, const struct bag_label *l, const struct span *v,
    struct err *e)
{
	static const char of[] = " of ";
	const char *p = memmem(v->s, v->len, of, sizeof(of) - 1);
	size_t n = p == NULL ? 0 : (size_t)(p - v->s);
	uint64_t bag, bags;

	if (p == NULL || !bag_num(&bag, v->s, n, 1, BAG_MAX_MEDIA) ||
	    !bag_num(&bags, p + sizeof(of) - 1, v->len - n - (sizeof(of) - 1),
		1, BAG_MAX_MEDIA))
		return refuse_value(l, v, "as '1 of 3', at most 9999", e);
	i->bag = (uint32_t)bag;
	i->bags = (uint32_t)bags;
	return 0;
}

static int
read_oxum(struct bag_info *i, const struct bag_label *l, const struct span *v,
    struct err *e)
{
	const char *dot = memchr(v->s, '.', v->len);
	size_t n = dot == NULL ? 0 : (size_t)(dot - v->s);

	if (dot == NULL ||
	    !bag_num(&i->oxum_bytes, v->s, n, 0, BAG_MAX_NUMBER) ||
	    !bag_num(
		&i->oxum_files, dot + 1, v->len - n - 1, 0, BAG_MAX_NUMBER))
		return refuse_value(l, v, "bytes, a dot, files", e);
	return 0;
}

static int
read_values(struct bag_info *i, const struct span v[BAG_NLABELS], struct err *e)
{
	static int (*const read[])(struct bag_info * i,
	    const struct bag_label *l, const struct span *v, struct err *e) = {
	    [BAG_TEXT] = read_text,
	    [BAG_PROSE] = read_prose,
	    [BAG_NUMBER] = read_number,
	    [BAG_VERSION] = read_version,
	    [BAG_GUID] = read_guid,
	    [BAG_TIME] = read_time,
	    [BAG_COUNT] = read_count,
	    [BAG_OXUM] = read_oxum,
	};

	for (size_t k = 0; k < BAG_NLABELS; k++) {
		const struct bag_label *l = &bag_labels[k];

		if (v[k].s == NULL && l->needed)
			return err_set(e, E_FORMAT, "no label %s", l->name);
		if (v[k].s != NULL && read[l->kind](i, l, &v[k], e) == -1)
			return -1;
		if (k == BAG_REQUIRES &&
		    bag_requires_check(i->requires, e) == -1)
			return -1;
	}
	return 0;
}

int
bag_info_read(struct bag_info *i, const void *p, size_t n, struct err *e)
{
	struct span v[BAG_NLABELS];

	memset(i, 0, sizeof(*i));
	memset(v, 0, sizeof(v));
	if (n > BAG_MAX_TAG)
		return err_set(
		    e, E_LIMIT, "%zu bytes, at most %" PRIu64, n, BAG_MAX_TAG);
	if (read_lines(v, p, n, e) == -1 || read_values(i, v, e) == -1)
		return -1;
	return bag_info_check(i, e);
}
