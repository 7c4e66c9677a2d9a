/* SPDX-License-Identifier: ISC */
/* GetConfigData, in the order that a server of 2025 was seen to write. */
#include "tests/upstream/soap.h"

#define LIMIT 100

static const struct {
	unsigned id;
	const char *name, *words;
} langs[] = {
    {0, "all", "all"},
    {1025, "ar", "Arabic"},
    {1026, "bg", "Bulgarian"},
    {1028, "zh-tw", "Chinese (Taiwan)"},
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
    {2052, "zh-cn", "Chinese (China)"},
    {2070, "pt", "Portuguese (Portugal)"},
    {2074, "sr", "Serbian"},
    {3076, "zh-hk", "Chinese (Hong Kong)"},
    {66577, "ja-nec", "Japanese (NEC)"},
};

static void
put_langs(struct buf *b)
{
	size_t i;

	put(b, "<LanguageUpdateList>");
	for (i = 0; i < sizeof(langs) / sizeof(langs[0]); i++)
		putf(b,
		    "<ServerSyncLanguageData><LanguageID>%u</LanguageID>"
		    "<ShortLanguage>%s</ShortLanguage>"
		    "<LongLanguage>%s</LongLanguage><Enabled>%s</Enabled>"
		    "</ServerSyncLanguageData>",
		    langs[i].id, langs[i].name, langs[i].words,
		    strcmp(langs[i].name, "en") == 0 ? "true" : "false");
	put(b, "</LanguageUpdateList>");
}

void
answer_config(const struct ask *q, struct answer *a)
{
	int64_t limit = wish_num(&a->w, "limit", LIMIT);
	char anchor[256];

	atomic_store(
	    &up.limit, limit > 0 && limit <= 1000 ? (unsigned)limit : LIMIT);
	anchor_escaped(anchor, sizeof(anchor), &a->w);
	soap_open(&a->body, SD_NS, a->op);
	putf(&a->body,
	    "<GetConfigDataResult><CatalogOnlySync>%s</CatalogOnlySync>"
	    "<LazySync>true</LazySync>"
	    "<ServerHostsPsfFiles>false</ServerHostsPsfFiles>"
	    "<MaxNumberOfComputerIdsInRequest>0"
	    "</MaxNumberOfComputerIdsInRequest>"
	    "<MaxNumberOfDriverSetsPerRequest>0"
	    "</MaxNumberOfDriverSetsPerRequest>"
	    "<MaxNumberOfPnpHardwareIdsInRequest>0"
	    "</MaxNumberOfPnpHardwareIdsInRequest>"
	    "<MaxNumberOfUpdatesPerRequest>%lld</MaxNumberOfUpdatesPerRequest>"
	    "<NewConfigAnchor>%s</NewConfigAnchor>"
	    "<ProtocolVersion>1.20</ProtocolVersion>",
	    up.catalog_only ? "true" : "false", (long long)limit, anchor);
	if (ask_child(q->op, "configAnchor") != NULL)
		put(&a->body, "<LanguageUpdateList />");
	else
		put_langs(&a->body);
	put(&a->body,
	    "<MaxUpdatesPerRequestInGetUpdateDecryptionData>100"
	    "</MaxUpdatesPerRequestInGetUpdateDecryptionData>"
	    "</GetConfigDataResult>");
	soap_close(&a->body, a->op);
}
