/* SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "formats/soap.h"
#include "formats/wusp.h"
#include "lib/base/buf.h"
#include "lib/base/enc.h"

#define OP "GetConfigResponse"
#define RESULT "GetConfigResult"

/*
 * Without any of these a client gives up (0x8024402A); without 3.2 it makes no
 * category scan (0x80240436).
 */
static const struct {
	const char *name, *value;
} properties[] = {
    {"MaxExtendedUpdatesPerRequest", "50"},
    {"ProtocolVersion", "3.2"},
    {"IsInventoryRequired", "0"},
    {"ClientReportingLevel", "2"},
};

static int
put_properties(struct buf *b, struct err *e)
{
	size_t i;

	if (buf_puts(b, "<Properties>", e) == -1)
		return -1;
	for (i = 0; i < sizeof(properties) / sizeof(*properties); i++)
		if (buf_puts(b, "<ConfigurationProperty>", e) == -1 ||
		    soap_put(b, "Name", properties[i].name, e) == -1 ||
		    soap_put(b, "Value", properties[i].value, e) == -1 ||
		    buf_puts(b, "</ConfigurationProperty>", e) == -1)
			return -1;
	return buf_puts(b, "</Properties>", e);
}

/* At the address that it is asked at, so that one answer serves any name. */
static int
put_plug_in(struct buf *b, struct err *e)
{
	if (buf_puts(b, "<AuthInfo><AuthPlugInInfo>", e) == -1 ||
	    soap_put(b, "PlugInID", "SimpleTargeting", e) == -1 ||
	    soap_put(b, "ServiceUrl", "SimpleAuthWebService/SimpleAuth.asmx",
		e) == -1)
		return -1;
	return buf_puts(b, "</AuthPlugInInfo></AuthInfo>", e);
}

int
wusp_put_config(struct buf *b, const int64_t *last_change, struct err *e)
{
	char time[UTC_LEN + 1];

	if (soap_begin(b, OP, WUSP_NS, e) == -1 ||
	    buf_puts(b, "<" RESULT ">", e) == -1)
		return -1;
	if (last_change != NULL) {
		utc_write(time, *last_change);
		if (soap_put(b, "LastChange", time, e) == -1)
			return -1;
	}
	if (soap_put_bool(b, "IsRegistrationRequired", true, e) == -1 ||
	    put_plug_in(b, e) == -1 || put_properties(b, e) == -1 ||
	    buf_puts(b, "</" RESULT ">", e) == -1)
		return -1;
	return soap_end(b, OP, e);
}
