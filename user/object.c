// SPDX-License-Identifier: GPL-2.0-only
#include "object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fields.h"
#include "util.h"

static char libbpf_words[512]; /* its last complaint */

static int on_libbpf_print(enum libbpf_print_level level, const char *fmt,
			   va_list ap)
{
	if (getenv("IOPHASE_DEBUG"))
		return vfprintf(stderr, fmt, ap);
	if (level == LIBBPF_WARN) {
		char words[sizeof(libbpf_words)];

		vsnprintf(words, sizeof(words), fmt, ap);
		words[strcspn(words, "\n")] = 0;
		if (!libbpf_words[0])
			strcpy(libbpf_words, words);
	}
	return 0;
}

/* The map of a section; libbpf puts the object's name before it. */
static struct bpf_map *section_map(const struct object *o, const char *section)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, o->obj) {
		const char *dot = strchr(bpf_map__name(map), '.');

		if (dot && !strcmp(dot, section))
			return map;
	}
	return NULL;
}

/* Where a variable lies in its section's map; -1: the object has none. */
static int offset_of_variable(const struct object *o, const char *section,
			      const char *name)
{
	const struct btf *btf = bpf_object__btf(o->obj);
	int id = btf__find_by_name_kind(btf, section, BTF_KIND_DATASEC);
	const struct btf_type *sec = btf__type_by_id(btf, id);
	const struct btf_var_secinfo *v;

	for (int i = 0; sec && i < btf_vlen(sec); i++) {
		v = btf_var_secinfos(sec) + i;
		if (!strcmp(btf__name_by_offset(btf,
				btf__type_by_id(btf, v->type)->name_off), name))
			return v->offset;
	}
	return -1;
}

static void *constant(const struct object *o, const char *name)
{
	int offset = offset_of_variable(o, ".rodata", name);
	struct bpf_map *map = section_map(o, ".rodata");
	size_t size;

	if (offset < 0 || !map)
		return NULL;
	return (char *)bpf_map__initial_value(map, &size) + offset;
}

int object_open(struct object *o, const struct backend *b, const char *btf)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "iophase");
	struct iop_fields *fields;
	size_t size;
	const void *elf = b->elf(&size);
	int err;

	libbpf_words[0] = 0;
	libbpf_set_print(on_libbpf_print);
	o->backend = b;
	o->links = xcalloc(b->nr_hooks, sizeof(*o->links));
	o->errors = xcalloc(b->nr_hooks, sizeof(*o->errors));
	o->obj = bpf_object__open_mem(elf, size, &opts);
	if (!o->obj)
		return fail("cannot open the BPF object: %s", strerror(errno));
	o->config = constant(o, "config");
	fields = constant(o, "fields");
	if (!fields)
		return EXIT_DONE;
	err = fields_find(fields, btf);
	o->unknown = fields_unknown(fields);
	return err;
}

static struct bpf_program *program_of(const struct object *o, int hook)
{
	return bpf_object__find_program_by_name(o->obj,
						o->backend->hooks[hook].program);
}

/* libbpf has a copy of what it filled a map with: megabytes of zeroes. */
static void drop_copies(const struct object *o)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, o->obj) {
		size_t size;
		void *copy = (void *)bpf_map__initial_value(map, &size);

		if (copy && !strncmp(bpf_map__name(map), ".bss.", 5))
			madvise(copy, size, MADV_REMOVE);
	}
}

int object_load(struct object *o)
{
	int err;

	/* a program on a function that is not there would fail them all */
	for (int i = 0; o->backend->needs_btf && i < o->backend->nr_hooks; i++) {
		const struct hook *h = &o->backend->hooks[i];

		bpf_program__set_autoload(program_of(o, i),
			hook_present(h) && (!h->on_demand ||
					    o->config->wake_detail));
	}
	err = bpf_object__load(o->obj);
	if (err)
		return fail("the kernel refuses the BPF programs (%s): %s; "
			    "IOPHASE_DEBUG=1 shows why, iophase doctor what "
			    "is missing", strerror(-err), libbpf_words);
	drop_copies(o);
	return EXIT_DONE;
}

/* Entry and exit of a function are one to the user. */
static bool said_before(const struct object *o, int hook)
{
	const struct hook *h = &o->backend->hooks[hook];

	return hook && !strcmp(h[-1].target, h->target) && o->errors[hook - 1];
}

int object_attach(struct object *o, bool whatever_goes, bool aloud)
{
	o->lost = 0;
	for (int i = 0; i < o->backend->nr_hooks; i++) {
		const struct hook *h = &o->backend->hooks[i];
		struct bpf_program *p = program_of(o, i);

		o->errors[i] = ENOENT;
		if (bpf_program__autoload(p)) {
			o->links[i] = bpf_program__attach(p);
			o->errors[i] = o->links[i] ? 0 : errno;
		}
		if (!hook_missed(h, o->errors[i]))
			continue;
		o->lost |= h->loses;
		if (h->loses == EVERY_PHASE && !whatever_goes)
			return fail("cannot attach to %s (%s): %s", h->target,
				    strerror(o->errors[i]), libbpf_words);
		if (aloud && !said_before(o, i))
			warn("cannot attach to %s (%s): not seen: %s", h->target,
			     strerror(o->errors[i]), h->gives);
	}
	return EXIT_DONE;
}

int object_activate(struct object *o, bool active)
{
	struct bpf_map *map = section_map(o, ".bss");
	int offset = offset_of_variable(o, ".bss", "active"), err;
	char *bss = xcalloc(1, bpf_map__value_size(map));
	__u32 zero = 0, on = active;

	memcpy(bss + offset, &on, sizeof(on));
	err = bpf_map_update_elem(bpf_map__fd(map), &zero, bss, BPF_ANY);
	free(bss);
	return err ? fail("cannot start: %s", strerror(errno)) : EXIT_DONE;
}

void object_detach(struct object *o)
{
	for (int i = 0; i < o->backend->nr_hooks; i++) {
		bpf_link__destroy(o->links[i]);
		o->links[i] = NULL;
	}
}

void object_close(struct object *o)
{
	if (!o->backend)
		return;
	object_detach(o);
	bpf_object__close(o->obj);
	free(o->links);
	free(o->errors);
	memset(o, 0, sizeof(*o));
}

struct bpf_map *object_map(const struct object *o, const char *name)
{
	return bpf_object__find_map_by_name(o->obj, name);
}

int object_map_fd(const struct object *o, const char *name)
{
	return bpf_map__fd(object_map(o, name));
}
