/* SPDX-License-Identifier: ISC */
#include "tests/choose_make.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/log.h"
#include "lib/store/store_choose.h"
#include "tests/store_make.h"
#include "tests/t.h"

char choose_said[4096], choose_error[512];

void
choose_category(struct store *s, unsigned id, enum category_type type,
    const char *title, unsigned above)
{
	struct make m;

	make_category(&m, id, type);
	m.u.title = title;
	if (above != 0)
		make_needs(&m, 1, above);
	make_put_ok(s, &m);
}

struct store *
choose_store_in(const char *dir)
{
	struct store *s = make_begun(dir);

	choose_category(s, CM_MICROSOFT, CATEGORY_COMPANY, "Microsoft", 0);
	choose_category(
	    s, CM_WINDOWS, CATEGORY_FAMILY, "Windows", CM_MICROSOFT);
	choose_category(
	    s, CM_WIN10, CATEGORY_PRODUCT, "Windows 10", CM_WINDOWS);
	choose_category(
	    s, CM_WIN11, CATEGORY_PRODUCT, "Windows 11", CM_WINDOWS);
	choose_category(s, CM_DEFENDER, CATEGORY_PRODUCT,
	    "Microsoft Defender Antivirus", CM_MICROSOFT);
	choose_category(
	    s, CM_SECURITY, CATEGORY_CLASSIFICATION, "Security Updates", 0);
	choose_category(s, CM_DEFINITIONS, CATEGORY_CLASSIFICATION,
	    "Definition Updates", 0);
	return s;
}

struct store *
choose_store(void)
{
	return choose_store_in(t_tmpdir());
}

void
choose_offer(struct make *m, unsigned id, const char *title, unsigned product,
    unsigned classification)
{
	make_update(m, id, 1);
	m->u.title = title;
	m->u.deployable = true;
	m->u.created = "2027-01-01T00:00:00Z";
	if (product != 0)
		make_needs(m, 1, product);
	if (classification != 0)
		make_needs(m, 2, classification);
}

void
choose_part(struct make *m, unsigned id, const char *content)
{
	make_update(m, id, 1);
	make_file(m, content, "part.cab");
}

int
choose_quietly(int (*call)(void *arg, struct err *e), void *arg, struct err *e)
{
	int saved = dup(STDERR_FILENO), fd, r;
	ssize_t n;

	fd = memfd_create("said", MFD_CLOEXEC);
	(void)fflush(stderr);
	(void)dup2(fd, STDERR_FILENO);
	r = call(arg, e);
	(void)fflush(stderr);
	(void)dup2(saved, STDERR_FILENO);
	n = pread(fd, choose_said, sizeof(choose_said) - 1, 0);
	choose_said[n > 0 ? n : 0] = '\0';
	(void)close(saved);
	(void)close(fd);
	return r;
}

struct opening {
	struct applied *a;
	struct store *s;
};

static int
open_it(void *arg, struct err *e)
{
	struct log log = LOG_INIT;
	struct opening *o = arg;

	log.prog = "t";
	log.quiet = true;
	if (choose_open(&o->a->c, &o->a->policy, o->s, CHOOSE_NOW, e) == -1)
		return -1;
	return choose_tell(&o->a->c, &log, e);
}

int
choose_apply(struct applied *a, struct store *s, const char *text)
{
	struct opening o = {a, s};
	struct err e = ERR_INIT;

	*a = (struct applied){.policy = POLICY_INIT, .c = CHOOSE_INIT};
	choose_error[0] = '\0';
	T_CALL(policy_read(&a->policy, text, strlen(text), &e), &e);
	if (choose_quietly(open_it, &o, &e) == 0)
		return 0;
	snprintf(choose_error, sizeof(choose_error), "%s", e.msg);
	return -1;
}

void
choose_done(struct applied *a)
{
	choose_close(&a->c);
	policy_free(&a->policy);
}

const char *
choose_says(struct applied *a, unsigned id)
{
	static char out[1024];
	struct guid g = make_guid(id);
	struct buf b = BUF_INIT;
	enum choose_why why = CHOOSE_IN;
	struct err e = ERR_INIT;
	int64_t row = 0;

	T_EQ(store_newest(a->c.store, &g, &row, &e), 1);
	T_CALL(choose_update(&a->c, row, &why, &b, &e), &e);
	snprintf(out, sizeof(out), "%s: %s", choose_word(why),
	    b.p != NULL ? (char *)b.p : "");
	buf_free(&b);
	return out;
}

struct ins {
	struct applied a;
	char text[1024];
};

static int
note_in(void *arg, const struct store_fact *f, struct err *e)
{
	struct ins *in = arg;
	enum choose_why why;
	size_t n = strlen(in->text);

	if (choose_update(&in->a.c, f->row, &why, NULL, e) == -1)
		return -1;
	if (choose_is_in(why))
		snprintf(in->text + n, sizeof(in->text) - n, "%u ",
		    (unsigned)f->id.b[14] << 8 | f->id.b[15]);
	return 0;
}

const char *
choose_ins(struct store *s, const char *policy)
{
	static struct ins in;
	struct err e = ERR_INIT;

	in.text[0] = '\0';
	if (choose_apply(&in.a, s, policy) == -1)
		return choose_error;
	T_CALL(store_each_fact(s, 0, note_in, &in, &e), &e);
	choose_done(&in.a);
	return in.text;
}
