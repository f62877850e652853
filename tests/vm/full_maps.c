// SPDX-License-Identifier: GPL-2.0-only
/*
 * full_maps MAP [ROOM]: fills a running iophase's map with keys that nobody has, until
 * it takes no more, but for as many.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/base/abi.h"

/* Above every process's id, below every address of the kernel. */
#define NOBODY 0x40000000u

/* Their number. */
static unsigned int fill(int map, const struct bpf_map_info *info)
{
	void *key = calloc(1, info->key_size), *value = calloc(1, info->value_size);
	__u32 id = NOBODY;

	do
		memcpy(key, &id, sizeof(id));
	while (!bpf_map_update_elem(map, key, value, BPF_NOEXIST) && ++id);
	if (errno != E2BIG)
		perror("full_maps");
	free(value);
	free(key);
	return id - NOBODY;
}

static void make_room(int map, const struct bpf_map_info *info, unsigned int entries)
{
	void *key = calloc(1, info->key_size);

	while (entries--) {
		__u32 id = NOBODY + entries;

		memcpy(key, &id, sizeof(id));
		bpf_map_delete_elem(map, key);
	}
	free(key);
}

int main(int argc, char **argv)
{
	unsigned int filled = 0;
	__u32 id = 0;

	while (argc > 1 && !bpf_map_get_next_id(id, &id)) {
		int map = bpf_map_get_fd_by_id(id);
		struct bpf_map_info info = {};
		__u32 size = sizeof(info);

		if (map < 0 || bpf_obj_get_info_by_fd(map, &info, &size))
			return 1;
		if (strcmp(info.name, argv[1]))
			continue;
		filled += fill(map, &info);
		make_room(map, &info, argc > 2 ? atoi(argv[2]) : 0);
	}
	return !filled;
}
