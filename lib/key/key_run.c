/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/key/key.h"

struct run {
	const struct key_opts *o;
	enum key_for purpose;
	int dirfd; /* owned: of the keys; -1: none */
	uint64_t keys, changed;
};

/* purpose: KEYS_ALL for a key that is for none, or for any. */
static void
show(struct run *k, const struct sign_pub *p, enum key_for purpose,
    const char *state, const char *file)
{
	char id[2 * SIGN_ID_LEN + 1], text[1024];
	struct json j = JSON_INIT;

	sign_id_text(id, p->id);
	snprintf(text, sizeof(text), "%s  %s%s  %s", id, state,
	    purpose == KEYS_RECEIPTS ? " for receipts" : "", file);
	utf8_clean(text);
	json_begin(&j);
	json_str(&j, "type", "key");
	json_str(&j, "id", id);
	json_str(&j, "state", state);
	json_str(&j, "file", file);
	if (purpose != KEYS_ALL)
		json_str(&j, "for", keyring_purpose(purpose));
	log_data(k->o->log, text, json_end(&j));
	json_free(&j);
	k->keys++;
}

static void
show_key(struct run *k, const struct key *key)
{
	show(k, &key->pub, key->revoked ? KEYS_ALL : key->purpose,
	    key->revoked ? "revoked" : "trusted", key->file);
}

static int
make(struct run *k, struct err *e)
{
	struct sign_pub p;
	bool old;

	if (k->o->out == NULL)
		return err_set(e, E_USAGE, "new: expected --out FILE.key");
	if (key_new(k->o->out, k->o->dry_run, &p, &old, e) == -1)
		return -1;
	k->changed++;
	show(k, &p, KEYS_ALL, old ? "completed" : "new", k->o->out);
	return 0;
}

static int
list(struct run *k, struct err *e)
{
	struct key_list l = KEY_LIST_INIT;
	int r;

	r = key_open(k->o->trusted_keys, k->o->store, false, &k->dirfd, e);
	if (r == 0)
		r = keyring_list(k->dirfd, &l, e);
	for (size_t i = 0; r == 0 && i < l.n; i++)
		if ((l.v[i].purpose & k->purpose) != 0)
			show_key(k, &l.v[i]);
	keyring_list_free(&l);
	return r;
}

/* Operands one by one; one that fails does not stop the rest. */
static int
change(struct run *k,
    int (*verb)(int dirfd, enum key_for purpose, const char *operand, bool dry,
	struct key *k, bool *changed, struct err *e),
    struct err *e)
{
	const struct key_opts *o = k->o;
	struct key key;
	bool changed;

	if (key_open(o->trusted_keys, o->store,
		verb == key_trust && !o->dry_run, &k->dirfd, e) == -1)
		return -1;
	for (size_t i = 1; i < o->nwords; i++) {
		if (verb(k->dirfd, k->purpose, o->words[i], o->dry_run, &key,
			&changed, e) == -1) {
			log_error(o->log, o->words[i], e);
			continue;
		}
		k->changed += changed;
		show_key(k, &key);
	}
	return 0;
}

static int
read_purpose(struct run *k, struct err *e)
{
	const char *w = k->o->purpose;

	if (w == NULL)
		k->purpose = KEYS_ALL;
	else if (strcmp(w, keyring_purpose(KEYS_RECEIPTS)) == 0)
		k->purpose = KEYS_RECEIPTS;
	else if (strcmp(w, keyring_purpose(KEYS_TRANSFERS)) == 0)
		k->purpose = KEYS_TRANSFERS;
	else
		return err_set(e, E_USAGE,
		    "--for: expected transfers or receipts, found '%s'", w);
	return 0;
}

static int
run_verb(struct run *k, struct err *e)
{
	const char *verb = k->o->words[0];
	size_t n = k->o->nwords;

	if (n == 1 && strcmp(verb, "new") == 0) {
		if (k->purpose == KEYS_ALL)
			return make(k, e);
		return err_set(e, E_USAGE,
		    "--for goes with trust, revoke and list: what a key may "
		    "sign is said where it is trusted");
	}
	if (n == 1 && strcmp(verb, "list") == 0)
		return list(k, e);
	if (n > 1 && strcmp(verb, "trust") == 0)
		return change(k, key_trust, e);
	if (n > 1 && strcmp(verb, "revoke") == 0)
		return change(k, key_revoke, e);
	return err_set(e, E_USAGE,
	    "expected new, list, trust FILE.pub or revoke KEY, found '%s' and "
	    "%zu operands",
	    verb, n - 1);
}

static void
summarize(const struct run *k)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "type", "summary");
	json_num(&j, "keys", k->keys);
	json_num(&j, "changed", k->changed);
	json_bool(&j, "dry_run", k->o->dry_run);
	log_summary(k->o->log, &j, "keys: %" PRIu64 ", changed: %" PRIu64 "%s",
	    k->keys, k->changed, k->o->dry_run ? " (dry run)" : "");
	json_free(&j);
}

int
key_run(const struct key_opts *o, struct err *e)
{
	struct run k = {.o = o, .dirfd = -1};
	int r = read_purpose(&k, e) == -1 ? -1 : run_verb(&k, e);

	if (r == 0)
		summarize(&k);
	if (k.dirfd != -1)
		close(k.dirfd);
	return r;
}
