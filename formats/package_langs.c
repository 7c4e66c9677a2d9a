/* SPDX-License-Identifier: ISC */
#include "formats/package.h"

#include <string.h>

#include "lib/base/err.h"

/* Measured: the same in every package seen, from 2015 to 2024. */
const struct package_lang package_langs[PACKAGE_NLANGS] = {
    {0, "all", "all"},
    {1025, "ar", "Arabic"},
    {1026, "bg", "Bulgarian"},
    {1028, "zh-tw", "Chinese (Traditional)"},
    {1029, "cs", "Czech"},
    {1030, "da", "Danish"},
    {1031, "de", "German"},
    {1032, "el", "Greek"},
    {1033, "en", "English"},
    {1034, "es", "Spanish"},
    {1035, "fi", "Finnish"},
    {1036, "fr", "French"},
    {1037, "he", "Hebrew"},
    {1038, "hu", "Hungarian"},
    {1040, "it", "Italian"},
    {1041, "ja", "Japanese"},
    {1042, "ko", "Korean"},
    {1043, "nl", "Dutch"},
    {1044, "no", "Norwegian"},
    {1045, "pl", "Polish"},
    {1046, "pt-br", "Portuguese (Brazil)"},
    {1048, "ro", "Romanian"},
    {1049, "ru", "Russian"},
    {1050, "hr", "Croatian"},
    {1051, "sk", "Slovak"},
    {1053, "sv", "Swedish"},
    {1054, "th", "Thai"},
    {1055, "tr", "Turkish"},
    {1058, "uk", "Ukrainian"},
    {1060, "sl", "Slovenian"},
    {1061, "et", "Estonian"},
    {1062, "lv", "Latvian"},
    {1063, "lt", "Lithuanian"},
    {1081, "hi", "Hindi"},
    {2052, "zh-cn", "Chinese (Simplified)"},
    {2070, "pt", "Portuguese (Portugal)"},
    {2074, "sr", "Serbian (Latin)"},
    {3076, "zh-hk", "Chinese (Hong Kong SAR)"},
    {66577, "ja-nec", "Japanese NEC"},
};

static int
find_lang(const char *s, size_t n)
{
	for (int i = 0; i < PACKAGE_NLANGS; i++) {
		const char *name = package_langs[i].short_name;

		if (strlen(name) == n && memcmp(name, s, n) == 0)
			return i;
	}
	return -1;
}

int
package_enabled_read(
    struct package_enabled *en, const char *text, struct err *e)
{
	const char *s = text;

	memset(en, 0, sizeof(*en));
	if (strcmp(text, package_langs[0].short_name) == 0) {
		en->on[0] = true;
		return 0;
	}
	for (;;) {
		size_t n = strcspn(s, ",");
		int i = find_lang(s, n);

		if (i == 0)
			return err_set(e, E_USAGE,
			    "language 'all' stands alone, found '%s'", text);
		if (i == -1)
			return err_set(e, E_USAGE,
			    "unknown language '%.*s', expected a short name "
			    "as 'en' or 'pt-br'",
			    (int)(n < 64 ? n : 64), s);
		en->on[i] = true;
		if (s[n] == '\0')
			return 0;
		s += n + 1;
	}
}
