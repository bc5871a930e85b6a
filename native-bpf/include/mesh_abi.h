/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the BPF programs and the daemon share. Fixed widths, explicit padding, all padding zero.
 * Java twins: heddle.steer.internal.Abi; a test compares each through BTF.
 * Any change of a layout is a new MESH_ABI, and with it a new pin directory. */
#ifndef MESH_ABI_H
#define MESH_ABI_H

#include <linux/types.h>

#define MESH_ABI		1

/* getsockopt(fd, MESH_LEVEL, MESH_ORIGIN, buf, 64) on an accepted socket answers struct mesh_orig. */
#define MESH_LEVEL		0x6d65
#define MESH_ORIGIN		1

/* A Service port as one client class sees it. Class 0 = everybody without a class of its own. */
struct mesh_svc_key {
	__u8   addr[16];	/* network order; v4 as ::ffff:a.b.c.d */
	__be16 port;		/* network order */
	__u8   proto;		/* IPPROTO_TCP or IPPROTO_UDP */
	__u8   pad;
	__u32  cls;
};

enum mesh_mode { MESH_PASS, MESH_BALANCE, MESH_STEER, MESH_REFUSE };

#define MESH_FAIL_CLOSED	1	/* daemon gone: refuse */
#define MESH_L4_FALLBACK	2	/* daemon gone: balance over the slots */
#define MESH_AFFINITY		4	/* the client's workload decides the slot */

struct mesh_svc {
	__u32 svc_id;
	__u32 gen;		/* of its slots in mesh_backends */
	__u32 nslots;
	__u8  mode;		/* enum mesh_mode */
	__u8  flags;
	__u8  pad[2];
};

struct mesh_be_key {
	__u32 svc_id;
	__u32 cls;
	__u32 gen;
	__u32 slot;
};

#define MESH_SLOT_REFUSED	1	/* a share without an endpoint */

/* One column of an alias table: exact weights in nslots entries whatever their sum. */
struct mesh_backend {
	__u8   addr[16];	/* network order; v4 as ::ffff:a.b.c.d */
	__be16 port;		/* network order */
	__u8   flags;
	__u8   pad;
	__u32  keep;		/* a draw below it stays here, else goes to alias */
	__u32  alias;
};

#define MESH_LSN_V4		1
#define MESH_LSN_V6		2

/* The daemon's listeners in one network namespace: 127.0.0.1:port4 and [::1]:port6. */
struct mesh_lsn {
	__be16 port4;		/* network order */
	__be16 port6;		/* network order */
	__u16  flags;
	__u16  epoch;		/* which daemon, for humans */
};

#define MESH_WL_BIND4		1
#define MESH_WL_BIND6		2
#define MESH_WL_OUTSIDE		4	/* a cgroup shared with programs of no mesh: what is in it and in no workload is left alone */

/* A workload, by the id of its cgroup. */
struct mesh_wl {
	__u32 id;
	__u32 cls;
	__u32 flags;
	__u32 pad;
	__u8  bind4[16];	/* source address that steered sockets show, ::ffff:a.b.c.d */
	__u8  bind6[16];
};

enum mesh_how { MESH_HOW_NONE, MESH_HOW_STEER4, MESH_HOW_STEER6, MESH_HOW_BALANCE };

/* Where the client wanted to go, and which workload it is. */
struct mesh_orig {
	__u8   addr[16];	/* network order; v4 as ::ffff:a.b.c.d */
	__be16 port;		/* network order */
	__u8   proto;		/* IPPROTO_TCP or IPPROTO_UDP */
	__u8   how;		/* enum mesh_how: which path wrote it; 0 = no longer valid */
	__u32  svc_id;
	__u64  cookie;		/* of the client's socket */
	__u64  cgroup_id;	/* of the connecting task */
	__u64  netns;		/* cookie */
	__u32  workload;	/* id in mesh_wls, 0 = unknown */
	__u32  pid;		/* for logs only */
	__u64  ns;		/* CLOCK_MONOTONIC */
};

/* A handshake on its way from a client to a listener. */
struct mesh_flow {
	__u64  netns;		/* cookie */
	__u8   client[16];
	__u8   server[16];
	__be16 client_port;	/* network order */
	__be16 server_port;	/* network order */
	__u32  pad;
};

/* A reply of a balanced, unconnected UDP socket -> the address it was sent to. */
struct mesh_uflow {
	__u64  cookie;
	__u8   addr[16];
	__be16 port;		/* network order */
	__u8   pad[6];
};

struct mesh_uorig {
	__u8   addr[16];
	__be16 port;		/* network order */
	__u8   pad[6];
};

/* mesh_cfg[0] is the heartbeat, mesh_cfg[1] the owner. */
struct mesh_cfg {
	__u64 heartbeat_ns;	/* CLOCK_MONOTONIC; 0 = no daemon */
	__u64 stale_ns;		/* older than this: the daemon hangs */
	__u64 owner;		/* which daemon process */
	__u32 abi;
	__u32 turn;		/* which steering of that process */
};

enum mesh_event_kind { MESH_EV_NO_LISTENER = 1 };

struct mesh_event {
	__u32 kind;
	__u32 pid;
	__u64 netns;		/* cookie */
	__u64 cgroup_id;
	__u32 workload;
	__u32 svc_id;
};

/* mesh_stats. Names in Java: heddle.steer.internal.Stat, same order. */
enum mesh_stat {
	MESH_ST_PASS,			/* a frontend in mode PASS */
	MESH_ST_STEER,
	MESH_ST_BALANCE,
	MESH_ST_REFUSE,			/* mode REFUSE */
	MESH_ST_NO_BACKEND,		/* a share without an endpoint, or no endpoint at all: refused */
	MESH_ST_NO_LISTENER,		/* this namespace has none yet */
	MESH_ST_LISTENER_GONE,		/* the daemon died */
	MESH_ST_LISTENER_FOREIGN,	/* somebody else listens there */
	MESH_ST_STALE,			/* the daemon hangs */
	MESH_ST_FAILED_OPEN,
	MESH_ST_FAILED_CLOSED,
	MESH_ST_FALLBACK,		/* balanced in place of steered */
	MESH_ST_UNKNOWN_CLIENT,		/* a frontend's client is in no registered cgroup */
	MESH_ST_WRONG_FAMILY,		/* the endpoint's family is not the socket's: refused */
	MESH_ST_SLOT_RACE,		/* slots changed while being read, twice: refused */
	MESH_ST_FLOW_TAKEN,		/* the accepted socket got its origin */
	MESH_ST_FLOW_MISSING,		/* accepted without one: dialled directly */
	MESH_ST_FLOW_DROPPED,		/* handshake failed */
	MESH_ST_ORIGIN_READ,
	MESH_ST_ORIGIN_ABSENT,
	MESH_ST_UDP_REPLY,
	MESH_ST_EVENT_LOST,
	MESH_ST_NO_STORAGE,		/* no memory for the origin: left alone or refused */
	MESH_ST_COUNT
};

_Static_assert(sizeof(struct mesh_svc_key) == 24, "shared with Java");
_Static_assert(sizeof(struct mesh_svc) == 16, "shared with Java");
_Static_assert(sizeof(struct mesh_be_key) == 16, "shared with Java");
_Static_assert(sizeof(struct mesh_backend) == 28, "shared with Java");
_Static_assert(sizeof(struct mesh_lsn) == 8, "shared with Java");
_Static_assert(sizeof(struct mesh_wl) == 48, "shared with Java");
_Static_assert(sizeof(struct mesh_orig) == 64, "shared with Java");
_Static_assert(sizeof(struct mesh_flow) == 48, "shared with Java");
_Static_assert(sizeof(struct mesh_uflow) == 32, "shared with Java");
_Static_assert(sizeof(struct mesh_uorig) == 24, "shared with Java");
_Static_assert(sizeof(struct mesh_cfg) == 32, "shared with Java");
_Static_assert(sizeof(struct mesh_event) == 32, "shared with Java");

#endif
