/* SPDX-License-Identifier: ISC */
/* What a format module read, as text: one fact a line.  For tests, and for
   the fuzz targets, which so touch every byte that was read. */
#ifndef WF_TESTS_PRINT_H
#define WF_TESTS_PRINT_H

#include "formats/bag.h"
#include "formats/cab.h"
#include "formats/policy.h"
#include "formats/rings.h"
#include "formats/serversync.h"
#include "formats/update.h"

struct err;
struct sink;

int bag_info_print(const struct bag_info *i, struct sink *to, struct err *e);
int cab_print(const struct cab *c, struct sink *to, struct err *e);
/* With the line of the file that it comes from. */
int policy_print(const struct policy *p, struct sink *to, struct err *e);
int rings_print(const struct rings *r, struct sink *to, struct err *e);
int serversync_print(
    enum ss_op op, const struct ss_reply *r, struct sink *to, struct err *e);
int update_print(const struct update *u, struct sink *to, struct err *e);

#endif
