/* SPDX-License-Identifier: ISC */
#include "lib/base/volume.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/os.h"

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

/* Younger than some headers. */
#define EXFAT_MAGIC 0x2011bab0
#define NTFS_MAGIC 0x5346544e
#define NTFS3_MAGIC 0x7366746e

#define SECTOR 2048u /* of a disc */
#define DOS_NAME 12 /* characters: 8.3 */

static uint64_t
round_up(uint64_t n, uint64_t unit)
{
	return n > UINT64_MAX - unit ? UINT64_MAX
				     : (n + unit - 1) / unit * unit;
}

/* What is in front of the partition, behind it, and not a whole cluster. */
static uint64_t
aside(uint64_t size)
{
	return size / 16 < 5 * MIB ? size / 16 : 5 * MIB;
}

/* By what Windows and mkfs.fat take for a size when nobody says. */
static uint32_t
fat32_cluster(uint64_t size)
{
	if (size <= 8 * GIB)
		return 4 * KIB;
	if (size <= 16 * GIB)
		return 8 * KIB;
	return size <= 32 * GIB ? 16 * KIB : 32 * KIB;
}

static uint32_t
exfat_cluster(uint64_t size)
{
	if (size <= 256 * MIB)
		return 4 * KIB;
	return size <= 32 * GIB ? 32 * KIB : 128 * KIB;
}

/* Two tables of 4 bytes a cluster. */
static uint64_t
fat32_tables(uint64_t size, uint32_t cluster)
{
	return size / (cluster + 8) * 8 + 64 * KIB;
}

/* A table of 4 bytes a cluster, a bit a cluster, the table of letters. */
static uint64_t
exfat_tables(uint64_t size, uint32_t cluster)
{
	return size / cluster * 4 + size / cluster / 8 + 128 * KIB +
	    2 * (uint64_t)cluster;
}

/* The journal, a bit a cluster, the other files of its own; and what Windows
   makes on it at first sight. */
static uint64_t
ntfs_tables(uint64_t size, uint32_t cluster)
{
	uint64_t journal = size / 32 < 64 * MIB ? size / 32 : 64 * MIB;

	return journal + size / cluster / 8 + size / 1000 + MIB;
}

static uint64_t
less(uint64_t size, uint64_t part)
{
	return part < size ? size - part : 0;
}

void
volume_set_kind(struct volume *v, enum volume_kind kind)
{
	v->kind = kind;
	v->largest = INT64_MAX;
	if (kind == VOLUME_FAT32)
		v->largest = UINT32_MAX;
	if (kind == VOLUME_DISC)
		v->largest = (uint64_t)UINT32_MAX + 1 - SECTOR;
}

void
volume_new(struct volume *v, enum volume_kind kind, uint64_t size)
{
	uint64_t left = less(size, aside(size));

	volume_set_kind(v, kind);
	switch (kind) {
	case VOLUME_FAT32:
		v->cluster = fat32_cluster(size);
		v->room = less(left, fat32_tables(size, v->cluster));
		return;
	case VOLUME_EXFAT:
		v->cluster = exfat_cluster(size);
		v->room = less(left, exfat_tables(size, v->cluster));
		return;
	case VOLUME_NTFS:
		v->cluster = 4 * KIB;
		v->room = less(left, ntfs_tables(size, v->cluster));
		return;
	case VOLUME_DISC:
		/* Its own sectors, descriptors, and tables of folders. */
		v->cluster = SECTOR;
		v->room = less(size, MIB);
		return;
	case VOLUME_ANY:
		break;
	}
	v->cluster = 4 * KIB;
	v->room = size;
}

int
volume_at(struct volume *v, int fd, const char *path, struct err *e)
{
	struct statvfs fs;
	struct statfs kind;

	if (os.fstatvfs(fd, &fs) == -1 || os.fstatfs(fd, &kind) == -1)
		return err_sys(e, "%s: asking which file system it is", path);
	if (fs.f_blocks == 0)
		return err_set(e, E_USAGE,
		    "%s: its file system does not say what is free: give "
		    "--media-size SIZE",
		    path);
	volume_set_kind(v, VOLUME_ANY);
	if (kind.f_type == MSDOS_SUPER_MAGIC)
		volume_set_kind(v, VOLUME_FAT32);
	if (kind.f_type == EXFAT_MAGIC)
		volume_set_kind(v, VOLUME_EXFAT);
	if (kind.f_type == NTFS_MAGIC || kind.f_type == NTFS3_MAGIC)
		volume_set_kind(v, VOLUME_NTFS);
	v->room = (uint64_t)fs.f_bavail * fs.f_frsize;
	v->cluster = 4 * KIB;
	if (fs.f_bsize > v->cluster && fs.f_bsize <= 32 * MIB)
		v->cluster = (uint32_t)fs.f_bsize;
	return 0;
}

bool
volume_kind_read(enum volume_kind *kind, const char *text)
{
	static const char *const names[] = {[VOLUME_ANY] = "any",
	    [VOLUME_FAT32] = "fat32",
	    [VOLUME_EXFAT] = "exfat",
	    [VOLUME_NTFS] = "ntfs"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], text) == 0) {
			*kind = (enum volume_kind)i;
			return true;
		}
	return false;
}

bool
volume_size_read(uint64_t *size, bool *disc, const char *text)
{
	static const struct {
		const char *name;
		uint64_t bytes;
	} discs[] = {
	    {"cd", 737280000}, {"dvd", 4700372992}, {"bd", 25025314816}};
	size_t n = strspn(text, "0123456789");
	const char *units = "KMGT", *unit;
	uint64_t base, by = 1;

	*disc = false;
	for (size_t i = 0; i < sizeof(discs) / sizeof(discs[0]); i++)
		if (strcmp(discs[i].name, text) == 0) {
			*size = discs[i].bytes;
			return *disc = true;
		}
	if (text[n] != '\0') {
		if ((unit = strchr(units, text[n])) == NULL ||
		    (text[n + 1] != '\0' && strcmp(text + n + 1, "i") != 0))
			return false;
		base = text[n + 1] == 'i' ? 1024 : 1000;
		for (const char *p = units; p <= unit; p++)
			by *= base;
	}
	if (!num_read(size, text, n, 1, INT64_MAX / by))
		return false;
	*size *= by;
	return true;
}

uint64_t
volume_file(const struct volume *v, uint64_t size)
{
	uint64_t bytes = round_up(size, v->cluster);

	/* Its record in the table of files. */
	return v->kind == VOLUME_NTFS ? bytes + KIB : bytes;
}

uint64_t
volume_name(const struct volume *v, size_t len)
{
	switch (v->kind) {
	case VOLUME_FAT32:
		return 32 * (1 + (len + 12) / 13);
	case VOLUME_EXFAT:
		return 32 * (2 + (len + 14) / 15);
	case VOLUME_NTFS:
		/* Twice, for the short name too; blocks may be half full. */
		return 2 *
		    (round_up(82 + 2 * len, 8) +
			round_up(82 + 2 * DOS_NAME, 8));
	case VOLUME_DISC:
		/* With the names of Rock Ridge, and those of Joliet. */
		return 2 * (34 + 2 * len) + 160 + len;
	case VOLUME_ANY:
		break;
	}
	return 64 + len;
}

uint64_t
volume_folder(const struct volume *v, uint64_t names)
{
	uint64_t own = 2 * volume_name(v, 2); /* itself, and the one above */

	/* Two trees on a disc. */
	if (v->kind == VOLUME_DISC)
		return round_up(names + own, v->cluster) + 2 * v->cluster;
	return volume_file(v, names + own);
}
