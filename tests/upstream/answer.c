/* SPDX-License-Identifier: ISC */
/* Which operation, whether it may be called, and the way back. */
#include "tests/upstream/soap.h"

static const struct {
	const char *name;
	void (*run)(const struct ask *q, struct answer *a);
	bool free; /* needs no cookie */
} ops[] = {
    {"GetAuthConfig", answer_auth_config, true},
    {"GetAuthorizationCookie", answer_authorization, true},
    {"GetCookie", answer_cookie, true},
    {"GetConfigData", answer_config, false},
    {"GetRevisionIdList", answer_list, false},
    {"GetUpdateData", answer_data, false},
    {"GetUpdateDecryptionData", answer_decryption, false},
    {"GetRelatedRevisionsForUpdates", answer_related, false},
    {"GetDeployments", answer_deployments, false},
    {"DownloadFiles", answer_download, false},
    {"GetDriverIdList", answer_drivers, false},
    {"GetDriverSetData", answer_driver_sets, false},
    {"Ping", answer_ping, true},
};

static bool
allowed(const struct ask *q)
{
	char text[4096];

	ask_text(ask_child(ask_child(q->op, "cookie"), "EncryptedData"), text,
	    sizeof(text));
	return cookie_use(COOKIE_SYNC, text);
}

/* fault CODE [MESSAGE]; fault-bare. */
static bool
wish_fault(struct answer *a)
{
	const char *arg = wish(&a->w, "fault");
	char code[64];
	size_t n;

	if (wish(&a->w, "fault-bare") != NULL) {
		soap_fault(a, "", "");
		return true;
	}
	if (arg == NULL)
		return false;
	n = strcspn(arg, " ");
	snprintf(code, sizeof(code), "%.*s", (int)n, arg);
	soap_fault(a, code, arg[n] == ' ' ? arg + n + 1 : "");
	return true;
}

static void
run(const struct ask *q, struct answer *a)
{
	size_t i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(ops[i].name, q->name) != 0)
			continue;
		if (!ops[i].free && !allowed(q))
			soap_fault(a, "InvalidCookie", "");
		else
			ops[i].run(q, a);
		return;
	}
	soap_fault(a, "InternalServerError", "");
}

void
answer_soap(const struct request *r, struct answer *a)
{
	struct ask q = ASK_INIT;

	a->type = "text/xml; charset=utf-8";
	if (ask_read(&q, r->body.p, r->body.len) == -1) {
		snprintf(a->op, sizeof(a->op), "Unreadable");
		a->status = 400;
		goto out;
	}
	snprintf(a->op, sizeof(a->op), "%s", q.name);
	modes_match(&a->w, a->op, "");
	if (wish_fault(a))
		;
	else if (up.replay != NULL)
		replay_answer(&q, a);
	else
		run(&q, a);
	if (!a->own_date)
		putf(&a->head, "Cache-Control: private%s\r\n",
		    a->status == 200 ? ", max-age=0" : "");
	bend(a);
out:
	ask_free(&q);
}
