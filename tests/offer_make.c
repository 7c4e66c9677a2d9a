/* SPDX-License-Identifier: ISC */
#include "tests/offer_make.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "formats/xml.h"
#include "lib/base/log.h"
#include "lib/offer/decide.h"
#include "lib/store/ledger.h"
#include "lib/view/snap.h"
#include "tests/fault/disk.h"
#include "tests/store_rig.h"
#include "tests/t.h"

#define MSUS "http://schemas.microsoft.com/msus/2002/12/"

/* --- documents --- */

static void
print_ref(FILE *to, const struct update_ref *r, bool exact)
{
	char id[GUID_LEN + 1];

	guid_write(id, &r->id);
	fprintf(to, "<UpdateIdentity UpdateID=\"%s\"", id);
	if (exact)
		fprintf(to, " RevisionNumber=\"%u\"", r->revision);
	fputs("/>", to);
}

static void
print_refs(FILE *to, const char *element, const struct update_ref *r, size_t n,
    bool exact)
{
	bool open = false;
	size_t i;

	if (n == 0)
		return;
	fprintf(to, "<%s>", element);
	for (i = 0; i < n; i++) {
		if (open && (!r[i].any || r[i].group != r[i - 1].group)) {
			fputs("</AtLeastOne>", to);
			open = false;
		}
		if (r[i].any && !open) {
			fprintf(to, "<AtLeastOne%s>",
			    r[i].is_category ? " IsCategory=\"true\"" : "");
			open = true;
		}
		print_ref(to, &r[i], exact);
	}
	fprintf(to, "%s</%s>", open ? "</AtLeastOne>" : "", element);
}

static void
print_files(FILE *to, const struct update *u)
{
	char sha1[BASE64_LEN(SHA1_LEN) + 1], sha256[BASE64_LEN(SHA256_LEN) + 1];
	size_t i;

	if (u->nfiles == 0)
		return;
	fputs("<Files>", to);
	for (i = 0; i < u->nfiles; i++) {
		base64_write(sha1, u->files[i].sha1, SHA1_LEN);
		base64_write(sha256, u->files[i].sha256, SHA256_LEN);
		fprintf(to,
		    "<File Digest=\"%s\" DigestAlgorithm=\"SHA1\" FileName="
		    "\"%s\" Size=\"%llu\" Modified=\"2020-01-01T00:00:00Z\">",
		    sha1, u->files[i].name,
		    (unsigned long long)u->files[i].size);
		if (u->files[i].has_sha256)
			fprintf(to,
			    "<AdditionalDigest Algorithm=\"SHA256\">%s"
			    "</AdditionalDigest>",
			    sha256);
		fputs("</File>", to);
	}
	fputs("</Files>", to);
}

static void
print_properties(FILE *to, const struct update *u)
{
	char eula[GUID_LEN + 1];
	size_t i;

	fprintf(to,
	    "<Properties DefaultPropertiesLanguage=\"en\" UpdateType=\"%s\" "
	    "ExplicitlyDeployable=\"%s\" CreationDate=\"2020-01-01T00:00:00Z\" "
	    "PublicationState=\"%s\"",
	    update_type_word(u->type), u->deployable ? "true" : "false",
	    u->expired ? "Expired" : "Published");
	guid_write(eula, &u->eula);
	if (u->has_eula)
		fprintf(to, " EulaID=\"%s\"", eula);
	fputs(">", to);
	for (i = 0; i < u->nkbs; i++)
		fprintf(to, "<KBArticleID>%s</KBArticleID>", u->kbs[i]);
	fprintf(to,
	    "</Properties><LocalizedPropertiesCollection><LocalizedProperties>"
	    "<Language>en</Language><Title>%s</Title></LocalizedProperties>"
	    "</LocalizedPropertiesCollection>",
	    u->title);
}

static void
print_relations(FILE *to, const struct update *u)
{
	struct update_ref r;
	size_t i;

	fputs("<Relationships>", to);
	print_refs(to, "Prerequisites", u->prereqs, u->nprereqs, false);
	print_refs(to, "BundledUpdates", u->bundled, u->nbundled, true);
	if (u->nsuperseded > 0)
		fputs("<SupersededUpdates>", to);
	for (i = 0; i < u->nsuperseded; i++) {
		r.id = u->superseded[i];
		print_ref(to, &r, false);
	}
	if (u->nsuperseded > 0)
		fputs("</SupersededUpdates>", to);
	fputs("</Relationships>", to);
}

static char *
print_document(const struct update *u)
{
	char *doc = NULL, id[GUID_LEN + 1];
	size_t len;
	FILE *to = open_memstream(&doc, &len);

	guid_write(id, &u->id);
	fprintf(to,
	    "<Update xmlns=\"" MSUS "Update\" xmlns:cat=\"" MSUS
	    "UpdateHandlers/Category\"><UpdateIdentity UpdateID=\"%s\" "
	    "RevisionNumber=\"%u\"/>",
	    id, u->revision);
	print_properties(to, u);
	print_relations(to, u);
	print_files(to, u);
	if (u->type == UPDATE_CATEGORY)
		fprintf(to,
		    "<HandlerSpecificData><cat:CategoryInformation "
		    "CategoryType=\"%s\"/></HandlerSpecificData>",
		    u->category == CATEGORY_PRODUCT ? "Product"
						    : "UpdateClassification");
	fputs("</Update>", to);
	T_EQ(fclose(to), 0);
	return doc;
}

void
om_put(struct store *s, const struct make *m)
{
	char *doc = print_document(&m->u);

	rig_put(s, doc);
	free(doc);
}

/* --- the store --- */

static void
put_category(
    struct store *s, unsigned id, enum category_type type, const char *title)
{
	struct make m;

	make_category(&m, id, type);
	m.u.title = title;
	om_put(s, &m);
}

void
om_at(struct offer_rig *r, int64_t now)
{
	utc_write(r->now, now);
	r->o.now = r->now;
}

void
om_rings(struct offer_rig *r, const char *text)
{
	make_text(r->rings, text);
	r->o.rings = r->rings;
}

void
om_setup(struct offer_rig *r, const char *rings)
{
	struct ledger_row row = {.kind = LEDGER_PACKAGE,
	    .state = LEDGER_IMPORTED,
	    .time = OM_NOW - 30 * OM_DAY};
	struct err e = ERR_INIT;
	struct store *s;

	xml_init();
	memset(r, 0, sizeof(*r));
	snprintf(r->dir, sizeof(r->dir), "%s/store", t_tmpdir());
	snprintf(r->rings, sizeof(r->rings), "%s.rings", r->dir);
	r->o = (struct offer_opts){.store = r->dir,
	    .max_offers = OFFER_MAX_OFFERS,
	    .epoch = 77,
	    .jobs = 1};
	om_at(r, OM_NOW);
	if (rings != NULL)
		om_rings(r, rings);
	s = make_store(r->dir);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(ledger_add(s, &row, &e), &e);
	put_category(s, OM_PRODUCT, CATEGORY_PRODUCT, "Windows 11");
	put_category(
	    s, OM_SECURITY, CATEGORY_CLASSIFICATION, "Security Updates");
	put_category(s, OM_OTHER, CATEGORY_CLASSIFICATION, "Updates");
	om_end(s);
}

struct store *
om_begin(struct offer_rig *r)
{
	struct err e = ERR_INIT;
	struct store *s = NULL;

	T_CALL(store_open(&s, r->dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	return s;
}

void
om_end(struct store *s)
{
	make_commit(s);
	store_close(s);
}

void
om_update(struct make *m, unsigned id, uint32_t revision)
{
	static char kbs[8][16];
	static unsigned next;
	char *kb = kbs[next++ % 8];

	make_update(m, id, revision);
	snprintf(kb, sizeof(kbs[0]), "%u", 5000000 + id);
	m->kbs[m->u.nkbs++] = kb;
	m->u.deployable = true;
	make_needs(m, 1, OM_PRODUCT);
	make_needs(m, 2, OM_SECURITY);
	m->prereqs[0].is_category = m->prereqs[1].is_category = true;
}

void
om_one(struct offer_rig *r, unsigned id, uint32_t revision, bool here)
{
	char content[32];
	struct store *s = om_begin(r);
	struct make m;

	snprintf(content, sizeof(content), "payload of %u", id);
	om_update(&m, id, revision);
	make_file(&m, content, "File.cab");
	om_put(s, &m);
	if (here)
		make_here(s, r->dir, content, "cab");
	om_end(s);
}

void
om_world(struct offer_rig *r, const char *rings)
{
	struct store *s;
	struct make m;

	om_setup(r, rings);
	om_one(r, 10, 1, true);
	om_one(r, 11, 1, false);
	s = om_begin(r);
	make_update(&m, 13, 5);
	make_file(&m, "payload of 13", "Part.exe");
	om_put(s, &m);
	make_here(s, r->dir, "payload of 13", "exe");
	om_update(&m, 12, 1);
	make_bundles(&m, 13, 5);
	om_put(s, &m);
	om_end(s);
}

/* --- builds --- */

static int
run(struct offer_rig *r)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	int got;

	log.prog = "offer";
	r->o.log = &log;
	if ((got = offer_run(&r->o, &e)) == -1)
		r->status = log_error(&log, NULL, &e);
	log_end(&log);
	r->status = log.worst;
	r->o.log = NULL;
	return got;
}

int
om_run(struct offer_rig *r)
{
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), got;
	int fd = memfd_create("said", MFD_CLOEXEC);
	ssize_t n;

	(void)fflush(stdout);
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	got = run(r);
	(void)fflush(stdout);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(err, STDERR_FILENO);
	n = pread(fd, r->said, sizeof(r->said) - 1, 0);
	r->said[n > 0 ? n : 0] = '\0';
	(void)close(fd);
	(void)close(out);
	(void)close(err);
	return got;
}

int
om_do(struct offer_rig *r, const char *flags)
{
	const struct offer_opts was = r->o;
	int got;

	r->o.yes = strstr(flags, "yes") != NULL;
	r->o.dry_run = strstr(flags, "dry") != NULL;
	r->o.rollback = strstr(flags, "rollback") != NULL;
	r->o.check = strstr(flags, "check") != NULL;
	r->o.diff = strstr(flags, "diff") != NULL;
	if (r->o.rollback || r->o.check)
		r->o.rings = NULL;
	got = om_run(r);
	r->o = was;
	return got;
}

void
om_builds_at(struct offer_rig *r, const char *flags, int want, const char *file,
    int line)
{
	int got = om_do(r, flags);

	if (got != want)
		t_fail(file, line, "'%s': %d, not %d: %s", flags, got, want,
		    r->said);
}

void
om_said_at(
    const struct offer_rig *r, const char *text, const char *file, int line)
{
	if (strstr(r->said, text) == NULL)
		t_fail(file, line, "'%s' is not in '%s'", text, r->said);
}

/* --- what was built --- */

static int
open_offer(const struct offer_rig *r)
{
	char path[340];

	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER, r->dir);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

uint32_t
om_generation(const struct offer_rig *r)
{
	struct err e = ERR_INIT;
	uint32_t generation = 0;
	int fd = open_offer(r), got = 0;

	if (fd != -1)
		got = snap_current(fd, &generation, &e);
	T_CALL(got, &e);
	if (fd != -1)
		(void)close(fd);
	return got == 1 ? generation : 0;
}

void
om_current(const struct offer_rig *r, struct snapshot *s)
{
	struct err e = ERR_INIT;
	int fd = open_offer(r);

	*s = (struct snapshot)SNAPSHOT_INIT;
	T_CALL(snap_read(s, fd, NULL, om_generation(r), &e), &e);
	(void)close(fd);
}

const struct snapshot_offer *
om_offer(const struct snapshot *s, const char *ring, unsigned id)
{
	struct guid want = make_guid(id);
	uint32_t u = snapshot_find(s, &want);
	size_t i, k, end;

	for (i = 0; i < s->nrings; i++) {
		if (strncmp((const char *)s->rings[i].name, ring,
			SNAPSHOT_RING_NAME) != 0)
			continue;
		end = i + 1 < s->nrings ? s->rings[i + 1].offers : s->noffers;
		for (k = s->rings[i].offers; k < end; k++)
			if (s->revisions[s->offers[k].revision].update == u)
				return &s->offers[k];
	}
	return NULL;
}

const char *
om_says(const struct snapshot *s, const char *ring, unsigned id)
{
	static char to[64];
	const struct snapshot_offer *o = om_offer(s, ring, id);

	if (o == NULL)
		return "-";
	snprintf(to, sizeof(to), "%s%s%s",
	    snapshot_action_word((enum snapshot_action)o->action),
	    o->withheld != 0 ? " " : "",
	    o->withheld != 0
		? snapshot_withheld_word((enum snapshot_withheld)o->withheld)
		: "");
	return to;
}

uint32_t
om_id(const struct snapshot *s, unsigned id)
{
	struct guid want = make_guid(id);
	uint32_t u = snapshot_find(s, &want);
	size_t i;

	for (i = 0; i < s->nrevisions && u != SNAPSHOT_NONE; i++)
		if (s->revisions[i].update == u)
			return s->base + s->revisions[i].n;
	return 0;
}

char *
om_files(const struct offer_rig *r, const char *folder)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER "%s", r->dir, folder);
	return disk_names(path);
}
