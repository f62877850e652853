/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Perfetto's tracks: processes, their threads, their sockets. As many as are read
 * from of late are remembered, however long a run is.
 */
#ifndef IOPHASE_TRACKS_H
#define IOPHASE_TRACKS_H

#include <stdbool.h>
#include <stdio.h>

#include "out.h"

/* The numbers of tracks and flows: unlike those that another writer would use. */
enum track_kind {
	TRACK_PROCESS = 1,
	TRACK_THREAD,
	TRACK_SOCKET,
	TRACK_COUNTER,
	TRACK_FLOW,
};

static inline __u64 track_uuid(enum track_kind kind, __u64 nr)
{
	return 0x696full << 48 | (__u64)kind << 44 | (nr & 0xfffffffffffull);
}

/* A thread may have the number of one that is gone; pids have 22 bits. */
static inline __u64 thread_uuid(__u32 pid, __u32 tid)
{
	return track_uuid(TRACK_THREAD, (__u64)pid << 22 | tid);
}

struct tracks;

struct tracks *tracks_new(FILE *f, process_name_fn name);
void tracks_free(struct tracks *t);

/*
 * Where a slice can be put: a track, and until when it is taken. Valid until the next
 * call; what it is is in f.
 */
struct lane {
	__u64 uuid;
	__u64 end_ns;
};

/* The thread of a read. */
struct lane *thread_lane(struct tracks *t, const struct iop_read_record *r);

/*
 * Reads of one socket may overlap, as data waits while that before it is read. So a
 * socket has lanes: the first that is free at from_ns, or NULL if there are too many
 * reads at once.
 */
#define MAX_LANES 64
struct lane *socket_lane(struct tracks *t, const struct iop_read_record *r,
			 __u64 from_ns);

#endif
