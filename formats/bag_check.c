/* SPDX-License-Identifier: ISC */
/* What the labels of bag-info.txt must be to each other. */
#include <inttypes.h>
#include <string.h>

#include "formats/bag_info.h"
#include "formats/bag_lines.h"
#include "lib/base/err.h"

#define TIME_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static bool
is_site(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n >= 1 && s[n] == '\0';
}

static bool
is_destination(const char *s)
{
	struct guid g;
	char text[GUID_LEN + 1];

	if (strcmp(s, "any") == 0)
		return true;
	if (!guid_read(&g, s, strlen(s)))
		return false;
	guid_write(text, &g);
	return strcmp(s, text) == 0;
}

void
bag_info_id(char out[BAG_WORD + 1], const char *site, uint64_t sequence)
{
	char digits[20];
	size_t n = 0, len = strnlen(site, BAG_WORD - sizeof(digits) - 1);

	while (n < 6 || sequence > 0) {
		digits[n++] = (char)('0' + sequence % 10);
		sequence /= 10;
	}
	memcpy(out, site, len);
	out[len++] = '-';
	while (n > 0)
		out[len++] = digits[--n];
	out[len] = '\0';
}

static int
check_names(const struct bag_info *i, struct err *e)
{
	char id[BAG_WORD + 1];
	uint8_t sha256[SHA256_LEN];

	if (!is_site(i->site))
		return err_set(e, E_FORMAT,
		    "Wsusferry-Site: expected 1 to 32 of a-z, 0-9 and '-', "
		    "found '%s'",
		    i->site);
	bag_info_id(id, i->site, i->sequence);
	if (strcmp(i->id, id) != 0)
		return err_set(e, E_FORMAT,
		    "Wsusferry-Transfer: expected '%s', found '%s'", id, i->id);
	if (!is_destination(i->destination))
		return err_set(e, E_FORMAT,
		    "Wsusferry-Destination: expected 'any' or a GUID in lower "
		    "case, found '%s'",
		    i->destination);
	if (!bag_sha256(sha256, i->selection, strlen(i->selection)))
		return err_set(e, E_FORMAT,
		    "Wsusferry-Selection: expected 64 lower-case hex digits, "
		    "found '%s'",
		    i->selection);
	if (i->plan[0] != '\0' && !bag_sha256(sha256, i->plan, strlen(i->plan)))
		return err_set(e, E_FORMAT,
		    "Wsusferry-Plan: expected 64 lower-case hex digits, found "
		    "'%s'",
		    i->plan);
	return 0;
}

static int
check_numbers(const struct bag_info *i, struct err *e)
{
	const uint64_t n[] = {i->sequence, i->base, i->revisions, i->files,
	    i->absent, i->oxum_bytes, i->oxum_files};

	for (size_t k = 0; k < sizeof(n) / sizeof(n[0]); k++)
		if (n[k] > BAG_MAX_NUMBER)
			return err_set(e, E_FORMAT,
			    "a number of %" PRIu64 ", at most 2^63 - 1", n[k]);
	if (i->sequence == 0)
		return err_set(
		    e, E_FORMAT, "Wsusferry-Sequence: counted from 1, found 0");
	if (i->base >= i->sequence)
		return err_set(e, E_FORMAT,
		    "Wsusferry-Base: expected less than the sequence %" PRIu64
		    ", found %" PRIu64,
		    i->sequence, i->base);
	if (i->base != 0 && !bag_info_requires(i, "base"))
		return err_set(e, E_FORMAT,
		    "Wsusferry-Base: %" PRIu64
		    " needs the word 'base' in Wsusferry-Requires",
		    i->base);
	if (i->base == 0 && bag_info_requires(i, "base"))
		return err_set(e, E_FORMAT,
		    "Wsusferry-Requires: 'base', though Wsusferry-Base is 0");
	if (i->bag == 0 || i->bag > i->bags || i->bags > BAG_MAX_MEDIA)
		return err_set(e, E_FORMAT,
		    "Bag-Count: no medium %" PRIu32 " of %" PRIu32
		    ", at most %d",
		    i->bag, i->bags, BAG_MAX_MEDIA);
	if (i->bags > 1 && !bag_info_requires(i, "media"))
		return err_set(e, E_FORMAT,
		    "Bag-Count: %" PRIu32 " of %" PRIu32
		    " needs the word 'media' in Wsusferry-Requires",
		    i->bag, i->bags);
	if (i->bags == 1 && bag_info_requires(i, "media"))
		return err_set(e, E_FORMAT,
		    "Wsusferry-Requires: 'media', though Bag-Count is 1 of 1");
	if (i->time < 0 || i->time > TIME_MAX)
		return err_set(
		    e, E_FORMAT, "Wsusferry-Created: not from 1970 to 9999");
	return 0;
}

int
bag_info_check(const struct bag_info *i, struct err *e)
{
	const char *const words[] = {i->packer, i->software};

	if (i->format != BAG_FORMAT)
		return err_set(e, E_FORMAT,
		    "Wsusferry-Format: expected %d, found %u", BAG_FORMAT,
		    i->format);
	if (bag_requires_check(i->requires, e) == -1)
		return -1;
	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
		if (words[k][0] != '\0' &&
		    !bag_plain(words[k], strlen(words[k])))
			return err_set(e, E_FORMAT,
			    "expected printable ASCII, found '%s'", words[k]);
	if (i->reason[0] != '\0' &&
	    !bag_info_prose(i->reason, strlen(i->reason)))
		return err_set(e, E_FORMAT,
		    "Wsusferry-Reason: expected text without control "
		    "characters or blanks around it");
	if (check_numbers(i, e) == -1)
		return -1;
	return check_names(i, e);
}
