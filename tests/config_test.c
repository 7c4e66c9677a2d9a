/* SPDX-License-Identifier: ISC */
/* The answer to GetConfig: its text, and when it changed. */
#include "tests/t.h"

#include "formats/snapshot.h"
#include "lib/offer/config.h"

#define PROPERTY(name, value)                                                  \
	"<ConfigurationProperty><Name>" name "</Name><Value>" value            \
	"</Value></ConfigurationProperty>"

static const char text[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope "
    "xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>"
    "<GetConfigResponse xmlns=\"http://www.microsoft.com/SoftwareDistribution/"
    "Server/ClientWebService\"><GetConfigResult>"
    "<LastChange>2026-10-04T18:21:03Z</LastChange>"
    "<IsRegistrationRequired>true</IsRegistrationRequired><AuthInfo>"
    "<AuthPlugInInfo><PlugInID>SimpleTargeting</PlugInID><ServiceUrl>"
    "SimpleAuthWebService/SimpleAuth.asmx</ServiceUrl></AuthPlugInInfo>"
    "</AuthInfo><Properties>" PROPERTY("MaxExtendedUpdatesPerRequest", "50")
	PROPERTY("ProtocolVersion", "3.2") PROPERTY("IsInventoryRequired", "0")
	    PROPERTY("ClientReportingLevel", "2") "</Properties>"
						  "</GetConfigResult>"
						  "</GetConfigResponse>"
						  "</soap:Body>"
						  "</soap:Envelope>";

T_TEST(the_answer_is_as_a_server_gives_it)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct err e = ERR_INIT;

	T_CALL(config_make(&s, NULL, 1791138063, &e), &e);
	T_EQ(s.last_change, 1791138063);
	T_EQ(s.nconfig, strlen(text));
	T_MEM(s.config, text, strlen(text));
	snapshot_free(&s);
}

T_TEST(it_changed_when_the_rest_of_it_did)
{
	struct snapshot a = SNAPSHOT_INIT, b = SNAPSHOT_INIT;
	struct snapshot c = SNAPSHOT_INIT;
	struct err e = ERR_INIT;

	T_CALL(config_make(&a, NULL, 1000, &e), &e);
	T_CALL(config_make(&b, &a, 2000, &e), &e);
	T_EQ(b.last_change, 1000);
	T_EQ(b.nconfig, a.nconfig);
	T_MEM(b.config, a.config, a.nconfig);
	T_MEM(b.config_hash, a.config_hash, BLAKE_LEN);
	b.config_hash[0] ^= 1; /* as of another version's answer */
	T_CALL(config_make(&c, &b, 3000, &e), &e);
	T_EQ(c.last_change, 3000);
	snapshot_free(&a);
	snapshot_free(&b);
	snapshot_free(&c);
}

T_MAIN
