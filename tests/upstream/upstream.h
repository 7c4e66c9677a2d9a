/* SPDX-License-Identifier: ISC */
/*
 * An upstream server to test against: it answers as a WSUS does (MS-WSUSSS),
 * out of a store, or with recorded answers, and misbehaves as it is told to.
 *
 *	main.c      options, the listening socket, the end
 *	http.c      a connection: requests in, answers out
 *	http_out.c  an answer on its way out, and what may happen to it there
 *	soap_in.c   what a request says; soap_out.c what answers are made of
 *	answer_*.c  the operations
 *	catalogue.c what the store holds, as arrays
 *	blob.c      a document in one of its forms
 *	content.c   payload
 *	modes.c     the misbehaviours asked for; bend.c those of a finished answer
 *	replay.c    recorded answers
 *
 * A thread for each connection; stores are lent from a pool.
 */
#ifndef WF_UPSTREAM_H
#define WF_UPSTREAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"

struct catalogue;
struct store;

#define SD_NS "http://www.microsoft.com/SoftwareDistribution"
#define AUTH_NS SD_NS "/Server/DssAuthWebService"

struct upstream {
	const char *store_dir, *modes, *replay; /* NULL: none */
	bool catalog_only;
	int log; /* -1: none */
	char base[64]; /* "http://127.0.0.1:8530" */
	struct guid id; /* drawn at the start; what cookies are signed with */
	atomic_uint serial; /* of cookies */
	atomic_uint limit; /* as last announced */
};
extern struct upstream up;

/* Says why, and ends the program. */
_Noreturn void die(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Requests and answers (http.c) ------------------------------------------ */

#define HEAD_MAX ((size_t)64 << 10)
#define BODY_MAX ((size_t)64 << 20)
#define FIELD_MAX 512

struct request {
	char method[16], path[2048];
	char range[FIELD_MAX], if_range[FIELD_MAX], action[FIELD_MAX];
	uint64_t length; /* of the body */
	bool has_length, chunked, expect, close;
	struct buf body;
};

/* What is asked for by the modes that apply to one call. */
#define WISHES_MAX 32
struct wish {
	const char *mode, *arg; /* borrowed; arg "" when none */
};
struct wishes {
	struct wish v[WISHES_MAX];
	size_t n;
};

struct answer {
	int status;
	const char *type; /* Content-Type; NULL: none */
	struct buf body;
	struct buf head; /* further fields, each with its CRLF */
	bool own_date; /* Date is in head */
	int fd; /* owned: the body is a file's; -1 */
	uint64_t off, len; /* of fd */
	bool no_body; /* HEAD */
	/* Twists of the body on its way. */
	bool chunked;
	unsigned times; /* the body so many times; 0: once */
	bool flip; /* other bytes than the file's */
	int64_t length; /* the Content-Length to claim; -1: the true one */
	uint64_t sent; /* bytes of the body that went out */
	char op[64]; /* for the log */
	struct buf note; /* for the log */
	struct wishes w;
};

/* 0, or -1: the connection ends. */
int answer_send(int fd, struct answer *a, bool close);
int send_all(int fd, const void *p, size_t n, int flags);
void http_run(int fd); /* until the peer goes; closes fd */

/* Modes (modes.c) --------------------------------------------------------- */

void modes_start(const char *path); /* ends the program when it is wrong */
/* Looks whether the file has changed, counts this call, fills w.  sha1: the
   content asked for, as hex, or "". */
void modes_match(struct wishes *w, const char *op, const char *sha1);
const char *wish(const struct wishes *w, const char *mode); /* arg or NULL */
/* Is there such a wish with an argument that begins with this word? */
bool wish_for(const struct wishes *w, const char *mode, const char *word);
int64_t wish_num(const struct wishes *w, const char *mode, int64_t absent);
/* The argument of a rule for whatever operation, its number not counted. */
const char *modes_any(const char *mode);

/* Stores (catalogue.c)
   ------------------------------------------------------ */

struct rev {
	struct guid id;
	uint32_t revision;
	int64_t row; /* 0: invented */
	uint8_t type, category;
	bool newest, bundled;
	uint32_t cats, ncats; /* its products, then classifications, in cats */
};

struct catalogue {
	struct rev *revs; /* owned; by id, then revision */
	size_t n;
	struct guid *cats; /* owned */
	size_t ncats;
	int64_t last; /* the highest row */
};

struct store *store_lend(void);
void store_return(struct store *s);
bool store_has_file(struct store *s, const uint8_t sha1[SHA1_LEN]);
/* The present one; reads it anew when the store has changed.  Kept for ever. */
const struct catalogue *catalogue_get(void);
const struct rev *catalogue_find(
    const struct catalogue *c, const struct guid *id, uint32_t revision);
const struct rev *catalogue_newest(
    const struct catalogue *c, const struct guid *id);

/* Time -------------------------------------------------------------------- */

/* UTC, seconds since 1970, with the clock that the modes ask for. */
int64_t up_now(void);
#define DATE_LEN 30
void http_date(char out[DATE_LEN], int64_t t);

/* Content (content.c), replay (replay.c) ----------------------------------- */

/* path: of r, letters low, slashes single. */
void content_answer(
    const struct request *r, const char *path, struct answer *a);
void content_asked(const uint8_t sha1[SHA1_LEN]); /* by DownloadFiles */
void replay_start(const char *dir);
struct ask;
void replay_answer(const struct ask *q, struct answer *a);

/* The finished XML as the wishes want it (bend.c). */
void bend(struct answer *a);

#endif
