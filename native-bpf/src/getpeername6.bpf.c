// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* getpeername() shows the Service the app asked for, not where its connection went. */
#include "mesh_bpf.h"

SEC("cgroup/getpeername6")
int mesh_peername6(struct bpf_sock_addr *ctx)
{
	struct mesh_orig *o = bpf_sk_storage_get(&mesh_sk_orig, ctx_get_ptr(ctx, sk), 0, 0);

	if (!o || o->how == MESH_HOW_NONE)
		return MESH_ALLOW;	/* not ours: leave as is */
	ctx_set(ctx, user_ip6[0], *(__u32 *)&o->addr[0]);
	ctx_set(ctx, user_ip6[1], *(__u32 *)&o->addr[4]);
	ctx_set(ctx, user_ip6[2], *(__u32 *)&o->addr[8]);
	ctx_set(ctx, user_ip6[3], *(__u32 *)&o->addr[12]);
	ctx_set(ctx, user_port, o->port);
	return MESH_ALLOW;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
