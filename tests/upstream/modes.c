/* SPDX-License-Identifier: ISC */
/*
 * The misbehaviours asked for: a file of lines
 *
 *	OP[=SHA1][#N[-[M]]] MODE [ARGUMENT]
 *
 * OP is an operation, Content, MU or Other, or * for all of them.  N and M
 * choose calls: the first that the line could apply to since the file was read
 * is 1.  "N-" is the Nth and all that follow.  "#" begins a comment line.  The
 * file is read again when it changes; the numbers begin anew then.
 */
#include "tests/upstream/upstream.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <strings.h>
#include <sys/stat.h>

struct rule {
	struct rule *next;
	char op[128], sha1[2 * SHA1_LEN + 1], mode[32], arg[256];
	uint64_t from, to;
	atomic_uint_fast64_t seen;
};

/* 1: takes an argument, 2: may take one. */
static const struct {
	const char *name;
	int arg;
} known[] = {
    {"404", 0},
    {"404-until-asked", 0},
    {"416", 0},
    {"absent-arrays", 0},
    {"anchor", 1},
    {"approve", 1},
    {"big", 1},
    {"chunked", 0},
    {"circle", 1},
    {"clock", 1},
    {"cut", 1},
    {"decline", 1},
    {"delay", 1},
    {"doc", 1},
    {"double", 0},
    {"drip", 1},
    {"empty", 0},
    {"etag", 0},
    {"expire", 1},
    {"expire-auth", 0},
    {"fault", 1},
    {"fault-bare", 0},
    {"ignore-range", 0},
    {"invent", 1},
    {"length", 1},
    {"life", 1},
    {"limit", 1},
    {"list", 1},
    {"long", 0},
    {"many", 1},
    {"nest", 1},
    {"nil", 0},
    {"omit", 1},
    {"optional", 1},
    {"other-bytes", 1},
    {"poison", 1},
    {"poison-mu", 2},
    {"prefix", 1},
    {"redirect", 2},
    {"reject-anchor", 0},
    {"repeat", 0},
    {"short", 2},
    {"shuffle", 0},
    {"status", 1},
    {"twice", 2},
    {"unasked", 0},
    {"uninstall", 1},
    {"unknown-elements", 0},
    {"unlisted-children", 0},
    {"upper", 0},
    {"vast", 1},
    {"wrong-bytes", 0},
    {"wrong-range", 0},
    {"xpress", 0},
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *file;
static struct stat seen;
static struct rule *rules; /* earlier ones are kept: answers point at them */

static bool
good_mode(const struct rule *r)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, r->mode) == 0)
			return known[i].arg == 2 ||
			    (known[i].arg == 1) == (*r->arg != '\0');
	return false;
}

/* OP[=SHA1][#N[-[M]]] */
static bool
read_target(struct rule *r, char *s)
{
	char *number = strchr(s, '#'), *sha1, *end;

	r->from = 1;
	r->to = UINT64_MAX;
	if (number != NULL) {
		*number++ = '\0';
		r->from = r->to = strtoull(number, &end, 10);
		if (r->from == 0)
			return false;
		if (*end == '-')
			r->to = end[1] != '\0' ? strtoull(end + 1, &end, 10)
					       : UINT64_MAX;
		if (r->to == UINT64_MAX)
			end += *end == '-';
		if (*end != '\0')
			return false;
	}
	if ((sha1 = strchr(s, '=')) != NULL)
		*sha1++ = '\0';
	snprintf(r->sha1, sizeof(r->sha1), "%.*s", 2 * SHA1_LEN,
	    sha1 != NULL ? sha1 : "");
	snprintf(r->op, sizeof(r->op), "%s", s);
	return *s != '\0';
}

static struct rule *
read_rule(const char *line, unsigned number)
{
	struct rule *r = calloc(1, sizeof(*r));
	char target[128];
	int at = 0;

	if (r == NULL)
		die(4, "out of memory");
	if (sscanf(line, "%127s %31s %n", target, r->mode, &at) < 2)
		die(2, "%s: line %u: expected OP MODE [ARGUMENT]", file,
		    number);
	snprintf(r->arg, sizeof(r->arg), "%s", at != 0 ? line + at : "");
	if (!read_target(r, target))
		die(2, "%s: line %u: no operation or number: %s", file, number,
		    line);
	if (!good_mode(r))
		die(2, "%s: line %u: no mode, or not with this argument: %s",
		    file, number, line);
	return r;
}

static void
read_rules(void)
{
	struct rule *all = NULL, **end = &all;
	char line[1024];
	unsigned number = 0;
	FILE *f = fopen(file, "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		size_t n = strlen(line);

		number++;
		while (n > 0 && isspace((unsigned char)line[n - 1]))
			line[--n] = '\0';
		if (n == 0 || *line == '#')
			continue;
		*end = read_rule(line, number);
		end = &(*end)->next;
	}
	if (f != NULL)
		(void)fclose(f);
	rules = all;
}

static struct rule *
look(void)
{
	struct stat st;
	struct rule *r;

	if (file == NULL)
		return NULL;
	pthread_mutex_lock(&lock);
	if (stat(file, &st) == -1)
		st = (struct stat){.st_size = 0};
	if (st.st_size != seen.st_size || st.st_ino != seen.st_ino ||
	    st.st_mtim.tv_sec != seen.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != seen.st_mtim.tv_nsec) {
		seen = st;
		read_rules();
	}
	r = rules;
	pthread_mutex_unlock(&lock);
	return r;
}

void
modes_start(const char *path)
{
	struct stat st;

	file = path;
	if (path != NULL && stat(path, &st) == -1)
		die(2, "%s: %s", path, strerror(errno));
	(void)look();
}

void
modes_match(struct wishes *w, const char *op, const char *sha1)
{
	struct rule *r;

	for (r = look(); r != NULL; r = r->next) {
		uint64_t n;

		if (strcmp(r->op, "*") != 0 && strcmp(r->op, op) != 0)
			continue;
		if (*r->sha1 != '\0' && strcasecmp(r->sha1, sha1) != 0)
			continue;
		n = atomic_fetch_add(&r->seen, 1) + 1;
		if (n < r->from || n > r->to || w->n == WISHES_MAX)
			continue;
		w->v[w->n++] = (struct wish){.mode = r->mode, .arg = r->arg};
	}
}

const char *
modes_any(const char *mode)
{
	const struct rule *r;

	for (r = look(); r != NULL; r = r->next)
		if (strcmp(r->mode, mode) == 0)
			return r->arg;
	return NULL;
}

const char *
wish(const struct wishes *w, const char *mode)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (strcmp(w->v[i].mode, mode) == 0)
			return w->v[i].arg;
	return NULL;
}

bool
wish_for(const struct wishes *w, const char *mode, const char *word)
{
	size_t i, n = strlen(word);

	for (i = 0; i < w->n; i++)
		if (strcmp(w->v[i].mode, mode) == 0 &&
		    strncasecmp(w->v[i].arg, word, n) == 0 &&
		    (w->v[i].arg[n] == '\0' || w->v[i].arg[n] == ' '))
			return true;
	return false;
}

int64_t
wish_num(const struct wishes *w, const char *mode, int64_t absent)
{
	const char *arg = wish(w, mode);

	return arg != NULL ? strtoll(arg, NULL, 10) : absent;
}
