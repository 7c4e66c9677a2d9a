/* SPDX-License-Identifier: ISC */
/* A server in the test's own process, and clients that speak in bytes. */
#ifndef WF_WIRE_H
#define WF_WIRE_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/net/httpd.h"

#define WIRE_FILE 400000 /* bytes of /file and of /warm */
#define WIRE_LIST 3000000 /* bytes of /list */
#define WIRE_MEM 3000 /* of /mem */
#define WIRE_LARGE 64000000 /* of /large */
#define WIRE_BIG 12000000 /* of /big: more than a kernel holds for a client */

/*
 * GET /file a file, by a worker; /warm the same, at once; /large a file of
 * zeros; /mem bytes with a tag; /big WIRE_BIG in memory; /list a body that is
 * made as it is sent; /broken one that fails at once; /wait waits until
 * wire_let(); POST /post answers with the body's length and sum.
 */
struct wire {
	struct httpd *h;
	struct httpd_opts o; /* to be changed before wire_start() */
	struct httpd_limits limits; /* the same */
	unsigned port;
	int file; /* of WIRE_FILE bytes: wire_byte() */
	int large;
	sem_t let;
	atomic_uint waiting, done; /* done: told */
	atomic_uint opened, closed; /* lists */
	char said[512]; /* the last that was told */
};

void wire_init(struct wire *r);
void wire_start(struct wire *r); /* on 127.0.0.1 */
void wire_start_on(struct wire *r, const struct httpd_listen *l, size_t n);
void wire_stop(struct wire *r);
void wire_let(struct wire *r, unsigned n);
uint8_t wire_byte(uint64_t off);
void wire_counts(struct wire *r, struct httpd_counts *c);
/* Until it holds, twenty seconds at most: did it? */
bool wire_await(
    bool (*holds)(struct wire *r, unsigned n), struct wire *r, unsigned n);
bool wire_has_conns(struct wire *r, unsigned n);
bool wire_is_busy(struct wire *r, unsigned n);
bool wire_waits(struct wire *r, unsigned n);

/* A connection; from: the last byte of 127.0.0.x. */
int wire_dial(const struct wire *r, unsigned from);
void wire_say(int fd, const char *text);
void wire_say_bytes(int fd, const char *p, size_t n);
/*
 * One answer: its status, its head in head (may be NULL), its body's length in
 * *n and its bytes in body (may be NULL).  0: the connection ended.
 */
#define WIRE_HEAD 4096
unsigned wire_hear(int fd, bool bodiless, char *head, char *body, size_t *n);
/* The status of a GET on a connection of its own. */
unsigned wire_get(const struct wire *r, unsigned from, const char *path);
/* Does the other side end it within so many milliseconds? */
bool wire_ends(int fd, int ms);

#endif
