/* SPDX-License-Identifier: ISC */
/* What an upstream says of itself: its limits, its languages, its payload. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch_priv.h"

unsigned
session_clamp(bool given, int64_t max)
{
	if (!given || max < 1 || max > FETCH_BATCH_MAX)
		return FETCH_BATCH_UNKNOWN;
	return (unsigned)max;
}

static int
ask_config(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	(void)arg;
	return serversync_ask_config(b, &f->session.cookie, NULL, e);
}

/* A name that is none is not kept: they are told, and joined by blanks. */
static bool
is_lang(const char *name)
{
	return *name != '\0' &&
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* Those that are enabled; "all" alone stands for every one.  An answer with
   none, which tells that nothing has changed, changes nothing. */
void
session_langs(struct sync_upstream *u, const struct ss_config *c)
{
	size_t n = 0;

	if (!c->has_langs)
		return;
	u->languages[0] = '\0';
	for (size_t i = 0; i < c->nlangs; i++) {
		if (!c->langs[i].enabled || !is_lang(c->langs[i].name))
			continue;
		if (c->langs[i].id == 0) {
			snprintf(u->languages, sizeof(u->languages), "all");
			return;
		}
		n += (size_t)snprintf(u->languages + n,
		    sizeof(u->languages) - n, "%s%s", n > 0 ? " " : "",
		    c->langs[i].name);
	}
}

static void
keep_config(struct fetch *f, const struct ss_config *c)
{
	unsigned batch = session_clamp(c->has_max_updates, c->max_updates);

	if (c->max_updates != batch)
		log_event(f->log, LOG_DEBUG, f->peer.base,
		    "its limit of %" PRId64 " ids in one request is taken for "
		    "%u",
		    c->max_updates, batch);
	f->limits.batch = batch;
	/* Absent before Windows Server 2012, and so is the call. */
	f->limits.key_batch = c->max_decryption == 0
	    ? 0
	    : session_clamp(true, c->max_decryption);
	f->up.catalog_only = c->catalog_only;
	f->up.lazy = c->lazy;
	f->up.hosts_psf = c->hosts_psf;
	f->up.max_updates = batch;
	snprintf(f->up.version, sizeof(f->up.version), "%s", c->version);
	session_langs(&f->up, c);
}

static bool
has_lang(const char *langs, const char *name)
{
	size_t n;

	for (; *langs != '\0'; langs += n) {
		langs += strspn(langs, " ");
		n = strcspn(langs, " ");
		if (strlen(name) == n && strncasecmp(langs, name, n) == 0)
			return true;
	}
	return false;
}

/* Documents have all languages, whatever the upstream has; payload has not. */
static int
put_lacks(struct fetch *f, struct buf *b, struct err *e)
{
	const struct policy_words *w = &f->policy.languages;

	if (f->policy.express && !f->up.hosts_psf && !f->up.catalog_only &&
	    !f->o->internet_content &&
	    buf_puts(b,
		"the policy asks for express files, and the upstream says "
		"that it has none\n",
		e) == -1)
		return -1;
	if (*f->up.languages == '\0' || strcmp(f->up.languages, "all") == 0)
		return 0;
	for (size_t i = 0; i < w->n; i++)
		if (!has_lang(f->up.languages, w->v[i].text) &&
		    buf_printf(b, e,
			"the policy asks for language '%s', which is not "
			"enabled there; those are: %s\n",
			w->v[i].text, f->up.languages) == -1)
			return -1;
	return 0;
}

int
session_check_policy(struct fetch *f, struct err *e)
{
	struct buf b = BUF_INIT;
	const char *text = NULL, *line;
	bool news = false;
	int r = put_lacks(f, &b, e);

	if (r == 0 && (text = buf_str(&b, e)) == NULL)
		r = -1;
	if (r == 0)
		r = news_check_text(f, "what it lacks", text, &news, e);
	for (line = text; r == 0 && news && *line != '\0';) {
		size_t n = strcspn(line, "\n");

		log_event(f->log, LOG_WARN, f->peer.base, "%.*s", (int)n, line);
		line += n + 1;
	}
	buf_free(&b);
	return r;
}

int
session_config(struct fetch *f, struct err *e)
{
	struct session_call c = {.op = SS_GET_CONFIG_DATA, .ask = ask_config};

	if (session_call(f, &c, e) == -1)
		return -1;
	keep_config(f, &f->session.call.reply->config);
	return 0;
}

int
session_begin(struct fetch *f, struct err *e)
{
	f->session.has_auth = f->session.has_cookie = false;
	if (session_config(f, e) == -1)
		return -1;
	log_event(f->log, LOG_DEBUG, f->peer.base,
	    "session as '%s'; its version is %s, %u ids in one request, "
	    "payload %s",
	    f->peer.account, *f->up.version != '\0' ? f->up.version : "unknown",
	    f->limits.batch,
	    f->up.catalog_only ? "at the URLs of its catalogue"
			       : "on the server itself");
	log_event(f->log, LOG_DEBUG, f->peer.base,
	    "languages enabled there: %s",
	    *f->up.languages != '\0' ? f->up.languages : "not known");
	return 0;
}
