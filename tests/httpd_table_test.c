/* SPDX-License-Identifier: ISC */
/* Connections, addresses and the budget, by a clock of the test's own. */
#include "lib/net/httpd_priv.h"
#include "tests/t.h"

#define SLOW 1000 /* bytes a second */

struct rig {
	struct httpd_table t;
	struct httpd_peers *peers;
};

static void
rig_open(struct rig *r, unsigned max)
{
	struct err e = ERR_INIT;

	T_CALL(httpd_table_open(&r->t, max, &e), &e);
	r->peers = httpd_peers_new(2, &e);
	T_OK(r->peers != NULL);
}

static struct httpd_conn *
add(struct rig *r, uint8_t from, enum httpd_state s, uint64_t now)
{
	struct httpd_conn *c = httpd_table_add(&r->t, now);
	unsigned n;

	memcpy(c->address, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0", 15);
	c->address[15] = from;
	T_OK(httpd_peer_enter(r->peers, c->address, c, 0, &n) != NULL);
	httpd_table_move(&r->t, c, s, now);
	return c;
}

static void
begin_answer(struct rig *r, struct httpd_conn *c, uint64_t now)
{
	c->rated_ms = now;
	c->rated = c->sent;
	c->rate = HTTPD_NO_RATE;
	httpd_table_move(&r->t, c, HTTPD_SEND, now);
}

static void
rig_close(struct rig *r)
{
	unsigned i;

	for (i = 0; i < r->t.max; i++)
		if (r->t.conns[i].state != HTTPD_UNUSED)
			httpd_peer_leave(r->peers, &r->t.conns[i], 0);
	httpd_peers_free(r->peers);
	httpd_table_close(&r->t);
}

T_TEST(a_handle_is_stale_once_its_connection_has_ended)
{
	struct httpd_conn *a, *b;
	struct rig r;
	uint32_t i, serial;

	rig_open(&r, 2);
	a = add(&r, 1, HTTPD_QUEUED, 1);
	i = httpd_table_index(&r.t, a);
	serial = a->serial;
	T_OK(serial != 0);
	T_OK(httpd_table_find(&r.t, i, serial) == a);
	httpd_peer_leave(r.peers, a, 0);
	httpd_table_remove(&r.t, a);
	T_OK(httpd_table_find(&r.t, i, serial) == NULL);
	b = add(&r, 1, HTTPD_IDLE, 2);
	T_OK(b == a && httpd_table_find(&r.t, i, serial) == NULL);
	T_OK(httpd_table_find(&r.t, i, b->serial) == b);
	T_OK(httpd_table_find(&r.t, 2, b->serial) == NULL);
	/* It goes round without being 0, which stands for no connection. */
	a->serial = UINT32_MAX - 1;
	httpd_peer_leave(r.peers, a, 0);
	httpd_table_remove(&r.t, a);
	b = add(&r, 1, HTTPD_IDLE, 3);
	T_EQ(b->serial, 1);
	rig_close(&r);
}

T_TEST(a_full_table_has_no_more)
{
	struct rig r;

	rig_open(&r, 2);
	(void)add(&r, 1, HTTPD_IDLE, 1);
	(void)add(&r, 2, HTTPD_IDLE, 1);
	T_EQ(r.t.n, 2);
	T_OK(httpd_table_add(&r.t, 1) == NULL);
	rig_close(&r);
}

T_TEST(who_goes_first_is_who_did_nothing_longest)
{
	struct httpd_conn *idle, *later, *head, *body, *file, *moved, *queued;
	struct rig r;

	rig_open(&r, 16);
	queued = add(&r, 1, HTTPD_QUEUED, 1);
	file = add(&r, 1, HTTPD_SEND, 2);
	head = add(&r, 1, HTTPD_HEAD, 3);
	body = add(&r, 1, HTTPD_BODY, 4);
	idle = add(&r, 1, HTTPD_IDLE, 5000);
	later = add(&r, 2, HTTPD_IDLE, 5001);
	T_OK(httpd_table_victim(&r.t, NULL, 5002, SLOW, true) == idle);
	httpd_table_move(&r.t, idle, HTTPD_IDLE, 5003);
	T_OK(httpd_table_victim(&r.t, NULL, 5003, SLOW, true) == later);
	/* Of the other address only. */
	T_OK(httpd_table_victim(&r.t, queued, 5003, SLOW, true) == idle);
	httpd_table_move(&r.t, idle, HTTPD_AWAIT, 5003);
	httpd_table_move(&r.t, later, HTTPD_AWAIT, 5003);
	T_OK(httpd_table_victim(&r.t, NULL, 5003, SLOW, true) == head);
	T_OK(httpd_table_victim(&r.t, queued, 5003, SLOW, true) == head);
	T_OK(httpd_table_victim(&r.t, later, 5003, SLOW, true) == NULL);
	httpd_table_move(&r.t, head, HTTPD_QUEUED, 5003);
	T_OK(httpd_table_victim(&r.t, NULL, 5003, SLOW, true) == body);
	httpd_table_move(&r.t, body, HTTPD_QUEUED, 5003);
	/* An answer only when it is taken slowly, and not when it has just
	   begun; the slowest first, wherever it stands. */
	begin_answer(&r, file, 5000);
	T_OK(httpd_table_victim(&r.t, NULL, 5199, SLOW, true) == NULL);
	T_OK(httpd_table_victim(&r.t, NULL, 5200, SLOW, true) == file);
	httpd_table_move(&r.t, file, HTTPD_SEND, 5400); /* it got on */
	T_OK(httpd_table_victim(&r.t, NULL, 5500, SLOW, true) == NULL);
	file->sent = 99999; /* which a kernel took */
	T_OK(httpd_table_victim(&r.t, NULL, 6000, SLOW, true) == file);
	file->sent += 999;
	T_OK(httpd_table_victim(&r.t, NULL, 7000, SLOW, true) == file);
	file->sent += 1000;
	T_OK(httpd_table_victim(&r.t, NULL, 7999, SLOW, true) == file);
	T_OK(httpd_table_victim(&r.t, NULL, 8000, SLOW, true) == NULL);
	T_OK(httpd_table_victim(&r.t, NULL, 8999, SLOW, true) == NULL);
	T_OK(httpd_table_victim(&r.t, NULL, 9000, SLOW, true) == file);
	moved = add(&r, 3, HTTPD_SEND, 1000);
	begin_answer(&r, moved, 9000);
	file->sent += 500;
	T_OK(httpd_table_victim(&r.t, NULL, 10000, SLOW, true) == moved);
	T_OK(httpd_table_victim(&r.t, queued, 10000, SLOW, true) == file);
	/* Whose request may be under way is the last to go. */
	head = add(&r, 1, HTTPD_HEAD, 9500);
	T_OK(httpd_table_victim(&r.t, queued, 10499, SLOW, true) == file);
	file->sent += 5000;
	T_OK(httpd_table_victim(&r.t, queued, 11000, SLOW, false) == head);
	httpd_table_move(&r.t, head, HTTPD_HEAD, 11000);
	T_OK(httpd_table_victim(&r.t, queued, 11000, SLOW, false) == NULL);
	T_OK(httpd_table_victim(&r.t, queued, 11000, SLOW, true) == head);
	T_OK(queued->state == HTTPD_QUEUED);
	rig_close(&r);
}

T_TEST(lists_are_in_the_order_in_which_states_were_entered)
{
	struct httpd_conn *c[5], *p;
	uint64_t last = 0;
	struct rig r;
	unsigned i, n;

	rig_open(&r, 8);
	for (i = 0; i < 5; i++)
		c[i] = add(&r, 1, HTTPD_IDLE, i);
	for (i = 0; i < 200; i++)
		httpd_table_move(&r.t, c[t_random() % 5],
		    t_random() % 2 ? HTTPD_IDLE : HTTPD_HEAD, 10 + i);
	n = 0;
	for (i = 0; i < HTTPD_NSTATES; i++) {
		last = 0;
		TAILQ_FOREACH(p, &r.t.lists[i], list)
		{
			T_OK(p->since_ms >= last && p->state == i);
			last = p->since_ms;
			n++;
		}
	}
	T_EQ(n, 5);
	rig_close(&r);
}

T_TEST(an_address_is_counted_over_all_loops)
{
	struct httpd_table other;
	struct httpd_conn *a, *b, *far;
	struct err e = ERR_INIT;
	struct rig r;
	unsigned n = 0;

	rig_open(&r, 8);
	T_CALL(httpd_table_open(&other, 8, &e), &e);
	a = add(&r, 1, HTTPD_IDLE, 1);
	T_EQ(httpd_peer_elsewhere(r.peers, a->peer, 0), -1);
	far = httpd_table_add(&other, 1);
	(void)httpd_peer_enter(r.peers, a->address, far, 1, &n);
	T_EQ(n, 2);
	T_EQ(httpd_peer_elsewhere(r.peers, a->peer, 0), 1);
	T_OK(httpd_peer_here(r.peers, a->address, 1) == far);
	b = add(&r, 2, HTTPD_IDLE, 1);
	T_OK(b->peer != a->peer);
	T_OK(httpd_peer_here(r.peers, b->address, 1) == NULL);
	httpd_peer_leave(r.peers, far, 1);
	T_OK(httpd_peer_here(r.peers, a->address, 1) == NULL);
	T_OK(httpd_peer_ring(a->peer, 0) == a);
	httpd_table_close(&other);
	rig_close(&r);
}

T_TEST(of_a_long_address_its_network_counts)
{
	static const uint8_t v6[3][16] = {{0x20, 1, 0xd, 0xb8, [15] = 1},
	    {0x20, 1, 0xd, 0xb8, [8] = 9, [15] = 2},
	    {0x20, 1, 0xd, 0xb8, [7] = 1, [15] = 1}};
	struct httpd_conn *c[3];
	struct rig r;
	unsigned i, n;

	rig_open(&r, 8);
	for (i = 0; i < 3; i++) {
		c[i] = httpd_table_add(&r.t, 1);
		(void)httpd_peer_enter(r.peers, v6[i], c[i], 0, &n);
		T_EQ(n, i == 1 ? 2 : 1);
	}
	T_OK(c[0]->peer == c[1]->peer && c[0]->peer != c[2]->peer);
	rig_close(&r);
}

T_TEST(an_idle_connection_takes_little)
{
	T_OK(sizeof(struct httpd_conn) <= 256);
}

T_TEST(of_the_budget_an_eighth_is_for_what_is_small)
{
	struct httpd_budget b = {.max = 800};

	T_OK(httpd_budget_take(&b, 700, false));
	T_OK(!httpd_budget_take(&b, 1, false));
	T_OK(!httpd_budget_full(&b));
	T_OK(httpd_budget_take(&b, 100, true));
	T_OK(!httpd_budget_take(&b, 1, true) && httpd_budget_full(&b));
	httpd_budget_give(&b, 200);
	T_OK(!httpd_budget_take(&b, 101, false));
	T_OK(httpd_budget_take(&b, 100, false));
	httpd_budget_force(&b, 500);
	T_OK(!httpd_budget_take(&b, 0, false) && httpd_budget_full(&b));
	httpd_budget_give(&b, 1200);
	T_EQ(atomic_load(&b.used), 0);
}

T_MAIN
