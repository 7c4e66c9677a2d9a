/* SPDX-License-Identifier: ISC */
/*
 * A server of one file for tests: threads of this process.  A script says how
 * each request is answered; its last line goes on for all that follow.
 */
#ifndef WF_GET_PEER_H
#define WF_GET_PEER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum get_peer_act {
	PEER_GOOD, /* 200 or 206, If-Range honoured */
	PEER_CUT, /* the same, but after arg bytes the connection is closed */
	PEER_WHOLE, /* 200, whatever was asked for */
	PEER_SHIFTED, /* 206 from arg bytes further on */
	PEER_PART, /* 206 from the start, though nothing of the kind was asked */
	PEER_ODD_TOTAL, /* 206 with a total that is arg more */
	PEER_ODD_FROM, /* 206 of the rest, said to begin arg bytes later */
	PEER_ODD_TO, /* 206 of the rest, said to end arg bytes earlier */
	PEER_REST_LONG, /* 206 of the rest in chunks, and arg bytes more */
	PEER_NO_RANGE, /* 206 without Content-Range */
	PEER_BEYOND, /* 416 with the size */
	PEER_SHORT, /* all but arg bytes, and Content-Length says so */
	PEER_LONG, /* arg bytes more, and Content-Length says so */
	PEER_CHUNKED, /* no Content-Length */
	PEER_CHUNKED_LONG, /* twice as much */
	PEER_CHUNKED_SHORT, /* all but arg bytes, and a proper end */
	PEER_SWAPPED, /* byte arg is another one */
	PEER_MISSING, /* 404 */
	PEER_STATUS, /* arg */
	PEER_ENCODED, /* Content-Encoding: gzip */
	PEER_SLOW /* a few bytes, then nothing for arg ms */
};

struct get_peer_line {
	enum get_peer_act act;
	uint64_t arg;
};

enum get_peer_tag { PEER_STRONG, PEER_WEAK, PEER_NEW, PEER_DATED, PEER_BARE };

#define PEER_LINES 16
#define PEER_SEEN 64

struct get_peer {
	int fd; /* owned; listens */
	unsigned port;
	const uint8_t *file; /* borrowed */
	size_t size;
	/* Where there are several: the one of a path, NULL for 404. */
	const uint8_t *(*find)(const char *path, size_t *size);
	struct get_peer_line script[PEER_LINES];
	unsigned nscript;
	enum get_peer_tag tag;
	/* What was asked: "GET /path range=bytes=5- if-range="tag"" */
	char seen[PEER_SEEN][256];
	atomic_uint nseen;
	atomic_ullong sent; /* bytes of bodies */
};

void get_peer_open(struct get_peer *p, const uint8_t *file, size_t size);
/* Nothing was asked yet; one line, answering all. */
void get_peer_script(struct get_peer *p, enum get_peer_act act, uint64_t arg);
void get_peer_then(struct get_peer *p, enum get_peer_act act, uint64_t arg);
void get_peer_close(struct get_peer *p);

#endif
