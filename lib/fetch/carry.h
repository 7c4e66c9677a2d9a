/* SPDX-License-Identifier: ISC */
/*
 * What was read of documents when they arrived, for when the inbox is taken in
 * the same run: none is unpacked, hashed and read twice.  Half a kilobyte and
 * more for each; of what finds no room, and of what an earlier run left, the
 * document is read again.
 */
#ifndef WF_CARRY_H
#define WF_CARRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/store/docs.h"

struct store_doc;

#define CARRY_MAX ((size_t)96 << 20) /* bytes of documents' facts */

struct carry {
	struct arena arena;
	struct docs_read *v; /* owned; in the arena what it points at */
	size_t n, cap;
	bool sorted;
};
#define CARRY_INIT                                                             \
	{                                                                      \
		.arena = ARENA_INIT(CARRY_MAX)                                 \
	}

/* seal: SHA-256 of the packed document. */
void carry_keep(
    struct carry *c, const struct store_doc *d, const uint8_t seal[SHA256_LEN]);
/* Borrowed until the next carry_keep(); or NULL. */
const struct docs_read *carry_find(
    struct carry *c, const struct guid *id, uint32_t revision);
void carry_free(struct carry *c); /* it is empty then */

#endif
