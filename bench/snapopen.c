/* SPDX-License-Identifier: ISC */
/* snapopen OFFER: the processor's seconds for opening what `current` names, the
   least of five. */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#include "formats/snapshot.h"
#include "lib/base/err.h"
#include "lib/view/snap.h"

static double
seconds(int dirfd, uint32_t generation)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct err e = ERR_INIT;
	clock_t began = clock();

	if (snap_read(&s, dirfd, NULL, generation, &e) == -1)
		fprintf(stderr, "snapopen: %s\n", e.msg);
	began = clock() - began;
	snapshot_free(&s);
	return (double)began / CLOCKS_PER_SEC;
}

int
main(int argc, char *argv[])
{
	struct err e = ERR_INIT;
	int dirfd = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY) : -1;
	double least = 1e9, s;
	uint32_t generation;

	if (dirfd == -1 || snap_current(dirfd, &generation, &e) != 1) {
		fprintf(stderr, "usage: snapopen OFFER\n");
		return 2;
	}
	for (int i = 0; i < 5; i++)
		if ((s = seconds(dirfd, generation)) < least)
			least = s;
	printf("%.4f\n", least);
	return 0;
}
