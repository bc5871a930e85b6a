// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A datagram of an unconnected UDP socket to a balanced Service. */
#include "mesh_connect.h"

SEC("cgroup/sendmsg4")
int mesh_sendmsg4(struct bpf_sock_addr *ctx)
{
	struct mesh_call c = {};
	struct mesh_backend be = {};
	struct mesh_uflow k = {};
	struct mesh_uorig o = {};

	if (ctx_get(ctx, type) != SOCK_DGRAM || ctx_get(ctx, protocol) != IPPROTO_UDP)
		return MESH_ALLOW;	/* not UDP: leave as is */
	c.key.proto = IPPROTO_UDP;
	mesh_map_v4(c.key.addr, ctx_get(ctx, user_ip4));
	c.key.port = ctx_get(ctx, user_port);
	if (!mesh_find(&c))
		return MESH_ALLOW;	/* not a frontend: leave as is */
	c.netns = bpf_get_netns_cookie(ctx);
	c.cookie = bpf_get_socket_cookie(ctx);

	switch (c.svc.mode) {
	case MESH_STEER:	/* datagrams never go through the daemon */
	case MESH_BALANCE:
		break;
	case MESH_REFUSE:
		mesh_count(MESH_ST_REFUSE);
		return MESH_DENY;	/* EPERM */
	default:
		mesh_count(MESH_ST_PASS);
		return MESH_ALLOW;	/* a frontend that is left alone */
	}
	if ((c.svc.flags & MESH_FAIL_CLOSED) && !mesh_fresh()) {
		mesh_count(MESH_ST_STALE);
		mesh_count(MESH_ST_FAILED_CLOSED);
		return MESH_DENY;
	}
	mesh_count(MESH_ST_BALANCE);
	if (mesh_balance(&c, 1, 0, &be) != MESH_V_BALANCE)
		return MESH_DENY;	/* no endpoint: EPERM */
	k.cookie = c.cookie;
	__builtin_memcpy(k.addr, be.addr, 16);
	k.port = be.port;
	__builtin_memcpy(o.addr, c.key.addr, 16);
	o.port = c.key.port;
	bpf_map_update_elem(&mesh_uflows, &k, &o, BPF_ANY);
	ctx_set(ctx, user_ip4, *(__u32 *)&be.addr[12]);
	ctx_set(ctx, user_port, be.port);
	return MESH_ALLOW;		/* to an endpoint */
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
