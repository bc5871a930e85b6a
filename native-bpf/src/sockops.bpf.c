// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Carries the record from the client's socket to the accepted one. The client's side runs in connect(), before the SYN exists; the
 * accepted side under the child's lock, which accept() takes before it returns: the owner of the descriptor always finds it. */
#include "mesh_bpf.h"

static __always_inline void ends4(struct bpf_sock_ops *ctx, __u8 *local, __u8 *remote)
{
	mesh_map_v4(local, ctx_get(ctx, local_ip4));
	mesh_map_v4(remote, ctx_get(ctx, remote_ip4));
}

static __always_inline void ends6(struct bpf_sock_ops *ctx, __u8 *local, __u8 *remote)
{
	__u32 *l = (__u32 *)local, *r = (__u32 *)remote;

	l[0] = ctx_get(ctx, local_ip6[0]);
	l[1] = ctx_get(ctx, local_ip6[1]);
	l[2] = ctx_get(ctx, local_ip6[2]);
	l[3] = ctx_get(ctx, local_ip6[3]);
	r[0] = ctx_get(ctx, remote_ip6[0]);
	r[1] = ctx_get(ctx, remote_ip6[1]);
	r[2] = ctx_get(ctx, remote_ip6[2]);
	r[3] = ctx_get(ctx, remote_ip6[3]);
}

static __always_inline __u64 flow_netns(__u64 cookie)
{
#ifdef MESH_CONTROL_WITHOUT_NETNS
	return 0;	/* the control of the truth test: this must mix clients up */
#else
	return cookie;
#endif
}

/* local_port is in host order, remote_port in network order in the upper half. */
static __always_inline __be16 local_port(struct bpf_sock_ops *ctx)
{
	return bpf_htons(ctx_get(ctx, local_port));
}

static __always_inline __be16 remote_port(struct bpf_sock_ops *ctx)
{
	return bpf_htons(bpf_ntohl(ctx_get(ctx, remote_port)));
}

static __always_inline void client_key(struct bpf_sock_ops *ctx, const struct mesh_orig *o, struct mesh_flow *k)
{
	k->netns = flow_netns(o->netns);
	if (o->how == MESH_HOW_STEER6)
		ends6(ctx, k->client, k->server);
	else
		ends4(ctx, k->client, k->server);
	k->client_port = local_port(ctx);
	k->server_port = remote_port(ctx);
}

static __always_inline void connecting(struct bpf_sock_ops *ctx, void *sk)
{
	struct mesh_orig *o = bpf_sk_storage_get(&mesh_sk_orig, sk, 0, 0);
	struct mesh_flow k = {};

	if (!o || (o->how != MESH_HOW_STEER4 && o->how != MESH_HOW_STEER6))
		return;		/* not steered */
	client_key(ctx, o, &k);
	bpf_map_update_elem(&mesh_flows, &k, o, BPF_ANY);
	bpf_sock_ops_cb_flags_set(ctx, ctx_get(ctx, bpf_sock_ops_cb_flags) | BPF_SOCK_OPS_STATE_CB_FLAG);
}

static __always_inline void accepted(struct bpf_sock_ops *ctx, void *sk)
{
	__u64 *mark = bpf_sk_storage_get(&mesh_lsn_mark, sk, 0, 0);
	struct mesh_flow k = {};
	struct mesh_orig *f;

	if (!mark)
		return;		/* not from a listener of ours */
	k.netns = flow_netns(*mark);
	if (ctx_get(ctx, family) == AF_INET)
		ends4(ctx, k.server, k.client);
	else
		ends6(ctx, k.server, k.client);
	k.server_port = local_port(ctx);
	k.client_port = remote_port(ctx);
	f = bpf_map_lookup_elem(&mesh_flows, &k);
	if (!f) {
		mesh_count(MESH_ST_FLOW_MISSING);
		return;		/* dialled directly: the daemon closes it */
	}
	bpf_sk_storage_get(&mesh_sk_orig, sk, f, BPF_SK_STORAGE_GET_F_CREATE);
	bpf_map_delete_elem(&mesh_flows, &k);
	mesh_count(MESH_ST_FLOW_TAKEN);
}

/* A handshake that failed leaves its entry behind; the cookie tells whether it is still ours. */
static __always_inline void closed(struct bpf_sock_ops *ctx, void *sk)
{
	struct mesh_orig *o = bpf_sk_storage_get(&mesh_sk_orig, sk, 0, 0), *f;
	struct mesh_flow k = {};

	if (!o || (o->how != MESH_HOW_STEER4 && o->how != MESH_HOW_STEER6))
		return;
	client_key(ctx, o, &k);
	f = bpf_map_lookup_elem(&mesh_flows, &k);
	if (f && f->cookie == o->cookie) {
		bpf_map_delete_elem(&mesh_flows, &k);
		mesh_count(MESH_ST_FLOW_DROPPED);
	}
}

SEC("sockops")
int mesh_sockops(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk;

	switch (ctx_get(ctx, op)) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		sk = ctx_get_ptr(ctx, sk);
		if (sk)
			connecting(ctx, sk);
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		sk = ctx_get_ptr(ctx, sk);
		if (sk)
			accepted(ctx, sk);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		if (ctx_get(ctx, args[1]) != BPF_TCP_CLOSE)
			break;
		sk = ctx_get_ptr(ctx, sk);
		if (sk)
			closed(ctx, sk);
		break;
	}
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
