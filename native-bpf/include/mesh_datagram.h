/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What sendmsg4 and sendmsg6 share: one datagram of an unconnected UDP socket. */
#ifndef MESH_DATAGRAM_H
#define MESH_DATAGRAM_H

#include "mesh_connect.h"

/* The whole decision for one datagram, its destination in c->key: MESH_V_ALLOW leaves it alone, MESH_V_REFUSE drops it (EPERM), on
 * MESH_V_BALANCE it goes to *out, and recvmsg will show the Service's address for answers from there. */
static __always_inline int mesh_datagram(struct bpf_sock_addr *ctx, struct mesh_call *c, int v4_only, struct mesh_backend *out)
{
	struct mesh_uflow k = {};
	struct mesh_uorig o = {};

	if (!mesh_find(c))
		return MESH_V_ALLOW;	/* not a frontend: leave as is */
	c->netns = bpf_get_netns_cookie(ctx);
	c->cookie = bpf_get_socket_cookie(ctx);

	switch (c->svc.mode) {
	case MESH_STEER:	/* datagrams never go through the daemon */
	case MESH_BALANCE:
		break;
	case MESH_REFUSE:
		mesh_count(MESH_ST_REFUSE);
		return MESH_V_REFUSE;
	default:
		mesh_count(MESH_ST_PASS);
		return MESH_V_ALLOW;	/* a frontend that is left alone */
	}
	if ((c->svc.flags & MESH_FAIL_CLOSED) && !mesh_fresh()) {
		mesh_count(MESH_ST_STALE);
		mesh_count(MESH_ST_FAILED_CLOSED);
		return MESH_V_REFUSE;
	}
	mesh_count(MESH_ST_BALANCE);
	if (mesh_balance(c, v4_only, !v4_only && !mesh_is_v4(c->key.addr), out) != MESH_V_BALANCE)
		return MESH_V_REFUSE;	/* no endpoint */
	k.cookie = c->cookie;
	__builtin_memcpy(k.addr, out->addr, 16);
	k.port = out->port;
	__builtin_memcpy(o.addr, c->key.addr, 16);
	o.port = c->key.port;
	bpf_map_update_elem(&mesh_uflows, &k, &o, BPF_ANY);
	return MESH_V_BALANCE;
}

#endif
