/* SPDX-License-Identifier: ISC */
/* A key in a file that the user named. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/secret.h"
#include "lib/transfer/keyring.h"

int
keyring_open(const char *path, struct stat *st, struct err *e)
{
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, E_USAGE, "no such file");
	if (fd == -1 || fstat(fd, st) == -1) {
		err_sys(e, "opening it");
		if (fd != -1)
			close(fd);
		return -1;
	}
	if (S_ISDIR(st->st_mode) || S_ISREG(st->st_mode))
		return fd;
	close(fd);
	return err_set(e, E_USAGE, "neither a file nor a folder");
}

static int
read_small(int fd, char text[SIGN_MAX_TEXT + 1], size_t *len, struct err *e)
{
	ssize_t got;

	for (*len = 0; *len <= SIGN_MAX_TEXT; *len += (size_t)got) {
		got = read(fd, text + *len, SIGN_MAX_TEXT + 1 - *len);
		if (got == -1)
			return err_sys(e, "read");
		if (got == 0)
			break;
	}
	return 0;
}

static int
read_named(
    const char *path, struct sign_pub *p, struct sign_sec *s, struct err *e)
{
	char text[SIGN_MAX_TEXT + 1];
	struct stat st;
	size_t len;
	int fd, r;

	if ((fd = keyring_open(path, &st, e)) == -1)
		return -1;
	if (S_ISDIR(st.st_mode))
		r = err_set(e, E_USAGE, "expected a key file, found a folder");
	else if ((r = read_small(fd, text, &len, e)) == 0 &&
	    (r = p != NULL ? sign_pub_read(p, text, len, e)
			   : sign_sec_read(s, text, len, e)) == -1)
		err_ctx(e, "no %s key", p != NULL ? "public" : "secret");
	else if (r == 0 && s != NULL)
		r = secret_check(&st, e);
	if (r == -1 && s != NULL)
		sign_sec_wipe(s);
	explicit_bzero(text, sizeof(text));
	close(fd);
	return r;
}

int
keyring_read_pub(const char *path, struct sign_pub *p, struct err *e)
{
	return read_named(path, p, NULL, e);
}

int
keyring_read_sec(const char *path, struct sign_sec *s, struct err *e)
{
	return read_named(path, NULL, s, e);
}
