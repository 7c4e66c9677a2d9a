/* SPDX-License-Identifier: ISC */
/*
 * Random histories of a store and its offer in real files: imports, builds,
 * going back, backups and restores of either part, damage, a folder moved away,
 * servers that lag behind.  No id ever means two things to a client that was
 * not told to begin anew, and the generation only rises.
 */
#include "lib/offer/offer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/view/snap.h"
#include "tests/fault/disk.h"
#include "tests/offer_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define UPDATES 6 /* ids 10 and on */
#define BACKUPS 2
#define SERVERS 2
#define CLIENTS 3
#define STEPS 14

struct client {
	bool cookie;
	struct snapshot_issuer issuer;
	struct {
		uint32_t id, revision;
		struct guid update;
	} seen[200];
	size_t nseen;
};

struct world {
	struct offer_rig r;
	uint32_t revision[UPDATES]; /* the newest held; 0: none */
	struct {
		bool full;
		uint32_t revision[UPDATES];
		char dir[400];
	} backup[BACKUPS];
	struct snapshot server[SERVERS];
	bool serves[SERVERS];
	struct client client[CLIENTS];
	uint32_t highest; /* generation that was ever there, of this folder */
};

static uint64_t ncalls, nchanged, nbuilds, nback;

static unsigned
any(unsigned n)
{
	return (unsigned)(t_random() % n);
}

static const char *
offer_dir(const struct world *w)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER, w->r.dir);
	return path;
}

static bool
there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* --- what happens to the store and its folder --- */

static void
import(struct world *w)
{
	unsigned i = any(UPDATES);

	om_one(&w->r, 10 + i, ++w->revision[i], any(4) != 0);
}

static void
build(struct world *w)
{
	static const char *const rings[] = {OM_PILOT, OM_PILOT "delay = 2\n",
	    OM_PILOT "decline = KB5000011\n", OM_PILOT "ring = b\n"};
	uint32_t before = w->highest;
	int got;

	om_rings(&w->r, rings[any(4)]);
	om_at(&w->r, OM_NOW + (int64_t)any(5) * OM_DAY);
	/* As it is drawn where there is none before. */
	w->r.o.epoch = 1 + any(UINT32_MAX - 1);
	got = om_do(&w->r, "yes");
	if (got == -1)
		t_fail(__FILE__, __LINE__, "%s", w->r.said);
	nbuilds += got == 1;
	w->highest = om_generation(&w->r);
	T_OK(got != 1 || w->highest > before);
}

static void
go_back(struct world *w)
{
	uint32_t before = w->highest;

	if (!there(offer_dir(w)) || om_do(&w->r, "rollback") == -1)
		return;
	nback++;
	w->highest = om_generation(&w->r);
	T_OK(w->highest > before);
}

static void
copy_over(const char *from, const char *to)
{
	if (there(to))
		disk_remove(to);
	if (there(from))
		disk_copy(from, to);
}

static void
back_up(struct world *w)
{
	unsigned i = any(BACKUPS);
	char dir[400];

	snprintf(dir, sizeof(dir), "%.290s.backup%u", w->r.dir, i);
	memcpy(w->backup[i].dir, dir, sizeof(dir));
	copy_over(w->r.dir, w->backup[i].dir);
	memcpy(w->backup[i].revision, w->revision, sizeof(w->revision));
	w->backup[i].full = true;
}

/* Either part, or both. */
static void
restore(struct world *w)
{
	unsigned i = any(BACKUPS), what = any(3);
	char kept[400], from[500];

	if (!w->backup[i].full)
		return;
	snprintf(kept, sizeof(kept), "%.290s.kept", w->r.dir);
	snprintf(from, sizeof(from), "%s/" SNAP_FOLDER, w->backup[i].dir);
	if (what == 0) { /* the offer alone */
		copy_over(from, offer_dir(w));
	} else { /* the store, and the offer with it or not */
		copy_over(offer_dir(w), kept);
		copy_over(w->backup[i].dir, w->r.dir);
		if (what == 1)
			copy_over(kept, offer_dir(w));
		memcpy(w->revision, w->backup[i].revision, sizeof(w->revision));
	}
	w->highest = 0;
}

static void
damage(struct world *w)
{
	char path[500], name[SNAP_NAME_MAX];
	uint32_t generation = there(offer_dir(w)) ? om_generation(&w->r) : 0;
	int fd;

	if (generation == 0)
		return;
	snap_name(name, generation);
	snprintf(path, sizeof(path), "%s/%s", offer_dir(w), name);
	if (!there(path))
		return;
	T_EQ(chmod(path, 0644), 0);
	fd = open(path, O_WRONLY);
	T_EQ(pwrite(fd, "x", 1, 200 + any(100)), 1);
	(void)close(fd);
}

static void
move_away(struct world *w)
{
	if (any(4) == 0 && there(offer_dir(w))) {
		disk_remove(offer_dir(w));
		w->highest = 0;
	}
}

/* --- servers and clients --- */

/* A server takes what current names, where that is sound; or it lags. */
static void
serve(struct world *w)
{
	unsigned i = any(SERVERS);
	struct snapshot s = SNAPSHOT_INIT;
	struct err e = ERR_INIT;
	uint32_t generation;
	int fd = open(offer_dir(w), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		return;
	if (snap_current(fd, &generation, &e) == 1 &&
	    snap_read(&s, fd, NULL, generation, &e) == 0) {
		snapshot_free(&w->server[i]);
		w->server[i] = s;
		w->serves[i] = true;
	} else {
		snapshot_free(&s);
	}
	(void)close(fd);
}

static void
see(struct client *c, const struct snapshot *s, size_t i)
{
	const struct snapshot_revision *r = &s->revisions[i];
	uint32_t id = s->base + r->n;
	const struct guid *update = &s->updates[r->update].id;
	size_t k;

	for (k = 0; k < c->nseen; k++) {
		if (c->seen[k].id != id)
			continue;
		if (c->seen[k].revision != r->revision ||
		    guid_cmp(&c->seen[k].update, update) != 0)
			t_fail(__FILE__, __LINE__,
			    "id %u means two things to a client", id);
		return;
	}
	if (c->nseen == sizeof(c->seen) / sizeof(*c->seen))
		return;
	c->seen[c->nseen].id = id;
	c->seen[c->nseen].revision = r->revision;
	c->seen[c->nseen++].update = *update;
}

static void
call(struct world *w)
{
	struct client *c = &w->client[any(CLIENTS)];
	unsigned i = any(SERVERS);
	const struct snapshot *s = &w->server[i];

	if (!w->serves[i])
		return;
	ncalls++;
	if (c->cookie && !snapshot_knows(s, &c->issuer)) {
		c->nseen = 0; /* ServerChanged */
		nchanged++;
	}
	c->cookie = true;
	c->issuer = (struct snapshot_issuer){
	    .store = s->store, .epoch = s->epoch, .generation = s->generation};
	memcpy(c->issuer.id, s->id, SNAPSHOT_ID_LEN);
	for (size_t k = 0; k < s->nrevisions; k++)
		see(c, s, k);
}

static void
history(struct world *w, const char *fresh)
{
	static void (*const does[])(struct world *) = {import, import, build,
	    build, build, go_back, back_up, restore, damage, move_away, serve,
	    serve};

	copy_over(fresh, w->r.dir);
	for (unsigned i = 0; i < STEPS; i++) {
		does[any(sizeof(does) / sizeof(*does))](w);
		serve(w);
		call(w);
		call(w);
	}
	for (unsigned i = 0; i < SERVERS; i++)
		snapshot_free(&w->server[i]);
}

T_TEST(no_id_means_two_things)
{
	static struct world first, w;
	char fresh[400];
	unsigned n = getenv("WF_LONG") != NULL ? 3000 : 80;

	om_setup(&first.r, NULL);
	first.r.o.rings = first.r.rings;
	snprintf(fresh, sizeof(fresh), "%.290s.fresh", first.r.dir);
	disk_copy(first.r.dir, fresh);
	for (unsigned i = 0; i < n; i++) {
		w = first;
		w.r.o.now = w.r.now;
		w.r.o.store = w.r.dir;
		w.r.o.rings = w.r.rings;
		history(&w, fresh);
	}
	/* All of it happened. */
	T_OK(ncalls > 5 * n && nbuilds > n && nback > 0 && nchanged > 0);
	if (getenv("WF_LONG") != NULL)
		printf("%u histories: %" PRIu64 " builds, %" PRIu64
		       " times back, %" PRIu64 " calls, %" PRIu64
		       " ServerChanged\n",
		    n, nbuilds, nback, ncalls, nchanged);
}

T_MAIN
