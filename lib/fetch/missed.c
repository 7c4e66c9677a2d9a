/* SPDX-License-Identifier: ISC */
/* What the store lacks when the documents are there, and at the end of a run:
   told as other programs tell it, and ended with the status that they have. */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/store/gone.h"
#include "lib/store/store.h"

#define ASK "--policy FILE says which is wanted, see wsusferry-policy(5)"

int
missed_note(struct fetch *f, struct err *e)
{
	uint64_t n;

	if (store_begin(f->store, e) == -1)
		return -1;
	return store_end(f->store, gone_note(f->store, f->log, &n, e), e);
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

/* Each revision with what it lacks; of payload how much. */
static int
hash(struct fetch *f, const struct lacking_of *of, uint8_t sha256[SHA256_LEN],
    struct err *e)
{
	const uint64_t numbers[] = {f->lacking.files, f->lacking.bytes,
	    f->lacking.left_out, f->lacking.left_out_bytes};
	struct digest_ctx d = DIGEST_CTX_INIT;
	struct digest out;
	int r = -1;

	if (digest_open(&d, DIGEST_SHA256, e) == 0 &&
	    lacking_each_rev(f->store, of, add_lack, &d, e) == 0 &&
	    digest_add(&d, numbers, sizeof(numbers), e) == 0)
		r = digest_done(&d, &out, e);
	digest_close(&d);
	if (r == 0)
		memcpy(sha256, out.sha256, SHA256_LEN);
	return r;
}

/* files: what to do for payload. */
static int
tell(struct fetch *f, const struct lacking_of *of, const char *files,
    struct err *e)
{
	const struct lacking_how how = {.subject = f->peer.base,
	    .verb = "cannot leave",
	    .brief = !f->has_policy,
	    .revisions = "each whole list asks for it again; until the "
			 "upstream has it, a package that does can be "
			 "imported",
	    .files = files};
	uint8_t sha256[SHA256_LEN];
	bool news;

	if (f->o->dry_run)
		return 0;
	if (lacking_count(f->store, of, &f->lacking, e) == -1 ||
	    hash(f, of, sha256, e) == -1 ||
	    news_check(f, "lacking", sha256, &news, e) == -1 ||
	    (news &&
		lacking_tell(f->store, f->log, of, &how, &f->lacking, e) == -1))
		return -1;
	f->log->worst = lacking_worst(&f->lacking, f->log->worst);
	f->way.judged = !of->no_files;
	return 0;
}

/* Payload has its own words, each file with its cause: see want_fetch.c. */
int
missed_revisions(struct fetch *f, struct err *e)
{
	const struct lacking_of of = {.no_files = true};

	return tell(f, &of, NULL, e);
}

/* What the policy does not want, nobody misses. */
static int
by_policy(struct fetch *f, struct err *e)
{
	struct choose c = CHOOSE_INIT;
	struct choose_files files = {.v = NULL};
	const struct lacking_of of = {
	    .wanted = choose_files_has, .arg = &files, .noted = true};
	int r = -1;

	if (choose_open(&c, &f->policy, f->store, f->now, e) == -1 ||
	    news_policy(f, &c, e) == -1 || choose_files(&c, &files, e) == -1)
		goto out;
	choose_files_sort(&files);
	if (missed_mark(f, &of, e) == 0)
		r = tell(f, &of, "a run without --metadata-only gets them", e);
out:
	choose_files_free(&files);
	choose_close(&c);
	return r;
}

int
missed_mark(struct fetch *f, const struct lacking_of *of, struct err *e)
{
	if (f->o->dry_run)
		return 0;
	if (store_begin(f->store, e) == -1)
		return -1;
	return store_end(f->store, lacking_mark(f->store, of, e), e);
}

int
missed_all(struct fetch *f, struct err *e)
{
	const struct lacking_of of = {.noted = true};

	if (f->has_policy)
		return by_policy(f, e);
	if (f->o->dry_run)
		log_event(f->log, LOG_INFO, NULL,
		    "no payload is fetched without a policy: " ASK);
	return tell(f, &of, "without a policy none is fetched: " ASK, e);
}
