/* SPDX-License-Identifier: ISC */
#include "lib/transfer/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"

#define RECORD 512 /* bytes: a tar is made of these */
#define ZEROS 1024 /* bytes: two blocks of them end a tar */
#define MAX_SIZE ((uint64_t)1 << 50) /* bytes of a member */

struct unpack {
	struct archive *a; /* owned */
	enum unpack_form form;
	int fd; /* borrowed */
	int sys; /* errno of reading fd */
	uint8_t *block; /* owned: what was read last */
	uint64_t off; /* where in the file it begins */
	size_t len;
	uint64_t size, got; /* bytes of the member, and how many came */
	uint64_t end; /* where the member ended, with its padding */
	bool within; /* a member */
};

/* Whole blocks but at the end, so that a record of 512 bytes is never in two
   of them. */
static int
fill(struct unpack *u)
{
	ssize_t n = 1;

	u->off += u->len;
	for (u->len = 0; u->len < UNPACK_BLOCK && n > 0; u->len += (size_t)n) {
		do {
			n = read(
			    u->fd, u->block + u->len, UNPACK_BLOCK - u->len);
		} while (n == -1 && errno == EINTR);
		if (n == -1) {
			u->sys = errno;
			return -1;
		}
	}
	return 0;
}

static la_ssize_t
read_block(struct archive *a, void *arg, const void **p)
{
	struct unpack *u = arg;

	if (fill(u) == -1) {
		archive_set_error(a, u->sys, "read");
		return -1;
	}
	*p = u->block;
	return (la_ssize_t)u->len;
}

static la_int64_t
seek_to(struct archive *a, void *arg, la_int64_t off, int whence)
{
	struct unpack *u = arg;
	off_t at = lseek(u->fd, (off_t)off, whence);

	if (at == -1) {
		u->sys = errno;
		archive_set_error(a, u->sys, "seek");
		return ARCHIVE_FATAL;
	}
	u->off = (uint64_t)at;
	u->len = 0;
	return at;
}

static la_int64_t
skip_over(struct archive *a, void *arg, la_int64_t n)
{
	off_t at = lseek(((struct unpack *)arg)->fd, 0, SEEK_CUR);

	if (at == -1 || n > INT64_MAX - at ||
	    seek_to(a, arg, at + n, SEEK_SET) != at + n)
		return 0;
	return n;
}

static int
begin(struct unpack *u)
{
	int r;

	if ((u->a = archive_read_new()) == NULL ||
	    (u->block = malloc(UNPACK_BLOCK)) == NULL)
		return ARCHIVE_FATAL;
	r = u->form == UNPACK_ISO ? archive_read_support_format_iso9660(u->a)
				  : archive_read_support_format_tar(u->a);
	if (r != ARCHIVE_OK)
		return r;
	archive_read_set_callback_data(u->a, u);
	archive_read_set_read_callback(u->a, read_block);
	if (u->form == UNPACK_ISO) {
		archive_read_set_seek_callback(u->a, seek_to);
		archive_read_set_skip_callback(u->a, skip_over);
	}
	return archive_read_open1(u->a);
}

/* What libarchive failed with. */
static int
failed(struct unpack *u, struct err *e)
{
	const char *why = archive_error_string(u->a);

	if (u->sys != 0) {
		errno = u->sys;
		return err_sys(e, "cannot read");
	}
	/* A lie about a size in it asks for any amount. */
	if (archive_errno(u->a) == ENOMEM)
		return err_set(e, E_LIMIT,
		    "reading it takes more memory than there is for that");
	if (archive_format(u->a) == 0)
		return err_set(e, E_FORMAT,
		    "neither a tar nor an ISO 9660 image; what is compressed "
		    "is to be unpacked first");
	return err_at(e, u->off + u->len, "the %s cannot be read: %s",
	    u->form == UNPACK_ISO ? "ISO 9660 image" : "tar",
	    why == NULL ? "no reason given" : why);
}

int
unpack_open(struct unpack **out, int fd, enum unpack_form form, struct err *e)
{
	struct unpack *u = calloc(1, sizeof(*u));

	*out = u;
	if (u == NULL)
		return err_nomem(e);
	u->fd = fd;
	u->form = form;
	if (begin(u) == ARCHIVE_OK)
		return 0;
	if (u->a == NULL || u->block == NULL)
		return err_nomem(e);
	return failed(u, e);
}

void
unpack_close(struct unpack *u)
{
	if (u == NULL)
		return;
	archive_read_free(u->a);
	free(u->block);
	free(u);
}

static int
unzero(const struct unpack *u, size_t from, struct err *e)
{
	for (size_t i = from; i < u->len; i++)
		if (u->block[i] != 0)
			return err_at(e, u->off + i,
			    "expected nothing but zeros behind the end of the "
			    "tar");
	return 0;
}

/* Two blocks of zeros, then what fills the last record. */
static int
read_end(struct unpack *u, struct err *e)
{
	uint64_t at = (uint64_t)archive_filter_bytes(u->a, -1);

	if (u->end == 0)
		return err_set(e, E_FORMAT,
		    "it begins with zeros, as no transfer in a tar does; an "
		    "ISO 9660 image is read from a file, not through a pipe");
	if (at - u->end < ZEROS)
		return err_at(e, at,
		    "cut off: expected two blocks of zeros, which end a tar");
	if (at >= u->off && unzero(u, (size_t)(at - u->off), e) == -1)
		return -1;
	while (u->len != 0) {
		if (fill(u) == -1) {
			errno = u->sys;
			return err_sys(e, "cannot read");
		}
		if (unzero(u, 0, e) == -1)
			return -1;
		if (u->off + u->len >= at + UNPACK_PAD)
			return err_at(e, at,
			    "expected fewer than %d bytes behind the end of "
			    "the tar",
			    UNPACK_PAD);
	}
	return 0;
}

static void
note(struct unpack_member *m, const char *why)
{
	if (m->why[0] == '\0')
		(void)snprintf(m->why, sizeof(m->why), "%s", why);
}

/* Whatever an entry of a tar can be beside a file with its bytes. */
static void
see_kind(struct archive_entry *en, struct unpack_member *m)
{
	switch (archive_entry_filetype(en)) {
	case AE_IFREG:
		m->type = PATH_FILE;
		break;
	case AE_IFDIR:
		m->type = PATH_DIR;
		break;
	default:
		m->type = PATH_OTHER;
		break;
	}
	if (archive_entry_hardlink(en) != NULL) {
		m->type = PATH_OTHER;
		note(m, "a hard link");
	} else if (archive_entry_symlink(en) != NULL)
		note(m, "a symbolic link");
	else if (m->type == PATH_OTHER)
		note(m, "a device, pipe or socket");
	else if (m->type == PATH_FILE && !archive_entry_size_is_set(en))
		note(m, "a file without a size");
}

/* A transfer's tar says of each member its name, size and one time. */
static void
see_rest(struct archive_entry *en, struct unpack_member *m)
{
	unsigned long set = 0, clear = 0;
	char text[UNPACK_WHY];

	if (m->type == PATH_DIR)
		note(m, "a folder");
	archive_entry_fflags(en, &set, &clear);
	if (archive_entry_sparse_count(en) != 0)
		note(m, "a sparse file");
	if (archive_entry_xattr_count(en) != 0 ||
	    archive_entry_acl_types(en) != 0 || set != 0 || clear != 0)
		note(m, "extended attributes");
	if (archive_entry_uid(en) != 0 || archive_entry_gid(en) != 0)
		note(m, "an owner that is not 0");
	if (archive_entry_perm(en) != 0644) {
		(void)snprintf(text, sizeof(text), "mode %04o, expected 0644",
		    (unsigned)archive_entry_perm(en));
		note(m, text);
	}
	if (archive_entry_mtime_nsec(en) != 0 ||
	    archive_entry_atime_is_set(en) || archive_entry_ctime_is_set(en))
		note(m, "times beside one of whole seconds");
}

static int
see(struct unpack *u, struct archive_entry *en, struct unpack_member *m,
    struct err *e)
{
	const char *name = archive_entry_pathname(en);
	int64_t size = archive_entry_size(en);
	size_t n = name == NULL ? 0 : strlen(name);

	memset(m, 0, sizeof(*m));
	while (n > 1 && name[n - 1] == '/')
		n--;
	if (n == 0)
		return err_set(
		    e, E_FORMAT, "a member without a name that can be read");
	if (n > UNPACK_NAME)
		return err_set(e, E_LIMIT,
		    "a member with a name of %zu bytes, at most %d", n,
		    UNPACK_NAME);
	memcpy(m->name, name, n);
	see_kind(en, m);
	if (size < 0 || (uint64_t)size > MAX_SIZE)
		return err_set(
		    e, E_LIMIT, "%.*s: %" PRId64 " bytes", 200, m->name, size);
	m->size = m->type == PATH_FILE ? (uint64_t)size : 0;
	m->mtime = archive_entry_mtime(en);
	if (u->form == UNPACK_TAR)
		see_rest(en, m);
	u->size = m->size;
	u->got = 0;
	u->within = true;
	return 1;
}

/* GNU's and older forms say the same in other ways. */
static int
check_format(struct unpack *u, struct err *e)
{
	int is = archive_format(u->a);

	if (u->form == UNPACK_ISO || is == ARCHIVE_FORMAT_TAR_USTAR ||
	    is == ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE)
		return 0;
	return err_set(e, E_FORMAT,
	    "a tar of the form '%s', expected that of POSIX, as "
	    "wsusferry-export writes it; unpack it and name the folder",
	    archive_format_name(u->a));
}

static int
leave_member(struct unpack *u, struct err *e)
{
	const void *p;
	size_t n;
	int r = 1;

	while (u->within && r == 1 && u->form == UNPACK_TAR)
		r = unpack_data(u, &p, &n, e);
	u->within = false;
	return r == -1 ? -1 : 0;
}

int
unpack_next(struct unpack *u, struct unpack_member *m, struct err *e)
{
	struct archive_entry *en;
	int r;

	if (leave_member(u, e) == -1)
		return -1;
	u->end = (uint64_t)archive_filter_bytes(u->a, -1);
	r = archive_read_next_header(u->a, &en);
	if (r == ARCHIVE_EOF)
		return u->form == UNPACK_TAR ? read_end(u, e) : 0;
	/* Of an image: a name that cannot be said here, and is none of ours. */
	if (r != ARCHIVE_OK && (r != ARCHIVE_WARN || u->form == UNPACK_TAR))
		return failed(u, e);
	if (check_format(u, e) == -1)
		return -1;
	return see(u, en, m, e);
}

/* All of a member came: what fills its last block stands in the block that was
   read last, as no record is in two of these. */
static int
end_member(struct unpack *u, struct err *e)
{
	uint64_t end = (uint64_t)archive_filter_bytes(u->a, -1),
		 pad = (RECORD - u->size % RECORD) % RECORD;

	u->within = false;
	if (u->got != u->size)
		return err_set(e, E_FORMAT,
		    "%" PRIu64 " bytes of a member, expected %" PRIu64, u->got,
		    u->size);
	if (u->form != UNPACK_TAR || end < u->off + pad ||
	    end > u->off + u->len)
		return 0;
	for (uint64_t i = end - pad - u->off; i < end - u->off; i++)
		if (u->block[i] != 0)
			return err_at(e, u->off + i,
			    "expected nothing but zeros behind a member");
	return 0;
}

int
unpack_data(struct unpack *u, const void **p, size_t *n, struct err *e)
{
	la_int64_t off = 0;
	int r;

	do {
		*n = 0;
		r = archive_read_data_block(u->a, p, n, &off);
	} while (r == ARCHIVE_OK && *n == 0);
	if (r == ARCHIVE_EOF)
		return end_member(u, e);
	if (r != ARCHIVE_OK)
		return failed(u, e);
	if (off < 0 || (uint64_t)off != u->got || *n > u->size - u->got)
		return err_set(e, E_FORMAT,
		    "bytes of a member that do not follow each other: "
		    "a sparse file");
	u->got += *n;
	return 1;
}
