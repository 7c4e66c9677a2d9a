/* SPDX-License-Identifier: ISC */
/* GetConfigData, in the order that a server of 2025 was seen to write. */
#include "formats/package.h"
#include "tests/upstream/soap.h"

#define LIMIT 100

static void
put_langs(struct buf *b)
{
	put(b, "<LanguageUpdateList>");
	for (unsigned i = 0; i < PACKAGE_NLANGS; i++) {
		const struct package_lang *l = &package_langs[i];

		putf(b,
		    "<ServerSyncLanguageData><LanguageID>%u</LanguageID>"
		    "<ShortLanguage>%s</ShortLanguage>"
		    "<LongLanguage>%s</LongLanguage><Enabled>%s</Enabled>"
		    "</ServerSyncLanguageData>",
		    l->id, l->short_name, l->long_name,
		    strcmp(l->short_name, "en") == 0 ? "true" : "false");
	}
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
