/* SPDX-License-Identifier: ISC */
/*
 * What the tag files declare, compared with itself (wsusferry-transfer(5)):
 * names, numbers, and what this version does not know.  Every fault is told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/store/content.h"
#include "lib/transfer/transfer_tags.h"

#define CONTENT "data/" CONTENT_DIR "/"
#define PACKAGE "data/wsusexport"

static bool
is_below(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* XX/SHA1.ext, as WSUS names it, and nothing else. */
static bool
is_payload(const char *name, uint8_t sha1[SHA1_LEN])
{
	const char *base = strchr(name, '/'), *dot;
	char exact[CONTENT_NAME_MAX], ext[UPDATE_EXT_MAX + 1] = "";

	if (base == NULL || !content_parse(++base, sha1))
		return false;
	if ((dot = strchr(base, '.')) != NULL) {
		update_file_ext(ext, base);
		if (ext[0] == '\0')
			return false;
	}
	content_name(exact, sha1, ext);
	return strcmp(exact, name) == 0;
}

/* How many files are payload; names are sorted, so one digest's are together
   and differ in their extension. */
static uint64_t
check_content(struct transfer *t)
{
	uint8_t sha1[SHA1_LEN], last[SHA1_LEN] = {0};
	uint64_t n = 0;

	for (size_t i = 0; i < t->nfiles; i++) {
		const struct transfer_file *f = &t->files[i];

		if (!is_below(f->name, CONTENT))
			continue;
		if (strcmp(f->name, CONTENT CONTENT_CHECK_FILE) == 0) {
			if (f->declared != 0)
				log_finding(t->log, E_FORMAT, f->name,
				    E_NO_OFFSET,
				    "expected no byte in it, found %llu",
				    (unsigned long long)f->declared);
			continue;
		}
		if (!is_payload(f->name + strlen(CONTENT), sha1)) {
			log_finding(t->log, E_FORMAT, f->name, E_NO_OFFSET,
			    "expected XX/SHA1.ext behind %s: 40 upper-case hex "
			    "digits, in the folder of their last two",
			    CONTENT);
			continue;
		}
		if (n > 0 && memcmp(sha1, last, SHA1_LEN) == 0)
			log_finding(t->log, E_FORMAT, f->name, E_NO_OFFSET,
			    "a second name of one payload file, by another "
			    "extension than %s",
			    t->files[i - 1].name);
		memcpy(last, sha1, SHA1_LEN);
		n++;
	}
	return n;
}

/* All but payload: WSUS wants that first, and so does who reads the rest. */
static bool
is_late(const char *name)
{
	return strcmp(name, CONTENT CONTENT_CHECK_FILE) == 0 ||
	    (!is_below(name, CONTENT) && !is_below(name, TRANSFER_PARTS) &&
		!is_below(name, TRANSFER_WITH));
}

/* wsusexport.cab, wsusexport-2.cab, ... without a gap. */
static void
check_packages(struct transfer *t)
{
	const struct transfer_file *f;
	unsigned n = 0;

	while (transfer_package(t, n + 1) != NULL)
		n++;
	if (n == 0)
		log_finding(t->log, E_FORMAT, BAG_MANIFEST, E_NO_OFFSET,
		    "expected " PACKAGE ".cab in it, found none");
	for (size_t i = 0; i < t->nfiles; i++) {
		f = &t->files[i];
		if (t->info.bags > 1 && is_late(f->name) &&
		    f->medium != t->info.bags && f->in_media)
			log_finding(t->log, E_FORMAT, f->name, E_NO_OFFSET,
			    "expected on the last medium, %u, found on %u",
			    t->info.bags, f->medium);
		if (is_below(f->name, PACKAGE) && !transfer_knows(t, f->name))
			log_finding(t->log, E_FORMAT, f->name, E_NO_OFFSET,
			    "expected packages " PACKAGE ".cab, -2.cab and so "
			    "on without a gap, found this behind %u of them",
			    n);
	}
}

bool
transfer_knows(const struct transfer *t, const char *name)
{
	static const char *const known[] = {TRANSFER_STATE,
	    "data/inventory.csv", CONTENT CONTENT_CHECK_FILE, BAG_DECLARATION,
	    BAG_INFO, BAG_LEDGER, BAG_MANIFEST, BAG_MEDIA, BAG_README,
	    BAG_VERIFY, BAG_POLICY, "data/approve.csv", "data/wsus-import.cmd"};
	const struct transfer_file *f;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], name) == 0)
			return true;
	for (unsigned n = 1; (f = transfer_package(t, n)) != NULL; n++)
		if (strcmp(f->name, name) == 0)
			return true;
	return is_below(name, CONTENT) || is_below(name, TRANSFER_PARTS) ||
	    is_below(name, TRANSFER_WITH);
}

/* A folder whose word a reader must know, and the word is not there. */
static const char *
lacks_word(const struct transfer *t, const char *name)
{
	static const char *const words[] = {"origins", "parts", "with"};

	if (!is_below(name, "data/"))
		return NULL;
	name += strlen("data/");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_below(name, words[i]) && name[strlen(words[i])] == '/' &&
		    !bag_info_requires(&t->info, words[i]))
			return words[i];
	return NULL;
}

/* A newer program may add some; they are compared as all the others. */
static void
tell_unknown(struct transfer *t, const struct transfer_file *files, size_t n)
{
	const char *word;

	for (size_t i = 0; i < n; i++) {
		const char *name = files[i].name;

		word = lacks_word(t, name);
		if (files[i].elsewhere || is_below(name, PACKAGE) ||
		    (word == NULL && transfer_knows(t, name)))
			continue;
		if (word != NULL)
			log_finding(t->log, E_FORMAT, name, E_NO_OFFSET,
			    "expected the word '%s' in Wsusferry-Requires "
			    "where there is such a file",
			    word);
		else
			log_event(t->log, LOG_INFO, name,
			    "declared, and not known to this wsusferry: "
			    "compared with its digest and otherwise ignored");
	}
}

static void
check_media(struct transfer *t)
{
	for (size_t i = 0; i < t->nfiles; i++) {
		const struct transfer_file *f = &t->files[i];

		if (!f->in_media)
			log_finding(t->log, E_FORMAT, BAG_MEDIA, E_NO_OFFSET,
			    "%s is missing in it", f->name);
		else if (f->medium != t->info.bag && !f->elsewhere)
			log_finding(t->log, E_FORMAT, BAG_MEDIA, E_NO_OFFSET,
			    "%s is on medium %u there, and Bag-Count is %u of "
			    "%u",
			    f->name, f->medium, t->info.bag, t->info.bags);
	}
}

static void
check_oxum(struct transfer *t)
{
	uint64_t bytes = 0, files = t->nfiles - t->nelsewhere;
	bool sized = true;

	for (size_t i = 0; i < t->nfiles; i++) {
		if (t->files[i].elsewhere)
			continue;
		sized = sized && t->files[i].in_media;
		bytes += t->files[i].declared;
	}
	if (sized &&
	    (bytes != t->info.oxum_bytes || files != t->info.oxum_files))
		log_finding(t->log, E_FORMAT, BAG_INFO, E_NO_OFFSET,
		    "Payload-Oxum is %llu.%llu, %s says %llu.%llu",
		    (unsigned long long)t->info.oxum_bytes,
		    (unsigned long long)t->info.oxum_files, BAG_MEDIA,
		    (unsigned long long)bytes, (unsigned long long)files);
}

static void
check_numbers(struct transfer *t)
{
	check_oxum(t);
	if (t->ncontent != t->info.files)
		log_finding(t->log, E_FORMAT, BAG_INFO, E_NO_OFFSET,
		    "Wsusferry-Files is %llu, %s has %llu",
		    (unsigned long long)t->info.files,
		    t->info.bags > 1 ? BAG_MEDIA : BAG_MANIFEST,
		    (unsigned long long)t->ncontent);
}

/* Also those of the files that stand outside the manifests. */
static int
check_names(struct transfer *t, struct err *e)
{
	size_t n = 0, max = t->nfiles + t->ntags + 2;
	const char **names = calloc(max, sizeof(*names));
	struct err fault = ERR_INIT;

	if (names == NULL)
		return err_nomem(e);
	names[n++] = BAG_TAGMANIFEST;
	names[n++] = BAG_SIGNATURE;
	for (size_t i = 0; i < t->nfiles; i++)
		names[n++] = t->files[i].name;
	for (size_t i = 0; i < t->ntags; i++)
		names[n++] = t->tags[i].name;
	if (bag_names_check(names, n, &fault) == -1)
		log_finding_err(t->log, BAG_TAGMANIFEST, &fault);
	free(names);
	return 0;
}

int
transfer_check(struct transfer *t, struct err *e)
{
	if (check_names(t, e) == -1)
		return -1;
	check_media(t);
	check_packages(t);
	t->ncontent = check_content(t) + transfer_check_parts(t);
	check_numbers(t);
	tell_unknown(t, t->files, t->nfiles);
	tell_unknown(t, t->tags, t->ntags);
	return transfer_check_with(t, e);
}
