/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event loops, their groups and their channels: what the kernel has counted of
 * them, interval by interval. What the words mean: docs/loops.md.
 */
#ifndef IOPHASE_LOOP_TABLE_H
#define IOPHASE_LOOP_TABLE_H

#include "percentile.h"
#include "session.h"

/* In the order of groups. */
enum loop_role {
	ROLE_ACCEPTOR,
	ROLE_WORKER,
	ROLE_BOTH,
	ROLE_CLIENT,
	ROLE_IDLE,
	NR_ROLES,
};

extern const char *const role_names[NR_ROLES];
extern const char *const poller_names[IOP_NR_POLLERS];

struct loop_times {
	__u64 nr;
	__u64 p50_ns;
	__u64 p99_ns;
	__u64 max_ns;
};

/* A loop in an interval; or a poller that threads share. */
struct loop_row {
	__u64 ts_ns; /* end of the interval */
	__u64 interval_ns;
	__u64 poller;
	__u32 pid;
	__u32 tid; /* 0: not known, or several */
	char comm[IOP_COMM_LEN];
	__u32 kind;	  /* enum iop_poller_kind */
	__u32 role;	  /* enum loop_role */
	__u32 group;	  /* within the process, from 1 on */
	__u32 group_role; /* enum loop_role */
	__u32 channels;
	__u32 moved;   /* since the start */
	__u32 closed;  /* likewise */
	__u32 threads; /* that wait for it */
	__u32 in_turn; /* and no wait has been seen to end it yet */
	__u64 turns;
	__u64 events;
	__u64 reads;
	__u64 bytes;
	__u64 accepts;
	__u64 wakes_io;
	__u64 wakes_other;
	__u64 wakes_timeout;
	__u64 busy_ns;
	struct loop_times turn;
	struct loop_times lag;
	struct loop_times accept_lag;
};

/* Loops of one process that belong together. */
struct group_row {
	__u64 ts_ns;
	__u64 interval_ns;
	__u32 pid;
	__u32 group;
	__u32 role;
	__u32 loops;
	__u32 channels;
	__u64 reads;
	/* the most that one of them has, of the mean, in hundredths; 0: nobody has any */
	__u32 reads_imbalance;
	__u32 channels_imbalance;
	__u32 busy_imbalance;
};

/* A channel, since it was registered, or since iophase came. */
struct channel_row {
	__u64 ts_ns;
	__u64 poller;
	__u64 sk;
	__u32 pid;
	__u32 tid;
	__u32 moved;
	struct iop_channel c;
	__u64 lags; /* how many are known */
	__u64 lag_p99_ns;
};

struct loop_table {
	__u64 ts_ns;
	__u64 interval_ns;
	bool with_channels;
	struct loop_row *rows; /* by process, group and thread */
	int nr;
	struct group_row *groups; /* likewise */
	int nr_groups;
	struct channel_row *channels;
	int nr_channels;
	struct loop_state *state;
};

/* Another loop may have waited on a poller that had the same address. */
static inline bool is_channel_of(const struct channel_row *c, const struct loop_row *r)
{
	return c->poller == r->poller && c->pid == r->pid && c->tid == r->tid;
}

struct loop_table *loop_table_new(__u64 now, bool with_channels);
void loop_table_free(struct loop_table *t);

/* A look_fn: ends an interval. */
void loop_table_refresh(void *table, struct session *s, __u64 now);

#endif
