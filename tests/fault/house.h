/* SPDX-License-Identifier: ISC */
/*
 * What the fault loops over import and export have in common: a tiny package,
 * an earlier one, a key, a store, a transfer, and ways to look at them.
 */
#ifndef WF_HOUSE_H
#define WF_HOUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/fault/fault.h"

#define HOUSE_PATH 400

struct house {
	char dir[HOUSE_PATH];
	char was[HOUSE_PATH]; /* a folder with the next two in it */
	char package[HOUSE_PATH], content[HOUSE_PATH]; /* genuine */
	char key[HOUSE_PATH], pub[HOUSE_PATH];
	char earlier[HOUSE_PATH]; /* a store that holds another package */
	char one[HOUSE_PATH]; /* a store that holds the package */
	char transfer[HOUSE_PATH]; /* out of it */
	char tmp[HOUSE_PATH]; /* TMPDIR */
};
extern struct house house;

/* Made once; SOURCE_DATE_EPOCH and TMPDIR are set. */
void house_make(void);
bool house_is_long(void); /* WF_LONG is set: the catalogue is larger */
/* Each so-maniest call only, so that a loop stays in time by the sanitizers. */
uint64_t house_step(uint64_t plain);
/*
 * fault_loop() over each step-th call.  Of a larger catalogue, where these are
 * not all, fault_pick() sees to it that some are from each place; by the
 * sanitizers only where the program goes on after one call that failed.
 */
void house_strike(struct fault_case *c, uint64_t step, struct fault_plan plan);

/* Between the two nothing is said; what was said is kept for house_told(). */
void house_hush(void);
void house_speak(void);
void house_forget(void);
/* Was that text among it? */
bool house_said(const char *text);
/* On stdout, after a failure. */
void house_told(void);
/* All of it; free() it. */
char *house_text(void);
/* The exit status of e, which is said as a program says it. */
struct err;
int house_failed(struct err *e);

/*
 * Did a program leave this very store before, to the byte, log aside, with that
 * status?  Then what is looked at, and run behind it, would be the same.
 */
bool house_knows(const char *store, int status);
void house_knows_nothing(void);

/* Exit status; store is made if needs be.  keys NULL: genuine. */
int house_import(
    const char *store, const char *path, const char *content, const char *keys);
/* The same that keeps nothing. */
int house_try(
    const char *store, const char *path, const char *content, const char *keys);
int house_export(const char *store, const char *to, const char *package);
int house_export_to(const char *store, const char *to, const char *package,
    const char *destination);
int house_list(const char *store, const char *what);
int house_fetch(const char *store, const char *upstream, const char *policy);
/* Exit status of verify, with a check of the derived rows. */
int house_verify(const char *path);
/* dump_store(), or "" when there is no store; free() it. */
char *house_dump(const char *store);

#endif
