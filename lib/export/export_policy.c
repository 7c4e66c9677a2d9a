/* SPDX-License-Identifier: ISC */
/* A policy chooses the updates of a transfer, and their payload. */
#include <string.h>

#include "formats/policy.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sink.h"
#include "lib/base/words.h"
#include "lib/choose/choose.h"
#include "lib/export/export_priv.h"
#include "lib/choose/choose_file.h"

/* Its canonical form is its name. */
static int
name_policy(struct export *x, const struct policy *p, struct err *e)
{
	struct digest_ctx ctx = DIGEST_CTX_INIT;
	struct digest d;
	struct sink to;
	int r = -1;

	if (digest_open(&ctx, DIGEST_SHA256, e) == 0) {
		sink_digest(&to, &ctx, NULL);
		if (policy_write(p, &to, e) == 0)
			r = digest_done(&ctx, &d, e);
	}
	if (r == 0)
		memcpy(x->policy, d.sha256, SHA256_LEN);
	digest_close(&ctx);
	return r;
}

void
export_policy_mark(struct export *x)
{
	for (size_t i = 0; i < x->pack.nfiles; i++) {
		struct pack_file *f = &x->pack.files[i];

		f->unwanted = !choose_files_has(&x->wanted, f->sha1);
	}
}

void
export_policy_tell(struct export *x)
{
	bool none = x->o->policy != NULL && x->pack.nfiles > 0;

	for (size_t i = 0; none && i < x->pack.nfiles; i++)
		none = x->pack.files[i].unwanted;
	if (none)
		log_event(x->log, LOG_WARN, x->o->policy,
		    "it chooses none of the %s: documents alone are carried",
		    words_count(x->pack.nfiles, "payload file").s);
}

static int
add_chosen(void *arg, int64_t row, struct err *e)
{
	struct export *x = arg;

	return row_set_add(&x->chosen, row, e);
}

/* What is named by hand is carried, whatever the policy says of it. */
static void
select_chosen(struct export *x)
{
	choose_files_sort(&x->wanted);
	if (x->sel.n == 0)
		x->sel.rows = &x->chosen;
	if (x->wanted.updates == 0)
		x->log->worst = err_worst(x->log->worst, err_status(E_PARTIAL));
}

int
export_policy_read(struct export *x, struct err *e)
{
	if (x->o->policy == NULL)
		return 0;
	return choose_file_read(&x->given, x->o->policy, e) == -1
	    ? -1
	    : name_policy(x, &x->given, e);
}

/* data/policy.conf; nothing where there is none. */
int
export_policy_put(struct export *x, struct sink *to, struct err *e)
{
	return x->o->policy == NULL ? 0 : policy_write(&x->given, to, e);
}

int
export_policy_choose(struct export *x, struct err *e)
{
	struct choose c = CHOOSE_INIT;
	int r = -1;

	if (choose_open(&c, &x->given, x->store, x->head.created, e) == -1 ||
	    choose_tell(&c, x->log, e) == -1 ||
	    choose_each(&c, add_chosen, x, e) == -1 ||
	    choose_files(&c, &x->wanted, e) == -1)
		goto out;
	select_chosen(x);
	r = 0;
out:
	choose_close(&c);
	return r;
}
