/* SPDX-License-Identifier: ISC */
/* Folders of the site's own, that travel beside the updates. */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/transfer/transfer_tags.h"

#define PREFIX_LEN (sizeof(TRANSFER_WITH) - 1)

static bool
is_below(const struct transfer_file *f)
{
	return strncmp(f->name, TRANSFER_WITH, PREFIX_LEN) == 0;
}

/* Names are sorted, but "a-b/" stands before "a/": each name is together. */
int
transfer_with_each(const struct transfer *t,
    int (*each)(void *arg, const struct transfer_with *w, struct err *e),
    void *arg, struct err *e)
{
	struct transfer_with w = {.files = 0};

	for (size_t i = 0; i < t->nfiles; i++) {
		const char *name = t->files[i].name + PREFIX_LEN;
		size_t n;

		if (!is_below(&t->files[i]) ||
		    name[n = strcspn(name, "/")] == '\0')
			continue;
		if (strlen(w.name) != n || memcmp(w.name, name, n) != 0) {
			if (w.files != 0 && each(arg, &w, e) == -1)
				return -1;
			w = (struct transfer_with){.files = 0};
			memcpy(w.name, name, n);
		}
		w.files++;
		w.bytes += t->files[i].declared;
	}
	return w.files == 0 ? 0 : each(arg, &w, e);
}

struct seen {
	struct transfer *t;
	uint64_t names, files;
};

static int
see(void *arg, const struct transfer_with *w, struct err *e)
{
	struct seen *s = arg;
	char name[sizeof(TRANSFER_WITH) + PATH_SAFE_MAX + 1];

	(void)e;
	s->names++;
	s->files += w->files;
	snprintf(name, sizeof(name), TRANSFER_WITH "%s", w->name);
	/* Of several media the last one tells it, once. */
	if (s->names <= TRANSFER_WITH_NAMES &&
	    s->t->info.bag == s->t->info.bags)
		log_event(s->t->log, LOG_INFO, name,
		    "a folder of the site's own: %s, %s",
		    words_count(w->files, "file").s, words_size(w->bytes).s);
	return 0;
}

static void
check_limit(struct transfer *t, uint64_t found, unsigned most, const char *what)
{
	if (found > most)
		log_finding(t->log, E_LIMIT, BAG_MEDIA, E_NO_OFFSET,
		    "%llu %s in " TRANSFER_WITH ", at most %u",
		    (unsigned long long)found, what, most);
}

int
transfer_check_with(struct transfer *t, struct err *e)
{
	struct seen s = {.t = t};

	for (size_t i = 0; i < t->nfiles; i++)
		if (is_below(&t->files[i]) &&
		    strchr(t->files[i].name + PREFIX_LEN, '/') == NULL)
			log_finding(t->log, E_FORMAT, t->files[i].name,
			    E_NO_OFFSET,
			    "expected NAME/FILE behind " TRANSFER_WITH
			    ", found a file that is in no folder");
	if (transfer_with_each(t, see, &s, e) == -1)
		return -1;
	check_limit(t, s.names, TRANSFER_WITH_NAMES, "folders");
	check_limit(t, s.files, TRANSFER_WITH_FILES, "files");
	if (s.names == 0 && bag_info_requires(&t->info, "with"))
		log_finding(t->log, E_FORMAT, BAG_INFO, E_NO_OFFSET,
		    "Wsusferry-Requires: 'with', though nothing is "
		    "in " TRANSFER_WITH);
	return 0;
}
