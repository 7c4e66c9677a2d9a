/* SPDX-License-Identifier: ISC */
/*
 * What a medium holds: the tables of its file system, whole clusters, names in
 * folders.  All of it is counted on the large side, so that what is planned
 * fits.
 */
#ifndef WF_VOLUME_H
#define WF_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum volume_kind {
	VOLUME_ANY, /* blocks of 4096 bytes, and nothing else */
	VOLUME_FAT32,
	VOLUME_EXFAT,
	VOLUME_NTFS,
	VOLUME_DISC /* ISO 9660, or UDF */
};

struct volume {
	enum volume_kind kind;
	uint64_t room; /* bytes for files and folders */
	uint32_t cluster; /* bytes: what a file takes is a whole number */
	uint64_t largest; /* bytes of one file */
};

/* An empty one, just formatted, on a medium of so many bytes. */
void volume_new(struct volume *v, enum volume_kind kind, uint64_t size);
/*
 * The file system of a folder that is there, and what is free.  E_SYS; E_USAGE
 * where it does not say what is free.
 */
int volume_at(struct volume *v, int fd, const char *path, struct err *e);
/* The same medium, as if it had that file system. */
void volume_set_kind(struct volume *v, enum volume_kind kind);

/* "fat32", "exfat", "ntfs", "any". */
bool volume_kind_read(enum volume_kind *kind, const char *text);
/*
 * "32G": decimal as media are sold, K M G T; "30Gi": binary; or bytes.  "cd",
 * "dvd", "bd": then *disc is set.
 */
bool volume_size_read(uint64_t *size, bool *disc, const char *text);

/* Bytes that a file takes, without its name. */
uint64_t volume_file(const struct volume *v, uint64_t size);
/* Bytes of a name of so many characters in its folder. */
uint64_t volume_name(const struct volume *v, size_t len);
/* Bytes that a folder with so many bytes of names takes. */
uint64_t volume_folder(const struct volume *v, uint64_t names);

#endif
