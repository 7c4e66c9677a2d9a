/* SPDX-License-Identifier: ISC */
/* Chunked bodies, RFC 9112, 7.1, byte for byte but for the data. */
#include "formats/request_priv.h"
#include "lib/base/cur.h"

#define CHUNKED "RFC 9112, 7.1"
#define SIZE_DIGITS 16 /* zeros in front are part of them */

enum {
	SIZE, /* of the next chunk */
	BLANK, /* behind the size: an extension must follow */
	EXTENSION,
	SIZE_LF, /* after the CR of the size's line */
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER, /* where a line begins */
	NAME,
	VALUE,
	VALUE_LF,
	LAST_LF,
	OVER
};

void
request_chunks_init(struct request_chunks *c, uint64_t max)
{
	*c = (struct request_chunks){.room = max, .state = SIZE};
}

static bool
refuse(struct request_chunks *c, unsigned status, const char *why)
{
	return request_refuse(&c->fault, status, why, CHUNKED);
}

static int
digit(uint8_t b)
{
	if (b >= '0' && b <= '9')
		return b - '0';
	b |= 0x20;
	return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
}

/* The size is whole. */
static bool
begin_chunk(struct request_chunks *c, uint8_t state)
{
	if (c->ndigits == 0)
		return refuse(c, 400, "a chunk has no size");
	if (c->left > c->room)
		return refuse(c, 413, "the body is longer than is taken");
	c->room -= c->left;
	c->state = state;
	return true;
}

static bool
in_size(struct request_chunks *c, uint8_t b)
{
	int d = digit(b);

	if (d >= 0) {
		if (c->ndigits++ == SIZE_DIGITS)
			return refuse(c, 400, "a chunk's size is too long");
		c->left = c->left << 4 | (unsigned)d;
		return true;
	}
	if (b == '\r')
		return begin_chunk(c, SIZE_LF);
	if (b == ';')
		return begin_chunk(c, EXTENSION);
	if (b == ' ' || b == '\t')
		return begin_chunk(c, BLANK);
	return refuse(c, 400, "a chunk's size is no hexadecimal number");
}

/* Extensions are not looked into: within a line, and bounded. */
static bool
in_extension(struct request_chunks *c, uint8_t b)
{
	if (++c->nextension > REQUEST_EXTENSIONS_MAX)
		return refuse(c, 400, "the extensions of chunks are too long");
	if (c->state == BLANK) {
		if (b == ';')
			c->state = EXTENSION;
		else if (b != ' ' && b != '\t')
			return refuse(
			    c, 400, "a blank follows the size of a chunk");
		return true;
	}
	if (b == '\r')
		c->state = SIZE_LF;
	else if ((request_class[b] & REQUEST_TEXT) == 0)
		return refuse(c, 400, "an extension holds a control character");
	return true;
}

static bool
in_trailer(struct request_chunks *c, uint8_t b)
{
	if (++c->ntrailer > REQUEST_TRAILERS_MAX)
		return request_refuse(
		    &c->fault, 431, "the trailers are too long", "RFC 6585, 5");
	if (b == '\r' && c->state != NAME) {
		c->state = c->state == TRAILER ? LAST_LF : VALUE_LF;
		return true;
	}
	if (c->state == VALUE) {
		if ((request_class[b] & REQUEST_TEXT) == 0)
			return refuse(
			    c, 400, "a trailer holds a control character");
	} else if (b == ':' && c->state == NAME) {
		c->state = VALUE;
	} else if ((request_class[b] & REQUEST_TOKEN) != 0) {
		c->state = NAME;
	} else {
		return refuse(c, 400, "a trailer's name is no token");
	}
	return true;
}

/* A byte that must be there, and what comes then. */
static bool
expect(struct request_chunks *c, uint8_t b, uint8_t wanted, uint8_t then)
{
	if (b != wanted)
		return refuse(c, 400,
		    c->state == DATA_CR ? "a chunk is longer than its size"
					: "a CR is not followed by LF");
	c->state = then;
	return true;
}

static bool
take_byte(struct request_chunks *c, uint8_t b)
{
	switch (c->state) {
	case SIZE:
		return in_size(c, b);
	case BLANK:
	case EXTENSION:
		return in_extension(c, b);
	case SIZE_LF:
		return expect(c, b, '\n', c->left > 0 ? DATA : TRAILER);
	case DATA_CR:
		return expect(c, b, '\r', DATA_LF);
	case DATA_LF:
		c->ndigits = 0;
		return expect(c, b, '\n', SIZE);
	case VALUE_LF:
		return expect(c, b, '\n', TRAILER);
	case LAST_LF:
		return expect(c, b, '\n', OVER);
	default:
		return in_trailer(c, b);
	}
}

static enum request_result
take_data(struct request_chunks *c, struct cur *in, struct slice *piece)
{
	size_t n = cur_left(in);

	if (n > c->left)
		n = (size_t)c->left;
	*piece = (struct slice){(const char *)cur_take(in, n), n};
	c->left -= n;
	if (c->left == 0)
		c->state = DATA_CR;
	return REQUEST_PIECE;
}

enum request_result
request_chunks_read(
    struct request_chunks *c, struct cur *in, struct slice *piece)
{
	while (c->state != OVER && c->fault.status == 0) {
		if (cur_left(in) == 0)
			return REQUEST_MORE;
		if (c->state == DATA)
			return take_data(c, in, piece);
		if (!take_byte(c, cur_u8(in)))
			break;
	}
	return c->fault.status != 0 ? REQUEST_BAD : REQUEST_WHOLE;
}
