// SPDX-License-Identifier: GPL-2.0-only
#include "object.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

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

static __u64 passed_by(const struct hook_state *s)
{
	const struct bpf_link *link = s->link;
	struct kprobe_link_info info = {};
	__u32 size = sizeof(info);

	if (!link || s->hook->flags & HOOK_SPARE ||
	    bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &size) ||
	    info.type != BPF_LINK_TYPE_PERF_EVENT ||
	    (info.event != PERF_EVENT_KPROBE && info.event != PERF_EVENT_KRETPROBE))
		return 0;
	return info.missed;
}

static void detach_hook(struct hook_state *s)
{
	s->passed_by += passed_by(s);
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
		if (o->hooks[i].error == HOOK_NOT_NEEDED)
			continue;
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
		if (i != failed && o->hooks[i].error != HOOK_NOT_NEEDED)
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
	if (s->error == HOOK_NOT_NEEDED)
		return "another hook tells the same here";
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

void object_say_missed(const struct object *o)
{
	for (int i = 0; i < o->nr_hooks; i++)
		if (object_misses(o, i))
			warn("cannot attach to %s (%s): not seen: %s", o->hooks[i].target,
			     object_hook_error(o, i), o->hooks[i].hook->gives);
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

/* Or was, until all were detached. */
static bool is_attached(const struct object *o, const char *program)
{
	for (int i = 0; i < o->nr_hooks; i++)
		if (!o->hooks[i].error && !strcmp(o->hooks[i].variants[0], program))
			return true;
	return false;
}

static __u64 runs_skipped(const struct object *o, const char *program)
{
	const struct bpf_program *p = bpf_object__find_program_by_name(o->obj, program);
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (!p || bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &size))
		return 0;
	return info.recursion_misses;
}

/* A run is missed where all of the programs that do the same were skipped. */
static __u64 runs_missed(const struct object *o, const char *program)
{
	static const char *const others[] = { "again", "again2" };
	__u64 missed = runs_skipped(o, program), skipped;
	char other[64];

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		snprintf(other, sizeof(other), "%s_%s", program, others[i]);
		if (!is_attached(o, other))
			continue;
		skipped = runs_skipped(o, other);
		missed = skipped < missed ? skipped : missed;
	}
	return missed;
}

__u64 object_missed_runs(const struct object *o)
{
	struct bpf_program *prog;
	__u64 missed = 0;

	for (int i = 0; i < o->nr_hooks; i++)
		missed += o->hooks[i].passed_by + passed_by(&o->hooks[i]);
	bpf_object__for_each_program(prog, o->obj) {
		if (!strstr(bpf_program__name(prog), "_again"))
			missed += runs_missed(o, bpf_program__name(prog));
	}
	return missed;
}

void object_detach(struct object *o)
{
	for (int i = 0; i < o->nr_hooks; i++)
		detach_hook(&o->hooks[i]);
}
