/* SPDX-License-Identifier: ISC */
/* The store that exported, for receipts of the hostile suite. */
#ifndef WF_HOSTILE_NEAR_H
#define WF_HOSTILE_NEAR_H

#include "formats/receipt.h"
#include "lib/base/sign.h"

/* Updates with a file each; transfers 1 and 2 to destination south, and one to
   nobody by name, number 3; it took receipt 5, of south, about 1. */
void hostile_near_make(const char *path, const struct sign_sec *by);
/* The next one, about 2, as it ought to be; its key and signature are not there
   yet. */
const struct receipt *hostile_near_receipt(void);

#endif
