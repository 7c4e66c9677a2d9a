/* SPDX-License-Identifier: ISC */
#include "tests/print.h"

#include <inttypes.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"

static const char *
yes_no(bool v)
{
	return v ? "yes" : "no";
}

/* A stranger's text, on one line. */
static int
put(struct buf *b, const char *what, const char *v, struct err *e)
{
	size_t off;

	if (*v == '\0')
		return 0;
	if (buf_printf(b, e, "%s: ", what) == -1)
		return -1;
	off = b->len;
	if (buf_puts(b, v, e) == -1 || buf_str(b, e) == NULL)
		return -1;
	utf8_clean((char *)b->p + off);
	return buf_puts(b, "\n", e);
}

static int
put_config(struct buf *b, const struct ss_config *c, struct err *e)
{
	size_t i;

	if (buf_printf(b, e,
		"catalogue only: %s\nlazy: %s\nexpress files: %s\n",
		yes_no(c->catalog_only), yes_no(c->lazy),
		yes_no(c->hosts_psf)) == -1)
		return -1;
	if (c->has_max_updates &&
	    buf_printf(b, e, "updates in a request: %" PRId64 "\n",
		c->max_updates) == -1)
		return -1;
	if (put(b, "anchor", c->anchor, e) == -1 ||
	    put(b, "protocol", c->version, e) == -1)
		return -1;
	for (i = 0; i < c->nlangs; i++)
		if (c->langs[i].enabled &&
		    put(b, "language", c->langs[i].name, e) == -1)
			return -1;
	return 0;
}

static int
put_fault(struct buf *b, const struct soap_fault *f, struct err *e)
{
	if (put(b, "fault", soap_code_word(f->code), e) == -1 ||
	    put(b, "error code", f->word, e) == -1 ||
	    put(b, "message", f->message, e) == -1 ||
	    put(b, "id", f->id, e) == -1 ||
	    put(b, "method", f->method, e) == -1)
		return -1;
	return put(b, "says", f->string, e);
}

static int
put_reply(struct buf *b, enum ss_op op, const struct ss_reply *r, struct err *e)
{
	switch (op) {
	case SS_GET_AUTH_CONFIG:
		if (put(b, "plug-in", r->plugin_id, e) == -1)
			return -1;
		return put(b, "service", r->service_url, e);
	case SS_GET_AUTHORIZATION_COOKIE:
		return put(b, "plug-in", r->auth.plugin, e);
	case SS_GET_COOKIE:
		return put(b, "expires", r->cookie.expiration, e);
	case SS_GET_CONFIG_DATA:
		return put_config(b, &r->config, e);
	default:
		if (put(b, "anchor", r->anchor, e) == -1)
			return -1;
		return buf_printf(b, e,
		    "members: %" PRIu64 "\nskipped: %" PRIu64 "\n", r->members,
		    r->skipped);
	}
}

/* Cookies and keys are secrets, and not printed. */
int
serversync_print(
    enum ss_op op, const struct ss_reply *r, struct sink *to, struct err *e)
{
	struct buf b = BUF_INIT;
	int ret = -1;

	if (put(&b, "operation", serversync_op_name(op), e) == -1)
		goto out;
	if (r->fault.code != SOAP_OK) {
		if (put_fault(&b, &r->fault, e) == -1)
			goto out;
	} else if (put_reply(&b, op, r, e) == -1) {
		goto out;
	}
	ret = sink_write(to, b.p, b.len, e);
out:
	buf_free(&b);
	return ret;
}
