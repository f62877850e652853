// SPDX-License-Identifier: GPL-2.0-only
#include "elements.h"

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
void each_element(int fd, size_t key, size_t value, element_fn fn, void *ctx)
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
		warn("cannot read what the kernel has counted: %s", strerror(err));
}
