/* SPDX-License-Identifier: ISC */
#include "lib/base/opt.h"

#include <unistd.h>

#include "lib/base/buf.h"
#include "tests/t.h"

#define MAX_ARGS 16

/* The values of one run, its table, and what was parsed. */
struct run {
	const char *store, *to;
	uint64_t jobs;
	bool quiet, json;
	struct opt_list ids, sites;
	struct opt_state st;
	int nargs;
	char *argv[MAX_ARGS + 1];
	struct err e;
};

static int
parse_as(struct run *r, const char *name, int min, int max, const char *args)
{
	const struct opt opts[] = {
	    {OPT_STR, 's', "store", &r->store, "DIR", "the store", "T_STORE", 0,
		0},
	    {OPT_NUM, 'j', "jobs", &r->jobs, "N", "threads", "T_JOBS", 1, 64},
	    {OPT_FLAG, 'q', "quiet", &r->quiet, NULL, "say less", NULL, 0, 0},
	    {OPT_FLAG, 0, "json", &r->json, NULL, "objects", "T_JSON", 0, 0},
	    {OPT_LIST, 'i', "id", &r->ids, "ID", "an update", "T_ID", 0, 0},
	    {OPT_LIST, 0, "site", &r->sites, "NAME", "a site", NULL, 0, 0},
	    {OPT_STR, 0, "to", &r->to, "DIR", "where to", NULL, 0, 0},
	    {OPT_END, 0, NULL, NULL, NULL, NULL, NULL, 0, 0},
	};
	static const char *const synopsis[] = {"[FILE ...]", NULL};
	const struct opt_prog prog = {name, synopsis, "a test", opts, min, max};
	static struct opt_state last; /* values stay until the next run */
	static char copy[2048];
	char *save, *word;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", args);
	r->argv[argc++] = copy + sizeof(copy) - 1;
	for (word = strtok_r(copy, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save))
		r->argv[argc++] = strcmp(word, "''") == 0 ? word + 2 : word;
	r->argv[argc] = NULL;
	r->nargs = opt_parse(&prog, &r->st, argc, r->argv, &r->e);
	opt_release(&last);
	last = r->st;
	r->st.conf = NULL;
	return r->nargs < 0 ? -1 : 0;
}

static int
parse(struct run *r, const char *args)
{
	memset(r, 0, sizeof(*r));
	r->e.at = E_NO_OFFSET;
	r->jobs = 1;
	return parse_as(r, "wsusferry-import", 0, -1, args);
}

static void
parses(struct run *r, const char *args)
{
	T_CALL(parse(r, args), &r->e);
}

static void
refuses(const char *args, const char *why)
{
	struct run r;

	T_FAILS(parse(&r, args), &r.e, E_USAGE, why);
}

/* A configuration file with this text; named by WSUSFERRY_CONFIG. */
static void
config(const char *text)
{
	static char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/conf", t_tmpdir());
	if ((f = fopen(path, "w")) == NULL)
		abort();
	fputs(text, f);
	fclose(f);
	setenv("WSUSFERRY_CONFIG", path, 1);
}

static void
config_refused(const char *text, const char *why)
{
	struct run r;

	config(text);
	T_FAILS(parse(&r, ""), &r.e, E_FORMAT, why);
}

static void
no_config(void)
{
	setenv("WSUSFERRY_CONFIG", "/dev/null", 1);
}

T_TEST(every_way_to_give_a_value)
{
	struct run r;

	no_config();
	parses(&r, "--store=a --jobs 4 -q --json");
	T_STR(r.store, "a");
	T_EQ(r.jobs, 4);
	T_OK(r.quiet && r.json);
	parses(&r, "-s a=b -j4");
	T_STR(r.store, "a=b");
	T_EQ(r.jobs, 4);
	T_OK(!r.quiet && !r.json);
	parses(&r, "-qsdir");
	T_STR(r.store, "dir");
	T_OK(r.quiet);
	parses(&r, "-qj 7 --store --json");
	T_EQ(r.jobs, 7);
	T_STR(r.store, "--json");
	parses(&r, "-j 2 -j 3 -q --quiet=no");
	T_EQ(r.jobs, 3);
	T_OK(!r.quiet);
}

T_TEST(options_and_operands_may_be_mixed)
{
	struct run r;

	no_config();
	parses(&r, "one -q two --store=s - three -- -q --jobs");
	T_EQ(r.nargs, 6);
	T_STR(r.argv[1], "one");
	T_STR(r.argv[2], "two");
	T_STR(r.argv[3], "-");
	T_STR(r.argv[4], "three");
	T_STR(r.argv[5], "-q");
	T_STR(r.argv[6], "--jobs");
	T_OK(r.argv[7] == NULL);
	T_STR(r.store, "s");
	parses(&r, "--");
	T_EQ(r.nargs, 0);
	T_OK(r.argv[1] == NULL);
	parses(&r, "");
	T_EQ(r.nargs, 0);
}

T_TEST(numbers_are_parsed_whole_and_the_range_is_told)
{
	no_config();
	refuses("--jobs 0", "--jobs takes 1 to 64, not '0'");
	refuses("--jobs=65", "--jobs takes 1 to 64, not '65'");
	refuses("-j 0x4", "-j takes 1 to 64, not '0x4'");
	refuses("-j4k", "-j takes 1 to 64, not '4k'");
	refuses("-j -1", "-j takes 1 to 64, not '-1'");
	refuses("-j 99999999999999999999999", "takes 1 to 64");
}

T_TEST(unknown_options_are_answered_with_the_nearest)
{
	no_config();
	refuses("--stroe x", "unknown option '--stroe', nearest is '--store'");
	refuses("--job=4", "unknown option '--job', nearest is '--jobs'");
	refuses("--confg x", "nearest is '--config'");
	refuses("--hlep", "nearest is '--help'");
	refuses("--xyzzyplugh", "unknown option '--xyzzyplugh'; --help lists");
	refuses("-x", "unknown option '-x'");
	refuses("-qx", "unknown option '-x'");
	refuses("-h", "unknown option '-h'; --help lists the options");
	refuses("--=x", "unknown option '--'");
}

T_TEST(an_option_without_its_value_is_refused)
{
	no_config();
	refuses("--store", "--store needs a value: DIR");
	refuses("--store=", "--store needs a value: DIR");
	refuses("-j", "-j needs a value: N");
	refuses("-s ''", "-s needs a value: DIR");
	refuses("-c", "-c needs a value: FILE");
	refuses("--config=", "--config needs a value: FILE");
	refuses("--quiet=maybe", "--quiet takes yes or no, not 'maybe'");
	refuses("--quiet=", "--quiet takes yes or no, not ''");
	refuses("--help=x", "unknown option '--help'");
}

T_TEST(operands_are_counted)
{
	struct run r = {.e = ERR_INIT};

	no_config();
	T_FAILS(parse_as(&r, "wsusferry-import", 1, -1, ""), &r.e, E_USAGE,
	    "expected at least 1 operand, found 0");
	T_FAILS(parse_as(&r, "wsusferry-import", 2, 2, "a"), &r.e, E_USAGE,
	    "expected 2 operands, found 1");
	T_FAILS(parse_as(&r, "wsusferry-import", 1, 1, "a b"), &r.e, E_USAGE,
	    "expected 1 operand, found 2");
	T_FAILS(parse_as(&r, "wsusferry-import", 1, 2, "a b c"), &r.e, E_USAGE,
	    "expected 1 to 2 operands, found 3");
	T_CALL(parse_as(&r, "wsusferry-import", 1, 2, "a -q b"), &r.e);
	T_EQ(r.nargs, 2);
}

T_TEST(a_list_takes_many_values_but_not_any_number)
{
	struct run r;
	char args[512] = "";
	int i;

	no_config();
	parses(&r, "--id a -i b -ic");
	T_EQ(r.ids.n, 3);
	T_STR(r.ids.v[0], "a");
	T_STR(r.ids.v[2], "c");
	for (i = 0; i < 2; i++)
		strncat(args, "-ia ", 5);
	parses(&r, args);
	T_EQ(r.ids.n, 2);
}

T_TEST(a_list_has_at_most_64_values)
{
	struct run r;
	char text[1024] = "[import]\n";
	int i;

	for (i = 0; i < OPT_LIST_MAX; i++)
		strncat(text, "id = a\n", 8);
	config(text);
	parses(&r, "");
	T_EQ(r.ids.n, OPT_LIST_MAX);
	strncat(text, "id = b\n", 8);
	config_refused(text, "line 66: id is given more than 64 times");
}

T_TEST(the_command_line_beats_the_environment_beats_the_file)
{
	struct run r;

	config("store = common\njobs = 2\nquiet = yes\n[import]\n"
	       "store = section\nto = there\nid = f1\nid = f2\n");
	parses(&r, "");
	T_STR(r.store, "section");
	T_EQ(r.jobs, 2);
	T_OK(r.quiet);
	T_STR(r.to, "there");
	T_EQ(r.ids.n, 2);
	setenv("T_STORE", "env", 1);
	setenv("T_JOBS", "3", 1);
	setenv("T_ID", "e", 1);
	parses(&r, "");
	T_STR(r.store, "env");
	T_EQ(r.jobs, 3);
	T_EQ(r.ids.n, 1);
	T_STR(r.ids.v[0], "e");
	parses(&r, "-s line --quiet=no -i a -i b");
	T_STR(r.store, "line");
	T_EQ(r.jobs, 3);
	T_OK(!r.quiet);
	T_EQ(r.ids.n, 2);
	T_STR(r.ids.v[0], "a");
	setenv("T_STORE", "", 1);
	parses(&r, "");
	T_STR(r.store, "section");
	unsetenv("T_STORE");
	unsetenv("T_JOBS");
	unsetenv("T_ID");
}

T_TEST(a_list_in_a_section_replaces_that_of_all_programs)
{
	struct run r;

	config("site = a\nsite = b\n[import]\nsite = c\nsite = d\n"
	       "site = e\n");
	parses(&r, "");
	T_EQ(r.sites.n, 3);
	T_STR(r.sites.v[0], "c");
	T_STR(r.sites.v[2], "e");
}

T_TEST(a_bad_value_in_the_environment_is_told_by_its_variable)
{
	no_config();
	setenv("T_JOBS", "many", 1);
	refuses("-j 4", "T_JOBS takes 1 to 64, not 'many'");
	unsetenv("T_JOBS");
	setenv("T_JSON", "1", 1);
	refuses("", "T_JSON takes yes or no, not '1'");
	unsetenv("T_JSON");
}

T_TEST(common_keys_that_a_program_lacks_are_passed_over)
{
	struct run r;

	config("site = berlin\nlog = x\nsign-key = k\ntrusted-keys = t\n"
	       "verbose = yes\nstore = s\n");
	parses(&r, "");
	T_STR(r.store, "s");
}

T_TEST(unknown_keys_are_refused_with_line_and_nearest)
{
	config_refused("\nsotre = x\n",
	    "/conf: line 2: 'sotre' is no key for all programs, nearest is "
	    "'store'");
	config_refused("to = x\n", "line 1: 'to' is no key for all programs");
	config_refused("[import]\ntoo = x\n",
	    "line 2: unknown key 'too' of wsusferry-import, nearest is 'to'");
	config_refused("[import]\nzzzzzzz = x\n",
	    "line 2: unknown key 'zzzzzzz' of wsusferry-import");
	config_refused(
	    "[import]\nconfig = x\n", "line 2: unknown key 'config'");
	config_refused("jobs = 0\n", "line 1: jobs takes 1 to 64, not '0'");
	config_refused("quiet = on\n", "line 1: quiet takes yes or no");
	config_refused("[inport]\n", "line 1: unknown section 'inport'");
}

T_TEST(keys_in_sections_of_other_programs_are_passed_over)
{
	struct run r;

	config("[export]\nwhatever = x\n");
	parses(&r, "");
}

T_TEST(the_file_of_the_option_is_read_instead_of_the_variables)
{
	struct run r;
	char args[600], path[512];

	config("store = there\n");
	snprintf(path, sizeof(path), "%s", getenv("WSUSFERRY_CONFIG"));
	no_config();
	snprintf(args, sizeof(args), "-c %s", path);
	parses(&r, args);
	T_STR(r.store, "there");
	snprintf(args, sizeof(args), "--config=%s", path);
	parses(&r, args);
	T_STR(r.store, "there");
	refuses("-qc/nonexistent/file", "/nonexistent/file: no such file");
	T_FAILS(parse(&r, "-c /"), &r.e, E_SYS, "/: ");
}

T_TEST(a_file_that_is_too_big_is_refused)
{
	struct run r;

	no_config();
	T_FAILS(parse(&r, "-c /dev/zero"), &r.e, E_LIMIT, "/dev/zero: ");
}

T_TEST(a_tool_without_our_name_reads_no_file)
{
	struct run r = {.e = ERR_INIT};

	config("nonsense\n");
	T_CALL(parse_as(&r, "gencatalogue", 0, 0, ""), &r.e);
}

static const struct opt help_opts[] = {
    {OPT_STR, 's', "store", NULL, "DIR",
	"a help text that is so long that it cannot stand on one line, "
	"whatever "
	"the width of the names in front of it may be",
	"WSUSFERRY_STORE", 0, 0},
    {OPT_NUM, 'j', "jobs", NULL, "N", "hashing threads", NULL, 1, 64},
    {OPT_LIST, 0, "a-really-long-name-for-an-option", NULL, "PLACEHOLDER",
	"some thing", NULL, 0, 0},
    {OPT_FLAG, 0, "json", NULL, NULL, "one object a line", NULL, 0, 0},
    {OPT_END, 0, NULL, NULL, NULL, NULL, NULL, 0, 0},
};

/* No line of the help breaks within brackets. */
static bool
brackets_close(const char *line)
{
	int open = 0;

	for (; *line != '\0' && *line != '\n'; line++)
		open += (*line == '[') - (*line == ']');
	return open == 0;
}

T_TEST(help_has_every_option_in_80_columns)
{
	static const char *const synopsis[] = {
	    "[-s DIR] [-j N] [--json] [--a-long-name-for-an-option FILE] "
	    "FILE [FILE ...]",
	    "--other", NULL};
	const struct opt_prog prog = {"wsusferry-import", synopsis,
	    "take what came across, check it and keep it, or refuse it whole "
	    "and say why",
	    help_opts, 0, 0};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	const char *s, *p;

	T_CALL(opt_help(&prog, &b, &e), &e);
	s = buf_str(&b, &e);
	T_OK(strstr(s, "usage: wsusferry-import [-s DIR] [-j N] ") == s);
	T_OK(strstr(s, "\n       wsusferry-import --other\n"));
	T_OK(strstr(s, "\n  -s, --store DIR    a help text"));
	T_OK(strstr(s, "[WSUSFERRY_STORE]\n"));
	T_OK(strstr(s, "\n  -j, --jobs N       hashing threads (1 to 64)\n"));
	T_OK(strstr(s, "\n      --json         one object a line\n"));
	T_OK(strstr(s,
	    "PLACEHOLDER\n                     some thing (may be "
	    "repeated)\n"));
	T_OK(strstr(s,
	    "\n  -c, --config FILE  configuration file "
	    "[WSUSFERRY_CONFIG]\n"));
	T_OK(strstr(s, "\n      --help "));
	T_OK(strstr(s, "\n      --version "));
	for (p = s; *p != '\0'; p += strcspn(p, "\n") + 1) {
		T_OK(strcspn(p, "\n") <= 80);
		T_OK(brackets_close(p));
		T_OK(*p == '\n' || p[strcspn(p, "\n") - 1] != ' ');
	}
	buf_free(&b);
}

T_TEST(help_and_version_win_over_missing_operands)
{
	struct run r = {.e = ERR_INIT};
	int saved = dup(1);

	fflush(stdout);
	if (freopen("/dev/null", "w", stdout) == NULL)
		abort();
	T_CALL(parse_as(&r, "wsusferry-import", 1, 1, "--help"), &r.e);
	T_OK(r.st.help);
	T_CALL(parse_as(&r, "wsusferry-import", 1, 1, "--version"), &r.e);
	T_OK(r.st.help);
	fflush(stdout);
	dup2(saved, 1);
	close(saved);
}

T_MAIN
