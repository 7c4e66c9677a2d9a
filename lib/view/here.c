/* SPDX-License-Identifier: ISC */
#include "lib/view/here.h"

#include "lib/store/content.h"
#include "lib/store/store.h"

int
here_open(struct content *c, struct store *s, struct err *e)
{
	if (c->dirfd != -1)
		return 0;
	return content_open(c, store_dirfd(s), -1, e);
}

int
here_look(struct content *c, struct store *s, const struct store_file *f,
    bool *present, struct err *e)
{
	struct content_seen seen;

	*present = false;
	if (!f->present)
		return 0;
	if (here_open(c, s, e) == -1 ||
	    content_look(c, f->sha1, f->ext, &f->size, &seen, e) == -1)
		return -1;
	*present = seen.here;
	return 0;
}
