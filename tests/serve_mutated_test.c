/* SPDX-License-Identifier: ISC */
/*
 * The whole server, in a process of its own with a store that is written to
 * meanwhile, under traffic that is nearly right: files, pages, lists, figures,
 * by TLS and without.  It ends well, what a sanitizer finds included, and its
 * access log is what it ought to be.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/json_read.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/stop.h"
#include "lib/serve/serve.h"
#include "lib/store/store.h"
#include "tests/mutate.h"
#include "tests/store_make.h"
#include "tests/t.h"
#include "tests/wire_tls.h"

MAKE_IN_MEMORY

#define N(a) (sizeof(a) / sizeof(*(a)))
#define ROUNDS 2000
#define LONG_S 4200
#define PAYLOAD 300000 /* bytes of the file that is known */
#define SEEDS 48
#define SEED_MAX 512
#define LOG_MAX ((size_t)1 << 30)

struct site {
	char dir[300], cert[400], key[400];
	struct store *store; /* the writer's */
	char sha1[2 * SHA1_LEN + 1]; /* of the payload, in capitals */
	char seeds[SEEDS][SEED_MAX];
	const char *seed[SEEDS];
	size_t nseeds;
	unsigned plain, tls, admin; /* ports */
	pid_t pid;
};

/* Text, since it goes through a string, and without a short period. */
static uint8_t
payload_byte(uint64_t off)
{
	uint64_t h = (off + 1) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint8_t)('a' + (h >> 40) % 26);
}

static void
seed(struct site *s, const char *fmt, const char *what)
{
	char *to = s->seeds[s->nseeds];

	T_OK(s->nseeds < SEEDS);
	/* A constant of ours with one word in it. */
	(void)snprintf(to, SEED_MAX, "%.*s%s%s", (int)strcspn(fmt, "@"), fmt,
	    what, strchr(fmt, '@') != NULL ? strchr(fmt, '@') + 1 : "");
	s->seed[s->nseeds++] = to;
}

#define TO " HTTP/1.1\r\nHost: a\r\n"
static void
make_seeds(struct site *s)
{
	static const char *const fixed[] = {
	    "GET /" TO "\r\n",
	    "GET /?q=update+payload&state=newest&payload=here" TO
	    "Accept-Encoding: gzip;q=0.5, *\r\n\r\n",
	    "GET /?q=%3Cb%3E%22%C3%9C&page=1&severity=Critical" TO "\r\n",
	    "GET /?product=ab010000-0000-0000-0000-000000000001&class=" TO
	    "\r\n",
	    "HEAD /transfers" TO "\r\n",
	    "GET /transfer/1" TO "If-None-Match: \"x\", *\r\n\r\n",
	    "GET /update/00000000-0000-0000-0000-000000000000" TO "\r\n",
	    "GET /index.json" TO "Range: bytes=5-70\r\n\r\n",
	    "GET /updates.csv" TO "If-Modified-Since: Sun, 06 Nov 1994 "
	    "08:49:37 GMT\r\n\r\n",
	    "GET /with/tools/a.txt" TO "\r\n",
	    "GET /with/" TO "\r\n",
	    "GET /wsusscn2.cab" TO "Range: bytes=0-0,2-3,5-\r\n\r\n",
	    "GET /SelfUpdate/wuident.cab" TO "\r\n",
	    "GET /content/anonymousCheckFile.txt" TO "\r\n",
	    "GET /metrics" TO "\r\n",
	    "GET /healthz" TO "\r\n",
	    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
	    ("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
	     "\r\n5\r\nhello\r\n0\r\n\r\n"),
	    "OPTIONS * HTTP/1.1\r\nHost: a\r\nReferer: \"\\\r\n\r\n",
	};
	static const char *const named[] = {
	    "GET /Content/@" TO "Range: bytes=100-299\r\n\r\n",
	    "GET /Content/@" TO "Range: bytes=0-0,299990-,5-9\r\n\r\n",
	    "GET /Content/@" TO "If-Range: \"x\"\r\nRange: bytes=-7\r\n\r\n",
	    "GET /Content/@ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	    "HEAD /CONTENT/@" TO "User-Agent: <a \"b\" \\>\r\n\r\n",
	    "GET http://download.windowsupdate.com/Content/@" TO "\r\n",
	};
	char name[CONTENT_NAME_MAX];
	size_t i;

	(void)snprintf(name, sizeof(name), "%s/%s.cab", s->sha1 + 38, s->sha1);
	for (i = 0; i < N(fixed); i++)
		seed(s, fixed[i], "");
	for (i = 0; i < N(named); i++)
		seed(s, named[i], name);
	seed(s, "GET /d/msdownload/update/others/x_@.cab" TO "\r\n", s->sha1);
	seed(s, "GET /?q=@" TO "\r\n", s->sha1);
}

/* Each of them another moment. */
static void
put_update(struct site *s, unsigned id)
{
	struct err e = ERR_INIT;
	struct make m;

	T_CALL(store_begin(s->store, &e), &e);
	make_update(&m, id, 1);
	make_needs(&m, 1, 1);
	make_needs(&m, 2, 2);
	m.u.title = "<script>alert(1)</script> & \"=1+1\" \xe2\x80\xae payload";
	m.u.severity = "Critical";
	make_put_ok(s->store, &m);
	make_commit(s->store);
}

static void
make_site(struct site *s)
{
	struct wire_tls pair = {.tls = NULL};
	struct err e = ERR_INIT;
	char *text = malloc(PAYLOAD + 1);
	struct digest d;
	struct make m;
	size_t i;

	*s = (struct site){.pid = -1};
	(void)snprintf(s->dir, sizeof(s->dir), "%s", t_tmpdir());
	for (i = 0; i < PAYLOAD; i++)
		text[i] = (char)payload_byte(i);
	text[PAYLOAD] = '\0';
	T_CALL(digest_mem(DIGEST_SHA1, text, PAYLOAD, &d, &e), &e);
	hex_upper(s->sha1, d.sha1, SHA1_LEN);
	s->store = make_begun(s->dir);
	make_fill(s->store);
	make_update(&m, 20, 1);
	make_file(&m, text, "payload-x64.cab");
	make_file(&m, "absent", "absent.cab");
	make_put_ok(s->store, &m);
	make_here(s->store, s->dir, text, "cab");
	make_commit(s->store);
	free(text);
	T_EQ(mkdir(make_path(s->dir, "state"), 0755), 0);
	T_EQ(mkdir(make_path(s->dir, "su"), 0755), 0);
	make_text(make_path(s->dir, "su/wuident.cab"), "a folder's file");
	make_text(make_path(s->dir, "scan.cab"), "a catalogue");
	T_EQ(mkdir(make_path(s->dir, "with"), 0755), 0);
	T_EQ(mkdir(make_path(s->dir, "with/tools"), 0755), 0);
	make_text(make_path(s->dir, "with/tools/a.txt"), "brought along");
	(void)snprintf(pair.cert, sizeof(pair.cert), "%.150s/c.pem", s->dir);
	(void)snprintf(pair.key, sizeof(pair.key), "%.150s/k.pem", s->dir);
	memcpy(s->cert, pair.cert, sizeof(pair.cert));
	memcpy(s->key, pair.key, sizeof(pair.key));
	wire_tls_pair(&pair, "localhost");
	make_seeds(s);
}

/* A leak checker cannot look into /proc from the sandbox. */
static void
leave_off(void)
{
#if defined(__SANITIZE_ADDRESS__)
	(void)setenv("WSUSFERRY_UNCONFINED", "1", 1);
#endif
}

static void
serve(const struct site *s)
{
	static const char *const at[] = {"127.0.0.1:0"};
	struct log log = {.prog = "t", .file_fd = -1};
	char scan[400], su[400], state[400], said[400];
	struct serve_opts o = {.store = s->dir,
	    .listen = at,
	    .nlisten = 1,
	    .tls_listen = at,
	    .ntls_listen = 1,
	    .admin = at,
	    .nadmin = 1,
	    .tls_cert = s->cert,
	    .tls_key = s->key,
	    .workers = 2,
	    .scan_cab = scan,
	    .self_update = su,
	    .state = state,
	    .access_log = said,
	    .access_json = true,
	    .log = &log};
	struct err e = ERR_INIT;
	int fd = open(make_path(s->dir, "log"),
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	(void)dup2(fd, STDERR_FILENO);
	(void)snprintf(scan, sizeof(scan), "%s/scan.cab", s->dir);
	(void)snprintf(su, sizeof(su), "%s/su", s->dir);
	(void)snprintf(state, sizeof(state), "%s/state", s->dir);
	(void)snprintf(said, sizeof(said), "%s/access.log", s->dir);
	leave_off();
	stop_install();
	exit(serve_run(&o, &e) == 0 ? 0 : log_error(&log, NULL, &e));
}

static void
read_text(const struct site *s, const char *name, struct buf *b)
{
	struct err e = ERR_INIT;
	int fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	buf_reset(b);
	if (path_read(fd, name, LOG_MAX, b, &e) == -1)
		buf_reset(b);
	(void)close(fd);
	T_OK(buf_str(b, &e) != NULL);
}

/* The number of the nth address that it says. */
static unsigned
port_of(const char *said, const char *scheme, unsigned nth)
{
	unsigned port = 0;

	for (; said != NULL && port == 0; nth -= nth > 0) {
		if ((said = strstr(said, scheme)) == NULL)
			break;
		said += strlen(scheme);
		if (nth == 0)
			(void)sscanf(said, "127.0.0.1:%u/", &port);
	}
	return port;
}

static void
start(struct site *s)
{
	struct buf b = BUF_INIT;
	unsigned i;

	(void)fflush(stdout);
	if ((s->pid = fork()) == 0)
		serve(s);
	for (i = 0; i < 600 && s->admin == 0; i++) {
		(void)usleep(50000);
		read_text(s, "log", &b);
		s->plain = port_of((char *)b.p, "http://", 0);
		s->admin = port_of((char *)b.p, "http://", 1);
		s->tls = port_of((char *)b.p, "https://", 0);
	}
	T_OK(s->plain != 0 && s->tls != 0 && s->admin != 0);
	buf_free(&b);
}

static int
dial(unsigned port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	T_EQ(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void
one_round(const struct site *s, const struct mutate *m, SSL_CTX *ctx)
{
	struct mutate_client c = {-1, NULL};
	unsigned which = (unsigned)(t_random() % 16);

	c.fd = dial(which == 0 ? s->tls : which == 1 ? s->admin : s->plain);
	if (which == 0) {
		c.ssl = SSL_new(ctx);
		SSL_set_fd(c.ssl, c.fd);
		T_EQ(SSL_connect(c.ssl), 1);
	}
	mutate_round(m, &c);
	SSL_free(c.ssl);
	(void)close(c.fd);
}

/* What clients say is within a string of an object, each on a line. */
static void
check_access(const struct site *s)
{
	struct buf b = BUF_INIT;
	size_t i, lines = 0;

	read_text(s, "access.log", &b);
	for (i = 0; i < b.len; i++) {
		lines += b.p[i] == '\n';
		if (b.p[i] != '\n' && (b.p[i] < ' ' || b.p[i] > '~')) {
			t_fail(
			    __FILE__, __LINE__, "byte %02x in the log", b.p[i]);
			break;
		}
		if (i > 0 && b.p[i - 1] == '\n' && b.p[i] != '{')
			t_fail(
			    __FILE__, __LINE__, "line %zu: no object", lines);
	}
	T_OK(lines > 100);
	buf_free(&b);
}

static void
stop(struct site *s)
{
	struct buf b = BUF_INIT;
	int status = -1;

	T_EQ(kill(s->pid, SIGTERM), 0);
	T_EQ(waitpid(s->pid, &status, 0), s->pid);
	read_text(s, "log", &b);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
	    strstr((char *)b.p, "Sanitizer") != NULL ||
	    strstr((char *)b.p, "runtime error") != NULL)
		t_fail(__FILE__, __LINE__, "status %x: %s", (unsigned)status,
		    (char *)b.p);
	/* What cannot be read, not what is no method. */
	T_OK(strstr((char *)b.p, "a request failed") == NULL);
	buf_free(&b);
}

T_TEST(the_server_stands_whatever_is_sent)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct site *s = calloc(1, sizeof(*s));
	time_t began = time(NULL);
	struct mutate m = {.size = PAYLOAD, .byte = payload_byte};
	unsigned i;

	(void)signal(SIGPIPE, SIG_IGN);
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	make_site(s);
	m.seeds = s->seed;
	m.nseeds = s->nseeds;
	start(s);
	for (i = 0; s->admin != 0 && mutate_goes_on(i, ROUNDS, began, LONG_S);
	     i++) {
		one_round(s, &m, ctx);
		if (i % 300 == 299 && i < 30000)
			put_update(s, 100 + i / 300);
	}
	stop(s);
	check_access(s);
	store_close(s->store);
	free(s);
	SSL_CTX_free(ctx);
}

T_MAIN
