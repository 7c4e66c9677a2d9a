/* SPDX-License-Identifier: ISC */
/* Licences: files whose SHA-256 stands in an element of their own. */
#include "formats/update.h"

#include "formats/xml.h"
#include "lib/base/arena.h"
#include "tests/t.h"

#define NS "http://schemas.microsoft.com/msus/2002/12/"
#define ABC_SHA1 "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="
#define OTHER_SHA1 "AAECAwQFBgcICQoLDA0ODxAREhM="
#define ABC_SHA256 "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
#define EULAS(body)                                                            \
	"<Update xmlns='" NS "Update'><UpdateIdentity UpdateID='" EULA_ID      \
	"' RevisionNumber='1'/><Properties UpdateType='Software'/>"            \
	"<LocalizedPropertiesCollection>" body                                 \
	"</LocalizedPropertiesCollection></Update>"
#define EULA_ID "0f000000-0000-4000-8000-000000000001"
#define SHA(algorithm, text)                                                   \
	"<AdditionalDigest Algorithm='" algorithm "'>" text                    \
	"</AdditionalDigest>"

/* Not of another element, and nothing that makes no sense. */
static const struct {
	const char *doc;
	size_t nfiles;
	bool has[2];
} eulas[] = {
    {EULAS("<EulaFile Digest='" ABC_SHA1
	   "' Size='3'>" SHA("SHA256", " " ABC_SHA256 "\n") "</EulaFile>"),
	1, {true}},
    {EULAS("<EulaFile Digest='" ABC_SHA1 "'/><EulaFile Digest='" OTHER_SHA1
	   "'>" SHA("SHA256", ABC_SHA256) "</EulaFile>"),
	2, {false, true}},
    {EULAS("<EulaFile Digest='" ABC_SHA1 "'><x Digest='" OTHER_SHA1
	   "'/>" SHA("SHA256", ABC_SHA256) "</EulaFile>"),
	2, {true, false}},
    {EULAS("<EulaFile Digest='" ABC_SHA1 "'>" SHA("SHA256", "x")
	     SHA("MD5", ABC_SHA256) "</EulaFile>"),
	1, {false}},
    {EULAS("<EulaFile Digest='" ABC_SHA1 "'>" SHA("SHA256", "x")
	     SHA("SHA256", ABC_SHA256) "</EulaFile>"),
	1, {true}},
    {EULAS("<EulaFile Digest='" ABC_SHA1
	   "'/><EulaFile Digest='x'>" SHA("SHA256", ABC_SHA256) "</EulaFile>"),
	1, {false}},
    {EULAS("<EulaFile>" SHA("SHA256", ABC_SHA256) "</EulaFile>"), 0, {false}},
    {EULAS("<x Digest='" ABC_SHA1 "'>" SHA("SHA256", ABC_SHA256) "</x>"), 1,
	{false}},
};

T_TEST(a_licence_has_the_sha256_of_its_own_digest)
{
	struct arena a = ARENA_INIT((size_t)1 << 20);
	struct update_reader *r = NULL;
	struct err e = ERR_INIT;
	struct update u;
	size_t i, k;

	xml_init();
	T_CALL(update_reader_open(&r, NULL, &e), &e);
	for (i = 0; i < sizeof(eulas) / sizeof(*eulas); i++) {
		arena_reset(&a);
		T_CALL(update_read(
			   r, &u, &a, eulas[i].doc, strlen(eulas[i].doc), &e),
		    &e);
		T_EQ(u.nfiles, eulas[i].nfiles);
		for (k = 0; k < u.nfiles; k++) {
			if (u.files[k].has_sha256 != eulas[i].has[k])
				t_fail(
				    __FILE__, __LINE__, "%zu, file %zu", i, k);
			if (u.files[k].has_sha256)
				T_EQ(u.files[k].sha256[0], 0xba);
		}
	}
	update_reader_close(r);
	arena_free(&a);
}

T_MAIN
