/* SPDX-License-Identifier: ISC */
/* From cron nobody wants to hear every night what was said the night before. */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/store/store.h"

int
news_check(struct fetch *f, const char *matter,
    const uint8_t sha256[SHA256_LEN], bool *news, struct err *e)
{
	*news = true;
	if (f->o->dry_run)
		return 0;
	if (store_begin(f->store, e) == -1)
		return -1;
	if (store_end(f->store,
		sync_told(f->store, f->up.row, matter, sha256, news, e),
		e) == -1)
		return -1;
	*news = *news || !f->log->quiet;
	return 0;
}

int
news_check_text(struct fetch *f, const char *matter, const char *text,
    bool *news, struct err *e)
{
	struct digest d;

	if (digest_mem(DIGEST_SHA256, text, strlen(text), &d, e) == -1)
		return -1;
	return news_check(f, matter, d.sha256, news, e);
}

int
news_policy(struct fetch *f, struct choose *c, struct err *e)
{
	uint8_t sha256[SHA256_LEN];
	bool news;

	if (choose_hash(c, sha256, e) == -1 ||
	    news_check(f, "policy", sha256, &news, e) == -1)
		return -1;
	return news ? choose_tell(c, f->log, e) : 0;
}
