// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A datagram of an unconnected UDP socket to a balanced Service. */
#include "mesh_datagram.h"

SEC("cgroup/sendmsg4")
int mesh_sendmsg4(struct bpf_sock_addr *ctx)
{
	struct mesh_call c = {};
	struct mesh_backend be = {};

	if (ctx_get(ctx, type) != SOCK_DGRAM || ctx_get(ctx, protocol) != IPPROTO_UDP)
		return MESH_ALLOW;	/* not UDP: leave as is */
	c.key.proto = IPPROTO_UDP;
	mesh_map_v4(c.key.addr, ctx_get(ctx, user_ip4));
	c.key.port = ctx_get(ctx, user_port);

	switch (mesh_datagram(ctx, &c, 1, &be)) {
	case MESH_V_BALANCE:
		ctx_set(ctx, user_ip4, *(__u32 *)&be.addr[12]);
		ctx_set(ctx, user_port, be.port);
		return MESH_ALLOW;	/* to an endpoint */
	case MESH_V_REFUSE:
		return MESH_DENY;	/* EPERM */
	}
	return MESH_ALLOW;		/* left alone */
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
