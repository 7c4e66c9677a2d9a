/* SPDX-License-Identifier: ISC */
/* The elements of answers, as a table: those of one parent stand together. */
#include <stdlib.h>
#include <string.h>

#include "formats/serversync_priv.h"
#include "lib/base/err.h"

/* --- a whole member --- */

static int
give_plugin(struct ss_reader *r, struct err *e)
{
	(void)e;
	if (r->reply->nplugins++ > 0)
		return 0;
	memcpy(r->reply->plugin_id, r->now.name, sizeof(r->now.name));
	memcpy(r->reply->service_url, r->now.url, sizeof(r->now.url));
	return 0;
}

static int
give_lang(struct ss_reader *r, struct err *e)
{
	struct ss_config *c = &r->reply->config;

	if (c->nlangs == SS_LANGS_MAX)
		return err_set(
		    e, E_LIMIT, "more than %d languages", SS_LANGS_MAX);
	c->langs[c->nlangs].id = r->now.lang;
	memcpy(c->langs[c->nlangs].name, r->now.lang_name,
	    sizeof(r->now.lang_name));
	c->langs[c->nlangs++].enabled = r->now.enabled;
	c->has_langs = true;
	return 0;
}

static int
give_rev(struct ss_reader *r, struct err *e)
{
	r->reply->members++;
	if (r->each->rev == NULL)
		return 0;
	return r->each->rev(r->arg, &r->now.rev, e);
}

static int
give_item(struct ss_reader *r, struct err *e)
{
	struct ss_item it = {.rev = r->now.rev, .blob = r->blob};
	void *digests = r->digests.p;

	r->reply->members++;
	if (r->each->item == NULL)
		return 0;
	it.p = r->doc.p;
	it.n = r->doc.len;
	it.sha1 = digests;
	it.nsha1 = r->digests.len / SHA1_LEN;
	return r->each->item(r->arg, &it, e);
}

static int
give_url(struct ss_reader *r, struct err *e)
{
	struct ss_url u = {.url = NULL};

	r->reply->members++;
	if (r->each->url == NULL)
		return 0;
	memcpy(u.sha1, r->now.sha1, SHA1_LEN);
	if ((r->got & GOT_URL) != 0 && *r->now.url != '\0')
		u.url = r->now.url;
	if (r->key.len > 0) {
		u.key = r->key.p;
		u.nkey = r->key.len;
	}
	return r->each->url(r->arg, &u, e);
}

/* Held until the update is known whose file it is. */
static int
keep_key(struct ss_reader *r, struct err *e)
{
	struct ss_key_at k = {.off = r->key_off};

	memcpy(k.sha1, r->now.sha1, SHA1_LEN);
	k.n = r->key.len - k.off;
	r->key_off = r->key.len;
	return buf_put(&r->keys, &k, sizeof(k), e);
}

static int
give_keys(struct ss_reader *r, struct err *e)
{
	struct ss_key k = {.rev = r->now.rev};
	struct ss_key_at at;
	size_t i;

	for (i = 0; i < r->keys.len; i += sizeof(at)) {
		memcpy(&at, r->keys.p + i, sizeof(at));
		memcpy(k.sha1, at.sha1, SHA1_LEN);
		k.key = at.n > 0 ? r->key.p + at.off : NULL;
		k.nkey = at.n;
		r->reply->members++;
		if (r->each->key != NULL && r->each->key(r->arg, &k, e) == -1)
			return -1;
	}
	return 0;
}

static int
give_group(struct ss_reader *r, struct err *e)
{
	struct ss_group g = {.id = r->now.group};

	r->reply->members++;
	if (r->each->group == NULL)
		return 0;
	g.has_parent = (r->got & GOT_PARENT) != 0;
	if (g.has_parent)
		g.parent = r->now.parent;
	g.name = (r->got & GOT_NAME) != 0 ? r->now.name : "";
	return r->each->group(r->arg, &g, e);
}

static int
give_deployment(struct ss_reader *r, struct err *e)
{
	struct ss_deployment d = {.rev = r->now.rev, .action = r->now.action};

	r->reply->members++;
	if (r->each->deployment == NULL)
		return 0;
	d.deployment = r->now.deployment;
	d.group = r->now.group;
	d.deadline = (r->got & GOT_DEADLINE) != 0 ? r->now.deadline : NULL;
	d.optional = (r->got & GOT_ASSIGNED) != 0 && !r->now.assigned;
	d.admin = (r->got & GOT_NAME) != 0 ? r->now.name : NULL;
	return r->each->deployment(r->arg, &d, e);
}

static int
give_id(struct ss_reader *r, const struct ss_row *row, char *p, size_t n,
    struct err *e)
{
	int (*each)(void *arg, const struct guid *id, struct err *e);

	if (serversync_set_guid(r, row, p, n, e) == -1)
		return -1;
	r->reply->members++;
	each = row->parent == AT_DEAD ? r->each->dead : r->each->hidden;
	return each != NULL ? each(r->arg, &r->now.rev.id, e) : 0;
}

/* --- the table --- */

#define RESULT(op) (enum ss_place)(AT_RESULT + (op))
#define KEY_MAX 4096 /* characters of base64 */
#define NOW(m) offsetof(struct ss_now, m)
#define REPLY(m) offsetof(struct ss_reply, m)
#define SIZE(type, m) sizeof(((struct type *)0)->m)

#define INTO(at, name, to)                                                     \
	{                                                                      \
		at, name, to, .many = false                                    \
	}
#define ARRAY(at, name, to, when)                                              \
	{                                                                      \
		at, name, to, .gives = when                                    \
	}
#define MEMBER(at, name, to, clears, needs, end)                               \
	{                                                                      \
		at, name, to, true, 0, clears, needs, NULL, 0, 0, false, end   \
	}
#define VALUE(at, name, gives, set, m)                                         \
	{                                                                      \
		at, name, AT_LEAF, false, gives, 0, 0, set, NOW(m),            \
		    SIZE(ss_now, m), false, NULL                               \
	}
#define ANSWER(at, name, gives, set, m)                                        \
	{                                                                      \
		at, name, AT_LEAF, false, gives, 0, 0, set, REPLY(m),          \
		    SIZE(ss_reply, m), true, NULL                              \
	}
#define BYTES(at, name, many, gives, set, size)                                \
	{                                                                      \
		at, name, AT_LEAF, many, gives, 0, 0, set, 0, size, false,     \
		    NULL                                                       \
	}
#define GUIDS(at)                                                              \
	{                                                                      \
		at, "guid", AT_LEAF, true, 0, 0, 0, give_id, NOW(rev.id),      \
		    sizeof(struct guid), false, NULL                           \
	}

/* clang-format off */
const struct ss_row serversync_rows[SS_NROWS] = {
	INTO(RESULT(SS_GET_AUTH_CONFIG), "AuthInfo", AT_AUTH_INFO),
	ANSWER(RESULT(SS_GET_AUTHORIZATION_COOKIE), "PlugInId", GOT_PLUGIN,
	    serversync_set_word, auth.plugin),
	ANSWER(RESULT(SS_GET_AUTHORIZATION_COOKIE), "CookieData", GOT_COOKIE,
	    serversync_set_base64, auth.data),
	ANSWER(RESULT(SS_GET_COOKIE), "Expiration", GOT_TIME, serversync_set_time,
	    cookie.expiration),
	ANSWER(RESULT(SS_GET_COOKIE), "EncryptedData", GOT_COOKIE,
	    serversync_set_base64, cookie.data),
	ANSWER(RESULT(SS_GET_CONFIG_DATA), "CatalogOnlySync", 0, serversync_set_bool,
	    config.catalog_only),
	ANSWER(RESULT(SS_GET_CONFIG_DATA), "LazySync", 0, serversync_set_bool,
	    config.lazy),
	ANSWER(RESULT(SS_GET_CONFIG_DATA), "ServerHostsPsfFiles", 0,
	    serversync_set_bool, config.hosts_psf),
	ANSWER(RESULT(SS_GET_CONFIG_DATA), "MaxNumberOfUpdatesPerRequest",
	    GOT_LIMIT, serversync_set_int, config.max_updates),
	ANSWER(RESULT(SS_GET_CONFIG_DATA), "NewConfigAnchor", 0, serversync_set_word,
	    config.anchor),
	ANSWER(RESULT(SS_GET_CONFIG_DATA), "ProtocolVersion", 0, serversync_set_word,
	    config.version),
	INTO(RESULT(SS_GET_CONFIG_DATA), "LanguageUpdateList", AT_LANGS),
	ANSWER(RESULT(SS_GET_CONFIG_DATA),
	    "MaxUpdatesPerRequestInGetUpdateDecryptionData", 0, serversync_set_int,
	    config.max_decryption),
	ANSWER(RESULT(SS_GET_REVISION_ID_LIST), "Anchor", 0, serversync_set_word,
	    anchor),
	INTO(RESULT(SS_GET_REVISION_ID_LIST), "NewRevisions", AT_REVS),
	INTO(RESULT(SS_GET_UPDATE_DATA), "updates", AT_ITEMS),
	INTO(RESULT(SS_GET_UPDATE_DATA), "fileUrls", AT_URLS),
	INTO(RESULT(SS_GET_UPDATE_DECRYPTION_DATA),
	    "UpdateFileDecryptionData", AT_KEY_UPDATES),
	MEMBER(RESULT(SS_GET_RELATED_REVISIONS), "UpdateIdentity", AT_REV,
	    GOT_ALL, GOT_REV, give_rev),
	ANSWER(RESULT(SS_GET_DEPLOYMENTS), "Anchor", 0, serversync_set_word, anchor),
	INTO(RESULT(SS_GET_DEPLOYMENTS), "Groups", AT_GROUPS),
	ARRAY(RESULT(SS_GET_DEPLOYMENTS), "Deployments", AT_DEPLOYMENTS,
	    GOT_DEPLOYMENTS),
	INTO(RESULT(SS_GET_DEPLOYMENTS), "DeadDeployments", AT_DEAD),
	ARRAY(RESULT(SS_GET_DEPLOYMENTS), "HiddenUpdates", AT_HIDDEN,
	    GOT_HIDDEN),

	MEMBER(AT_AUTH_INFO, "AuthPlugInInfo", AT_PLUGIN, GOT_ALL, 0,
	    give_plugin),
	VALUE(AT_PLUGIN, "PlugInID", GOT_NAME, serversync_set_word, name),
	VALUE(AT_PLUGIN, "ServiceUrl", GOT_URL, serversync_set_word, url),

	MEMBER(AT_LANGS, "ServerSyncLanguageData", AT_LANG, GOT_ALL, GOT_LANG,
	    give_lang),
	VALUE(AT_LANG, "LanguageID", GOT_LANG, serversync_set_num, lang),
	VALUE(AT_LANG, "ShortLanguage", 0, serversync_set_word, lang_name),
	VALUE(AT_LANG, "Enabled", 0, serversync_set_bool, enabled),

	MEMBER(AT_REVS, "UpdateIdentity", AT_REV, GOT_ALL, GOT_REV, give_rev),
	VALUE(AT_REV, "UpdateID", GOT_ID, serversync_set_guid, rev.id),
	VALUE(AT_REV, "RevisionNumber", GOT_REVISION, serversync_set_num,
	    rev.revision),

	MEMBER(AT_ITEMS, "ServerSyncUpdateData", AT_ITEM, GOT_ALL, GOT_REV,
	    give_item),
	INTO(AT_ITEM, "Id", AT_IDENTITY),
	BYTES(AT_ITEM, "XmlUpdateBlob", false, 0, serversync_set_plain, SS_MAX_DOC),
	INTO(AT_ITEM, "FileDigestList", AT_DIGESTS),
	BYTES(AT_ITEM, "XmlUpdateBlobCompressed", false, 0, serversync_set_cab,
	    SOAP_MAX_MESSAGE),
	BYTES(AT_DIGESTS, "base64Binary", true, 0, serversync_set_digest, 0),

	MEMBER(AT_URLS, "ServerSyncUrlData", AT_URL, GOT_ALL, GOT_SHA1,
	    give_url),
	VALUE(AT_URL, "FileDigest", GOT_SHA1, serversync_set_sha1, sha1),
	VALUE(AT_URL, "MUUrl", GOT_URL, serversync_set_word, url),
	BYTES(AT_URL, "DecryptionKey", false, GOT_KEY, serversync_set_key, KEY_MAX),

	MEMBER(AT_KEY_UPDATES, "ServerSyncUpdateFileDecryption",
	    AT_KEY_UPDATE, GOT_ALL, GOT_REV, give_keys),
	INTO(AT_KEY_UPDATE, "UpdateId", AT_IDENTITY),
	INTO(AT_KEY_UPDATE, "FileDecryptionData", AT_KEY_FILES),
	MEMBER(AT_KEY_FILES, "ServerSyncFileDecryption", AT_KEY_FILE,
	    GOT_SHA1 | GOT_KEY, GOT_SHA1, keep_key),
	VALUE(AT_KEY_FILE, "FileDigest", GOT_SHA1, serversync_set_sha1, sha1),
	BYTES(AT_KEY_FILE, "DecryptionKey", false, GOT_KEY, serversync_set_key,
	    KEY_MAX),

	MEMBER(AT_GROUPS, "ServerSyncTargetGroup", AT_GROUP, GOT_ALL,
	    GOT_GROUP, give_group),
	VALUE(AT_GROUP, "TargetGroupID", GOT_GROUP, serversync_set_guid, group),
	VALUE(AT_GROUP, "ParentGroupId", GOT_PARENT, serversync_set_guid, parent),
	VALUE(AT_GROUP, "Name", GOT_NAME, serversync_set_word, name),

	MEMBER(AT_DEPLOYMENTS, "ServerSyncDeployment", AT_DEPLOYMENT, GOT_ALL,
	    GOT_REV | GOT_ACTION | GOT_DEPLOYMENT | GOT_GROUP,
	    give_deployment),
	VALUE(AT_DEPLOYMENT, "UpdateId", GOT_ID, serversync_set_guid, rev.id),
	VALUE(AT_DEPLOYMENT, "RevisionNumber", GOT_REVISION, serversync_set_num,
	    rev.revision),
	VALUE(AT_DEPLOYMENT, "Action", GOT_ACTION, serversync_set_num, action),
	VALUE(AT_DEPLOYMENT, "AdminName", GOT_NAME, serversync_set_word, name),
	VALUE(AT_DEPLOYMENT, "Deadline", GOT_DEADLINE, serversync_set_time, deadline),
	VALUE(AT_DEPLOYMENT, "IsAssigned", GOT_ASSIGNED, serversync_set_bool,
	    assigned),
	VALUE(AT_DEPLOYMENT, "DeploymentGuid", GOT_DEPLOYMENT, serversync_set_guid,
	    deployment),
	VALUE(AT_DEPLOYMENT, "TargetGroupId", GOT_GROUP, serversync_set_guid, group),
	GUIDS(AT_DEAD),
	GUIDS(AT_HIDDEN),
	VALUE(AT_IDENTITY, "UpdateID", GOT_ID, serversync_set_guid, rev.id),
	VALUE(AT_IDENTITY, "RevisionNumber", GOT_REVISION, serversync_set_num,
	    rev.revision),
};
/* clang-format on */
