/* SPDX-License-Identifier: ISC */
/* GetAuthConfig, GetAuthorizationCookie, GetCookie and their cookies. */
#include "tests/upstream/soap.h"

#include <ctype.h>

#define COOKIE_S (240 * 60)
#define AUTH_S (24 * 60 * 60)
#define SERIALS 65536 /* cookies whose calls are counted */
#define SEAL_LEN (2 * SHA256_LEN)

/* Calls that a cookie is still good for, plus one; 0: any number. */
static atomic_uint lives[SERIALS];

int64_t
up_now(void)
{
	const char *shift = modes_any("clock");
	int64_t t = (int64_t)time(NULL);

	return shift != NULL ? t + strtoll(shift, NULL, 10) : t;
}

static void
seal(char out[SEAL_LEN + 1], const char *text)
{
	struct buf b = BUF_INIT;
	struct digest d;
	struct err e = ERR_INIT;

	putn(&b, up.id.b, sizeof(up.id.b));
	put(&b, text);
	if (digest_mem(DIGEST_SHA256, b.p, b.len, &d, &e) == -1)
		die(4, "%s", e.msg);
	hex_lower(out, d.sha256, SHA256_LEN);
	buf_free(&b);
}

/* life: how many calls; -1: any number. */
static void
put_cookie(struct buf *b, enum cookie_kind k, int64_t until, int64_t life)
{
	char text[64 + SEAL_LEN + 1], s[SEAL_LEN + 1];
	unsigned serial = atomic_fetch_add(&up.serial, 1) % SERIALS;

	atomic_store(&lives[serial], life >= 0 ? (unsigned)life + 1 : 0);
	snprintf(text, sizeof(text), "%c %u %lld", k, serial, (long long)until);
	seal(s, text);
	snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s", s);
	put_base64(b, text, strlen(text));
}

/* The text inside, or false: not base64 of something short. */
static bool
unwrap(const char *data, char *to, size_t size)
{
	size_t n = strlen(data) / 4 * 3, pad;

	for (pad = 0; pad < 3; pad++)
		if (pad < n && n - pad < size &&
		    base64_read((uint8_t *)to, n - pad, data, strlen(data))) {
			to[n - pad] = '\0';
			return true;
		}
	return false;
}

bool
cookie_use(enum cookie_kind k, const char *data)
{
	char text[256], want[SEAL_LEN + 1], *given;
	unsigned serial, left;
	long long until;
	char kind;

	if (!unwrap(data, text, sizeof(text)) ||
	    (given = strrchr(text, ' ')) == NULL)
		return false;
	*given++ = '\0';
	seal(want, text);
	if (strcmp(given, want) != 0 ||
	    sscanf(text, "%c %u %lld", &kind, &serial, &until) != 3 ||
	    kind != (char)k || serial >= SERIALS || until < up_now())
		return false;
	left = atomic_load(&lives[serial]);
	if (left == 1)
		return false;
	if (left > 1)
		atomic_fetch_sub(&lives[serial], 1);
	return true;
}

void
answer_auth_config(const struct ask *q, struct answer *a)
{
	(void)q;
	soap_open(&a->body, SD_NS, a->op);
	put(&a->body,
	    "<GetAuthConfigResult><LastChange>2026-10-04T13:16:35.433Z"
	    "</LastChange><AuthInfo><AuthPlugInInfo>"
	    "<PlugInID>DssTargeting</PlugInID><ServiceUrl>"
	    "DssAuthWebService/DssAuthWebService.asmx</ServiceUrl>"
	    "<Parameter /></AuthPlugInInfo></AuthInfo>"
	    "</GetAuthConfigResult>");
	soap_close(&a->body, a->op);
}

static bool
fqdn(const char *s)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		if (!isalnum((unsigned char)s[i]) && strchr(".-", s[i]) == NULL)
			return false;
	return i > 0 && i < 256;
}

void
answer_authorization(const struct ask *q, struct answer *a)
{
	char name[300], id[64];
	struct guid g;
	int64_t life = wish_num(&a->w, "expire", -1);

	ask_text(ask_child(q->op, "accountName"), name, sizeof(name));
	ask_text(ask_child(q->op, "accountGuid"), id, sizeof(id));
	if (!fqdn(name)) {
		soap_fault(a, "InvalidParameters", "machineName");
		return;
	}
	if (!guid_read(&g, id, strlen(id))) {
		soap_fault(a, "InvalidParameters", "accountGuid");
		return;
	}
	if (wish(&a->w, "expire-auth") != NULL)
		life = 1;
	soap_open(&a->body, AUTH_NS, a->op);
	put(&a->body,
	    "<GetAuthorizationCookieResult>"
	    "<PlugInId>DssTargeting</PlugInId><CookieData>");
	put_cookie(&a->body, COOKIE_AUTH, up_now() + AUTH_S, life);
	put(&a->body, "</CookieData></GetAuthorizationCookieResult>");
	soap_close(&a->body, a->op);
	putf(&a->note, " %s %s", name, id);
}

static bool
cookie_params(const struct ask *q, struct answer *a)
{
	struct _xmlNode *list = ask_child(q->op, "authCookies"), *c;
	char data[4096], version[32];
	unsigned major, minor;

	c = ask_child(list, "AuthorizationCookie");
	if (c == NULL || ask_follow(c, "AuthorizationCookie") != NULL) {
		soap_fault(a, "InvalidParameters", "authCookies");
		return false;
	}
	ask_text(ask_child(c, "CookieData"), data, sizeof(data));
	if (!cookie_use(COOKIE_AUTH, data)) {
		soap_fault(a, "InvalidAuthorizationCookie", "");
		return false;
	}
	ask_text(ask_child(q->op, "protocolVersion"), version, sizeof(version));
	if (sscanf(version, "%u.%u", &major, &minor) != 2) {
		soap_fault(a, "InvalidParameters", "protocolVersion");
		return false;
	}
	if (major != 1) {
		soap_fault(a, "IncompatibleProtocolVersion", "");
		return false;
	}
	putf(&a->note, " %s", version);
	return true;
}

void
answer_cookie(const struct ask *q, struct answer *a)
{
	int64_t until = up_now() + wish_num(&a->w, "life", COOKIE_S);
	char when[UTC_LEN + 1];

	if (!cookie_params(q, a))
		return;
	utc_write(when, until);
	when[UTC_LEN - 1] = '\0'; /* its Z */
	soap_open(&a->body, SD_NS, a->op);
	putf(&a->body,
	    "<GetCookieResult><Expiration>%s.65455Z</Expiration>"
	    "<EncryptedData>",
	    when);
	put_cookie(&a->body, COOKIE_SYNC, until, wish_num(&a->w, "expire", -1));
	put(&a->body, "</EncryptedData></GetCookieResult>");
	soap_close(&a->body, a->op);
}
