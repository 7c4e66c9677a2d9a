/* SPDX-License-Identifier: ISC */
#include "formats/serversync.h"

#include "formats/serversync_priv.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

/* clang-format off */
const struct ss_operation serversync_operations[SS_NOPS] = {
	[SS_GET_AUTH_CONFIG] = {"GetAuthConfig", SS_NS},
	[SS_GET_AUTHORIZATION_COOKIE] =
	    {"GetAuthorizationCookie", SS_AUTH_NS},
	[SS_GET_COOKIE] = {"GetCookie", SS_NS},
	[SS_GET_CONFIG_DATA] = {"GetConfigData", SS_NS},
	[SS_GET_REVISION_ID_LIST] = {"GetRevisionIdList", SS_NS},
	[SS_GET_UPDATE_DATA] = {"GetUpdateData", SS_NS},
	[SS_GET_UPDATE_DECRYPTION_DATA] = {"GetUpdateDecryptionData", SS_NS},
	[SS_GET_RELATED_REVISIONS] = {"GetRelatedRevisionsForUpdates", SS_NS},
	[SS_GET_DEPLOYMENTS] = {"GetDeployments", SS_NS},
	[SS_DOWNLOAD_FILES] = {"DownloadFiles", SS_NS},
};

#define ACTION(ns, name) "\"" ns "/" name "\""

static const char *const actions[SS_NOPS] = {
	[SS_GET_AUTH_CONFIG] = ACTION(SS_NS, "GetAuthConfig"),
	[SS_GET_AUTHORIZATION_COOKIE] =
	    ACTION(SS_AUTH_NS, "GetAuthorizationCookie"),
	[SS_GET_COOKIE] = ACTION(SS_NS, "GetCookie"),
	[SS_GET_CONFIG_DATA] = ACTION(SS_NS, "GetConfigData"),
	[SS_GET_REVISION_ID_LIST] = ACTION(SS_NS, "GetRevisionIdList"),
	[SS_GET_UPDATE_DATA] = ACTION(SS_NS, "GetUpdateData"),
	[SS_GET_UPDATE_DECRYPTION_DATA] =
	    ACTION(SS_NS, "GetUpdateDecryptionData"),
	[SS_GET_RELATED_REVISIONS] =
	    ACTION(SS_NS, "GetRelatedRevisionsForUpdates"),
	[SS_GET_DEPLOYMENTS] = ACTION(SS_NS, "GetDeployments"),
	[SS_DOWNLOAD_FILES] = ACTION(SS_NS, "DownloadFiles"),
};
/* clang-format on */

const char *
serversync_op_name(enum ss_op op)
{
	return serversync_operations[op].name;
}

const char *
serversync_op_action(enum ss_op op)
{
	return actions[op];
}

static int
begin_request(struct buf *b, enum ss_op op, struct err *e)
{
	return soap_begin(
	    b, serversync_operations[op].name, serversync_operations[op].ns, e);
}

static int
end(struct buf *b, enum ss_op op, struct err *e)
{
	return soap_end(b, serversync_operations[op].name, e);
}

static int
put_cookie(struct buf *b, const struct ss_cookie *c, struct err *e)
{
	if (buf_puts(b, "<cookie>", e) == -1 ||
	    soap_put(b, "Expiration", c->expiration, e) == -1 ||
	    soap_put(b, "EncryptedData", c->data, e) == -1)
		return -1;
	return buf_puts(b, "</cookie>", e);
}

static int
put_guid(struct buf *b, const char *name, const struct guid *id, struct err *e)
{
	char text[GUID_LEN + 1];

	guid_write(text, id);
	return soap_put(b, name, text, e);
}

int
serversync_ask_auth_config(struct buf *b, struct err *e)
{
	if (begin_request(b, SS_GET_AUTH_CONFIG, e) == -1)
		return -1;
	return end(b, SS_GET_AUTH_CONFIG, e);
}

int
serversync_ask_authorization(
    struct buf *b, const char *fqdn, const struct guid *account, struct err *e)
{
	if (begin_request(b, SS_GET_AUTHORIZATION_COOKIE, e) == -1 ||
	    soap_put(b, "accountName", fqdn, e) == -1 ||
	    put_guid(b, "accountGuid", account, e) == -1)
		return -1;
	return end(b, SS_GET_AUTHORIZATION_COOKIE, e);
}

int
serversync_ask_cookie(
    struct buf *b, const struct ss_auth *a, const char *version, struct err *e)
{
	if (begin_request(b, SS_GET_COOKIE, e) == -1 ||
	    buf_puts(b, "<authCookies><AuthorizationCookie>", e) == -1 ||
	    soap_put(b, "PlugInId", a->plugin, e) == -1 ||
	    soap_put(b, "CookieData", a->data, e) == -1 ||
	    buf_puts(b, "</AuthorizationCookie></authCookies>", e) == -1 ||
	    soap_put(b, "protocolVersion", version, e) == -1)
		return -1;
	return end(b, SS_GET_COOKIE, e);
}

int
serversync_ask_config(
    struct buf *b, const struct ss_cookie *c, const char *anchor, struct err *e)
{
	if (begin_request(b, SS_GET_CONFIG_DATA, e) == -1 ||
	    put_cookie(b, c, e) == -1 ||
	    soap_put(b, "configAnchor", anchor, e) == -1)
		return -1;
	return end(b, SS_GET_CONFIG_DATA, e);
}

static int
put_filter_ids(struct buf *b, const char *name, const struct ss_filter_id *ids,
    size_t n, struct err *e)
{
	size_t i;

	if (buf_printf(b, e, "<%s>", name) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (buf_puts(b, "<IdAndDelta>", e) == -1 ||
		    put_guid(b, "Id", &ids[i].id, e) == -1 ||
		    soap_put_bool(b, "Delta", ids[i].delta, e) == -1 ||
		    buf_puts(b, "</IdAndDelta>", e) == -1)
			return -1;
	return buf_printf(b, e, "</%s>", name);
}

/* One list without the other would be answered by an empty one. */
static int
put_filter(struct buf *b, const struct ss_filter *f, struct err *e)
{
	if (buf_puts(b, "<filter>", e) == -1 ||
	    soap_put(b, "Anchor", f->anchor, e) == -1 ||
	    soap_put_bool(b, "GetConfig", f->config, e) == -1 ||
	    soap_put_bool(b, "Get63LanguageOnly", false, e) == -1)
		return -1;
	if (f->ncategories > 0 &&
	    (put_filter_ids(
		 b, "Categories", f->categories, f->ncategories, e) == -1 ||
		put_filter_ids(b, "Classifications", f->classifications,
		    f->nclassifications, e) == -1))
		return -1;
	return buf_puts(b, "</filter>", e);
}

int
serversync_ask_list(struct buf *b, const struct ss_cookie *c,
    const struct ss_filter *f, struct err *e)
{
	if ((f->ncategories > 0) != (f->nclassifications > 0))
		return err_set(e, E_USAGE,
		    "%zu categories and %zu classifications: both or neither",
		    f->ncategories, f->nclassifications);
	if (begin_request(b, SS_GET_REVISION_ID_LIST, e) == -1 ||
	    put_cookie(b, c, e) == -1 || put_filter(b, f, e) == -1)
		return -1;
	return end(b, SS_GET_REVISION_ID_LIST, e);
}

static int
check_count(size_t n, struct err *e)
{
	if (n == 0 || n > SS_MAX_IDS)
		return err_set(
		    e, E_USAGE, "%zu ids in a request, 1 to %d", n, SS_MAX_IDS);
	return 0;
}

int
serversync_ask_revs(struct buf *b, enum ss_op op, const struct ss_cookie *c,
    const struct ss_rev *ids, size_t n, struct err *e)
{
	size_t i;

	if (check_count(n, e) == -1 || begin_request(b, op, e) == -1 ||
	    put_cookie(b, c, e) == -1 || buf_puts(b, "<updateIds>", e) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (buf_puts(b, "<UpdateIdentity>", e) == -1 ||
		    put_guid(b, "UpdateID", &ids[i].id, e) == -1 ||
		    soap_put_num(b, "RevisionNumber", ids[i].revision, e) ==
			-1 ||
		    buf_puts(b, "</UpdateIdentity>", e) == -1)
			return -1;
	if (buf_puts(b, "</updateIds>", e) == -1)
		return -1;
	return end(b, op, e);
}

int
serversync_ask_related(struct buf *b, const struct ss_cookie *c,
    const struct guid *ids, size_t n, struct err *e)
{
	size_t i;

	if (check_count(n, e) == -1 ||
	    begin_request(b, SS_GET_RELATED_REVISIONS, e) == -1 ||
	    put_cookie(b, c, e) == -1 || buf_puts(b, "<updateIDs>", e) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (put_guid(b, "guid", &ids[i], e) == -1)
			return -1;
	if (buf_puts(b, "</updateIDs>", e) == -1)
		return -1;
	return end(b, SS_GET_RELATED_REVISIONS, e);
}

int
serversync_ask_deployments(struct buf *b, const struct ss_cookie *c,
    const char *anchor, const char *sync_anchor, struct err *e)
{
	if (begin_request(b, SS_GET_DEPLOYMENTS, e) == -1 ||
	    put_cookie(b, c, e) == -1 ||
	    soap_put(b, "deploymentAnchor", anchor, e) == -1 ||
	    soap_put(b, "syncAnchor", sync_anchor, e) == -1)
		return -1;
	return end(b, SS_GET_DEPLOYMENTS, e);
}

int
serversync_ask_download(struct buf *b, const struct ss_cookie *c,
    const uint8_t (*sha1)[SHA1_LEN], size_t n, struct err *e)
{
	char text[BASE64_LEN(SHA1_LEN) + 1];
	size_t i;

	if (check_count(n, e) == -1 ||
	    begin_request(b, SS_DOWNLOAD_FILES, e) == -1 ||
	    put_cookie(b, c, e) == -1 ||
	    buf_puts(b, "<fileDigestList>", e) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		base64_write(text, sha1[i], SHA1_LEN);
		if (soap_put(b, "base64Binary", text, e) == -1)
			return -1;
	}
	if (buf_puts(b, "</fileDigestList>", e) == -1)
		return -1;
	return end(b, SS_DOWNLOAD_FILES, e);
}
