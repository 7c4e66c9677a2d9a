/* SPDX-License-Identifier: ISC */
/* What a run says at its end: a summary, and figures for Prometheus. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/out.h"
#include "lib/base/words.h"
#include "lib/base/stop.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/store/store.h"

#define TEXT_MAX 512

int
fetch_check(struct fetch *f, struct err *e)
{
	if (stop_check(e) == -1)
		return -1;
	if (f->until != 0 && (int64_t)time(NULL) >= f->until)
		return err_set(
		    e, E_STOP, "it is %s, as --until says", f->o->until);
	return 0;
}

void
fetch_kept_other(struct fetch *f, struct err *e)
{
	log_event(
	    f->log, LOG_INFO, f->peer.base, "%s; what is held is kept", e->msg);
	err_clear(e);
	f->n.kept_other++;
}

static void
tell_kept_other(struct fetch *f)
{
	if (f->n.kept_other != 0)
		log_event(f->log, LOG_WARN, f->peer.base,
		    "%s came with another document than is held, which is "
		    "kept; the log names each: ask who runs this upstream",
		    words_count(f->n.kept_other, "revision").s);
}

/* Anything that a person would want to hear of? */
static bool
is_news(const struct fetch *f)
{
	return f->n.new_revisions != 0 || f->n.files != 0 ||
	    f->n.files_failed != 0 || f->n.files_left != 0 ||
	    f->n.unavailable != 0 || f->n.absent != 0 || f->n.kept_other != 0;
}

/* Those enabled at the upstream; none where it never said. */
static void
json_langs(struct json *j, const char *langs)
{
	char words[SYNC_LANGS_MAX], *p = words, *word;

	snprintf(words, sizeof(words), "%s", langs);
	json_list(j, "languages");
	while ((word = strsep(&p, " ")) != NULL)
		if (*word != '\0')
			json_item(j, word);
	json_list_end(j);
}

static void
json_summary(struct fetch *f, struct json *j)
{
	json_begin(j);
	json_str(j, "type", "summary");
	json_bool(j, "dry_run", f->o->dry_run);
	json_str(j, "upstream", f->peer.base);
	json_langs(j, f->up.languages);
	json_num(j, "listed", f->n.listed);
	json_num(j, "to_get", f->n.to_get);
	json_num(j, "new_revisions", f->n.new_revisions);
	json_num(j, "unavailable", f->n.unavailable);
	json_num(j, "absent", f->n.absent);
	lacking_json(j, &f->lacking);
	json_num(j, "other_bytes", f->n.kept_other);
	json_num(j, "new_files", f->n.files);
	json_num(j, "new_bytes", f->n.files_bytes);
	json_num(j, "failed_files", f->n.files_failed);
	json_num(j, "left_files", f->n.files_left);
	json_num(j, "left_bytes", f->n.bytes_left);
	json_num(j, "requests", f->n.requests);
	json_num(j, "faults", f->n.faults);
	json_num(j, "waiting_documents", f->n.waiting);
	json_num(j, "revisions_to_do", f->n.to_do);
	json_num(j, "metadata_bytes", f->n.got_bytes);
	json_num(j, "milliseconds", clock_ms() - f->began_ms);
}

static void
add_text(char to[TEXT_MAX], const char *joint, const char *text)
{
	size_t at = strlen(to);

	snprintf(to + at, TEXT_MAX - at, "%s%s", at == 0 ? "" : joint, text);
}

/* ", 3 new revisions"; of nothing nothing is said. */
static void
add_count(char to[TEXT_MAX], const char *joint, uint64_t n, const char *one)
{
	if (n != 0)
		add_text(to, joint, words_count(n, one).s);
}

static void
add_bytes(char to[TEXT_MAX], uint64_t n)
{
	if (n != 0)
		add_text(to, ", ", words_size(n).s);
}

/* ", 3 gone upstream": no word takes a plural. */
static void
add_such(char to[TEXT_MAX], uint64_t n, const char *such)
{
	char text[80];

	snprintf(text, sizeof(text), "%" PRIu64 " %s", n, such);
	if (n != 0)
		add_text(to, ", ", text);
}

static void
add_done(char to[TEXT_MAX], const struct fetch *f)
{
	add_count(to, ", ", f->n.new_revisions, "new revision");
	add_count(to, ", ", f->n.files, "file");
	add_bytes(to, f->n.files_bytes);
	add_such(to, f->n.files_failed, "failed");
	add_count(to, ", ", f->n.unavailable, "unavailable revision");
	add_such(to, f->n.absent, "gone upstream");
}

/* Of a run that ended early: what it leaves to the next one. */
static void
failed_text(char to[TEXT_MAX], const struct fetch *f)
{
	char kept[TEXT_MAX] = "";

	add_done(kept, f);
	add_count(kept, ", ", f->n.waiting, "waiting document");
	add_such(kept, f->n.to_do, "to go");
	if (*kept == '\0')
		snprintf(to, TEXT_MAX, "nothing new came");
	else
		snprintf(
		    to, TEXT_MAX, "kept: %.450s; the next run goes on", kept);
}

static void
text(char to[TEXT_MAX], const struct fetch *f, bool failed)
{
	*to = '\0';
	if (failed) {
		failed_text(to, f);
	} else if (f->o->dry_run) {
		snprintf(to, TEXT_MAX, "would get %" PRIu64 " of %s, %s",
		    f->n.to_get, words_count(f->n.listed, "listed revision").s,
		    words_count(f->n.files_left, "file").s);
	} else {
		add_done(to, f);
		if (*to == '\0')
			snprintf(to, TEXT_MAX, "nothing new");
		add_count(to, "; ", f->n.requests, "request");
		add_count(to, ", ", f->n.faults, "fault");
	}
}

/* What waits in the store, as far as that can be asked. */
static void
see_left(struct fetch *f)
{
	struct err none = ERR_INIT;
	struct sync_counts n;

	if (f->store == NULL)
		return;
	if (sync_counts(f->store, f->up.row, &n, &none) == -1) {
		err_clear(&none);
		return;
	}
	f->n.waiting = n.inbox;
	f->n.to_do = n.todo;
}

void
fetch_say_left(struct fetch *f, struct err *e)
{
	struct err stop = *e;
	char left[TEXT_MAX] = "";

	if (e->kind != E_STOP)
		return;
	see_left(f);
	add_count(left, ", ", f->n.to_do, "revision");
	add_count(left, ", ", f->n.files_left, "payload file");
	add_bytes(left, f->n.bytes_left);
	err_clear(e);
	err_set(e, E_STOP, "%.400s; the next run goes on%s%s", stop.msg,
	    *left != '\0' ? " with " : "", left);
}

void
fetch_summary(struct fetch *f, bool failed)
{
	struct json j = JSON_INIT;
	struct log *log = f->log;
	bool quiet = log->quiet;
	char said[TEXT_MAX];

	see_left(f);
	tell_kept_other(f);
	if (is_news(f) || f->o->dry_run ||
	    (failed && f->n.waiting + f->n.to_do > 0))
		log->quiet = f->quiet;
	text(said, f, failed);
	json_summary(f, &j);
	log_summary(log, &j, "%s", said);
	log->quiet = quiet;
	json_free(&j);
}

static int
gauge(
    struct buf *b, const char *name, const char *help, int64_t v, struct err *e)
{
	return buf_printf(b, e,
	    "# HELP wsusferry_fetch_%s %s\n# TYPE wsusferry_fetch_%s gauge\n"
	    "wsusferry_fetch_%s %" PRId64 "\n",
	    name, help, name, name, v);
}

static int
write_figures(struct fetch *f, int status, struct buf *b, struct err *e)
{
	const struct {
		const char *name, *help;
		int64_t v;
	} rows[] = {
	    {"last_success_timestamp_seconds",
		"When a run last ended well; 0: never.", f->up.last_success},
	    {"last_run_timestamp_seconds", "When the last run ended.",
		(int64_t)time(NULL)},
	    {"status", "Exit status of the last run.", status},
	    {"duration_milliseconds", "How long the last run took.",
		(int64_t)(clock_ms() - f->began_ms)},
	    {"newest_revision_timestamp_seconds",
		"Creation of the newest revision held; 0: none is.",
		f->n.newest},
	    {"new_revisions", "Revisions that the last run took.",
		(int64_t)f->n.new_revisions},
	    {"new_files", "Payload files that the last run got.",
		(int64_t)f->n.files},
	    {"new_bytes", "Bytes of payload that the last run got.",
		(int64_t)f->n.files_bytes},
	    {"failed_files", "Payload files that could not be had.",
		(int64_t)f->n.files_failed},
	    {"unavailable_revisions",
		"Revisions that the upstream lists and does not give.",
		(int64_t)f->n.unavailable},
	    {"absent_revisions",
		"Revisions that vanished upstream, seen by the last run.",
		(int64_t)f->n.absent},
	    {"other_revisions",
		"Revisions that came with another document than is held.",
		(int64_t)f->n.kept_other},
	    {"lacking_revisions",
		"Revisions held that lack what they need or bundle.",
		(int64_t)f->lacking.revisions},
	    {"requests", "Requests of the last run.", (int64_t)f->n.requests},
	    {"faults", "Faults that the upstream answered with.",
		(int64_t)f->n.faults},
	    {"metadata_bytes", "Bytes of answers with metadata.",
		(int64_t)f->n.got_bytes},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (gauge(b, rows[i].name, rows[i].help, rows[i].v, e) == -1)
			return -1;
	return 0;
}

/* The folder of a path, and its last component. */
static int
open_folder(const char *path, const char **name, int *dirfd, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char *dir;

	*name = slash != NULL ? slash + 1 : path;
	dir = slash == NULL ? strdup(".")
	    : slash == path ? strdup("/")
			    : strndup(path, (size_t)(slash - path));
	if (dir == NULL)
		return err_nomem(e);
	*dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*dirfd == -1)
		err_sys(e, "'%s'", dir);
	free(dir);
	return *dirfd == -1 ? -1 : 0;
}

int
fetch_metrics(struct fetch *f, int status, struct err *e)
{
	struct out out = OUT_INIT;
	struct buf b = BUF_INIT;
	const char *name;
	int dirfd = -1, r = -1;

	if (f->o->metrics == NULL || f->o->dry_run)
		return 0;
	out.replace = true;
	if (write_figures(f, status, &b, e) == -1 ||
	    open_folder(f->o->metrics, &name, &dirfd, e) == -1 ||
	    out_open(&out, dirfd, name, 0644, e) == -1)
		goto out;
	if (out_write(&out, b.p, b.len, e) == 0)
		r = out_commit(&out, e);
out:
	out_abort(&out);
	if (dirfd != -1)
		close(dirfd);
	buf_free(&b);
	return r == 0 ? 0 : err_ctx(e, "metrics '%s'", f->o->metrics);
}
