/* SPDX-License-Identifier: ISC */
#include "lib/view/snap_ring.h"

#include <arpa/inet.h>

#include "formats/rings.h"
#include "lib/base/err.h"
#include "lib/offer/offer_priv.h"
#include "tests/t.h"

static const char text[] = "ring = nets\n"
			   "network = 10.1.9.0/24\n"
			   "network = 2001:db8::/33\n"
			   "ring = hosts\n"
			   "network = 10.1.0.0/16\n"
			   "client = plc*\n"
			   "client = *.lab.example\n"
			   "client = 0f3c9d5e-*\n"
			   "ring = claim\n"
			   "target-group = Line 7\n"
			   "target-group = PILOT\n"
			   "ring = odd\n"
			   "network = 192.0.2.128/25\n"
			   "client = plcx\n"
			   "ring = default\n"
			   "network = 203.0.113.7/32\n";

/* The ring's name of who has that address, name, id, and claims those
   groups. */
static const char *
ring_of(const char *addr, const char *name, const char *id, const char *groups)
{
	static char to[SNAPSHOT_RING_NAME + 1];
	struct offer b = {.rings = RINGS_INIT, .next = SNAPSHOT_INIT};
	struct snap_client c = {.name = name, .id = id, .groups = groups};
	struct offer_rows rows[RINGS_MAX] = {{.n = 0}};
	struct err e = ERR_INIT;
	uint8_t bytes[16] = {[10] = 0xff, [11] = 0xff};
	size_t i;

	if (addr != NULL) {
		c.addr = bytes;
		if (inet_pton(AF_INET, addr, bytes + 12) != 1)
			T_EQ(inet_pton(AF_INET6, addr, bytes), 1);
	}
	T_CALL(rings_read(&b.rings, text, sizeof(text) - 1, &e), &e);
	b.rows = rows;
	T_CALL(offer_index_rings(&b, NULL, &e), &e);
	i = snap_ring_of(&b.next, &c);
	T_OK(i < b.next.nrings);
	memcpy(to, b.next.rings[i].name, SNAPSHOT_RING_NAME);
	snapshot_free(&b.next);
	rings_free(&b.rings);
	return to;
}

T_TEST(an_address_comes_before_what_a_client_says_of_itself)
{
	T_STR(ring_of("10.1.9.255", "plc1", NULL, "pilot"), "nets");
	T_STR(ring_of("10.1.8.1", "x", NULL, "pilot"), "hosts");
	T_STR(ring_of("10.2.9.1", "x", NULL, "pilot"), "claim");
	T_STR(ring_of("2001:db8:7fff::1", NULL, NULL, NULL), "nets");
	T_STR(ring_of("2001:db8:8000::1", NULL, NULL, NULL), "default");
	T_STR(ring_of("192.0.2.127", NULL, NULL, NULL), "default");
	T_STR(ring_of("192.0.2.128", NULL, NULL, NULL), "odd");
	T_STR(ring_of("203.0.113.7", "plc1", NULL, NULL), "default");
	T_STR(ring_of("203.0.113.6", "plc1", NULL, NULL), "hosts");
}

T_TEST(a_pattern_without_a_dot_is_of_the_first_label_or_the_id)
{
	T_STR(ring_of(NULL, "PLC7.plant.example", NULL, NULL), "hosts");
	T_STR(ring_of(NULL, "a.plc7", NULL, NULL), "default");
	T_STR(ring_of(NULL, "x.lab.example", NULL, NULL), "hosts");
	T_STR(ring_of(NULL, "lab.example", NULL, NULL), "default");
	T_STR(ring_of(NULL, NULL, "0F3C9D5E-1111", NULL), "hosts");
	/* The first in the order of the file. */
	T_STR(ring_of(NULL, "plcx", NULL, NULL), "hosts");
}

T_TEST(of_several_groups_claimed_the_first_that_a_ring_has)
{
	T_STR(ring_of(NULL, NULL, NULL, "nothing;line 7"), "claim");
	T_STR(ring_of(NULL, NULL, NULL, " ; LINE 7 ;x"), "claim");
	T_STR(ring_of(NULL, NULL, NULL, "line"), "default");
	T_STR(ring_of(NULL, NULL, NULL, ""), "default");
	T_STR(ring_of(NULL, NULL, NULL, ";;;"), "default");
}

T_TEST(a_name_as_long_as_a_client_likes_fits_nothing)
{
	char name[4000];

	memset(name, 'p', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	T_STR(ring_of(NULL, name, name, name), "default");
}

T_MAIN
