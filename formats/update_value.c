/* SPDX-License-Identifier: ISC */
/* What attributes say: one row each. */
#include "formats/update_priv.h"

#include <assert.h>
#include <string.h>

#define SHOWN 64 /* bytes of a bad value in a message */
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

int
update_bad_value(const struct xml_attr *a, const char *expected, struct err *e)
{
	int n = (int)(a->len < SHOWN ? a->len : SHOWN);

	return err_set(e, E_FORMAT, "%s: found '%.*s', expected %s", a->name, n,
	    a->value, expected);
}

const struct xml_attr *
update_need(const struct xml_elem *el, const char *name, struct err *e)
{
	const struct xml_attr *a = xml_attr(el, name);

	if (a == NULL)
		err_set(e, E_FORMAT, "no %s", name);
	return a;
}

int
update_no_room(const struct arena *a, size_t n, struct err *e)
{
	if (n > a->max - a->used)
		return err_set(
		    e, E_LIMIT, "facts of more than %zu bytes", a->max);
	return err_nomem(e);
}

const char *
update_keep(struct update_reader *r, const char *p, size_t n, struct err *e)
{
	const char *s;

	if (n > r->lim.max_string) {
		err_set(
		    e, E_LIMIT, "%zu bytes, at most %zu", n, r->lim.max_string);
		return NULL;
	}
	if ((s = arena_strndup(r->a, p, n)) == NULL)
		update_no_room(r->a, n, e);
	return s;
}

static bool
equals(const struct xml_attr *a, const char *word)
{
	return a->len == strlen(word) && memcmp(a->value, word, a->len) == 0;
}

static int
set_string(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e)
{
	const char *s = update_keep(r, a->value, a->len, e);

	if (s == NULL)
		return err_ctx(e, "%s", a->name);
	*(const char **)to = s;
	return 0;
}

int
update_set_bool(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e)
{
	static const char *const words[] = {
	    "false", "true", "0", "1", "False", "True"};
	size_t i;

	(void)r;
	for (i = 0; i < COUNT(words); i++)
		if (equals(a, words[i])) {
			*(bool *)to = i % 2 != 0;
			return 0;
		}
	return update_bad_value(a, "true or false", e);
}

int
update_set_guid(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e)
{
	(void)r;
	if (!guid_read(to, a->value, a->len))
		return update_bad_value(a, "a GUID", e);
	return 0;
}

int
update_set_revision(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e)
{
	uint64_t v;

	(void)r;
	if (!num_read(&v, a->value, a->len, 0, INT32_MAX))
		return update_bad_value(a, "0 to 2147483647", e);
	*(uint32_t *)to = (uint32_t)v;
	return 0;
}

static int
get_size(uint64_t *v, const struct xml_attr *a, struct err *e)
{
	if (!num_read(v, a->value, a->len, 0, INT64_MAX))
		return update_bad_value(a, "a number of bytes", e);
	return 0;
}

static int
set_max_download(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e)
{
	struct update *u = to;

	(void)r;
	if (get_size(&u->max_download, a, e) == -1)
		return -1;
	u->has_max_download = true;
	return 0;
}

static int
set_eula(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e)
{
	struct update *u = to;

	u->has_eula = true;
	return update_set_guid(r, &u->eula, a, e);
}

static int
set_state(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e)
{
	(void)r;
	(void)e;
	*(bool *)to = equals(a, "Expired");
	return 0;
}

/* The fragment itself is the server's affair (MS-WSUSSS, decryption data). */
static int
set_secured(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e)
{
	(void)r;
	(void)a;
	(void)e;
	*(bool *)to = true;
	return 0;
}

static int
set_type(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e)
{
	enum update_type t;

	(void)r;
	for (t = UPDATE_SOFTWARE; t <= UPDATE_DETECTOID; t++)
		if (equals(a, update_type_word(t))) {
			*(enum update_type *)to = t;
			return 0;
		}
	return update_bad_value(
	    a, "Software, Driver, Category or Detectoid", e);
}

static int
set_file_size(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e)
{
	struct update_file *f = to;

	(void)r;
	if (get_size(&f->size, a, e) == -1)
		return -1;
	f->has_size = true;
	return 0;
}

static int
set_algorithm(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e)
{
	(void)r;
	(void)to;
	if (!equals(a, "SHA1"))
		return update_bad_value(a, "SHA1", e);
	return 0;
}

static int
set_digest(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e)
{
	(void)r;
	if (!base64_read(to, SHA1_LEN, a->value, a->len))
		return update_bad_value(a, "20 bytes in base64", e);
	return 0;
}

const struct value update_value_rows[] = {
    {OF_PROPERTIES, "UpdateType", set_type, offsetof(struct update, type)},
    {OF_PROPERTIES, "DefaultPropertiesLanguage", set_string,
	offsetof(struct update, lang)},
    {OF_PROPERTIES, "Handler", set_string, offsetof(struct update, handler)},
    {OF_PROPERTIES, "PublicationState", set_state,
	offsetof(struct update, expired)},
    {OF_PROPERTIES, "CreationDate", set_string,
	offsetof(struct update, created)},
    {OF_PROPERTIES, "ExplicitlyDeployable", update_set_bool,
	offsetof(struct update, deployable)},
    {OF_PROPERTIES, "IsMandatory", update_set_bool,
	offsetof(struct update, mandatory)},
    {OF_PROPERTIES, "IsBeta", update_set_bool, offsetof(struct update, beta)},
    {OF_PROPERTIES, "EulaID", set_eula, 0},
    {OF_PROPERTIES, "MaxDownloadSize", set_max_download, 0},
    {OF_PROPERTIES, "MsrcSeverity", set_string,
	offsetof(struct update, severity)},
    {OF_PROPERTIES, "CompatibleProtocolVersion", set_string,
	offsetof(struct update, protocol)},
    {OF_PROPERTIES, "SecuredFragment", set_secured,
	offsetof(struct update, secured)},
    {OF_FILE, "Digest", set_digest, offsetof(struct update_file, sha1)},
    {OF_FILE, "DigestAlgorithm", set_algorithm, 0},
    {OF_FILE, "FileName", set_string, offsetof(struct update_file, name)},
    {OF_FILE, "Size", set_file_size, 0},
    {OF_FILE, "Modified", set_string, offsetof(struct update_file, modified)},
    {OF_FILE, "PatchingType", set_string,
	offsetof(struct update_file, patching)},
    {OF_FILE, "IsEncrypted", update_set_bool,
	offsetof(struct update_file, encrypted)},
};

static_assert(
    COUNT(update_value_rows) == UPDATE_NVALUES, "the count in the header");

static const struct value *
find_value(
    const struct update_reader *r, enum value_of of, const struct xml_attr *a)
{
	size_t i;

	if (a->ns != NULL)
		return NULL;
	for (i = 0; i < UPDATE_NVALUES; i++)
		if (r->value[i] == a->name && update_value_rows[i].of == of)
			return &update_value_rows[i];
	return NULL;
}

int
update_values(struct update_reader *r, enum value_of of, void *to,
    const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a = el->attrs, *end = a + el->nattrs;
	const struct value *v;

	for (; a < end; a++)
		if ((v = find_value(r, of, a)) != NULL &&
		    v->set(r, (char *)to + v->off, a, e) == -1)
			return -1;
	return 0;
}

int
update_values_lax(struct update_reader *r, enum value_of of, void *to,
    const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a = el->attrs, *end = a + el->nattrs;
	const struct value *v;

	for (; a < end; a++) {
		if ((v = find_value(r, of, a)) == NULL ||
		    v->set(r, (char *)to + v->off, a, e) == 0)
			continue;
		if (e->kind != E_FORMAT)
			return -1;
		err_clear(e);
	}
	return 0;
}
