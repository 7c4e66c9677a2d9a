/* SPDX-License-Identifier: ISC */
/* Lists of a vendor, and networks as another parser reads them. */
#include <arpa/inet.h>

#include "formats/rings_priv.h"
#include "tests/t.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define ID "266f6222-c89d-43f2-9f8a-69340271e677"

static const struct {
	const char *text, *want;
} lists[] = {
    {"", ""},
    {"KB5\r\n6\n", "5 6 "},
    {"KB number,Title\nKB5,x\n", "5 "},
    {"\xef\xbb\xbfKB;Remark\n\n \"KB5\" ; y\n" ID "\tz", "5 " ID " "},
    {"KB5,x\nKB,y\n",
	"line 2: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found 'KB'"},
    {"KB5\n,y\n",
	"line 2: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found ''"},
    /* A line within quotes is no row. */
    {"KB5,\"two\nlines\"\r\nKB6;\"a \"\"quoted\"\" word\nKB8\"\n\"KB7\"",
	"5 6 7 "},
    {"KB5,3.5\" disk\nKB6\tx \"y\nKB7,  \"\n\"\n", "5 6 7 "},
    {"\"KB\nnumber\"\nKB5", "5 "},
    {"KB5,\"\n\n\"\nx\n",
	"line 4: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found 'x'"},
    {"KB5\nKB6,x,\"y\nKB7\n", "line 2: a quote that does not end"},
    {"KB5\n\"KB6,x\n", "line 2: a quote that does not end"},
    {"KB5,\"\"\"\n", "line 1: a quote that does not end"},
    {"KB\nhead\n5",
	"line 2: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found 'head'"},
    /* As a spreadsheet saves empty rows, and files in other forms. */
    {"KB;T;U\r\n5;x;y\r\n;;\r\n\t \t\r\n,,", "5 "},
    {"KB5\n;\"\"\n",
	"line 2: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found ''"},
    {"KB\rKB5;x\rKB6\r",
	"line 1: control character 0x0d in column 3; save it as CSV in UTF-8"},
};

T_TEST(lists_of_a_vendor)
{
	struct arena a = ARENA_INIT((size_t)1 << 20);
	struct policy_words w;
	struct err e = ERR_INIT;
	char got[1000];
	size_t i, k;

	for (i = 0; i < COUNT(lists); i++) {
		*got = '\0';
		if (rings_list_read(
			&w, &a, lists[i].text, strlen(lists[i].text), &e) == -1)
			snprintf(got, sizeof(got), "%s", e.msg);
		for (k = 0; e.kind == E_NONE && k < w.n; k++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got),
			    "%s ", w.v[k].text);
		T_STR(got, lists[i].want);
		err_clear(&e);
	}
	arena_free(&a);
}

T_TEST(a_list_in_utf_16_is_no_heading)
{
	static const char text[] = "\xff\xfeK\0B\0";
	struct arena a = ARENA_INIT((size_t)1 << 20);
	struct policy_words w;
	struct err e = ERR_INIT;

	T_EQ(rings_list_read(&w, &a, text, sizeof(text) - 1, &e), -1);
	T_STR(e.msg,
	    "line 1: control character 0x00 in column 4; save it as CSV in "
	    "UTF-8");
	err_clear(&e);
	arena_free(&a);
}

/* --- networks --- */

static const char *const addresses[] = {"1.2.3.4", "255.255.255.255", "0.0.0.0",
    "256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1..3.4", "1.2.3.", ".1.2.3",
    "1.2.3.4x", "::", "::1", "1::", "1::8", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8", "1::2::3", ":::", ":1", "1:", ":",
    "12345::", "g::", "fd00:9::", "FD00::aBcD", "::1.2.3.4",
    "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4",
    "1.2.3.4::", "::1.2.3.4:5", "::1.2.3", "64:ff9b::1.2.3.4", "",
    " ::", "0::0", "1::0:0", "::fffe:1.2.3.4", "1:2:3:4:5:6::1.2.3.4",
    "1:2:3:4:5::1.2.3.4"};

T_TEST(addresses_are_read_as_another_parser_does)
{
	struct rings_network n;
	uint8_t want[16];
	char text[100];
	size_t i;
	bool v4;

	for (i = 0; i < COUNT(addresses); i++) {
		memset(want, 0, 16);
		want[10] = want[11] = 0xff;
		v4 = inet_pton(AF_INET, addresses[i], want + 12) == 1;
		snprintf(
		    text, sizeof(text), "%s/%d", addresses[i], v4 ? 32 : 128);
		if (!rings_network_read(
			&n, (struct policy_span){text, strlen(text)})) {
			if (v4 || inet_pton(AF_INET6, addresses[i], want) == 1)
				t_fail(__FILE__, __LINE__, "%s is refused",
				    addresses[i]);
			continue;
		}
		if (!v4 && inet_pton(AF_INET6, addresses[i], want) != 1)
			t_fail(__FILE__, __LINE__, "%s is read", addresses[i]);
		if (memcmp(n.addr, want, 16) != 0 || n.bits != 128)
			t_fail(__FILE__, __LINE__, "%s is read as another one",
			    addresses[i]);
	}
}

T_MAIN
