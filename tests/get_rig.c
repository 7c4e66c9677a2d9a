/* SPDX-License-Identifier: ISC */
#include "tests/get_rig.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/t.h"

uint8_t rig_file[RIG_SIZE];
struct digest rig_sums;
struct get_peer rig_peer;

static void
make_file_once(void)
{
	struct err e = ERR_INIT;

	if (rig_sums.bytes != 0)
		return;
	for (size_t i = 0; i < RIG_SIZE; i++)
		rig_file[i] = (uint8_t)(t_random() >> 24);
	T_CALL(digest_mem(DIGEST_BOTH, rig_file, RIG_SIZE, &rig_sums, &e), &e);
	T_CALL(http_init(&e), &e);
	get_peer_open(&rig_peer, rig_file, RIG_SIZE);
}

void
rig_env(struct rig *r)
{
	const struct http_opts net = {
	    .proxy = "", .tries = 3, .wait_ms = 1, .connect_s = 2};
	struct err e = ERR_INIT;

	T_CALL(get_env_open(&r->env, &r->content, &net, 1, 0, &e), &e);
}

void
rig_open(struct rig *r)
{
	struct err e = ERR_INIT;

	make_file_once();
	get_peer_script(&rig_peer, PEER_GOOD, 0);
	rig_peer.tag = PEER_STRONG;
	memset(r, 0, sizeof(*r));
	r->dirfd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY);
	T_EQ(mkdirat(r->dirfd, "staging", 0755), 0);
	r->staging = openat(r->dirfd, "staging", O_RDONLY | O_DIRECTORY);
	T_CALL(content_open(&r->content, r->dirfd, r->staging, &e), &e);
	rig_env(r);
}

void
rig_close(struct rig *r)
{
	get_env_close(&r->env);
	content_close(&r->content);
	close(r->staging);
	close(r->dirfd);
}

void
rig_fresh(struct rig *r)
{
	r->g = (struct get){.job = {.run = get_run, .err = ERR_INIT},
	    .env = &r->env,
	    .has_sha256 = true,
	    .has_size = true,
	    .size = RIG_SIZE,
	    .ext = "cab"};
	memcpy(r->g.sha1, rig_sums.sha1, SHA1_LEN);
	memcpy(r->g.sha256, rig_sums.sha256, SHA256_LEN);
}

void
rig_url(struct rig *r, unsigned port, const char *path, int base)
{
	char url[128];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port, path);
	r->g.urls[r->g.nurls++] = (struct get_url){.url = strdup(url),
	    .base = base,
	    .whose = base == -1 ? GET_ELSEWHERE : GET_UPSTREAM};
}

void
rig_go(struct rig *r)
{
	r->g.job.run(&r->g.job);
	get_free(&r->g);
}

/* One URL, with what is there of the file. */
void
rig_get(struct rig *r)
{
	rig_fresh(r);
	rig_url(r, rig_peer.port, "/file", -1);
	rig_go(r);
}

bool
rig_has(struct rig *r, enum content_part k, off_t *size, mode_t *mode)
{
	char name[CONTENT_PART_MAX];
	struct stat st;

	content_part_name(name, rig_sums.sha1, k);
	if (fstatat(r->staging, name, &st, 0) == -1)
		return false;
	if (size != NULL)
		*size = st.st_size;
	if (mode != NULL)
		*mode = st.st_mode & 0777;
	return true;
}

/* Staged under the right name, whole and sealed, and settles. */
void
rig_expect_got(struct rig *r)
{
	struct err e = ERR_INIT;
	uint64_t size;
	mode_t mode = 0;
	off_t n = 0;

	T_EQ(r->g.job.err.kind, E_NONE);
	T_STR(r->g.job.err.msg, "");
	T_EQ(r->g.outcome, SYNC_GOT);
	if (r->g.outcome != SYNC_GOT) {
		T_STR(r->g.why, "");
		return;
	}
	T_OK(rig_has(r, CONTENT_PART, &n, &mode));
	T_EQ(n, RIG_SIZE);
	T_EQ(mode, 0444);
	T_MEM(r->g.st.digest.sha256, rig_sums.sha256, SHA256_LEN);
	T_CALL(content_settle(&r->content, &r->g.st, 1, &e), &e);
	T_EQ(content_has(&r->content, rig_sums.sha1, "cab", &size, &e), 1);
	T_EQ(size, RIG_SIZE);
}

void
rig_expect_not(struct rig *r, enum sync_outcome o, const char *why)
{
	struct err e = ERR_INIT;
	uint64_t size;

	T_EQ(r->g.job.err.kind, E_NONE);
	T_EQ(r->g.outcome, o);
	if (strstr(r->g.why, why) == NULL)
		T_STR(r->g.why, why);
	T_STR(r->g.st.temp, "");
	T_EQ(content_has(&r->content, rig_sums.sha1, "cab", &size, &e), 0);
}

/* The first bytes are here, from the peer's file with that tag. */
void
rig_have(struct rig *r, size_t n, const char *etag)
{
	char name[CONTENT_PART_MAX], text[512];
	int fd;

	content_part_name(name, rig_sums.sha1, CONTENT_PART);
	fd = openat(r->staging, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	T_EQ(write(fd, rig_file, n), n);
	close(fd);
	content_part_name(name, rig_sums.sha1, CONTENT_PART_INFO);
	snprintf(text, sizeof(text),
	    "wsusferry-part 1\nurl http://127.0.0.1:%u/file\nsize %u\n"
	    "etag %s\nend\n",
	    rig_peer.port, RIG_SIZE, etag);
	fd = openat(r->staging, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	T_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}
