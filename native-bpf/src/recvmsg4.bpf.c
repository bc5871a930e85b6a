// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A reply from an endpoint is shown as coming from the Service it was sent to. */
#include "mesh_bpf.h"

SEC("cgroup/recvmsg4")
int mesh_recvmsg4(struct bpf_sock_addr *ctx)
{
	struct mesh_uflow k = {};
	struct mesh_uorig *u;
	struct mesh_orig *o;
	struct bpf_sock *sk = ctx_get_ptr(ctx, sk);

	o = bpf_sk_storage_get(&mesh_sk_orig, sk, 0, 0);
	if (o && o->how == MESH_HOW_BALANCE && o->proto == IPPROTO_UDP && ctx->sk && ctx->sk->dst_port) {
		ctx_set(ctx, user_ip4, *(__u32 *)&o->addr[12]);
		ctx_set(ctx, user_port, o->port);
		mesh_count(MESH_ST_UDP_REPLY);
		return MESH_ALLOW;	/* connected, so all it hears is its endpoint */
	}
	k.cookie = bpf_get_socket_cookie(ctx);
	mesh_map_v4(k.addr, ctx_get(ctx, user_ip4));
	k.port = ctx_get(ctx, user_port);
	u = bpf_map_lookup_elem(&mesh_uflows, &k);
	if (!u)
		return MESH_ALLOW;	/* not a reply to what we sent: leave as is */
	ctx_set(ctx, user_ip4, *(__u32 *)&u->addr[12]);
	ctx_set(ctx, user_port, u->port);
	mesh_count(MESH_ST_UDP_REPLY);
	return MESH_ALLOW;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
