/* SPDX-License-Identifier: ISC */
/* The recorded answers of a real server, where they are at hand. */
#include "tests/serversync_note.h"
#include "tests/t.h"

static void
read_sample(struct note *n, enum ss_op op, const char *name)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	note_sample(&b, name);
	T_CALL(note_read(n, op, b.p, b.len, &e), &e);
	buf_free(&b);
}

static void
read_exchange(struct note *n, enum ss_op op, unsigned number)
{
	char name[64];

	(void)snprintf(name, sizeof(name),
	    "server-sync/exchanges/%06u/response.body", number);
	read_sample(n, op, name);
}

static size_t
lines(const struct note *n)
{
	const char *p = (const char *)n->b.p;
	size_t count = 0;

	while ((p = strchr(p, '\n')) != NULL)
		p++, count++;
	return count;
}

T_TEST(the_recorded_session)
{
	struct note n;

	note_need_samples();
	note_open(&n);
	read_exchange(&n, SS_GET_AUTH_CONFIG, 1);
	T_EQ(n.reply->nplugins, 1);
	T_STR(n.reply->plugin_id, "DssTargeting");
	T_STR(n.reply->service_url, "DssAuthWebService/DssAuthWebService.asmx");
	read_exchange(&n, SS_GET_AUTHORIZATION_COOKIE, 2);
	T_STR(n.reply->auth.plugin, "DssTargeting");
	T_EQ(strlen(n.reply->auth.data), 576);
	T_EQ(strspn(n.reply->auth.data, "A"), 576);
	read_exchange(&n, SS_GET_COOKIE, 3);
	T_STR(n.reply->cookie.expiration, "2026-10-04T20:33:26.65455Z");
	T_EQ(strlen(n.reply->cookie.data), 280);
	T_STR(n.reply->cookie.data + 278, "==");
	T_EQ(n.reply->fault.code, SOAP_OK);
	note_close(&n);
}

T_TEST(the_recorded_configurations)
{
	const struct ss_config *c;
	struct note n;
	size_t i, on = 0;

	note_need_samples();
	note_open(&n);
	c = &n.reply->config;
	read_exchange(&n, SS_GET_CONFIG_DATA, 4);
	T_OK(!c->catalog_only && c->lazy && !c->hosts_psf);
	T_OK(c->has_max_updates && !c->has_langs);
	T_EQ(c->max_updates, 100);
	T_EQ(c->max_decryption, 100);
	T_STR(c->anchor, "9438,2026-10-04 16:33:26.668");
	T_STR(c->version, "1.20");
	T_EQ(c->nlangs, 0);
	read_exchange(&n, SS_GET_CONFIG_DATA, 5);
	T_STR(c->anchor, "9438,2026-10-04 16:33:26.670");
	T_OK(c->has_langs);
	T_EQ(c->nlangs, 39);
	T_EQ(c->langs[0].id, 0);
	T_STR(c->langs[0].name, "all");
	for (i = 0; i < c->nlangs; i++)
		if (c->langs[i].enabled) {
			on++;
			T_EQ(c->langs[i].id, 1033);
			T_STR(c->langs[i].name, "en");
		}
	T_EQ(on, 1);
	note_close(&n);
}

T_TEST(the_configuration_of_microsoft)
{
	const struct ss_config *c;
	struct note n;
	size_t i, odd = 0;

	note_need_samples();
	note_open(&n);
	read_sample(&n, SS_GET_CONFIG_DATA,
	    "server-sync/microsoft/microsoft_sync_config_20261006.xml");
	c = &n.reply->config;
	T_OK(c->catalog_only && c->lazy && c->hosts_psf);
	T_EQ(c->max_updates, 100);
	T_EQ(c->max_decryption, 500);
	T_STR(c->anchor, "2026-10-05 17:27:44.393");
	T_STR(c->version, "1.21");
	T_EQ(c->nlangs, 39);
	for (i = 0; i < c->nlangs; i++)
		if (c->langs[i].id == 66577) {
			odd++;
			T_STR(c->langs[i].name, "ja-nec");
		}
	T_EQ(odd, 1);
	T_STR(c->langs[38].name, "all");
	T_OK(c->langs[38].enabled);
	note_close(&n);
}

T_TEST(the_recorded_lists)
{
	static const struct {
		unsigned number;
		const char *anchor;
		size_t revs;
		const char *first; /* NULL: none */
	} rows[] = {
	    {6, "9438,2026-10-04 16:33:26.671", 30, NULL},
	    {7, "9438,2026-10-04 16:33:26.734", 0, NULL},
	    {8, "9438,2026-10-04 16:33:26.742", 0, NULL},
	    {9, "9438,2026-10-04 16:33:26.750", 30,
		"rev 8c55755c-2b9d-48cc-be8b-aedbf20911ec.201\n"},
	    {10, "9438,2026-10-04 16:33:26.799", 30,
		"rev 8c55755c-2b9d-48cc-be8b-aedbf20911ec.201\n"},
	    {11, "9438,2026-10-04 16:33:26.848", 0, NULL},
	    {12, "9438,2026-10-04 16:33:26.850", 0, NULL},
	};
	struct note n;
	size_t i;

	note_need_samples();
	note_open(&n);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		read_exchange(&n, SS_GET_REVISION_ID_LIST, rows[i].number);
		T_STR(n.reply->anchor, rows[i].anchor);
		T_EQ(n.reply->members, rows[i].revs);
		T_EQ(lines(&n), rows[i].revs);
		T_EQ(n.reply->skipped, 0);
		if (rows[i].first != NULL)
			T_OK(strncmp((char *)n.b.p, rows[i].first,
				 strlen(rows[i].first)) == 0);
	}
	read_exchange(&n, SS_GET_REVISION_ID_LIST, 6);
	T_OK(strstr((char *)n.b.p,
		 "rev b4832bd8-e735-4761-8daf-37f882276dab.1\n"
		 "rev b4832bd8-e735-4761-8daf-37f882276dab.100\n") != NULL);
	note_close(&n);
}

T_TEST(the_recorded_documents_byte_for_byte)
{
	static const struct {
		unsigned number;
		const char *rev, *blob, *tail;
	} rows[] = {
	    {13, "a2fef9b0-7951-4c2c-a42b-9e351dd1c1fe.200", "cab '",
		"' utf-16le ''\n"},
	    {14, "266f6222-c89d-43f2-9f8a-69340271e677.200", "cab '",
		"' utf-16le '' 87f5bd0469585006aa5d3a77d1c662fd2895ddcd\n"
		"url 87f5bd0469585006aa5d3a77d1c662fd2895ddcd http://"
		"download.windowsupdate.com/c/msdownload/update/software/defu/"
		"2026/10/am_delta_87f5bd0469585006aa5d3a77d1c662fd2895ddcd.exe"
		" -\n"},
	    {15, "ccb78947-6453-4ecc-9de8-bc0305c98f2d.200", "plain '",
		"' utf-8 ''\n"},
	    {16, "56309036-4c77-4dd9-951a-99ee9c246a94.101", "cab '",
		"' utf-16le ''\n"},
	};
	struct buf doc = BUF_INIT, want = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;
	char name[128];
	size_t i;

	note_need_samples();
	note_open(&n);
	n.docs = true;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		(void)snprintf(name, sizeof(name),
		    "server-sync/docs/%.36s-r%s.xml", rows[i].rev,
		    rows[i].rev + 37);
		note_sample(&doc, name);
		read_exchange(&n, SS_GET_UPDATE_DATA, rows[i].number);
		buf_reset(&want);
		T_CALL(buf_printf(&want, &e, "item %s %s%.*s%s", rows[i].rev,
			   rows[i].blob, (int)doc.len, (char *)doc.p,
			   rows[i].tail),
		    &e);
		T_STR((char *)n.b.p, buf_str(&want, &e));
	}
	note_close(&n);
	buf_free(&doc);
	buf_free(&want);
}

T_TEST(the_recorded_faults)
{
	static const struct {
		unsigned number;
		enum ss_op op;
		enum soap_code code;
		const char *message, *id;
	} rows[] = {
	    {17, SS_GET_UPDATE_DATA, SOAP_INTERNAL, "",
		"b6114a8d-9939-41e0-ad7f-0d9a72260804"},
	    {18, SS_GET_REVISION_ID_LIST, SOAP_INVALID_PARAMETERS, "filter",
		"94327110-fc7e-4c3c-878d-186ab273d9fd"},
	    {19, SS_GET_REVISION_ID_LIST, SOAP_INVALID_COOKIE, "",
		"6ea693bc-a66e-4334-a797-043728561c7d"},
	};
	struct note n;
	size_t i;

	note_need_samples();
	note_open(&n);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct soap_fault *f = &n.reply->fault;

		read_exchange(&n, rows[i].op, rows[i].number);
		T_EQ(f->code, rows[i].code);
		T_STR(f->word, soap_code_word(rows[i].code));
		T_STR(f->message, rows[i].message);
		T_STR(f->id, rows[i].id);
		T_STR(f->method, serversync_op_action(rows[i].op));
		T_STR(f->string, "Fault occurred");
		T_EQ(n.b.len, 0);
	}
	note_close(&n);
}

T_MAIN
