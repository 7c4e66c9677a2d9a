/* SPDX-License-Identifier: ISC */
#include "tests/receipt_make.h"

#include <stdio.h>
#include <string.h>

/* By a program that was written from wsusferry-formats(5) alone. */
const char *const receipt_make_lines[1 + RECEIPT_LINES] = {
    "WSUSFERRY RECEIPT",
    "048124GK2GAHC5RR34D1P70X3RFJ08924CJ2A9H750MJMASCJ9RD",
    "5MQ2Y000003G000058N10WX6WSZGWQR9MPAQRSCN0F391VZ796VH",
    "4WNYGC9XZ1S5ATMTD16RR000002M0GA28D24AHJ7914MMJTCTQ08",
    "9N74Y0000FM0000025NMKMG0058P2M2HA99N8NAPAXC5JPJVSZ6W",
    "001P0RB2CDJ6ASK7040G2082081040R30C1G81040G2GA185VT86",
    "0R30C1G70W3GE2081040J2891450M2GA1C5GP2RC1G60R38DETYF",
    "1M6GW3GE1R7GY3RF2081040H248H24GJ289164RK2CA1850MM6RS",
    "2MAHA58P2RB1C5RQ2WBHG60R30CHJ68S38D1M6GV3CDHP70WWVN1",
    "3GE1T78X3MF1W7GY3WFHY7S040G20W3HE9SQ8XBPEY0830M39F74",
    "GJ2RD1W8H658Q34DHT7S14CJJEA9B5MQK2CSN6WWKPF9Z851NRX6",
    "MAHT99D6MYMAKANBNJPTXBXGP6SB7D5NPTVVHEDTQEYBVFNZT354",
};

const char *
receipt_make_text(const char *end)
{
	static char text[1024];
	size_t n = 0, i;

	for (i = 0; i <= RECEIPT_LINES; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s",
		    receipt_make_lines[i], end);
	return text;
}

static void
count_from(uint8_t *p, size_t n, uint8_t first)
{
	while (n-- > 0)
		*p++ = first++;
}

void
receipt_make(struct receipt *r)
{
	memset(r, 0, sizeof(*r));
	count_from(r->origin.b, sizeof(r->origin.b), 0x10);
	count_from(r->store.b, sizeof(r->store.b), 0x20);
	r->number = 7;
	r->sequence = 42;
	(void)hex_read(r->identity, SHA256_LEN,
	    "2a1073a6e67f0e5f09a5957c659503c6"
	    "90efe7272be8313df872556a9a684d8c",
	    64);
	r->seen = 5;
	count_from(r->head, sizeof(r->head), 0x40);
	r->revisions = 1000;
	r->files = 17;
	r->time_s = 1800000000;
	r->gate = RECEIPT_GATE_CLEAN;
	r->gate_day = 20833;
	count_from(r->plan, sizeof(r->plan), 0x50);
	r->failures = 3;
	count_from(r->failed, sizeof(r->failed), 0x60);
	for (uint32_t i = 0; i < RECEIPT_BUCKETS; i++) {
		r->rev[i] = 0x01010101 * (i + 1);
		r->file[i] = 0x01010101 * (i + 1 + RECEIPT_BUCKETS);
	}
	count_from(r->key, sizeof(r->key), 0x70);
	count_from(r->sig, sizeof(r->sig), 0x80);
}
