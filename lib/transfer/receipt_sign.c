/* SPDX-License-Identifier: ISC */
#include "lib/transfer/receipt_sign.h"

#include <string.h>

#include "lib/transfer/keyring.h"

#define PREFIX_LEN (sizeof(RECEIPT_PREFIX) - 1)
#define SIGNED_LEN (PREFIX_LEN + RECEIPT_SIGNED)

static void
gather(uint8_t to[SIGNED_LEN], const uint8_t record[RECEIPT_BYTES])
{
	memcpy(to, RECEIPT_PREFIX, PREFIX_LEN);
	memcpy(to + PREFIX_LEN, record, RECEIPT_SIGNED);
}

int
receipt_sign(struct receipt *r, const struct sign_sec *by,
    uint8_t record[RECEIPT_BYTES], struct err *e)
{
	uint8_t bytes[SIGNED_LEN];

	memcpy(r->key, by->id, sizeof(r->key));
	if (receipt_pack(r, record, e) == -1)
		return -1;
	gather(bytes, record);
	if (sign_bytes(by, bytes, sizeof(bytes), r->sig, e) == -1)
		return -1;
	memcpy(record + RECEIPT_SIGNED, r->sig, sizeof(r->sig));
	return 0;
}

int
receipt_sign_check(const struct keyring *keys,
    const uint8_t record[RECEIPT_BYTES], struct sign_pub *by, struct err *e)
{
	uint8_t bytes[SIGNED_LEN];
	struct receipt r;

	if (receipt_unpack(&r, record, e) == -1)
		return -1;
	gather(bytes, record);
	return keyring_check_bytes(
	    keys, bytes, sizeof(bytes), r.key, r.sig, by, e);
}
