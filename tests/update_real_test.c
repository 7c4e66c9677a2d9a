/* SPDX-License-Identifier: ISC */
/* Genuine documents, where they are at hand; facts counted by other tools. */
#include "formats/update.h"

#include <fcntl.h>
#include <unistd.h>

#include "formats/cab.h"
#include "formats/package.h"
#include "formats/xml.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "tests/print.h"
#include "tests/t.h"

static int
open_sample(const char *name)
{
	const char *path = t_sample(name);
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd == -1)
		t_skip("no samples at hand");
	return fd;
}

/* The document and its facts; both are the caller's. */
static void
read_sample(const char *name, struct update *u, struct arena *a)
{
	struct update_reader *r = NULL;
	struct src s = SRC_INIT;
	struct sink to = SINK_INIT;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	int fd = open_sample(name);

	xml_init();
	sink_buf(&to, &b);
	T_CALL(src_fd(&s, fd, &e), &e);
	T_CALL(src_copy(&s, &to, &e), &e);
	T_CALL(update_reader_open(&r, NULL, &e), &e);
	T_CALL(update_read(r, u, a, b.p, b.len, &e), &e);
	update_reader_close(r);
	src_close(&s);
	buf_free(&b);
	close(fd);
}

struct fact {
	const char *file, *id, *title, *handler;
	uint32_t revision;
	enum update_type type;
	enum category_type category;
	bool deployable;
	size_t nprereqs, nbundled, nsuperseded, nfiles, ntitles, nkbs;
	uint32_t prereq_groups, bundled_groups;
};

#define DOCS "server-sync/docs/"
#define NS "http://schemas.microsoft.com/msus/2002/12/UpdateHandlers/"

/* clang-format off */
static const struct fact facts[] = {
	{DOCS "1f9bd9bb-7390-4aa3-bbdb-ded99fac2583-r200.xml",
	    "1f9bd9bb-7390-4aa3-bbdb-ded99fac2583",
	    "HIDDEN: Defender Engine 1.1.26080.3 for EngineBroad"
	    " (Installer 1.1.24010.2001-Q)", NULL,
	    200, UPDATE_SOFTWARE, CATEGORY_NONE, false,
	    2, 24, 0, 0, 1, 0, 2, 1},
	{DOCS "266f6222-c89d-43f2-9f8a-69340271e677-r200.xml",
	    "266f6222-c89d-43f2-9f8a-69340271e677",
	    "Full Deltas 1.459.547.0 for Defender amd64fre"
	    " [Ring0, Ring1, Ring2, Ring3, Ring4, Broad, Delayed]",
	    NS "CommandLineInstallation",
	    200, UPDATE_SOFTWARE, CATEGORY_NONE, false,
	    4, 0, 0, 1, 1, 0, 4, 0},
	{DOCS "56309036-4c77-4dd9-951a-99ee9c246a94-r101.xml",
	    "56309036-4c77-4dd9-951a-99ee9c246a94",
	    "Microsoft", NS "Category",
	    101, UPDATE_CATEGORY, CATEGORY_COMPANY, false,
	    0, 0, 0, 0, 24, 0, 0, 0},
	{DOCS "a2fef9b0-7951-4c2c-a42b-9e351dd1c1fe-r200.xml",
	    "a2fef9b0-7951-4c2c-a42b-9e351dd1c1fe",
	    "Security Intelligence Update for Microsoft Defender Antivirus"
	    " - KB2267602 (Version 1.459.547.0) - Current Channel (Broad)",
	    NULL,
	    200, UPDATE_SOFTWARE, CATEGORY_NONE, true,
	    4, 124, 10, 0, 35, 1, 4, 4},
	{DOCS "ccb78947-6453-4ecc-9de8-bc0305c98f2d-r200.xml",
	    "ccb78947-6453-4ecc-9de8-bc0305c98f2d",
	    "HIDDEN: Defender MpSigStub 1.1.24010.2001 for EngineBroad"
	    " (Installer 1.1.24010.2001-Q)", NULL,
	    200, UPDATE_SOFTWARE, CATEGORY_NONE, false,
	    2, 4, 0, 0, 1, 0, 2, 1},
	{DOCS "dd78b8a1-0b20-45c1-add6-4da72e9364cf-r202.xml",
	    "dd78b8a1-0b20-45c1-add6-4da72e9364cf",
	    "OOBE ZDP", NS "Category",
	    202, UPDATE_CATEGORY, CATEGORY_PRODUCT, false,
	    1, 0, 0, 0, 1, 0, 1, 0},
};
/* clang-format on */

static void
check_fact(const struct fact *f, const struct update *u)
{
	char id[GUID_LEN + 1];

	guid_write(id, &u->id);
	T_STR(id, f->id);
	T_STR(u->title, f->title);
	if (f->handler != NULL)
		T_STR(u->handler, f->handler);
	else
		T_OK(u->handler == NULL);
	T_EQ(u->revision, f->revision);
	T_EQ(u->type, f->type);
	T_EQ(u->category, f->category);
	T_EQ(u->deployable, f->deployable);
	T_EQ(u->nprereqs, f->nprereqs);
	T_EQ(u->nbundled, f->nbundled);
	T_EQ(u->nsuperseded, f->nsuperseded);
	T_EQ(u->nfiles, f->nfiles);
	T_EQ(u->ntitles, f->ntitles);
	T_EQ(u->nkbs, f->nkbs);
	if (f->nprereqs > 0)
		T_EQ(u->prereqs[u->nprereqs - 1].group + 1, f->prereq_groups);
	if (f->nbundled > 0)
		T_EQ(u->bundled[u->nbundled - 1].group + 1, f->bundled_groups);
	T_OK(!u->expired && !u->secured && !u->has_eula);
	T_STR(u->lang, "en");
}

T_TEST(six_documents_of_a_server)
{
	struct arena a = ARENA_INIT((size_t)16 << 20);
	struct update u;
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		read_sample(facts[i].file, &u, &a);
		check_fact(&facts[i], &u);
		arena_reset(&a);
	}
	arena_free(&a);
}

T_TEST(a_file_of_a_server)
{
	static const char sha256[] =
	    "026b74ab29b2e4ab113a2c085e6e1020857be49bb8afe0a5dbc3e0f2068b5d40";
	struct arena a = ARENA_INIT((size_t)16 << 20);
	char hex[2 * SHA256_LEN + 1];
	struct update u;

	read_sample(facts[1].file, &u, &a);
	T_OK(u.has_max_download);
	T_EQ(u.max_download, 11606440);
	T_EQ(u.files[0].size, 11606440);
	T_STR(u.files[0].name, "AM_Delta.exe");
	T_STR(u.files[0].modified, "2026-10-04T09:39:26Z");
	T_OK(u.files[0].has_sha256 && !u.files[0].encrypted);
	hex_lower(hex, u.files[0].sha1, SHA1_LEN);
	T_STR(hex, "87f5bd0469585006aa5d3a77d1c662fd2895ddcd");
	hex_lower(hex, u.files[0].sha256, SHA256_LEN);
	T_STR(hex, sha256);
	arena_free(&a);
}

struct count {
	struct update_reader *r;
	struct arena a;
	struct buf quick, slow, doc;
	size_t ndocs, nupper, nprereqs, nsuperseded, nexpired,
	    ntypes[UPDATE_DETECTOID + 1];
	size_t ncategories[CATEGORY_OTHER + 1], ntitleless, nfiles;
};

static int
print(struct buf *b, const struct update *u, struct err *e)
{
	struct sink to = SINK_INIT;

	buf_reset(b);
	sink_buf(&to, b);
	return update_print(u, &to, e);
}

/* By libxml2, for behind it there is what is not simple: the same. */
static int
read_slowly(struct count *c, const struct update *u,
    const struct package_record *rec, struct err *e)
{
	static const char instruction[] = "<?x?>";
	struct update slow;

	if (print(&c->quick, u, e) == -1)
		return -1;
	buf_reset(&c->doc);
	if (buf_put(&c->doc, rec->doc, rec->len, e) == -1 ||
	    buf_puts(&c->doc, instruction, e) == -1 ||
	    update_read(c->r, &slow, &c->a, c->doc.p, c->doc.len, e) == -1 ||
	    print(&c->slow, &slow, e) == -1)
		return -1;
	if (c->quick.len != c->slow.len ||
	    memcmp(c->quick.p, c->slow.p, c->slow.len) != 0)
		return err_set(e, E_FORMAT, "read slowly, it is another");
	return 0;
}

static int
count_record(void *arg, const struct package_record *rec, struct err *e)
{
	struct count *c = arg;
	struct update u;
	const char *p;

	arena_reset(&c->a);
	if (update_read(c->r, &u, &c->a, rec->doc, rec->len, e) == -1 ||
	    read_slowly(c, &u, rec, e) == -1)
		return -1;
	if (guid_cmp(&u.id, &rec->id) != 0 || u.revision != rec->revision)
		return err_set(e, E_FORMAT, "another identity");
	p = memmem(rec->doc, rec->len, "UpdateID=\"", 10);
	for (p += 10; *p != '"' && (*p < 'A' || *p > 'F'); p++)
		;
	c->nupper += *p != '"';
	c->ndocs++;
	c->ntypes[u.type]++;
	c->ncategories[u.category]++;
	c->nprereqs += u.nprereqs;
	c->nsuperseded += u.nsuperseded;
	c->nexpired += u.expired;
	c->nfiles += u.nfiles;
	c->ntitleless += u.title == NULL;
	return 0;
}

static void
count_package(struct count *c, int fd)
{
	struct package_meta *m = NULL;
	struct cab_body *body = NULL;
	struct src s = SRC_INIT;
	struct cab cab = CAB_INIT;
	struct err e = ERR_INIT;
	int i;

	xml_init();
	*c = (struct count){.a = ARENA_INIT((size_t)16 << 20),
	    .quick = BUF_INIT,
	    .slow = BUF_INIT,
	    .doc = BUF_INIT};
	T_CALL(update_reader_open(&c->r, NULL, &e), &e);
	T_CALL(src_fd(&s, fd, &e), &e);
	T_CALL(cab_read(&cab, &s, &cab_default_limits, &e), &e);
	i = cab_find(&cab, PACKAGE_META);
	T_OK(i >= 0);
	T_CALL(
	    package_meta_open(&m, count_record, c, &package_default_limits, &e),
	    &e);
	T_CALL(cab_body_open(&body, &cab, &s, &e), &e);
	T_CALL(
	    cab_body_extract(body, (unsigned)i, package_meta_sink(m), &e), &e);
	T_CALL(package_meta_finish(m, NULL, NULL, &e), &e);
	cab_body_close(body);
	package_meta_close(m);
	cab_free(&cab);
	src_close(&s);
	update_reader_close(c->r);
	arena_free(&c->a);
	buf_free(&c->quick);
	buf_free(&c->slow);
	buf_free(&c->doc);
}

T_TEST(every_document_of_a_genuine_package)
{
	struct count c;
	int fd = open_sample("wsusexport/wsus-categories-2024-06-19.cab");

	count_package(&c, fd);
	close(fd);
	T_EQ(c.ndocs, 4125);
	T_EQ(c.nupper, 798);
	T_EQ(c.ntypes[UPDATE_DETECTOID], 3674);
	T_EQ(c.ntypes[UPDATE_CATEGORY], 451);
	T_EQ(c.ncategories[CATEGORY_CLASSIFICATION], 20);
	T_EQ(c.ncategories[CATEGORY_COMPANY], 3);
	T_EQ(c.ncategories[CATEGORY_FAMILY], 61);
	T_EQ(c.ncategories[CATEGORY_PRODUCT], 367);
	T_EQ(c.ncategories[CATEGORY_OTHER], 0);
	T_EQ(c.ncategories[CATEGORY_NONE], 3674);
	T_EQ(c.nprereqs, 5203);
	T_EQ(c.nsuperseded, 525);
	T_EQ(c.nexpired, 6);
	T_EQ(c.ntitleless, 0);
	T_EQ(c.nfiles, 0);
}

T_MAIN
