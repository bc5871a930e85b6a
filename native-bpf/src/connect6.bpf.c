// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* connect() of an AF_INET6 socket, which may name a v4 address as ::ffff:a.b.c.d: the same Service entry, the v4 listener. */
#include "mesh_connect.h"

static __always_inline void set_addr(struct bpf_sock_addr *ctx, const __u8 *addr)
{
	const __u32 *w = (const __u32 *)addr;

	ctx_set(ctx, user_ip6[0], w[0]);
	ctx_set(ctx, user_ip6[1], w[1]);
	ctx_set(ctx, user_ip6[2], w[2]);
	ctx_set(ctx, user_ip6[3], w[3]);
}

static __always_inline void set_loopback(struct bpf_sock_addr *ctx, int v6)
{
	ctx_set(ctx, user_ip6[0], 0);
	ctx_set(ctx, user_ip6[1], 0);
	ctx_set(ctx, user_ip6[2], v6 ? 0 : bpf_htonl(0xffff));
	ctx_set(ctx, user_ip6[3], v6 ? bpf_htonl(1) : bpf_htonl(INADDR_LOOPBACK));
}

SEC("cgroup/connect6")
int mesh_connect6(struct bpf_sock_addr *ctx)
{
	struct mesh_call c = {};
	struct mesh_backend be = {};
	struct sockaddr_in6 sa = {};
	__u32 *w = (__u32 *)c.key.addr;
	__be16 port = 0;
	int v6;

	c.key.proto = mesh_proto(ctx);
	if (!c.key.proto)
		return MESH_ALLOW;	/* neither TCP nor UDP: leave as is */
	w[0] = ctx_get(ctx, user_ip6[0]);
	w[1] = ctx_get(ctx, user_ip6[1]);
	w[2] = ctx_get(ctx, user_ip6[2]);
	w[3] = ctx_get(ctx, user_ip6[3]);
	c.key.port = ctx_get(ctx, user_port);
	c.netns = bpf_get_netns_cookie(ctx);
	v6 = !mesh_is_v4(c.key.addr);
	if (!mesh_find(&c)) {
		mesh_forget(ctx, &c, w[3] == bpf_htonl(v6 ? 1 : INADDR_LOOPBACK));
		return MESH_ALLOW;	/* not a frontend: leave as is */
	}
	c.cookie = bpf_get_socket_cookie(ctx);

	switch (mesh_connect(ctx, &c, v6, 0, &port, &be)) {
	case MESH_V_STEER:
		if (c.wl.flags & (v6 ? MESH_WL_BIND6 : MESH_WL_BIND4)) {
			sa.sin6_family = AF_INET6;
			__builtin_memcpy(&sa.sin6_addr, v6 ? c.wl.bind6 : c.wl.bind4, 16);
			bpf_bind(ctx, (struct sockaddr *)&sa, sizeof(sa));	/* refused if the app chose its own: fine */
		}
		set_loopback(ctx, v6);
		ctx_set(ctx, user_port, port);
		return MESH_ALLOW;	/* to the daemon */
	case MESH_V_BALANCE:
		set_addr(ctx, be.addr);
		ctx_set(ctx, user_port, be.port);
		return MESH_ALLOW;	/* to an endpoint */
	case MESH_V_REFUSE:
		if (c.key.proto == IPPROTO_UDP)
			return MESH_DENY;	/* EPERM */
		set_loopback(ctx, v6);
		ctx_set(ctx, user_port, 0);
		return MESH_ALLOW;	/* port 0 of loopback: ECONNREFUSED */
	}
	mesh_forget(ctx, &c, 0);
	return MESH_ALLOW;		/* a frontend that is left alone */
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
