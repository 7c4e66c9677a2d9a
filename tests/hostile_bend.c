/* SPDX-License-Identifier: ISC */
/* What rows of the hostile suite do to a transfer, by a, b and c. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "tests/hostile.h"
#include "tests/t.h"

/* "payload": the first payload file that is not empty. */
static struct stick_file *
find(struct hostile *h, const char *name)
{
	struct stick_file *f;

	for (unsigned i = 0; strcmp(name, "payload") == 0; i++)
		if ((f = stick_payload(&h->s, i))->bytes.len > 0)
			return f;
	f = stick_find(&h->s, name);
	if (f == NULL)
		t_fail(__FILE__, __LINE__, "no file %s", name);
	return f;
}

long long
hostile_number(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (*text == '\0' || *end != '\0')
		t_fail(__FILE__, __LINE__, "'%s' is no number", text);
	return n;
}

const char *
hostile_at(const struct hostile *h, const char *name)
{
	static char path[HOSTILE_PATH + STICK_NAME + 2];
	struct hostile *all = (struct hostile *)(uintptr_t)h;

	snprintf(path, sizeof(path), "%s/%s", h->paths[0],
	    strcmp(name, "payload") == 0 ? find(all, name)->name : name);
	return path;
}

void
hostile_label(struct hostile *h)
{
	stick_label(&h->s, h->row->a, h->row->b);
}

void
hostile_put(struct hostile *h)
{
	stick_put(&h->s, h->row->a, h->row->b, strlen(h->row->b));
}

void
hostile_stray(struct hostile *h)
{
	stick_put(&h->s, h->row->a, h->row->b, strlen(h->row->b))
	    ->undeclared = true;
}

void
hostile_drop(struct hostile *h)
{
	stick_drop(&h->s, find(h, h->row->a)->name);
}

void
hostile_gone(struct hostile *h)
{
	find(h, h->row->a)->absent = true;
}

void
hostile_swap(struct hostile *h)
{
	T_OK(stick_swap(&find(h, h->row->a)->bytes, h->row->b, h->row->c));
}

void
hostile_rename(struct hostile *h)
{
	struct stick_file *f = find(h, h->row->a);

	snprintf(f->name, sizeof(f->name), "%s", h->row->b);
}

void
hostile_flip(struct hostile *h)
{
	int fd = open(hostile_at(h, h->row->a), O_RDWR | O_CLOEXEC);
	long long at = hostile_number(h->row->b);
	char byte = 0;

	if (at < 0)
		at += lseek(fd, 0, SEEK_END);
	T_EQ(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	T_EQ(pwrite(fd, &byte, 1, at), 1);
	T_EQ(close(fd), 0);
}

void
hostile_grow(struct hostile *h)
{
	int fd = open(
	    hostile_at(h, h->row->a), O_WRONLY | O_APPEND | O_CLOEXEC);

	T_EQ(write(fd, h->row->b, strlen(h->row->b)),
	    (ssize_t)strlen(h->row->b));
	T_EQ(close(fd), 0);
}

void
hostile_length(struct hostile *h)
{
	T_EQ(truncate(hostile_at(h, h->row->a), hostile_number(h->row->b)), 0);
}

void
hostile_link(struct hostile *h)
{
	const char *path = hostile_at(h, h->row->a);

	(void)unlink(path);
	(void)rmdir(path);
	T_EQ(symlink(h->row->b, path), 0);
}

void
hostile_node(struct hostile *h)
{
	const char *path = hostile_at(h, h->row->a), *kind = h->row->b;

	(void)unlink(path);
	if (strcmp(kind, "fifo") == 0)
		T_EQ(mkfifo(path, 0644), 0);
	else if (strcmp(kind, "folder") == 0)
		T_EQ(mkdir(path, 0755), 0);
	else if (strcmp(kind, "socket") == 0)
		T_EQ(mknod(path, S_IFSOCK | 0644, 0), 0);
	else if (mknod(path, S_IFCHR | 0644, makedev(1, 3)) == -1)
		t_skip("no device can be made here");
}
