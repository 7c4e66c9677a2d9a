/* SPDX-License-Identifier: ISC */
/* A set of updates, or of revisions (revision 0: any). */
#ifndef WF_GUID_SET_H
#define WF_GUID_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/enc.h"

struct err;
struct guid_set;

int guid_set_open(struct guid_set **s, struct err *e);
void guid_set_close(struct guid_set *s);
int guid_set_add(struct guid_set *s, const struct guid *id, uint32_t revision,
    struct err *e);
bool guid_set_has(
    const struct guid_set *s, const struct guid *id, uint32_t revision);
/* All members in the order in which they came. */
size_t guid_set_count(const struct guid_set *s);
void guid_set_get(
    const struct guid_set *s, size_t i, struct guid *id, uint32_t *revision);

#endif
