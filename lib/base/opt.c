/* SPDX-License-Identifier: ISC */
#include "lib/base/opt.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/conf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/near.h"

#define OPT_MAX_ROWS 64
#define OPT_CONFIG "/etc/wsusferry/wsusferry.conf"
#define OPT_PREFIX "wsusferry-"

/* Where a value came from; the stronger is the greater. */
enum strength { UNSET, FILE_COMMON, FILE_SECTION, ENVIRONMENT, COMMAND_LINE };

struct parse {
	const struct opt_prog *prog; /* borrowed */
	enum strength from[OPT_MAX_ROWS];
	const char *config; /* borrowed: -c, or NULL */
	bool help, version;
	int nargs;
};

/* What may stand before the first section, whatever the program. */
static const char *const common_keys[] = {"store", "jobs", "trusted-keys",
    "sign-key", "site", "quiet", "verbose", "json", "log", NULL};

static const struct opt *
find_opt(const struct opt_prog *prog, const char *name, size_t len)
{
	const struct opt *o;

	for (o = prog->opts; o->type != OPT_END; o++)
		if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
			return o;
	return NULL;
}

static const struct opt *
find_letter(const struct opt_prog *prog, char letter)
{
	const struct opt *o;

	for (o = prog->opts; o->type != OPT_END; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static int
set_flag(bool *to, bool wins, const char *as, const char *v, struct err *e)
{
	bool on = v == NULL || strcmp(v, "yes") == 0;

	if (!on && strcmp(v, "no") != 0)
		return err_set(
		    e, E_USAGE, "%s takes yes or no, not '%s'", as, v);
	if (wins)
		*to = on;
	return 0;
}

static int
set_num(const struct opt *o, bool wins, const char *as, const char *v,
    struct err *e)
{
	uint64_t n;

	if (!num_read(&n, v, strlen(v), o->min, o->max))
		return err_set(e, E_USAGE,
		    "%s takes %" PRIu64 " to %" PRIu64 ", not '%s'", as, o->min,
		    o->max, v);
	if (wins)
		*(uint64_t *)o->to = n;
	return 0;
}

static int
add_item(struct opt_list *l, bool fresh, const char *as, const char *v,
    struct err *e)
{
	if (fresh)
		l->n = 0;
	if (l->n == OPT_LIST_MAX)
		return err_set(e, E_USAGE, "%s is given more than %d times", as,
		    OPT_LIST_MAX);
	l->v[l->n++] = v;
	return 0;
}

/*
 * A value that a stronger source has overruled is checked all the same.
 * as: the option as the user wrote it.
 */
static int
set(struct parse *p, const struct opt *o, enum strength from, const char *as,
    const char *v, struct err *e)
{
	enum strength *was = &p->from[o - p->prog->opts];
	bool wins = from >= *was, fresh = from > *was;

	if (wins)
		*was = from;
	if (o->type == OPT_FLAG)
		return set_flag(o->to, wins, as, v, e);
	if (v == NULL || *v == '\0')
		return err_set(e, E_USAGE, "%s needs a value: %s", as, o->arg);
	if (o->type == OPT_NUM)
		return set_num(o, wins, as, v, e);
	if (o->type == OPT_LIST && wins)
		return add_item(o->to, fresh, as, v, e);
	if (o->type == OPT_STR && wins)
		*(const char **)o->to = v;
	return 0;
}

static int
unknown(const struct opt_prog *prog, const char *arg, size_t len, struct err *e)
{
	char name[NEAR_MAX + 2];
	const struct opt *o;
	struct near near;

	snprintf(name, sizeof(name), "%.*s", (int)(len > 64 ? 64 : len), arg);
	near_begin(&near, name);
	for (o = prog->opts; o->type != OPT_END; o++)
		near_try(&near, o->name);
	near_try(&near, "config");
	near_try(&near, "help");
	near_try(&near, "version");
	if (near.best != NULL)
		return err_set(e, E_USAGE,
		    "unknown option '--%s', nearest is '--%s'", name,
		    near.best);
	return err_set(e, E_USAGE,
	    "unknown option '--%s'; --help lists the options", name);
}

static bool
named(const char *name, const char *arg, size_t len)
{
	return strlen(name) == len && memcmp(name, arg, len) == 0;
}

/*
 * "--name", "--name=value" or "--name value"; next is the argument after it or
 * NULL.  Returns how many arguments were used.
 */
static int
long_option(struct parse *p, const char *arg, const char *next, struct err *e)
{
	size_t len = strcspn(arg, "=");
	const char *v = arg[len] == '=' ? arg + len + 1 : NULL;
	const struct opt *o = find_opt(p->prog, arg, len);
	char as[NEAR_MAX + 4];
	int used = 1;

	if (v == NULL && named("help", arg, len)) {
		p->help = true;
		return 1;
	}
	if (v == NULL && named("version", arg, len)) {
		p->version = true;
		return 1;
	}
	if (o == NULL && !named("config", arg, len))
		return unknown(p->prog, arg, len, e);
	if (v == NULL && (o == NULL || o->type != OPT_FLAG)) {
		v = next;
		used = 2;
	}
	snprintf(as, sizeof(as), "--%.*s", (int)len, arg);
	if (o != NULL)
		return set(p, o, COMMAND_LINE, as, v, e) == -1 ? -1 : used;
	if (v == NULL || *v == '\0')
		return err_set(e, E_USAGE, "--config needs a value: FILE");
	p->config = v;
	return used;
}

/* "-x", "-xy", "-xVALUE" or "-x VALUE"; arg is what follows the dash. */
static int
letters(struct parse *p, const char *arg, const char *next, struct err *e)
{
	const struct opt *o;
	const char *v;
	char as[3] = "-?";

	for (; *arg != '\0'; arg++) {
		as[1] = *arg;
		o = find_letter(p->prog, *arg);
		if (o == NULL && *arg != 'c')
			return err_set(e, E_USAGE,
			    "unknown option '%s'; --help lists the options",
			    as);
		if (o != NULL && o->type == OPT_FLAG) {
			if (set(p, o, COMMAND_LINE, as, NULL, e) == -1)
				return -1;
			continue;
		}
		v = arg[1] != '\0' ? arg + 1 : next;
		if (o != NULL) {
			if (set(p, o, COMMAND_LINE, as, v, e) == -1)
				return -1;
		} else if (v == NULL || *v == '\0') {
			return err_set(e, E_USAGE, "-c needs a value: FILE");
		} else {
			p->config = v;
		}
		return arg[1] != '\0' ? 1 : 2;
	}
	return 1;
}

static int
command_line(struct parse *p, int argc, char *argv[], struct err *e)
{
	const char *next;
	int i, used;

	for (i = 1; i < argc; i += used) {
		next = i + 1 < argc ? argv[i + 1] : NULL;
		if (strcmp(argv[i], "--") == 0)
			break;
		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[++p->nargs] = argv[i];
			used = 1;
			continue;
		}
		if (argv[i][1] == '-')
			used = long_option(p, argv[i] + 2, next, e);
		else
			used = letters(p, argv[i] + 1, next, e);
		if (used == -1)
			return -1;
	}
	for (i++; i < argc; i++)
		argv[++p->nargs] = argv[i];
	if (p->nargs + 1 < argc)
		argv[p->nargs + 1] = NULL;
	return 0;
}

static int
check_operands(const struct parse *p, struct err *e)
{
	int min = p->prog->min_args, max = p->prog->max_args;

	if (p->nargs >= min && (max == -1 || p->nargs <= max))
		return 0;
	if (max == -1)
		return err_set(e, E_USAGE,
		    "expected at least %d operand%s, found %d; see --help", min,
		    min == 1 ? "" : "s", p->nargs);
	if (min == max)
		return err_set(e, E_USAGE,
		    "expected %d operand%s, found %d; see --help", min,
		    min == 1 ? "" : "s", p->nargs);
	return err_set(e, E_USAGE,
	    "expected %d to %d operands, found %d; see --help", min, max,
	    p->nargs);
}

static int
environment(struct parse *p, struct err *e)
{
	const struct opt *o;
	const char *v;

	for (o = p->prog->opts; o->type != OPT_END; o++) {
		if (o->env == NULL || (v = getenv(o->env)) == NULL ||
		    *v == '\0')
			continue;
		if (set(p, o, ENVIRONMENT, o->env, v, e) == -1)
			return -1;
	}
	return 0;
}

static int
check_common(const char *key, struct err *e)
{
	struct near near;
	size_t i;

	near_begin(&near, key);
	for (i = 0; common_keys[i] != NULL; i++) {
		if (strcmp(key, common_keys[i]) == 0)
			return 0;
		near_try(&near, common_keys[i]);
	}
	if (near.best != NULL)
		return err_set(e, E_FORMAT,
		    "'%s' is no key for all programs, nearest is '%s'", key,
		    near.best);
	return err_set(e, E_FORMAT,
	    "'%s' is no key for all programs, and no section is open", key);
}

static int
unknown_key(const struct opt_prog *prog, const char *key, struct err *e)
{
	const struct opt *o;
	struct near near;

	near_begin(&near, key);
	for (o = prog->opts; o->type != OPT_END; o++)
		near_try(&near, o->name);
	if (near.best != NULL)
		return err_set(e, E_FORMAT,
		    "unknown key '%s' of %s, nearest is '%s'", key, prog->name,
		    near.best);
	return err_set(e, E_FORMAT, "unknown key '%s' of %s", key, prog->name);
}

static int
file_line(void *arg, unsigned line, int common, const char *key,
    const char *value, struct err *e)
{
	struct parse *p = arg;
	const struct opt *o = find_opt(p->prog, key, strlen(key));
	int r;

	if (common && check_common(key, e) == -1)
		return err_ctx(e, "line %u", line);
	if (o == NULL && common)
		return 0;
	if (o == NULL) {
		unknown_key(p->prog, key, e);
		return err_ctx(e, "line %u", line);
	}
	r = set(p, o, common ? FILE_COMMON : FILE_SECTION, key, value, e);
	if (r == -1) {
		if (e->kind == E_USAGE)
			e->kind = E_FORMAT;
		return err_ctx(e, "line %u", line);
	}
	return 0;
}

/* Returns 1 when there is no such file. */
static int
read_all(const char *path, struct buf *b, struct err *e)
{
	uint8_t *p;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return 1;
	if (fd == -1)
		return err_sys(e, "%s", path);
	do {
		if ((p = buf_reserve(b, 65536, e)) == NULL) {
			close(fd);
			return err_ctx(e, "%s", path);
		}
		if ((n = read(fd, p, 65536)) > 0)
			b->len += (size_t)n;
	} while (n > 0);
	if (n == -1) {
		err_sys(e, "%s", path);
		close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

static int
config_file(struct parse *p, struct opt_state *st, struct err *e)
{
	struct buf b = BUF_INIT_MAX(CONF_MAX_BYTES + 65536 + 1);
	const char *path = p->config, *program = p->prog->name;
	const char *env = getenv("WSUSFERRY_CONFIG");
	int r;

	if (strncmp(program, OPT_PREFIX, strlen(OPT_PREFIX)) != 0)
		return 0;
	if (path == NULL && env != NULL && *env != '\0')
		path = env;
	r = read_all(path != NULL ? path : OPT_CONFIG, &b, e);
	if (r == 1 && path != NULL)
		r = err_set(e, E_USAGE, "%s: no such file", path);
	if (r == 0 && buf_str(&b, e) == NULL)
		r = -1;
	if (r != 0) {
		buf_free(&b);
		return r == 1 ? 0 : -1;
	}
	st->conf = (char *)b.p;
	if (conf_read(st->conf, b.len, program + strlen(OPT_PREFIX), file_line,
		p, e) == -1)
		return err_ctx(e, "%s", path != NULL ? path : OPT_CONFIG);
	return 0;
}

static int
print_help(const struct opt_prog *prog, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = opt_help(prog, &b, e);

	if (r == 0 && b.len > 0)
		fwrite(b.p, 1, b.len, stdout);
	buf_free(&b);
	return r;
}

bool
opt_given(
    const struct opt_prog *prog, const struct opt_state *st, const char *name)
{
	const struct opt *o = find_opt(prog, name, strlen(name));

	assert(o != NULL);
	return (st->given >> (o - prog->opts) & 1) != 0;
}

int
opt_parse(const struct opt_prog *prog, struct opt_state *st, int argc,
    char *argv[], struct err *e)
{
	struct parse p = {.prog = prog};
	size_t rows = 0;

	while (prog->opts[rows].type != OPT_END)
		rows++;
	assert(rows <= OPT_MAX_ROWS);
	st->conf = NULL;
	st->help = false;
	st->given = 0;
	if (command_line(&p, argc, argv, e) == -1)
		return -1;
	for (size_t i = 0; i < rows; i++)
		if (p.from[i] == COMMAND_LINE)
			st->given |= UINT64_C(1) << i;
	if (p.help || p.version) {
		st->help = true;
		if (p.help)
			return print_help(prog, e);
		printf("%s %s\n", prog->name, WF_VERSION);
		return 0;
	}
	if (check_operands(&p, e) == -1 || environment(&p, e) == -1 ||
	    config_file(&p, st, e) == -1)
		return -1;
	return p.nargs;
}

void
opt_release(struct opt_state *st)
{
	free(st->conf);
	st->conf = NULL;
}
