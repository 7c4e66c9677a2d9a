/* SPDX-License-Identifier: ISC */
/* What downloads leave in staging, and what of it stays there. */
#include "tests/t.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/store/content.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"

MAKE_IN_MEMORY

#define HELLO "F572D396FAE9206628714FB2CE00F72E94F2258F"
#define OTHER "0123456789ABCDEF0123456789ABCDEF01234567"

T_TEST(a_part_has_a_name_that_says_whose_it_is)
{
	static const char *const good[] = {
	    OTHER ".part", OTHER ".part.info", OTHER ".bad"};
	static const char *const bad[] = {OTHER, OTHER ".", OTHER ".par",
	    OTHER ".parts", OTHER ".part.inf", OTHER ".part.info2",
	    OTHER "0.part", "0123456789abcdef0123456789abcdef01234567.part",
	    "123456789ABCDEF0123456789ABCDEF01234567.part", ".part", "",
	    OTHER "/.part", " " OTHER ".part"};
	uint8_t sha1[SHA1_LEN] = {0}, wanted[SHA1_LEN];
	char name[CONTENT_PART_MAX];
	enum content_part what = CONTENT_PART;
	size_t i;

	T_OK(hex_read(wanted, SHA1_LEN, OTHER, (size_t)2 * SHA1_LEN));
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		T_OK(content_part_parse(good[i], sha1, &what));
		T_EQ(what, i);
		T_MEM(sha1, wanted, SHA1_LEN);
		content_part_name(name, sha1, what);
		T_STR(name, good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (content_part_parse(bad[i], sha1, &what))
			t_fail(__FILE__, __LINE__, "a part: '%s'", bad[i]);
}

T_TEST(a_part_settles_under_its_name)
{
	struct content_staged st = {.ext = "cab"};
	struct err e = ERR_INIT;
	struct rig_place p;
	uint64_t size;

	rig_place_open(&p, &e);
	T_OK(hex_read(st.sha1, SHA1_LEN, HELLO, (size_t)2 * SHA1_LEN));
	content_part_name(st.temp, st.sha1, CONTENT_PART);
	close(make_source(p.dirfd, "staging/" HELLO ".part", "hello\n"));
	T_CALL(content_settle(&p.c, &st, 1, &e), &e);
	T_EQ(content_has(&p.c, st.sha1, "cab", &size, &e), 1);
	T_EQ(size, 6);
	T_STR(st.temp, "");
	T_EQ(make_files_in(p.staging), 0);
	rig_place_close(&p);
}

/* Payload of HELLO is there, as hello.cab. */
static void
settle_hello(struct rig_place *p, struct err *e)
{
	struct content_staged st = {.ext = "cab"};

	close(make_source(p->dirfd, "staging/" HELLO ".part", "hello\n"));
	T_OK(hex_read(st.sha1, SHA1_LEN, HELLO, (size_t)2 * SHA1_LEN));
	content_part_name(st.temp, st.sha1, CONTENT_PART);
	T_CALL(content_settle(&p->c, &st, 1, e), e);
}

static void
put_staged(struct rig_place *p, const char *const *names, size_t n)
{
	char path[160];
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "staging/%s", names[i]);
		close(make_source(p->dirfd, path, "x"));
	}
}

T_TEST(downloads_that_can_go_on_survive_the_emptying)
{
	static const char *const kept[] = {OTHER ".part", OTHER ".part.info",
	    "89ABCDEF0123456789ABCDEF0123456789ABCD8F.bad"};
	/* Payload that is there; nothing to go on with; not such a file. */
	static const char *const gone[] = {HELLO ".part", HELLO ".part.info",
	    HELLO ".bad", "89ABCDEF0123456789ABCDEF0123456789ABCDEF.part.info",
	    "0123456789abcdef0123456789abcdef01234567.part", OTHER ".parts",
	    "c-0123456789abcdef"};
	static const char folder[] =
	    "staging/1123456789ABCDEF0123456789ABCDEF01234567.part";
	static const char link[] =
	    "staging/2123456789ABCDEF0123456789ABCDEF01234567.part";
	static const char *const inside[] = {
	    "1123456789ABCDEF0123456789ABCDEF01234567.part/" OTHER ".part"};
	const struct timespec earlier[2] = {
	    {.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};
	struct err e = ERR_INIT;
	struct rig_place p;
	char path[160];
	size_t i;

	rig_place_open(&p, &e);
	settle_hello(&p, &e);
	put_staged(&p, kept, sizeof(kept) / sizeof(kept[0]));
	put_staged(&p, gone, sizeof(gone) / sizeof(gone[0]));
	for (i = 0; i < 3; i++)
		T_EQ(utimensat(p.staging, gone[i], earlier, 0), 0);
	T_EQ(mkdirat(p.dirfd, folder, 0755), 0);
	put_staged(&p, inside, 1);
	T_EQ(symlinkat("../src", p.dirfd, link), 0);
	content_close(&p.c);
	T_CALL(content_clear_staging(p.dirfd, p.staging, &e), &e);
	T_EQ(make_files_in(p.staging), 3);
	T_EQ(faccessat(p.dirfd, folder, F_OK, 0), -1);
	T_EQ(faccessat(p.dirfd, link, F_OK, AT_SYMLINK_NOFOLLOW), -1);
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		snprintf(path, sizeof(path), "staging/%s", kept[i]);
		T_EQ(faccessat(p.dirfd, path, F_OK, 0), 0);
	}
	rig_place_close(&p);
}

T_TEST(what_is_to_replace_damaged_payload_survives)
{
	static const char *const names[] = {HELLO ".part", HELLO ".part.info"};
	const struct timespec later[2] = {
	    {.tv_nsec = UTIME_OMIT}, {.tv_sec = INT32_MAX}};
	struct err e = ERR_INIT;
	struct rig_place p;
	size_t i;

	rig_place_open(&p, &e);
	settle_hello(&p, &e);
	put_staged(&p, names, 2);
	for (i = 0; i < 2; i++)
		T_EQ(utimensat(p.staging, names[i], later, 0), 0);
	content_close(&p.c);
	T_CALL(content_clear_staging(p.dirfd, p.staging, &e), &e);
	T_EQ(make_files_in(p.staging), 2);
	rig_place_close(&p);
}

T_TEST(downloads_survive_where_no_payload_ever_was)
{
	struct err e = ERR_INIT;
	struct rig_place p;

	rig_place_open(&p, &e);
	close(make_source(p.dirfd, "staging/" HELLO ".part", "hel"));
	T_EQ(unlinkat(p.dirfd, "WsusContent/" CONTENT_CHECK_FILE, 0), 0);
	T_EQ(unlinkat(p.dirfd, "WsusContent", AT_REMOVEDIR), 0);
	content_close(&p.c);
	T_CALL(content_clear_staging(p.dirfd, p.staging, &e), &e);
	T_EQ(make_files_in(p.staging), 1);
	rig_place_close(&p);
}

T_MAIN
