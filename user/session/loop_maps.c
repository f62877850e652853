// SPDX-License-Identifier: GPL-2.0-only
#include "loop_maps.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define FIRST_BATCH 512

/* Elements of a map, as many at a time as a call can have. */
struct batch {
	__u32 room;
	char *keys;
	char *values;
};

static void make_room(struct batch *b, __u32 room, size_t key, size_t value)
{
	b->room = room;
	b->keys = xrealloc(b->keys, room, key);
	b->values = xrealloc(b->values, room, value);
}

/* The kernel wants room for a whole chain of the hash: ENOSPC if there is none. */
static void each_element(int fd, size_t key, size_t value, loop_map_fn fn, void *ctx)
{
	struct batch b = {};
	__u32 n, token = 0;
	void *in = NULL;
	int err;

	make_room(&b, FIRST_BATCH, key, value);
	do {
		n = b.room;
		err = bpf_map_lookup_batch(fd, in, &token, b.keys, b.values, &n, NULL);
		err = err ? errno : 0;
		if (err == ENOSPC) {
			make_room(&b, 2 * b.room, key, value);
			err = 0;
			continue;
		}
		for (__u32 i = 0; (!err || err == ENOENT) && i < n; i++)
			fn(ctx, b.keys + i * key, b.values + i * value);
		in = &token;
	} while (!err);
	free(b.keys);
	free(b.values);
	if (err != ENOENT)
		warn("cannot read the kernel's event loops: %s", strerror(err));
}

void each_loop(struct session *s, loop_map_fn fn, void *ctx)
{
	each_element(session_map(s, "loops"), sizeof(struct iop_loop_key),
			    sizeof(struct iop_loop), fn, ctx);
}

void each_poller(struct session *s, loop_map_fn fn, void *ctx)
{
	each_element(session_map(s, "pollers"), sizeof(__u64),
			    sizeof(struct iop_poller), fn, ctx);
}

void each_channel(struct session *s, loop_map_fn fn, void *ctx)
{
	each_element(session_map(s, "channels"), sizeof(__u64),
			    sizeof(struct iop_channel), fn, ctx);
}

void each_turn(struct session *s, loop_map_fn fn, void *ctx)
{
	each_element(session_map(s, "turns"), sizeof(__u32), sizeof(struct iop_turn), fn,
		     ctx);
}

bool channel_lags(struct session *s, __u64 sk, struct iop_times *lags)
{
	return !bpf_map_lookup_elem(session_map(s, "channel_lags"), &sk, lags);
}

void drop_loop(struct session *s, const struct iop_loop_key *key)
{
	bpf_map_delete_elem(session_map(s, "loops"), key);
}
