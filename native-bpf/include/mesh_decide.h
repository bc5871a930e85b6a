/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What becomes of a connect or a send: the decision on plain structs, apart from the hooks, so that it can be run by tests. */
#ifndef MESH_DECIDE_H
#define MESH_DECIDE_H

#include "mesh_bpf.h"

#define MESH_LEVELS	10	/* cgroup depth up to which a workload is found */

/* A connect or send as the hook saw it. */
struct mesh_call {
	struct mesh_svc_key key;	/* destination; class filled in by mesh_find */
	__u64 netns;
	__u64 cookie;
	struct mesh_svc svc;
	struct mesh_wl wl;		/* all 0 = unknown */
};

enum mesh_verdict { MESH_V_ALLOW, MESH_V_STEER, MESH_V_BALANCE, MESH_V_REFUSE };

/* The workload of the calling task: that of the deepest registered cgroup above it. */
static __always_inline void mesh_workload(struct mesh_call *c)
{
	struct mesh_wl *w = NULL;
	__u64 id;
	int level;

#pragma unroll
	for (level = MESH_LEVELS; level >= 1; level--) {
		id = bpf_get_current_ancestor_cgroup_id(level);
		if (!id)
			continue;	/* not that deep */
		w = bpf_map_lookup_elem(&mesh_wls, &id);
		if (w)
			break;
	}
	if (w)
		c->wl = *w;
}

/* The Service entry for this client: its class first, then everybody's; none for a task outside of the mesh. Misses are the common
 * case and cost one look-up. */
static __always_inline int mesh_find(struct mesh_call *c)
{
	struct mesh_svc *s = bpf_map_lookup_elem(&mesh_svcs, &c->key);

	if (!s)
		return 0;
	c->svc = *s;
	mesh_workload(c);
	if (c->wl.flags & MESH_WL_OUTSIDE)
		return 0;
	if (!c->wl.id)
		mesh_count(MESH_ST_UNKNOWN_CLIENT);
	if (c->wl.cls) {
		c->key.cls = c->wl.cls;
		s = bpf_map_lookup_elem(&mesh_svcs, &c->key);
		if (s)
			c->svc = *s;
		else
			c->key.cls = 0;
	}
	return 1;
}

static __always_inline int mesh_fresh(void)
{
	__u32 zero = 0;
	struct mesh_cfg *cfg = bpf_map_lookup_elem(&mesh_cfg, &zero);

	return cfg && cfg->heartbeat_ns && cfg->heartbeat_ns + cfg->stale_ns >= bpf_ktime_get_ns();
}

/* Random, but for affinity (the workload decides) and datagrams (the socket decides, so that an exchange stays with one endpoint). */
static __always_inline __u64 mesh_draw(const struct mesh_call *c)
{
	if (c->svc.flags & MESH_AFFINITY)
		return mesh_mix(((__u64)c->svc.svc_id << 32) ^ (c->wl.id ? c->wl.id : mesh_mix(c->netns)));
	if (c->key.proto == IPPROTO_UDP)
		return mesh_mix(c->cookie ^ ((__u64)c->svc.svc_id << 40));
	return ((__u64)bpf_get_prandom_u32() << 32) | bpf_get_prandom_u32();
}

#define MESH_PICKED	0
#define MESH_NO_SHARE	1	/* this share has no endpoint */
#define MESH_RACED	2	/* that generation is gone: read the Service again */

static __always_inline int mesh_pick_once(const struct mesh_call *c, struct mesh_backend *out)
{
	struct mesh_be_key key = { .svc_id = c->svc.svc_id, .cls = c->key.cls, .gen = c->svc.gen };
	struct mesh_backend *b;
	__u64 draw = mesh_draw(c);

	if (!c->svc.nslots)
		return MESH_NO_SHARE;
	key.slot = ((draw >> 32) * c->svc.nslots) >> 32;
	b = bpf_map_lookup_elem(&mesh_backends, &key);
	if (!b)
		return MESH_RACED;
	if ((__u32)draw >= b->keep && b->alias != key.slot) {
		key.slot = b->alias;
		b = bpf_map_lookup_elem(&mesh_backends, &key);
		if (!b)
			return MESH_RACED;
	}
	*out = *b;
	return b->flags & MESH_SLOT_REFUSED ? MESH_NO_SHARE : MESH_PICKED;
}

static __always_inline int mesh_pick(struct mesh_call *c, struct mesh_backend *out)
{
	struct mesh_svc *s;
	int rc = mesh_pick_once(c, out);

	if (rc != MESH_RACED)
		return rc;
	s = bpf_map_lookup_elem(&mesh_svcs, &c->key);
	if (!s)
		return MESH_RACED;
	c->svc = *s;
	return mesh_pick_once(c, out);
}

/* Balanced in the kernel, or refused when there is nothing to balance over. */
static __always_inline int mesh_balance(struct mesh_call *c, int v4_only, int v6_only, struct mesh_backend *out)
{
	switch (mesh_pick(c, out)) {
	case MESH_PICKED:
		break;
	case MESH_NO_SHARE:
		mesh_count(MESH_ST_NO_BACKEND);
		return MESH_V_REFUSE;
	default:
		mesh_count(MESH_ST_SLOT_RACE);
		return MESH_V_REFUSE;
	}
	if ((v4_only && !mesh_is_v4(out->addr)) || (v6_only && mesh_is_v4(out->addr))) {
		mesh_count(MESH_ST_WRONG_FAMILY);
		return MESH_V_REFUSE;
	}
	return MESH_V_BALANCE;
}

static __always_inline void mesh_orig_fill(struct mesh_orig *o, const struct mesh_call *c, int how)
{
	__builtin_memcpy(o->addr, c->key.addr, 16);
	o->port = c->key.port;
	o->proto = c->key.proto;
	o->how = how;
	o->svc_id = c->svc.svc_id;
	o->cookie = c->cookie;
	o->cgroup_id = bpf_get_current_cgroup_id();
	o->netns = c->netns;
	o->workload = c->wl.id;
	o->pid = bpf_get_current_pid_tgid() >> 32;
	o->ns = bpf_ktime_get_ns();
}

#endif
