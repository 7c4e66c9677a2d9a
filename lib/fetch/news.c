/* SPDX-License-Identifier: ISC */
/* From cron nobody wants to hear every night what was said the night before. */
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/store/store.h"

int
fetch_news(struct fetch *f, const char *matter,
    const uint8_t sha256[SHA256_LEN], bool *news, struct err *e)
{
	*news = true;
	if (f->o->dry_run)
		return 0;
	if (store_begin(f->store, e) == -1)
		return -1;
	if (sync_told(f->store, f->up.row, matter, sha256, news, e) == -1) {
		store_rollback(f->store);
		return -1;
	}
	*news = *news || !f->log->quiet;
	return store_commit(f->store, e);
}

int
fetch_news_text(struct fetch *f, const char *matter, const char *text,
    bool *news, struct err *e)
{
	struct digest d;

	if (digest_mem(DIGEST_SHA256, text, strlen(text), &d, e) == -1)
		return -1;
	return fetch_news(f, matter, d.sha256, news, e);
}

int
fetch_tell_policy(struct fetch *f, struct choose *c, struct err *e)
{
	uint8_t sha256[SHA256_LEN];
	bool news;

	if (choose_hash(c, sha256, e) == -1 ||
	    fetch_news(f, "policy", sha256, &news, e) == -1)
		return -1;
	return news ? choose_tell(c, f->log, e) : 0;
}
