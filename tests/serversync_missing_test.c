/* SPDX-License-Identifier: ISC */
/* Times, and the lists that stand in the messages of faults. */
#include "formats/serversync.h"

#include "tests/t.h"

#define G1 "7c6a2b54-51a1-4e0b-8a53-1f0f4d0b9c11"
#define G2 "0b1e0d6e-93c4-4d3c-8f51-6a7c2f7b5d20"
#define G3 "a0a08746-4dbe-4a37-9adf-9e7652c0b421"
#define D1 "3q2+7wABAgMEBQYHCAkKCwwNDg8="
#define D2 "AAAAAAAAAAAAAAAAAAAAAAAAAAA="

T_TEST(times_are_read_in_all_their_forms)
{
	static const struct {
		const char *text;
		int64_t t; /* -1: none */
	} rows[] = {
	    {"2026-10-04T20:33:26.65455Z", 1791146006},
	    {"2026-10-04T20:33:26Z", 1791146006},
	    {"2026-10-04T20:33:26", 1791146006},
	    {"2026-10-04T20:33:26.1234567", 1791146006},
	    {"2026-10-04T22:33:26+02:00", 1791146006},
	    {"2026-10-04T15:03:26.5-05:30", 1791146006},
	    {"9999-12-31T23:59:59.9999999", 253402300799},
	    {"", -1},
	    {"2026-10-04", -1},
	    {"2026-10-04 20:33:26", -1},
	    {"2026-13-04T20:33:26Z", -1},
	    {"2026-10-04T20:33:26.Z", -1},
	    {"2026-10-04T20:33:26.1234567890Z", -1},
	    {"2026-10-04T20:33:26+2:00", -1},
	    {"2026-10-04T20:33:26+02:60", -1},
	    {"2026-10-04T20:33:26+15:00", -1},
	    {"2026-10-04T20:33:26+0a:00", -1},
	    {"2026-10-04T20:33:26ZZ", -1},
	};
	int64_t t;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		t = -1;
		T_EQ(serversync_time(&t, rows[i].text), rows[i].t != -1);
		if (rows[i].t != -1)
			T_EQ(t, rows[i].t);
	}
}

T_TEST(missing_revisions_are_found_in_a_message)
{
	static char message[SOAP_TEXT_MAX];
	struct ss_rev to[4];

	T_EQ(serversync_missing(
		 "requested 100, returned 98 (removed: 0). Missing "
		 "revisions: " G1 ".200, 0B1E0D6E-93C4-4D3C-8F51-"
		 "6A7C2F7B5D20.1," G3 ".007",
		 to, 4),
	    3);
	T_EQ(to[0].revision, 200);
	T_EQ(to[1].revision, 1);
	T_EQ(to[1].id.b[0], 0x0b);
	T_EQ(to[2].revision, 7);
	T_EQ(serversync_missing(G1 ".1," G1 ".2," G1 ".3", to, 2), 2);
	T_EQ(serversync_missing("", to, 4), 0);
	T_EQ(serversync_missing(G1, to, 4), 0);
	T_EQ(serversync_missing(G1 ".", to, 4), 0);
	T_EQ(serversync_missing(G1 ".x", to, 4), 0);
	T_EQ(serversync_missing(G1 ".99999999999", to, 4), 0);
	T_EQ(serversync_missing("a" G1 ".1 -" G1 ".1 9" G1 ".1", to, 4), 0);
	T_EQ(serversync_missing("{" G1 ".1}", to, 4), 1);
	/* Cut off by us: whether more digits followed, nobody knows. */
	memset(message, ' ', sizeof(message) - 1);
	memcpy(message, G2 ".5", GUID_LEN + 2);
	memcpy(message + sizeof(message) - GUID_LEN - 3, G1 ".1", GUID_LEN + 2);
	T_EQ(serversync_missing(message, to, 4), 1);
	T_EQ(to[0].revision, 5);
}

T_TEST(missing_files_are_found_in_a_message)
{
	uint8_t to[3][SHA1_LEN];

	T_EQ(serversync_missing_files(D1 "|" D2, to, 3), 2);
	T_EQ(to[0][0], 0xde);
	T_EQ(to[1][0], 0);
	T_EQ(serversync_missing_files("|x| " D1 " |AAAA|" D2 "|", to, 3), 2);
	T_EQ(serversync_missing_files(D1 "|" D1 "|" D1, to, 2), 2);
	T_EQ(serversync_missing_files("", to, 3), 0);
}

T_MAIN
