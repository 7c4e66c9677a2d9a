/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "formats/cab.h"
#include "formats/serversync_priv.h"
#include "lib/base/err.h"

#define VALUE_MAX ((size_t)4096) /* bytes of a number, say, with its blanks */
#define KEEP_MAX ((size_t)8 << 20) /* bytes that a buffer keeps for the next */

static const struct ss_row response_row = {
    .name = "response", .place = AT_RESPONSE};

/* clang-format off */
static const struct ss_row result_rows[SS_NOPS] = {
	[SS_GET_AUTHORIZATION_COOKIE] = {.needs = GOT_PLUGIN | GOT_COOKIE},
	[SS_GET_COOKIE] = {.needs = GOT_TIME | GOT_COOKIE},
};
/* clang-format on */

/* --- which element this is --- */

static bool
is_named(const struct xml_elem *el, const char *op, const char *suffix)
{
	size_t n = strlen(op);

	return strncmp(el->name, op, n) == 0 &&
	    strcmp(el->name + n, suffix) == 0;
}

static enum ss_place
place(const struct ss_reader *r)
{
	const struct ss_row *row = r->open[r->nopen - 1].row;

	if (row >= result_rows && row < result_rows + SS_NOPS)
		return (enum ss_place)(AT_RESULT + r->op);
	return row->place;
}

static const struct ss_row *
find_row(const struct ss_reader *r, const struct xml_elem *el)
{
	enum ss_place at = place(r);
	size_t i;

	if (el->ns != r->ns)
		return NULL;
	if (at == AT_RESPONSE)
		return is_named(el, serversync_op_name(r->op), "Result")
		    ? &result_rows[r->op]
		    : NULL;
	for (i = r->rows[at].first; i < r->rows[at].end; i++)
		if (strcmp(el->name, serversync_rows[i].name) == 0)
			return &serversync_rows[i];
	return NULL;
}

static const char *
name_of(const struct ss_reader *r, const struct ss_row *row)
{
	return row->name != NULL ? row->name : serversync_op_name(r->op);
}

/* "UpdateIdentity/UpdateID: ..." */
static int
in_row(const struct ss_reader *r, const struct ss_row *row, struct err *e)
{
	if (r->nopen < 2)
		return err_ctx(e, "%s", name_of(r, row));
	return err_ctx(
	    e, "%s/%s", name_of(r, r->open[r->nopen - 1].row), name_of(r, row));
}

/* --- a start --- */

static int
begin_root(struct ss_reader *r, const struct xml_elem *el, struct err *e)
{
	const struct ss_operation *op = &serversync_operations[r->op];

	if (el->ns == NULL || strcmp(el->ns, op->ns) != 0 ||
	    !is_named(el, op->name, "Response"))
		return err_set(e, E_FORMAT,
		    "answer is %.64s in '%.128s', expected %sResponse in '%s'",
		    el->name, el->ns != NULL ? el->ns : "", op->name, op->ns);
	r->ns = el->ns;
	r->open[0].row = &response_row;
	r->open[0].seen = 0;
	r->nopen = 1;
	return 0;
}

static int
count_member(struct ss_reader *r, struct err *e)
{
	if (r->nlisted == r->max_list)
		return err_set(e, E_LIMIT, "more than %ju members",
		    (uintmax_t)r->max_list);
	r->nlisted++;
	return 0;
}

static int
count_row(struct ss_reader *r, const struct ss_row *row, struct err *e)
{
	uint32_t *seen = &r->open[r->nopen - 1].seen, bit = 1;

	if (row->many)
		return count_member(r, e);
	if (row->name != NULL)
		bit <<= row - &serversync_rows[r->rows[row->parent].first];
	if ((*seen & bit) != 0)
		return err_set(e, E_FORMAT, "stands twice, expected once");
	*seen |= bit;
	return 0;
}

/* A member that is not inside of another one. */
static void
begin_member(struct ss_reader *r)
{
	*r->now.url = *r->now.name = *r->now.deadline = '\0';
	*r->now.lang_name = '\0';
	r->now.enabled = false;
	r->blob = SS_BLOB_NONE;
	r->doc.len = r->digests.len = r->key.len = r->keys.len = 0;
}

static int
begin_row(struct ss_reader *r, const struct ss_row *row, struct err *e)
{
	if (count_row(r, row, e) == -1)
		return in_row(r, row, e);
	r->got &= ~row->clears;
	if (row->clears == GOT_ALL)
		begin_member(r);
	if (row->clears != 0)
		r->key_off = r->key.len;
	r->text.len = 0;
	if (row->name == NULL)
		r->had_result = true;
	r->open[r->nopen].row = row;
	r->open[r->nopen++].seen = 0;
	return 0;
}

static int
on_start(void *arg, const struct xml_elem *el, struct err *e)
{
	struct ss_reader *r = arg;
	const struct ss_row *row, *top;

	if (r->nopen == 0)
		return begin_root(r, el, e);
	if (r->skipped > 0) {
		r->skipped++;
		return 0;
	}
	top = r->open[r->nopen - 1].row;
	if (top->text != NULL) {
		(void)err_set(e, E_FORMAT,
		    "element %.64s, expected escaped text", el->name);
		r->nopen--;
		return in_row(r, top, e);
	}
	if ((row = find_row(r, el)) == NULL) {
		r->skipped = 1;
		return 0;
	}
	return begin_row(r, row, e);
}

/* Absent, but for members of arrays: of those it is told how many. */
static int
on_nil(void *arg, const struct xml_elem *el, struct err *e)
{
	struct ss_reader *r = arg;
	const struct ss_row *row;

	if (r->nopen == 0 || r->skipped > 0 ||
	    r->open[r->nopen - 1].row->text != NULL)
		return 0;
	if ((row = find_row(r, el)) == NULL || !row->many)
		return 0;
	r->reply->skipped++;
	return count_member(r, e) == -1 ? in_row(r, row, e) : 0;
}

/* --- text, and an end --- */

static int
on_text(void *arg, const char *p, size_t n, struct err *e)
{
	struct ss_reader *r = arg;
	const struct ss_row *row;
	size_t max;

	if (r->skipped > 0 || r->nopen == 0)
		return 0;
	row = r->open[r->nopen - 1].row;
	if (row->text == NULL)
		return 0;
	max = row->size > VALUE_MAX ? row->size : VALUE_MAX;
	if (n > max - r->text.len)
		return err_set(
		    e, E_LIMIT, "%s: more than %zu bytes", row->name, max);
	if (n > r->text.cap - r->text.len &&
	    buf_reserve(&r->text, n, e) == NULL)
		return -1;
	memcpy(r->text.p + r->text.len, p, n);
	r->text.len += n;
	return 0;
}

static int
lacks(const struct ss_reader *r, unsigned missing, struct err *e)
{
	const struct xml_rows *rows = &r->rows[AT_RESULT + r->op];
	size_t i;

	for (i = rows->first; i < rows->end; i++)
		if ((serversync_rows[i].gives & missing) != 0)
			break;
	return err_set(e, E_FORMAT, "%sResult: no %s",
	    serversync_op_name(r->op), serversync_rows[i].name);
}

static int
end_row(struct ss_reader *r, const struct ss_row *row, struct err *e)
{
	unsigned missing = row->needs & ~r->got;

	if (missing != 0 && !row->many)
		return lacks(r, missing, e);
	if (!row->many)
		r->got |= row->gives;
	if (missing != 0)
		r->reply->skipped++;
	else if (row->end != NULL)
		return row->end(r, e);
	return 0;
}

static int
on_end(void *arg, const struct xml_elem *el, struct err *e)
{
	struct ss_reader *r = arg;
	const struct ss_row *row;
	static char none[1];

	(void)el;
	if (r->skipped > 0) {
		r->skipped--;
		return 0;
	}
	row = r->open[--r->nopen].row;
	if (row->text == NULL)
		return end_row(r, row, e);
	if (row->text(r, row, r->text.len > 0 ? (char *)r->text.p : none,
		r->text.len, e) == -1)
		return in_row(r, row, e);
	r->got |= row->gives;
	return 0;
}

/* --- an answer --- */

static void
begin_read(struct ss_reader *r, enum ss_op op, const struct ss_each *each,
    void *arg, struct ss_reply *reply)
{
	static const struct ss_each nobody = {.rev = NULL};

	memset(reply, 0, sizeof(*reply));
	r->op = op;
	r->each = each != NULL ? each : &nobody;
	r->arg = arg;
	r->reply = reply;
	r->ns = NULL;
	r->nopen = r->skipped = 0;
	r->had_result = false;
	r->nlisted = 0;
	r->got = 0;
	begin_member(r);
}

/* One large document must not stay with us for ever. */
static void
shrink(struct buf *b)
{
	if (b->cap > KEEP_MAX)
		buf_free(b);
}

int
serversync_read(struct ss_reader *r, enum ss_op op, const void *p, size_t n,
    const struct ss_each *each, void *arg, struct ss_reply *reply,
    struct err *e)
{
	static const struct xml_handler h = {on_start, on_end, on_text};
	int ret;

	begin_read(r, op, each, arg, reply);
	ret = soap_read(r->soap, p, n, &h, r, &reply->fault, e);
	shrink(&r->text);
	shrink(&r->doc);
	shrink(&r->unpacked);
	shrink(&r->digests);
	shrink(&r->keys);
	shrink(&r->key);
	if (ret == -1)
		return -1;
	if (reply->fault.code != SOAP_OK)
		return 0;
	if (!r->had_result && op != SS_DOWNLOAD_FILES)
		return err_at(e, n, "%sResponse: no %sResult",
		    serversync_op_name(op), serversync_op_name(op));
	reply->config.has_max_updates = (r->got & GOT_LIMIT) != 0;
	reply->has_deployments = (r->got & GOT_DEPLOYMENTS) != 0;
	reply->has_hidden = (r->got & GOT_HIDDEN) != 0;
	return 0;
}

/* --- a reader's life --- */

int
serversync_reader_open(struct ss_reader **out, struct err *e)
{
	struct ss_reader *r;
	size_t i;

	*out = NULL;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return err_nomem(e);
	r->max_list = SS_MAX_LIST;
	r->text = (struct buf)BUF_INIT;
	r->doc = (struct buf)BUF_INIT;
	r->digests = (struct buf)BUF_INIT;
	r->key = (struct buf)BUF_INIT;
	r->keys = (struct buf)BUF_INIT;
	r->unpacked = (struct buf)BUF_INIT_MAX(SS_MAX_DOC);
	for (i = 0; i < SS_NROWS; i++)
		xml_rows_add(&r->rows[serversync_rows[i].parent], i);
	if (soap_open(&r->soap, e) == -1) {
		serversync_reader_close(r);
		return -1;
	}
	soap_on_nil(r->soap, on_nil);
	*out = r;
	return 0;
}

void
serversync_reader_close(struct ss_reader *r)
{
	if (r == NULL)
		return;
	soap_close(r->soap);
	buf_free(&r->text);
	buf_free(&r->doc);
	buf_free(&r->digests);
	buf_free(&r->key);
	buf_free(&r->keys);
	cab_body_close(r->body);
	buf_free(&r->unpacked);
	free(r);
}
