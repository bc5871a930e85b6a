/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What connect4 and connect6 share: liveness of the listener, the socket's record, events. */
#ifndef MESH_CONNECT_H
#define MESH_CONNECT_H

#include "mesh_decide.h"

static __always_inline void mesh_tell(const struct mesh_call *c)
{
	__u64 now = bpf_ktime_get_ns(), netns = c->netns;
	__u64 *last = bpf_map_lookup_elem(&mesh_seen, &netns);
	struct mesh_event *e;

	if (last && now - *last < 1000000000ULL)
		return;
	bpf_map_update_elem(&mesh_seen, &netns, &now, BPF_ANY);
	e = bpf_ringbuf_reserve(&mesh_events, sizeof(*e), 0);
	if (!e) {
		mesh_count(MESH_ST_EVENT_LOST);
		return;
	}
	e->kind = MESH_EV_NO_LISTENER;
	e->pid = bpf_get_current_pid_tgid() >> 32;
	e->netns = netns;
	e->cgroup_id = bpf_get_current_cgroup_id();
	e->workload = c->wl.id;
	e->svc_id = c->svc.svc_id;
	bpf_ringbuf_submit(e, 0);
}

/* The port of the daemon's live listener in this namespace, or 0. A listener without our mark is somebody else's. */
static __always_inline __be16 mesh_listener(struct bpf_sock_addr *ctx, const struct mesh_call *c, int v6)
{
	struct bpf_sock_tuple t = {};
	struct mesh_lsn *l;
	struct bpf_sock *sk;
	__u64 netns = c->netns, *mark;
	__be16 port;
	int ours;

	l = bpf_map_lookup_elem(&mesh_lsns, &netns);
	if (!l || !(l->flags & (v6 ? MESH_LSN_V6 : MESH_LSN_V4))) {
		mesh_count(MESH_ST_NO_LISTENER);
		mesh_tell(c);
		return 0;
	}
	if (!mesh_fresh()) {
		mesh_count(MESH_ST_STALE);
		return 0;
	}
	port = v6 ? l->port6 : l->port4;
	if (v6) {
		t.ipv6.daddr[3] = bpf_htonl(1);
		t.ipv6.dport = port;
		sk = bpf_sk_lookup_tcp(ctx, &t, sizeof(t.ipv6), BPF_F_CURRENT_NETNS, 0);
	} else {
		t.ipv4.daddr = bpf_htonl(INADDR_LOOPBACK);
		t.ipv4.dport = port;
		sk = bpf_sk_lookup_tcp(ctx, &t, sizeof(t.ipv4), BPF_F_CURRENT_NETNS, 0);
	}
	if (!sk) {
		mesh_count(MESH_ST_LISTENER_GONE);
		return 0;
	}
	mark = bpf_sk_storage_get(&mesh_lsn_mark, sk, 0, 0);
	ours = mark && *mark == netns && sk->state == BPF_TCP_LISTEN;
	bpf_sk_release(sk);
	if (!ours) {
		mesh_count(MESH_ST_LISTENER_FOREIGN);
		return 0;
	}
	return port;
}

/* A socket may be connected again, elsewhere: what it was is then no longer true. Not when the destination is our own listener:
 * then the program of a cgroup further down has just written the record. */
static __always_inline void mesh_forget(struct bpf_sock_addr *ctx, const struct mesh_call *c, int loopback)
{
	struct mesh_orig *o = bpf_sk_storage_get(&mesh_sk_orig, ctx_get_ptr(ctx, sk), 0, 0);
	__u64 netns = c->netns;
	struct mesh_lsn *l;

	if (!o || o->how == MESH_HOW_NONE)
		return;
	if (loopback) {
		l = bpf_map_lookup_elem(&mesh_lsns, &netns);
		if (l && (c->key.port == l->port4 || c->key.port == l->port6))
			return;
	}
	o->how = MESH_HOW_NONE;
}

static __always_inline int mesh_record(struct bpf_sock_addr *ctx, const struct mesh_call *c, int how)
{
	struct mesh_orig *o = bpf_sk_storage_get(&mesh_sk_orig, ctx_get_ptr(ctx, sk), 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!o) {
		mesh_count(MESH_ST_NO_STORAGE);
		return 0;
	}
	mesh_orig_fill(o, c, how);
	return 1;
}

/* The whole decision for one connect. On MESH_V_STEER *port is the listener's, on MESH_V_BALANCE *out the endpoint. One call of each
 * helper below, since all of it is inlined and the verifier walks every copy. */
static __always_inline int mesh_connect(struct bpf_sock_addr *ctx, struct mesh_call *c, int v6, int v4_only,
					__be16 *port, struct mesh_backend *out)
{
	int steer = c->svc.mode == MESH_STEER && c->key.proto == IPPROTO_TCP;	/* datagrams never go through the daemon */
	int closed = c->svc.flags & MESH_FAIL_CLOSED;
	__u64 netns = c->netns;
	int verdict;

	if (c->svc.mode == MESH_REFUSE) {
		mesh_count(MESH_ST_REFUSE);
		return MESH_V_REFUSE;
	}
	if (c->svc.mode != MESH_STEER && c->svc.mode != MESH_BALANCE) {
		mesh_count(MESH_ST_PASS);
		return MESH_V_ALLOW;
	}
	if (steer || (closed && bpf_map_lookup_elem(&mesh_lsns, &netns)))
		*port = mesh_listener(ctx, c, steer && v6);
	else if (!closed || mesh_fresh())
		*port = 1;	/* balanced, and no listener here to ask about the daemon */
	if (steer && *port) {
		if (mesh_record(ctx, c, v6 ? MESH_HOW_STEER6 : MESH_HOW_STEER4)) {
			mesh_count(MESH_ST_STEER);
			return MESH_V_STEER;
		}
		*port = 0;
	}
	if (!*port && closed) {
		mesh_count(MESH_ST_FAILED_CLOSED);
		return MESH_V_REFUSE;	/* daemon gone, and the Service says so */
	}
	if (steer && !(c->svc.flags & MESH_L4_FALLBACK)) {
		mesh_count(MESH_ST_FAILED_OPEN);
		return MESH_V_ALLOW;	/* whoever else answers for this address */
	}
	mesh_count(steer ? MESH_ST_FALLBACK : MESH_ST_BALANCE);
	verdict = mesh_balance(c, v4_only, 0, out);
	if (verdict == MESH_V_BALANCE)
		mesh_record(ctx, c, MESH_HOW_BALANCE);	/* without it the app sees the endpoint's address: no harm */
	return verdict;
}

/* TCP, MPTCP (whose subflows are TCP sockets) and UDP; 0 = not ours. */
static __always_inline __u8 mesh_proto(struct bpf_sock_addr *ctx)
{
	__u32 type = ctx_get(ctx, type), proto = ctx_get(ctx, protocol);

	if (type == SOCK_STREAM && (proto == IPPROTO_TCP || proto == IPPROTO_MPTCP))
		return IPPROTO_TCP;
	if (type == SOCK_DGRAM && proto == IPPROTO_UDP)
		return IPPROTO_UDP;
	return 0;
}

#endif
