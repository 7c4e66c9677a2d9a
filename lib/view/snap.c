/* SPDX-License-Identifier: ISC */
#include "lib/view/snap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/snapshot.h"
#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/path.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"

#define SUFFIX ".snap"

void
snap_name(char to[SNAP_NAME_MAX], uint32_t generation)
{
	(void)snprintf(to, SNAP_NAME_MAX, "%06" PRIu32 SUFFIX, generation);
}

bool
snap_name_read(uint32_t *generation, const char *name)
{
	size_t n = strlen(name), digits = strspn(name, "0123456789");
	char again[SNAP_NAME_MAX];
	uint64_t v;

	if (n >= SNAP_NAME_MAX || !num_read(&v, name, digits, 1, UINT32_MAX))
		return false;
	*generation = (uint32_t)v;
	snap_name(again, *generation);
	return strcmp(again, name) == 0;
}

int
snap_open(int storefd, int *dirfd, struct err *e)
{
	if (storefd == -1)
		return 0;
	if (path_opendir(storefd, SNAP_FOLDER, dirfd, e) == 0)
		return 1;
	if (e->kind != E_MISSING)
		return -1;
	err_clear(e);
	return 0;
}

static int
highest_first(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x < y) - (x > y);
}

static int
list_names(struct snap_list *l, DIR *d, struct err *e)
{
	struct dirent *x;
	uint32_t generation;

	while ((errno = 0, x = readdir(d)) != NULL) {
		if (!snap_name_read(&generation, x->d_name))
			continue;
		if (grow(&l->v, &l->cap, l->n, sizeof(*l->v), e) == -1)
			return -1;
		l->v[l->n++] = generation;
	}
	return errno == 0 ? 0 : err_sys(e, "reading " SNAP_FOLDER);
}

int
snap_list(struct snap_list *l, int dirfd, struct err *e)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
	DIR *d = fd == -1 ? NULL : fdopendir(fd);

	*l = (struct snap_list){.v = NULL};
	if (d == NULL) {
		err_sys(e, "opening " SNAP_FOLDER);
		if (fd != -1)
			close(fd);
		return -1;
	}
	r = list_names(l, d, e);
	closedir(d);
	sort_up(l->v, l->n, sizeof(*l->v), highest_first);
	return r;
}

void
snap_list_free(struct snap_list *l)
{
	free(l->v);
	*l = (struct snap_list){.v = NULL};
}

static int
of_store(const struct snapshot *s, const struct guid *store, struct err *e)
{
	char found[GUID_LEN + 1], want[GUID_LEN + 1];

	if (store == NULL || guid_cmp(&s->store, store) == 0)
		return 0;
	guid_write(found, &s->store);
	guid_write(want, store);
	return err_set(e, E_FORMAT, "of store %s, expected %s", found, want);
}

int
snap_read(struct snapshot *s, int dirfd, const struct guid *store,
    uint32_t generation, struct err *e)
{
	struct buf b = BUF_INIT;
	char name[SNAP_NAME_MAX];
	int r;

	snap_name(name, generation);
	r = path_read(dirfd, name, SNAPSHOT_MAX_BYTES, &b, e);
	if (r == -1)
		goto out;
	r = snapshot_read(s, b.p, b.len, e);
	if (r == 0 && s->generation != generation)
		r = err_set(e, E_FORMAT,
		    "generation %" PRIu32 ", expected that of its name",
		    s->generation);
	if (r == 0)
		r = of_store(s, store, e);
	if (r == -1)
		err_ctx(e, "%s", name);
out:
	buf_free(&b);
	return r;
}

int
snap_current(int dirfd, uint32_t *generation, struct err *e)
{
	struct buf b = BUF_INIT;
	char *name;
	int r = path_read(dirfd, SNAP_CURRENT, 2 * SNAP_NAME_MAX, &b, e);

	if (r == -1 && e->kind == E_MISSING) {
		err_clear(e);
		buf_free(&b);
		return 0;
	}
	if (r == 0 && buf_put(&b, "", 1, e) == -1)
		r = -1;
	if (r == 0) {
		name = (char *)b.p;
		if (b.len > 2 && name[b.len - 2] == '\n')
			name[b.len - 2] = '\0';
		if (strlen(name) + 2 != b.len ||
		    !snap_name_read(generation, name))
			r = err_set(e, E_FORMAT,
			    SNAP_CURRENT ": expected one line with the name "
					 "of a snapshot");
	}
	buf_free(&b);
	return r == 0 ? 1 : -1;
}

int
snap_newest(struct snapshot *s, int dirfd, const struct guid *store,
    uint32_t below, snap_unsound *unsound, void *arg, struct err *e)
{
	struct err fault = ERR_INIT;
	struct snap_list l;
	char name[SNAP_NAME_MAX];
	int r = snap_list(&l, dirfd, e);

	for (size_t i = 0; r == 0 && i < l.n; i++) {
		if (below != 0 && l.v[i] >= below)
			continue;
		if ((r = stop_check(e)) == -1)
			break;
		if (snap_read(s, dirfd, store, l.v[i], &fault) == 0) {
			r = 1;
			break;
		}
		snapshot_free(s);
		if (err_is_ours(&fault)) {
			*e = fault;
			r = -1;
			break;
		}
		snap_name(name, l.v[i]);
		if (unsound != NULL)
			r = unsound(arg, name, &fault, e);
		err_clear(&fault);
	}
	snap_list_free(&l);
	return r;
}

int
snap_read_current(
    struct snapshot *s, int storefd, const struct guid *store, struct err *e)
{
	uint32_t generation;
	int dirfd = -1, r = snap_open(storefd, &dirfd, e);

	if (r == 1)
		r = snap_current(dirfd, &generation, e);
	if (r == 1 && snap_read(s, dirfd, store, generation, e) == -1)
		r = -1;
	if (dirfd != -1)
		(void)close(dirfd);
	return r;
}
