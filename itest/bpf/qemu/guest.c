// Runs inside the guest: loads the shipped object with libbpf, attaches and pins it, and puts it to the test with peer's clients.
// Usage: guest OBJECT PEER. Each check prints "ok NAME" or "FAILED NAME: ..."; exit status 0 only if all are ok.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "mesh_abi.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif
#define CG "/sys/fs/cgroup/heddle"
#define PIN "/sys/fs/bpf/heddle"
#define PORT 15099
#define SPACES 2	/* network namespaces; workload 3 shares the second one */

static int failures;
static const char *peer;
static struct bpf_object *object;
static pid_t holder[SPACES];
static __u32 ids;

static _Noreturn void die(const char *what)
{
	printf("FAILED %s: %s\n", what, strerror(errno));
	exit(1);
}

static void check(const char *name, int ok, const char *seen)
{
	printf(ok ? "ok %s\n" : "FAILED %s: %s\n", name, seen);
	failures += !ok;
}

static int fd_of(const char *map)
{
	int fd = bpf_object__find_map_fd_by_name(object, map);

	if (fd < 0)
		die(map);
	return fd;
}

static __u64 now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void beat(__u64 ns)
{
	struct mesh_cfg cfg = { .heartbeat_ns = ns, .stale_ns = 2000000000ULL, .abi = MESH_ABI };
	__u32 zero = 0;

	if (bpf_map_update_elem(fd_of("mesh_cfg"), &zero, &cfg, BPF_ANY))
		die("heartbeat");
}

/* A process that does nothing but hold a new network namespace with lo up. */
static pid_t hold(void)
{
	int ready[2];
	char c;
	pid_t pid;

	if (pipe(ready))
		die("pipe");
	pid = fork();
	if (!pid) {
		struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
		int s;

		if (unshare(CLONE_NEWNET))
			die("unshare");
		s = socket(AF_INET, SOCK_DGRAM, 0);
		if (ioctl(s, SIOCSIFFLAGS, &lo))
			die("lo up");
		if (write(ready[1], "x", 1) != 1)
			die("pipe");
		for (;;)
			pause();
	}
	if (read(ready[0], &c, 1) != 1)
		die("namespace");
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void address(const char *text, __u8 *to)
{
	memset(to, 0, 16);
	if (strchr(text, ':')) {
		inet_pton(AF_INET6, text, to);
		return;
	}
	to[10] = to[11] = 0xff;
	inet_pton(AF_INET, text, to + 12);
}

static void service(const char *vip, int port, int proto, int mode, int flags, const char *endpoint, int endpoint_port)
{
	struct mesh_svc_key key = { .port = htons(port), .proto = proto };
	struct mesh_svc svc = { .svc_id = ++ids, .gen = 1, .nslots = endpoint != NULL, .mode = mode, .flags = flags };
	struct mesh_be_key slot = { .svc_id = ids, .gen = 1 };
	struct mesh_backend be = { .port = htons(endpoint_port), .keep = 0xffffffff };

	if (endpoint) {
		address(endpoint, be.addr);
		if (bpf_map_update_elem(fd_of("mesh_backends"), &slot, &be, BPF_ANY))
			die("backend");
	}
	address(vip, key.addr);
	if (bpf_map_update_elem(fd_of("mesh_svcs"), &key, &svc, BPF_ANY))
		die("service");
}

/* The daemon's accepting half, in the daemon's cgroup: listeners in every namespace, verdicts on claims. */
static void serve(int ready)
{
	int home = open("/proc/self/ns/net", O_RDONLY), n = 0;
	struct pollfd p[2 * SPACES];

	for (int i = 0; i < SPACES; i++) {
		struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_port = htons(PORT), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
		struct mesh_lsn lsn = { .port4 = htons(PORT), .port6 = htons(PORT), .flags = MESH_LSN_V4 | MESH_LSN_V6 };
		__u64 cookie = 0;
		socklen_t len = 8;
		char path[64];
		int ns;

		snprintf(path, sizeof path, "/proc/%d/ns/net", holder[i]);
		ns = open(path, O_RDONLY);
		if (setns(ns, CLONE_NEWNET))
			die("setns");
		p[n].fd = socket(AF_INET, SOCK_STREAM, 0);
		p[n + 1].fd = socket(AF_INET6, SOCK_STREAM, 0);
		if (setns(home, CLONE_NEWNET))
			die("setns home");
		close(ns);
		int on = 1;
		setsockopt(p[n].fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
		setsockopt(p[n + 1].fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
		if (bind(p[n].fd, (void *)&a4, sizeof a4) || listen(p[n].fd, 1024) || bind(p[n + 1].fd, (void *)&a6, sizeof a6) || listen(p[n + 1].fd, 1024))
			die("listen");
		if (getsockopt(p[n].fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len))
			die("SO_NETNS_COOKIE");
		for (int k = 0; k < 2; k++) {
			p[n + k].events = POLLIN;
			if (bpf_map_update_elem(fd_of("mesh_lsn_mark"), &p[n + k].fd, &cookie, BPF_ANY))
				die("mark");
		}
		if (bpf_map_update_elem(fd_of("mesh_lsns"), &cookie, &lsn, BPF_ANY))
			die("lsns");
		n += 2;
	}
	beat(now());
	if (write(ready, "x", 1) != 1)
		die("pipe");
	for (;;) {
		poll(p, n, 500);
		beat(now());
		for (int i = 0; i < n; i++) {
			struct mesh_orig o;
			socklen_t len = sizeof o;
			unsigned char claim[64];
			char verdict = '0';
			int fd;

			if (!(p[i].revents & POLLIN) || (fd = accept(p[i].fd, NULL, NULL)) < 0)
				continue;
			struct timeval tv = { .tv_sec = 2 };
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
			if (recv(fd, claim, 64, MSG_WAITALL) == 64) {
				if (!getsockopt(fd, MESH_LEVEL, MESH_ORIGIN, &o, &len))
					verdict = !memcmp(o.addr, claim, 18) && !memcmp(&o.cookie, claim + 24, 8) && !memcmp(&o.netns, claim + 32, 8)
						  && !memcmp(&o.workload, claim + 40, 4) ? 'Y' : 'N';
				send(fd, &verdict, 1, MSG_NOSIGNAL);
			}
			close(fd);
		}
	}
}

static pid_t daemon_half(void)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe(ready))
		die("pipe");
	fflush(stdout);
	pid = fork();
	if (!pid)
		serve(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		die("daemon");
	return pid;
}

/* A client process of workload w; the line it printed. */
static FILE *start(int w, const char *settings)
{
	char command[512];

	snprintf(command, sizeof command, "%s client cgroup=" CG "/workloads/w%d netns=/proc/%d/ns/net workload=%d ports=20000-21999 %s", peer, w,
		 holder[w < SPACES ? w - 1 : SPACES - 1], w, settings);
	return popen(command, "r");
}

static const char *finish(FILE *client)
{
	static char line[512];

	if (!fgets(line, sizeof line, client))
		strcpy(line, "no answer\n");
	pclose(client);
	line[strcspn(line, "\n")] = 0;
	return line;
}

/* The number behind a name such as " e111="; 0 when it is not there. */
static long number(const char *seen, const char *name)
{
	const char *at = strstr(seen, name);

	return at ? atol(at + strlen(name)) : 0;
}

static void expect(const char *name, int w, const char *settings, const char *counts)
{
	const char *seen = finish(start(w, settings));
	const char *at = strstr(seen, counts);

	check(name, at && (at[strlen(counts)] == ' ' || !at[strlen(counts)]), seen);
}

static void everybody(const char *name, const char *settings, const char *counts)
{
	FILE *clients[4];

	for (int w = 1; w <= 3; w++)
		clients[w] = start(w, settings);
	for (int w = 1; w <= 3; w++) {
		const char *seen = finish(clients[w]);

		check(name, strstr(seen, counts) && strstr(seen, "peer_wrong=0"), seen);
	}
}

static int entries(const char *map)
{
	struct mesh_flow key, next;
	int n = 0, rc = bpf_map_get_next_key(fd_of(map), NULL, &next);

	for (; !rc; n++, key = next)
		rc = bpf_map_get_next_key(fd_of(map), memcpy(&key, &next, sizeof key), &next);
	return n;
}

static int program_fd(struct bpf_object *from, const char *name)
{
	struct bpf_program *p = bpf_object__find_program_by_name(from, name);

	if (!p)
		die(name);
	return bpf_program__fd(p);
}

static const struct { const char *name; enum bpf_attach_type type; int daemon, budget; } programs[] = {
	{ "mesh_connect4", BPF_CGROUP_INET4_CONNECT, 0, 4000 }, { "mesh_connect6", BPF_CGROUP_INET6_CONNECT, 0, 7500 },
	{ "mesh_sockops", BPF_CGROUP_SOCK_OPS, 2, 700 }, { "mesh_getsockopt", BPF_CGROUP_GETSOCKOPT, 1, 300 },
	{ "mesh_peername4", BPF_CGROUP_INET4_GETPEERNAME, 0, 60 }, { "mesh_peername6", BPF_CGROUP_INET6_GETPEERNAME, 0, 60 },
	{ "mesh_sendmsg4", BPF_CGROUP_UDP4_SENDMSG, 0, 1500 }, { "mesh_sendmsg6", BPF_CGROUP_UDP6_SENDMSG, 0, 4200 },
	{ "mesh_recvmsg4", BPF_CGROUP_UDP4_RECVMSG, 0, 200 }, { "mesh_recvmsg6", BPF_CGROUP_UDP6_RECVMSG, 0, 200 },
};
static int links[32], nlinks, link_program[32];

static void attach(int program, const char *cgroup)
{
	int dir = open(cgroup, O_RDONLY | O_DIRECTORY);
	char pin[128];

	links[nlinks] = bpf_link_create(program_fd(object, programs[program].name), dir, programs[program].type, NULL);
	if (dir < 0 || links[nlinks] < 0)
		die(programs[program].name);
	snprintf(pin, sizeof pin, PIN "/link%d", nlinks);
	if (bpf_obj_pin(links[nlinks], pin))
		die("pin");
	close(dir);
	link_program[nlinks++] = program;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

int main(int argc, char **argv)
{
	static const char *cgroups[] = { CG, CG "/daemon", CG "/workloads", CG "/workloads/w1", CG "/workloads/w2", CG "/workloads/w3" };
	struct bpf_object *second;
	pid_t daemon_pid, server;
	char text[256];
	FILE *load;

	if (argc < 3)
		return 2;
	peer = argv[2];
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned i = 0; i < sizeof cgroups / sizeof *cgroups; i++)
		mkdir(cgroups[i], 0755);
	mkdir(PIN, 0700);
	snprintf(text, sizeof text, "%d", getpid());
	put(CG "/daemon/cgroup.procs", text);

	object = bpf_object__open_file(argv[1], NULL);
	if (!object || bpf_object__load(object))
		die("load");
	for (unsigned i = 0; i < sizeof programs / sizeof *programs; i++) {
		struct bpf_prog_info info = {};
		__u32 len = sizeof info;

		bpf_obj_get_info_by_fd(program_fd(object, programs[i].name), &info, &len);
		snprintf(text, sizeof text, "verified_insns %s %u of %d", programs[i].name, info.verified_insns, programs[i].budget);
		printf("%s\n", text);
		check("budget", info.verified_insns <= (__u32)programs[i].budget, text);
		if (programs[i].daemon)
			attach(i, CG "/daemon");
		if (programs[i].daemon != 1)
			attach(i, CG "/workloads");
	}
	check("load, attach, pin", nlinks == 11, "");

	for (int i = 0; i < SPACES; i++)
		holder[i] = hold();
	for (int w = 1; w <= 3; w++) {
		struct mesh_wl wl = { .id = w };
		struct stat st;
		__u64 id;

		snprintf(text, sizeof text, CG "/workloads/w%d", w);
		if (stat(text, &st))
			die(text);
		id = st.st_ino;
		if (bpf_map_update_elem(fd_of("mesh_wls"), &id, &wl, BPF_ANY))
			die("workload");
	}
	for (int i = 0; i < 50; i++) {
		snprintf(text, sizeof text, "10.96.1.%d", i);
		service(text, 80, IPPROTO_TCP, MESH_STEER, MESH_L4_FALLBACK, "127.0.0.11", 9000);
	}
	service("fd00:96::1", 80, IPPROTO_TCP, MESH_STEER, 0, NULL, 0);
	service("10.96.2.1", 80, IPPROTO_TCP, MESH_STEER, MESH_FAIL_CLOSED, NULL, 0);
	service("10.96.2.2", 80, IPPROTO_TCP, MESH_BALANCE, 0, "127.0.0.11", 9000);
	service("10.96.2.3", 80, IPPROTO_TCP, MESH_REFUSE, 0, NULL, 0);
	service("10.96.2.4", 53, IPPROTO_UDP, MESH_BALANCE, 0, "127.0.0.11", 9000);
	beat(now());
	daemon_pid = daemon_half();
	server = fork();
	if (!server) {
		snprintf(text, sizeof text, "netns=/proc/%d/ns/net", holder[0]);
		freopen("/dev/null", "w", stdout);
		execl(peer, peer, "server", text, "listen=tcp:127.0.0.11:9000,udp:127.0.0.11:9000", NULL);
		die(peer);
	}

	everybody("truth, IPv4", "dest=10.96.1.0:80 vips=50 n=700 threads=2", " Y=700 ");
	everybody("truth, v4-mapped", "dest=10.96.1.0:80 mapped=1 vips=50 n=200 threads=2", " Y=200 ");
	everybody("truth, IPv6", "dest=[fd00:96::1]:80 n=200 threads=2", " Y=200 ");
	check("no flow left", entries("mesh_flows") == 0, "entries");
	expect("fast open", 1, "kind=fastopen n=10 dest=10.96.1.1:80", " Y=10");
	expect("non-blocking", 1, "kind=nonblock n=10 dest=10.96.1.1:80", " Y=10");
	expect("dialled directly", 1, "n=10 dest=127.0.0.1:15099", " 0=10");
	expect("balanced", 1, "n=50 dest=10.96.2.2:80", " A=50 peer_wrong=0");
	expect("balanced UDP", 1, "kind=udp n=50 dest=10.96.2.4:53", " B=50 peer_wrong=0");
	expect("balanced connected UDP", 1, "kind=udpc n=50 dest=10.96.2.4:53", " B=50 peer_wrong=0");
	expect("refused", 1, "n=50 dest=10.96.2.3:80", " e111=50");
	expect("refused, non-blocking", 1, "kind=nonblock n=50 dest=10.96.2.3:80", " e111=50");

	load = start(1, "dest=10.96.1.0:80 vips=50 n=400 threads=2");
	second = bpf_object__open_file(argv[1], NULL);
	{
		struct bpf_map *map;

		bpf_object__for_each_map(map, second)
			if (bpf_map__reuse_fd(map, fd_of(bpf_map__name(map))))
				die("reuse");
	}
	if (bpf_object__load(second))
		die("second load");
	for (int i = 0; i < nlinks; i++)
		if (bpf_link_update(links[i], program_fd(second, programs[link_program[i]].name), NULL))
			die("link update");
	{
		const char *seen = finish(load);

		check("program upgrade under load", strstr(seen, " Y=400 ") != NULL, seen);
	}

	load = start(1, "dest=10.96.1.0:80 vips=50 n=800 threads=2");
	usleep(300000);
	kill(daemon_pid, SIGKILL);
	waitpid(daemon_pid, NULL, 0);
	{
		const char *seen = finish(load);

		printf("killed under load: %s\n", seen);
		/* Refused is only whom the hook sent to the listener and whose SYN came after it had gone: one a thread at most. Emulated, that
		 * takes some hundred microseconds. */
		check("killed: others go on to the endpoint", strstr(seen, " A=") && number(seen, " e111=") <= 2, seen);
	}
	beat(now());	/* fresh, so that the listener's absence decides */
	expect("killed, open", 1, "n=100 dest=10.96.1.5:80", " A=100");
	expect("killed, closed", 1, "n=100 dest=10.96.2.1:80", " e111=100");
	daemon_pid = daemon_half();
	expect("new daemon", 1, "n=100 dest=10.96.2.1:80", " Y=100");
	kill(daemon_pid, SIGSTOP);
	beat(now() - 2200000000ULL);
	expect("hung, open", 1, "n=50 dest=10.96.1.5:80", " A=50");
	expect("hung, closed", 1, "n=50 dest=10.96.2.1:80", " e111=50");

	kill(daemon_pid, SIGKILL);
	kill(server, SIGKILL);
	for (int i = 0; i < SPACES; i++)
		kill(holder[i], SIGKILL);
	printf("%d failed\n", failures);
	return failures != 0;
}
