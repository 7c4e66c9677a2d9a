/* SPDX-License-Identifier: ISC */
/*
 * What Windows clients and their server say to each other ([MS-WUSP]): answers
 * as SOAP 1.1 envelopes, document/literal, on one line.
 */
#ifndef WF_WUSP_H
#define WF_WUSP_H

#include <stdint.h>

struct buf;
struct err;

#define WUSP_NS                                                                \
	"http://www.microsoft.com/SoftwareDistribution/Server/"                \
	"ClientWebService"

/*
 * The answer to GetConfig (2.2.2.2.1).  last_change: UTC seconds, or NULL for
 * the answer without that element, which is never sent: what its hash is of.
 */
int wusp_put_config(struct buf *b, const int64_t *last_change, struct err *e);

#endif
