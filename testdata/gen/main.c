/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testdata/gen/gen.h"

static const char usage[] =
    "usage: gencatalogue --seed N --revisions N [--doc-bytes MEAN]\n"
    "    [--payload-files N] [--payload-bytes TOTAL] [--big-files N]\n"
    "    [--missing-files N] [--extra-files N] [--languages all|en,...] "
    "[--split-bytes N]\n"
    "    [--server-id GUID] [--creation-time YYYY-MM-DDTHH:MM:SSZ]\n"
    "    [--protocol-version V] --out DIR\n"
    "writes DIR/wsusexport.cab (-2.cab, ...), DIR/WsusContent and\n"
    "DIR/expected; DIR must be absent or empty\n";

static uint64_t
number(const char *name, const char *text, uint64_t least, uint64_t most)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || *text == '-' ||
	    v < least || v > most)
		die("--%s takes %llu to %llu, not '%s'", name,
		    (unsigned long long)least, (unsigned long long)most, text);
	return v;
}

/* In the shape, 0 stands for a digit, x for a lower-case hex digit. */
static void
shaped(char *out, const char *name, const char *text, const char *shape)
{
	size_t i, n = strlen(shape);
	bool ok = strlen(text) == n;

	for (i = 0; ok && i < n; i++) {
		if (shape[i] == '0')
			ok = isdigit((unsigned char)text[i]);
		else if (shape[i] == 'x')
			ok = strchr("0123456789abcdef", text[i]) != NULL;
		else
			ok = text[i] == shape[i];
	}
	if (!ok)
		die("--%s takes the form %s, not '%s'", name, shape, text);
	memcpy(out, text, n + 1);
}

static void
read_languages(struct opts *o, const char *text)
{
	const char *end;
	size_t n;
	int i;

	for (i = 0; i < NLANGS; i++)
		o->enabled[i] = false;
	for (;; text = end + 1) {
		end = strchr(text, ',');
		n = end != NULL ? (size_t)(end - text) : strlen(text);
		for (i = 0; i < NLANGS; i++)
			if (strlen(langs[i].name) == n &&
			    strncmp(langs[i].name, text, n) == 0)
				break;
		if (i == NLANGS)
			die("--languages: no language '%.*s'", (int)n, text);
		o->enabled[i] = true;
		if (end == NULL)
			return;
	}
}

static bool
read_number(struct opts *o, const char *name, const char *v)
{
	if (strcmp(name, "seed") == 0)
		o->seed = number(name, v, 0, UINT64_MAX);
	else if (strcmp(name, "revisions") == 0)
		o->revisions = (uint32_t)number(name, v, 20, 5000000);
	else if (strcmp(name, "doc-bytes") == 0)
		o->doc_bytes = (uint32_t)number(name, v, 1, 1000000);
	else if (strcmp(name, "payload-files") == 0)
		o->payload_files = (uint32_t)number(name, v, 0, 10000000);
	else if (strcmp(name, "payload-bytes") == 0)
		o->payload_bytes = number(name, v, 0, (uint64_t)1 << 50);
	else if (strcmp(name, "big-files") == 0)
		o->big_files = (uint32_t)number(name, v, 0, 10000000);
	else if (strcmp(name, "missing-files") == 0)
		o->missing_files = (uint32_t)number(name, v, 0, 10000000);
	else if (strcmp(name, "extra-files") == 0)
		o->extra_files = (uint32_t)number(name, v, 0, 10000);
	else if (strcmp(name, "split-bytes") == 0)
		o->split_bytes = number(name, v, 1, CAB_MAX);
	else
		return false;
	return true;
}

static void
read_option(struct opts *o, const char *name, const char *v)
{
	if (read_number(o, name, v))
		return;
	if (strcmp(name, "languages") == 0)
		read_languages(o, v);
	else if (strcmp(name, "server-id") == 0)
		shaped(o->server_id, name, v,
		    "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
	else if (strcmp(name, "creation-time") == 0)
		shaped(o->creation_time, name, v, "0000-00-00T00:00:00Z");
	else if (strcmp(name, "protocol-version") == 0 &&
	    strlen(v) < sizeof(o->protocol) &&
	    strspn(v, "0123456789.") == strlen(v))
		memcpy(o->protocol, v, strlen(v) + 1);
	else if (strcmp(name, "out") == 0)
		o->out = v;
	else
		die("--%s %s: not understood\n%s", name, v, usage);
}

static void
read_options(struct gen *g, int argc, char *argv[])
{
	struct opts *o = &g->o;
	int i;

	*o = (struct opts){.doc_bytes = 6000,
	    .payload_bytes = NONE,
	    .split_bytes = CAB_MAX,
	    .enabled = {true},
	    .protocol = "1.20",
	    .creation_time = "2026-01-31T06:07:08Z"};
	for (i = 1; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2)
		read_option(o, argv[i] + 2, argv[i + 1]);
	if (i != argc || o->revisions == 0 || o->out == NULL) {
		fputs(usage, argc == 2 ? stdout : stderr);
		exit(argc == 2 && strcmp(argv[1], "--help") == 0 ? 0 : 2);
	}
	if (o->missing_files > o->payload_files)
		die("%u files missing of %u", o->missing_files,
		    o->payload_files);
	if (o->big_files == NONE)
		o->big_files = o->payload_files * 4 / 1000 + 1;
	if (o->big_files > o->payload_files)
		o->big_files = o->payload_files;
	if (o->payload_bytes == NONE)
		o->payload_bytes = (uint64_t)o->payload_files * 10000;
	if (o->server_id[0] == '\0')
		guid_of(g, 0x7fffffff, false, o->server_id);
}

static void
open_out(const char *path)
{
	struct dirent *e;
	DIR *d;

	make_dir(path);
	d = opendir(path);
	if (d == NULL)
		die("%s: %s", path, strerror(errno));
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			die("%s: the folder is not empty", path);
	closedir(d);
}

static void
release(struct gen *g)
{
	uint32_t i;

	for (i = 0; i < g->nrevs; i++) {
		free(g->revs[i].prereqs);
		free(g->revs[i].bundled);
		free(g->revs[i].superseded);
		free(g->revs[i].uses);
		free(g->revs[i].products.v);
		free(g->revs[i].classes.v);
	}
	for (i = 0; i < g->npackages; i++)
		free(g->packages[i].revs.v);
	free(g->revs);
	free(g->updates);
	free(g->files);
	free(g->packages);
}

int
main(int argc, char *argv[])
{
	struct gen g = {.revs = NULL};

	read_options(&g, argc, argv);
	open_out(g.o.out);
	plan_make(&g);
	inherit_make(&g);
	files_assign(&g);
	payload_make(&g);
	doc_scale(&g);
	doc_measure(&g);
	split_make(&g);
	write_packages(&g);
	write_counts(&g);
	release(&g);
	return 0;
}
