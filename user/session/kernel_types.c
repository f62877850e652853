// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_types.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

/* What the kernel's types call a tracepoint: TRACE and its name. */
#define TRACE "btf_trace_"

/*
 * Types by name: each in the first place from its hash on that was free, so that
 * the first of a name is found first. Half of the places stay free at least.
 */
static struct {
	__u32 *ids; /* 0: free */
	__u32 mask;
} index_of_names;

const struct btf *kernel_btf(void)
{
	static struct btf *btf;
	static bool tried;

	if (!tried)
		btf = btf__load_vmlinux_btf();
	tried = true;
	return btf;
}

/* Its length and both its ends: names share the one or the other, and are many. */
static __u32 hash_name(const char *name)
{
	size_t len = strlen(name), n = len < 8 ? len : 8;
	__u64 first = 0, last = 0;

	memcpy(&first, name, n);
	memcpy(&last, name + len - n, n);
	return ((first ^ len) * 0x9e3779b97f4a7c15 + last) * 0xff51afd7ed558ccd >> 32;
}

/* Others, numbers and what they are called in other ways, nobody looks for. */
static bool is_indexed(const struct btf *btf, const struct btf_type *t)
{
	return btf_is_func(t) || btf_is_struct(t) ||
	       (btf_is_typedef(t) &&
		!strncmp(btf__name_by_offset(btf, t->name_off), TRACE, strlen(TRACE)));
}

static void index_names(const struct btf *btf)
{
	__u32 nr = btf__type_cnt(btf), places = 1;

	while (places < 2 * nr)
		places *= 2;
	index_of_names.ids = xcalloc(places, sizeof(*index_of_names.ids));
	index_of_names.mask = places - 1;
	for (__u32 id = 1; id < nr; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		__u32 at;

		if (!is_indexed(btf, t))
			continue;
		at = hash_name(btf__name_by_offset(btf, t->name_off));
		while (index_of_names.ids[at & index_of_names.mask])
			at++;
		index_of_names.ids[at & index_of_names.mask] = id;
	}
}

/* The first behind after; 0: of all. */
static int find_type(const char *name, __u32 kind, __u32 after)
{
	const struct btf *btf = kernel_btf();
	__u32 at = hash_name(name), id;
	bool behind = !after;

	if (!btf)
		return -ENOENT;
	if (!index_of_names.ids)
		index_names(btf);
	while ((id = index_of_names.ids[at++ & index_of_names.mask])) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (behind && btf_kind(t) == kind &&
		    !strcmp(btf__name_by_offset(btf, t->name_off), name))
			return id;
		behind |= id == after;
	}
	return -ENOENT;
}

int kernel_struct_type(const char *name, __u32 id)
{
	return find_type(name, BTF_KIND_STRUCT, id);
}

const struct btf_type *btf_member_of(const struct btf *btf, const struct btf_type *t,
				     const char *name, size_t len, __u32 *bits)
{
	const struct btf_member *m = btf_members(t);

	for (int i = 0; i < btf_vlen(t); i++, m++) {
		const char *its = btf__name_by_offset(btf, m->name_off);
		const struct btf_type *type, *found;
		__u32 at = btf_member_bit_offset(t, i);
		int id = btf__resolve_type(btf, m->type);

		type = id < 0 ? NULL : btf__type_by_id(btf, id);
		if (strlen(its) == len && !memcmp(its, name, len)) {
			*bits += at;
			return type;
		}
		if (*its || !type || !btf_is_composite(type))
			continue;
		found = btf_member_of(btf, type, name, len, bits);
		if (found) {
			*bits += at;
			return found;
		}
	}
	return NULL;
}

int kernel_hook_type(const char *target, bool tracepoint)
{
	char type[64];

	if (!tracepoint)
		return find_type(target, BTF_KIND_FUNC, 0);
	snprintf(type, sizeof(type), TRACE "%s", target);
	return find_type(type, BTF_KIND_TYPEDEF, 0);
}
