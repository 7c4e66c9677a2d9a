/* SPDX-License-Identifier: ISC */
/* Payload over media: each byte on one, none of them over its size. */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/volume.h"
#include "lib/export/fill.h"
#include "tests/t.h"

#define GIB ((uint64_t)1 << 30)
#define MIB ((uint64_t)1 << 20)
#define MAX 300

static uint64_t
below(uint64_t n)
{
	return t_random() % n;
}

static void
name_file(char name[CONTENT_NAME_MAX], size_t i)
{
	snprintf(name, CONTENT_NAME_MAX, "%02X/%038zX%02X.cab",
	    (unsigned)(i * 37 & 0xff), i, (unsigned)(i * 37 & 0xff));
}

/* What stands on a medium by the page of its file system, counted afresh. */
static uint64_t
takes(const struct fill *f, uint32_t medium)
{
	const struct volume *v = &f->volume;
	uint64_t sum = 0, names[257] = {0}, lines = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct fill_file *x = &f->v[i];
		unsigned folder = 256;

		if (x->medium != medium)
			continue;
		if (x->parts == 0)
			T_EQ(sscanf(x->name, "data/WsusContent/%2X", &folder),
			    1);
		names[folder] += volume_name(
		    v, strlen(strrchr(x->name, '/') + 1));
		sum += volume_file(v, x->size);
		lines += 64 + 2 + strlen(x->name) + 1;
	}
	for (size_t i = 0; i < 257; i++)
		if (names[i] != 0)
			sum += volume_folder(v, names[i]);
	return sum + volume_file(v, lines);
}

static uint64_t
media_tsv(const struct fill *f)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += strlen(f->v[i].name) + 64 + 20 + 4 + 4;
	return volume_file(&f->volume, n);
}

/* Every byte of every file once, in order, and none more. */
static void
check_bytes(const struct fill *f, const uint64_t *sizes, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		uint64_t sum = 0;
		unsigned parts = 0;

		for (size_t i = 0; i < f->n; i++) {
			if (f->v[i].of != k)
				continue;
			T_OK(f->v[i].medium >= 1 && f->v[i].medium <= f->media);
			T_OK(f->v[i].size <= f->volume.largest);
			sum += f->v[i].size;
			parts++;
			T_OK(f->v[i].parts == 0 || f->v[i].parts >= 2);
			for (size_t j = 0; j < f->n; j++)
				if (f->v[j].of == k &&
				    f->v[j].part == f->v[i].part + 1)
					T_EQ(f->v[j].off,
					    f->v[i].off + f->v[i].size);
		}
		T_EQ(sum, sizes[k]);
		T_OK(parts >= 1);
	}
}

static void
round_of(enum volume_kind kind, uint64_t medium, uint64_t largest, size_t n)
{
	struct fill f = {.v = NULL};
	const uint64_t last[] = {below(medium / 8), 4000, below(90000)};
	uint64_t sizes[MAX], most, own, bytes = 0;
	struct err e = ERR_INIT;

	volume_new(&f.volume, kind, medium);
	for (size_t i = 0; i < n; i++) {
		sizes[i] = below(3) == 0 ? below(largest) : below(60000);
		bytes += sizes[i];
	}
	T_CALL(fill_most(&f.volume, n, bytes, &most, &e), &e);
	T_OK(most <= f.volume.largest && most < f.volume.room);
	for (size_t i = 0; i < n; i++) {
		char name[CONTENT_NAME_MAX];

		name_file(name, i);
		T_CALL(fill_add(&f, i, name, sizes[i], most, &e), &e);
	}
	T_CALL(fill_place(&f, last, 3, &e), &e);
	check_bytes(&f, sizes, n);
	for (uint32_t k = 1; k <= f.media; k++) {
		own = takes(&f, k) + media_tsv(&f);
		for (size_t i = 0; k == f.media && i < 3; i++)
			own += volume_file(&f.volume, last[i]);
		T_OK(own <= f.volume.room);
		T_OK(own < medium);
	}
	fill_free(&f);
}

T_TEST(every_byte_is_on_one_medium_and_none_is_over_its_size)
{
	static const enum volume_kind kinds[] = {
	    VOLUME_ANY, VOLUME_FAT32, VOLUME_EXFAT, VOLUME_NTFS, VOLUME_DISC};
	unsigned rounds = getenv("WF_LONG") != NULL ? 400 : 40;

	for (unsigned i = 0; i < rounds; i++)
		for (size_t k = 0; k < 5; k++) {
			uint64_t medium = 30 * MIB + below(200 * MIB);

			round_of(kinds[k], medium, 2 * medium,
			    1 + below(i % 8 == 0 ? MAX : 40));
		}
}

T_TEST(a_file_is_cut_only_where_it_must_be)
{
	struct fill f = {.v = NULL};
	struct err e = ERR_INIT;
	uint64_t most;

	volume_new(&f.volume, VOLUME_FAT32, 64 * GIB);
	T_CALL(fill_most(&f.volume, 3, 14 * GIB, &most, &e), &e);
	T_EQ(most, 4095 * MIB);
	T_CALL(fill_add(&f, 0, "0A/0A.cab", 4095 * MIB, most, &e), &e);
	T_EQ(f.n, 1);
	T_CALL(fill_add(&f, 1, "0B/0B.cab", 9 * GIB, most, &e), &e);
	T_EQ(f.n, 4);
	T_STR(f.v[1].name, "data/parts/0B.cab.part001");
	T_STR(f.v[3].name, "data/parts/0B.cab.part003");
	fill_free(&f);
	volume_new(&f.volume, VOLUME_EXFAT, 64 * GIB);
	T_CALL(fill_most(&f.volume, 3, 14 * GIB, &most, &e), &e);
	T_OK(most > 63 * GIB);
	T_CALL(fill_add(&f, 1, "0B/0B.cab", 9 * GIB, most, &e), &e);
	T_EQ(f.n, 1);
	fill_free(&f);
}

T_TEST(what_no_medium_can_hold_is_refused)
{
	const uint64_t last = 40 * MIB;
	struct fill f = {.v = NULL};
	struct err e = ERR_INIT;
	uint64_t most;

	volume_new(&f.volume, VOLUME_ANY, MIB / 8);
	T_FAILS(fill_most(&f.volume, 900, 900, &most, &e), &e, E_LIMIT,
	    "is too small: the lists ");
	volume_new(&f.volume, VOLUME_ANY, 30 * MIB);
	T_CALL(fill_most(&f.volume, 9, 60000 * MIB, &most, &e), &e);
	T_FAILS(fill_place(&f, &last, 1, &e), &e, E_LIMIT,
	    "the last medium has the documents and the lists, 40.");
	T_FAILS(fill_add(&f, 0, "0B/0B.cab", 60000 * MIB, most, &e), &e,
	    E_LIMIT, "parts, at most 999");
	fill_free(&f);
}

T_MAIN
