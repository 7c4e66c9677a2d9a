/* SPDX-License-Identifier: ISC */
/* One download in a store of its own, from one peer that serves one file. */
#ifndef WF_GET_RIG_H
#define WF_GET_RIG_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/fetch/get.h"
#include "tests/get_peer.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define RIG_SIZE 3000001

extern uint8_t rig_file[RIG_SIZE];
extern struct digest rig_sums;
extern struct get_peer rig_peer;

struct rig {
	int dirfd, staging;
	struct content content;
	struct get_env env;
	struct get g;
};

void rig_open(struct rig *r);
void rig_close(struct rig *r);
void rig_env(struct rig *r); /* what get_env_close() took away */
void rig_fresh(struct rig *r); /* the file is wanted, from no URL yet */
void rig_url(struct rig *r, unsigned port, const char *path, int base);
void rig_go(struct rig *r);
/* One URL, with what is there of the file. */
void rig_get(struct rig *r);
bool rig_has(struct rig *r, enum content_part k, off_t *size, mode_t *mode);
/* Staged under the right name, whole and sealed, and settles. */
void rig_expect_got(struct rig *r);
void rig_expect_not(struct rig *r, enum sync_outcome o, const char *why);
/* The first bytes are here, from the peer's file with that tag. */
void rig_have(struct rig *r, size_t n, const char *etag);

#endif
