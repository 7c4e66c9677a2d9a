/* SPDX-License-Identifier: ISC */
/* The programs as what a loop runs again and again: each its exit status. */
#ifndef WF_JOB_H
#define WF_JOB_H

#include "tests/fault/house.h"

struct job {
	int (*run)(struct job *j);
	const char *store; /* what it begins with; NULL: nothing */
	const char *path; /* what is read; or the list that is wanted */
	int status; /* when nothing fails */
	char at[HOUSE_PATH], to[HOUSE_PATH]; /* its own store, its own stick */
	char *old_dump, *new_dump, *said; /* owned */
};

int job_import(struct job *j);
int job_try(struct job *j);
int job_export(struct job *j);
int job_verify(struct job *j);
int job_list(struct job *j);
int job_fetch(struct job *j);
int job_clear(struct job *j); /* staging, as a writer does first */
int job_key_new(struct job *j);
int job_key_trust(struct job *j);
int job_key_list(struct job *j);
int job_key_revoke(struct job *j);

#endif
