/* SPDX-License-Identifier: ISC */
#include "lib/choose/choose_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "formats/policy.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/os.h"

static int
read_all(int fd, struct buf *to, struct err *e)
{
	uint8_t block[4096];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		if (buf_put(to, block, (size_t)n, e) == -1)
			return -1;
	return n == -1 ? err_sys(e, "cannot read") : 0;
}

int
choose_file_text(const char *path, const char *noun, size_t max, struct buf *to,
    struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), r;

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, E_USAGE, "%s '%s' is not there", noun, path);
	if (fd == -1)
		return err_sys(e, "%s '%s'", noun, path);
	to->max = max;
	r = read_all(fd, to, e);
	(void)os.close(fd);
	return r == 0 ? 0 : err_ctx(e, "%s '%s'", noun, path);
}

int
choose_file_read(struct policy *p, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	int r = choose_file_text(path, "policy", POLICY_MAX_BYTES, &text, e);

	p->name = path;
	if (r == 0 && (r = policy_read(p, text.p, text.len, e)) == -1)
		err_ctx(e, "policy '%s'", path);
	buf_free(&text);
	return r;
}
