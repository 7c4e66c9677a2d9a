/* SPDX-License-Identifier: ISC */
/* ApplicabilityRules: as much of it as is asked for. */
#include "testdata/gen/gen.h"

#define SCHEMA "http://schemas.microsoft.com/msus/2002/12/"
#define BAR SCHEMA "BaseApplicabilityRules"
#define CBSAR SCHEMA "CbsApplicabilityRules"

/* Real rules name the same few components again and again. */
#define COMPONENTS 24

struct rules {
	struct rng *r; /* borrowed */
	enum handler handler;
	uint64_t first; /* component of this document */
};

static void
add_hex(struct rules *x, struct str *s)
{
	struct rng c = {x->first + rng_below(x->r, COMPONENTS)};
	uint64_t id = rng_next(&c);
	char out[17];

	hex_of(out, (const uint8_t *)&id, sizeof(id), false);
	str_mem(s, out, 16);
}

static void
file_version(struct rules *x, struct str *s)
{
	uint32_t d[2];

	rng_draw(x->r, d, 2);
	str_add(s, "<bar:FileVersionPrependRegSz Path=\"alder_");
	add_hex(x, s);
	str_fmt(s,
	    ".dll\" Comparison=\"GreaterThanOrEqualTo\" "
	    "Version=\"10.0.%u.%u\" Key=\"HKEY_LOCAL_MACHINE\" "
	    "Subkey=\"SOFTWARE\\Alder\\CurrentVersion\\",
	    d[0] % 30000, d[1] % 9000);
	add_hex(x, s);
	str_add(s, "\" Value=\"Location\" xmlns:bar=\"" BAR "\" />");
}

static void
reg_value(struct rules *x, struct str *s)
{
	str_add(s,
	    "<lar:Not><bar:RegSz Key=\"HKEY_LOCAL_MACHINE\" "
	    "Subkey=\"SOFTWARE\\Alder\\Components\\");
	add_hex(x, s);
	add_hex(x, s);
	str_add(s, "\" Value=\"State\" Comparison=\"EqualTo\" Data=\"");
	add_hex(x, s);
	str_add(s, "\" /></lar:Not>");
}

static void
system_version(struct rules *x, struct str *s)
{
	uint32_t d[4];

	rng_draw(x->r, d, 4);
	str_fmt(s,
	    "<bar:WindowsVersion Comparison=\"EqualTo\" "
	    "MajorVersion=\"%u\" MinorVersion=\"%u\" "
	    "BuildNumber=\"%u\" ProductType=\"%u\" />",
	    5 + d[0] % 6, d[1] % 4, d[2] % 27000, 1 + d[3] % 3);
}

static void
package_state(struct rules *x, struct str *s)
{
	uint32_t d[3];

	rng_draw(x->r, d, 3);
	str_add(s,
	    "<cbsar:CbsPackageInstalledByIdentity PackageIdentity=\""
	    "Package_for_");
	add_hex(x, s);
	str_fmt(s,
	    "~31bf3856ad364e35~amd64~~10.0.%u.%u\" Note=\"&lt;%u%s"
	    "&amp; later&gt;\" xmlns:cbsar=\"" CBSAR "\" />",
	    d[0] % 30000, d[1] % 9000, d[2] % 100,
	    d[2] % 8 == 0 ? "&#xA;&#x9;" : " ");
}

static void
driver_data(struct rules *x, struct str *s)
{
	uint32_t i, d[7], n = 1 + rng_below(x->r, 4);

	str_add(s, "<upd:Metadata>");
	for (i = 0; i < n; i++) {
		rng_draw(x->r, d, 7);
		str_add(s,
		    "<drv:WindowsDriverMetaData xmlns:drv=\"http://"
		    "schemas.microsoft.com/msus/2002/12/UpdateHandlers/"
		    "WindowsDriver\" HardwareID=\"pci\\ven_");
		add_hex(x, s);
		str_fmt(s,
		    "\" WhqlDriverID=\"%u\" Manufacturer=\"Alder\" "
		    "Company=\"Alder &amp; Birch\" Provider=\"Birch\" "
		    "DriverVerDate=\"20%02u-%02u-10\" "
		    "DriverVerVersion=\"%u.0.1.%u\" Class=\"Net\" "
		    "Model=\"Alder Link %u\"><drv:FeatureScore "
		    "OperatingSystem=\"10.0\" FeatureScore=\"%02x\" />"
		    "</drv:WindowsDriverMetaData>",
		    d[6], d[0] % 26, 1 + d[1] % 12, d[2] % 30, d[3] % 9999,
		    d[4] % 999, d[5] % 256);
	}
	str_add(s, "</upd:Metadata>");
}

static void
expression(struct rules *x, bool installed, size_t upto, struct str *s)
{
	static void (*const kinds[])(struct rules *, struct str *) = {
	    file_version, reg_value, system_version, package_state,
	    file_version, reg_value};
	uint32_t n;

	str_add(s, "<lar:And>");
	if (x->handler == H_CBS)
		str_fmt(s,
		    "<cbsar:CbsPackageInstall%s xmlns:cbsar=\"" CBSAR "\" />",
		    installed ? "ed" : "able");
	do {
		if (rng_hit(x->r, 40))
			str_add(s, "<!-- <alder> & later\n-->");
		str_add(s, "<lar:Or>");
		for (n = 2 + rng_below(x->r, 6); n > 0; n--)
			kinds[rng_below(x->r, 6)](x, s);
		str_add(s, "</lar:Or>");
	} while (s->len < upto);
	str_add(s, "</lar:And>");
}

void
rules_make(const struct gen *g, const struct rev *v, struct rng *r, size_t upto,
    struct str *s)
{
	struct rules x = {
	    .r = r, .handler = handler_of(g, v), .first = rng_next(r)};
	size_t half = s->len + (upto > s->len ? upto - s->len : 0) / 2;
	bool small = upto < s->len + 400;

	str_add(s, "<upd:ApplicabilityRules><upd:IsInstalled>");
	if (small) {
		str_add(s, "<lar:True />");
	} else {
		expression(&x, true, half, s);
		str_add(s, "</upd:IsInstalled><upd:IsInstallable>");
		expression(&x, false, upto, s);
	}
	str_add(s, small ? "</upd:IsInstalled>" : "</upd:IsInstallable>");
	if (x.handler == H_DRIVER)
		driver_data(&x, s);
	else if (!small)
		(void)handler_metadata(g, v, s);
	str_add(s, "</upd:ApplicabilityRules>");
}
