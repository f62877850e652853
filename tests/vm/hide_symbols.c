// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded: a kernel that is not like the real one. Lists are space-separated.
 *
 *   WITHOUT  functions and tracepoints that it does not have: who asks for one
 *            asks the kernel for what there really is not. For trampolines, it is
 *            the kernel's types that do not have it.
 *   CHANGED  those that its types give other arguments
 *   REFUSED  BPF programs (their first 15 letters, as the kernel knows them) that
 *            its verifier refuses: it is given one that is wrong
 */
#include <bpf/btf.h>
#include <dlfcn.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

static int is_listed(const char *variable, const char *name)
{
	const char *value = getenv(variable);
	char *list, *rest, *word;
	int found = 0;

	if (!value)
		return 0;
	rest = list = strdup(value);
	while ((word = strtok_r(rest, " ", &rest)))
		found |= name && !strcmp(word, name);
	free(list);
	return found;
}

static const char *left_out(const char *name)
{
	return is_listed("WITHOUT", name) ? "no_such_thing" : name;
}

/* exit, without a result */
static void spoil(union bpf_attr *load)
{
	static const struct bpf_insn exits = { .code = BPF_JMP | BPF_EXIT };

	load->insns = (uintptr_t)&exits;
	load->insn_cnt = 1;
	load->line_info_cnt = 0;
	load->func_info_cnt = 0;
}

static int is_kprobe(const struct perf_event_attr *attr)
{
	return attr->type > PERF_TYPE_BREAKPOINT && !attr->config2;
}

static void forge(long number, long a[6])
{
	struct perf_event_attr *perf = (void *)a[0];
	union bpf_attr *bpf = (void *)a[1];

	if (number == SYS_perf_event_open && is_kprobe(perf))
		perf->config1 = (uintptr_t)left_out((void *)(uintptr_t)perf->config1);
	if (number == SYS_bpf && a[0] == BPF_PROG_LOAD &&
	    is_listed("REFUSED", bpf->prog_name))
		spoil(bpf);
	if (number == SYS_bpf && a[0] == BPF_RAW_TRACEPOINT_OPEN)
		bpf->raw_tracepoint.name = (uintptr_t)left_out(
			(void *)(uintptr_t)bpf->raw_tracepoint.name);
}

long syscall(long number, ...)
{
	long (*next)(long nr, ...) = dlsym(RTLD_NEXT, "syscall");
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	forge(number, a);
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static const struct btf_type *named(const struct btf *btf, const char *name)
{
	for (__u32 id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (!strcmp(btf__name_by_offset(btf, t->name_off), name))
			return t;
	}
	abort();
}

/* A function, or the type of a tracepoint's arguments. */
static void forge_type(const struct btf *btf, struct btf_type *t)
{
	const char *name = btf__name_by_offset(btf, t->name_off);
	const char *trace = strncmp(name, "btf_trace_", 10) ? NULL : name + 10;

	if (!trace && !btf_is_func(t))
		return;
	if (is_listed("WITHOUT", trace ? trace : name))
		t->name_off += strlen(name); /* no name */
	if (is_listed("CHANGED", trace ? trace : name))
		t->type = named(btf, trace ? "btf_trace_sys_enter" : "schedule_timeout")->type;
}

struct btf *btf__load_vmlinux_btf(void)
{
	struct btf *(*next)(void) = dlsym(RTLD_NEXT, "btf__load_vmlinux_btf");
	struct btf *btf = next();

	for (__u32 id = 1; btf && id < btf__type_cnt(btf); id++)
		forge_type(btf, (struct btf_type *)btf__type_by_id(btf, id));
	return btf;
}
