/* SPDX-License-Identifier: ISC */
/* Damage of every kind is found, and named. */
#include "tests/t.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "formats/xml.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/store/ledger.h"
#include "lib/store/store_db.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"

MAKE_IN_MEMORY

static const char *
full_store(void)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct make m;

	make_fill(s);
	make_update(&m, 30, 1);
	make_needs(&m, 0, 70);
	make_bundles(&m, 71, 2);
	m.superseded[m.u.nsuperseded++] = make_guid(11);
	make_put_ok(s, &m);
	make_commit(s);
	store_close(s);
	return dir;
}

T_TEST(a_good_store_has_no_faults)
{
	T_STR(rig_faults(full_store(), false, 2), "");
}

static const struct {
	const char *sql, *fault;
} damage[] = {
    {"DELETE FROM document WHERE row = 3", "it has no document"},
    {"DELETE FROM revision WHERE row = 3",
	"a document belongs to no revision, row 3"},
    {"DELETE FROM revision WHERE row = 3",
	"files belong to no revision, row 3"},
    {"DELETE FROM revision WHERE row = 3",
	"categories belong to no revision, row 3"},
    {"DELETE FROM revision WHERE row = 1",
	"titles belong to no revision, row 1"},
    {"INSERT INTO title VALUES (4, '{}')",
	"it keeps titles in other languages, and is no category"},
    {"DELETE FROM revision WHERE row = 4",
	"words belong to no revision, row 4"},
    {"DELETE FROM revision WHERE row = 4",
	"prerequisites belong to no revision, row 4"},
    {"DELETE FROM revision WHERE row = 4",
	"bundled updates belong to no revision, row 4"},
    {"DELETE FROM revision WHERE row = 5",
	"superseded updates belong to no revision, row 5"},
    {"UPDATE revision SET type = 9 WHERE row = 3",
	"a column does not have its length or range"},
    {"UPDATE file SET declared = x'00'",
	"a digest of a file does not have its length, row 1"},
    {"UPDATE file SET present = 1, size = NULL",
	"a present file has no size or no measured sha256, row 1"},
    {"DELETE FROM file", "a file that it names has no row"},
    {"INSERT INTO url VALUES (7, 99, 'u', 's')",
	"a source belongs to no file, row 7"},
    {"UPDATE rev_category SET category = 99",
	"a category that it is filed under has no row"},
    {"DELETE FROM missing WHERE revision = 0",
	"a prerequisite is neither held nor listed as missing: "
	"ab1e0000-0000-0000-0000-000000000046"},
    {"DELETE FROM missing WHERE revision = 2",
	"a bundled update is neither held nor listed as missing: "
	"ab430000-0000-0000-0000-000000000047"},
    {"INSERT INTO missing SELECT id, revision, 1 FROM revision "
     "WHERE row = 3",
	"it is listed as missing, and held"},
    {"UPDATE ledger SET state = 1",
	"it came with a transfer that is not recorded as imported, "
	"ledger row 1"},
    {"UPDATE document SET packed = x'0102' WHERE row = 4",
	"document does not unpack"},
    {"UPDATE revision SET bytes = bytes + 1 WHERE row = 4",
	"document has 16 bytes, expected 17"},
    {"UPDATE revision SET sha256 = zeroblob(32) WHERE row = 4",
	"recorded is 00000000"},
    {"UPDATE document SET packed = (SELECT packed FROM document "
     "WHERE row = 2) WHERE row = 1",
	"document's sha256 is"},
};

T_TEST(every_kind_of_damage_is_named)
{
	size_t i;

	for (i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		const char *dir = full_store(), *text;

		rig_sql(dir, damage[i].sql);
		text = rig_faults(dir, false, 2);
		if (strstr(text, damage[i].fault) == NULL)
			t_fail(__FILE__, __LINE__, "%s: '%s', not '%s'",
			    damage[i].sql, text, damage[i].fault);
	}
}

T_TEST(a_damaged_page_is_a_finding_and_no_failure)
{
	const char *dir = full_store(), *text;
	uint8_t junk[4096];
	char path[512];
	off_t at;
	int fd;

	memset(junk, 0xa5, sizeof(junk));
	snprintf(path, sizeof(path), "%s/store.db", dir);
	fd = open(path, O_RDWR);
	for (at = 32768 * 3; at < 32768 * 20; at += 32768)
		T_EQ(pwrite(fd, junk, sizeof(junk), at), (ssize_t)sizeof(junk));
	close(fd);
	text = rig_faults(dir, false, 2);
	T_OK(strstr(text, "store.db: ") != NULL);
}

/* With real documents, read by formats/update. */
static const char real_doc[] =
    "<upd:Update xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/"
    "Update\"><upd:UpdateIdentity UpdateID=\"ab4a0000-0000-0000-0000-"
    "000000000002\" RevisionNumber=\"7\" /><upd:Properties "
    "UpdateType=\"Software\" CreationDate=\"2020-01-02T03:04:05.000Z\" "
    "DefaultPropertiesLanguage=\"en\"><upd:KBArticleID>123456"
    "</upd:KBArticleID></upd:Properties><upd:LocalizedPropertiesCollection>"
    "<upd:LocalizedProperties><upd:Language>en</upd:Language><upd:Title>"
    "A &amp; B</upd:Title></upd:LocalizedProperties><upd:"
    "LocalizedProperties><upd:Language>de</upd:Language><upd:Title>A und B"
    "</upd:Title></upd:LocalizedProperties></upd:"
    "LocalizedPropertiesCollection><upd:Relationships><upd:Prerequisites>"
    "<upd:UpdateIdentity UpdateID=\"ab460000-0000-0000-0000-00000000002e\" "
    "/></upd:Prerequisites></upd:Relationships><upd:Files><upd:File "
    "Digest=\"9XLTlvrpIGYocU+yzgD3LpTyJY8=\" FileName=\"a.cab\" Size=\"6\" "
    "/></upd:Files></upd:Update>";

static const char real_category[] =
    "<upd:Update "
    "xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\">"
    "<upd:UpdateIdentity UpdateID=\"0a000000-0000-4000-8000-000000000009\" "
    "RevisionNumber=\"1\"/><upd:Properties UpdateType=\"Category\" "
    "DefaultPropertiesLanguage=\"en\"/><upd:LocalizedPropertiesCollection>"
    "<upd:LocalizedProperties><upd:Language>en</upd:Language>"
    "<upd:Title>C</upd:Title></upd:LocalizedProperties>"
    "<upd:LocalizedProperties><upd:Language>de</upd:Language>"
    "<upd:Title>K</upd:Title></upd:LocalizedProperties>"
    "</upd:LocalizedPropertiesCollection></upd:Update>";

static const char *
real_store(void)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);

	rig_put(s, real_doc);
	rig_put(s, real_category);
	make_commit(s);
	store_close(s);
	return dir;
}

T_TEST(a_rebuild_check_agrees_with_what_was_put)
{
	T_STR(rig_faults(real_store(), true, 2), "");
}

T_TEST(a_rebuild_check_leaves_what_only_an_upstream_lists)
{
	const char *dir = real_store();

	rig_write(dir,
	    "INSERT INTO file VALUES (NULL, zeroblob(20), NULL, NULL, NULL,"
	    " '', '', 0); INSERT INTO rev_file VALUES (1, 1048576,"
	    " last_insert_rowid(), '', 0, NULL, NULL)");
	T_STR(rig_faults(dir, true, 2), "");
	/* One that a list named before a document did. */
	rig_write(dir,
	    "INSERT INTO rev_file VALUES (1, 1048577, 1, 'l', 0, NULL, NULL);"
	    "UPDATE file SET name = 'l', ext = '' WHERE row = 1");
	T_STR(rig_faults(dir, true, 2), "");
}

T_TEST(a_rebuild_check_finds_a_column_that_the_document_does_not_say)
{
	static const struct {
		const char *sql, *fault;
	} rows[] = {
	    {"UPDATE revision SET title = 'C'", "revision: the store has"},
	    {"UPDATE revision SET expired = 1", "revision: the store has"},
	    {"UPDATE title SET titles = '{}'", "titles: the store has"},
	    {"DELETE FROM title", "titles: the store has 'nothing'"},
	    {"UPDATE word SET value = '1'", "word: the store has"},
	    {"INSERT INTO prereq VALUES (1, 1, 9, 0, 0, zeroblob(16))",
		"prerequisite: the store has"},
	    {"INSERT INTO superseded VALUES (1, 0, zeroblob(16))",
		"the document says 'nothing'"},
	    {"UPDATE rev_file SET name = 'b'", "revision-file: the store has"},
	    {"UPDATE file SET ext = 'exe'",
		"row of this file is not what the documents say"},
	    {"UPDATE file SET row = -5; UPDATE rev_file SET file = -5",
		"row -5 is damaged: expected 0 to 268435455"},
	    {"INSERT INTO rev_category VALUES (1, 4, 0, 1)",
		"it is not filed under"},
	    {"UPDATE missing SET wanted_by = 2", "list of what is missing"},
	    {"UPDATE shown SET superseded = 1", "what lists show of it"},
	    {"UPDATE shown SET top = NULL", "what lists show of it"},
	    {"UPDATE shown SET top = 'x'", "the date that pages order it by"},
	    {"UPDATE shown SET files = x'09'", "what lists show of it"},
	    {"UPDATE shown SET files = NULL", "what lists show of it"},
	    {"DELETE FROM shown", "what lists show of it"},
	    {"INSERT INTO shown VALUES (0, 0, '', x''), (99, 0, '', x'')",
		"of what lists show, 2 rows belong to no revision"},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *dir = real_store(), *text;

		rig_sql(dir, rows[i].sql);
		text = rig_faults(dir, true, 2);
		if (strstr(text, rows[i].fault) == NULL)
			t_fail(__FILE__, __LINE__, "%s: '%s', not '%s'",
			    rows[i].sql, text, rows[i].fault);
	}
}

T_MAIN
