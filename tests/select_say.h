/* SPDX-License-Identifier: ISC */
/* A small catalogue, and ring files applied to it. */
#ifndef WF_SELECT_SAY_H
#define WF_SELECT_SAY_H

#include <stdint.h>

#include "lib/base/blake.h"

struct store;

/* make_guid(103), of 104, of 900; of none held. */
#define SELECT_ID103 "abe30000-0000-0000-0000-000000000067"
#define SELECT_ID104 "ab080000-0000-0000-0000-000000000068"
#define SELECT_EULA "ab140000-0000-0000-0000-000000000384"
#define SELECT_NOBODY "00000000-0000-0000-0000-000000000999"

/*
 * In a transaction: 100 and 101: Windows 11, security; 101 is x64 and
 * supersedes 100; 102: Windows 11, definitions; 103: Windows 10, security, with
 * a licence; 104: a bundle's part; 105: Windows 11, security, expired.  KB
 * numbers are 5000 and theirs.
 */
struct store *select_catalogue(void);
/* The folder of the ring file and its lists. */
const char *select_folder(void);
extern uint8_t select_hash[BLAKE_LEN]; /* of lists, of the last call */
/*
 * "a: 100 101 +102@60\n" for each ring: what it selects, and of what the
 * upstream approved - none, + install, ? optional, ! uninstall, x declined,
 * with its deadline; or the kind of the error and its message.  Until the next
 * call; what was said is in choose_said.
 */
const char *select_say(struct store *s, const char *rings);
/* Why the first ring selects an update or not, likewise. */
const char *select_say_why(struct store *s, const char *rings, unsigned id);
/* What was said, without the folder. */
const char *select_behind(const char *text);

#endif
