/* SPDX-License-Identifier: ISC */
/* What file systems take for themselves, for files, and for names. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/volume.h"
#include "tests/t.h"

#define GIB ((uint64_t)1 << 30)

T_TEST(sizes_are_decimal_as_media_are_sold)
{
	static const struct {
		const char *text;
		uint64_t size;
		bool disc;
	} rows[] = {{"32G", UINT64_C(32000000000), false}, {"1", 1, false},
	    {"8M", 8000000, false}, {"2T", UINT64_C(2000000000000), false},
	    {"3K", 3000, false}, {"1Gi", GIB, false}, {"4Ki", 4096, false},
	    {"cd", 737280000, true}, {"dvd", UINT64_C(4700372992), true},
	    {"bd", UINT64_C(25025314816), true}};
	static const char *const bad[] = {"", "G", "32g", "32GB", "-1", "1.5G",
	    "32 G", "0", "99999999999G", "Ki", "auto", "1GiB", "CD"};
	uint64_t size;
	bool disc;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		T_OK(volume_size_read(&size, &disc, rows[i].text));
		T_EQ(size, rows[i].size);
		T_EQ(disc, rows[i].disc);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (volume_size_read(&size, &disc, bad[i]))
			t_fail(__FILE__, __LINE__, "'%s' is taken", bad[i]);
}

T_TEST(kinds_have_their_words)
{
	enum volume_kind k = VOLUME_ANY;

	T_OK(volume_kind_read(&k, "fat32") && k == VOLUME_FAT32);
	T_OK(volume_kind_read(&k, "exfat") && k == VOLUME_EXFAT);
	T_OK(volume_kind_read(&k, "ntfs") && k == VOLUME_NTFS);
	T_OK(volume_kind_read(&k, "any") && k == VOLUME_ANY);
	T_OK(!volume_kind_read(&k, "FAT32") && !volume_kind_read(&k, "ext4"));
}

T_TEST(limits_of_one_file)
{
	struct volume v;

	volume_new(&v, VOLUME_FAT32, 32 * GIB);
	T_EQ(v.largest, UINT32_MAX);
	volume_new(&v, VOLUME_DISC, 32 * GIB);
	T_EQ(v.largest, 4 * GIB - 2048);
	volume_new(&v, VOLUME_EXFAT, 32 * GIB);
	T_EQ(v.largest, INT64_MAX);
	volume_new(&v, VOLUME_NTFS, 32 * GIB);
	T_EQ(v.largest, INT64_MAX);
}

/* mkfs.fat -F 32, mkfs.exfat and mkntfs leave more than we count on. */
T_TEST(what_a_new_one_has_free_is_less_than_its_size)
{
	static const struct {
		enum volume_kind kind;
		uint64_t size;
		uint32_t cluster;
		uint64_t least; /* tenths of a percent that are left for us */
	} rows[] = {{VOLUME_FAT32, 4 * GIB, 4096, 990},
	    {VOLUME_FAT32, 12 * GIB, 8192, 990},
	    {VOLUME_FAT32, 32 * GIB, 16384, 990},
	    {VOLUME_FAT32, 64 * GIB, 32768, 990},
	    {VOLUME_EXFAT, GIB / 4, 4096, 970},
	    {VOLUME_EXFAT, 32 * GIB, 32768, 990},
	    {VOLUME_EXFAT, 512 * GIB, 131072, 990},
	    {VOLUME_NTFS, 32 * GIB, 4096, 980},
	    {VOLUME_DISC, UINT64_C(4700372992), 2048, 990}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct volume v;

		volume_new(&v, rows[i].kind, rows[i].size);
		T_EQ(v.cluster, rows[i].cluster);
		T_OK(v.room < rows[i].size);
		T_OK(v.room >= rows[i].size / 1000 * rows[i].least);
	}
}

T_TEST(files_take_whole_clusters_and_names_their_entries)
{
	struct volume v;

	volume_new(&v, VOLUME_FAT32, 32 * GIB);
	T_EQ(volume_file(&v, 0), 0);
	T_EQ(volume_file(&v, 1), 16384);
	T_EQ(volume_file(&v, 16384), 16384);
	T_EQ(volume_file(&v, 16385), 32768);
	T_EQ(volume_name(&v, 13), 64);
	T_EQ(volume_name(&v, 44), 160);
	T_EQ(volume_folder(&v, 160), 16384);
	T_EQ(volume_folder(&v, 16384), 32768);
	volume_new(&v, VOLUME_EXFAT, 32 * GIB);
	T_EQ(volume_name(&v, 44), 160);
	T_EQ(volume_name(&v, 45), 160);
	T_EQ(volume_name(&v, 46), 192);
	volume_new(&v, VOLUME_NTFS, 32 * GIB);
	T_EQ(volume_file(&v, 1), 4096 + 1024);
	volume_new(&v, VOLUME_ANY, GIB);
	T_EQ(v.room, GIB);
	T_EQ(volume_file(&v, UINT64_MAX - 5), UINT64_MAX);
}

T_TEST(a_folder_says_what_is_free)
{
	struct err e = ERR_INIT;
	struct volume v;
	int fd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	T_CALL(volume_at(&v, fd, "here", &e), &e);
	T_OK(v.room > 0 && v.cluster >= 4096);
	T_EQ(close(fd), 0);
}

T_MAIN
