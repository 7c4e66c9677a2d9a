/* SPDX-License-Identifier: ISC */
#include "lib/base/copy.h"

#include <fcntl.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"

int
copy_hashed(int fd, int to, uint64_t max, unsigned which, struct digest *d,
    struct err *e)
{
	struct digest_ctx ctx = DIGEST_CTX_INIT;
	struct sink file, hash, limit;
	struct src src = SRC_INIT;
	int r = -1;

	if (digest_open(&ctx, which, e) == 0 && src_fd(&src, fd, e) == 0) {
		sink_fd(&file, to);
		sink_digest(&hash, &ctx, to == -1 ? NULL : &file);
		sink_limit(&limit, max, &hash);
		if (src_copy(&src, &limit, e) == 0)
			r = digest_done(&ctx, d, e);
	}
	src_close(&src);
	digest_close(&ctx);
	return r;
}

int
copy_to_name(int fd, int dirfd, const char *name, unsigned which,
    struct digest *d, struct err *e)
{
	int r, to;

	to = os.openat(dirfd, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (to == -1)
		return err_sys(e, "cannot create");
	if ((r = out_fd_mode(to, 0644, e)) == 0)
		r = copy_hashed(fd, to, UINT64_MAX, which, d, e);
	if (os.close(to) == -1 && r == 0)
		r = err_sys(e, "cannot close");
	return r;
}
