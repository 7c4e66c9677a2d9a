/* SPDX-License-Identifier: ISC */
/* Documents and fragments of real servers, where they are at hand. */
#include "formats/fragment.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/cab.h"
#include "formats/package.h"
#include "formats/xml.h"
#include "lib/base/enc.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "tests/fragment_make.h"
#include "tests/t.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define PAGES "fragments/pages/"
#define CAB2023 "fragments/scan-cab-2023/"
#define CAB2026 "scan-cab/real-2026-07/"
#define FIXTURE "scan-cab/vuls-fixture/extracted/package2/"
#define CBS "fragments/wsus-m0-cbs/"
#define PAIRS "server-sync/client-fragments/"

/* Line feeds at the end are none of a fragment. */
static void
load(struct buf *b, const char *name)
{
	const char *path = t_sample(name);
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct src s = SRC_INIT;
	struct sink to = SINK_INIT;
	struct err e = ERR_INIT;

	if (fd == -1)
		t_skip("no samples at hand");
	buf_reset(b);
	sink_buf(&to, b);
	T_CALL(src_fd(&s, fd, &e), &e);
	T_CALL(src_copy(&s, &to, &e), &e);
	src_close(&s);
	close(fd);
	while (b->len > 0 && b->p[b->len - 1] == '\n')
		b->len--;
}

static struct fragment_writer *
new_writer(void)
{
	struct fragment_writer *w;
	struct err e = ERR_INIT;

	xml_init();
	T_CALL(fragment_writer_open(&w, NULL, &e), &e);
	return w;
}

static void
same(const char *name, const struct made *m, enum fragment_type t,
    const char *lang, const struct buf *want)
{
	size_t n, i = 0;
	const char *p = made_text(m, t, lang, &n);

	if (p == NULL)
		t_fail(__FILE__, __LINE__, "%s: not made", name);
	else if (n != want->len || memcmp(p, want->p, n) != 0) {
		while (i < n && i < want->len && p[i] == (char)want->p[i])
			i++;
		t_fail(__FILE__, __LINE__,
		    "%s: byte %zu of %zu is ...%.60s, not ...%.60s", name, i, n,
		    p + i, (const char *)want->p + i);
	}
}

/* --- documents and the fragments that a server made of them --- */

static const char *const pairs[] = {
    "1f9bd9bb-7390-4aa3-bbdb-ded99fac2583-r200",
    "266f6222-c89d-43f2-9f8a-69340271e677-r200",
    "56309036-4c77-4dd9-951a-99ee9c246a94-r101",
    "a2fef9b0-7951-4c2c-a42b-9e351dd1c1fe-r200",
    "ccb78947-6453-4ecc-9de8-bc0305c98f2d-r200",
    "dd78b8a1-0b20-45c1-add6-4da72e9364cf-r202",
};

/* The recorder of one fragment put another number in a link. */
static void
restore_link(struct buf *want)
{
	static const char found[] = "LinkId=REDACTED", real[] = "LinkId=52661";
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	char *p = memmem(want->p, want->len, found, sizeof(found) - 1);

	if (p == NULL)
		return;
	T_CALL(buf_put(&b, want->p, (size_t)(p - (char *)want->p), &e), &e);
	T_CALL(buf_puts(&b, real, &e), &e);
	p += sizeof(found) - 1;
	T_CALL(
	    buf_put(&b, p, want->len - (size_t)(p - (char *)want->p), &e), &e);
	buf_free(want);
	*want = b;
}

T_TEST(eighteen_fragments_of_six_documents)
{
	static const struct {
		const char *tail;
		enum fragment_type type;
		const char *lang;
	} kinds[] = {{".core.xml", FRAGMENT_CORE, ""},
	    {".extended.xml", FRAGMENT_EXTENDED, ""},
	    {".localized-en.xml", FRAGMENT_LOCALIZED, "en"}};
	struct buf doc = BUF_INIT, want = BUF_INIT;
	struct made m = MADE_INIT;
	struct err e = ERR_INIT;
	struct fragment_writer *w;
	char name[200];
	size_t i, k;

	load(&doc,
	    "server-sync/docs/dd78b8a1-0b20-45c1-add6-4da72e9364cf"
	    "-r202.xml");
	w = new_writer();
	for (i = 0; i < COUNT(pairs); i++) {
		snprintf(
		    name, sizeof(name), "server-sync/docs/%s.xml", pairs[i]);
		load(&doc, name);
		T_CALL(made_write(&m, w, doc.p, doc.len, &e), &e);
		for (k = 0; k < COUNT(kinds); k++) {
			snprintf(name, sizeof(name), PAIRS "%s%s", pairs[i],
			    kinds[k].tail);
			load(&want, name);
			restore_link(&want);
			same(name, &m, kinds[k].type, kinds[k].lang, &want);
		}
	}
	fragment_writer_close(w);
	made_free(&m);
	buf_free(&doc);
	buf_free(&want);
}

/* --- fragments of wsusscn2.cab, whose documents stand in packages --- */

static const struct one {
	const char *name;
	enum fragment_type type;
	const char *id; /* of texts */
	const char *lang;
} ones[] = {
    {CAB2023 "c/3553690", FRAGMENT_CORE, NULL, ""},
    {CAB2023 "c/3562226", FRAGMENT_CORE, NULL, ""},
    {CAB2023 "c/3580138", FRAGMENT_CORE, NULL, ""},
    {CAB2023 "c/3580814", FRAGMENT_CORE, NULL, ""},
    {CAB2023 "c/4019962", FRAGMENT_CORE, NULL, ""},
    {CAB2023 "c/4020917", FRAGMENT_CORE, NULL, ""},
    {CAB2026 "c/3", FRAGMENT_CORE, NULL, ""},
    {CAB2026 "c/5", FRAGMENT_CORE, NULL, ""},
    {CAB2023 "l/en/3553690", FRAGMENT_LOCALIZED,
	"5d6a452a-55ba-4e11-adac-85e180bda3d6", "en"},
    {CAB2023 "l/en/3580138", FRAGMENT_LOCALIZED,
	"a8e3367e-9af4-498c-bbbd-ec1f503718dc", "en"},
};

struct hunt {
	struct fragment_writer *w;
	struct made m;
	struct buf want[COUNT(ones)];
	bool seen[COUNT(ones)];
	int xmllint; /* where all go, each in an element; -1: nowhere */
	size_t ndocs;
};

static bool
is_of(const struct hunt *h, size_t i, const struct package_record *rec)
{
	static const char head[] = "<UpdateIdentity UpdateID=\"";
	const char *id = ones[i].id, *p = (const char *)h->want[i].p;
	char text[100];
	struct guid g;

	if (id != NULL)
		return guid_read(&g, id, strlen(id)) &&
		    guid_cmp(&g, &rec->id) == 0;
	snprintf(
	    text, sizeof(text), "\" RevisionNumber=\"%u\" />", rec->revision);
	return strncmp(p, head, sizeof(head) - 1) == 0 &&
	    guid_read(&g, p + sizeof(head) - 1, 36) &&
	    guid_cmp(&g, &rec->id) == 0 &&
	    strncmp(p + sizeof(head) - 1 + 36, text, strlen(text)) == 0;
}

static int
hunt_record(void *arg, const struct package_record *rec, struct err *e)
{
	struct hunt *h = arg;
	struct sink to = SINK_INIT;
	size_t i;

	if (made_write(&h->m, h->w, rec->doc, rec->len, e) == -1)
		return -1;
	h->ndocs++;
	for (i = 0; i < COUNT(ones); i++)
		if (is_of(h, i, rec)) {
			h->seen[i] = true;
			same(ones[i].name, &h->m, ones[i].type, ones[i].lang,
			    &h->want[i]);
		}
	if (h->xmllint == -1)
		return 0;
	sink_fd(&to, h->xmllint);
	if (sink_puts(&to, "<doc>", e) == -1 ||
	    sink_write(&to, h->m.b.p, h->m.b.len, e) == -1)
		return -1;
	return sink_puts(&to, "</doc>\n", e);
}

static void
hunt_begin(struct hunt *h)
{
	size_t i;

	memset(h, 0, sizeof(*h));
	h->m = (struct made)MADE_INIT;
	h->xmllint = -1;
	for (i = 0; i < COUNT(ones); i++) {
		h->want[i] = (struct buf)BUF_INIT;
		load(&h->want[i], ones[i].name);
	}
	h->w = new_writer();
}

static void
hunt_end(struct hunt *h)
{
	size_t i;

	for (i = 0; i < COUNT(ones); i++) {
		if (!h->seen[i])
			t_fail(__FILE__, __LINE__, "%s: no document of it",
			    ones[i].name);
		buf_free(&h->want[i]);
	}
	fragment_writer_close(h->w);
	made_free(&h->m);
}

/* Also where there is none. */
static bool
xmllint(const char *path)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		execlp("xmllint", "xmllint", "--huge", "--noout", path,
		    (char *)NULL);
		_exit(0);
	}
	return child != -1 && waitpid(child, &status, 0) == child &&
	    status == 0;
}

/* And every document's fragments are well-formed, as another parser says. */
T_TEST(fragments_of_an_offline_scan_from_genuine_packages)
{
	struct hunt h;
	char path[4096];
	struct err e = ERR_INIT;
	struct sink to = SINK_INIT;

	hunt_begin(&h);
	snprintf(path, sizeof(path), "%s/all.xml", t_tmpdir());
	h.xmllint = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	sink_fd(&to, h.xmllint);
	T_CALL(sink_puts(&to, "<all>", &e), &e);
	made_package(
	    "wsusexport/wsus-categories-2024-06-19.cab", true, hunt_record, &h);
	T_EQ(h.ndocs, 4125);
	made_package(
	    "wsusexport/metadata-2024-excerpt.txt", false, hunt_record, &h);
	T_CALL(sink_puts(&to, "</all>", &e), &e);
	close(h.xmllint);
	hunt_end(&h);
	T_OK(xmllint(path));
}

/* The document is known up to its Files. */
T_TEST(core_of_a_software_update_from_a_page)
{
	static const char files[] = "<upd:Files>";
	struct buf doc = BUF_INIT, want = BUF_INIT;
	struct made m = MADE_INIT;
	struct err e = ERR_INIT;
	struct fragment_writer *w;
	const char *cut;

	load(&doc, PAGES "s-3588381.excerpt.xml");
	load(&want, CAB2023 "c/3588381");
	cut = memmem(doc.p, doc.len, files, sizeof(files) - 1);
	T_OK(cut != NULL);
	doc.len = cut != NULL ? (size_t)(cut - (const char *)doc.p) : 0;
	T_CALL(buf_puts(&doc, "</upd:Update>", &e), &e);
	w = new_writer();
	T_CALL(made_write(&m, w, doc.p, doc.len, &e), &e);
	same("c/3588381", &m, FRAGMENT_CORE, "", &want);
	fragment_writer_close(w);
	made_free(&m);
	buf_free(&doc);
	buf_free(&want);
}

/* --- shapes: a document that is made of a fragment gives it back --- */

static const struct {
	const char *name;
	enum fragment_type type;
} shapes[] = {
    {CAB2023 "c/3888161", FRAGMENT_CORE},
    {CAB2023 "c/3588381", FRAGMENT_CORE},
    {CAB2023 "l/et/3531506", FRAGMENT_LOCALIZED},
    {CAB2023 "l/en/3580138", FRAGMENT_LOCALIZED},
    {CAB2023 "e/en/2969949", FRAGMENT_EULA},
    {CAB2026 "c/1", FRAGMENT_CORE},
    {CAB2026 "c/2", FRAGMENT_CORE},
    {CAB2026 "l/en/1", FRAGMENT_LOCALIZED},
    {CAB2026 "x/1", FRAGMENT_EXTENDED},
    {CAB2026 "x/2", FRAGMENT_EXTENDED},
    {CAB2026 "x/616", FRAGMENT_EXTENDED},
    {PAGES "x-259099.xml", FRAGMENT_EXTENDED},
    {FIXTURE "c/234567", FRAGMENT_CORE},
    {CBS "cbs-rollupfix-core-reduced.xml", FRAGMENT_CORE},
    {CBS "cbs-rollupfix-extended.xml", FRAGMENT_EXTENDED},
    {CBS "osinstaller-core.xml", FRAGMENT_CORE},
    {"server-sync/wsus-m0-cbs/cbs-dotnet-extended.xml", FRAGMENT_EXTENDED},
    {"server-sync/wsus-m0-cbs/osinstaller-extended.xml", FRAGMENT_EXTENDED},
};

#define BACK_HEAD                                                              \
	"<Update xmlns='" MSUS "Update' xmlns:b='" MSUS                        \
	"BaseApplicabilityRules' xmlns:m='" MSUS                               \
	"MsiApplicabilityRules' xmlns:d='" MSUS                                \
	"UpdateHandlers/WindowsDriver'>"
#define BACK_IDENTITY "<UpdateIdentity UpdateID='x' RevisionNumber='1' />"
#define TEXTS "LocalizedPropertiesCollection>"

/* "<b.X" is "<b:X" there, and ExtendedProperties are Properties. */
static void
put_back(struct buf *to, const struct buf *from, struct err *e)
{
	static const char ext[] = "ExtendedProperties";
	const char *p = (const char *)from->p, *end = p + from->len;
	size_t n;
	bool tag = false;

	for (; p < end; p += n) {
		n = 1;
		if (tag && end - p > 2 && p[1] == '.') {
			T_CALL(buf_printf(to, e, "%c:", *p), e);
			n = 2;
			tag = false;
			continue;
		}
		if (tag && (size_t)(end - p) >= sizeof(ext) &&
		    memcmp(p, ext, sizeof(ext) - 1) == 0)
			p += strlen("Extended");
		T_CALL(buf_put(to, p, 1, e), e);
		tag = *p == '<' || (tag && *p == '/');
	}
}

static void
make_document(struct buf *doc, const struct buf *from, enum fragment_type t,
    struct err *e)
{
	buf_reset(doc);
	T_CALL(buf_puts(doc, BACK_HEAD, e), e);
	if (t != FRAGMENT_CORE)
		T_CALL(buf_puts(doc, BACK_IDENTITY, e), e);
	if (t >= FRAGMENT_LOCALIZED)
		T_CALL(buf_puts(doc, "<Properties /><" TEXTS, e), e);
	put_back(doc, from, e);
	if (t >= FRAGMENT_LOCALIZED)
		T_CALL(buf_puts(doc, "</" TEXTS, e), e);
	T_CALL(buf_puts(doc, "</Update>", e), e);
}

T_TEST(shapes_of_other_genuine_fragments)
{
	struct buf doc = BUF_INIT, want = BUF_INIT;
	struct made m = MADE_INIT;
	struct err e = ERR_INIT;
	struct fragment_writer *w;
	size_t i;

	load(&want, shapes[0].name);
	w = new_writer();
	for (i = 0; i < COUNT(shapes); i++) {
		load(&want, shapes[i].name);
		make_document(&doc, &want, shapes[i].type, &e);
		T_CALL(made_write(&m, w, doc.p, doc.len, &e), &e);
		err_clear(&e);
		same(shapes[i].name, &m, shapes[i].type, "", &want);
	}
	fragment_writer_close(w);
	made_free(&m);
	buf_free(&doc);
	buf_free(&want);
}

T_MAIN
