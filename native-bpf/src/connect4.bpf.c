// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* connect() of an AF_INET socket: to the daemon's listener of this namespace, to an endpoint, or left alone. */
#include "mesh_connect.h"

SEC("cgroup/connect4")
int mesh_connect4(struct bpf_sock_addr *ctx)
{
	struct mesh_call c = {};
	struct mesh_backend be = {};
	struct sockaddr_in sa = {};
	__be16 port = 0;
	__be32 ip = ctx_get(ctx, user_ip4);

	c.key.proto = mesh_proto(ctx);
	if (!c.key.proto)
		return MESH_ALLOW;	/* neither TCP nor UDP: leave as is */
	mesh_map_v4(c.key.addr, ip);
	c.key.port = ctx_get(ctx, user_port);
	c.netns = bpf_get_netns_cookie(ctx);
	if (!mesh_find(&c)) {
		mesh_forget(ctx, &c, ip == bpf_htonl(INADDR_LOOPBACK));
		return MESH_ALLOW;	/* not a frontend: leave as is */
	}
	c.cookie = bpf_get_socket_cookie(ctx);

	switch (mesh_connect(ctx, &c, 0, 1, &port, &be)) {
	case MESH_V_STEER:
		if (c.wl.flags & MESH_WL_BIND4) {
			sa.sin_family = AF_INET;
			sa.sin_addr.s_addr = *(__u32 *)&c.wl.bind4[12];
			bpf_bind(ctx, (struct sockaddr *)&sa, sizeof(sa));	/* refused if the app chose its own: fine */
		}
		ctx_set(ctx, user_ip4, bpf_htonl(INADDR_LOOPBACK));
		ctx_set(ctx, user_port, port);
		return MESH_ALLOW;	/* to the daemon */
	case MESH_V_BALANCE:
		ctx_set(ctx, user_ip4, *(__u32 *)&be.addr[12]);
		ctx_set(ctx, user_port, be.port);
		return MESH_ALLOW;	/* to an endpoint */
	case MESH_V_REFUSE:
		if (c.key.proto == IPPROTO_UDP)
			return MESH_DENY;	/* a datagram socket would connect to port 0: EPERM */
		ctx_set(ctx, user_ip4, bpf_htonl(INADDR_LOOPBACK));
		ctx_set(ctx, user_port, 0);
		return MESH_ALLOW;	/* port 0 of loopback: ECONNREFUSED, on every kernel */
	}
	mesh_forget(ctx, &c, 0);
	return MESH_ALLOW;		/* a frontend that is left alone */
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
