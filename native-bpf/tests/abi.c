// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Compiled for its BTF only: the types that no map of the object mentions. */
#include "mesh_abi.h"

enum mesh_mode mode;
enum mesh_how how;
enum mesh_stat stat;
enum mesh_event_kind event_kind;
struct mesh_event event;
