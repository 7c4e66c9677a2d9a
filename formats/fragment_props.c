/* SPDX-License-Identifier: ISC */
/* Properties: who decides gets a few of them, who is shown it the others. */
#include <string.h>

#include "formats/fragment_priv.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* In the order of Core; flags are left out where they say nothing. */
static const struct {
	const char *name;
	bool flag;
} core[] = {
    {"UpdateType", false},
    {"ExplicitlyDeployable", true},
    {"AutoSelectOnWebSites", true},
    {"OSUpgrade", true},
    {"EulaID", false},
};

static const char *const nowhere[] = {"PublicationState", "PublisherID",
    "CreationDate", "IsPublic", "LegacyName", "DetectoidType", "PerUser"};

static bool
says(const struct xml_attr *a, const char *word)
{
	return strlen(word) == a->len && memcmp(a->value, word, a->len) == 0;
}

static size_t
find(const struct xml_elem *el, const char *name)
{
	size_t i;

	for (i = 0; i < el->nattrs; i++)
		if (el->attrs[i].ns == NULL &&
		    strcmp(el->attrs[i].name, name) == 0)
			break;
	return i;
}

int
fragment_put_core(
    struct fragment_writer *w, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a;
	size_t i, at;

	if (fragment_put_tag(w, el->name, el, e) == -1)
		return -1;
	for (i = 0; i < COUNT(core); i++) {
		if ((at = find(el, core[i].name)) == el->nattrs)
			continue;
		a = &el->attrs[at];
		if (core[i].flag && (says(a, "false") || says(a, "0")))
			continue;
		if (fragment_put_attr(w->b, el, at, e) == -1)
			return -1;
	}
	return fragment_put_end(w, el->name, el, e);
}

static bool
is_extended(const struct xml_attr *a)
{
	size_t i;

	for (i = 0; i < COUNT(core); i++)
		if (strcmp(a->name, core[i].name) == 0)
			return false;
	for (i = 0; i < COUNT(nowhere); i++)
		if (strcmp(a->name, nowhere[i]) == 0)
			return false;
	return true;
}

int
fragment_put_extended(
    struct fragment_writer *w, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a = xml_attr(el, "PerUser");
	size_t i;

	w->odd.per_user = a != NULL && (says(a, "true") || says(a, "1"));
	if (fragment_put_tag(w, FRAGMENT_EXTENDED_ROOT, el, e) == -1)
		return -1;
	for (i = 0; i < el->nattrs; i++)
		if (is_extended(&el->attrs[i]) &&
		    fragment_put_attr(w->b, el, i, e) == -1)
			return -1;
	return 0;
}
