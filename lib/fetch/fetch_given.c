/* SPDX-License-Identifier: ISC */
/* What a fetch is asked for, looked at before anything is made. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/secret.h"
#include "lib/fetch/fetch_priv.h"

#define SECRET_MAX 1024
#define DAY_S 86400

/* What stands before an @ may be a password. */
static const char *
shown(const char *url)
{
	return strchr(url, '@') == NULL ? url : "(an address with a user)";
}

int
fetch_base(const char *given, char to[SYNC_URL_MAX], struct err *e)
{
	const char *path;

	if (strcmp(given, "microsoft") == 0)
		given = FETCH_MICROSOFT;
	if (!http_origin(given, to, SYNC_URL_MAX))
		return err_set(e, E_USAGE,
		    "--upstream '%s': expected microsoft, or a URL such as "
		    "http://wsus.example.org:8530",
		    shown(given));
	path = strstr(given, "://") + 3;
	path += strcspn(path, "/?#");
	if (strcmp(path, "") == 0 || strcmp(path, "/") == 0 ||
	    strcasecmp(path, SS_PATH) == 0)
		return 0;
	return err_set(e, E_USAGE,
	    "--upstream '%s': expected no more than %s, the paths of the "
	    "services are known",
	    given, to);
}

/* The first time after now, of today and tomorrow, that shows HH:MM. */
static int64_t
next_time(int hour, int minute, int64_t now)
{
	time_t t = (time_t)now, at;
	struct tm tm;

	for (int day = 0; day < 2; day++) {
		if (localtime_r(&t, &tm) == NULL)
			return now + DAY_S;
		tm.tm_mday += day;
		tm.tm_hour = hour;
		tm.tm_min = minute;
		tm.tm_sec = 0;
		tm.tm_isdst = -1;
		if ((at = mktime(&tm)) != (time_t)-1 && at > t)
			return at;
	}
	return now + DAY_S;
}

int
fetch_until(const char *text, int64_t now, int64_t *until, struct err *e)
{
	uint64_t hour, minute;

	if (strlen(text) != 5 || text[2] != ':' ||
	    !num_read(&hour, text, 2, 0, 23) ||
	    !num_read(&minute, text + 3, 2, 0, 59))
		return err_set(e, E_USAGE,
		    "--until '%s': expected HH:MM, 00:00 to 23:59", text);
	*until = next_time((int)hour, (int)minute, now);
	return 0;
}

static int
read_secret(int fd, const char *path, char **to, struct err *e)
{
	char text[SECRET_MAX + 1];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return err_sys(e, "'%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, E_USAGE, "'%s' is no file", path);
	if (secret_check(&st, e) == -1)
		return err_ctx(e, "'%s'", path);
	if ((n = read(fd, text, SECRET_MAX)) == -1)
		return err_sys(e, "'%s'", path);
	text[n] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (strchr(text, ':') == NULL || text[0] == ':')
		explicit_bzero(text, sizeof(text));
	*to = strdup(text);
	explicit_bzero(text, sizeof(text));
	if (*to == NULL)
		return err_nomem(e);
	if (**to == '\0')
		return err_set(
		    e, E_USAGE, "'%s': expected one line, user:password", path);
	return 0;
}

int
fetch_secret(const char *path, char **to, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), r;

	*to = NULL;
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, E_USAGE, "'%s' is not there", path);
	if (fd == -1)
		return err_sys(e, "'%s'", path);
	r = read_secret(fd, path, to, e);
	close(fd);
	return r;
}

static bool
is_fqdn(const char *s)
{
	if (!isalnum((unsigned char)*s))
		return false;
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && strchr(".-_", *s) == NULL)
			return false;
	return true;
}

/* The resolver is asked only where the machine's own name has no domain. */
static void
add_domain(char to[256])
{
	struct addrinfo hints = {
	    .ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;

	if (strchr(to, '.') != NULL ||
	    getaddrinfo(to, NULL, &hints, &found) != 0)
		return;
	if (found->ai_canonname != NULL && is_fqdn(found->ai_canonname) &&
	    strlen(found->ai_canonname) < 256)
		snprintf(to, 256, "%s", found->ai_canonname);
	freeaddrinfo(found);
}

int
fetch_account(const char *given, char to[256], struct err *e)
{
	if (given != NULL) {
		if (strlen(given) > 255 || !is_fqdn(given))
			return err_set(e, E_USAGE,
			    "--account-name '%.80s': expected a host's name "
			    "with its domain",
			    given);
		snprintf(to, 256, "%s", given);
		return 0;
	}
	if (gethostname(to, 255) == -1)
		return err_sys(e, "gethostname");
	to[255] = '\0';
	add_domain(to);
	if (!is_fqdn(to))
		return err_set(e, E_USAGE,
		    "this machine's name '%.80s' is no host's name; give "
		    "--account-name",
		    to);
	return 0;
}

bool
fetch_has_tls(const char *url)
{
	return strncasecmp(url, "https:", 6) == 0;
}

static int
check_upstream(const struct fetch_opts *o, struct err *e)
{
	char base[SYNC_URL_MAX];

	if (o->explain != NULL)
		return 0;
	if (o->upstream == NULL)
		return err_set(e, E_USAGE,
		    "give the upstream with --upstream URL, or --upstream "
		    "microsoft");
	if (fetch_base(o->upstream, base, e) == -1)
		return -1;
	if (o->require_tls && !fetch_has_tls(base))
		return err_set(
		    e, E_USAGE, "--require-tls, and %s is plain HTTP", base);
	return 0;
}

static int
check_version(const char *v, struct err *e)
{
	const char *dot = v == NULL ? NULL : strchr(v, '.');
	uint64_t n;

	if (v == NULL)
		return 0;
	if (dot != NULL && strlen(v) < 16 &&
	    num_read(&n, v, (size_t)(dot - v), 1, 1) &&
	    num_read(&n, dot + 1, strlen(dot + 1), 0, 9999))
		return 0;
	return err_set(e, E_USAGE,
	    "--protocol-version '%.40s': expected 1.N, such as " SS_VERSION, v);
}

int
fetch_given(const struct fetch_opts *o, struct err *e)
{
	char host[SYNC_URL_MAX];

	if (o->store == NULL)
		return err_set(e, E_USAGE, "give the store with --store DIR");
	if (check_upstream(o, e) == -1 || check_version(o->protocol, e) == -1)
		return -1;
	if (o->metadata_only && o->content_only)
		return err_set(e, E_USAGE,
		    "--metadata-only and --content-only: one of them");
	if (o->explain != NULL && o->policy == NULL)
		return err_set(
		    e, E_USAGE, "--explain needs a policy: give --policy FILE");
	if (o->content_only && o->policy == NULL)
		return err_set(e, E_USAGE,
		    "--content-only needs a policy: give --policy FILE");
	if (o->cert_key != NULL && o->cert == NULL)
		return err_set(
		    e, E_USAGE, "--client-key goes with --client-cert");
	if (o->content_base != NULL &&
	    !http_host(o->content_base, host, sizeof(host)))
		return err_set(e, E_USAGE,
		    "--content-base '%.80s': expected a URL",
		    shown(o->content_base));
	if (o->content_base != NULL && o->require_tls &&
	    !fetch_has_tls(o->content_base))
		return err_set(e, E_USAGE,
		    "--require-tls, and --content-base %.200s is plain HTTP",
		    o->content_base);
	return 0;
}
