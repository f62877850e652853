// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded: a kernel without the functions and tracepoints in WITHOUT (space-
 * separated). Who asks for one asks the kernel for what it really does not have.
 * For trampolines, it is the kernel's types that do not have it.
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

static const char *left_out(const char *name)
{
	char *list = strdup(getenv("WITHOUT")), *rest = list, *word;

	while ((word = strtok_r(rest, " ", &rest)))
		if (name && !strcmp(word, name))
			name = "no_such_thing";
	free(list);
	return name;
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
	if (getenv("WITHOUT"))
		forge(number, a);
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int btf__find_by_name_kind(const struct btf *btf, const char *name, __u32 kind)
{
	int (*next)(const struct btf *btf, const char *name, __u32 kind) =
		dlsym(RTLD_NEXT, "btf__find_by_name_kind");

	return next(btf, getenv("WITHOUT") ? left_out(name) : name, kind);
}
