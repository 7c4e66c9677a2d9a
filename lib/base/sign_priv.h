/* SPDX-License-Identifier: ISC */
/* What the files of keys and of signatures have in common. */
#ifndef WF_SIGN_PRIV_H
#define WF_SIGN_PRIV_H

#include <stddef.h>

#include "lib/base/err.h"

#define SIGN_COMMENT "untrusted comment: "
#define SIGN_PUB_BYTES 42 /* algorithm, id, key */
#define SIGN_SEC_BYTES 158 /* algorithms, KDF's values, id, key, checksum */

struct sign_line {
	const char *p; /* borrowed */
	size_t len;
};

/* At most SIGN_MAX_TEXT; else an error of that kind. */
int sign_check_len(size_t len, enum err_kind k, struct err *e);
/* The base64 line of a key file whose form is that of `want` bytes. */
int sign_key_line(struct sign_line *l, size_t want, const char *text,
    size_t len, struct err *e);

#endif
