// SPDX-License-Identifier: GPL-2.0-only
#include "object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complaints.h"
#include "core_types.h"
#include "fields.h"
#include "kernel_checks.h"
#include "kernel_types.h"
#include "typed.h"
#include "util.h"

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
						btf__type_by_id(btf, v->type)->name_off),
			    name))
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

/* Level 4 of the verifier's log is its verdict alone, 1 is all that it did. */
static struct bpf_object *open_elf(const struct backend *b)
{
	size_t size;
	const void *elf = b->elf(&size);
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "iophase",
		    .kernel_log_level = getenv("IOPHASE_DEBUG") ? 1 : 4,
		    .btf_custom_path = b->needs_btf ? core_types(elf) : NULL);

	return bpf_object__open_mem(elf, size, &opts);
}

static void list_hooks(struct object *o)
{
	const struct hook *hooks[MAX_HOOKS];

	o->nr_hooks = hooks_of(o->backend->bit, hooks);
	for (int i = 0; i < o->nr_hooks; i++) {
		o->hooks[i].hook = hooks[i];
		snprintf(o->hooks[i].target, sizeof(o->hooks[i].target), "%s",
			 hook_target(o->obj, hooks[i]));
	}
}

int object_open(struct object *o, const struct backend *b, const char *btf)
{
	struct iop_fields *fields;
	int err;

	complaints_hear();
	typed_programs_by_index();
	o->backend = b;
	o->obj = open_elf(b);
	if (!o->obj)
		return fail("cannot open the BPF object: %s", strerror(errno));
	list_hooks(o);
	o->config = constant(o, "config");
	fields = constant(o, "fields");
	if (!fields)
		return EXIT_DONE;
	err = fields_find(fields, btf);
	o->unknown = fields_unknown(fields);
	return err;
}

/* An object that was not loaded cannot be again: another, with the same settings. */
static int open_again(struct object *o)
{
	struct bpf_object *old = o->obj;
	struct bpf_map *map, *from;
	const void *set;
	void *to;
	size_t size;

	o->obj = open_elf(o->backend);
	if (!o->obj) {
		o->obj = old;
		return EXIT_FAILED;
	}
	bpf_object__for_each_map(map, o->obj) {
		from = bpf_object__find_map_by_name(old, bpf_map__name(map));
		bpf_map__set_max_entries(map, bpf_map__max_entries(from));
		to = (void *)bpf_map__initial_value(map, &size);
		/* Of a map that is no memory of ours (strings) libbpf 1.5 keeps none. */
		set = bpf_map__initial_value(from, &size);
		if (to && set && strstr(bpf_map__name(map), ".rodata"))
			memcpy(to, set, size);
	}
	bpf_object__close(old);
	o->config = constant(o, "config");
	return EXIT_DONE;
}

/*
 * The kernel makes a map of zeroes; libbpf has a copy of its own, megabytes, which it
 * would fill the map from. Should this fail, it does, and says so if it cannot.
 */
static void make_caches(const struct object *o)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	struct bpf_map *map;

	bpf_object__for_each_map(map, o->obj) {
		const char *name = bpf_map__name(map);
		int fd;

		if (strncmp(name, ".bss.", 5))
			continue;
		fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, name, sizeof(__u32),
				    bpf_map__value_size(map), 1, &opts);
		if (fd < 0)
			continue;
		bpf_map__reuse_fd(map, fd);
		close(fd);
	}
}

/*
 * Since 7.2 a tracepoint is guarded by SRCU's fast readers, no longer by preemption
 * off: there its programs are preempted as a trampoline's are. The first kernels
 * that had such readers are taken for those, too; that costs some time there.
 */
static bool tracepoints_preempt(void)
{
	static int do_so = -1;

	if (do_so < 0)
		do_so = kernel_has("init_srcu_struct_fast");
	return do_so;
}

/*
 * A program that is not guarded needs no second one. Kernels without
 * CONFIG_SECURITY_NETWORK have no such function.
 */
static bool calls_can_be_unguarded(const struct hook_state *s)
{
	return kernel_preempts() && kernel_asks_bpf() &&
	       kernel_hook_type(s->target, false) >= 0;
}

/* Or does another hook tell the same here? */
static bool is_needed(const struct object *o, const struct hook *h)
{
	/* requests keep their messages since 6.10, which that type of 6.15 tells */
	if (h->flags & HOOK_ISSUE)
		return !o->backend->needs_btf || kernel_struct_type("iou_vec", 0) < 0;
	if (h->flags & HOOK_UNGUARDED)
		return o->calls_are_unguarded;
	return !(h->flags & HOOK_CALL) || !o->calls_are_unguarded;
}

static bool is_wanted(const struct object *o, const struct hook *h)
{
	if (h->flags & HOOK_ON_DEMAND)
		return o->config->wake_detail || o->config->slow_ns;
	if (!(h->flags & HOOK_AGAIN))
		return true;
	return kernel_preempts() &&
	       (!(h->flags & HOOK_TRACEPOINT) || tracepoints_preempt());
}

/* Where the kernel has none, its helpers do. */
static void use_casts(struct object *o)
{
	struct iop_casts *casts = constant(o, "casts");
	int file = kernel_struct_type("file", 0);
	int list = kernel_struct_type("hlist_head", 0);
	int tcp = kernel_struct_type("tcp_sock", 0);
	int receive = kernel_struct_type("io_sr_msg", 0);

	if (!casts || kernel_hook_type(CAST_FUNCTION, false) < 0 || file < 0 ||
	    list < 0 || tcp < 0)
		return;
	casts->file = file;
	casts->hlist_head = list;
	casts->tcp_sock = tcp;
	casts->known = 1;
	casts->io_sr_msg = receive > 0 ? receive : 0;
}

static void choose_programs_of_hook(const struct object *o, struct hook_state *s)
{
	char why[256] = "";

	s->nr_variants = 0;
	s->error = is_needed(o, s->hook) ? ENOENT : HOOK_NOT_NEEDED;
	if (s->error == HOOK_NOT_NEEDED || !is_wanted(o, s->hook))
		return;
	s->nr_variants = hook_variants(o->obj, s->hook, o->backend->needs_btf,
				       s->variants, &s->error, why, sizeof(why));
	if (s->error == EPROTO &&
	    asprintf(&s->why, "its arguments are not known: %s", why) < 0)
		s->why = NULL;
}

static void choose_programs(struct object *o)
{
	for (int i = 0; i < o->nr_hooks; i++)
		if (o->hooks[i].hook->flags & HOOK_UNGUARDED)
			o->calls_are_unguarded = calls_can_be_unguarded(&o->hooks[i]);
	for (int i = 0; i < o->nr_hooks; i++)
		choose_programs_of_hook(o, &o->hooks[i]);
}

/* Those that are guarded, with their second ones, tell as much. */
static void guard_calls(struct object *o)
{
	o->calls_are_unguarded = false;
	for (int i = 0; i < o->nr_hooks; i++)
		if (o->hooks[i].hook->flags & (HOOK_UNGUARDED | HOOK_CALL))
			choose_programs_of_hook(o, &o->hooks[i]);
}

/*
 * Hashes that take memory when they need it are safe in a hook's program since
 * 94dacdbd5d2d (6.1), which gave the kernel an allocator for that; before, it
 * warns of them. They take it all at once there.
 */
static bool hashes_may_grow(void)
{
	static int may = -1;

	if (may < 0)
		may = kernel_has("bpf_mem_alloc_init");
	return may;
}

static void allocate_hashes(const struct object *o)
{
	struct bpf_map *map;

	if (hashes_may_grow())
		return;
	bpf_object__for_each_map(map, o->obj)
		if (bpf_map__type(map) == BPF_MAP_TYPE_HASH)
			bpf_map__set_map_flags(map, bpf_map__map_flags(map) &
							    ~BPF_F_NO_PREALLOC);
}

/* libbpf loads all that it is not told not to. */
static void autoload_chosen(struct object *o)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, o->obj) {
		bpf_program__set_autoload(p, false);
	}
	for (int i = 0; i < o->nr_hooks; i++)
		for (int v = 0; v < o->hooks[i].nr_variants; v++)
			bpf_program__set_autoload(bpf_object__find_program_by_name(
							  o->obj, o->hooks[i].variants[v]),
						  true);
}

/* A kernel may lack the function, or refuse the program. */
static void find_missed_return(struct object *o)
{
	o->config->misses_return = 0;
	for (int i = 0; i < o->nr_hooks; i++)
		if (!strcmp(o->hooks[i].hook->program, "on_io_uring_enter_exit"))
			o->config->misses_return = !o->hooks[i].nr_variants;
}

/* The hook that has the program in question; -1: none, or it is left out. */
static int hook_of_program(const struct object *o, const char *program, int *variant)
{
	for (int i = 0; i < o->nr_hooks; i++)
		for (*variant = 0; *variant < o->hooks[i].nr_variants; ++*variant)
			if (!strcmp(o->hooks[i].variants[*variant], program))
				return i;
	return -1;
}

/* Returns false if there is no doing without it. */
static bool leave_out_refused(struct object *o, int error)
{
	const struct complaints *said = complaints();
	int variant, hook = hook_of_program(o, said->program, &variant);
	struct hook_state *s;

	if (hook < 0) {
		snprintf(o->why, sizeof(o->why),
			 "the kernel refuses the BPF programs (%s): %s; "
			 "IOPHASE_DEBUG=1 shows more",
			 strerror(error), said->first);
		return false;
	}
	s = &o->hooks[hook];
	if (s->hook->flags & HOOK_UNGUARDED) {
		guard_calls(o);
		return true;
	}
	free(s->why);
	s->error = error;
	if (asprintf(&s->why, "%s is refused: %s%s%s", said->program, strerror(error),
		     said->verdict[0] ? ": " : "", said->verdict) < 0)
		s->why = NULL;
	memmove(s->variants + variant, s->variants + variant + 1,
		(--s->nr_variants - variant) * sizeof(*s->variants));
	if (s->nr_variants || s->hook->loses != EVERYTHING)
		return true;
	snprintf(o->why, sizeof(o->why), "%s", object_hook_error(o, hook));
	return false;
}

/*
 * libbpf loads all or nothing, and says which program it was: the rest is loaded
 * without that. None of this takes long but what the verifier has to walk again.
 */
int object_load(struct object *o)
{
	int err;

	choose_programs(o);
	use_casts(o);
	for (;;) {
		complaints_forget();
		allocate_hashes(o);
		make_caches(o);
		autoload_chosen(o);
		find_missed_return(o);
		err = bpf_object__load(o->obj);
		if (!err)
			break;
		if (!leave_out_refused(o, -err) || open_again(o))
			return EXIT_FAILED;
	}
	return EXIT_DONE;
}

int object_set(const struct object *o, const char *name, __u32 value)
{
	struct bpf_map *map = section_map(o, ".bss");
	int offset = offset_of_variable(o, ".bss", name), err;
	char *bss = xcalloc(1, bpf_map__value_size(map));
	__u32 zero = 0;

	err = bpf_map_lookup_elem(bpf_map__fd(map), &zero, bss);
	memcpy(bss + offset, &value, sizeof(value));
	if (!err)
		err = bpf_map_update_elem(bpf_map__fd(map), &zero, bss, BPF_ANY);
	free(bss);
	return err ? -errno : 0;
}

int object_activate(struct object *o, bool active)
{
	int err = object_set(o, "active", active);

	return err ? fail("cannot start: %s", strerror(-err)) : EXIT_DONE;
}

void object_close(struct object *o)
{
	if (!o->backend)
		return;
	object_detach(o);
	bpf_object__close(o->obj);
	for (int i = 0; i < o->nr_hooks; i++)
		free(o->hooks[i].why);
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
