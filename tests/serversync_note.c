/* SPDX-License-Identifier: ISC */
#include "tests/serversync_note.h"

#include <fcntl.h>
#include <unistd.h>

#include "formats/xml.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "tests/t.h"

/* The line's beginning, unless it is the call that is to fail. */
static int
begin(struct note *n, const char *what, struct err *e)
{
	if (n->fail != NULL && strcmp(n->fail, what) == 0)
		return err_set(e, E_STOP, "%s is not wanted", what);
	return buf_puts(&n->b, what, e);
}

static int
put_guid(struct note *n, const struct guid *id, struct err *e)
{
	char text[GUID_LEN + 1];

	guid_write(text, id);
	return buf_printf(&n->b, e, " %s", text);
}

static int
put_rev(struct note *n, const struct ss_rev *rev, struct err *e)
{
	if (put_guid(n, &rev->id, e) == -1)
		return -1;
	return buf_printf(&n->b, e, ".%u", rev->revision);
}

static int
put_hex(struct note *n, const uint8_t *p, size_t len, struct err *e)
{
	char text[2 * 256 + 1];

	if (p == NULL)
		return buf_puts(&n->b, " -", e);
	hex_lower(text, p, len < 256 ? len : 256);
	return buf_printf(&n->b, e, " %s", text);
}

static int
on_rev(void *arg, const struct ss_rev *rev, struct err *e)
{
	struct note *n = arg;

	if (begin(n, "rev", e) == -1 || put_rev(n, rev, e) == -1)
		return -1;
	return buf_puts(&n->b, "\n", e);
}

static int
put_blob(struct note *n, const struct ss_item *it, struct err *e)
{
	static const char *const words[] = {"none", "plain", "cab"};
	const char *encoding;

	if (buf_printf(&n->b, e, " %s '", words[it->blob]) == -1)
		return -1;
	if (!n->docs)
		return it->n > 0 ? buf_put(&n->b, it->p, it->n, e) : 0;
	if (serversync_doc(n->r, it, &n->b, &encoding, e) == -1)
		return -1;
	return buf_printf(&n->b, e, "' %s '", encoding);
}

static int
on_item(void *arg, const struct ss_item *it, struct err *e)
{
	struct note *n = arg;
	size_t i;

	if (begin(n, "item", e) == -1 || put_rev(n, &it->rev, e) == -1 ||
	    put_blob(n, it, e) == -1 || buf_puts(&n->b, "'", e) == -1)
		return -1;
	for (i = 0; i < it->nsha1; i++)
		if (put_hex(n, it->sha1[i], SHA1_LEN, e) == -1)
			return -1;
	return buf_puts(&n->b, "\n", e);
}

static int
on_url(void *arg, const struct ss_url *u, struct err *e)
{
	struct note *n = arg;

	if (begin(n, "url", e) == -1 ||
	    put_hex(n, u->sha1, SHA1_LEN, e) == -1 ||
	    buf_printf(&n->b, e, " %s", u->url != NULL ? u->url : "-") == -1 ||
	    put_hex(n, u->key, u->nkey, e) == -1)
		return -1;
	return buf_puts(&n->b, "\n", e);
}

static int
on_key(void *arg, const struct ss_key *k, struct err *e)
{
	struct note *n = arg;

	if (begin(n, "key", e) == -1 || put_rev(n, &k->rev, e) == -1 ||
	    put_hex(n, k->sha1, SHA1_LEN, e) == -1 ||
	    put_hex(n, k->key, k->nkey, e) == -1)
		return -1;
	return buf_puts(&n->b, "\n", e);
}

static int
on_deployment(void *arg, const struct ss_deployment *d, struct err *e)
{
	struct note *n = arg;

	if (begin(n, "deployment", e) == -1 || put_rev(n, &d->rev, e) == -1 ||
	    buf_printf(&n->b, e, " %u", d->action) == -1 ||
	    put_guid(n, &d->deployment, e) == -1 ||
	    put_guid(n, &d->group, e) == -1)
		return -1;
	return buf_printf(&n->b, e, "%s %s %s\n",
	    d->optional ? " optional" : "",
	    d->deadline != NULL ? d->deadline : "-",
	    d->admin != NULL ? d->admin : "-");
}

static int
on_group(void *arg, const struct ss_group *g, struct err *e)
{
	struct note *n = arg;

	if (begin(n, "group", e) == -1 || put_guid(n, &g->id, e) == -1 ||
	    (g->has_parent && put_guid(n, &g->parent, e) == -1))
		return -1;
	return buf_printf(&n->b, e, " %s\n", g->name);
}

static int
on_dead(void *arg, const struct guid *id, struct err *e)
{
	struct note *n = arg;

	if (begin(n, "dead", e) == -1 || put_guid(n, id, e) == -1)
		return -1;
	return buf_puts(&n->b, "\n", e);
}

static int
on_hidden(void *arg, const struct guid *id, struct err *e)
{
	struct note *n = arg;

	if (begin(n, "hidden", e) == -1 || put_guid(n, id, e) == -1)
		return -1;
	return buf_puts(&n->b, "\n", e);
}

void
note_open(struct note *n)
{
	struct err e = ERR_INIT;

	xml_init();
	memset(n, 0, sizeof(*n));
	n->b = (struct buf)BUF_INIT;
	n->reply = calloc(1, sizeof(*n->reply));
	T_CALL(serversync_reader_open(&n->r, &e), &e);
}

int
note_read(
    struct note *n, enum ss_op op, const void *p, size_t len, struct err *e)
{
	static const struct ss_each each = {on_rev, on_item, on_url, on_key,
	    on_deployment, on_group, on_dead, on_hidden};
	struct err lost = ERR_INIT;
	int r;

	buf_reset(&n->b);
	r = serversync_read(n->r, op, p, len, &each, n, n->reply, e);
	T_OK(buf_str(&n->b, &lost) != NULL);
	return r;
}

void
note_close(struct note *n)
{
	serversync_reader_close(n->r);
	buf_free(&n->b);
	free(n->reply);
}

void
note_wrap(struct buf *b, const char *body)
{
	struct err e = ERR_INIT;

	buf_reset(b);
	T_CALL(buf_printf(b, &e,
		   "<s:Envelope xmlns:s='%s'><s:Body>%s</s:Body></s:Envelope>",
		   SOAP_NS, body),
	    &e);
	T_OK(buf_str(b, &e) != NULL);
}

void
note_answer(struct buf *b, enum ss_op op, const char *result)
{
	const char *name = serversync_op_name(op);
	struct buf body = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(buf_printf(&body, &e,
		   "<%sResponse xmlns='%s' xmlns:i='%s'><%sResult>%s"
		   "</%sResult></%sResponse>",
		   name, op == SS_GET_AUTHORIZATION_COOKIE ? SS_AUTH_NS : SS_NS,
		   SOAP_XSI, name, result, name, name),
	    &e);
	note_wrap(b, buf_str(&body, &e));
	buf_free(&body);
}

void
note_need_samples(void)
{
	if (t_sample("server-sync/exchanges/000001/response.body") == NULL)
		t_skip("no samples at hand");
}

void
note_sample(struct buf *b, const char *name)
{
	const char *path = t_sample(name);
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct src s = SRC_INIT;
	struct sink to = SINK_INIT;
	struct err e = ERR_INIT;

	T_OK(fd != -1);
	buf_reset(b);
	sink_buf(&to, b);
	T_CALL(src_fd(&s, fd, &e), &e);
	T_CALL(src_copy(&s, &to, &e), &e);
	src_close(&s);
	close(fd);
}

void
note_good(struct note *n, enum ss_op op, const char *result)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	note_answer(&b, op, result);
	T_CALL(note_read(n, op, b.p, b.len, &e), &e);
	T_EQ(n->reply->fault.code, SOAP_OK);
	buf_free(&b);
}
