/* SPDX-License-Identifier: ISC */
/* What a downstream seldom calls. */
#include "tests/upstream/soap.h"

#define ALL_COMPUTERS "a0a08746-4dbe-4a37-9adf-9e7652c0b421"
#define UNASSIGNED "b73ca6ed-5727-47f3-84de-015e03f6a88a"
#define DOWNLOADS_MAX 100

static void
put_deployment(struct buf *b, const struct guid *id, uint32_t revision,
    unsigned action, bool assigned)
{
	char s[GUID_LEN + 1];

	guid_write(s, id);
	putf(b,
	    "<ServerSyncDeployment><UpdateId>%s</UpdateId>"
	    "<RevisionNumber>%u</RevisionNumber><Action>%u</Action>"
	    "<AdminName>EXAMPLE\\admin</AdminName>"
	    "<Deadline>9999-12-31T23:59:59.9999999</Deadline>"
	    "<IsAssigned>%s</IsAssigned>"
	    "<GoLiveTime>2026-01-01T00:00:00</GoLiveTime>"
	    "<DeploymentGuid>d%.35s</DeploymentGuid>"
	    "<TargetGroupId>" ALL_COMPUTERS "</TargetGroupId>"
	    "<DownloadPriority>1</DownloadPriority></ServerSyncDeployment>",
	    s, (unsigned)revision, action, assigned ? "true" : "false", s + 1);
}

static void
put_group(struct buf *b, const char *id, const char *parent, const char *name)
{
	putf(b,
	    "<ServerSyncTargetGroup><TargetGroupID>%s</TargetGroupID>"
	    "<ParentGroupId>%s</ParentGroupId><Name>%s</Name>"
	    "<IsBuiltin>true</IsBuiltin></ServerSyncTargetGroup>",
	    id, parent, name);
}

/* "GUID.REV" */
static bool
read_name(const char *s, struct guid *g, uint32_t *revision)
{
	uint64_t v;

	if (strlen(s) < GUID_LEN + 2 || !guid_read(g, s, GUID_LEN) ||
	    s[GUID_LEN] != '.' ||
	    !num_read(
		&v, s + GUID_LEN + 1, strlen(s + GUID_LEN + 1), 0, INT32_MAX))
		return false;
	*revision = (uint32_t)v;
	return true;
}

/* Everything that the modes say: approve GUID.REV, and so optional, uninstall,
   decline. */
void
answer_deployments(const struct ask *q, struct answer *a)
{
	struct buf deployed = BUF_INIT, hidden = BUF_INIT;
	char anchor[256], s[256];
	struct guid g;
	uint32_t revision;
	size_t i;

	ask_text(ask_child(q->op, "syncAnchor"), s, sizeof(s));
	if (*s == '\0') {
		soap_fault(a, "InvalidParameters", "syncAnchor");
		return;
	}
	for (i = 0; i < a->w.n; i++) {
		if (!read_name(a->w.v[i].arg, &g, &revision))
			continue;
		if (strcmp(a->w.v[i].mode, "approve") == 0)
			put_deployment(&deployed, &g, revision, 0, true);
		else if (strcmp(a->w.v[i].mode, "optional") == 0)
			put_deployment(&deployed, &g, revision, 0, false);
		else if (strcmp(a->w.v[i].mode, "uninstall") == 0)
			put_deployment(&deployed, &g, revision, 1, true);
		else if (strcmp(a->w.v[i].mode, "decline") == 0)
			putf(&hidden, "<guid>%.36s</guid>", a->w.v[i].arg);
	}
	anchor_escaped(anchor, sizeof(anchor), &a->w);
	soap_open(&a->body, SD_NS, a->op);
	putf(&a->body, "<GetDeploymentsResult><Anchor>%s</Anchor><Groups>",
	    anchor);
	put_group(&a->body, ALL_COMPUTERS,
	    "00000000-0000-0000-0000-000000000000", "All Computers");
	put_group(&a->body, UNASSIGNED, ALL_COMPUTERS, "Unassigned Computers");
	put(&a->body, "</Groups><Deployments>");
	putn(&a->body, deployed.p, deployed.len);
	put(&a->body, "</Deployments><DeadDeployments /><HiddenUpdates>");
	putn(&a->body, hidden.p, hidden.len);
	put(&a->body,
	    "</HiddenUpdates><AcceptedEulas />"
	    "</GetDeploymentsResult>");
	soap_close(&a->body, a->op);
	buf_free(&deployed);
	buf_free(&hidden);
}

/* Digests that no document names are listed in the fault. */
void
answer_download(const struct ask *q, struct answer *a)
{
	struct store *s = store_lend();
	struct _xmlNode *n;
	struct buf lost = BUF_INIT;
	uint8_t sha1[SHA1_LEN];
	char hex[2 * SHA1_LEN + 1];
	unsigned count = 0;

	for (n = ask_child(ask_child(q->op, "fileDigestList"), "base64Binary");
	     n != NULL; n = ask_follow(n, "base64Binary"), count++) {
		if (!ask_sha1(n, sha1))
			break;
		hex_upper(hex, sha1, SHA1_LEN);
		putf(&a->note, " %s", hex);
		if (store_has_file(s, sha1)) {
			content_asked(sha1);
			continue;
		}
		if (lost.len != 0)
			put(&lost, "|");
		put_base64(&lost, sha1, SHA1_LEN);
	}
	store_return(s);
	putn(&lost, "", 1);
	if (n != NULL || count == 0 || count > DOWNLOADS_MAX) {
		soap_fault(a, "InvalidParameters", "fileDigestList");
	} else if (lost.len > 1) {
		soap_fault(a, "FileDigestsMissing", (const char *)lost.p);
	} else {
		soap_open(&a->body, SD_NS, a->op);
		soap_close(&a->body, a->op);
	}
	buf_free(&lost);
}

void
answer_drivers(const struct ask *q, struct answer *a)
{
	char anchor[256];

	(void)q;
	anchor_escaped(anchor, sizeof(anchor), &a->w);
	soap_open(&a->body, SD_NS, a->op);
	putf(&a->body,
	    "<GetDriverIdListResult><Anchor>%s</Anchor><NewRevisions />"
	    "<NewDriverSets /><RemovedDriverSets /></GetDriverIdListResult>",
	    anchor);
	soap_close(&a->body, a->op);
}

void
answer_driver_sets(const struct ask *q, struct answer *a)
{
	(void)q;
	soap_open(&a->body, SD_NS, a->op);
	put(&a->body,
	    "<GetDriverSetDataResult><DriverSets />"
	    "</GetDriverSetDataResult>");
	soap_close(&a->body, a->op);
}

void
answer_ping(const struct ask *q, struct answer *a)
{
	(void)q;
	soap_open(&a->body, SD_NS "/Server/IMonitorable", a->op);
	soap_close(&a->body, a->op);
}
