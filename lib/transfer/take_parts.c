/* SPDX-License-Identifier: ISC */
/* Payload that the transfer has in parts: what it says of the whole file. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/state.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/store/payload.h"
#include "lib/transfer/container.h"
#include "lib/transfer/take.h"
#include "lib/transfer/transfer.h"

int
take_cut(struct take *t, const struct state_line *l, struct err *e)
{
	struct take_cut *c;

	if (!t->cut)
		return err_set(e, E_FORMAT,
		    "'parts': a file cut in parts, though Wsusferry-Requires "
		    "does not say 'parts'");
	if (grow(&t->cuts, &t->capcuts, t->ncuts, sizeof(*t->cuts), e) == -1)
		return -1;
	c = &t->cuts[t->ncuts++];
	*c = (struct take_cut){.size = l->size, .count = l->count};
	memcpy(c->sha1, l->sha1, SHA1_LEN);
	memcpy(c->sha256, l->sha256, SHA256_LEN);
	/* One that is longer is none that check_cut() expects. */
	snprintf(c->name, sizeof(c->name), "%.*s", (int)sizeof(c->name) - 1,
	    l->name);
	return 0;
}

static const struct take_cut *
find_cut(const struct take *t, const uint8_t sha1[SHA1_LEN])
{
	return sort_find(
	    sha1, t->cuts, t->ncuts, sizeof(*t->cuts), sort_by_sha1);
}

/* The line against the n parts from the i-th file on. */
static void
check_cut(struct take *t, const struct transfer *from, size_t i, unsigned n,
    const struct take_cut *c)
{
	char name[sizeof(c->name)], file[CONTENT_NAME_MAX];
	const char *stem = from->files[i].name + strlen(TRANSFER_PARTS);
	uint64_t bytes = 0;

	content_name(file, c->sha1, "");
	snprintf(name, sizeof(name), TAKE_CONTENT "%.3s%.*s", file,
	    (int)(strlen(stem) - strlen(".part001")), stem);
	for (size_t k = i; k < i + n; k++)
		bytes += from->files[k].declared;
	if (c->count != n)
		log_finding(t->log, E_FORMAT, TRANSFER_STATE, E_NO_OFFSET,
		    "a parts line says %" PRIu32 " parts, found %u: %s",
		    c->count, n, from->files[i].name);
	else if (strcmp(c->name, name) != 0)
		log_finding(t->log, E_FORMAT, TRANSFER_STATE, E_NO_OFFSET,
		    "a parts line calls it '%s', expected '%s'", c->name, name);
	else if (c->size != bytes)
		log_finding(t->log, E_FORMAT, TRANSFER_STATE, E_NO_OFFSET,
		    "a parts line says %" PRIu64 " bytes, " BAG_MEDIA
		    " has %" PRIu64 " in its parts: %s",
		    c->size, bytes, from->files[i].name);
}

static void
check_lines(struct take *t, const struct transfer *from)
{
	char hex[2 * SHA1_LEN + 1];

	for (size_t i = 0; i < t->ncuts; i++) {
		const char *fault = NULL;

		if (i > 0 &&
		    sort_by_sha1(t->cuts[i - 1].sha1, t->cuts[i].sha1) == 0)
			fault = "it has one already";
		else if (transfer_parts_find(from, t->cuts[i].sha1) ==
		    from->nfiles)
			fault = "no parts of it are in " TRANSFER_PARTS;
		if (fault == NULL)
			continue;
		hex_upper(hex, t->cuts[i].sha1, SHA1_LEN);
		log_finding(t->log, E_FORMAT, TRANSFER_STATE, E_NO_OFFSET,
		    "a parts line for %s, and %s", hex, fault);
	}
}

void
take_cuts_check(struct take *t, const struct transfer *from)
{
	uint8_t sha1[SHA1_LEN];
	const struct take_cut *c;
	unsigned n;

	sort_up(t->cuts, t->ncuts, sizeof(*t->cuts), sort_by_sha1);
	check_lines(t, from);
	for (size_t i = 0; t->cut && i < from->nfiles; i++) {
		if ((n = transfer_parts(from, i, sha1)) == 0)
			continue;
		if ((c = find_cut(t, sha1)) != NULL)
			check_cut(t, from, i, n, c);
		else
			log_finding(t->log, E_FORMAT, TRANSFER_STATE,
			    E_NO_OFFSET, "expected a parts line for %s",
			    from->files[i].name);
	}
}

size_t
take_cut_item(const struct take *t, const struct transfer *from, size_t i,
    struct payload_item *it, struct payload_piece *pieces)
{
	struct payload_flow *flow = NULL;
	const struct take_cut *c;
	uint8_t sha1[SHA1_LEN];
	unsigned n;

	if (!t->cut || (n = transfer_parts(from, i, sha1)) == 0 ||
	    (c = find_cut(t, sha1)) == NULL || c->count != n)
		return 0;
	for (unsigned k = 0; k < n; k++) {
		const struct transfer_file *f = &from->files[i + k];

		if (!f->present)
			return 0;
		pieces[k] = (struct payload_piece){
		    .name = f->name, .dirfd = f->dirfd, .size = f->declared};
		memcpy(pieces[k].sha256, f->sha256, SHA256_LEN);
		if (f->box != NULL)
			flow = pieces[k].flow = container_flow(f->box);
	}
	*it = (struct payload_item){.name = c->name,
	    .flow = flow,
	    .size = c->size,
	    .pieces = pieces,
	    .npieces = n,
	    .has_sha1 = true,
	    .has_sha256 = true};
	memcpy(it->sha1, c->sha1, SHA1_LEN);
	memcpy(it->sha256, c->sha256, SHA256_LEN);
	return n;
}
