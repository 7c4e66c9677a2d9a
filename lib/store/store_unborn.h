/* SPDX-License-Identifier: ISC */
/* A store that was made for what then was refused, or only tried. */
#ifndef WF_STORE_UNBORN_H
#define WF_STORE_UNBORN_H

#include <stdbool.h>

struct store;

/* It goes again, and its folder where that was not there before. */
void born_remove(struct store *s, const char *dir, bool was_there);

#endif
