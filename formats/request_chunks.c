/* SPDX-License-Identifier: ISC */
/* Chunked bodies, RFC 9112, 7.1, byte for byte but for the data. */
#include "formats/request_priv.h"
#include "lib/base/cur.h"
#include "lib/base/enc.h"

#define CHUNKED "RFC 9112, 7.1"
#define SIZE_DIGITS 16 /* zeros in front are part of them */
#define NO_LF "a CR is not followed by LF"
#define NO_NAME "a trailer's name is no token"

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

/* What leads on from a state: a byte, or where there is a class one of that.
   Extensions are not looked into. */
static const struct {
	uint8_t from;
	char byte;
	uint8_t class, to;
} rows[] = {
    {SIZE, '\r', 0, SIZE_LF},
    {SIZE, ';', 0, EXTENSION},
    {SIZE, ' ', 0, BLANK},
    {SIZE, '\t', 0, BLANK},
    {BLANK, ';', 0, EXTENSION},
    {BLANK, ' ', 0, BLANK},
    {BLANK, '\t', 0, BLANK},
    {EXTENSION, '\r', 0, SIZE_LF},
    {EXTENSION, 0, REQUEST_TEXT, EXTENSION},
    {SIZE_LF, '\n', 0, DATA},
    {DATA_CR, '\r', 0, DATA_LF},
    {DATA_LF, '\n', 0, SIZE},
    {TRAILER, '\r', 0, LAST_LF},
    {TRAILER, 0, REQUEST_TOKEN, NAME},
    {NAME, ':', 0, VALUE},
    {NAME, 0, REQUEST_TOKEN, NAME},
    {VALUE, '\r', 0, VALUE_LF},
    {VALUE, 0, REQUEST_TEXT, VALUE},
    {VALUE_LF, '\n', 0, TRAILER},
    {LAST_LF, '\n', 0, OVER},
};

/* What is said where nothing does. */
static const char *const why[] = {
    [SIZE] = "a chunk's size is no hexadecimal number",
    [BLANK] = "a blank follows the size of a chunk",
    [EXTENSION] = "an extension holds a control character",
    [SIZE_LF] = NO_LF,
    [DATA_CR] = "a chunk is longer than its size",
    [DATA_LF] = NO_LF,
    [TRAILER] = NO_NAME,
    [NAME] = NO_NAME,
    [VALUE] = "a trailer holds a control character",
    [VALUE_LF] = NO_LF,
    [LAST_LF] = NO_LF,
};

void
request_chunks_init(struct request_chunks *c, uint64_t max)
{
	*c = (struct request_chunks){.room = max, .state = SIZE};
}

static bool
refuse(struct request_chunks *c, unsigned status, const char *text)
{
	return request_refuse(&c->fault, status, text, CHUNKED);
}

static bool
take_digit(struct request_chunks *c, unsigned digit)
{
	if (c->ndigits++ == SIZE_DIGITS)
		return refuse(c, 400, "a chunk's size is too long");
	c->left = c->left << 4 | digit;
	return true;
}

/* The size is whole. */
static bool
begin_chunk(struct request_chunks *c)
{
	if (c->ndigits == 0)
		return refuse(c, 400, "a chunk has no size");
	if (c->left > c->room)
		return refuse(c, 413, "the body is longer than is taken");
	c->room -= c->left;
	c->ndigits = 0;
	return true;
}

/* What is thrown away is bounded. */
static bool
has_room(struct request_chunks *c)
{
	if ((c->state == BLANK || c->state == EXTENSION) &&
	    ++c->nextension > REQUEST_EXTENSIONS_MAX)
		return refuse(c, 400, "the extensions of chunks are too long");
	if ((c->state == TRAILER || c->state == NAME || c->state == VALUE) &&
	    ++c->ntrailer > REQUEST_TRAILERS_MAX)
		return request_refuse(
		    &c->fault, 431, "the trailers are too long", "RFC 6585, 5");
	return true;
}

static bool
take_byte(struct request_chunks *c, uint8_t b)
{
	const char byte = (char)b;
	uint64_t digit;
	unsigned i;

	if (c->state == SIZE && hex_number(&digit, &byte, 1))
		return take_digit(c, (unsigned)digit);
	if (!has_room(c))
		return false;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].from == c->state &&
		    (rows[i].class != 0
			    ? (request_class[b] & rows[i].class) != 0
			    : rows[i].byte == byte))
			break;
	if (i == sizeof(rows) / sizeof(*rows))
		return refuse(c, 400, why[c->state]);
	if (c->state == SIZE && !begin_chunk(c))
		return false;
	c->state = rows[i].to == DATA && c->left == 0 ? TRAILER : rows[i].to;
	return true;
}

enum request_result
request_chunks_read(
    struct request_chunks *c, struct cur *in, struct slice *piece)
{
	size_t n;

	while (c->state != OVER && c->fault.status == 0) {
		if ((n = cur_left(in)) == 0)
			return REQUEST_MORE;
		if (c->state != DATA) {
			(void)take_byte(c, cur_u8(in));
			continue;
		}
		if (n > c->left)
			n = (size_t)c->left;
		*piece = (struct slice){(const char *)cur_take(in, n), n};
		c->left -= n;
		if (c->left == 0)
			c->state = DATA_CR;
		return REQUEST_PIECE;
	}
	return c->fault.status != 0 ? REQUEST_BAD : REQUEST_WHOLE;
}
