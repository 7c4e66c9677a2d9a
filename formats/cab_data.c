/* SPDX-License-Identifier: ISC */
/* CFDATA: what one block says of itself, and whether that is so. */
#include "formats/cab.h"

#include <inttypes.h>

#include "formats/cab_priv.h"
#include "lib/base/cur.h"
#include "lib/base/err.h"

uint32_t
cab_sum(const uint8_t *p, size_t n, uint32_t seed)
{
	uint32_t tail = 0;

	for (; n >= 4; n -= 4, p += 4)
		seed ^= p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		    (uint32_t)p[3] << 24;
	for (; n > 0; n--, p++)
		tail = tail << 8 | *p;
	return seed ^ tail;
}

void
cab_data_head(
    struct cab_data *d, const uint8_t head[CAB_DATA_HEAD], uint64_t at)
{
	struct cur k;

	cur_init(&k, head, CAB_DATA_HEAD);
	d->at = at;
	d->sum = cur_le32(&k);
	d->packed = cur_le16(&k);
	d->unpacked = cur_le16(&k);
	d->sizes_sum = cab_sum(head + 4, 4, 0);
}

int
cab_data_packed(const struct cab_data *d, unsigned most, struct err *e)
{
	if (d->packed <= most)
		return 0;
	return err_at(e, d->at + 4,
	    "folder %u block %u: %u packed bytes, at most %u", d->folder,
	    d->block, d->packed, most);
}

/* Short only at the end, where nothing follows, or where nothing looks back. */
int
cab_data_unpacked(const struct cab_data *d, struct err *e)
{
	bool whole = d->comp != CAB_NONE && !d->last;

	if (d->unpacked != 0 && d->unpacked <= CAB_BLOCK &&
	    (!whole || d->unpacked == CAB_BLOCK))
		return 0;
	return err_at(e, d->at + 6,
	    "folder %u block %u: %u unpacked bytes, expected %s%d", d->folder,
	    d->block, d->unpacked, whole ? "" : "1 to ", CAB_BLOCK);
}

int
cab_data_sum(const struct cab_data *d, const uint8_t *packed, struct err *e)
{
	uint32_t found;

	if (d->sum == 0)
		return 0;
	found = cab_sum(packed, d->packed, 0) ^ d->sizes_sum;
	if (d->sum == found)
		return 0;
	return err_at(e, d->at,
	    "folder %u block %u: checksum is %08" PRIx32
	    ", its bytes give %08" PRIx32,
	    d->folder, d->block, d->sum, found);
}

int
cab_data_mszip(
    const struct cab_data *d, const uint8_t *packed, uint64_t at, struct err *e)
{
	if (d->packed < 2)
		return err_at(e, at,
		    "folder %u block %u: %u packed bytes, expected MSZIP's CK",
		    d->folder, d->block, d->packed);
	if (packed[0] == 'C' && packed[1] == 'K')
		return 0;
	return err_at(e, at,
	    "folder %u block %u: expected MSZIP's CK, found %02x %02x",
	    d->folder, d->block, packed[0], packed[1]);
}
