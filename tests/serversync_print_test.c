/* SPDX-License-Identifier: ISC */
/* Answers as people read them. */
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "tests/print.h"
#include "tests/serversync_note.h"
#include "tests/t.h"

static void
prints(struct note *n, enum ss_op op, const char *want)
{
	struct sink to = SINK_INIT;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	sink_buf(&to, &b);
	T_CALL(serversync_print(op, n->reply, &to, &e), &e);
	T_STR(buf_str(&b, &e), want);
	buf_free(&b);
}

T_TEST(answers_are_printed_without_their_secrets)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;

	note_open(&n);
	note_good(&n, SS_GET_COOKIE,
	    "<Expiration>2026-10-04T20:33:26Z</Expiration>"
	    "<EncryptedData>AQIDBA==</EncryptedData>");
	prints(&n, SS_GET_COOKIE,
	    "operation: GetCookie\nexpires: 2026-10-04T20:33:26Z\n");
	note_good(&n, SS_GET_CONFIG_DATA,
	    "<LazySync>true</LazySync><NewConfigAnchor>a\nb</NewConfigAnchor>"
	    "<MaxNumberOfUpdatesPerRequest>100</MaxNumberOfUpdatesPerRequest>"
	    "<LanguageUpdateList><ServerSyncLanguageData><LanguageID>1"
	    "</LanguageID><ShortLanguage>de</ShortLanguage><Enabled>true"
	    "</Enabled></ServerSyncLanguageData></LanguageUpdateList>");
	prints(&n, SS_GET_CONFIG_DATA,
	    "operation: GetConfigData\ncatalogue only: no\nlazy: yes\n"
	    "express files: no\nupdates in a request: 100\nanchor: a?b\n"
	    "language: de\n");
	note_good(&n, SS_GET_REVISION_ID_LIST, "<Anchor>x</Anchor>");
	prints(&n, SS_GET_REVISION_ID_LIST,
	    "operation: GetRevisionIdList\nanchor: x\nmembers: 0\n"
	    "skipped: 0\n");
	note_wrap(&b,
	    "<s:Fault><faultstring>Oh</faultstring><Message>m"
	    "</Message></s:Fault>");
	T_CALL(note_read(&n, SS_GET_COOKIE, b.p, b.len, &e), &e);
	prints(&n, SS_GET_COOKIE,
	    "operation: GetCookie\nfault: unknown\nmessage: m\nsays: Oh\n");
	note_close(&n);
	buf_free(&b);
}

T_MAIN
