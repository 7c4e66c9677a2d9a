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

static int
add_lack(void *arg, const struct lacking_rev *r, struct err *e)
{
	const uint32_t numbers[] = {
	    r->revision, r->needs_revision, r->refused, r->among};

	if (digest_add(arg, r->id.b, sizeof(r->id.b), e) == -1 ||
	    digest_add(arg, r->needs.b, sizeof(r->needs.b), e) == -1)
		return -1;
	return digest_add(arg, numbers, sizeof(numbers), e);
}

static int
hash_lacking(struct fetch *f, const struct lacking_of *of,
    uint8_t sha256[SHA256_LEN], struct err *e)
{
	struct digest_ctx d = DIGEST_CTX_INIT;
	struct digest out;
	int r = -1;

	if (digest_open(&d, DIGEST_SHA256, e) == 0 &&
	    lacking_each_rev(f->store, of, add_lack, &d, e) == 0)
		r = digest_done(&d, &out, e);
	digest_close(&d);
	if (r == 0)
		memcpy(sha256, out.sha256, SHA256_LEN);
	return r;
}

/* Payload has its own words, each file with its cause: see want_fetch.c. */
int
news_lacking(struct fetch *f, struct err *e)
{
	const struct lacking_of of = {.no_files = true};
	const struct lacking_how how = {.subject = f->peer.base,
	    .verb = "cannot leave",
	    .revisions = "each whole list asks for it again; until the "
			 "upstream has it, a package that does can be "
			 "imported"};
	uint8_t sha256[SHA256_LEN];
	bool news;

	if (f->o->dry_run)
		return 0;
	if (hash_lacking(f, &of, sha256, e) == -1 ||
	    news_check(f, "lacking", sha256, &news, e) == -1)
		return -1;
	if (news)
		return lacking_tell(
		    f->store, f->log, &of, &how, &f->lacking, e);
	if (lacking_count(f->store, &of, &f->lacking, e) == -1)
		return -1;
	if (lacking_any(&f->lacking))
		f->log->worst = err_worst(f->log->worst, err_status(E_PARTIAL));
	return 0;
}
