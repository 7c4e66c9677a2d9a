/* SPDX-License-Identifier: ISC */
#include "lib/choose/choose.h"

#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/choose/choose_priv.h"

int
choose_open(struct choose *c, const struct policy *p, struct store *s,
    int64_t now, struct err *e)
{
	*c = (struct choose){.policy = p, .store = s, .now = now};
	if ((c->priv = calloc(1, sizeof(*c->priv))) == NULL)
		return err_nomem(e);
	c->priv->notes = (struct choose_notes)CHOOSE_NOTES_INIT;
	c->priv->notes.subject = p->name != NULL ? p->name : "policy";
	if (choose_names(c, e) == -1) {
		choose_close(c);
		return -1;
	}
	return 0;
}

void
choose_close(struct choose *c)
{
	free(c->products);
	free(c->classifications);
	if (c->priv != NULL) {
		free(c->priv->named);
		free(c->priv->rows);
		free(c->priv->parts);
		choose_notes_free(&c->priv->notes);
		free(c->priv);
	}
	*c = (struct choose)CHOOSE_INIT;
}

int
choose_update(struct choose *c, int64_t row, enum choose_why *why,
    struct buf *text, struct err *e)
{
	const struct choose_row *r;

	if (choose_load(c, e) == -1 || (r = choose_row(c, row, e)) == NULL)
		return -1;
	*why = (enum choose_why)r->why;
	return text == NULL ? 0 : choose_why_text(c, row, text, e);
}

int
choose_tell(struct choose *c, struct log *log, struct err *e)
{
	return choose_load(c, e) == -1
	    ? -1
	    : choose_notes_tell(&c->priv->notes, log, e);
}

int
choose_each_note(struct choose *c,
    int (*each)(void *arg, const struct choose_note *n, struct err *e),
    void *arg, struct err *e)
{
	const struct choose_notes *n = &c->priv->notes;
	size_t i;

	if (choose_load(c, e) == -1)
		return -1;
	for (i = 0; i < n->n; i++)
		if (each(arg, &n->v[i], e) == -1)
			return -1;
	return 0;
}

int
choose_hash(struct choose *c, uint8_t sha256[SHA256_LEN], struct err *e)
{
	return choose_load(c, e) == -1
	    ? -1
	    : choose_notes_hash(&c->priv->notes, sha256, e);
}

const char *
choose_word(enum choose_why why)
{
	static const char *const words[CHOOSE_NWHYS] = {
	    [CHOOSE_IN] = "in",
	    [CHOOSE_APPROVED] = "approved",
	    [CHOOSE_NOT_SHOWN] = "not-shown",
	    [CHOOSE_DECLINED] = "declined",
	    [CHOOSE_EXPIRED] = "expired",
	    [CHOOSE_HIDDEN] = "hidden",
	    [CHOOSE_NOT_APPROVED] = "not-approved",
	    [CHOOSE_DRIVER] = "driver",
	    [CHOOSE_PRODUCT] = "product",
	    [CHOOSE_CLASSIFICATION] = "classification",
	    [CHOOSE_KB] = "kb",
	    [CHOOSE_TITLE] = "title",
	    [CHOOSE_ARCHITECTURE] = "architecture",
	    [CHOOSE_LANGUAGE] = "language",
	    [CHOOSE_AGE] = "age",
	    [CHOOSE_SUPERSEDED] = "superseded",
	};

	return words[why];
}
