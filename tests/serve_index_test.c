/* SPDX-License-Identifier: ISC */
/* index.json: one for each state of the store, whoever takes it how. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "lib/base/path.h"
#include "lib/serve/serve_priv.h"
#include "lib/store/store.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"
#include "tests/t.h"

MAKE_IN_MEMORY

struct rig {
	struct serve s;
	struct serve_files files;
	struct serve_worker w;
	struct err failed;
	struct store
	    *writer; /* there before the readers: they share its memory */
};

static struct store *
reader(const char *dir)
{
	struct store *s = NULL;
	struct err e = ERR_INIT;

	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	return s;
}

static void
rig_open(struct rig *r, const char *dir)
{
	struct err e = ERR_INIT;
	unsigned i;

	*r = (struct rig){.writer = NULL};
	T_CALL(store_open(&r->writer, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(r->writer, NULL, &e), &e);
	r->s.failed = &r->failed;
	serve_view_init(&r->s.view);
	serve_index_init(&r->s);
	serve_files_open(&r->files);
	serve_worker_open(&r->w, &r->files);
	r->w.store = reader(dir);
	for (i = 0; i < SERVE_SLOTS; i++)
		r->s.slots[i].store = reader(dir);
	T_CALL(serve_index_open(&r->s, NULL, &e), &e);
}

static void
rig_close(struct rig *r)
{
	serve_index_close(&r->s);
	serve_view_free(&r->s.view);
	serve_worker_close(&r->w);
	serve_files_close(&r->files);
	store_close(r->writer);
}

static void
ask(struct rig *r, struct httpd_res *rs)
{
	struct err e = ERR_INIT;

	*rs = (struct httpd_res)HTTPD_RES_INIT;
	T_CALL(serve_index(&r->s, &r->w, INDEX_JSON, rs, &e), &e);
}

static void
end(struct httpd_res *rs)
{
	if (rs->fd != -1 && !rs->fd_kept)
		close(rs->fd);
	if (rs->ctx != NULL)
		rs->close(rs->ctx);
	*rs = (struct httpd_res)HTTPD_RES_INIT;
}

#define ROOM 65536

/* What is left of it, at most `step` bytes a call, behind *n in to. */
static void
take(struct httpd_res *rs, char *to, size_t *n, size_t step)
{
	ssize_t got;

	do {
		got = rs->read(rs->ctx, to + *n, step);
		T_OK(got >= 0 && *n + step < ROOM);
		*n += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	to[*n] = '\0';
}

static void
whole(struct httpd_res *rs, char *to)
{
	T_OK(rs->fd != -1 && rs->size < ROOM);
	T_EQ(pread(rs->fd, to, ROOM - 1, 0), (ssize_t)rs->size);
	to[rs->size] = '\0';
}

static char a[ROOM], b[ROOM], c[ROOM];

T_TEST(all_of_one_state_get_the_same_bytes)
{
	struct rig r;
	struct httpd_res x, y, z;
	size_t na = 0, nb = 0;

	rig_open(&r, rig_filled());
	ask(&r, &x);
	ask(&r, &y);
	T_OK(x.read != NULL && x.fd == -1 && x.status == 200);
	T_EQ(x.read(x.ctx, a, 10), 10);
	na = 10;
	take(&y, b, &nb, 7);
	take(&x, a, &na, 1000);
	T_STR(a, b);
	T_OK(strstr(b, "\"title\":\"update 10\"") != NULL);
	T_OK(strcmp(b + nb - 4, "\n]}\n") == 0);
	ask(&r, &z);
	whole(&z, c);
	T_STR(c, b);
	T_OK(z.changing && z.modified == 0 && strlen(z.etag) == 18);
	end(&x);
	end(&y);
	end(&z);
	rig_close(&r);
}

static void
add(struct rig *r, unsigned id)
{
	struct err e = ERR_INIT;
	struct make m;

	T_CALL(store_begin(r->writer, &e), &e);
	make_update(&m, id, 1);
	make_put_ok(r->writer, &m);
	make_commit(r->writer);
}

static int
note_sha1(void *arg, const struct store_file *f, struct err *e)
{
	(void)e;
	memcpy(arg, f->sha1, SHA1_LEN);
	return 0;
}

static void
leave_out(struct rig *r)
{
	uint8_t sha1[SHA1_LEN];
	struct err e = ERR_INIT;

	T_CALL(store_each_file(r->writer, false, note_sha1, sha1, &e), &e);
	T_CALL(store_begin(r->writer, &e), &e);
	T_CALL(store_file_left_out(r->writer, sha1, true, &e), &e);
	T_CALL(store_commit(r->writer, &e), &e);
}

T_TEST(one_under_way_keeps_its_moment_and_the_next_is_another)
{
	struct rig r;
	struct httpd_res x, y;
	size_t na = 0, nb = 0;
	char etag[HTTPD_ETAG_MAX];

	rig_open(&r, rig_filled());
	ask(&r, &x);
	add(&r, 50);
	ask(&r, &y);
	take(&x, a, &na, 100);
	take(&y, b, &nb, 100);
	T_OK(strstr(a, "update 50") == NULL);
	T_OK(strstr(b, "update 50") != NULL);
	end(&x);
	end(&y);
	ask(&r, &y);
	whole(&y, c);
	T_STR(c, b);
	snprintf(etag, sizeof(etag), "%s", y.etag);
	end(&y);
	/* Nothing was written: the same. */
	ask(&r, &y);
	T_STR(y.etag, etag);
	end(&y);
	leave_out(&r);
	ask(&r, &y);
	nb = 0;
	take(&y, b, &nb, 100);
	T_OK(strstr(b, "\"left_out\":true") != NULL);
	end(&y);
	ask(&r, &y);
	T_OK(strcmp(y.etag, etag) != 0);
	end(&y);
	rig_close(&r);
}

T_TEST(as_many_states_as_there_are_slots)
{
	struct httpd_res x[SERVE_SLOTS], y;
	struct rig r;
	size_t n = 0;
	unsigned i;

	rig_open(&r, rig_filled());
	for (i = 0; i < SERVE_SLOTS; i++) {
		ask(&r, &x[i]);
		add(&r, 50 + i);
	}
	ask(&r, &y);
	T_EQ(y.status, 503);
	T_EQ(y.retry_s, 10);
	end(&x[2]); /* made for nobody any more */
	ask(&r, &y);
	T_EQ(y.status, 200);
	take(&y, a, &n, 100);
	T_OK(strstr(a, "update 53") != NULL);
	end(&y);
	for (i = 0; i < SERVE_SLOTS; i++)
		end(&x[i]);
	/* A whole one waits for its next client; it goes for another state. */
	ask(&r, &y);
	T_OK(y.fd != -1);
	end(&y);
	rig_close(&r);
}

/* A file is found to be gone when somebody asks for it. */
T_TEST(what_is_not_there_any_more_makes_it_another_one)
{
	struct rig r;
	struct httpd_res x;
	size_t n = 0;

	rig_open(&r, rig_filled());
	ask(&r, &x);
	take(&x, a, &n, 100);
	end(&x);
	atomic_fetch_or(&r.s.view.lost, 1);
	ask(&r, &x);
	T_OK(x.fd == -1 && x.read != NULL);
	end(&x);
	rig_close(&r);
}

/* So much that what is lost is looked for again. */
static void
pass_time(struct rig *r)
{
	for (unsigned i = 0; i < SERVE_SLOTS; i++)
		r->s.slots[i].good_s -= SERVE_LOST_S;
	r->s.view.is.good_s -= SERVE_LOST_S;
}

/* Nothing is written to the store: its payload's volume was not there. */
T_TEST(what_came_back_is_not_lost_for_ever)
{
	const char *dir = rig_filled();
	struct httpd_res x;
	struct rig r;
	size_t n = 0;

	rig_open(&r, dir);
	make_here(r.writer, dir, "payload of 11", "cab");
	T_EQ(rename(make_path(dir, "WsusContent"), make_path(dir, "away")), 0);
	ask(&r, &x);
	take(&x, a, &n, 100);
	end(&x);
	T_OK(strstr(a, "\"damaged_files\":1,") != NULL);
	T_OK(strstr(a, "\"href\":null") != NULL);
	T_EQ(rename(make_path(dir, "away"), make_path(dir, "WsusContent")), 0);
	ask(&r, &x); /* for a minute it is as it was */
	whole(&x, b);
	end(&x);
	T_STR(b, a);
	pass_time(&r);
	ask(&r, &x);
	n = 0;
	take(&x, b, &n, 100);
	end(&x);
	T_OK(strstr(b, "\"damaged_files\":0,") != NULL);
	T_OK(strstr(b, "\"href\":\"Content/") != NULL);
	pass_time(&r); /* nothing is lost: it is good as long as the state */
	ask(&r, &x);
	whole(&x, a);
	end(&x);
	T_STR(a, b);
	rig_close(&r);
}

T_TEST(what_is_taken_slowly_is_made_whole_meanwhile)
{
	struct rig r;
	struct httpd_res x;
	size_t n = 0;
	unsigned i, whole_ones = 0;

	rig_open(&r, rig_filled());
	ask(&r, &x);
	n = (size_t)x.read(x.ctx, a, 10);
	serve_index_tick(&r.s); /* not yet */
	for (i = 0; i < SERVE_SLOTS; i++) {
		T_OK(r.s.slots[i].made != SERVE_WHOLE);
		r.s.slots[i].until_s -= SERVE_INDEX_SLOW_S + 1;
	}
	serve_index_tick(&r.s);
	for (i = 0; i < SERVE_SLOTS; i++)
		whole_ones += r.s.slots[i].made == SERVE_WHOLE;
	T_EQ(whole_ones, 1);
	take(&x, a, &n, 100);
	T_OK(strcmp(a + n - 4, "\n]}\n") == 0);
	end(&x);
	rig_close(&r);
}

static ssize_t
no_room(int fd, const void *p, size_t n, off_t at)
{
	(void)fd, (void)p, (void)n, (void)at;
	errno = ENOSPC;
	return -1;
}

T_TEST(where_it_cannot_be_kept_it_is_cut_off_and_told)
{
	struct os was = os;
	struct rig r;
	struct httpd_res x, y;
	size_t n = 0;

	rig_open(&r, rig_filled());
	ask(&r, &x);
	os.pwrite = no_room;
	T_EQ(x.read(x.ctx, a, 100), -1);
	os = was;
	T_OK(strstr(r.failed.msg, "a list for scripts: its temporary file: ") !=
	    NULL);
	T_EQ(x.read(x.ctx, a, 100), -1); /* also for who came before */
	ask(&r, &y); /* and made anew for the next */
	take(&y, a, &n, 100);
	T_OK(strcmp(a + n - 4, "\n]}\n") == 0);
	end(&x);
	end(&y);
	rig_close(&r);
}

T_TEST(one_that_takes_too_long_is_cut_off)
{
	struct rig r;
	struct httpd_res x;
	unsigned i;

	rig_open(&r, rig_filled());
	ask(&r, &x);
	T_EQ(x.read(x.ctx, a, 10), 10);
	for (i = 0; i < SERVE_SLOTS; i++)
		r.s.slots[i].until_s -= SERVE_INDEX_S + 2;
	T_EQ(x.read(x.ctx, a, ROOM) > 0, true); /* what there is */
	T_EQ(x.read(x.ctx, a, ROOM), -1);
	T_OK(strstr(r.failed.msg, "take too long") != NULL);
	end(&x);
	rig_close(&r);
}

/* Where there are no rows prepared, the same is asked of the rest. */
T_TEST(an_older_store_says_the_same)
{
	const char *dir = t_tmpdir();
	struct buf sql = BUF_INIT;
	struct err e = ERR_INIT;
	struct rig r;
	struct httpd_res x;
	size_t n = 0;

	T_CALL(path_read(
		   AT_FDCWD, "testdata/store/schema4.sql", 1 << 20, &sql, &e),
	    &e);
	rig_sql(dir, buf_str(&sql, &e));
	rig_sql(dir, "PRAGMA journal_mode = WAL");
	buf_free(&sql);
	rig_open(&r, dir);
	ask(&r, &x);
	take(&x, a, &n, 1000);
	end(&x);
	T_CALL(store_begin(r.writer, &e), &e);
	T_CALL(store_commit(r.writer, &e), &e);
	rig_close(&r);
	rig_open(&r, dir);
	ask(&r, &x);
	n = 0;
	take(&x, b, &n, 1000);
	end(&x);
	rig_close(&r);
	T_STR(a, b);
	T_OK(strstr(a, "\"files\":[\"") != NULL);
	T_OK(strstr(a, "\"products\":[\"") != NULL);
}

T_MAIN
