/* SPDX-License-Identifier: ISC */
#include "lib/base/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/os_trace.h"

#define LINE 1024

static const char *const names[TRACE_N] = {
    [TRACE_FILES] = "files", [TRACE_HTTP] = "http", [TRACE_SQL] = "sql"};

static bool on[TRACE_N];
static const char *program; /* borrowed from trace_begin()'s caller */
static uint64_t began_ms;

int
trace_begin(const char *prog, const char *areas, struct err *e)
{
	const char *p = areas != NULL ? areas : "";
	bool wanted[TRACE_N] = {false};
	size_t n;
	int a;

	program = prog;
	began_ms = clock_ms();
	for (; *p != '\0'; p += n + (p[n] == ',')) {
		n = strcspn(p, ",");
		for (a = 0; a < TRACE_N; a++)
			if (strlen(names[a]) == n &&
			    memcmp(names[a], p, n) == 0)
				break;
		if (a == TRACE_N)
			return err_set(e, E_USAGE,
			    "WSUSFERRY_TRACE: '%.*s': expected areas out of "
			    "files,http,sql",
			    (int)n, p);
		wanted[a] = true;
	}
	memcpy(on, wanted, sizeof(on));
	if (on[TRACE_FILES])
		os_trace();
	return 0;
}

bool
trace_on(enum trace_area a)
{
	return on[a];
}

void
trace_line(enum trace_area a, const char *fmt, ...)
{
	int saved = errno, n, m;
	char line[LINE];
	va_list ap;

	if (!on[a])
		return;
	n = snprintf(line, LINE, "%s: %" PRIu64 " ms: %s: ", program,
	    clock_ms() - began_ms, names[a]);
	va_start(ap, fmt);
	m = vsnprintf(line + n, LINE - (size_t)n - 1, fmt, ap);
	va_end(ap);
	if (m < 0)
		line[n] = '\0';
	utf8_clean(line);
	n = (int)strlen(line);
	line[n++] = '\n';
	/* One call for a line, so that threads do not mix theirs. */
	(void)!write(STDERR_FILENO, line, (size_t)n);
	errno = saved;
}
