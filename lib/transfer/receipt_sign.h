/* SPDX-License-Identifier: ISC */
/* The signature of a receipt. */
#ifndef WF_RECEIPT_SIGN_H
#define WF_RECEIPT_SIGN_H

#include "formats/receipt.h"
#include "lib/base/sign.h"

struct err;
struct keyring;

/* Fills key and sig, and makes the record. */
int receipt_sign(struct receipt *r, const struct sign_sec *by,
    uint8_t record[RECEIPT_BYTES], struct err *e);
/* By these keys, which are for receipts: E_SIG, as keyring_check_bytes(). */
int receipt_sign_check(const struct keyring *keys,
    const uint8_t record[RECEIPT_BYTES], struct sign_pub *by, struct err *e);

#endif
