// SPDX-License-Identifier: GPL-2.0-only
/*
 * map_usage: of how many threads and sockets a running iophase holds the state, and how
 * many rows, in its hashes and in its caches, which bpftool does not list. map_usage MAP:
 * how much is in that one.
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../user/base/abi.h"
#include "../../bpf/cache.h"

static unsigned int in_hash(int map, const struct bpf_map_info *info)
{
	char *key = calloc(1, info->key_size);
	unsigned int n = 0;

	while (!bpf_map_get_next_key(map, n ? key : NULL, key))
		n++;
	free(key);
	return n;
}

static unsigned int in_cache(int map, const struct bpf_map_info *info, size_t size)
{
	char *cache = malloc(info->value_size);
	unsigned int n = 0;
	__u32 zero = 0;

	if (!bpf_map_lookup_elem(map, &zero, cache))
		for (char *s = cache; s < cache + info->value_size; s += size)
			n += !!((struct iop_cached *)s)->owner;
	free(cache);
	return n;
}

/* Before the name of a section there is some of the object's. */
static const struct {
	const char *hash, *section;
	size_t size;
} kinds[] = {
	{ "threads", ".bss.threads", sizeof(struct iop_cached_thread) },
	{ "socks", ".bss.socks", sizeof(struct iop_cached_sock) },
	{ "hists", ".bss.rows", sizeof(struct iop_cached_row) },
};

#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

int main(int argc, char **argv)
{
	unsigned int held[NR_KINDS] = {}, asked = 0;
	__u32 id = 0;

	while (!bpf_map_get_next_id(id, &id)) {
		int map = bpf_map_get_fd_by_id(id);
		struct bpf_map_info info = {};
		__u32 size = sizeof(info);

		if (bpf_obj_get_info_by_fd(map, &info, &size))
			return 1;
		if (argc > 1 && !strcmp(info.name, argv[1]))
			asked += in_hash(map, &info);
		for (size_t i = 0; argc < 2 && i < NR_KINDS; i++) {
			if (!strcmp(info.name, kinds[i].hash))
				held[i] += in_hash(map, &info);
			if (strstr(info.name, kinds[i].section))
				held[i] += in_cache(map, &info, kinds[i].size);
		}
		close(map);
	}
	if (argc > 1)
		printf("%u\n", asked);
	else
		printf("%u %u %u\n", held[0], held[1], held[2]);
	return 0;
}
