/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What several programs need. <linux/bpf.h> and not vmlinux.h: with the latter each context access would be a relocation
 * that needs the kernel's BTF. */
#ifndef MESH_BPF_H
#define MESH_BPF_H

#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "mesh_abi.h"
#include "mesh_maps.h"

#define AF_INET			2
#define AF_INET6		10
#define SOCK_STREAM		1
#define SOCK_DGRAM		2

#define MESH_ALLOW		1
#define MESH_DENY		0	/* EPERM; only where no address can be rewritten */

/* Context fields are read and written by one instruction at a constant offset. Plain C lets clang 14 merge the accesses of two
 * branches or two neighbouring fields into one, which the verifier rejects ("dereference of modified ctx ptr"). */
#define ctx_get(ctx, field) ({							\
	__u64 v_;								\
	asm volatile("%0 = *(u32 *)(%1 + %2)" : "=r"(v_)			\
		     : "r"(ctx), "i"(offsetof(typeof(*(ctx)), field)));		\
	(__u32)v_; })
#define ctx_get_ptr(ctx, field) ({						\
	__u64 v_;								\
	asm volatile("%0 = *(u64 *)(%1 + %2)" : "=r"(v_)			\
		     : "r"(ctx), "i"(offsetof(typeof(*(ctx)), field)));		\
	(void *)v_; })
#define ctx_set(ctx, field, val) ({						\
	__u64 v_ = (__u32)(val);						\
	asm volatile("*(u32 *)(%0 + %2) = %1"					\
		     :: "r"(ctx), "r"(v_), "i"(offsetof(typeof(*(ctx)), field))	\
		     : "memory"); })

static __always_inline void mesh_count(__u32 stat)
{
	__u64 *n = bpf_map_lookup_elem(&mesh_stats, &stat);

	if (n)
		(*n)++;		/* per cpu */
}

static __always_inline void mesh_map_v4(__u8 *addr, __be32 v4)
{
	__u32 *w = (__u32 *)addr;

	w[0] = 0;
	w[1] = 0;
	w[2] = bpf_htonl(0xffff);
	w[3] = v4;
}

static __always_inline int mesh_is_v4(const __u8 *addr)
{
	const __u32 *w = (const __u32 *)addr;

	return !w[0] && !w[1] && w[2] == bpf_htonl(0xffff);
}

/* murmur3's finaliser */
static __always_inline __u64 mesh_mix(__u64 x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	x ^= x >> 33;
	return x;
}

#endif
