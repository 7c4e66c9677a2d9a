/* SPDX-License-Identifier: ISC */
#include "formats/state.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/sink.h"

static bool
is_number(const char *s)
{
	uint64_t n;

	return num_read(&n, s, strlen(s), 0, UINT32_MAX);
}

static int
check_approval(const struct state_line *s, struct err *e)
{
	static const char *const words[] = {
	    "install", "uninstall", "scan", "block"};
	bool known = is_number(s->action);

	if (!s->has_id && s->action[0] == '\0' && s->has_group)
		return 0;
	if (!s->has_id)
		return err_set(e, E_FORMAT,
		    "'approval': expected the 'id' of an update, or a 'group' "
		    "and its 'name' alone");
	if (strcmp(s->action, "decline") == 0)
		return 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		known = known || strcmp(s->action, words[i]) == 0;
	if (!known)
		return err_set(e, E_FORMAT,
		    "'approval': 'action': expected install, uninstall, scan, "
		    "block, decline or a number, found '%s'",
		    s->action);
	if (!s->has_revision || !s->has_group)
		return err_set(e, E_FORMAT,
		    "'approval': expected a 'revision' and a 'group' with "
		    "action '%s'",
		    s->action);
	return 0;
}

int
state_check(const struct state_line *s, struct err *e)
{
	switch (s->type) {
	case STATE_ABSENT:
		return 0;
	case STATE_FILE:
	case STATE_WITHDRAWN:
		if (!s->has_id || !s->has_revision)
			return err_set(e, E_FORMAT,
			    "'%s': expected an 'id' and a 'revision'",
			    s->type == STATE_FILE ? "file" : "withdrawn");
		return 0;
	case STATE_URL:
		if (s->url[0] == '\0')
			return err_set(e, E_FORMAT,
			    "'url': 'url': expected a URL, found ''");
		return 0;
	case STATE_APPROVAL:
		return check_approval(s, e);
	case STATE_PARTS:
		if (s->count < 2 || s->count > STATE_MAX_PARTS ||
		    s->size < s->count)
			return err_set(e, E_FORMAT,
			    "'parts': %llu bytes in %u parts, expected 2 to "
			    "999 and none of them empty",
			    (unsigned long long)s->size, s->count);
		return 0;
	case STATE_UNKNOWN:
		break;
	}
	return err_set(
	    e, E_FORMAT, "'%s': a line that this wsusferry cannot write", s->t);
}

void
state_name(struct state_line *s, const char *name)
{
	size_t n = strlen(name), from = 0;

	if (n > STATE_MAX_TEXT)
		from = n - STATE_MAX_TEXT;
	/* Not from within a character. */
	while (from > 0 && ((unsigned char)name[from] & 0xc0) == 0x80)
		from++;
	memcpy(s->name, name + from, n - from + 1);
}

static void
put_sha1(struct json *j, const struct state_line *s)
{
	char hex[2 * SHA1_LEN + 1];

	hex_upper(hex, s->sha1, SHA1_LEN);
	json_str(j, "sha1", hex);
}

static void
put_guid(struct json *j, const char *key, const struct guid *g)
{
	char text[GUID_LEN + 1];

	guid_write(text, g);
	json_str(j, key, text);
}

static void
put_absent(struct json *j, const struct state_line *s)
{
	json_str(j, "t", "absent");
	put_sha1(j, s);
	json_str(j, "name", s->name);
	if (s->has_size)
		json_num(j, "size", s->size);
	if (s->unwanted)
		json_bool(j, "wanted", false);
}

static void
put_file(struct json *j, const struct state_line *s)
{
	json_str(j, "t", "file");
	put_sha1(j, s);
	json_str(j, "name", s->name);
	put_guid(j, "id", &s->id);
	json_num(j, "revision", s->revision);
}

static void
put_url(struct json *j, const struct state_line *s)
{
	json_str(j, "t", "url");
	put_sha1(j, s);
	json_str(j, "url", s->url);
}

static void
put_withdrawn(struct json *j, const struct state_line *s)
{
	json_str(j, "t", "withdrawn");
	put_guid(j, "id", &s->id);
	json_num(j, "revision", s->revision);
}

static void
put_parts(struct json *j, const struct state_line *s)
{
	char hex[2 * SHA256_LEN + 1];

	json_str(j, "t", "parts");
	put_sha1(j, s);
	json_str(j, "name", s->name);
	hex_lower(hex, s->sha256, SHA256_LEN);
	json_str(j, "sha256", hex);
	json_num(j, "size", s->size);
	json_num(j, "parts", s->count);
}

static void
put_approval(struct json *j, const struct state_line *s)
{
	uint64_t n;

	json_str(j, "t", "approval");
	if (!s->has_id) {
		put_guid(j, "group", &s->group);
		json_str(j, "name", s->name);
		return;
	}
	put_guid(j, "id", &s->id);
	if (s->has_revision)
		json_num(j, "revision", s->revision);
	if (num_read(&n, s->action, strlen(s->action), 0, UINT32_MAX))
		json_num(j, "action", n);
	else
		json_str(j, "action", s->action);
	if (s->has_group)
		put_guid(j, "group", &s->group);
	if (s->deadline[0] != '\0')
		json_str(j, "deadline", s->deadline);
	if (s->optional)
		json_bool(j, "assigned", false);
}

int
state_write(const struct state_line *s, struct sink *to, struct err *e)
{
	static void (*const put[])(struct json * j,
	    const struct state_line *s) = {[STATE_ABSENT] = put_absent,
	    [STATE_FILE] = put_file,
	    [STATE_URL] = put_url,
	    [STATE_APPROVAL] = put_approval,
	    [STATE_WITHDRAWN] = put_withdrawn,
	    [STATE_PARTS] = put_parts};
	struct json j = JSON_INIT;
	const char *line;
	int r = -1;

	if (state_check(s, e) == -1)
		return -1;
	json_begin(&j);
	put[s->type](&j, s);
	if ((line = json_end(&j)) == NULL)
		err_nomem(e);
	else if (sink_puts(to, line, e) == 0 && sink_write(to, "\n", 1, e) == 0)
		r = 0;
	json_free(&j);
	return r;
}
