// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Answers the daemon where an accepted connection wanted to go. On the daemon's cgroup only. */
#include "mesh_bpf.h"

SEC("cgroup/getsockopt")
int mesh_getsockopt(struct bpf_sockopt *ctx)
{
	struct mesh_orig *o;
	__u16 *to, *from;
	int i;

	if (ctx_get(ctx, level) != MESH_LEVEL || ctx_get(ctx, optname) != MESH_ORIGIN)
		return MESH_ALLOW;	/* another option: the kernel's answer stands */
	o = bpf_sk_storage_get(&mesh_sk_orig, ctx_get_ptr(ctx, sk), 0, 0);
	if (!o || o->how == MESH_HOW_NONE) {
		mesh_count(MESH_ST_ORIGIN_ABSENT);
		return MESH_ALLOW;	/* the kernel's error stands */
	}
	to = ctx_get_ptr(ctx, optval);
	if ((void *)to + sizeof(*o) > ctx_get_ptr(ctx, optval_end))
		return MESH_ALLOW;	/* buffer too short: the kernel's error stands */
	from = (__u16 *)o;
#pragma unroll
	for (i = 0; i < (int)(sizeof(*o) / 2); i++) {	/* wider copies fail where alignment is strict */
		to[i] = from[i];
		asm volatile("" ::: "memory");
	}
	ctx_set(ctx, optlen, sizeof(*o));
	ctx_set(ctx, retval, 0);
	mesh_count(MESH_ST_ORIGIN_READ);
	return MESH_ALLOW;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
