/* SPDX-License-Identifier: ISC */
/* Import looks for room before the first byte: to the last block and file. */
#include "tests/t.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "tests/stick.h"
#include "tests/stick_run.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

#define BLOCK 4096

static struct statvfs volume;

static int
say_volume(int fd, struct statvfs *fs)
{
	(void)fd;
	*fs = volume;
	return 0;
}

/* What the payload of the stick takes. */
static void
needed(struct stick *s, unsigned *blocks, unsigned *files)
{
	struct stick_file *f;

	*blocks = *files = 0;
	while ((f = stick_payload(s, *files)) != NULL) {
		*blocks += (unsigned)((f->bytes.len + BLOCK - 1) / BLOCK);
		++*files;
	}
}

static void
imported(unsigned blocks, unsigned files, int status, const char *says)
{
	const struct stick_home *h = stick_home();
	const char *said;

	volume = (struct statvfs){.f_frsize = BLOCK,
	    .f_blocks = 1000,
	    .f_bavail = blocks,
	    .f_files = 1000,
	    .f_favail = files};
	os.fstatvfs = say_volume;
	T_EQ(stick_import(h->path, h->pub), status);
	os.fstatvfs = os_real.fstatvfs;
	said = stick_said();
	if (strstr(said, says) == NULL)
		t_fail(__FILE__, __LINE__, "%s", said);
}

T_TEST(the_last_block_and_the_last_file_must_find_room)
{
	const struct stick_home *h = stick_home();
	unsigned blocks, files;
	struct stick s;

	stick_make(&s, &h->key);
	stick_seal(&s);
	stick_write(&s, h->path);
	needed(&s, &blocks, &files);
	T_OK(blocks > 1 && files > 1);
	imported(blocks, files, 10, "4 new");
	imported(blocks - 1, files, 4, "nothing was copied");
	imported(blocks, files - 1, 4, "nothing was copied");
	stick_free(&s);
}

T_MAIN
