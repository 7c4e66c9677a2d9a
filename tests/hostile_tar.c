/* SPDX-License-Identifier: ISC */
/* Hostile rows: tests/tarlie.h, a transfer in a tar. */
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "tests/hostile.h"
#include "tests/t.h"
#include "tests/tarball.h"
#include "tests/tarlie.h"

/* Row a of that table. */
static void
tar(struct hostile *h)
{
	const struct tarlie *l = &tarlie_rows[hostile_number(h->row->a)];
	struct buf b = BUF_INIT;
	struct tarball t;
	int fd;

	tarball_make(&t, &h->s);
	l->bend(&t, &h->s, l);
	tarball_bytes(&t, &b);
	snprintf(
	    h->paths[0], sizeof(h->paths[0]), "%s/one.tar", stick_home()->dir);
	fd = open(h->paths[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	T_EQ(write(fd, b.p, b.len), (ssize_t)b.len);
	T_EQ(close(fd), 0);
	buf_free(&b);
	h->written = true;
}

/* "tar-of-two-payload-files": what a row says of itself, as rows are called. */
static char *
name_of(const struct tarlie *l)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(buf_printf(&b, &e, "tar-%s", l->what), &e);
	for (size_t i = 0; i < b.len; i++)
		if (strchr(" ,:'", b.p[i]) != NULL)
			b.p[i] = '-';
	return (char *)(uintptr_t)buf_str(&b, &e);
}

void
hostile_add_tars(void)
{
	struct hostile_row *rows = calloc(tarlie_n, sizeof(*rows));
	char(*numbers)[8] = calloc(tarlie_n, sizeof(*numbers));

	if (rows == NULL || numbers == NULL)
		abort();
	for (size_t i = 0; i < tarlie_n; i++) {
		const struct tarlie *l = &tarlie_rows[i];

		snprintf(numbers[i], sizeof(numbers[i]), "%u", (unsigned)i);
		rows[i] = (struct hostile_row){.name = name_of(l),
		    .when = HOSTILE_SEALED,
		    .bend = tar,
		    .a = numbers[i],
		    .status = l->status,
		    .says = l->says,
		    .second = HOSTILE_UNASKED,
		    .end = l->status == HOSTILE_GOOD ? HOSTILE_TAKEN
						     : HOSTILE_SAME};
	}
	hostile_add(rows, tarlie_n);
}
