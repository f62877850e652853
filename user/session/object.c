// SPDX-License-Identifier: GPL-2.0-only
#include "object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core_types.h"
#include "fields.h"
#include "kernel_types.h"
#include "typed.h"
#include "util.h"

/* libbpf's complaints since the last look. */
static struct {
	char first[512];
	char program[64];  /* the last that they were about */
	char verdict[256]; /* of the verifier */
} said;

/* The last line of the verifier's log that is not about how it went. */
static void keep_verdict(char *log)
{
	static const char *const others[] = {
		"processed ", "verification time ", "stack depth ",
		"-- END ",    "libbpf: ",	    "max_states",
	};
	char *rest = log, *line;

	while ((line = strtok_r(rest, "\n", &rest))) {
		size_t i = 0;

		while (i < ARRAY_SIZE(others) &&
		       strncmp(line, others[i], strlen(others[i])))
			i++;
		if (i == ARRAY_SIZE(others))
			snprintf(said.verdict, sizeof(said.verdict), "%s", line);
	}
}

static void keep(char *words)
{
	const char *program = strstr(words, "prog '");
	char *log = strstr(words, "LOG --\n");

	if (program)
		sscanf(program, "prog '%63[^']", said.program);
	if (log) {
		keep_verdict(log + strlen("LOG --\n"));
		return;
	}
	words[strcspn(words, "\n")] = 0;
	if (!said.first[0])
		snprintf(said.first, sizeof(said.first), "%s", words);
}

static int on_libbpf_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char *words;

	if (getenv("IOPHASE_DEBUG")) {
		va_list again;

		va_copy(again, ap);
		vfprintf(stderr, fmt, again);
		va_end(again);
	}
	if (level == LIBBPF_WARN && vasprintf(&words, fmt, ap) >= 0) {
		keep(words);
		free(words);
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

	libbpf_set_print(on_libbpf_print);
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
		if (to && strstr(bpf_map__name(map), ".rodata"))
			memcpy(to, bpf_map__initial_value(from, &size), size);
	}
	bpf_object__close(old);
	o->config = constant(o, "config");
	return EXIT_DONE;
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

	if (!casts || kernel_hook_type(CAST_FUNCTION, false) < 0 || file < 0 ||
	    list < 0 || tcp < 0)
		return;
	casts->file = file;
	casts->hlist_head = list;
	casts->tcp_sock = tcp;
	casts->known = 1;
}

static void choose_programs(struct object *o)
{
	char why[256] = "";

	for (int i = 0; i < o->nr_hooks; i++) {
		struct hook_state *s = &o->hooks[i];

		s->error = ENOENT;
		if (!is_wanted(o, s->hook))
			continue;
		s->nr_variants = hook_variants(o->obj, s->hook, o->backend->needs_btf,
					       s->variants, &s->error, why, sizeof(why));
		if (s->error == EPROTO &&
		    asprintf(&s->why, "its arguments are not known: %s", why) < 0)
			s->why = NULL;
	}
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
	int variant, hook = hook_of_program(o, said.program, &variant);
	struct hook_state *s;

	if (hook < 0) {
		snprintf(o->why, sizeof(o->why),
			 "the kernel refuses the BPF programs (%s): %s; "
			 "IOPHASE_DEBUG=1 shows more",
			 strerror(error), said.first);
		return false;
	}
	s = &o->hooks[hook];
	free(s->why);
	s->error = error;
	if (asprintf(&s->why, "%s is refused: %s%s%s", said.program, strerror(error),
		     said.verdict[0] ? ": " : "", said.verdict) < 0)
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
		memset(&said, 0, sizeof(said));
		allocate_hashes(o);
		autoload_chosen(o);
		err = bpf_object__load(o->obj);
		if (!err)
			break;
		if (!leave_out_refused(o, -err) || open_again(o))
			return EXIT_FAILED;
	}
	drop_copies(o);
	return EXIT_DONE;
}

static void attach_hook(struct object *o, struct hook_state *s)
{
	for (int v = 0; !s->link && v < s->nr_variants; v++) {
		s->link = bpf_program__attach(
			bpf_object__find_program_by_name(o->obj, s->variants[v]));
		s->error = s->link ? 0 : errno;
	}
}

/* What the kernel says of a link that is a perf event; older headers lack its end. */
struct kprobe_link_info {
	__u32 type;
	__u32 id;
	__u32 prog_id;
	__u32 pad;
	__u32 event;
	__u32 pad2;
	__u64 function;
	__u32 function_len;
	__u32 offset;
	__u64 address;
	__u64 missed;
};

/* include/uapi/linux/bpf.h, since 6.6 */
#define PERF_EVENT_KPROBE 3
#define PERF_EVENT_KRETPROBE 4

static __u64 passed_by(const struct bpf_link *link)
{
	struct kprobe_link_info info = {};
	__u32 size = sizeof(info);

	if (!link || bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &size) ||
	    info.type != BPF_LINK_TYPE_PERF_EVENT ||
	    (info.event != PERF_EVENT_KPROBE && info.event != PERF_EVENT_KRETPROBE))
		return 0;
	return info.missed;
}

static void detach_hook(struct hook_state *s)
{
	s->passed_by += passed_by(s->link);
	bpf_link__destroy(s->link);
	s->link = NULL;
}

static bool go_together(const struct hook_state *a, const struct hook_state *b)
{
	if (strcmp(a->hook->gives, b->hook->gives))
		return false;
	return !(a->hook->flags & HOOK_AGAIN) || !strcmp(a->target, b->target);
}

/* The first hook after those that give the same as this one. */
static int group_end(const struct object *o, int from)
{
	int to = from + 1;

	while (to < o->nr_hooks && go_together(&o->hooks[from], &o->hooks[to]))
		to++;
	return to;
}

/*
 * All of them or none. The first that fails is said to be missed, also if a kernel
 * need not have it: one that has the others does.
 */
static void attach_group(struct object *o, int from, int to)
{
	int failed = -1, attached = 0;

	for (int i = from; i < to; i++) {
		attach_hook(o, &o->hooks[i]);
		if (o->hooks[i].link)
			attached++;
		else if (failed < 0)
			failed = i;
	}
	if (failed < 0)
		return;
	o->hooks[failed].torn = attached;
	for (int i = from; i < to; i++) {
		detach_hook(&o->hooks[i]);
		if (i != failed)
			o->hooks[i].error = HOOK_WITHOUT_OTHERS;
	}
}

/* The system call may be there to say that there is no io_uring. */
static bool has_uring(const struct object *o)
{
	for (int i = 0; i < o->nr_hooks; i++) {
		const struct hook *h = o->hooks[i].hook;

		if (h->flags & HOOK_URING && h->loses != ASYNC_DISPATCH &&
		    !o->hooks[i].error)
			return true;
	}
	return false;
}

bool object_misses(const struct object *o, int hook)
{
	return o->hooks[hook].torn ||
	       hook_missed(o->hooks[hook].hook, o->hooks[hook].error, has_uring(o));
}

const char *object_hook_error(const struct object *o, int hook)
{
	const struct hook_state *s = &o->hooks[hook];

	if (s->error == HOOK_WITHOUT_OTHERS)
		return "of no use without the others that give it";
	return s->why ? s->why : strerror(s->error);
}

int object_attach(struct object *o)
{
	for (int from = 0, to; from < o->nr_hooks; from = to) {
		to = group_end(o, from);
		attach_group(o, from, to);
	}
	memset(o->lost, 0, sizeof(o->lost));
	for (int i = 0; i < o->nr_hooks; i++) {
		__u32 loses = object_misses(o, i) ? o->hooks[i].hook->loses : NOTHING;

		for (int m = 0; m < IOP_NR_MODELS; m++)
			if (models_lost(loses) & MODEL(m))
				o->lost[m] |= phases_lost(loses);
		if (loses != EVERYTHING)
			continue;
		snprintf(o->why, sizeof(o->why), "cannot attach to %s: %s",
			 o->hooks[i].target, object_hook_error(o, i));
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

bool object_runs(const struct object *o, const char *program)
{
	for (int i = 0; i < o->nr_hooks; i++)
		if (!o->hooks[i].error && !strcmp(o->hooks[i].hook->program, program))
			return true;
	return false;
}

void object_say_missed(const struct object *o)
{
	for (int i = 0; i < o->nr_hooks; i++)
		if (object_misses(o, i))
			warn("cannot attach to %s (%s): not seen: %s", o->hooks[i].target,
			     object_hook_error(o, i), o->hooks[i].hook->gives);
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

static int run_iterator(const struct bpf_link *link)
{
	int fd = bpf_iter_create(bpf_link__fd(link));
	char nothing[64];
	ssize_t n = -1;

	if (fd >= 0) {
		while ((n = read(fd, nothing, sizeof(nothing))) > 0)
			;
		close(fd);
	}
	return n < 0 ? fail("cannot look at what is there: %s", strerror(errno)) :
		       EXIT_DONE;
}

int object_iterate(const struct object *o)
{
	int err = EXIT_DONE;

	for (int i = 0; !err && i < o->nr_hooks; i++) {
		const struct hook_state *s = &o->hooks[i];

		if (s->link &&
		    program_is_iterator(
			    bpf_object__find_program_by_name(o->obj, s->hook->program)))
			err = run_iterator(s->link);
	}
	return err;
}

__u64 object_kprobes_passed_by(const struct object *o)
{
	__u64 sum = 0;

	for (int i = 0; i < o->nr_hooks; i++)
		sum += o->hooks[i].passed_by + passed_by(o->hooks[i].link);
	return sum;
}

void object_detach(struct object *o)
{
	for (int i = 0; i < o->nr_hooks; i++)
		detach_hook(&o->hooks[i]);
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
