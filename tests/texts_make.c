/* SPDX-License-Identifier: ISC */
#include "tests/texts_make.h"

#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/fragment.h"
#include "formats/xml.h"
#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "lib/store/store.h"
#include "tests/store_make.h"
#include "tests/t.h"

#define MSUS "http://schemas.microsoft.com/msus/2002/12/"

/* --- the store --- */

void
texts_languages(struct texts_rig *f, const char *langs)
{
	static char kept[8][16];

	f->langs = (struct policy_words){.v = f->words};
	while (langs != NULL && *langs != '\0') {
		size_t n = strcspn(langs, " ");
		char *to = kept[f->langs.n];

		snprintf(to, sizeof(kept[0]), "%.*s", (int)n, langs);
		f->words[f->langs.n++].text = to;
		langs += n + strspn(langs + n, " ");
	}
}

void
texts_setup(struct texts_rig *f, const char *langs)
{
	char path[440];

	*f = (struct texts_rig){.dirfd = -1, .e = ERR_INIT};
	xml_init();
	snprintf(f->dir, sizeof(f->dir), "%s/store", t_tmpdir());
	snprintf(path, sizeof(path), "%s/offer", f->dir);
	f->s = make_store(f->dir);
	T_EQ(mkdir(path, 0755), 0);
	f->dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	texts_languages(f, langs);
}

void
texts_teardown(struct texts_rig *f)
{
	unsigned i;

	store_close(f->s);
	close(f->dirfd);
	for (i = 0; i < f->n; i++)
		free(f->doc[i]);
}

static int
print_texts(FILE *to, const char *langs)
{
	int r = 0;

	while (*langs != '\0' && r >= 0) {
		size_t n = strcspn(langs, " !");

		r = fprintf(to,
		    "<LocalizedProperties><Language>%.*s</Language><Title>a "
		    "&lt; b &amp;\r</Title></LocalizedProperties>",
		    (int)n, langs);
		if (langs[n] == '!')
			r = fprintf(
			    to, "<EulaFile Language='%.*s'/>", (int)n, langs);
		langs += n + strspn(langs + n, " !");
	}
	return r;
}

static char *
document(unsigned update, uint32_t revision, const char *own, const char *langs,
    size_t bytes)
{
	char *doc = NULL, guid[GUID_LEN + 1];
	struct guid id = make_guid(update);
	size_t len, i;
	FILE *to = open_memstream(&doc, &len);

	guid_write(guid, &id);
	fprintf(to,
	    "<Update xmlns='" MSUS "Update'><UpdateIdentity UpdateID='%s' "
	    "RevisionNumber='%u'/><Properties UpdateType='Software' "
	    "DefaultPropertiesLanguage='%.*s'/><LocalizedPropertiesCollection>",
	    guid, revision, (int)strcspn(own, " !"), own);
	print_texts(to, langs);
	fprintf(to, "</LocalizedPropertiesCollection><ApplicabilityRules><A>");
	for (i = 0; i < bytes; i++)
		fputc("abc ;&"[(i * 7 + update) % 5], to);
	fprintf(to, "</A></ApplicabilityRules></Update>");
	T_EQ(fclose(to), 0);
	return doc;
}

static void
put(struct texts_rig *f, unsigned update, uint32_t revision, char *doc)
{
	struct store_packer *p = NULL;
	struct buf b = BUF_INIT;
	struct digest d;
	struct make m;
	struct store_doc given = {.u = &m.u, .encoding = "utf-8"};
	enum store_put how = STORE_NEW;
	size_t n = strlen(doc);

	make_update(&m, update, revision);
	T_CALL(digest_mem(DIGEST_SHA256, doc, n, &d, &f->e), &f->e);
	T_CALL(store_packer_open(&p, f->s, &f->e), &f->e);
	T_CALL(store_pack(p, doc, n, &b, &f->e), &f->e);
	memcpy(given.sha256, d.sha256, SHA256_LEN);
	given.bytes = given.units = (uint32_t)n;
	given.packed = b.p;
	given.packed_len = b.len;
	T_CALL(store_begin(f->s, &f->e), &f->e);
	T_CALL(store_put(f->s, &given, 1, &how, &f->e), &f->e);
	T_CALL(store_commit(f->s, &f->e), &f->e);
	T_EQ(how, STORE_NEW);
	store_packer_close(p);
	buf_free(&b);
	f->update[f->n] = update;
	f->revision[f->n] = revision;
	f->doc[f->n++] = doc;
}

void
texts_put(struct texts_rig *f, unsigned update, uint32_t revision,
    const char *langs, size_t bytes)
{
	put(f, update, revision,
	    document(update, revision, langs, langs, bytes));
}

void
texts_put_own(
    struct texts_rig *f, unsigned update, const char *own, const char *langs)
{
	put(f, update, 1, document(update, 1, own, langs, 10));
}

/* --- snapshots --- */

static unsigned
row_of(const struct texts_rig *f, const struct snapshot *s, size_t rev)
{
	const struct snapshot_revision *r = &s->revisions[rev];
	unsigned i;

	for (i = 0; i < f->n; i++) {
		struct guid id = make_guid(f->update[i]);

		if (f->revision[i] == r->revision &&
		    guid_cmp(&id, &s->updates[r->update].id) == 0)
			return i;
	}
	t_fail(__FILE__, __LINE__, "revision %zu is of no row", rev);
	return 0;
}

static int
by_key(const void *va, const void *vb)
{
	const struct snapshot_key *a = va, *b = vb;
	int r = guid_cmp(&a->id, &b->id);

	return r != 0
	    ? r
	    : (a->revision > b->revision) - (a->revision < b->revision);
}

static int
by_n(const void *va, const void *vb)
{
	const struct snapshot_key *a = va, *b = vb;

	return (a->n > b->n) - (a->n < b->n);
}

void
texts_begin(struct texts_rig *f, struct snapshot *s,
    const struct snapshot *prev, uint64_t rows, struct texts_row *at)
{
	struct snapshot_key keys[TEXTS_MAKE_MAX];
	struct guid store = make_guid(1);
	unsigned i, n = 0;

	for (i = 0; i < f->n; i++)
		if (rows >> i & 1)
			keys[n++] = (struct snapshot_key){
			    .id = make_guid(f->update[i]),
			    .revision = f->revision[i]};
	qsort(keys, n, sizeof(*keys), by_key);
	T_CALL(snapshot_follow(s, prev, &store, 7,
		   prev != NULL ? prev->generation + 1 : 1, &f->e),
	    &f->e);
	T_CALL(snapshot_give_ids(s, keys, n, &f->e), &f->e);
	qsort(keys, n, sizeof(*keys), by_n);
	s->revisions = calloc(n + 1, sizeof(*s->revisions));
	for (i = 0; i < n; i++) {
		struct snapshot_id *id = &s->ids[keys[i].n - 1];

		id->live = i;
		s->revisions[i] = (struct snapshot_revision){.n = keys[i].n,
		    .update = id->update,
		    .revision = id->revision,
		    .kind = UPDATE_SOFTWARE};
	}
	s->nrevisions = n;
	for (i = 0; i < n; i++)
		at[i] = (struct texts_row){.row = row_of(f, s, i) + 1,
		    .bytes = (uint32_t)strlen(f->doc[row_of(f, s, i)])};
}

int
texts_make_of(struct texts_rig *f, struct snapshot *s,
    const struct snapshot *prev, uint64_t rows, struct texts_done *done)
{
	struct texts_row at[TEXTS_MAKE_MAX];
	const struct texts_how how = {.store = f->s,
	    .dirfd = f->dirfd,
	    .prev = prev,
	    .langs = &f->langs,
	    .jobs = 1 + (unsigned)(rows % 3)};

	texts_begin(f, s, prev, rows, at);
	return texts_make(s, at, &how, done, &f->e);
}

const char *
texts_path(struct texts_rig *f, const struct snapshot *s, size_t segment)
{
	static char path[600];
	char name[SNAPSHOT_SEGMENT_NAME];

	snapshot_segment_name(name, s->segments[segment].hash);
	snprintf(path, sizeof(path), "%s/offer/texts/%s", f->dir, name);
	return path;
}

/* --- what they should be --- */

struct expected {
	struct texts_rig *f;
	const struct snapshot *s;
	size_t item; /* of s->fragments: the next one */
	struct buf raw, text;
	bool first; /* only what comes first of the texts, else the rest */
	char own[64];
};

static bool
related(const char *a, const char *b)
{
	size_t n = strcspn(a, "-"), m = strcspn(b, "-");

	if (strcasecmp(a, b) == 0)
		return true;
	return n == m && strncasecmp(a, b, n) == 0 &&
	    (a[n] == '\0' || b[m] == '\0');
}

static bool
is_kept(const struct expected *x, const char *lang)
{
	size_t i;

	if (x->f->langs.n == 0 || related(lang, "en"))
		return true;
	for (i = 0; i < x->f->langs.n; i++)
		if (related(lang, x->f->langs.v[i].text))
			return true;
	return false;
}

static void
escape(struct expected *x)
{
	size_t i;
	int r = 0;

	buf_reset(&x->text);
	for (i = 0; i < x->raw.len && r == 0; i++)
		switch (x->raw.p[i]) {
		case '&':
			r = buf_puts(&x->text, "&amp;", &x->f->e);
			break;
		case '<':
			r = buf_puts(&x->text, "&lt;", &x->f->e);
			break;
		case '>':
			r = buf_puts(&x->text, "&gt;", &x->f->e);
			break;
		default:
			r = buf_put(&x->text, x->raw.p + i, 1, &x->f->e);
		}
	T_CALL(r, &x->f->e);
}

static void
compare(struct expected *x, enum fragment_type type, const char *lang)
{
	const struct snapshot_fragment *it = &x->s->fragments[x->item++];
	const struct snapshot_name *m = &x->s->names[it->lang];
	uint8_t *have = malloc((size_t)it->len + 1);
	int fd = open(texts_path(x->f, x->s, it->segment), O_RDONLY);

	escape(x);
	T_EQ(it->type, type);
	T_EQ(m->len, strlen(lang));
	T_MEM(x->s->text + m->off, lang, m->len);
	T_EQ(it->len, x->text.len);
	T_EQ(pread(fd, have, it->len, (off_t)it->off), it->len);
	if (it->len == x->text.len)
		T_MEM(have, x->text.p, it->len);
	free(have);
	close(fd);
}

static int
expect(void *arg, const struct fragment *fr, struct err *e)
{
	struct expected *x = arg;
	bool own = fr->type == FRAGMENT_LOCALIZED &&
	    strcmp(fr->lang, x->own) == 0;
	bool wanted = fr->type < FRAGMENT_LOCALIZED || own ||
	    is_kept(x, fr->lang);

	(void)e;
	if (wanted && x->first == (fr->type < FRAGMENT_LOCALIZED || own))
		compare(x, fr->type, fr->lang);
	buf_reset(&x->raw);
	return 0;
}

static void
expect_rev(struct expected *x, struct fragment_writer *w, size_t rev)
{
	unsigned row = row_of(x->f, x->s, rev);
	const char *doc = x->f->doc[row];
	const char *own = strstr(doc, "DefaultPropertiesLanguage='") + 27;
	struct sink to = SINK_INIT;
	const struct fragment_out out = {.to = &to, .done = expect, .arg = x};
	struct fragment_odd odd;

	snprintf(x->own, sizeof(x->own), "%.*s", (int)strcspn(own, "'"), own);
	sink_buf(&to, &x->raw);
	T_EQ(x->s->revisions[rev].fragments, x->item);
	for (int i = 0; i < 2; i++) {
		x->first = i == 0;
		buf_reset(&x->raw);
		T_CALL(
		    fragment_write(w, doc, strlen(doc), &out, &odd, &x->f->e),
		    &x->f->e);
	}
}

static int
no_fault(void *arg, const char *what, const struct err *fault, struct err *e)
{
	(void)arg, (void)e;
	t_fail(__FILE__, __LINE__, "%s: %s", what, fault->msg);
	return 0;
}

void
texts_are_right(struct texts_rig *f, const struct snapshot *s)
{
	struct expected x = {.f = f, .s = s, .raw = BUF_INIT, .text = BUF_INIT};
	struct fragment_writer *w = NULL;
	uint64_t size = 0, in_use = 0;
	size_t i;

	T_CALL(fragment_writer_open(&w, NULL, &f->e), &f->e);
	for (i = 0; i < s->nrevisions; i++)
		expect_rev(&x, w, i);
	T_EQ(s->nfragments, x.item);
	T_CALL(snapshot_check(s, &f->e), &f->e);
	T_CALL(texts_check(s, f->dirfd, 1, no_fault, NULL, &f->e), &f->e);
	for (i = 0; i < s->nsegments; i++)
		size += s->segments[i].size;
	for (i = 0; i < s->nfragments; i++)
		in_use += s->fragments[i].len;
	T_OK(s->nsegments <= TEXTS_SEGMENTS);
	T_OK(2 * in_use >= size);
	fragment_writer_close(w);
	buf_free(&x.raw);
	buf_free(&x.text);
}
