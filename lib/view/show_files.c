/* SPDX-License-Identifier: ISC */
/* Files of an update, and the commands that get and install them. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/words.h"
#include "lib/store/content.h"
#include "lib/store/store_list.h"
#include "lib/view/here.h"
#include "lib/view/page_priv.h"
#include "lib/view/show.h"
#include "lib/view/show_priv.h"

#define FILES 200 /* shown of one update */
#define COMMANDS 12 /* of these with commands */

struct files {
	struct page *p;
	struct show *x;
	unsigned n, here;
	uint64_t bytes;
};

static bool
is_plain(const char *name)
{
	if (*name == '.' || *name == '-')
		return false;
	for (; *name != '\0'; name++)
		if (!isalnum((unsigned char)*name) &&
		    strchr("._-", *name) == NULL)
			return false;
	return true;
}

void
show_name(char to[SHOW_NAME_MAX], const struct store_file *f)
{
	char name[CONTENT_NAME_MAX];

	if (*f->name != '\0' && strlen(f->name) < SHOW_NAME_MAX &&
	    is_plain(f->name)) {
		(void)snprintf(to, SHOW_NAME_MAX, "%s", f->name);
		return;
	}
	content_name(name, f->sha1, f->ext);
	(void)snprintf(to, SHOW_NAME_MAX, "%s", name + 3);
}

/* How Windows installs a file of that name; NULL: it says so itself. */
static const char *
installer(const char *name)
{
	static const struct {
		const char *end, *command;
	} rows[] = {
	    {".msu", "wusa %s /quiet /norestart"},
	    {".cab", "dism /Online /Add-Package /PackagePath:%s /NoRestart"},
	    {".msi", "msiexec /i %s /qn /norestart"},
	    {".msp", "msiexec /update %s /qn /norestart"},
	};
	size_t i, n = strlen(name);

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (n > 4 && strcasecmp(name + n - 4, rows[i].end) == 0)
			return rows[i].command;
	return NULL;
}

static void
put_commands(struct page *p, const struct show *x, const struct store_file *f)
{
	char name[CONTENT_NAME_MAX], save[SHOW_NAME_MAX];
	const char *install;

	content_name(name, f->sha1, f->ext);
	show_name(save, f);
	page_put(p, "<pre tabindex=\"0\">");
	page_printf(p, "curl -C - -o %s ", save);
	page_text(p, x->url != NULL ? x->url : "http://SERVER:8530/");
	page_printf(p, "Content/%s", name);
	install = installer(save);
	if (install != NULL) {
		page_put(p, "\n");
		/* A constant of ours with one name in it. */
		page_textn(
		    p, install, (size_t)(strchr(install, '%') - install));
		page_put(p, save);
		page_put(p, strchr(install, '%') + 2);
	}
	page_put(p, "</pre>\n");
}

static void
put_digests(struct page *p, const struct store_file *f)
{
	char hex[2 * SHA256_LEN + 1];

	hex_upper(hex, f->sha1, SHA1_LEN);
	page_printf(p, "<p>SHA-1 <code>%s</code></p>\n", hex);
	if (!f->has_measured && !f->has_declared)
		return;
	hex_lower(hex, f->has_measured ? f->measured : f->declared, SHA256_LEN);
	page_printf(p, "<p>SHA-256 <code>%s</code></p>\n", hex);
}

static void
put_absent(struct page *p, const struct store_file *f)
{
	page_printf(p, " <span class=\"tag %s\">%s</span>",
	    f->left_out ? "warn" : "bad",
	    f->left_out ? "left out by the policy" : "absent");
}

static int
put_file(void *arg, const struct store_file *f, struct err *e)
{
	struct files *x = arg;
	struct page *p = x->p;
	char name[CONTENT_NAME_MAX];
	const char *label;
	bool here;

	x->n++;
	x->bytes += f->has_size ? f->size : 0;
	if (x->n > FILES)
		return 0;
	if (here_look(x->x->content, x->x->store, f, &here, e) == -1)
		return -1;
	content_name(name, f->sha1, f->ext);
	label = *f->name != '\0' ? f->name : name;
	page_put(p, "<div class=\"file\">\n<p>");
	if (here)
		page_printf(p, "<a href=\"%sContent/%s\">", p->root, name);
	page_text(p, label);
	page_put(p, here ? "</a>" : "");
	if (f->has_size)
		page_printf(p, " <span class=\"n\">%s", words_size(f->size).s);
	if (f->has_size && f->size >= 1024)
		page_printf(p, " (%" PRIu64 " bytes)", f->size);
	page_put(p, f->has_size ? "</span>" : "");
	if (!here)
		put_absent(p, f);
	page_put(p, "</p>\n");
	put_digests(p, f);
	if (here && x->here++ < COMMANDS)
		put_commands(p, x->x, f);
	if (!here && f->url != NULL) {
		page_put(p, "<p class=\"dim\">Where it comes from: <code>");
		page_text(p, f->url);
		page_put(p, "</code></p>\n");
	}
	page_put(p, "</div>\n");
	return 0;
}

void
show_files(struct page *p, struct show *x)
{
	struct files f = {.p = p, .x = x};

	page_put(p, "<h2>Files</h2>\n");
	if (p->bad ||
	    !page_good(p,
		store_each_file_under(
		    x->store, x->rev.row, put_file, &f, p->e)))
		return;
	if (f.n == 0)
		page_put(p, "<p>It has no payload.</p>\n");
	if (f.n > FILES)
		page_printf(p,
		    "<p>and %s more: <a href=\"%sindex.json\">index.json</a>"
		    " has them all</p>\n",
		    words_count(f.n - FILES, "file").s, p->root);
	if (f.n > 1)
		page_printf(p, "<p class=\"dim\">%s, %s in all.</p>\n",
		    words_count(f.n, "file").s, words_size(f.bytes).s);
}
