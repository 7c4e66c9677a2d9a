/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "cmd/cmd.h"
#include "formats/bag.h"
#include "formats/cab.h"
#include "lib/base/err.h"
#include "lib/export/export.h"

static const char *const synopsis[] = {
    "[-nqv] [-p POLICY] [-s STORE] --sign-key FILE --to DIR "
    "[--destination NAME]",
    "[-nqv] [-s STORE] --destination NAME --mark-held N",
    "[-nqv] [-s STORE] --resume-after RECEIPT",
    "[-qv] [-s STORE] --media-size SIZE --sign-key FILE --to DIR ...",
    "[-qv] [-s STORE] --medium K --to DIR",
    "[-nqv] [-s STORE] --package FILE.cab [--all-revisions]",
    "[-nqv] [-s STORE] --tree DIR",
    NULL,
};

/* What is written, who gets it, and what counts as held there. */
#define OPT_DESTINATION(o, list)                                               \
	CMD_FLAG("plan", &(o)->plan,                                           \
	    "print what would be written, and write nothing"),                 \
	    CMD_STR("from-plan", &(o)->from_plan, "FILE",                      \
		"write exactly what that plan says"),                          \
	    {OPT_LIST, 0, "with", (list), "DIR=NAME",                          \
		"a folder of your own that travels, too", NULL, 0, 0},         \
	    CMD_STR("budget", &(o)->budget, "SIZE",                            \
		"carry what fits into that: 20G; the rest waits"),             \
	    CMD_STR("destination", &(o)->destination, "NAME",                  \
		"carry only what it lacks"),                                   \
	    CMD_STR("increments", &(o)->increments, "WORD",                    \
		"what counts as held there: receipt, or since-last"),          \
	    CMD_STR("base", &(o)->base, "RECEIPT",                             \
		"what that receipt says is held there"),                       \
	    CMD_FLAG("since-last", &(o)->since_last,                           \
		"what was sent there counts as held"),                         \
	    CMD_FLAG("full", &(o)->full,                                       \
		"carry all of it, whatever is held there"),                    \
	    {OPT_NUM, 0, "mark-held", &(o)->mark_held, "N",                    \
		"transfer N is held there: a person says so", NULL, 1,         \
		INT64_MAX},                                                    \
	    CMD_STR("resume-after", &(o)->resume_after, "RECEIPT",             \
		"the store was set back: go on after what that says"),         \
	    CMD_STR("reason", &(o)->reason, "TEXT",                            \
		"why, for the record on either side")

/* Where it goes. */
#define MEDIA_OPTS(o, list)                                                    \
	CMD_STR("tree", &(o)->tree, "DIR",                                     \
	    "write plain files for a server instead"),                         \
	    {OPT_LIST, 0, "to", (list), "DIR",                                 \
		"folder that gets it; FILE.tar, or -: a tar, there or out",    \
		NULL, 0, 0},                                                   \
	    CMD_STR("media-size", &(o)->media_size, "SIZE",                    \
		"several media: 32G, cd, dvd, bd, or auto: what is free"),     \
	    CMD_STR("filesystem", &(o)->filesystem, "NAME",                    \
		"of the media: fat32, exfat, ntfs, any; else as found"),       \
	    {OPT_NUM, 0, "medium", &(o)->medium, "K",                          \
		"go on with that medium of a transfer that was begun", NULL,   \
		1, BAG_MAX_MEDIA},                                             \
	    CMD_FLAG("verify-medium", &(o)->verify_medium,                     \
		"read everything again from the medium and compare")

static void
fill_opts(struct export_opts *o, struct cmd *c)
{
	static const char *const exports[] = {
	    "to", "package", "destination", "mark-held", "medium", "plan"};

	for (size_t i = 0; i < sizeof(exports) / sizeof(*exports); i++)
		cmd_refuse(c, o->resume_after != NULL, exports[i],
		    "does not go with --resume-after, which exports nothing");
	cmd_refuse(c, o->package != NULL, "sign-key",
	    "goes with --to; a package has no signature");
	cmd_refuse(c, o->package != NULL, "budget",
	    "goes with --to; a package has no payload");
	cmd_refuse(c, o->package == NULL, "all-revisions",
	    "goes with --package; a transfer has all of them");
	cmd_refuse(c, o->package != NULL, "reason",
	    "goes with --to; a package is in no record");
	o->store = c->store;
	o->dry_run = c->dry_run || o->plan;
	o->jobs = (unsigned)c->jobs;
	o->log = &c->log;
}

int
main(int argc, char *argv[])
{
	struct cmd c = CMD_INIT;
	struct export_opts o = {.out_fd = -1};
	struct opt_list updates = {.n = 0}, tos = {.n = 0}, withs = {.n = 0};
	const struct opt opts[] = {
	    CMD_OPT_COMMON(&c),
	    CMD_OPT_DRY_RUN(&c),
	    MEDIA_OPTS(&o, &tos),
	    OPT_DESTINATION(&o, &withs),
	    CMD_STR("sign-key", &o.sign_key, "FILE",
		"secret key that signs the transfer"),
	    CMD_STR("package", &o.package, "FILE.cab",
		"write only the package for wsusutil"),
	    {OPT_LIST, 0, "update", &updates, "ID",
		"only this update and what it needs", NULL, 0, 0},
	    {OPT_STR, 'p', "policy", &o.policy, "FILE",
		"carry only what it wants", NULL, 0, 0},
	    CMD_FLAG("all-revisions", &o.all_revisions,
		"package: every revision, not only the newest"),
	    CMD_STR("server-id", &o.server_id, "GUID",
		"ServerID of the package; else the store's"),
	    CMD_STR("creation-time", &o.creation_time, "TIME",
		"CreationTime of the package; else now"),
	    CMD_STR("protocol-version", &o.protocol, "VERSION",
		"ProtocolVersion of the package; else 1.20"),
	    CMD_STR("languages", &o.languages, "LIST",
		"languages enabled in the package: all, or en,de,..."),
	    {OPT_NUM, 0, "max-package-size", &o.split_bytes, "BYTES",
		"most that one package may hold, unpacked", NULL, 65536,
		CAB_MAX_UNPACKED},
	    CMD_FLAG("small", &o.small, "pack smaller and slower"),
	    CMD_FLAG(
		"strict", &o.strict, "refuse to start when payload is absent"),
	    CMD_OPT_END,
	};
	const struct opt_prog prog = {
	    .name = "wsusferry-export",
	    .synopsis = synopsis,
	    .purpose = "write a signed transfer, or a package for wsusutil",
	    .opts = opts,
	    .min_args = 0,
	    .max_args = 0,
	};
	struct err e = ERR_INIT;
	int status = 0;

	(void)cmd_begin(&c, &prog, argc, argv);
	fill_opts(&o, &c);
	o.tos = tos.v, o.ntos = tos.n;
	o.to = tos.n != 0 ? tos.v[0] : NULL;
	o.withs = withs.v, o.nwiths = withs.n;
	o.updates = updates.v, o.nupdates = updates.n;
	if (o.to != NULL && strcmp(o.to, "-") == 0 && !o.dry_run)
		o.out_fd = cmd_data_out(&c, "to -");
	if (export_run(&o, &e) == -1)
		status = cmd_report(&c, NULL, &e);
	return cmd_finish(&c, status);
}
