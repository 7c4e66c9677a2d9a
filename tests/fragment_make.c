/* SPDX-License-Identifier: ISC */
#include "tests/fragment_make.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "formats/cab.h"
#include "formats/xml.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "tests/t.h"

static int
note(void *arg, const struct fragment *f, struct err *e)
{
	struct made *m = arg;
	size_t i = m->n, before = i > 0 ? m->of[i - 1].off : 0;

	if (i > 0)
		before += (size_t)m->of[i - 1].f.len;
	if (i == MADE_MAX)
		return err_set(e, E_LIMIT, "more than %d fragments", MADE_MAX);
	T_EQ(m->b.len, before + f->len);
	m->of[i].f = *f;
	m->of[i].f.lang = m->of[i].f.geo = NULL;
	m->of[i].off = before;
	snprintf(m->of[i].lang, sizeof(m->of[i].lang), "%s", f->lang);
	snprintf(m->of[i].geo, sizeof(m->of[i].geo), "%s", f->geo);
	m->n++;
	return 0;
}

int
made_write(struct made *m, struct fragment_writer *w, const void *doc,
    size_t len, struct err *e)
{
	struct sink to = SINK_INIT;
	const struct fragment_out out = {.to = &to, .done = note, .arg = m};

	buf_reset(&m->b);
	m->n = 0;
	sink_buf(&to, &m->b);
	return fragment_write(w, doc, len, &out, &m->odd, e);
}

const char *
made_text(
    const struct made *m, enum fragment_type t, const char *lang, size_t *len)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (m->of[i].f.type != t ||
		    (*lang != '\0' && strcmp(m->of[i].lang, lang) != 0))
			continue;
		*len = (size_t)m->of[i].f.len;
		return (const char *)m->b.p + m->of[i].off;
	}
	*len = 0;
	return NULL;
}

void
made_package(const char *sample, bool cabinet,
    int (*each)(void *arg, const struct package_record *rec, struct err *e),
    void *arg)
{
	const char *path = t_sample(sample);
	struct package_meta *m = NULL;
	struct cab_body *body = NULL;
	struct cab cab = CAB_INIT;
	struct src s = SRC_INIT;
	struct err e = ERR_INIT;
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd == -1)
		t_skip("no samples at hand");
	T_CALL(src_fd(&s, fd, &e), &e);
	T_CALL(
	    package_meta_open(&m, each, arg, &package_default_limits, &e), &e);
	if (cabinet) {
		T_CALL(cab_read(&cab, &s, &cab_default_limits, &e), &e);
		T_CALL(cab_body_open(&body, &cab, &s, &e), &e);
		T_CALL(cab_body_extract(body,
			   (unsigned)cab_find(&cab, PACKAGE_META),
			   package_meta_sink(m), &e),
		    &e);
	} else {
		T_CALL(src_copy(&s, package_meta_sink(m), &e), &e);
	}
	T_CALL(package_meta_finish(m, NULL, NULL, &e), &e);
	cab_body_close(body);
	package_meta_close(m);
	cab_free(&cab);
	src_close(&s);
	close(fd);
}

void
made_free(struct made *m)
{
	buf_free(&m->b);
}

const char made_full[] = HEAD
    "\r\n <!-- a comment -->\n"
    "<u:Properties DefaultPropertiesLanguage='en' OSUpgrade='true'"
    " EulaID='E' ExplicitlyDeployable='true' AutoSelectOnWebSites='false'"
    " UpdateType='Software' PublicationState='Published' PerUser='true'"
    " PublisherID='p' CreationDate='c' IsPublic='true' LegacyName='l'"
    " DetectoidType='d' MsrcSeverity='Low' RecommendedMemory='1'>\n"
    " <u:Language>all</u:Language>\n</u:Properties>"
    "<u:HandlerSpecificData x:type='cbs:Cbs' xmlns:x='" MADE_XSI "'>"
    "<cbs:CbsData xmlns:cbs='" MSUS
    "UpdateHandlers/Cbs' A=''/></u:HandlerSpecificData>"
    "<u:Files><u:File Digest='1'><u:AdditionalDigest"
    " Algorithm='SHA256'>2</u:AdditionalDigest></u:File></u:Files>"
    "<u:LocalizedPropertiesCollection>"
    "<u:LocalizedProperties><u:Language> en </u:Language>"
    "<u:Title>A &amp; B</u:Title></u:LocalizedProperties>"
    "<u:EulaFile Digest='3' Language='en' GeoId='244'/>"
    "<u:LocalizedProperties><u:Language>de</u:Language>"
    "</u:LocalizedProperties>"
    "<u:EulaFile Digest='4' Language='de'><u:AdditionalDigest>5"
    "</u:AdditionalDigest></u:EulaFile></u:LocalizedPropertiesCollection>"
    "<u:ApplicabilityRules><q:True xmlns:q='" MSUS
    "LogicalApplicabilityRules'/></u:ApplicabilityRules>"
    "<u:Relationships><u:Prerequisites/></u:Relationships>" IDENTITY
    "<other xmlns='urn:o'><Properties/></other></u:Update>\n";

void
made_setup(struct made_rig *f, const struct fragment_limits *lim)
{
	*f = (struct made_rig){.m = MADE_INIT, .e = ERR_INIT};
	xml_init();
	T_CALL(fragment_writer_open(&f->w, lim, &f->e), &f->e);
}

void
made_teardown(struct made_rig *f)
{
	fragment_writer_close(f->w);
	made_free(&f->m);
}

int
made_doc(struct made_rig *f, const char *doc)
{
	return made_write(&f->m, f->w, doc, strlen(doc), &f->e);
}

void
made_is(struct made_rig *f, enum fragment_type t, const char *lang,
    const char *want)
{
	size_t n;
	const char *p = made_text(&f->m, t, lang, &n);
	char *s = p != NULL ? strndup(p, n) : NULL;

	T_STR(s, want);
	free(s);
}
