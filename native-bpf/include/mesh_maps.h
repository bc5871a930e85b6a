/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Every map, once: each program file includes this, the linker merges the weak definitions. */
#ifndef MESH_MAPS_H
#define MESH_MAPS_H

#include "mesh_abi.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct mesh_svc_key);
	__type(value, struct mesh_svc);
} mesh_svcs SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1048576);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct mesh_be_key);
	__type(value, struct mesh_backend);
} mesh_backends SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);			/* netns cookie */
	__type(value, struct mesh_lsn);
} mesh_lsns SEC(".maps") __weak;

/* On our listeners; accepted sockets inherit it when they are created (BPF_F_CLONE), which tells the passive side the
 * namespace on kernels whose sockops have no netns cookie. Written by the daemon through the descriptor. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, __u64);			/* netns cookie */
} mesh_lsn_mark SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct mesh_orig);
} mesh_sk_orig SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct mesh_flow);
	__type(value, struct mesh_orig);
} mesh_flows SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct mesh_uflow);
	__type(value, struct mesh_uorig);
} mesh_uflows SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);			/* cgroup id */
	__type(value, struct mesh_wl);
} mesh_wls SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct mesh_cfg);
} mesh_cfg SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MESH_ST_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} mesh_stats SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} mesh_events SEC(".maps") __weak;

/* When a namespace last asked for a listener: one event a second each is enough. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);			/* netns cookie */
	__type(value, __u64);			/* CLOCK_MONOTONIC ns */
} mesh_seen SEC(".maps") __weak;

#endif
