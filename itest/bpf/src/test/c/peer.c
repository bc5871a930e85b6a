// The real processes of the BPF tests: clients that claim who they are and where they want to go, and backends.
//   peer client key=value...   prints one line: sent=.. Y=.. A=.. e111=.. peer_wrong=.. retried=..; with until=X it goes on until
//     500 replies were X, and has said "begun" at its first exchange
//   peer server netns=PATH listen=tcp:127.0.0.1:9000,udp:[::1]:9001...   replies 'A' + index; prints "ready"
// A client's claim is 64 bytes: address[16], port (be16), pad[6], its SO_COOKIE, its netns cookie, workload (u32), pad.
// What a steered server answers: Y right, N wrong, 0 no record.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

struct claim {
	uint8_t addr[16];
	uint16_t port;
	uint8_t pad[6];
	uint64_t cookie, netns;
	uint32_t workload;
	uint8_t pad2[20];
};

struct dest {
	struct sockaddr_storage sa;
	socklen_t len;
};

static const char *opt(int argc, char **argv, const char *key, const char *def)
{
	size_t n = strlen(key);

	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], key, n) && argv[i][n] == '=')
			return argv[i] + n + 1;
	return def;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static void parse(const char *text, int mapped, struct dest *d)
{
	char buf[128];
	char *colon;

	snprintf(buf, sizeof buf, "%s", text);
	memset(d, 0, sizeof *d);
	if (buf[0] == '[') {
		struct sockaddr_in6 *s = (void *)&d->sa;
		char *end = strchr(buf, ']');

		*end = 0;
		s->sin6_family = AF_INET6;
		if (inet_pton(AF_INET6, buf + 1, &s->sin6_addr) != 1)
			die(text);
		s->sin6_port = htons(atoi(end + 2));
		d->len = sizeof *s;
		return;
	}
	colon = strrchr(buf, ':');
	*colon = 0;
	if (mapped) {
		struct sockaddr_in6 *s = (void *)&d->sa;

		s->sin6_family = AF_INET6;
		s->sin6_addr.s6_addr[10] = s->sin6_addr.s6_addr[11] = 0xff;
		if (inet_pton(AF_INET, buf, &s->sin6_addr.s6_addr[12]) != 1)
			die(text);
		s->sin6_port = htons(atoi(colon + 1));
		d->len = sizeof *s;
	} else {
		struct sockaddr_in *s = (void *)&d->sa;

		s->sin_family = AF_INET;
		if (inet_pton(AF_INET, buf, &s->sin_addr) != 1)
			die(text);
		s->sin_port = htons(atoi(colon + 1));
		d->len = sizeof *s;
	}
}

static void add(struct dest *d, int k)
{
	if (d->sa.ss_family == AF_INET) {
		struct sockaddr_in *s = (void *)&d->sa;

		s->sin_addr.s_addr = htonl(ntohl(s->sin_addr.s_addr) + k);
	} else {
		uint8_t *a = ((struct sockaddr_in6 *)&d->sa)->sin6_addr.s6_addr;
		uint32_t last;

		memcpy(&last, a + 12, 4);
		last = htonl(ntohl(last) + k);
		memcpy(a + 12, &last, 4);
	}
}

static struct {
	struct dest base;
	const char *kind;
	long n, vips, linger, pause_us, retries, limit_s;
	uint32_t workload;
	uint8_t until;
} cfg;

static long replies[256], errors[256], peer_wrong, retried, sent, next_one;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static long count(long *what)
{
	return __atomic_fetch_add(what, 1, __ATOMIC_RELAXED);
}

static int same(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	if (a->ss_family != b->ss_family)
		return 0;
	if (a->ss_family == AF_INET) {
		const struct sockaddr_in *x = (const void *)a, *y = (const void *)b;

		return x->sin_port == y->sin_port && x->sin_addr.s_addr == y->sin_addr.s_addr;
	}
	const struct sockaddr_in6 *x = (const void *)a, *y = (const void *)b;

	return x->sin6_port == y->sin6_port && !memcmp(&x->sin6_addr, &y->sin6_addr, 16);
}

static void fill(struct claim *c, int fd, const struct dest *d)
{
	socklen_t len = 8;

	memset(c, 0, sizeof *c);
	if (d->sa.ss_family == AF_INET) {
		const struct sockaddr_in *s = (const void *)&d->sa;

		c->addr[10] = c->addr[11] = 0xff;
		memcpy(c->addr + 12, &s->sin_addr, 4);
		c->port = s->sin_port;
	} else {
		const struct sockaddr_in6 *s = (const void *)&d->sa;

		memcpy(c->addr, &s->sin6_addr, 16);
		c->port = s->sin6_port;
	}
	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &c->cookie, &len);
	len = 8;
	getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &c->netns, &len);
	c->workload = cfg.workload;
}

/* One exchange; returns 0 or an errno. */
static int one(long i, unsigned int *seed)
{
	struct dest d = cfg.base;
	int udp = !strncmp(cfg.kind, "udp", 3), mptcp = !strcmp(cfg.kind, "mptcp");
	int fd, rc, err = 0, on = 1;
	struct timeval tv = { .tv_sec = cfg.limit_s };
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;
	struct claim c;
	char reply = 0;

	add(&d, i % cfg.vips);
	fd = socket(d.sa.ss_family, udp ? SOCK_DGRAM : SOCK_STREAM, mptcp ? IPPROTO_MPTCP : 0);
	if (fd < 0)
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
	if (!strcmp(cfg.kind, "v6only"))
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	fill(&c, fd, &d);
	if (mptcp)
		c.cookie = 0;	/* the record has the cookie of the subflow, which nobody can ask for */
	if (!strcmp(cfg.kind, "udp")) {
		rc = sendto(fd, &c, sizeof c, 0, (void *)&d.sa, d.len);
	} else if (!strcmp(cfg.kind, "fastopen")) {
		rc = sendto(fd, &c, sizeof c, MSG_FASTOPEN, (void *)&d.sa, d.len);
	} else {
		if (!strcmp(cfg.kind, "tfoc"))
			setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on);
		if (!strcmp(cfg.kind, "nonblock"))
			fcntl(fd, F_SETFL, O_NONBLOCK);
		rc = connect(fd, (void *)&d.sa, d.len);
		if (rc < 0 && errno == EINPROGRESS) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };
			socklen_t l = sizeof err;

			poll(&p, 1, cfg.limit_s * 1000);
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &l);
			fcntl(fd, F_SETFL, 0);
			rc = err ? -1 : 0;
			errno = err;
		}
		if (rc == 0) {
			if (getpeername(fd, (void *)&peer, &len) == 0 && !same(&peer, &d.sa))
				count(&peer_wrong);
			rc = send(fd, &c, sizeof c, MSG_NOSIGNAL);
		}
	}
	if (rc < 0) {
		err = errno;
		goto out;
	}
	len = sizeof peer;
	rc = udp ? recvfrom(fd, &reply, 1, 0, (void *)&peer, &len) : recv(fd, &reply, 1, 0);
	if (rc < 0)
		err = errno;
	else if (rc == 0)
		err = 255;	/* closed without an answer */
	else {
		count(&replies[(uint8_t)reply]);
		if (udp && !same(&peer, &d.sa))
			count(&peer_wrong);
	}
out:
	if (!udp && rand_r(seed) % 100 < cfg.linger) {
		struct linger l = { 1, 0 };

		setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
	}
	close(fd);
	return err;
}

static void *work(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg * 7919 + getpid();

	for (;;) {
		long i = __atomic_fetch_add(&next_one, 1, __ATOMIC_RELAXED);
		int err;

		if (cfg.until ? __atomic_load_n(&replies[cfg.until], __ATOMIC_RELAXED) >= 500 : i >= cfg.n)
			return NULL;
		for (long tries = 0;; tries++) {
			err = one(i, &seed);
			if (err != EADDRNOTAVAIL || tries >= cfg.retries)
				break;
			count(&retried);	/* the source ports wait out their second: not the mesh's doing */
			usleep(5000);
		}
		if (count(&sent) == 0 && cfg.until) {
			printf("begun\n");
			fflush(stdout);
		}
		if (err)
			count(&errors[err & 255]);
		if (cfg.pause_us)
			usleep(cfg.pause_us);
	}
}

static void enter(int argc, char **argv)
{
	const char *cgroup = opt(argc, argv, "cgroup", NULL), *netns = opt(argc, argv, "netns", NULL);
	const char *ports = opt(argc, argv, "ports", NULL);
	char path[4096], pid[32];

	if (cgroup) {
		snprintf(path, sizeof path, "%s/cgroup.procs", cgroup);
		snprintf(pid, sizeof pid, "%d", getpid());
		put(path, pid);
	}
	if (netns) {
		int fd = open(netns, O_RDONLY);

		if (fd < 0 || setns(fd, CLONE_NEWNET))
			die(netns);
		close(fd);
	}
	if (ports) {
		char range[64];

		snprintf(range, sizeof range, "%s", ports);
		*strchr(range, '-') = ' ';
		put("/proc/sys/net/ipv4/ip_local_port_range", range);
	}
}

static int client(int argc, char **argv)
{
	long threads = atol(opt(argc, argv, "threads", "1"));
	pthread_t t[64];

	enter(argc, argv);
	cfg.kind = opt(argc, argv, "kind", "tcp");
	parse(opt(argc, argv, "dest", "127.0.0.1:1"), !strcmp(opt(argc, argv, "mapped", "0"), "1"), &cfg.base);
	cfg.n = atol(opt(argc, argv, "n", "1"));
	cfg.vips = atol(opt(argc, argv, "vips", "1"));
	cfg.linger = atol(opt(argc, argv, "linger", "90"));
	cfg.pause_us = atol(opt(argc, argv, "pause_us", "0"));
	cfg.retries = atol(opt(argc, argv, "retries", "2000"));
	cfg.limit_s = atol(opt(argc, argv, "limit_s", "30"));	/* any process may be kept waiting for a while */
	cfg.workload = atol(opt(argc, argv, "workload", "0"));
	cfg.until = *opt(argc, argv, "until", "");
	for (long i = 0; i < threads && i < 64; i++)
		pthread_create(&t[i], NULL, work, (void *)i);
	for (long i = 0; i < threads && i < 64; i++)
		pthread_join(t[i], NULL);
	printf("sent=%ld", sent);
	for (int i = 0; i < 256; i++)
		if (replies[i])
			printf(" %c=%ld", i, replies[i]);
	for (int i = 0; i < 256; i++)
		if (errors[i])
			printf(" e%d=%ld", i, errors[i]);
	printf(" peer_wrong=%ld retried=%ld\n", peer_wrong, retried);
	return 0;
}

static int server(int argc, char **argv)
{
	char *list = strdup(opt(argc, argv, "listen", "")), *save, *item;
	struct pollfd p[64];
	int udp[64], n = 0, on = 1;

	enter(argc, argv);
	for (item = strtok_r(list, ",", &save); item && n < 64; item = strtok_r(NULL, ",", &save), n++) {
		struct dest d;

		udp[n] = !strncmp(item, "udp", 3);
		parse(item + 4, 0, &d);
		p[n].fd = socket(d.sa.ss_family, udp[n] ? SOCK_DGRAM : SOCK_STREAM, 0);
		p[n].events = POLLIN;
		setsockopt(p[n].fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
		if (d.sa.ss_family == AF_INET6)
			setsockopt(p[n].fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
		if (bind(p[n].fd, (void *)&d.sa, d.len) || (!udp[n] && listen(p[n].fd, 1024)))
			die(item);
	}
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		if (poll(p, n, -1) < 0)
			die("poll");
		for (int i = 0; i < n; i++) {
			char tag = 'A' + i, buf[64];
			struct sockaddr_storage from;
			socklen_t len = sizeof from;

			if (!(p[i].revents & POLLIN))
				continue;
			if (udp[i]) {
				if (recvfrom(p[i].fd, buf, sizeof buf, 0, (void *)&from, &len) >= 0)
					sendto(p[i].fd, &tag, 1, 0, (void *)&from, len);
			} else {
				int fd = accept(p[i].fd, NULL, NULL);

				if (fd >= 0) {
					struct timeval tv = { .tv_sec = 30 };

					setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
					if (recv(fd, buf, sizeof buf, MSG_WAITALL) > 0)
						send(fd, &tag, 1, MSG_NOSIGNAL);
					close(fd);
				}
			}
		}
	}
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && !strcmp(argv[1], "client"))
		return client(argc - 2, argv + 2);
	if (argc > 1 && !strcmp(argv[1], "server"))
		return server(argc - 2, argv + 2);
	fprintf(stderr, "usage: peer client|server key=value...\n");
	return 2;
}
