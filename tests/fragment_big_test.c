/* SPDX-License-Identifier: ISC */
/* A document of 47 MB, as the largest that was seen, and the memory it
   takes. */
#include "formats/fragment.h"

#include <sys/resource.h>

#include "formats/xml.h"
#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "tests/t.h"

#define MSUS "http://schemas.microsoft.com/msus/2002/12/"
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
/* What was freed is kept back there. */
#ifdef __SANITIZE_ADDRESS__
#define ROOM_KIB (256L << 10)
#else
#define ROOM_KIB (32L << 10)
#endif

static long
peak_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static void
fill(struct buf *b, const char *text, size_t upto, struct err *e)
{
	while (b->len < upto)
		T_CALL(buf_puts(b, text, e), e);
}

/* Rules and copies; then one foreign element of half of it. */
static void
make_doc(struct buf *b, size_t len, struct err *e)
{
	T_CALL(buf_puts(b,
		   "<u:Update xmlns:u='" MSUS "Update' xmlns:b='" MSUS
		   "BaseApplicabilityRules'><u:UpdateIdentity UpdateID='A'"
		   " RevisionNumber='1'/><u:Properties/><u:ApplicabilityRules>",
		   e),
	    e);
	fill(b,
	    "<b:RegSz Key='HKEY_LOCAL_MACHINE' Subkey='a\\b' Value='c'/>"
	    "<assembly xmlns='urn:a'><c d='e'/></assembly>",
	    len / 2, e);
	T_CALL(buf_puts(b, "<assembly xmlns='urn:b'>", e), e);
	fill(b, "<component buildType=\"release\">text</component>", len, e);
	T_CALL(
	    buf_puts(b,
		"</assembly></u:ApplicabilityRules><u:Files/></u:Update>", e),
	    e);
}

/* Parts that are short enough each, and six times as long when written. */
static void
make_quotes(struct buf *b, struct err *e)
{
	static const char *const names[] = {"Properties", "Relationships",
	    "ApplicabilityRules", "Files", "HandlerSpecificData"};
	size_t i;

	T_CALL(buf_puts(b,
		   "<u:Update xmlns:u='" MSUS "Update'><u:UpdateIdentity"
		   " UpdateID='A' RevisionNumber='1'/>",
		   e),
	    e);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		T_CALL(buf_printf(b, e, "<u:%s>", names[i]), e);
		fill(b,
		    "<u:n "
		    "a='\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"'/>",
		    (i + 1) * 1600000, e);
		T_CALL(buf_printf(b, e, "</u:%s>", names[i]), e);
	}
	T_CALL(buf_puts(b, "</u:Update>", e), e);
}

static void
takes_no_more(const struct buf *doc, uint64_t least)
{
	struct sink to = SINK_INIT;
	const struct fragment_out out = {.to = &to};
	struct fragment_odd odd;
	struct fragment_writer *w;
	struct err e = ERR_INIT;
	long before = peak_kib();

	xml_init();
	sink_null(&to);
	T_CALL(fragment_writer_open(&w, NULL, &e), &e);
	T_CALL(fragment_write(w, doc->p, doc->len, &out, &odd, &e), &e);
	T_OK(to.bytes > least);
	T_EQ(odd.ndeclared, 0);
	if (peak_kib() - before > ROOM_KIB)
		t_fail(__FILE__, __LINE__, "%ld KiB more, at most %ld",
		    peak_kib() - before, ROOM_KIB);
	fragment_writer_close(w);
}

T_TEST(parts_that_grow_are_not_held)
{
	struct buf doc = BUF_INIT;
	struct err e = ERR_INIT;

	make_quotes(&doc, &e);
	T_OK(doc.len < (size_t)8 << 20);
	takes_no_more(&doc, 20000000);
	buf_free(&doc);
}

T_TEST(a_document_that_is_held_takes_32_mib_at_most)
{
	struct buf doc = BUF_INIT;
	struct err e = ERR_INIT;

	make_doc(&doc, 8000000, &e);
	takes_no_more(&doc, 7200000);
	buf_free(&doc);
}

T_TEST(a_document_of_47_mb_takes_32_mib_at_most)
{
	struct buf doc = BUF_INIT;
	struct err e = ERR_INIT;

	make_doc(&doc, 47000000, &e);
	takes_no_more(&doc, 42000000);
	buf_free(&doc);
}

T_MAIN
