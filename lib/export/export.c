/* SPDX-License-Identifier: ISC */
#include "lib/export/export.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/xml.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/export/export_priv.h"
#include "lib/export/export_tree.h"
#include "lib/transfer/intake.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"

static int
add_id(void *arg, const struct guid *id, struct err *e)
{
	struct export *x = arg;

	if (grow(&x->ids, &x->cap_ids, x->sel.n, sizeof(*x->ids), e) == -1)
		return -1;
	x->ids[x->sel.n++] = *id;
	return 0;
}

/* An id, or a KB number: all updates that have it. */
static int
add_update(struct export *x, const char *what, struct err *e)
{
	size_t n = x->sel.n;
	const char *kb = what;
	struct guid id;

	if (guid_read(&id, what, strlen(what)))
		return add_id(x, &id, e);
	if (strncasecmp(kb, "KB", 2) == 0)
		kb += 2;
	if (*kb == '\0' || kb[strspn(kb, "0123456789")] != '\0')
		return err_set(e, E_USAGE,
		    "--update takes a KB number or an UpdateID, not '%s'",
		    what);
	if (store_each_of_kb(x->store, kb, add_id, x, e) == -1)
		return -1;
	return x->sel.n > n
	    ? 0
	    : err_set(e, E_USAGE, "--update %s: no update held has it", what);
}

static int
read_ids(struct export *x, struct err *e)
{
	const struct export_opts *o = x->o;

	x->sel.all_revisions = o->package == NULL || o->all_revisions;
	for (size_t i = 0; i < o->nupdates; i++)
		if (add_update(x, o->updates[i], e) == -1)
			return -1;
	x->sel.ids = x->ids;
	return 0;
}

static int
read_head(struct export *x, struct err *e)
{
	const struct export_opts *o = x->o;
	const char *protocol = o->protocol == NULL ? PACKAGE_PROTOCOL
						   : o->protocol;

	x->head.server = *store_id(x->store);
	if (o->server_id != NULL &&
	    !guid_read(&x->head.server, o->server_id, strlen(o->server_id)))
		return err_set(e, E_USAGE, "--server-id takes a GUID, not '%s'",
		    o->server_id);
	if (utc_now(&x->head.created, e) == -1)
		return -1;
	if (o->creation_time != NULL &&
	    !utc_read(
		&x->head.created, o->creation_time, strlen(o->creation_time)))
		return err_set(e, E_USAGE,
		    "--creation-time takes a time like "
		    "2026-01-31T06:07:08Z, not '%s'",
		    o->creation_time);
	if (strlen(protocol) > PACKAGE_VERSION_MAX ||
	    strspn(protocol, "0123456789.") != strlen(protocol))
		return err_set(e, E_USAGE,
		    "--protocol-version takes a version like %s, not '%s'",
		    PACKAGE_PROTOCOL, protocol);
	snprintf(x->head.format, sizeof(x->head.format), "%s", PACKAGE_FORMAT);
	snprintf(x->head.protocol, sizeof(x->head.protocol), "%s", protocol);
	return package_enabled_read(
	    &x->langs, o->languages == NULL ? "all" : o->languages, e);
}

static int
make_pack(struct export *x, struct err *e)
{
	if (export_plan(x, e) == -1 ||
	    pack_make(&x->pack, x->store, &x->plan, &x->head, &x->langs,
		x->o->split_bytes, x->scratch, e) == -1)
		return -1;
	if (x->o->policy != NULL)
		export_policy_mark(x);
	export_sets_mark(x);
	export_count(x);
	return 0;
}

int
export_plan_again(struct export *x, struct err *e)
{
	export_unpack(x);
	pack_free(&x->pack);
	plan_free(&x->plan);
	row_set_free(&x->asked);
	row_set_free(&x->planned);
	x->left_out = x->held_back = 0;
	return make_pack(x, e);
}

static int
plan_all(struct export *x, struct err *e)
{
	if (make_pack(x, e) == -1)
		return -1;
	if (x->o->package == NULL && gone_find(&x->gone, x->store, e) == -1)
		return -1;
	export_policy_tell(x);
	if (export_budget(x, e) == -1)
		return -1;
	return export_tell_lacking(x, e);
}

/* Gigabytes may go there; who only reads the store may not write in it. */
static int
open_scratch(struct export *x, struct err *e)
{
	if (store_scratch(x->store, &x->scratch, e) == -1)
		return -1;
	return x->scratch == -1 ? intake_scratch(&x->scratch, e) : 0;
}

static int
export_all(struct export *x, struct err *e)
{
	const struct export_opts *o = x->o;
	bool writes = o->package == NULL && !o->dry_run;
	bool marks = o->mark_held != 0 && o->to == NULL && o->package == NULL;

	if (!marks && (o->package == NULL) == (o->to == NULL))
		return err_set(
		    e, E_USAGE, "give either --to DIR or --package FILE.cab");
	if (o->reason != NULL &&
	    (!bag_info_prose(o->reason, strlen(o->reason)) ||
		strlen(o->reason) > BAG_REASON))
		return err_set(e, E_USAGE,
		    "--reason takes 1 to %d bytes of UTF-8 without control "
		    "characters or blanks around them",
		    BAG_REASON);
	if (o->to == NULL && (o->plan || o->from_plan != NULL))
		return err_set(e, E_USAGE,
		    "--plan and --from-plan go with --to: a plan is of a "
		    "transfer");
	if (o->package != NULL && o->destination != NULL)
		return err_set(e, E_USAGE,
		    "--destination goes with --to: a package is for any WSUS");
	if (o->policy != NULL && o->package != NULL)
		return err_set(e, E_USAGE,
		    "--policy goes with --to: a package has no payload");
	if (o->nwiths != 0 && o->to == NULL)
		return err_set(e, E_USAGE,
		    "--with goes with --to: it travels in a transfer");
	if (o->store == NULL)
		return err_set(e, E_USAGE, "give the store with --store DIR");
	if (export_policy_read(x, e) == -1 || export_budget_read(x, e) == -1 ||
	    export_with_read(x, e) == -1 ||
	    (o->to != NULL && export_given(x, e) == -1) ||
	    (o->package != NULL && export_package_given(x, e) == -1))
		return -1;
	if (store_open(&x->store, o->store, writes ? STORE_WRITE : STORE_READ,
		NULL, e) == -1)
		return -1;
	if (open_scratch(x, e) == -1 ||
	    content_open(&x->content, store_dirfd(x->store), -1, e) == -1)
		return -1;
	if (o->medium != 0)
		return export_media_go_on(x, e);
	if (read_head(x, e) == -1 || export_preview_read(x, e) == -1 ||
	    store_begin(x->store, e) == -1 || read_ids(x, e) == -1 ||
	    (o->policy != NULL && export_policy_choose(x, e) == -1) ||
	    export_base(x, e) == -1)
		return -1;
	if (marks)
		return export_mark(x, e);
	if (plan_all(x, e) == -1)
		return err_ctx(e, "%s", o->store);
	return o->package != NULL ? export_package(x, e)
				  : export_transfer(x, e);
}

static void
close_export(struct export *x)
{
	const int fds[] = {x->scratch, x->parent, x->root, x->data, x->out};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] != -1)
			(void)os.close(fds[i]);
	export_unpack(x);
	pack_free(&x->pack);
	plan_free(&x->plan);
	row_set_free(&x->asked);
	row_set_free(&x->chosen);
	row_set_free(&x->planned);
	row_set_free(&x->held);
	row_set_free(&x->held_files);
	row_set_free(&x->sent);
	row_set_free(&x->also);
	row_set_free(&x->waits);
	free(x->waiting);
	export_with_close(x);
	gone_free(&x->gone);
	choose_files_free(&x->wanted);
	policy_free(&x->given);
	content_close(&x->content);
	store_close(x->store);
	sign_sec_wipe(&x->key);
	arena_free(&x->names);
	free(x->files_list.v);
	free(x->tags_list.v);
	buf_free(&x->ledger);
	free(x->whole.v);
	fill_free(&x->fill);
	free(x->ids);
}

int
export_run(const struct export_opts *o, struct err *e)
{
	struct export x = {.o = o,
	    .log = o->log,
	    .content = CONTENT_INIT,
	    .plan = PLAN_INIT,
	    .pack = PACK_INIT,
	    .ledger = BUF_INIT,
	    .given = POLICY_INIT,
	    .scratch = -1,
	    .parent = -1,
	    .root = -1,
	    .data = -1,
	    .out = -1,
	    .names = ARENA_INIT((size_t)256 << 20)};
	int r;

	if (o->resume_after != NULL)
		return export_resume(o, e);
	if (o->tree != NULL)
		return export_tree(o, e);
	xml_init();
	r = export_all(&x, e);
	close_export(&x);
	return r;
}
