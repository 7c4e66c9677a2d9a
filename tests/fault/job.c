/* SPDX-License-Identifier: ISC */
#include "tests/fault/job.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/key/key.h"
#include "lib/store/content.h"
#include "tests/t.h"

int
job_import(struct job *j)
{
	bool genuine = j->path == house.package;

	return house_import(j->at, j->path, genuine ? house.content : NULL,
	    genuine ? NULL : house.pub);
}

int
job_try(struct job *j)
{
	return house_try(j->at, j->path, NULL, house.pub);
}

int
job_export(struct job *j)
{
	return house_export(j->at, j->to, NULL);
}

int
job_verify(struct job *j)
{
	return house_verify(j->path != NULL ? j->path : j->at);
}

int
job_list(struct job *j)
{
	return house_list(j->at, j->path);
}

int
job_fetch(struct job *j)
{
	char policy[HOUSE_PATH];

	snprintf(policy, sizeof(policy), "%.300s/policy", house.dir);
	return house_fetch(j->at, j->path, policy);
}

static int
close_status(int dirfd, int r, struct err *e)
{
	if (dirfd != -1)
		(void)close(dirfd);
	return r == 0 ? 0 : house_failed(e);
}

/* What a writer does first; a download that can go on is none of the rest. */
int
job_clear(struct job *j)
{
	struct err e = ERR_INIT;
	int fd = open(j->at, O_RDONLY | O_DIRECTORY | O_CLOEXEC), staging, r;

	if (fd == -1)
		return house_failed((err_sys(&e, "the store"), &e));
	staging = openat(fd, "staging", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = staging == -1 ? err_sys(&e, "staging")
			  : content_clear_staging(fd, staging, &e);
	if (staging != -1)
		(void)close(staging);
	return close_status(fd, r, &e);
}

int
job_key_new(struct job *j)
{
	struct err e = ERR_INIT;
	struct sign_pub p;
	bool old;
	char path[HOUSE_PATH + 16];

	snprintf(path, sizeof(path), "%s/new.key", j->to);
	return close_status(-1, key_new(path, false, &p, &old, &e), &e);
}

int
job_key_trust(struct job *j)
{
	struct err e = ERR_INIT;
	int dirfd = -1, r;
	bool changed;
	struct key k;

	if ((r = key_open(NULL, j->at, true, &dirfd, &e)) == 0)
		r = key_trust(
		    dirfd, KEYS_TRANSFERS, house.pub, false, &k, &changed, &e);
	return close_status(dirfd, r, &e);
}

int
job_key_list(struct job *j)
{
	struct key_list l = KEY_LIST_INIT;
	struct err e = ERR_INIT;
	int dirfd = -1, r;

	if ((r = key_open(NULL, j->at, false, &dirfd, &e)) == 0)
		r = keyring_list(dirfd, &l, &e);
	keyring_list_free(&l);
	return close_status(dirfd, r, &e);
}

int
job_key_revoke(struct job *j)
{
	struct err e = ERR_INIT;
	int dirfd = -1, r;
	bool changed;
	struct key k;

	if ((r = key_open(NULL, j->at, false, &dirfd, &e)) == 0)
		r = key_revoke(
		    dirfd, KEYS_ALL, "one.pub", false, &k, &changed, &e);
	return close_status(dirfd, r, &e);
}
