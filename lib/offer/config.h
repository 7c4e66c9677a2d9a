/* SPDX-License-Identifier: ISC */
/*
 * The answer to GetConfig, which lies in the snapshot whole: so it is the same
 * on every replica, and LastChange in it changes only when the rest does.
 */
#ifndef WF_CONFIG_H
#define WF_CONFIG_H

#include <stdint.h>

struct err;
struct snapshot;

/*
 * Fill s->config, config_hash and last_change: that of prev where the hash is
 * the same, else now (UTC seconds).  prev: NULL where there is none.
 * E_SYS.
 */
int config_make(struct snapshot *s, const struct snapshot *prev, int64_t now,
    struct err *e);

#endif
