// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A datagram of an unconnected UDP socket to a balanced Service. */
#include "mesh_datagram.h"

SEC("cgroup/sendmsg6")
int mesh_sendmsg6(struct bpf_sock_addr *ctx)
{
	struct mesh_call c = {};
	struct mesh_backend be = {};

	if (ctx_get(ctx, type) != SOCK_DGRAM || ctx_get(ctx, protocol) != IPPROTO_UDP)
		return MESH_ALLOW;	/* not UDP: leave as is */
	c.key.proto = IPPROTO_UDP;
	*(__u32 *)&c.key.addr[0] = ctx_get(ctx, user_ip6[0]);
	*(__u32 *)&c.key.addr[4] = ctx_get(ctx, user_ip6[1]);
	*(__u32 *)&c.key.addr[8] = ctx_get(ctx, user_ip6[2]);
	*(__u32 *)&c.key.addr[12] = ctx_get(ctx, user_ip6[3]);
	c.key.port = ctx_get(ctx, user_port);

	switch (mesh_datagram(ctx, &c, 0, &be)) {
	case MESH_V_BALANCE:
		ctx_set(ctx, user_ip6[0], *(__u32 *)&be.addr[0]);
		ctx_set(ctx, user_ip6[1], *(__u32 *)&be.addr[4]);
		ctx_set(ctx, user_ip6[2], *(__u32 *)&be.addr[8]);
		ctx_set(ctx, user_ip6[3], *(__u32 *)&be.addr[12]);
		ctx_set(ctx, user_port, be.port);
		return MESH_ALLOW;	/* to an endpoint */
	case MESH_V_REFUSE:
		return MESH_DENY;	/* EPERM */
	}
	return MESH_ALLOW;		/* left alone */
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
