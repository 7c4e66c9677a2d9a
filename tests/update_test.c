/* SPDX-License-Identifier: ISC */
#include "formats/update.h"

#include "formats/xml.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "tests/print.h"
#include "tests/t.h"

#define NS "http://schemas.microsoft.com/msus/2002/12/"
#define ID "0d000000-0000-4000-8000-000000000004"
#define IDENTITY "<UpdateIdentity UpdateID='" ID "' RevisionNumber='200'/>"
#define PROPERTIES "<Properties UpdateType='Software'/>"
#define HEAD "<Update xmlns='" NS "Update'>"
#define DOC(body) HEAD IDENTITY PROPERTIES body "</Update>"
#define ABC_SHA1 "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="
#define OTHER_SHA1 "AAECAwQFBgcICQoLDA0ODxAREhM="
#define ABC_SHA256 "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="

struct fixture {
	struct update_reader *r;
	struct arena a;
	struct update u;
	struct err e;
};

static void
setup(struct fixture *f, const struct update_limits *lim)
{
	*f = (struct fixture){.a = ARENA_INIT((size_t)64 << 20), .e = ERR_INIT};
	xml_init();
	T_CALL(update_reader_open(&f->r, lim, &f->e), &f->e);
}

static void
teardown(struct fixture *f)
{
	update_reader_close(f->r);
	arena_free(&f->a);
}

static int
read_doc(struct fixture *f, const char *doc)
{
	arena_reset(&f->a);
	return update_read(f->r, &f->u, &f->a, doc, strlen(doc), &f->e);
}

static void
guid_is(const struct guid *g, const char *text)
{
	char s[GUID_LEN + 1];

	guid_write(s, g);
	T_STR(s, text);
}

/* Prefixes other than the usual ones, declared again and again, white space. */
static const char full[] =
    "<u:Update xmlns:u='" NS "Update' xmlns:Update='urn:other'>\r\n"
    "<u:UpdateIdentity UpdateID='0E000000-ABCD-4000-8000-00000000000F'\r\n"
    " RevisionNumber='2147483647' />"
    "<Properties xmlns='" NS "Update' UpdateType='Software'"
    " DefaultPropertiesLanguage='de' Handler='" NS "UpdateHandlers/Cbs'"
    " PublicationState='Expired' CreationDate='2024-05-14T17:00:00.123Z'"
    " ExplicitlyDeployable='true' IsMandatory='1' IsBeta='true'"
    " EulaID='0f000000-0000-4000-8000-000000000001'"
    " MaxDownloadSize='14800000000' MsrcSeverity='Critical'"
    " CompatibleProtocolVersion='1.4' LegacyName='x'>"
    "<Language> all </Language><Language>en</Language>"
    "<Language>en</Language><KBArticleID>5037771</KBArticleID>"
    "<KBArticleID>890830</KBArticleID>"
    "<SecurityBulletinID>MS17-010</SecurityBulletinID>"
    "<SecuredFragment>FileDecryption</SecuredFragment></Properties>"
    "<u:LocalizedPropertiesCollection>"
    "<u:LocalizedProperties><u:Language>en</u:Language>"
    "<u:Title>A &amp; B\r\n\xf0\x9f\x98\x80</u:Title></u:LocalizedProperties>"
    "<u:LocalizedProperties><u:Language>de</u:Language>"
    "<u:Title>Sch\xc3\xb6n<x>y</x></u:Title><u:Description>lang</u:Description>"
    "</u:LocalizedProperties></u:LocalizedPropertiesCollection>"
    "<u:Relationships><u:SupersededUpdates>"
    "<u:UpdateIdentity UpdateID='0a000000-0000-4000-8000-000000000001'/>"
    "<u:UpdateIdentity UpdateID='0a000000-0000-4000-8000-000000000002'/>"
    "</u:SupersededUpdates><u:Prerequisites>"
    "<u:UpdateIdentity UpdateID='0b000000-0000-4000-8000-000000000001'/>"
    "<u:AtLeastOne IsCategory='true'>"
    "<u:UpdateIdentity UpdateID='0b000000-0000-4000-8000-000000000002'/>"
    "<u:UpdateIdentity UpdateID='0b000000-0000-4000-8000-000000000003'/>"
    "</u:AtLeastOne>"
    "<u:UpdateIdentity UpdateID='0b000000-0000-4000-8000-000000000004'/>"
    "<u:AtLeastOne>"
    "<u:UpdateIdentity UpdateID='0b000000-0000-4000-8000-000000000005'/>"
    "</u:AtLeastOne></u:Prerequisites><u:BundledUpdates>"
    "<u:UpdateIdentity UpdateID='0c000000-0000-4000-8000-000000000001'"
    " RevisionNumber='7'/><u:AtLeastOne>"
    "<u:UpdateIdentity UpdateID='0c000000-0000-4000-8000-000000000002'"
    " RevisionNumber='8'/>"
    "<u:UpdateIdentity UpdateID='0c000000-0000-4000-8000-000000000003'"
    " RevisionNumber='9'/></u:AtLeastOne></u:BundledUpdates>"
    "</u:Relationships><u:ApplicabilityRules><e:E xmlns:e='urn:e'"
    " Digest='" OTHER_SHA1 "' FileName='eula.txt' Size='12'/>"
    "<u:Files><u:File Digest='no digest'/></u:Files></u:ApplicabilityRules>"
    "<u:Files><u:File Digest='" ABC_SHA1 "' DigestAlgorithm='SHA1'"
    " FileName='..\\a.CAB' Size='3' Modified='2024-05-14T17:00:00Z'"
    " PatchingType='SelfContained' IsEncrypted='true'>"
    "<u:AdditionalDigest Algorithm='MD5'>no base64</u:AdditionalDigest>"
    "<u:AdditionalDigest Algorithm='SHA256'>\n" ABC_SHA256
    "\n</u:AdditionalDigest></u:File></u:Files></u:Update>\n";

T_TEST(identity_and_properties)
{
	struct fixture f;

	setup(&f, NULL);
	T_CALL(read_doc(&f, full), &f.e);
	guid_is(&f.u.id, "0e000000-abcd-4000-8000-00000000000f");
	T_EQ(f.u.revision, INT32_MAX);
	T_EQ(f.u.type, UPDATE_SOFTWARE);
	T_EQ(f.u.category, CATEGORY_NONE);
	T_OK(f.u.expired && f.u.deployable && f.u.secured);
	T_OK(f.u.mandatory && f.u.beta);
	T_STR(f.u.created, "2024-05-14T17:00:00.123Z");
	T_STR(f.u.lang, "de");
	T_STR(f.u.severity, "Critical");
	T_STR(f.u.protocol, "1.4");
	T_STR(f.u.handler, NS "UpdateHandlers/Cbs");
	T_OK(f.u.has_eula && f.u.has_max_download);
	guid_is(&f.u.eula, "0f000000-0000-4000-8000-000000000001");
	T_EQ(f.u.max_download, 14800000000);
	T_EQ(f.u.nkbs, 2);
	T_STR(f.u.kbs[0], "5037771");
	T_STR(f.u.kbs[1], "890830");
	T_EQ(f.u.nbulletins, 1);
	T_STR(f.u.bulletins[0], "MS17-010");
	T_EQ(f.u.nlangs, 2);
	T_STR(f.u.langs[0], "all");
	T_STR(f.u.langs[1], "en");
	teardown(&f);
}

T_TEST(titles_keep_their_order_and_text)
{
	struct fixture f;

	setup(&f, NULL);
	T_CALL(read_doc(&f, full), &f.e);
	T_EQ(f.u.ntitles, 2);
	T_STR(f.u.titles[0].lang, "en");
	T_STR(f.u.titles[0].title, "A & B\n\xf0\x9f\x98\x80");
	T_OK(f.u.titles[0].description == NULL);
	T_STR(f.u.titles[1].lang, "de");
	T_STR(f.u.titles[1].title, "Sch\xc3\xb6n");
	T_STR(f.u.titles[1].description, "lang");
	T_STR(f.u.title, "Sch\xc3\xb6n");
	teardown(&f);
}

static void
ref_is(const struct update_ref *r, uint32_t group, bool any, bool category,
    const char *id, uint32_t revision)
{
	T_EQ(r->group, group);
	T_EQ(r->any, any);
	T_EQ(r->is_category, category);
	guid_is(&r->id, id);
	T_EQ(r->revision, revision);
}

T_TEST(relationships_are_numbered_in_groups)
{
	struct fixture f;

	setup(&f, NULL);
	T_CALL(read_doc(&f, full), &f.e);
	T_EQ(f.u.nsuperseded, 2);
	guid_is(&f.u.superseded[1], "0a000000-0000-4000-8000-000000000002");
	T_EQ(f.u.nprereqs, 5);
	ref_is(&f.u.prereqs[0], 0, false, false,
	    "0b000000-0000-4000-8000-000000000001", 0);
	ref_is(&f.u.prereqs[1], 1, true, true,
	    "0b000000-0000-4000-8000-000000000002", 0);
	ref_is(&f.u.prereqs[2], 1, true, true,
	    "0b000000-0000-4000-8000-000000000003", 0);
	ref_is(&f.u.prereqs[3], 2, false, false,
	    "0b000000-0000-4000-8000-000000000004", 0);
	ref_is(&f.u.prereqs[4], 3, true, false,
	    "0b000000-0000-4000-8000-000000000005", 0);
	T_EQ(f.u.nbundled, 3);
	ref_is(&f.u.bundled[0], 0, false, false,
	    "0c000000-0000-4000-8000-000000000001", 7);
	ref_is(&f.u.bundled[1], 1, true, false,
	    "0c000000-0000-4000-8000-000000000002", 8);
	ref_is(&f.u.bundled[2], 1, true, false,
	    "0c000000-0000-4000-8000-000000000003", 9);
	teardown(&f);
}

T_TEST(alternatives_within_alternatives_are_one_group)
{
	static const char doc[] = DOC(
	    "<Relationships><BundledUpdates><UpdateIdentity UpdateID='" ID
	    "' RevisionNumber='1'/></BundledUpdates><Prerequisites>"
	    "<AtLeastOne><UpdateIdentity UpdateID='" ID "'/><AtLeastOne>"
	    "<UpdateIdentity UpdateID='" ID "'/></AtLeastOne>"
	    "<UpdateIdentity UpdateID='" ID "'/></AtLeastOne><AtLeastOne/>"
	    "<UpdateIdentity UpdateID='" ID "'/></Prerequisites>"
	    "<Prerequisites><UpdateIdentity UpdateID='" ID "'/>"
	    "</Prerequisites></Relationships>");
	static const uint32_t groups[] = {0, 0, 0, 2, 3};
	struct fixture f;
	size_t i;

	setup(&f, NULL);
	T_CALL(read_doc(&f, doc), &f.e);
	T_EQ(f.u.nprereqs, 5);
	for (i = 0; i < f.u.nprereqs; i++)
		ref_is(&f.u.prereqs[i], groups[i], i < 3, false, ID, 0);
	teardown(&f);
}

T_TEST(files_come_first_and_then_any_digest)
{
	uint8_t sha1[SHA1_LEN], sha256[SHA256_LEN];
	const struct update_file *g;
	struct fixture f;

	setup(&f, NULL);
	T_CALL(read_doc(&f, full), &f.e);
	T_EQ(f.u.nfiles, 2);
	g = &f.u.files[0];
	T_OK(base64_read(sha1, SHA1_LEN, ABC_SHA1, 28));
	T_OK(base64_read(sha256, SHA256_LEN, ABC_SHA256, 44));
	T_MEM(g->sha1, sha1, SHA1_LEN);
	T_OK(g->has_sha256 && g->has_size && g->encrypted);
	T_MEM(g->sha256, sha256, SHA256_LEN);
	T_EQ(g->size, 3);
	T_STR(g->name, "..\\a.CAB");
	T_STR(g->patching, "SelfContained");
	T_STR(g->modified, "2024-05-14T17:00:00Z");
	g = &f.u.files[1];
	T_STR(g->name, "eula.txt");
	T_OK(!g->has_sha256 && g->has_size && !g->encrypted);
	T_EQ(g->size, 12);
	T_OK(g->patching == NULL && g->modified == NULL);
	teardown(&f);
}

T_TEST(a_digest_twice_is_one_file_of_all_that_was_said)
{
	static const char doc[] = DOC(
	    "<x Digest='" ABC_SHA1 "' Size='3' FileName='later'/>"
	    "<x Digest='no SHA-1'/><x Digest='" OTHER_SHA1 "' Size='-1'"
	    " FileName='kept'/><Files><File Digest='" ABC_SHA1 "'/>"
	    "<File Digest='" ABC_SHA1 "' FileName='first' Size='4'>"
	    "<AdditionalDigest Algorithm='SHA256'>" ABC_SHA256
	    "</AdditionalDigest></File></Files>");
	struct fixture f;

	setup(&f, NULL);
	T_CALL(read_doc(&f, doc), &f.e);
	T_EQ(f.u.nfiles, 2);
	T_STR(f.u.files[0].name, "first");
	T_EQ(f.u.files[0].size, 4);
	T_OK(f.u.files[0].has_sha256);
	T_STR(f.u.files[1].name, "kept");
	T_OK(!f.u.files[1].has_size);
	teardown(&f);
}

T_TEST(what_is_express_and_self_contained_is_wanted_as_self_contained)
{
	static const struct {
		const char *first, *second, *other, *found;
	} rows[] = {
	    {"Express", "SelfContained", "", "SelfContained"},
	    {"SelfContained", "Express", "", "SelfContained"},
	    {"Express", "Other", "", "Express"},
	    {"Express", "Express", "SelfContained", "SelfContained"},
	};
	char doc[2048];
	struct fixture f;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		(void)snprintf(doc, sizeof(doc),
		    DOC("<x Digest='" ABC_SHA1 "' PatchingType='%s'/><Files>"
			"<File Digest='" ABC_SHA1 "' PatchingType='%s'/>"
			"<File Digest='" ABC_SHA1 "' PatchingType='%s'/>"
			"</Files>"),
		    rows[i].other, rows[i].first, rows[i].second);
		setup(&f, NULL);
		T_CALL(read_doc(&f, doc), &f.e);
		T_EQ(f.u.nfiles, 1);
		T_STR(f.u.files[0].patching, rows[i].found);
		teardown(&f);
	}
}

struct kind {
	const char *type, *data;
	enum update_type t;
	enum category_type c;
};

#define CATEGORY(type)                                                         \
	"<HandlerSpecificData><CategoryInformation xmlns='" NS                 \
	"UpdateHandlers/Category'" type "/></HandlerSpecificData>"

T_TEST(kinds_of_updates)
{
	static const struct kind rows[] = {
	    {"Software", "", UPDATE_SOFTWARE, CATEGORY_NONE},
	    {"Driver", "", UPDATE_DRIVER, CATEGORY_NONE},
	    {"Detectoid", CATEGORY(" CategoryType='Product'"), UPDATE_DETECTOID,
		CATEGORY_NONE},
	    {"Category", "", UPDATE_CATEGORY, CATEGORY_NONE},
	    {"Category", CATEGORY(""), UPDATE_CATEGORY, CATEGORY_NONE},
	    {"Category", CATEGORY(" CategoryType='UpdateClassification'"),
		UPDATE_CATEGORY, CATEGORY_CLASSIFICATION},
	    {"Category", CATEGORY(" CategoryType='Company'"), UPDATE_CATEGORY,
		CATEGORY_COMPANY},
	    {"Category", CATEGORY(" CategoryType='ProductFamily'"),
		UPDATE_CATEGORY, CATEGORY_FAMILY},
	    {"Category", CATEGORY(" CategoryType='Product'"), UPDATE_CATEGORY,
		CATEGORY_PRODUCT},
	    {"Category", CATEGORY(" CategoryType='product'"), UPDATE_CATEGORY,
		CATEGORY_OTHER},
	};
	struct fixture f;
	char doc[1024];
	size_t i;

	setup(&f, NULL);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(doc, sizeof(doc),
		    HEAD "%s<Properties UpdateType='%s'/>%s</Update>",
		    rows[i].data, rows[i].type, IDENTITY);
		T_CALL(read_doc(&f, doc), &f.e);
		T_EQ(f.u.type, rows[i].t);
		T_EQ(f.u.category, rows[i].c);
		err_clear(&f.e);
	}
	teardown(&f);
}

#define HANDLER(attrs) DOC("<HandlerSpecificData " attrs "/>")
#define XSI " xmlns:i='http://www.w3.org/2001/XMLSchema-instance'"

T_TEST(the_handler_is_what_its_prefix_stands_for)
{
	static const char *const rows[][2] = {
	    {HANDLER("i:type='c:Cbs' xmlns:c='urn:cbs'" XSI), "urn:cbs"},
	    {HANDLER("i:type='Cbs'" XSI), NS "Update"},
	    {HANDLER("i:type='c:Cbs'" XSI), "c:Cbs"},
	    {HANDLER("type='c:Cbs'"), NULL},
	};
	struct fixture f;
	size_t i;

	setup(&f, NULL);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		T_CALL(read_doc(&f, rows[i][0]), &f.e);
		if (rows[i][1] != NULL)
			T_STR(f.u.handler, rows[i][1]);
		else
			T_OK(f.u.handler == NULL);
	}
	teardown(&f);
}

#define TITLES(a, b)                                                           \
	HEAD IDENTITY "<Properties UpdateType='Software' "                     \
		      "DefaultPropertiesLanguage='PT-br'/>"                    \
		      "<LocalizedPropertiesCollection>" a b                    \
		      "</LocalizedPropertiesCollection></Update>"
#define TITLE(lang, text)                                                      \
	"<LocalizedProperties><Title>" text "</Title><Language>" lang          \
	"</Language></LocalizedProperties>"

T_TEST(the_title_for_display)
{
	static const char *const rows[][2] = {
	    {TITLES(TITLE("en", "E"), TITLE("pt-BR", "P")), "P"},
	    {TITLES(TITLE("fr", "F"), TITLE("en", "E")), "E"},
	    {TITLES(TITLE("fr", "F"), TITLE("pt", "P")), "F"},
	    {TITLES(TITLE("fr", ""), TITLE("pt", "P")), "P"},
	    {TITLES(, ), NULL},
	};
	struct fixture f;
	size_t i;

	setup(&f, NULL);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		T_CALL(read_doc(&f, rows[i][0]), &f.e);
		if (rows[i][1] != NULL)
			T_STR(f.u.title, rows[i][1]);
		else
			T_OK(f.u.title == NULL);
	}
	teardown(&f);
}

T_TEST(only_namespace_name_and_parent_tell_what_an_element_is)
{
	static const char doc[] = DOC(
	    "<x><UpdateIdentity UpdateID='none'/><Properties/></x>"
	    "<UpdateIdentity xmlns='urn:other' UpdateID='none'/>"
	    "<p:Files xmlns:p='urn:other'><File/></p:Files>"
	    "<Properties xmlns=''/><KBArticleID>1</KBArticleID>"
	    "<LocalizedPropertiesCollection><Title>T</Title>"
	    "<KBArticleID>2</KBArticleID></LocalizedPropertiesCollection>"
	    "<Relationships><UpdateIdentity/></Relationships>");
	struct fixture f;

	setup(&f, NULL);
	T_CALL(read_doc(&f, doc), &f.e);
	T_EQ(f.u.nkbs + f.u.ntitles + f.u.nprereqs + f.u.nfiles, 0);
	guid_is(&f.u.id, ID);
	teardown(&f);
}

T_TEST(extensions_are_short_and_plain)
{
	static const char *const rows[][2] = {{"a.cab", "cab"},
	    {"a.b.EXE", "EXE"}, {".txt", "txt"}, {"a", ""}, {"", ""},
	    {"a.", ""}, {"a.12345678", "12345678"}, {"a.123456789", ""},
	    {"a.c/b", ""}, {"a.c b", ""}, {"a.\xc3\xa9", ""}, {"a.c\n", ""}};
	char ext[UPDATE_EXT_MAX + 1];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		update_file_ext(ext, rows[i][0]);
		T_STR(ext, rows[i][1]);
	}
}

T_TEST(printing_says_one_fact_a_line)
{
	struct sink s = SINK_INIT;
	struct buf b = BUF_INIT;
	struct fixture f;
	const char *text;

	setup(&f, NULL);
	T_CALL(read_doc(&f, full), &f.e);
	sink_buf(&s, &b);
	T_CALL(update_print(&f.u, &s, &f.e), &f.e);
	text = buf_str(&b, &f.e);
	T_OK(strstr(text,
		 "update 0e000000-abcd-4000-8000-00000000000f\n"
		 "revision 2147483647\ntype Software\ntitle Sch") == text);
	T_OK(strstr(text,
		 "\nis expired\nis deployable\nis secured\n"
		 "is mandatory\nis beta\n") != NULL);
	T_OK(strstr(text,
		 "\nprerequisite 1 any "
		 "0b000000-0000-4000-8000-000000000003 category\n") != NULL);
	T_OK(strstr(text,
		 "\nbundles 1 any "
		 "0c000000-0000-4000-8000-000000000003 revision 9\n") != NULL);
	T_OK(strstr(text,
		 "\nfile A9993E364706816ABA3E25717850C26C9CD0D89D sha256 "
		 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f200"
		 "15ad size 3 encrypted SelfContained name ..\\a.CAB\n") !=
	    NULL);
	T_OK(strstr(text, "\ntitle[en] A & B?\xf0\x9f\x98\x80\n") != NULL);
	buf_free(&b);
	teardown(&f);
}

T_MAIN
