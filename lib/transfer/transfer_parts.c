/* SPDX-License-Identifier: ISC */
/* Payload that a medium, or its file system, did not hold in one piece. */
#include <stdio.h>
#include <string.h>

#include "formats/state.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/store/content.h"
#include "lib/transfer/transfer_tags.h"

#define SUFFIX ".part001"
#define SUFFIX_LEN (sizeof(SUFFIX) - 1)
#define PREFIX_LEN (sizeof(TRANSFER_PARTS) - 1)

static bool
is_below(const struct transfer_file *f)
{
	return strncmp(f->name, TRANSFER_PARTS, PREFIX_LEN) == 0;
}

/*
 * The number of a part, from 1, and what stands before its suffix, which must
 * be the name of a payload file as WSUS has it.  0: it is no part's name.
 */
static unsigned
part_number(const char *name, uint8_t sha1[SHA1_LEN], size_t *stem)
{
	char file[CONTENT_NAME_MAX], exact[CONTENT_NAME_MAX],
	    ext[UPDATE_EXT_MAX + 1] = "", suffix[16];
	const char *base = name + PREFIX_LEN, *dot;
	size_t n = strlen(base);
	uint64_t number;

	if (n <= SUFFIX_LEN || n - SUFFIX_LEN >= sizeof(file))
		return 0;
	*stem = n -= SUFFIX_LEN;
	memcpy(file, base, n);
	file[n] = '\0';
	if (!num_read(&number, base + n + 5, 3, 1, STATE_MAX_PARTS) ||
	    !content_parse(file, sha1))
		return 0;
	if ((dot = strchr(file, '.')) != NULL)
		update_file_ext(ext, file);
	content_name(exact, sha1, ext);
	snprintf(suffix, sizeof(suffix), ".part%03u", (unsigned)number);
	if (strcmp(base + n, suffix) != 0 || strcmp(exact + 3, file) != 0)
		return 0;
	return (unsigned)number;
}

static const char expected[] =
    "expected SHA1.ext.part001 behind " TRANSFER_PARTS
    ": 40 upper-case hex digits, and three of the part's number";

unsigned
transfer_parts(const struct transfer *t, size_t i, uint8_t sha1[SHA1_LEN])
{
	uint8_t same[SHA1_LEN];
	size_t stem, other;
	unsigned n = 0;

	if (!is_below(&t->files[i]) ||
	    part_number(t->files[i].name, sha1, &stem) != 1)
		return 0;
	for (n = 1; i + n < t->nfiles && is_below(&t->files[i + n]); n++)
		if (part_number(t->files[i + n].name, same, &other) != n + 1 ||
		    other != stem ||
		    strncmp(t->files[i + n].name, t->files[i].name,
			PREFIX_LEN + stem) != 0)
			break;
	return n;
}

static int
name_cmp(const void *name, const void *file)
{
	return strcmp(name, ((const struct transfer_file *)file)->name);
}

size_t
transfer_parts_find(const struct transfer *t, const uint8_t sha1[SHA1_LEN])
{
	char name[sizeof(TRANSFER_PARTS) + CONTENT_NAME_MAX],
	    file[CONTENT_NAME_MAX];
	uint8_t found[SHA1_LEN];
	size_t at;

	content_name(file, sha1, "");
	snprintf(name, sizeof(name), TRANSFER_PARTS "%s", file + 3);
	at = sort_place(name, t->files, t->nfiles, sizeof(*t->files), name_cmp);
	if (at == t->nfiles || transfer_parts(t, at, found) == 0 ||
	    memcmp(found, sha1, SHA1_LEN) != 0)
		return t->nfiles;
	return at;
}

/* The n parts from the i-th file on. */
static void
check_file(struct transfer *t, size_t i, unsigned n, const uint8_t *sha1)
{
	const struct transfer_file *f = &t->files[i], *whole;

	if (n == 1)
		log_finding(t->log, E_FORMAT, f->name, E_NO_OFFSET,
		    "expected at least two parts of a file that is cut, found "
		    "one");
	for (size_t k = i; k < i + n; k++)
		if (t->files[k].in_media && t->files[k].declared == 0)
			log_finding(t->log, E_FORMAT, t->files[k].name,
			    E_NO_OFFSET, "expected bytes in it, found none");
	whole = transfer_payload(t, sha1);
	if (whole != NULL && !is_below(whole))
		log_finding(t->log, E_FORMAT, f->name, E_NO_OFFSET,
		    "a second name of one payload file, which is there whole: "
		    "%s",
		    whole->name);
}

/* Names are sorted: the parts of a file are together, in order. */
uint64_t
transfer_check_parts(struct transfer *t)
{
	uint8_t sha1[SHA1_LEN], last[SHA1_LEN] = {0};
	uint64_t files = 0;
	size_t stem;

	for (size_t i = 0; i < t->nfiles; i++) {
		unsigned n;

		if (!is_below(&t->files[i]))
			continue;
		if (part_number(t->files[i].name, sha1, &stem) == 0) {
			log_finding(t->log, E_FORMAT, t->files[i].name,
			    E_NO_OFFSET, "%s", expected);
			continue;
		}
		if ((n = transfer_parts(t, i, sha1)) == 0) {
			log_finding(t->log, E_FORMAT, t->files[i].name,
			    E_NO_OFFSET,
			    "expected parts numbered from 001 without a gap, "
			    "found this");
			continue;
		}
		if (files > 0 && memcmp(sha1, last, SHA1_LEN) == 0)
			log_finding(t->log, E_FORMAT, t->files[i].name,
			    E_NO_OFFSET,
			    "parts of one payload file by a second extension");
		memcpy(last, sha1, SHA1_LEN);
		check_file(t, i, n, sha1);
		files++;
		i += n - 1;
	}
	if (files == 0 && bag_info_requires(&t->info, "parts"))
		log_finding(t->log, E_FORMAT, BAG_INFO, E_NO_OFFSET,
		    "Wsusferry-Requires: 'parts', though nothing is "
		    "in " TRANSFER_PARTS);
	return files;
}
