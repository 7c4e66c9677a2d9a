/* SPDX-License-Identifier: ISC */
/* What answers say, in whatever dress they come. */
#include "formats/xml.h"
#include "tests/serversync_note.h"
#include "tests/t.h"

#define G1 "7c6a2b54-51a1-4e0b-8a53-1f0f4d0b9c11"
#define G2 "0b1e0d6e-93c4-4d3c-8f51-6a7c2f7b5d20"
#define G3 "a0a08746-4dbe-4a37-9adf-9e7652c0b421"
#define G4 "b73ca6ed-5727-47f3-84de-015e03f6a88a"
#define D1 "3q2+7wABAgMEBQYHCAkKCwwNDg8="
#define D1_HEX "deadbeef000102030405060708090a0b0c0d0e0f"
#define D2 "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define D2_HEX "0000000000000000000000000000000000000000"
#define ID(g, r)                                                               \
	"<UpdateID>" g "</UpdateID><RevisionNumber>" r "</RevisionNumber>"
#define REV(g, r) "<UpdateIdentity>" ID(g, r) "</UpdateIdentity>"

static void
says(struct note *n, enum ss_op op, const char *result, const char *lines)
{
	note_good(n, op, result);
	T_STR((char *)n->b.p, lines);
}

/* --- session --- */

T_TEST(plug_ins_are_counted_and_the_first_is_taken)
{
	struct note n;

	note_open(&n);
	note_good(&n, SS_GET_AUTH_CONFIG,
	    "<LastChange>x</LastChange><AuthInfo><AuthPlugInInfo>"
	    "<ServiceUrl>a/b.asmx</ServiceUrl><PlugInID>One</PlugInID>"
	    "</AuthPlugInInfo><AuthPlugInInfo><PlugInID>Two</PlugInID>"
	    "<ServiceUrl>c</ServiceUrl><Parameter>p</Parameter>"
	    "</AuthPlugInInfo></AuthInfo><AllowedEventIds/>");
	T_EQ(n.reply->nplugins, 2);
	T_STR(n.reply->plugin_id, "One");
	T_STR(n.reply->service_url, "a/b.asmx");
	note_good(&n, SS_GET_AUTH_CONFIG, "<AuthInfo/>");
	T_EQ(n.reply->nplugins, 0);
	T_STR(n.reply->plugin_id, "");
	note_good(
	    &n, SS_GET_AUTH_CONFIG, "<AuthInfo><AuthPlugInInfo/></AuthInfo>");
	T_EQ(n.reply->nplugins, 1);
	T_STR(n.reply->service_url, "");
	note_close(&n);
}

T_TEST(cookies_are_kept_without_their_white_space)
{
	struct note n;

	note_open(&n);
	note_good(&n, SS_GET_AUTHORIZATION_COOKIE,
	    "<PlugInId>15</PlugInId><CookieData>\r\n q83v\r\n\tEjRW eJA=\r\n"
	    "</CookieData>");
	T_STR(n.reply->auth.plugin, "15");
	T_STR(n.reply->auth.data, "q83vEjRWeJA=");
	note_good(&n, SS_GET_COOKIE,
	    "<EncryptedData>AQID\nBA==</EncryptedData>"
	    "<Expiration> 2026-10-04T20:33:26.65455Z </Expiration>");
	T_STR(n.reply->cookie.expiration, "2026-10-04T20:33:26.65455Z");
	T_STR(n.reply->cookie.data, "AQIDBA==");
	note_good(&n, SS_GET_COOKIE,
	    "<Expiration>9999-12-31T23:59:59.9999999</Expiration>"
	    "<EncryptedData/>");
	T_STR(n.reply->cookie.data, "");
	note_close(&n);
}

T_TEST(a_configuration_is_read_in_any_order)
{
	const struct ss_config *c;
	struct note n;

	note_open(&n);
	c = &n.reply->config;
	note_good(&n, SS_GET_CONFIG_DATA,
	    "<MaxUpdatesPerRequestInGetUpdateDecryptionData>+0500"
	    "</MaxUpdatesPerRequestInGetUpdateDecryptionData>"
	    "<LanguageUpdateList><ServerSyncLanguageData>"
	    "<Enabled>1</Enabled><LongLanguage>x</LongLanguage>"
	    "<LanguageID> 1033 </LanguageID><ShortLanguage>en</ShortLanguage>"
	    "</ServerSyncLanguageData><ServerSyncLanguageData>"
	    "<ShortLanguage>no id</ShortLanguage></ServerSyncLanguageData>"
	    "<ServerSyncLanguageData><LanguageID>0</LanguageID>"
	    "</ServerSyncLanguageData></LanguageUpdateList>"
	    "<ProtocolVersion>1.20</ProtocolVersion>"
	    "<NewConfigAnchor>  a  </NewConfigAnchor>"
	    "<MaxNumberOfUpdatesPerRequest>-7</MaxNumberOfUpdatesPerRequest>"
	    "<ServerHostsPsfFiles> true </ServerHostsPsfFiles>"
	    "<LazySync>0</LazySync><CatalogOnlySync>true</CatalogOnlySync>");
	T_OK(c->catalog_only && !c->lazy && c->hosts_psf);
	T_OK(c->has_max_updates);
	T_EQ(c->max_updates, -7);
	T_EQ(c->max_decryption, 500);
	T_STR(c->anchor, "  a  "); /* opaque */
	T_STR(c->version, "1.20");
	T_OK(c->has_langs);
	T_EQ(c->nlangs, 2);
	T_EQ(c->langs[0].id, 1033);
	T_STR(c->langs[0].name, "en");
	T_OK(c->langs[0].enabled);
	T_STR(c->langs[1].name, "");
	T_OK(!c->langs[1].enabled);
	T_EQ(n.reply->skipped, 1);
	note_close(&n);
}

T_TEST(absent_empty_and_nil_are_told_apart)
{
	const struct ss_config *c;
	struct note n;

	note_open(&n);
	c = &n.reply->config;
	note_good(&n, SS_GET_CONFIG_DATA, "");
	T_OK(!c->has_max_updates && !c->has_langs);
	note_good(&n, SS_GET_CONFIG_DATA,
	    "<LanguageUpdateList/><MaxNumberOfUpdatesPerRequest>0"
	    "</MaxNumberOfUpdatesPerRequest>");
	T_OK(c->has_max_updates && !c->has_langs);
	T_EQ(c->max_updates, 0);
	note_good(&n, SS_GET_CONFIG_DATA,
	    "<LanguageUpdateList i:nil='true'/><CatalogOnlySync i:nil='1'/>"
	    "<MaxNumberOfUpdatesPerRequest i:nil='true'/>");
	T_OK(!c->has_max_updates && !c->has_langs);
	T_EQ(n.reply->skipped, 0); /* they are no members */
	note_close(&n);
}

/* --- lists --- */

T_TEST(a_list_is_given_in_its_order)
{
	struct note n;

	note_open(&n);
	says(&n, SS_GET_REVISION_ID_LIST,
	    "<NewRevisions>" REV(G1, "201") REV(G2, "1")
		REV(G1, "201") "</NewRevisions><Anchor>9438,2026</Anchor>",
	    "rev " G1 ".201\nrev " G2 ".1\nrev " G1 ".201\n");
	T_STR(n.reply->anchor, "9438,2026");
	T_EQ(n.reply->members, 3);
	says(&n, SS_GET_REVISION_ID_LIST, "<Anchor/><NewRevisions/>", "");
	T_STR(n.reply->anchor, "");
	says(&n, SS_GET_REVISION_ID_LIST, "", "");
	T_EQ(n.reply->members, 0);
	note_close(&n);
}

T_TEST(a_guid_is_read_in_either_case)
{
	struct note n;

	note_open(&n);
	says(&n, SS_GET_REVISION_ID_LIST,
	    "<NewRevisions>" REV("7C6A2B54-51A1-4E0B-8A53-1F0F4D0B9C11",
		"0201") "</NewRevisions>",
	    "rev " G1 ".201\n");
	note_close(&n);
}

T_TEST(members_that_are_nil_or_lack_their_identity_are_skipped)
{
	struct note n;

	note_open(&n);
	says(&n, SS_GET_REVISION_ID_LIST,
	    "<NewRevisions><UpdateIdentity i:nil='true'/>" REV(
		G1, "1") "<UpdateIdentity/><UpdateIdentity><UpdateID>" G2
			 "</UpdateID></UpdateIdentity><UpdateIdentity>"
			 "<RevisionNumber>1</RevisionNumber></UpdateIdentity>"
			 "<UpdateIdentity><UpdateID i:nil='true'/>"
			 "<RevisionNumber>1</RevisionNumber></UpdateIdentity>"
			 "<other i:nil='true'/></NewRevisions>",
	    "rev " G1 ".1\n");
	T_EQ(n.reply->members, 1);
	T_EQ(n.reply->skipped, 5);
	note_close(&n);
}

T_TEST(related_revisions_stand_in_the_result_itself)
{
	struct note n;

	note_open(&n);
	says(&n, SS_GET_RELATED_REVISIONS, REV(G1, "3") REV(G2, "4"),
	    "rev " G1 ".3\nrev " G2 ".4\n");
	note_close(&n);
}

/* --- updates --- */

T_TEST(items_of_all_kinds)
{
	struct note n;

	note_open(&n);
	says(&n, SS_GET_UPDATE_DATA,
	    "<updates><ServerSyncUpdateData><Id>" ID(
		G1, "201") "</Id><FileDigestList><base64Binary>" D1
			   "</base64Binary><base64Binary> " D2
			   "\n</base64Binary></FileDigestList>"
			   "<XmlUpdateBlobCompressed>\nTVN\r\nD\tRg==\n"
			   "</XmlUpdateBlobCompressed></ServerSyncUpdateData>"
			   "<ServerSyncUpdateData><XmlUpdateBlob>&lt;a&gt;"
			   "&#228;&amp;amp;<![CDATA[<b>]]></XmlUpdateBlob>"
			   "<FileDigestList/><Id><RevisionNumber>7"
			   "</RevisionNumber><UpdateID>" G2
			   "</UpdateID></Id></ServerSyncUpdateData>"
			   "<ServerSyncUpdateData><Id>" ID(G1,
			       "9") "</Id></ServerSyncUpdateData></updates>",
	    "item " G1 ".201 cab 'MSCF' " D1_HEX " " D2_HEX "\n"
	    "item " G2 ".7 plain '<a>\xc3\xa4&amp;<b>'\n"
	    "item " G1 ".9 none ''\n");
	T_EQ(n.reply->members, 3);
	T_EQ(n.reply->skipped, 0);
	note_close(&n);
}

T_TEST(an_empty_document_beside_one_is_passed_over)
{
	struct note n;

	note_open(&n);
	says(&n, SS_GET_UPDATE_DATA,
	    "<updates><ServerSyncUpdateData><XmlUpdateBlob/>"
	    "<XmlUpdateBlobCompressed>TVNDRg==</"
	    "XmlUpdateBlobCompressed><Id>" ID(G1,
		"1") "</Id></ServerSyncUpdateData><ServerSyncUpdateData>"
		     "<XmlUpdateBlob>x</XmlUpdateBlob>"
		     "<XmlUpdateBlobCompressed/><Id>" ID(G1,
			 "2") "</Id></ServerSyncUpdateData>"
			      "<ServerSyncUpdateData><XmlUpdateBlob/><Id>" ID(
				  G1,
				  "3") "</Id></ServerSyncUpdateData>"
				       "<ServerSyncUpdateData>"
				       "<XmlUpdateBlob i:nil='true'/><Id>" ID(
					   G1, "4") "</Id>"
						    "</ServerSyncUpdateData>"
						    "</updates>",
	    "item " G1 ".1 cab 'MSCF'\nitem " G1 ".2 plain 'x'\n"
	    "item " G1 ".3 plain ''\nitem " G1 ".4 none ''\n");
	note_close(&n);
}

T_TEST(an_item_takes_nothing_from_the_one_before)
{
	struct note n;

	note_open(&n);
	says(&n, SS_GET_UPDATE_DATA,
	    "<updates><ServerSyncUpdateData><Id>" ID(G1,
		"1") "</Id><XmlUpdateBlob>x</XmlUpdateBlob><FileDigestList>"
		     "<base64Binary>" D1 "</base64Binary></FileDigestList>"
		     "</ServerSyncUpdateData><ServerSyncUpdateData/>"
		     "<ServerSyncUpdateData><Id><RevisionNumber>2"
		     "</RevisionNumber></Id></ServerSyncUpdateData>"
		     "<ServerSyncUpdateData><Id>" ID(G2,
			 "3") "</Id></ServerSyncUpdateData></updates>"
			      "<fileUrls><ServerSyncUrlData><MUUrl>u</MUUrl>"
			      "</ServerSyncUrlData></fileUrls>",
	    "item " G1 ".1 plain 'x' " D1_HEX "\nitem " G2 ".3 none ''\n");
	T_EQ(n.reply->skipped, 3);
	note_close(&n);
}

T_TEST(urls_with_and_without_what_they_may_have)
{
	struct note n;

	note_open(&n);
	says(&n, SS_GET_UPDATE_DATA,
	    "<fileUrls><ServerSyncUrlData><FileDigest>" D1
	    "</FileDigest><MUUrl>http://x/?a&amp;b</MUUrl><UssUrl/>"
	    "</ServerSyncUrlData><ServerSyncUrlData><DecryptionKey>AQI="
	    "</DecryptionKey><MUUrl/><FileDigest>" D2 "</FileDigest></"
	    "ServerSyncUrlData><ServerSyncUrlData><FileDigest>" D1
	    "</FileDigest><DecryptionKey/></ServerSyncUrlData></fileUrls>"
	    "<updates/>",
	    "url " D1_HEX " http://x/?a&b -\nurl " D2_HEX " - 0102\n"
	    "url " D1_HEX " - -\n");
	note_close(&n);
}

T_TEST(keys_belong_to_the_update_wherever_its_id_stands)
{
	struct note n;

	note_open(&n);
	says(&n, SS_GET_UPDATE_DECRYPTION_DATA,
	    "<UpdateFileDecryptionData><ServerSyncUpdateFileDecryption>"
	    "<FileDecryptionData><ServerSyncFileDecryption><DecryptionKey>AQI="
	    "</DecryptionKey><FileDigest>" D1
	    "</FileDigest></ServerSyncFileDecryption><ServerSyncFileDecryption>"
	    "<DecryptionKey>BAQE</DecryptionKey></ServerSyncFileDecryption>"
	    "<ServerSyncFileDecryption><FileDigest>" D2
	    "</FileDigest></ServerSyncFileDecryption><ServerSyncFileDecryption>"
	    "<FileDigest>" D2 "</FileDigest><DecryptionKey>Aw==</DecryptionKey>"
	    "</ServerSyncFileDecryption></FileDecryptionData><UpdateId>" ID(
		G1, "5") "</UpdateId></ServerSyncUpdateFileDecryption>"
			 "<ServerSyncUpdateFileDecryption><UpdateId>" ID(G2,
			     "6") "</UpdateId></ServerSyncUpdateFileDecryption>"
				  "<ServerSyncUpdateFileDecryption>"
				  "<FileDecryptionData/>"
				  "</ServerSyncUpdateFileDecryption>"
				  "</UpdateFileDecryptionData>",
	    "key " G1 ".5 " D1_HEX " 0102\nkey " G1 ".5 " D2_HEX " -\nkey " G1
	    ".5 " D2_HEX " 03\n");
	T_EQ(n.reply->members, 3);
	T_EQ(n.reply->skipped, 2); /* a key without a digest, one without id */
	note_close(&n);
}

/* --- approvals --- */

T_TEST(groups_and_deployments)
{
	struct note n;

	note_open(&n);
	says(&n, SS_GET_DEPLOYMENTS,
	    "<Anchor>d</"
	    "Anchor><Groups><ServerSyncTargetGroup><TargetGroupID>" G3
	    "</TargetGroupID><Name>All Computers</Name><IsBuiltin>true"
	    "</IsBuiltin></ServerSyncTargetGroup><ServerSyncTargetGroup>"
	    "<TargetGroupID>" G4 "</TargetGroupID><ParentGroupId>" G3
	    "</ParentGroupId></ServerSyncTargetGroup></Groups><Deployments>"
	    "<ServerSyncDeployment><UpdateId>" G1
	    "</UpdateId><RevisionNumber>2</RevisionNumber><Action>3</Action>"
	    "<AdminName>x\\y</AdminName><Deadline>9999-12-31T23:59:59.9999999"
	    "</Deadline><DeploymentGuid>" G2
	    "</DeploymentGuid><TargetGroupId>" G3
	    "</TargetGroupId></ServerSyncDeployment><ServerSyncDeployment>"
	    "<UpdateId>" G1
	    "</UpdateId><RevisionNumber>2</RevisionNumber><Action>77</Action>"
	    "<IsAssigned> false </IsAssigned><DeploymentGuid>" G2
	    "</DeploymentGuid><TargetGroupId>" G4
	    "</TargetGroupId></ServerSyncDeployment><ServerSyncDeployment/>"
	    "</Deployments><DeadDeployments><guid>" G2
	    "</guid><guid i:nil='true'/></DeadDeployments><HiddenUpdates>"
	    "<guid>" G1 "</guid></HiddenUpdates><AcceptedEulas><guid>x</guid>"
	    "</AcceptedEulas>",
	    "group " G3 " All Computers\ngroup " G4 " " G3 " \n"
	    "deployment " G1 ".2 3 " G2 " " G3
	    " 9999-12-31T23:59:59.9999999 x\\y\n"
	    "deployment " G1 ".2 77 " G2 " " G4 " optional - -\n"
	    "dead " G2 "\nhidden " G1 "\n");
	T_STR(n.reply->anchor, "d");
	T_EQ(n.reply->members, 6);
	T_EQ(n.reply->skipped, 2);
	T_OK(n.reply->has_deployments && n.reply->has_hidden);
	note_close(&n);
}

T_TEST(no_list_of_approvals_is_not_an_empty_one)
{
	struct note n;

	note_open(&n);
	says(&n, SS_GET_DEPLOYMENTS, "<Deployments/>", "");
	T_OK(n.reply->has_deployments && !n.reply->has_hidden);
	says(&n, SS_GET_DEPLOYMENTS, "<HiddenUpdates/><Groups/>", "");
	T_OK(!n.reply->has_deployments && n.reply->has_hidden);
	note_close(&n);
}

/* --- the dress --- */

static const char in_dress[] =
    "<e:Envelope xmlns:e='" SOAP_NS "' xmlns:q='" SS_NS "' xmlns:o='urn:o'>"
    "<e:Body q:x='1'><q:GetRevisionIdListResponse o:y='2'><o:Anchor>no"
    "</o:Anchor><Anchor>no</Anchor><q:GetRevisionIdListResult>"
    "<q:Future><q:NewRevisions><q:UpdateIdentity/></q:NewRevisions>"
    "<q:Anchor>no</q:Anchor></q:Future><!-- c --><?pi?>"
    "<q:NewRevisions><o:UpdateIdentity/><x:UpdateIdentity xmlns:x='" SS_NS "'>"
    "<x:UpdateID>7c6a2b54-<!-- c -->51a1-4e0b-8a53-1f0f4d0b9c11</x:UpdateID>"
    "<o:UpdateID>no</o:UpdateID><RevisionNumber xmlns='" SS_NS "'>&#50;</"
    "RevisionNumber><q:New><q:UpdateID>no</q:UpdateID></q:New>"
    "</x:UpdateIdentity></q:NewRevisions><q:Anchor>a</q:Anchor>"
    "</q:GetRevisionIdListResult></q:GetRevisionIdListResponse></e:Body>"
    "</e:Envelope>";

T_TEST(prefixes_and_unknown_elements_mean_nothing)
{
	struct err e = ERR_INIT;
	struct note n;

	note_open(&n);
	T_CALL(note_read(&n, SS_GET_REVISION_ID_LIST, in_dress,
		   sizeof(in_dress) - 1, &e),
	    &e);
	T_STR((char *)n.b.p, "rev " G1 ".2\n");
	T_STR(n.reply->anchor, "a");
	T_EQ(n.reply->skipped, 0);
	note_close(&n);
}

T_TEST(downloading_is_answered_by_nothing)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;

	note_open(&n);
	note_wrap(&b, "<DownloadFilesResponse xmlns='" SS_NS "'/>");
	T_CALL(note_read(&n, SS_DOWNLOAD_FILES, b.p, b.len, &e), &e);
	T_EQ(n.reply->fault.code, SOAP_OK);
	note_close(&n);
	buf_free(&b);
}

T_TEST(a_fault_is_no_error_and_gives_nothing)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;

	note_open(&n);
	note_wrap(&b,
	    "<s:Fault><detail><ErrorCode>ServerBusy</ErrorCode>"
	    "</detail></s:Fault>");
	T_CALL(note_read(&n, SS_GET_UPDATE_DATA, b.p, b.len, &e), &e);
	T_EQ(n.reply->fault.code, SOAP_SERVER_BUSY);
	T_EQ(n.b.len, 0);
	note_good(&n, SS_GET_REVISION_ID_LIST, ""); /* and is forgotten */
	note_close(&n);
	buf_free(&b);
}

T_MAIN
