// SPDX-License-Identifier: GPL-2.0-only
#include "core_types.h"

#include <bpf/btf.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel_types.h"
#include "util.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

/* Types that are being copied, and what became of them. */
struct copy {
	const struct btf *from;
	struct btf *to;
	__u32 *ids; /* by id in from; 0: not yet */
	int pointer;
};

/* An object of BPF is a 64-bit ELF everywhere. NULL: it has no types. */
static struct btf *types_of_elf(const char *elf)
{
	const Elf64_Ehdr *header = (const void *)elf;
	const Elf64_Shdr *sections = (const void *)(elf + header->e_shoff);
	const char *names = elf + sections[header->e_shstrndx].sh_offset;

	for (int i = 0; i < header->e_shnum; i++)
		if (!strcmp(names + sections[i].sh_name, ".BTF"))
			return btf__new(elf + sections[i].sh_offset, sections[i].sh_size);
	return NULL;
}

static int copy_type(struct copy *c, __u32 id);

static int copy_members(struct copy *c, const struct btf_type *t)
{
	__u32 *types = xcalloc(btf_vlen(t) + 1, sizeof(*types));
	const char *name = btf__name_by_offset(c->from, t->name_off);
	const struct btf_member *m = btf_members(t);
	int id;

	/* before the structure itself: they are added one by one */
	for (int i = 0; i < btf_vlen(t); i++)
		types[i] = copy_type(c, m[i].type);
	id = btf_is_struct(t) ? btf__add_struct(c->to, name, t->size) :
				btf__add_union(c->to, name, t->size);
	for (int i = 0; i < btf_vlen(t); i++)
		btf__add_field(c->to, btf__name_by_offset(c->from, m[i].name_off),
			       types[i], btf_member_bit_offset(t, i),
			       btf_member_bitfield_size(t, i));
	free(types);
	return id;
}

/*
 * With what it consists of. What it points to is looked for by name, if at all;
 * other names that a type has, and what it is qualified with, do not matter.
 */
static int copy_type(struct copy *c, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(c->from, id);
	const struct btf_array *array = btf_array(t);
	int copy;

	if (!id || c->ids[id])
		return c->ids[id];
	if (btf_is_ptr(t))
		copy = c->pointer;
	else if (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t))
		copy = copy_type(c, t->type);
	else if (btf_is_composite(t))
		copy = copy_members(c, t);
	else if (btf_is_array(t))
		copy = btf__add_array(c->to, copy_type(c, array->index_type),
				      copy_type(c, array->type), array->nelems);
	else
		copy = btf__add_type(c->to, c->from, t);
	c->ids[id] = copy;
	return copy;
}

/* What libbpf looks for: TYPE of TYPE___NOTE. */
static void bare_name(const char *name, char *bare, size_t size)
{
	const char *note = strstr(name, "___");

	snprintf(bare, size, "%.*s", note ? (int)(note - name) : (int)size, name);
}

/* All of the kernel that have the name of one of the object's. */
static void copy_wanted(struct copy *c, const struct btf *object)
{
	for (__u32 i = 1; i < btf__type_cnt(object); i++) {
		const struct btf_type *t = btf__type_by_id(object, i);
		char name[128];

		if (!btf_is_struct(t) || !t->name_off)
			continue;
		bare_name(btf__name_by_offset(object, t->name_off), name, sizeof(name));
		for (int id = 0; (id = kernel_struct_type(name, id)) > 0;)
			copy_type(c, id);
	}
}

/* The kernel complains of those that do not say whether they are programs, since 6.3. */
static int open_in_memory(void)
{
	int fd = memfd_create("iophase-types", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create("iophase-types", MFD_CLOEXEC) :
					   fd;
}

/* Stays open: libbpf reads it when it loads. NULL: it cannot. */
static const char *write_types(const struct btf *btf)
{
	static char path[32]; /* of the last file */
	__u32 size;
	const void *data = btf__raw_data(btf, &size);
	int fd = data ? open_in_memory() : -1;

	if (fd < 0)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) == (ssize_t)size && !access(path, R_OK))
		return path;
	close(fd);
	return NULL;
}

const char *core_types(const void *elf)
{
	struct copy c = { .from = kernel_btf() };
	static const void *last;
	static const char *path;
	struct btf *object;

	if (elf == last)
		return path;
	last = elf;
	path = NULL;
	object = c.from ? types_of_elf(elf) : NULL;
	if (!object)
		return NULL;
	c.to = btf__new_empty();
	c.ids = xcalloc(btf__type_cnt(c.from), sizeof(*c.ids));
	c.pointer = btf__add_ptr(c.to, 0);
	copy_wanted(&c, object);
	path = write_types(c.to);
	free(c.ids);
	btf__free(c.to);
	btf__free(object);
	return path;
}
