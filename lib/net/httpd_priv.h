/* SPDX-License-Identifier: ISC */
/*
 * Inside lib/net/httpd*.c: connections, exchanges, loops, and what these share.
 *
 * A connection belongs to one loop, always.  An exchange, a request with its
 * answer, belongs to that connection, but while a worker has it: then to the
 * worker, whole, and the connection has only a name for it.  It comes back by
 * mail with the connection's handle, and where that has ended meanwhile it is
 * freed.  So no worker ever sees a connection.
 */
#ifndef WF_HTTPD_PRIV_H
#define WF_HTTPD_PRIV_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "formats/httpdate.h"
#include "formats/request.h"
#include "lib/net/httpd.h"

/* Bytes of a request's head; of a body that comes behind it, and of the next
   request, as much as is read at once. */
#define HTTPD_IN_MAX (REQUEST_HEAD_MAX + 512)
#define HTTPD_OUT_MAX 1280 /* bytes of an answer's head */
#define HTTPD_BLOCK_FRONT 4096
#define HTTPD_BLOCK ((size_t)64 << 10) /* of a file, for TLS */
#define HTTPD_PIECE ((size_t)32 << 10) /* of a body made as it is sent */
#define HTTPD_BODY_MAX ((size_t)4 << 20)
#define HTTPD_DROP_MAX ((size_t)64 << 10) /* of a body nobody wants */
#define HTTPD_RETRY_S 10
#define HTTPD_NO_RATE UINT64_MAX /* not known yet */
#define HTTPD_TURN ((uint64_t)1 << 20) /* bytes, then it is others' turn */
/* Bytes of an answer that the kernel may hold and has not sent.  What it would
   take else is 4 MiB of each client, and of a thousand that take nothing all
   that there is for all connections of the machine. */
#define HTTPD_UNSENT (256 << 10)
/* A connection that took so much of one answer is without that bound, which
   costs a third of the processor time of large files, until nothing could be
   sent to it for so long. */
#define HTTPD_TAKER ((uint64_t)2 << 20)
#define HTTPD_TAKER_MS 2000
#define HTTPD_WARM 1024 /* such pages that are remembered ... */
#define HTTPD_WARM_MS 1000 /* ... for so long */
#define HTTPD_PROBE ((uint64_t)128 << 10) /* a page in so many is looked at */

enum httpd_state {
	HTTPD_UNUSED,
	HTTPD_HANDSHAKE,
	HTTPD_IDLE, /* between requests: holds no buffer */
	HTTPD_HEAD, /* new, or some of a head has come */
	HTTPD_BODY,
	HTTPD_STARVED, /* the budget is used up: nothing is read */
	HTTPD_QUEUED, /* for an answer */
	HTTPD_SEND,
	HTTPD_AWAIT, /* sending, but a worker makes or reads what comes next */
	HTTPD_LINGER, /* answered; what still comes is dropped */
	HTTPD_NSTATES
};

/* Which connection: stale once it has ended. */
struct httpd_handle {
	unsigned loop;
	uint32_t i, serial; /* serial: never 0 */
};

enum httpd_job {
	HTTPD_JOB_ANSWER,
	HTTPD_JOB_PIECE,
	HTTPD_JOB_PAGES,
	HTTPD_JOB_CLOSE,
	HTTPD_JOB_EVICT /* no worker's: one of that address is to go */
};

struct httpd_multi { /* several ranges */
	struct request_verdict v;
	struct request_parts parts;
	unsigned next;
};

STAILQ_HEAD(httpd_exchanges, httpd_exchange);
struct httpd_exchange {
	STAILQ_ENTRY(httpd_exchange) next; /* of a queue, of mail, a spare */
	struct httpd_handle who;
	enum httpd_job job;
	unsigned kind; /* HTTPD_SLOW and so on */
	bool refused; /* has its answer, by httpd_answer_status() */
	bool away; /* a worker has it */
	atomic_bool cancelled;
	/* The request. */
	struct request rq;
	size_t nin, in_at; /* bytes of in; how far they were used */
	struct request_chunks chunks;
	struct buf body;
	size_t held; /* bytes of the budget */
	uint8_t address[16]; /* of the client, where remote */
	bool remote;
	bool tls, admin, drop; /* drop: nobody wants its body */
	bool keep; /* the connection stays */
	bool begun; /* counted as under way */
	bool body_over; /* all of the request's body was read */
	uint64_t began_ms;
	/* The answer. */
	struct httpd_res res;
	size_t out_at, out_len;
	const char *mem; /* borrowed from res.bytes or piece */
	size_t nmem;
	uint64_t off, left; /* of res.fd */
	uint64_t warm; /* of res.fd: was read to there */
	struct httpd_multi *multi; /* owned, or NULL */
	char *piece; /* owned: of what is made as it is sent */
	ssize_t npiece; /* what read() said */
	bool making, chunking, bodiless;
	uint64_t total; /* bytes of the body, so far */
	uint64_t sent_at; /* of its connection, when its head was made */
	size_t head; /* bytes of that */
	/* Not cleared for each: */
	char out[HTTPD_OUT_MAX]; /* of the head, of a part, of a chunk */
	char in[HTTPD_IN_MAX]; /* the request's head, and what came behind it */
};

struct httpd_peer;

TAILQ_HEAD(httpd_conns, httpd_conn);
STAILQ_HEAD(httpd_ready, httpd_conn);
LIST_HEAD(httpd_ring, httpd_conn);
struct httpd_conn {
	TAILQ_ENTRY(httpd_conn) list; /* of its state, oldest first */
	LIST_ENTRY(httpd_conn) ring; /* of its address, on this loop */
	STAILQ_ENTRY(httpd_conn) next_ready;
	struct httpd_peer *peer; /* NULL: a socket of this machine */
	struct httpd_exchange *x; /* owned, or NULL */
	struct ssl_st *ssl; /* owned, or NULL */
	uint64_t since_ms; /* when it came into its state, or got on in it */
	uint64_t sent, taken; /* bytes; taken: at the last look */
	uint64_t bound_at; /* of sent, when the bound was set again */
	uint64_t rated, rated_ms, rate; /* taken until then; a second */
	int fd;
	uint32_t serial;
	uint8_t state;
	bool readable, ready, admin; /* readable: maybe */
	bool ended; /* the client sends no more */
	bool taker; /* HTTPD_TAKER */
	uint8_t address[16]; /* IPv6, or IPv4 mapped into it */
};

/* A loop's connections.  Whoever calls has the clock. */
struct httpd_table {
	struct httpd_conn *conns; /* owned; max of them */
	unsigned max, n, used; /* used: ever; memory behind is not touched */
	struct httpd_conns lists[HTTPD_NSTATES];
	unsigned loop;
};

int httpd_table_open(struct httpd_table *t, unsigned max, struct err *e);
void httpd_table_close(struct httpd_table *t);
/* In the state HTTPD_HEAD; NULL: all are taken. */
struct httpd_conn *httpd_table_add(struct httpd_table *t, uint64_t now_ms);
void httpd_table_remove(struct httpd_table *t, struct httpd_conn *c);
/* To the end of that state's list. */
void httpd_table_move(struct httpd_table *t, struct httpd_conn *c,
    enum httpd_state to, uint64_t now_ms);
struct httpd_conn *httpd_table_find(
    const struct httpd_table *t, uint32_t i, uint32_t serial);
uint32_t httpd_table_index(
    const struct httpd_table *t, const struct httpd_conn *c);
/*
 * Who is closed for a newcomer: the longest idle one; else who has been longest
 * about a handshake, a head or a body; else who takes least of an answer, less
 * than slow bytes a second; where new is so, else the oldest of those whose
 * request may be under way.  Of all, or of the address of that newcomer, here
 * and besides him; NULL: they are all at work.
 */
struct httpd_conn *httpd_table_victim(const struct httpd_table *t,
    const struct httpd_conn *of, uint64_t now_ms, uint64_t slow, bool new);

/* How many connections an address has: all loops' together. */
struct httpd_peers;
struct httpd_peers *httpd_peers_new(unsigned loops, struct err *e);
void httpd_peers_free(struct httpd_peers *p);
/* One more, on this loop; how many it has now in *n.  NULL: no memory. */
struct httpd_peer *httpd_peer_enter(struct httpd_peers *p,
    const uint8_t address[16], struct httpd_conn *c, unsigned loop,
    unsigned *n);
void httpd_peer_leave(
    struct httpd_peers *p, struct httpd_conn *c, unsigned loop);
/* The first of those that this loop, the caller's, has of it; NULL: none. */
struct httpd_conn *httpd_peer_ring(const struct httpd_peer *p, unsigned loop);
struct httpd_conn *httpd_peer_here(
    struct httpd_peers *p, const uint8_t address[16], unsigned loop);
/* Another loop that has one of it, or -1. */
int httpd_peer_elsewhere(
    struct httpd_peers *p, const struct httpd_peer *peer, unsigned loop);

/* What bodies and answers hold together. */
struct httpd_budget {
	atomic_size_t used;
	size_t max;
};
/* small: it is one of few bytes in all, for which an eighth is kept. */
bool httpd_budget_take(struct httpd_budget *b, size_t n, bool small);
void httpd_budget_force(struct httpd_budget *b, size_t n); /* it exists */
void httpd_budget_give(struct httpd_budget *b, size_t n);
bool httpd_budget_full(const struct httpd_budget *b);

struct httpd_queue {
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t more;
	struct httpd_exchanges list;
	bool closed;
};

struct httpd_worker {
	struct httpd *h;
	struct httpd_queue *q;
	pthread_t thread;
	unsigned number;
	char path[REQUEST_TARGET_MAX + 1];
};

enum { HTTPD_Q_FILES, HTTPD_Q_SLOW, HTTPD_Q_DISK, HTTPD_NQ };
#define HTTPD_DISK_WORKERS 2

struct httpd_tally { /* written by one thread */
	atomic_ullong requests, sent, refused, failed, dripping, evicted,
	    turned_away, bytes, accepted, busy;
};

struct httpd_loop {
	struct httpd *h;
	struct httpd_table table;
	pthread_t thread;
	unsigned number;
	int ep, wake, spare; /* owned; spare: to be given up for a moment */
	bool started, listening, quiet;
	uint64_t limits[HTTPD_NSTATES]; /* milliseconds */
	uint64_t now_ms;
	uint64_t bound_ms; /* httpd_conn_bind() looked last */
	uint64_t deaf_until_ms; /* accepts nobody before */
	int64_t date_s;
	char date[HTTPDATE_LEN + 1];
	struct httpd_ready ready;
	struct httpd_exchanges unused;
	unsigned nunused;
	pthread_mutex_t lock; /* of mail */
	struct httpd_exchanges mail;
	struct httpd_tally tally;
	uint64_t warm[HTTPD_WARM]; /* pieces of files that were in memory */
	char path[REQUEST_TARGET_MAX + 1];
	/* Of a file, for TLS, with room for a head in front. */
	_Alignas(4096) char block[HTTPD_BLOCK_FRONT + HTTPD_BLOCK];
};

struct httpd {
	struct httpd_opts o;
	struct httpd_limits limits;
	struct httpd_listen listens[HTTPD_LISTEN_MAX];
	size_t nlistens;
	struct httpd_loop *loops; /* owned */
	struct httpd_queue queues[HTTPD_NQ];
	struct httpd_worker *workers; /* owned */
	unsigned nworkers;
	struct httpd_budget budget;
	struct httpd_peers *peers; /* owned */
	atomic_uint nconns;
	atomic_bool quiet, stopping;
};

static inline void
httpd_add(atomic_ullong *n, uint64_t by)
{
	atomic_store_explicit(n,
	    atomic_load_explicit(n, memory_order_relaxed) + by,
	    memory_order_relaxed);
}

/* httpd_loop.c */
void *httpd_loop_run(void *arg);
int httpd_loop_open(struct httpd_loop *l, struct err *e);
void httpd_loop_close(struct httpd_loop *l);
void httpd_loop_wake(struct httpd_loop *l);
/* By whichever thread: this comes back. */
void httpd_loop_mail(struct httpd_loop *l, struct httpd_exchange *x);

/* httpd_accept.c */
void httpd_accept(struct httpd_loop *l, const struct httpd_listen *on);
/* Whether it accepts: while it has not more than its share, or all have. */
void httpd_share(struct httpd_loop *l);
const char *httpd_peer_text(
    const struct httpd_conn *c, char out[INET6_ADDRSTRLEN]);
void httpd_evict_peer(struct httpd_loop *l, const uint8_t address[16]);

/* httpd_conn.c */
void httpd_conn_run(struct httpd_loop *l, struct httpd_conn *c);
void httpd_conn_close(struct httpd_loop *l, struct httpd_conn *c);
void httpd_conn_ready(struct httpd_loop *l, struct httpd_conn *c);
/* x->res is the answer, which is sent.  Is there more to be done at once? */
bool httpd_conn_answer(struct httpd_loop *l, struct httpd_conn *c);
/* The request is here, whole, and its path in the loop's: the same. */
bool httpd_conn_dispatch(struct httpd_loop *l, struct httpd_conn *c);
/* Its time in this state is over. */
void httpd_conn_expire(struct httpd_loop *l, struct httpd_conn *c);
/* Who took much, and takes nothing now, is bound again; once in a while. */
void httpd_conn_bind(struct httpd_loop *l);
/* What a worker had. */
void httpd_conn_back(
    struct httpd_loop *l, struct httpd_conn *c, struct httpd_exchange *x);
/* Those that wait for the budget, the smallest first. */
void httpd_conn_feed(struct httpd_loop *l);

/* httpd_exchange.c */
struct httpd_exchange *httpd_exchange_new(struct httpd_loop *l);
void httpd_exchange_free(struct httpd_loop *l, struct httpd_exchange *x);
void httpd_res_free(struct httpd_res *rs);
/* Bytes of the body that were given to the kernel. */
uint64_t httpd_exchange_sent(
    const struct httpd_conn *c, const struct httpd_exchange *x);
/* For the log: that answer has ended. */
void httpd_exchange_tell(struct httpd_loop *l, const struct httpd_conn *c,
    const struct httpd_exchange *x, bool whole);

/* httpd_head.c: a request begins; is there more to be done at once? */
bool httpd_head(struct httpd_loop *l, struct httpd_conn *c);

/* httpd_body.c: what stands behind a head, so far as it has come. */
enum httpd_bodily {
	HTTPD_BODY_MORE,
	HTTPD_BODY_WHOLE,
	HTTPD_BODY_ENOUGH, /* an answer stands there, or nobody wants it */
	HTTPD_BODY_STARVED, /* the budget is used up */
	HTTPD_BODY_LOST
};
enum httpd_bodily httpd_body(struct httpd_loop *l, struct httpd_conn *c);

/* httpd_answer.c: the head of the answer that x->res is. */
void httpd_answer(struct httpd_loop *l, struct httpd_exchange *x);
void httpd_answer_fault(
    struct httpd_exchange *x, const struct request_fault *f);
void httpd_answer_status(struct httpd_exchange *x, unsigned status);

/* httpd_send.c */
enum httpd_sent {
	HTTPD_SENT_ALL,
	HTTPD_SENT_FULL, /* the socket takes no more now */
	HTTPD_SENT_TURN, /* others' turn */
	HTTPD_SENT_AWAIT, /* x->job is to be done */
	HTTPD_SENT_FAILED
};
enum httpd_sent httpd_send(struct httpd_loop *l, struct httpd_conn *c);
/* Bytes that the kernel may hold unsent; 0: as many as it likes. */
void httpd_send_bound(int fd, int bytes);
/* A piece has come: it goes next; false: it failed. */
bool httpd_send_piece(struct httpd_exchange *x);
/* Bytes of this connection that its client has taken. */
uint64_t httpd_send_taken(const struct httpd_conn *c);

/* httpd_io.c: bytes, 0 the end, -1 not now, -2 it is broken. */
ssize_t httpd_recv(struct httpd_conn *c, char *p, size_t room);
ssize_t httpd_write(struct httpd_conn *c, const char *p, size_t n, bool more);

/* httpd_work.c */
int httpd_work_start(struct httpd *h, struct err *e);
void httpd_work_stop(struct httpd *h);
void httpd_work_put(struct httpd *h, struct httpd_exchange *x);
void httpd_work_request(struct httpd_req *rq, const struct httpd_exchange *x,
    const char *path, unsigned worker, uint64_t now_ms);

#endif
