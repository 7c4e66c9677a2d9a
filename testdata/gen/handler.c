/* SPDX-License-Identifier: ISC */
/* What installs an update, and what that needs in its document. */
#include <string.h>

#include "testdata/gen/gen.h"

#define SCHEMA "http://schemas.microsoft.com/msus/2002/12/"
#define XSI                                                                    \
	"xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-"                        \
	"instance\""

static const char *const uris[H_COUNT] = {
    [H_CATEGORY] = SCHEMA "UpdateHandlers/Category",
    [H_DRIVER] = SCHEMA "UpdateHandlers/WindowsDriver",
    [H_COMMAND] = SCHEMA "UpdateHandlers/CommandLineInstallation",
    [H_CBS] = SCHEMA "UpdateHandlers/Cbs",
    [H_PATCH] = SCHEMA "UpdateHandlers/WindowsInstaller",
};

const char *
handler_uri(enum handler h)
{
	return uris[h];
}

/* By the first file: cabinets are component stores', programs are run. */
enum handler
handler_of(const struct gen *g, const struct rev *v)
{
	char ext[10] = "";

	if (v->kind == K_BUNDLE || v->kind == K_DETECTOID)
		return H_NONE;
	if (v->kind != K_LEAF)
		return H_CATEGORY;
	if (v->driver)
		return H_DRIVER;
	if (v->nuses == 0 || v->uses[0].eula)
		return (enum handler)(H_COMMAND + v->update % 3);
	file_ext(g, v->uses[0].file, ext);
	if (strcmp(ext, ".exe") == 0 || strcmp(ext, ".Exe") == 0)
		return H_COMMAND;
	return ext[0] == '\0' || strcmp(ext, ".7z") == 0 ? H_PATCH : H_CBS;
}

/* The name of what is told of is the file's, whatever stands in it. */
static void
command(const struct gen *g, const struct rev *v, struct str *s)
{
	struct str name = {.p = NULL};

	if (v->nuses > 0)
		file_name(g, v->uses[0].file, v->uses[0].alias, &name);
	else
		str_add(&name, "setup.exe");
	str_fmt(s,
	    "<upd:HandlerSpecificData xsi:type=\"cmd:CommandLine"
	    "Installation\" " XSI "><cmd:InstallCommand Arguments=\"/q "
	    "&quot;/l&quot;\" RebootByDefault=\"false\" DefaultResult="
	    "\"Failed\" xmlns:cmd=\"%s\" Program=\"",
	    uris[H_COMMAND]);
	str_esc(s, name.p);
	str_add(s,
	    "\"><cmd:ReturnCode Code=\"3010\" Result=\"Succeeded\" "
	    "Reboot=\"true\" /><cmd:ReturnCode Code=\"0\" "
	    "Result=\"Succeeded\" /></cmd:InstallCommand>"
	    "</upd:HandlerSpecificData>");
	str_free(&name);
}

static void
category(const struct rev *v, struct str *s)
{
	static const char *const types[K_COUNT] = {[K_COMPANY] = "Company",
	    [K_FAMILY] = "ProductFamily",
	    [K_PRODUCT] = "Product",
	    [K_CLASSIFICATION] = "UpdateClassification"};

	if (types[v->kind] != NULL)
		str_fmt(s,
		    "<upd:HandlerSpecificData xsi:type=\"cat:Category\" " XSI
		    "><cat:CategoryInformation CategoryType="
		    "\"%s\" ProhibitsSubcategories=\"%s\" "
		    "ProhibitsUpdates=\"%s\" xmlns:cat=\"%s\" />"
		    "</upd:HandlerSpecificData>",
		    types[v->kind], v->kind > K_FAMILY ? "true" : "false",
		    v->kind > K_FAMILY ? "false" : "true", uris[H_CATEGORY]);
}

void
handler_data(const struct gen *g, const struct rev *v, struct str *s)
{
	switch (handler_of(g, v)) {
	case H_CATEGORY:
		category(v, s);
		break;
	case H_COMMAND:
		command(g, v, s);
		break;
	case H_CBS:
		str_fmt(s,
		    "<upd:HandlerSpecificData xsi:type=\"cbs:Cbs\" " XSI
		    "><cbs:CbsData PackageIdentity=\"\" xmlns:cbs=\"%s\" />"
		    "</upd:HandlerSpecificData>",
		    uris[H_CBS]);
		break;
	case H_PATCH:
		str_fmt(s,
		    "<upd:HandlerSpecificData xsi:type=\"msp:Windows"
		    "Installer\" " XSI "><msp:MspData CommandLine=\"REBOOT="
		    "ReallySuppress\" PatchCode=\"{%08X-0000-0000-0000-"
		    "000000000000}\" xmlns:msp=\"%s\" />"
		    "</upd:HandlerSpecificData>",
		    v->update, uris[H_PATCH]);
		break;
	default:
		break;
	}
}

/* One to three siblings of a foreign namespace, each with its own xmlns. */
static void
assemblies(const struct rev *v, struct str *s)
{
	uint32_t i;

	str_add(s,
	    "<cbsar:CbsPackageApplicabilityMetadata xmlns:cbsar=\"" SCHEMA
	    "CbsApplicabilityRules\">");
	for (i = 0; i <= v->update % 3; i++)
		str_fmt(s,
		    "<assembly xmlns=\"urn:schemas-microsoft-com:asm.v3\" "
		    "manifestVersion=\"1.0\" description=\"Fix %u of %u\" "
		    "company=\"Alder &amp; Birch\"><assemblyIdentity "
		    "name=\"Package_%u_for_%u\" version=\"10.0.%u.1\" "
		    "processorArchitecture=\"amd64\" language=\"neutral\" "
		    "publicKeyToken=\"31bf3856ad364e35\" /><package "
		    "identifier=\"Alder%u\" restart=\"possible\"></package>"
		    "</assembly>",
		    i + 1, v->update % 3 + 1, i, v->update, v->update % 20000,
		    v->update);
	str_add(s, "</cbsar:CbsPackageApplicabilityMetadata>");
}

static void
patch(const struct rev *v, struct str *s)
{
	str_fmt(s,
	    "<msiar:MsiPatchMetadata xmlns:msiar=\"" SCHEMA
	    "MsiApplicabilityRules\"><MsiPatch xmlns=\"http://www.microsoft."
	    "com/msi/patch_applicability.xsd\" SchemaVersion=\"1.0.0.0\" "
	    "PatchGUID=\"{%08X-0000-0000-0000-000000000000}\" "
	    "MinMsiVersion=\"4\"><TargetProduct MinMsiVersion=\"100\">"
	    "<TargetVersion Validate=\"true\" ComparisonType=\"Equal\">"
	    "9.%02u.2980</TargetVersion><TargetLanguage Validate=\"false\">"
	    "1033</TargetLanguage></TargetProduct></MsiPatch>"
	    "</msiar:MsiPatchMetadata>",
	    v->update, v->update % 100);
}

bool
handler_metadata(const struct gen *g, const struct rev *v, struct str *s)
{
	enum handler h = handler_of(g, v);

	if (h != H_CBS && h != H_PATCH)
		return false;
	str_add(s, "<upd:Metadata>");
	if (h == H_CBS)
		assemblies(v, s);
	else
		patch(v, s);
	str_add(s, "</upd:Metadata>");
	return true;
}
