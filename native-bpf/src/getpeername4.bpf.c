// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* getpeername() shows the Service the app asked for, not where its connection went. */
#include "mesh_bpf.h"

SEC("cgroup/getpeername4")
int mesh_peername4(struct bpf_sock_addr *ctx)
{
	struct mesh_orig *o = bpf_sk_storage_get(&mesh_sk_orig, ctx_get_ptr(ctx, sk), 0, 0);

	if (!o || o->how == MESH_HOW_NONE)
		return MESH_ALLOW;	/* not ours: leave as is */
	ctx_set(ctx, user_ip4, *(__u32 *)&o->addr[12]);
	ctx_set(ctx, user_port, o->port);
	return MESH_ALLOW;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
