/* SPDX-License-Identifier: ISC */
#include "lib/store/lacking.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/store/gone.h"
#include "lib/store/store.h"
#include "lib/store/sync.h"

#define FIRST 3 /* named, where there are more */

struct teller {
	struct log *log;
	const struct lacking_how *how;
	uint64_t n; /* revisions or files told */
	/* The revision that is told next, with what it lacks first. */
	int64_t row; /* 0: none */
	struct words name;
	char text[2 * LACKING_WORDS];
	unsigned more; /* what else it lacks */
	char first[1024]; /* files, one after the other */
};

struct words
lacking_name(const char *kb, const struct guid *id)
{
	struct words w;

	if (kb != NULL)
		snprintf(w.s, sizeof(w.s), "KB%.50s", kb);
	else
		guid_write(w.s, id);
	return w;
}

void
lacking_words(char to[LACKING_WORDS], const struct lacking_rev *r)
{
	const char *gone = r->refused ? "which the upstream does not offer"
				      : "which is not held";
	char id[GUID_LEN + 1];

	guid_write(id, &r->needs);
	if (r->among != 0)
		snprintf(to, LACKING_WORDS,
		    "needs one of %u, of which none is held; the first is %s",
		    r->among, id);
	else if (!r->bundled)
		snprintf(to, LACKING_WORDS, "needs %s, %s", id, gone);
	else if (r->needs_title != NULL)
		snprintf(to, LACKING_WORDS,
		    "bundles revision %" PRIu32 " of '%.200s' (%s), %s",
		    r->needs_revision, r->needs_title, id, gone);
	else
		snprintf(to, LACKING_WORDS,
		    "bundles revision %" PRIu32 " of %s, %s", r->needs_revision,
		    id, gone);
}

static void
say_group(const struct teller *t, const char *subject, const char *text)
{
	if (t->how->findings)
		log_finding(
		    t->log, E_PARTIAL, subject, E_NO_OFFSET, "%s", text);
	else
		log_event(t->log, LOG_WARN, subject, "%s", text);
}

static bool
enough(const struct teller *t)
{
	return t->n >= FIRST && t->log->verbose == 0;
}

static void
flush_rev(struct teller *t)
{
	size_t used = strlen(t->text);

	if (t->row == 0)
		return;
	if (t->more != 0)
		snprintf(t->text + used, sizeof(t->text) - used,
		    ", and lacks %u more", t->more);
	say_group(t, t->name.s, t->text);
	t->row = 0;
	t->n++;
}

/* A line for each revision; with -v for each thing that it lacks. */
static int
tell_rev(void *arg, const struct lacking_rev *r, struct err *e)
{
	struct teller *t = arg;
	const char *verb = t->how->verb;
	char why[LACKING_WORDS];

	(void)e;
	if (t->row == r->row && t->log->verbose == 0) {
		t->more++;
		return 0;
	}
	t->n -= t->row == r->row; /* it counts once */
	flush_rev(t);
	if (enough(t))
		return 1;
	lacking_words(why, r);
	snprintf(t->text, sizeof(t->text), "%s%.200s%s%s%s%s",
	    r->title != NULL ? "'" : "", r->title != NULL ? r->title : "",
	    r->title != NULL ? "' " : "", verb != NULL ? verb : "",
	    verb != NULL ? ": it " : "", why);
	t->name = lacking_name(r->kb, &r->id);
	t->row = r->row;
	t->more = 0;
	return 0;
}

static int
see_upstream(void *arg, const struct sync_upstream *u, struct err *e)
{
	(void)u, (void)e;
	*(bool *)arg = true;
	return 0;
}

/* What to do, where the caller does not know better. */
static int
cures(struct lacking_how *how, struct store *s, struct err *e)
{
	bool fetches = false;

	if (sync_each_upstream(s, see_upstream, &fetches, e) == -1)
		return -1;
	if (how->revisions == NULL)
		how->revisions = fetches
		    ? "wsusferry-fetch --full asks for it again; a package "
		      "that has it can be imported too"
		    : "complete it where the package or transfer was made, "
		      "and import what is made then";
	if (how->files == NULL)
		how->files = fetches
		    ? "wsusferry-fetch gets what its policy wants"
		    : "import a transfer that carries them, or the package "
		      "again with --content";
	return 0;
}

static const char *
rest(bool all)
{
	return all ? "" : "; all of them: wsusferry-list lacking";
}

/* Nobody lacks these: another member of their group is held, or is told. */
static int
tell_other(void *arg, const struct guid *id, uint64_t named_by, struct err *e)
{
	struct teller *t = arg;
	char text[GUID_LEN + 1];

	(void)e;
	guid_write(text, id);
	log_event(t->log, LOG_DEBUG, text,
	    "not held, an alternative that %s %s",
	    words_count(named_by, "revision").s,
	    words_pick(named_by, "names", "name"));
	return 0;
}

static int
tell_revisions(struct teller *t, struct store *s, const struct lacking_of *of,
    const struct lacking *l, struct err *e)
{
	char text[512];

	if (l->revisions == 0)
		return 0;
	if (lacking_each_rev(s, of, tell_rev, t, e) == -1)
		return -1;
	flush_rev(t);
	snprintf(text, sizeof(text), "%s %s %s not held: %s%s",
	    words_count(l->revisions, "revision").s,
	    words_pick(l->revisions, "lacks", "lack"),
	    words_count(l->needs, "update").s, t->how->revisions,
	    rest(t->n >= l->revisions));
	/* What was found one by one is not found again. */
	if (t->how->findings && t->n >= l->revisions)
		log_event(t->log, LOG_INFO, t->how->subject, "%s", text);
	else
		say_group(t, t->how->subject, text);
	return 0;
}

static int
tell_file(void *arg, const struct lacking_file *f, struct err *e)
{
	struct teller *t = arg;
	size_t used = strlen(t->first);
	char hex[2 * SHA1_LEN + 1], text[256 + CONTENT_FAULT_MAX];

	(void)e;
	hex_upper(hex, f->sha1, SHA1_LEN);
	snprintf(text, sizeof(text), "'%.80s'%s%s (%s)%s%s", f->name,
	    f->has_size ? ", " : "", f->has_size ? words_size(f->size).s : "",
	    hex, *f->fault != '\0' ? ", " : "", f->fault);
	if (t->n++ < FIRST)
		snprintf(t->first + used, sizeof(t->first) - used,
		    "%s%s '%.60s' %s", used > 0 ? "; " : "",
		    lacking_name(f->kb, &f->id).s,
		    f->title != NULL ? f->title : "", text);
	if (t->log->verbose > 0)
		log_event(t->log, LOG_DEBUG, lacking_name(f->kb, &f->id).s,
		    "%s is named and not here", text);
	return enough(t);
}

/* ", 2 of them lost or damaged", where there are such. */
#define DAMAGE_MAX 64
static void
damage(char to[DAMAGE_MAX], const struct lacking *l)
{
	*to = '\0';
	if (l->damaged != 0)
		snprintf(to, DAMAGE_MAX,
		    ", %" PRIu64 " of them lost or damaged", l->damaged);
}

static int
tell_files(struct teller *t, struct store *s, const struct lacking_of *of,
    const struct lacking *l, struct err *e)
{
	char text[1536], had[DAMAGE_MAX];
	bool brief = t->how->brief && t->log->verbose == 0;

	if (l->files == 0)
		return 0;
	if (!brief && lacking_each_file(s, of, tell_file, t, e) == -1)
		return -1;
	damage(had, l);
	snprintf(text, sizeof(text), "%s %s named and not here, %s%s%s%s: %s%s",
	    words_count(l->files, "payload file").s,
	    words_pick(l->files, "is", "are"), words_size(l->bytes).s, had,
	    brief		   ? ""
		: l->files > FIRST ? "; first three: "
				   : ": ",
	    t->first, t->how->files, rest(!brief && l->files <= FIRST));
	/* What was found one by one is not found again. */
	if (t->how->findings && l->damaged == l->files)
		log_event(t->log, LOG_INFO, t->how->subject, "%s", text);
	else
		say_group(t, t->how->subject, text);
	return 0;
}

static int
tell_all(struct store *s, struct log *log, const struct lacking_of *of,
    const struct lacking_how *how, struct lacking *l, struct err *e)
{
	struct lacking_how with = how != NULL
	    ? *how
	    : (struct lacking_how){.verb = NULL};
	struct teller revs = {.log = log, .how = &with};
	struct teller files = {.log = log, .how = &with};

	if (lacking_count(s, of, l, e) == -1 || cures(&with, s, e) == -1 ||
	    tell_revisions(&revs, s, of, l, e) == -1 ||
	    tell_files(&files, s, of, l, e) == -1)
		return -1;
	if (log->verbose > 0 &&
	    lacking_each_other(s, tell_other, &revs, e) == -1)
		return -1;
	log->worst = lacking_worst(l, log->worst);
	if (with.left_out != NULL) {
		l->left_out = with.left_out->left_out;
		l->left_out_bytes = with.left_out->left_out_bytes;
	}
	if (l->left_out != 0)
		log_event(log, LOG_INFO, with.subject,
		    "%s, %s, %s left out on purpose by a policy",
		    words_count(l->left_out, "payload file").s,
		    words_size(l->left_out_bytes).s,
		    words_pick(l->left_out, "is", "are"));
	return 0;
}

int
lacking_tell(struct store *s, struct log *log, const struct lacking_of *of,
    const struct lacking_how *how, struct lacking *l, struct err *e)
{
	struct lacking_of once = of != NULL ? *of
					    : (struct lacking_of){.only = NULL};
	struct gone g = {.v = NULL};
	int r = 0;

	if (once.gone == NULL && !once.noted && !once.no_files) {
		r = gone_find(&g, s, e);
		once.gone = &g;
	}
	if (r == 0)
		r = tell_all(s, log, &once, how, l, e);
	gone_free(&g);
	return r;
}

void
lacking_json(struct json *j, const struct lacking *l)
{
	json_num(j, "lacking_revisions", l->revisions);
	json_num(j, "missing_revisions", l->needs);
	json_num(j, "absent_files", l->files);
	json_num(j, "absent_bytes", l->bytes);
	json_num(j, "damaged_files", l->damaged);
	json_num(j, "unwanted_files", l->left_out);
	json_num(j, "unwanted_bytes", l->left_out_bytes);
}

struct lacking_text
lacking_summary(const struct lacking *l)
{
	struct lacking_text t;
	char had[DAMAGE_MAX];

	damage(had, l);
	snprintf(t.s, sizeof(t.s),
	    "%s absent (%s)%s, %s left out by policy; %s "
	    "incomplete",
	    words_count(l->files, "file").s, words_size(l->bytes).s, had,
	    words_count(l->left_out, "file").s,
	    words_count(l->revisions, "revision").s);
	return t;
}
