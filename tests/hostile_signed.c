/* SPDX-License-Identifier: ISC */
/* Hostile rows: signatures, and whose they are. */
#include <unistd.h>

#include "formats/bag.h"
#include "lib/base/err.h"
#include "tests/hostile.h"
#include "tests/t.h"

#define SIGNATURE(name, bend, says)                                            \
	{                                                                      \
		name, HOSTILE_SEALED, bend, NULL, NULL, NULL, 8, says, 0,      \
		    HOSTILE_SAME                                               \
	}
#define TEXT(name, from, to)                                                   \
	{                                                                      \
		name, HOSTILE_SEALED, hostile_swap, STICK_SIGNATURE, from, to, \
		    8, STICK_SIGNATURE, 0, HOSTILE_SAME                        \
	}
#define TAGS(name, from, to)                                                   \
	{                                                                      \
		name, HOSTILE_SEALED, signed_again, from, to, NULL, 3,         \
		    STICK_TAGS, 0, HOSTILE_SAME                                \
	}
#define WRITTEN(name, bend, file, a)                                           \
	{                                                                      \
		name, HOSTILE_WRITTEN, bend, file, a, NULL, 8, file, 0,        \
		    HOSTILE_SAME                                               \
	}

static void
sign_as(struct stick *s, const struct sign_sec *by, const char *name)
{
	const struct buf *tags = &stick_find(s, STICK_TAGS)->bytes;
	struct buf sig = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(sign_make(by, tags->p, tags->len, "tests", &sig, &e), &e);
	stick_put(s, name, sig.p, sig.len);
	buf_free(&sig);
}

/* The name of a signature by the id of its key. */
static const char *
named(const struct sign_sec *key)
{
	static char name[80];
	char id[2 * SIGN_ID_LEN + 1];

	sign_id_text(id, key->id);
	snprintf(name, sizeof(name), STICK_TAGS ".%s.minisig", id);
	return name;
}

static void
by_its_id(struct hostile *h)
{
	stick_drop(&h->s, STICK_SIGNATURE);
	sign_as(&h->s, &stick_home()->key, named(&stick_home()->key));
}

static void
by_anothers_id(struct hostile *h)
{
	stick_drop(&h->s, STICK_SIGNATURE);
	sign_as(&h->s, &stick_home()->key, named(&hostile_home()->stranger));
}

static void
one_of_two_holds(struct hostile *h)
{
	sign_as(&h->s, &hostile_home()->stranger, STICK_SIGNATURE);
	sign_as(&h->s, &stick_home()->key, named(&stick_home()->key));
}

static void
by_a_stranger(struct hostile *h)
{
	sign_as(&h->s, &hostile_home()->stranger, STICK_SIGNATURE);
}

static void
by_a_revoked_key(struct hostile *h)
{
	sign_as(&h->s, &hostile_home()->revoked, STICK_SIGNATURE);
}

static void
by_a_key_for_receipts(struct hostile *h)
{
	sign_as(&h->s, &hostile_home()->receipts, STICK_SIGNATURE);
}

static void
revoked_beside_a_stranger(struct hostile *h)
{
	by_a_revoked_key(h);
	sign_as(
	    &h->s, &hostile_home()->stranger, named(&hostile_home()->stranger));
}

/* A signature of something else, by the right key. */
static void
of_another_text(struct hostile *h)
{
	struct buf sig = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(sign_make(&stick_home()->key, "x", 1, "tests", &sig, &e), &e);
	stick_put(&h->s, STICK_SIGNATURE, sig.p, sig.len);
	buf_free(&sig);
}

static void
by_no_key_that_is_known(struct hostile *h)
{
	h->keyless = true;
}

static void
under_no_name(struct hostile *h)
{
	stick_drop(&h->s, STICK_SIGNATURE);
	sign_as(&h->s, &stick_home()->key, STICK_TAGS ".north.minisig");
}

static void
under_a_lower_case_id(struct hostile *h)
{
	stick_drop(&h->s, STICK_SIGNATURE);
	sign_as(
	    &h->s, &stick_home()->key, STICK_TAGS ".0123456789abcdef.minisig");
}

static void
none(struct hostile *h)
{
	stick_drop(&h->s, STICK_SIGNATURE);
}

static void
no_tag_manifest(struct hostile *h)
{
	stick_find(&h->s, STICK_TAGS)->absent = true;
}

static void
seventeen(struct hostile *h)
{
	char name[80];

	for (unsigned i = 0; i < BAG_MAX_SIGNATURES; i++) {
		snprintf(name, sizeof(name), STICK_TAGS ".%016X.minisig", i);
		sign_as(&h->s, &hostile_home()->stranger, name);
	}
}

/* A signature that does not hold, before a tree that no reader would walk. */
static void
before_the_tree(struct hostile *h)
{
	stick_put(&h->s, "a/b/c/d/e/f/g/h/i/j/k", "x", 1)->undeclared = true;
	stick_put(&h->s, STICK_TAGS, "x", 1);
}

/* One who has the key changes the tag manifest itself. */
static void
signed_again(struct hostile *h)
{
	T_OK(stick_swap(
	    &stick_find(&h->s, STICK_TAGS)->bytes, h->row->a, h->row->b));
	sign_as(&h->s, &stick_home()->key, STICK_SIGNATURE);
}

static void
in_a_folder(struct hostile *h)
{
	stick_put(&h->s, "data/" STICK_SIGNATURE, "x", 1)->undeclared = true;
}

static void
beyond_its_limit(struct hostile *h)
{
	struct buf *b = &stick_find(&h->s, STICK_SIGNATURE)->bytes;
	struct err e = ERR_INIT;

	memset(buf_reserve(b, BAG_MAX_SIGNATURE, &e), 'a', BAG_MAX_SIGNATURE);
	b->len += BAG_MAX_SIGNATURE;
}

const struct hostile_row hostile_signed[] = {
    TAGS("path-escapes-in-tag-manifest", "  README.txt", "  ../README.txt"),
    TAGS("path-is-absolute-in-tag-manifest", "  README.txt", "  /README.txt"),
    TAGS("tag-manifest-of-tabs", "  README.txt", "\tREADME.txt"),
    TAGS("tag-manifest-of-windows-lines", "README.txt\n", "README.txt\r\n"),
    TAGS("tag-manifest-out-of-order", "  README.txt", "  zREADME.txt"),
    TAGS("tag-manifest-names-itself", "  README.txt", "  " STICK_TAGS),
    TAGS("tag-manifest-names-payload", "  README.txt", "  data/README.txt"),
    {"signed-by-the-id-of-its-key", HOSTILE_SEALED, by_its_id, NULL, NULL, NULL,
	HOSTILE_GOOD, NULL, 0, HOSTILE_TAKEN},
    {"signed-by-two-and-one-holds", HOSTILE_SEALED, one_of_two_holds, NULL,
	NULL, NULL, HOSTILE_GOOD, NULL, 0, HOSTILE_TAKEN},
    SIGNATURE(
	"signed-by-anothers-id", by_anothers_id, ", expected that of its name"),
    SIGNATURE("signed-by-an-unknown-key", by_a_stranger, "trusted"),
    SIGNATURE("signed-by-a-revoked-key", by_a_revoked_key, "was revoked here"),
    SIGNATURE("signed-by-a-revoked-key-and-an-unknown-one",
	revoked_beside_a_stranger, "was revoked here"),
    SIGNATURE("signed-by-a-key-for-receipts", by_a_key_for_receipts,
	"for receipts, not for transfers"),
    SIGNATURE("signature-of-another-text", of_another_text, STICK_SIGNATURE),
    SIGNATURE("signature-under-another-name", under_no_name,
	"unsigned: there is no " STICK_SIGNATURE),
    SIGNATURE("signature-under-an-id-in-lower-case", under_a_lower_case_id,
	"unsigned: there is no " STICK_SIGNATURE),
    SIGNATURE("no-signature", none, "unsigned"),
    SIGNATURE("no-tag-manifest", no_tag_manifest, STICK_TAGS),
    SIGNATURE("seventeen-signatures", seventeen, "more than 16 signatures"),
    SIGNATURE("signature-is-looked-at-before-the-tree", before_the_tree,
	STICK_SIGNATURE),
    SIGNATURE("signature-oversize", beyond_its_limit, STICK_SIGNATURE),
    {"signature-in-a-folder", HOSTILE_SEALED, in_a_folder, NULL, NULL, NULL, 3,
	"undeclared", 0, HOSTILE_SAME},
    SIGNATURE("no-key-is-known", by_no_key_that_is_known, "trusted key"),
    TEXT("signature-of-another-comment", "untrusted comment: wsusferry",
	"untrusted comment: wsusfairy"),
    TEXT("signature-of-another-trusted-comment", "trusted comment: tests",
	"trusted comment: texts"),
    TEXT("signature-of-windows-lines", "signature\n", "signature\r\n"),
    TEXT("signature-of-the-older-algorithm", "\nRU", "\nRW"),
    TEXT("signature-with-a-blank", "\nRU", "\n RU"),
    TEXT("signature-of-three-lines", "trusted comment: tests\n", ""),
    WRITTEN("signature-extended", hostile_grow, STICK_SIGNATURE, "\n"),
    WRITTEN("signature-truncated", hostile_length, STICK_SIGNATURE, "100"),
    WRITTEN("signature-emptied", hostile_length, STICK_SIGNATURE, "0"),
    WRITTEN("signature-byte", hostile_flip, STICK_SIGNATURE, "80"),
    WRITTEN("signature-last-byte", hostile_flip, STICK_SIGNATURE, "-2"),
    WRITTEN("signature-is-a-link", hostile_link, STICK_SIGNATURE, "bagit.txt"),
    WRITTEN("signature-is-a-fifo", hostile_node, STICK_SIGNATURE, "fifo"),
    WRITTEN("tag-manifest-byte", hostile_flip, STICK_TAGS, "3"),
    WRITTEN("tag-manifest-last-byte", hostile_flip, STICK_TAGS, "-2"),
    WRITTEN("tag-manifest-extended", hostile_grow, STICK_TAGS, "\n"),
    WRITTEN("tag-manifest-truncated", hostile_length, STICK_TAGS, "80"),
    WRITTEN("tag-manifest-emptied", hostile_length, STICK_TAGS, "0"),
    WRITTEN("tag-manifest-is-a-link", hostile_link, STICK_TAGS, "bagit.txt"),
    WRITTEN("tag-manifest-is-a-fifo", hostile_node, STICK_TAGS, "fifo"),
    WRITTEN("tag-manifest-is-a-device", hostile_node, STICK_TAGS, "device"),
};
const size_t hostile_signed_rows = sizeof(hostile_signed) /
    sizeof(hostile_signed[0]);
