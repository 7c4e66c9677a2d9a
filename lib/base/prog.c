/* SPDX-License-Identifier: ISC */
#include "lib/base/prog.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/term.h"
#include "lib/base/words.h"

#define REDRAW_MS 200
#define LINE_MS 60000

/* What is left, by the measure that has a total: bytes before items. */
static int
left_s(const struct prog *p, uint64_t ms, uint64_t *s)
{
	uint64_t done = p->total_bytes > 0 ? p->bytes : p->items;
	uint64_t total = p->total_bytes > 0 ? p->total_bytes : p->total_items;

	if (done == 0 || done > total)
		return -1;
	*s = (uint64_t)((double)ms / 1000 * (double)(total - done) /
	    (double)done);
	return 0;
}

static void
add_items(char *line, size_t size, const struct prog *p)
{
	size_t n = strlen(line);

	if (p->items == 0 && p->total_items == 0)
		return;
	if (p->total_items > 0)
		snprintf(line + n, size - n, " %" PRIu64 " of %s,", p->items,
		    words_count(p->total_items, p->unit).s);
	else
		snprintf(line + n, size - n, " %s,",
		    words_count(p->items, p->unit).s);
}

static void
add_bytes(char *line, size_t size, const struct prog *p, uint64_t ms)
{
	struct words done = words_size(p->bytes);
	struct words rate = words_size(
	    ms == 0 ? 0 : (uint64_t)((double)p->bytes * 1000 / (double)ms));
	size_t n = strlen(line);

	if (p->bytes == 0 && p->total_bytes == 0)
		return;
	if (p->total_bytes > 0)
		snprintf(line + n, size - n, " %s of %s, %s/s,", done.s,
		    words_size(p->total_bytes).s, rate.s);
	else
		snprintf(line + n, size - n, " %s, %s/s,", done.s, rate.s);
}

static void
line_text(char *line, size_t size, const struct prog *p, uint64_t ms)
{
	uint64_t s;
	size_t n;

	snprintf(line, size, "%s:", p->what);
	add_items(line, size, p);
	add_bytes(line, size, p, ms);
	n = strlen(line);
	if (left_s(p, ms, &s) == 0)
		snprintf(line + n, size - n, " %" PRIu64 ":%02u:%02u left",
		    s / 3600, (unsigned)(s / 60 % 60), (unsigned)(s % 60));
	else
		line[n - 1] = '\0';
}

/* The last column stays free, or some terminals wrap; a number that is cut
   would be another number. */
static void
shorten(char *line, unsigned columns)
{
	unsigned used;
	size_t n = term_fit(line, strlen(line), columns - 1, &used);
	char *comma;

	if (line[n] == '\0')
		return;
	line[n + 1] = '\0';
	comma = strrchr(line, ',');
	*(comma != NULL ? comma : line + n) = '\0';
}

static void
show(struct prog *p, uint64_t now)
{
	unsigned columns = term_columns(STDERR_FILENO);
	bool redraw = columns != 0;
	char line[256];

	if (now - p->shown_ms < (redraw ? REDRAW_MS : LINE_MS))
		return;
	p->shown_ms = now;
	line_text(line, sizeof(line), p, now - p->began_ms);
	if (redraw) {
		shorten(line, columns);
		fprintf(stderr, "\r\033[K%s", line);
	} else {
		fprintf(stderr, "%s: %s\n", p->log->prog, line);
	}
	fflush(stderr);
	p->log->progress_shown = redraw;
}

void
prog_begin(struct prog *p, struct log *l, const char *what, const char *unit,
    uint64_t total_bytes, uint64_t total_items)
{
	memset(p, 0, sizeof(*p));
	p->log = l;
	p->what = what;
	p->unit = unit;
	p->total_bytes = total_bytes;
	p->total_items = total_items;
	p->began_ms = p->shown_ms = clock_ms();
}

void
prog_add(struct prog *p, uint64_t bytes, uint64_t items)
{
	p->bytes += bytes;
	p->items += items;
	if (!p->log->quiet && !p->log->json)
		show(p, clock_ms());
}

void
prog_end(struct prog *p)
{
	if (!p->log->progress_shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	p->log->progress_shown = false;
}
