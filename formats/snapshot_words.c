/* SPDX-License-Identifier: ISC */
#include "formats/snapshot.h"

const char *
snapshot_action_word(enum snapshot_action a)
{
	static const char *const words[SNAPSHOT_ACTIONS] = {
	    [SNAPSHOT_EVALUATE] = "evaluate",
	    [SNAPSHOT_BUNDLE] = "bundle",
	    [SNAPSHOT_INSTALL] = "install",
	    [SNAPSHOT_OPTIONAL] = "optional",
	    [SNAPSHOT_UNINSTALL] = "uninstall",
	    [SNAPSHOT_WATCH] = "watch",
	};

	return words[a];
}

const char *
snapshot_withheld_word(enum snapshot_withheld w)
{
	static const char *const words[SNAPSHOT_WITHHELDS] = {
	    [SNAPSHOT_NOT_WITHHELD] = "",
	    [SNAPSHOT_ABSENT] = "absent",
	    [SNAPSHOT_SHA1_ONLY] = "sha1-only",
	    [SNAPSHOT_DELAY] = "delay",
	    [SNAPSHOT_FREEZE] = "freeze",
	    [SNAPSHOT_EULA] = "eula",
	};

	return words[w];
}

bool
snapshot_holds(const struct snapshot_offer *o)
{
	return o->action == SNAPSHOT_INSTALL ||
	    o->action == SNAPSHOT_OPTIONAL || o->action == SNAPSHOT_UNINSTALL;
}

enum snapshot_state
snapshot_state(const struct snapshot_offer *o)
{
	switch (o->withheld) {
	case SNAPSHOT_ABSENT:
	case SNAPSHOT_SHA1_ONLY:
		return SNAPSHOT_INCOMPLETE;
	case SNAPSHOT_DELAY:
	case SNAPSHOT_FREEZE:
	case SNAPSHOT_EULA:
		return SNAPSHOT_WAITING;
	default:
		break;
	}
	if (snapshot_holds(o))
		return SNAPSHOT_OFFERED;
	return o->action == SNAPSHOT_WATCH ? SNAPSHOT_WATCHED : SNAPSHOT_NEEDED;
}

const char *
snapshot_state_word(enum snapshot_state s)
{
	static const char *const words[SNAPSHOT_STATES] = {
	    [SNAPSHOT_OFFERED] = "offered",
	    [SNAPSHOT_WAITING] = "waiting",
	    [SNAPSHOT_INCOMPLETE] = "incomplete",
	    [SNAPSHOT_WATCHED] = "watched",
	    [SNAPSHOT_NEEDED] = "needed",
	};

	return words[s];
}
