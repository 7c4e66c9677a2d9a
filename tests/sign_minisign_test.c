/* SPDX-License-Identifier: ISC */
/* Our signatures and keys against the minisign program, when it is there. */
#include "lib/base/sign.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "tests/t.h"

static const char message[] = "0123abcd  data/wsusexport.cab\n";
#define MESSAGE message, sizeof(message) - 1

static int
run(const char *const argv[])
{
	pid_t pid = fork();
	int status, null;

	if (pid == 0) {
		null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1 || !WIFEXITED(status))
		return 127;
	return WEXITSTATUS(status);
}

static bool
have_minisign(void)
{
	static const char *const argv[] = {"minisign", "-v", NULL};

	return run(argv) != 127;
}

struct files {
	char pub[512], sec[512], msg[512], sig[512];
};

static void
put_file(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		abort();
}

static size_t
get_file(const char *path, char to[SIGN_MAX_TEXT])
{
	FILE *f = fopen(path, "r");
	size_t n;

	if (f == NULL)
		return 0;
	n = fread(to, 1, SIGN_MAX_TEXT, f);
	fclose(f);
	return n;
}

static void
name_files(struct files *f)
{
	const char *dir = t_tmpdir();

	snprintf(f->pub, sizeof(f->pub), "%s/k.pub", dir);
	snprintf(f->sec, sizeof(f->sec), "%s/k.key", dir);
	snprintf(f->msg, sizeof(f->msg), "%s/m", dir);
	snprintf(f->sig, sizeof(f->sig), "%s/m.minisig", dir);
	put_file(f->msg, MESSAGE);
}

static int
minisign_verifies(const struct files *f)
{
	const char *const argv[] = {
	    "minisign", "-V", "-p", f->pub, "-x", f->sig, "-m", f->msg, NULL};

	return run(argv);
}

static int
minisign_signs(const struct files *f)
{
	const char *const argv[] = {"minisign", "-S", "-s", f->sec, "-c",
	    SIGN_UNTRUSTED, "-t", "from elsewhere", "-x", f->sig, "-m", f->msg,
	    NULL};

	return run(argv);
}

static int
minisign_makes_keys(const struct files *f)
{
	const char *const argv[] = {
	    "minisign", "-G", "-W", "-f", "-p", f->pub, "-s", f->sec, NULL};

	return run(argv);
}

T_TEST(minisign_accepts_our_signature_and_our_keys)
{
	struct buf ptext = BUF_INIT, stext = BUF_INIT, sig = BUF_INIT;
	struct err e = ERR_INIT;
	struct sign_sec sec;
	struct sign_pub pub;
	struct files f;

	if (!have_minisign()) {
		t_skip("minisign is not installed");
		return;
	}
	name_files(&f);
	T_CALL(sign_new(&sec, &pub, &e), &e);
	T_CALL(sign_pub_write(&pub, &ptext, &e), &e);
	T_CALL(sign_sec_write(&sec, &stext, &e), &e);
	T_CALL(sign_make(&sec, MESSAGE, "transfer 42", &sig, &e), &e);
	put_file(f.pub, ptext.p, ptext.len);
	put_file(f.sec, stext.p, stext.len);
	put_file(f.sig, sig.p, sig.len);
	T_EQ(minisign_verifies(&f), 0);
	sig.p[60] ^= 1;
	put_file(f.sig, sig.p, sig.len);
	T_OK(minisign_verifies(&f) != 0);
	T_EQ(minisign_signs(&f), 0);
	T_EQ(minisign_verifies(&f), 0);
	buf_free(&ptext);
	buf_free(&stext);
	buf_free(&sig);
}

T_TEST(we_accept_minisigns_keys_and_its_signature)
{
	char text[SIGN_MAX_TEXT], comment[SIGN_MAX_COMMENT + 1];
	struct buf sig = BUF_INIT;
	struct err e = ERR_INIT;
	struct sign_sec sec;
	struct sign_pub pub;
	struct files f;
	size_t which;

	if (!have_minisign()) {
		t_skip("minisign is not installed");
		return;
	}
	name_files(&f);
	T_EQ(minisign_makes_keys(&f), 0);
	T_EQ(minisign_signs(&f), 0);
	T_CALL(sign_pub_read(&pub, text, get_file(f.pub, text), &e), &e);
	T_CALL(sign_sec_read(&sec, text, get_file(f.sec, text), &e), &e);
	T_MEM(sec.id, pub.id, SIGN_ID_LEN);
	T_CALL(sign_check(&pub, 1, MESSAGE, text, get_file(f.sig, text), &which,
		   comment, &e),
	    &e);
	T_STR(comment, "from elsewhere");
	T_CALL(sign_make(&sec, MESSAGE, "ours", &sig, &e), &e);
	put_file(f.sig, sig.p, sig.len);
	T_EQ(minisign_verifies(&f), 0);
	buf_free(&sig);
}

T_MAIN
