/* SPDX-License-Identifier: ISC */
/*
 * What wanted updates need and the policy's lists do not name: a fetch goes
 * after it, at any upstream, and asks no more than once for what there is.
 */
#include "tests/t.h"

#include <unistd.h>

#include "lib/store/store.h"
#include "tests/fault/plant.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

T_TEST(what_wanted_updates_need_comes_at_whatever_depth)
{
	plant_make();
	plant_fetch(0, plant.policy);
	plant_listed(2);
	for (unsigned i = PLANT_CHAIN; i <= PLANT_CHAIN + PLANT_DEEP; i++)
		T_OK(plant_holds(i));
	T_OK(plant_holds(20) && plant_holds(21) && plant_holds(22));
	T_OK(!plant_holds(30)); /* nobody needs it */
	T_OK(!plant_holds(PLANT_NOWHERE));
}

T_TEST(all_that_there_is_is_listed_for_news_alone)
{
	plant_make();
	plant_fetch(0, plant.policy);
	plant_listed(2);
	plant_fetch(0, plant.policy);
	plant_listed(1);
	plant_fetch(0, plant.policy);
	plant_listed(1);
}

T_TEST(what_came_by_other_ways_is_followed_too)
{
	struct store *s;

	plant_make();
	s = make_begun(plant.store);
	plant_put(s, 10, "Software", PLANT_NEEDS("%G") PLANT_END, PLANT_PRODUCT,
	    PLANT_SECURITY, PLANT_CHAIN);
	make_commit(s);
	store_close(s);
	plant_fetch(0, plant.policy);
	plant_listed(2);
	T_OK(plant_holds(PLANT_CHAIN) && plant_holds(PLANT_CHAIN + PLANT_DEEP));
}

T_TEST(without_a_policy_all_of_it_was_listed_already)
{
	plant_make();
	plant_fetch(0, NULL);
	plant_listed(1);
	T_OK(plant_holds(PLANT_CHAIN + PLANT_DEEP) && plant_holds(30));
}

T_TEST(what_is_lacking_is_told_once_and_each_run_ends_with_10)
{
	plant_make();
	plant.quiet = true;
	plant_write(plant.modes, "GetRevisionIdList#3 empty\n");
	plant_fetch(10, plant.policy);
	T_OK(house_said("cannot leave: it needs "));
	T_OK(house_said("3 revisions lack 3 updates"));
	plant_fetch(10, plant.policy);
	T_OK(!house_said("cannot leave"));
	plant.quiet = false;
	plant_fetch(10, plant.policy);
	T_OK(house_said("cannot leave: it needs "));
	plant.full = true;
	plant_write(plant.modes, "");
	plant_fetch(0, plant.policy);
	T_OK(!house_said("cannot leave"));
}

T_TEST(an_upstream_that_gives_no_whole_list_is_told_and_no_failure)
{
	static const char *const modes[] = {
	    "GetRevisionIdList#3 fault InternalServerError\n",
	    "GetRevisionIdList#3 fault NoSuchThing\n",
	    "GetRevisionIdList#3 empty\n",
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		plant_make();
		plant_write(plant.modes, modes[i]);
		plant_fetch(10, plant.policy);
		T_OK(house_said("list of all updates is not to be had"));
		T_OK(plant_holds(10) && !plant_holds(PLANT_CHAIN));
	}
}

T_MAIN
