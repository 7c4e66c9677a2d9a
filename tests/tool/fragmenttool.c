/* SPDX-License-Identifier: ISC */
/*
 * The fragments of every document of a metadata.txt, for shell tests:
 *
 *	fragmenttool METADATA.TXT [HELD]
 *
 * For each a line "ID REVISION TYPE LANGUAGE GEOID BYTES" ("-" for none), its
 * bytes and a line feed.  HELD: bytes held in one pass.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/fragment.h"
#include "formats/package.h"
#include "formats/xml.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"

struct tool {
	struct fragment_writer *w;
	const struct package_record *rec;
	struct buf b;
};

static const char *
word(const char *s)
{
	return *s != '\0' ? s : "-";
}

static int
say(void *arg, const struct fragment *f, struct err *e)
{
	struct tool *t = arg;
	char id[GUID_LEN + 1];

	guid_write(id, &t->rec->id);
	if (t->b.len != f->len)
		return err_set(
		    e, E_FORMAT, "%zu bytes, not %" PRIu64, t->b.len, f->len);
	printf("%s %" PRIu32 " %s %s %s %" PRIu64 "\n", id, t->rec->revision,
	    fragment_word(f->type), word(f->lang), word(f->geo), f->len);
	fwrite(t->b.p, 1, t->b.len, stdout);
	putchar('\n');
	buf_reset(&t->b);
	return 0;
}

static int
record(void *arg, const struct package_record *rec, struct err *e)
{
	struct tool *t = arg;
	struct sink to = SINK_INIT;
	const struct fragment_out out = {.to = &to, .done = say, .arg = t};
	struct fragment_odd odd;

	sink_buf(&to, &t->b);
	t->rec = rec;
	return fragment_write(t->w, rec->doc, rec->len, &out, &odd, e);
}

static int
run(struct tool *t, const char *path, struct err *e)
{
	struct package_meta *m = NULL;
	struct src s = SRC_INIT;
	int r = -1, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return err_sys(e, "%s", path);
	if (src_fd(&s, fd, e) == 0 &&
	    package_meta_open(&m, record, t, &package_default_limits, e) == 0 &&
	    src_copy(&s, package_meta_sink(m), e) == 0)
		r = package_meta_finish(m, NULL, NULL, e);
	package_meta_close(m);
	src_close(&s);
	close(fd);
	return r;
}

int
main(int argc, char *argv[])
{
	struct fragment_limits lim = fragment_default_limits;
	struct tool t = {.b = BUF_INIT};
	struct err e = ERR_INIT;
	int r;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: fragmenttool METADATA.TXT [HELD]\n");
		return 2;
	}
	if (argc == 3)
		lim.max_held = (size_t)strtoul(argv[2], NULL, 10);
	xml_init();
	r = fragment_writer_open(&t.w, &lim, &e);
	if (r == 0)
		r = run(&t, argv[1], &e);
	fragment_writer_close(t.w);
	buf_free(&t.b);
	if (r == -1)
		fprintf(stderr, "fragmenttool: %s\n", e.msg);
	return r == -1 ? err_status(e.kind) : 0;
}
