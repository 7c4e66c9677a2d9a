/* SPDX-License-Identifier: ISC */
/* Words of the document for our numbers, and a file name's extension. */
#include "formats/update.h"

#include <string.h>

const char *
update_type_word(enum update_type t)
{
	static const char *const words[] = {
	    [UPDATE_SOFTWARE] = "Software",
	    [UPDATE_DRIVER] = "Driver",
	    [UPDATE_CATEGORY] = "Category",
	    [UPDATE_DETECTOID] = "Detectoid",
	};

	return t >= UPDATE_SOFTWARE && t <= UPDATE_DETECTOID ? words[t] : "";
}

const char *
update_category_word(enum category_type t)
{
	static const char *const words[] = {
	    [CATEGORY_NONE] = "",
	    [CATEGORY_CLASSIFICATION] = "UpdateClassification",
	    [CATEGORY_COMPANY] = "Company",
	    [CATEGORY_FAMILY] = "ProductFamily",
	    [CATEGORY_PRODUCT] = "Product",
	    [CATEGORY_OTHER] = "Other",
	};

	return t <= CATEGORY_OTHER ? words[t] : "";
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

void
update_file_ext(char out[UPDATE_EXT_MAX + 1], const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t n, i;

	out[0] = '\0';
	n = dot != NULL ? strlen(++dot) : 0;
	if (n == 0 || n > UPDATE_EXT_MAX)
		return;
	for (i = 0; i < n; i++)
		if (!is_alnum(dot[i]))
			return;
	memcpy(out, dot, n + 1);
}
