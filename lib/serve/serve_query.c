/* SPDX-License-Identifier: ISC */
/* What the query of a list of updates asks for. */
#include "lib/serve/serve_priv.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/enc.h"

struct asked {
	struct find_ask *ask;
	uint64_t *number;
	const char *why; /* NULL: nothing is wrong */
};

static const char *
read_text(struct asked *x, const char *v)
{
	return find_words(x->ask, v)
	    ? NULL
	    : "A search has at most 200 bytes and 16 words.";
}

static const char *
read_number(struct asked *x, const char *v)
{
	return num_read(x->number, v, strlen(v), 1, UINT32_MAX)
	    ? NULL
	    : "The number of a page is a whole one, from 1.";
}

static const char *
read_id(struct guid *id, bool *has, const char *v)
{
	*has = *v != '\0';
	return !*has || guid_read(id, v, strlen(v))
	    ? NULL
	    : "A product or a classification is given by its GUID.";
}

static const char *
read_product(struct asked *x, const char *v)
{
	return read_id(&x->ask->product, &x->ask->has_product, v);
}

static const char *
read_class(struct asked *x, const char *v)
{
	return read_id(&x->ask->class, &x->ask->has_class, v);
}

static const char *
read_severity(struct asked *x, const char *v)
{
	if (strlen(v) > FIND_SEVERITY_MAX)
		return "A severity is one word.";
	memcpy(x->ask->severity, v, strlen(v) + 1);
	return NULL;
}

/* The number of a word, 1 to 3; 0: it is empty; 4: there is none. */
static unsigned
number_of(const char *v, const char *(*word)(unsigned i))
{
	unsigned i;

	if (*v == '\0')
		return 0;
	for (i = 1; i < 4; i++)
		if (strcmp(v, word(i)) == 0)
			break;
	return i;
}

static const char *
state_word(unsigned i)
{
	return find_state_word((enum find_state)i);
}

static const char *
payload_word(unsigned i)
{
	return find_payload_word((enum find_payload)i);
}

static const char *
read_state(struct asked *x, const char *v)
{
	unsigned i = number_of(v, state_word);

	if (i == 4)
		return "A state is newest, superseded or expired.";
	x->ask->state = (enum find_state)i;
	return NULL;
}

static const char *
read_payload(struct asked *x, const char *v)
{
	unsigned i = number_of(v, payload_word);

	if (i == 4)
		return "Payload is here, absent or left-out.";
	x->ask->payload = (enum find_payload)i;
	return NULL;
}

const char *
serve_ask_read(
    const struct httpd_req *rq, struct find_ask *ask, uint64_t *number)
{
	static const struct {
		const char *key;
		const char *(*read)(struct asked *x, const char *v);
	} rows[] = {{"page", read_number}, {"q", read_text},
	    {"product", read_product}, {"class", read_class},
	    {"severity", read_severity}, {"state", read_state},
	    {"payload", read_payload}};
	struct asked x = {.ask = ask, .number = number};
	char v[HTTPD_QUERY_MAX + 1];
	size_t i;
	int r;

	*ask = (struct find_ask){.nwords = 0};
	*number = 1;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if ((r = httpd_query(rq, rows[i].key, v)) == 0)
			continue;
		if (r == -1 || !utf8_valid((const uint8_t *)v, strlen(v)))
			return "A value of the query is malformed, is not "
			       "UTF-8, or has more than 200 bytes.";
		if ((x.why = rows[i].read(&x, v)) != NULL)
			return x.why;
	}
	return NULL;
}
