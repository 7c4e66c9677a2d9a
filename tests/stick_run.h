/* SPDX-License-Identifier: ISC */
/* What our programs say of what stands in a folder, in this process. */
#ifndef WF_STICK_RUN_H
#define WF_STICK_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/sign.h"

/* Exit statuses; what was said is kept for stick_said(). */
int stick_verify(const char *path, const char *pub);
/* With a store that it is judged for. */
int stick_verify_for(const char *path, const char *store, const char *pub);
/* Into a store that is not there yet; it is removed again. */
int stick_import(const char *path, const char *pub);
/* Into that store, which stays. */
int stick_import_into(
    const char *path, const char *store, const char *pub, bool keep_held);
/* What both have said since the last call; borrowed until the next one. */
const char *stick_said(void);

/* What is said between the first two is kept; the third ends that too, closes
   the log, tells the error, if r is -1, and returns the exit status. */
struct err;
struct log;
void stick_hush(void);
void stick_hear(void);
int stick_speak(struct log *log, int r, struct err *e);

struct stick;

/* A folder, a key in it, and where the stick stands while it is looked at. */
struct stick_home {
	char dir[256], pub[512], path[512];
	struct sign_sec key;
};
const struct stick_home *stick_home(void);
void stick_new_key(const char *name, struct sign_sec *key);
/* ledger.tsv: what that store, if it is there, imported below a sequence, and
   in any case a line for the base. */
void stick_ledger(
    struct stick *s, const char *store, uint64_t sequence, uint64_t base);
/* As it is: verify and import have that status, and both say that ("!text":
   neither does); NULL: they say what they like.  what: for the person who reads
   the failure. */
void stick_both(
    struct stick *s, const char *what, int status, const char *says);

#endif
