/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <string.h>

#include "cmd/cmd.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/key/key.h"

struct key_cmd {
	struct cmd c;
	const char *out;
	int dirfd; /* of the keys, to the end; -1: none */
	uint64_t keys, changed;
};

static void
show(struct key_cmd *k, const struct sign_pub *p, const char *state,
    const char *file)
{
	char id[2 * SIGN_ID_LEN + 1], text[1024];
	struct json j = JSON_INIT;

	sign_id_text(id, p->id);
	snprintf(text, sizeof(text), "%s  %s  %s", id, state, file);
	utf8_clean(text);
	json_begin(&j);
	json_str(&j, "type", "key");
	json_str(&j, "id", id);
	json_str(&j, "state", state);
	json_str(&j, "file", file);
	log_data(&k->c.log, text, json_end(&j));
	json_free(&j);
	k->keys++;
}

static int
make(struct key_cmd *k, struct err *e)
{
	struct sign_pub p;
	bool old;

	if (k->out == NULL)
		return err_set(e, E_USAGE, "new: expected --out FILE.key");
	if (key_new(k->out, k->c.dry_run, &p, &old, e) == -1)
		return -1;
	k->changed++;
	show(k, &p, old ? "completed" : "new", k->out);
	return 0;
}

static int
list(struct key_cmd *k, struct err *e)
{
	struct key_list l = KEY_LIST_INIT;
	int r = key_open(k->c.trusted_keys, k->c.store, false, &k->dirfd, e);

	if (r == 0)
		r = keyring_list(k->dirfd, &l, e);
	for (size_t i = 0; r == 0 && i < l.n; i++)
		show(k, &l.v[i].pub, l.v[i].revoked ? "revoked" : "trusted",
		    l.v[i].file);
	keyring_list_free(&l);
	return r;
}

/* Operands one by one; one that fails does not stop the rest. */
static int
change(struct key_cmd *k, char *argv[],
    int (*verb)(int dirfd, const char *operand, bool dry, struct key *k,
	bool *changed, struct err *e),
    struct err *e)
{
	struct key key;
	bool changed;

	if (key_open(k->c.trusted_keys, k->c.store,
		verb == key_trust && !k->c.dry_run, &k->dirfd, e) == -1)
		return -1;
	for (; *argv != NULL; argv++) {
		if (verb(k->dirfd, *argv, k->c.dry_run, &key, &changed, e) ==
		    -1) {
			cmd_report(&k->c, *argv, e);
			continue;
		}
		k->changed += changed;
		show(
		    k, &key.pub, key.revoked ? "revoked" : "trusted", key.file);
	}
	return 0;
}

static void
finish_key(struct key_cmd *k)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "type", "summary");
	json_num(&j, "keys", k->keys);
	json_num(&j, "changed", k->changed);
	json_bool(&j, "dry_run", k->c.dry_run);
	log_summary(&k->c.log, &j, "keys: %" PRIu64 ", changed: %" PRIu64 "%s",
	    k->keys, k->changed, k->c.dry_run ? " (dry run)" : "");
	json_free(&j);
}

static int
run_verb(struct key_cmd *k, int n, char *argv[], struct err *e)
{
	if (n == 1 && strcmp(argv[1], "new") == 0)
		return make(k, e);
	if (n == 1 && strcmp(argv[1], "list") == 0)
		return list(k, e);
	if (n > 1 && strcmp(argv[1], "trust") == 0)
		return change(k, argv + 2, key_trust, e);
	if (n > 1 && strcmp(argv[1], "revoke") == 0)
		return change(k, argv + 2, key_revoke, e);
	return err_set(e, E_USAGE,
	    "expected new, list, trust FILE.pub or revoke KEY, found '%s' and "
	    "%d operands",
	    argv[1], n - 1);
}

int
main(int argc, char *argv[])
{
	struct key_cmd k = {.c = CMD_INIT, .dirfd = -1};
	const struct opt opts[] = {
	    {OPT_STR, 0, "out", &k.out, "FILE.key",
		"where new writes; FILE.pub comes beside it", NULL, 0, 0},
	    CMD_OPT_STORE(&k.c), CMD_OPT_KEYS(&k.c), CMD_OPT_DRY_RUN(&k.c),
	    CMD_OPT_TALK(&k.c), CMD_OPT_END};
	static const char *const synopsis[] = {"new --out FILE.key",
	    "list [-s DIR | -k DIR]",
	    "trust [-n] [-s DIR | -k DIR] FILE.pub ...",
	    "revoke [-n] [-s DIR | -k DIR] KEYID | FILE.pub ...", NULL};
	const struct opt_prog prog = {"wsusferry-key", synopsis,
	    "make signing keys; list, trust and revoke public ones", opts, 1,
	    -1};
	int n = cmd_begin(&k.c, &prog, argc, argv), status = 0;
	struct err e = ERR_INIT;

	if (run_verb(&k, n, argv, &e) == -1)
		status = cmd_report(&k.c, NULL, &e);
	else
		finish_key(&k);
	return cmd_finish(&k.c, status);
}
