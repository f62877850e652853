// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded: a kernel without the functions in WITHOUT (space-separated). Each
 * kprobe on one asks the kernel for a function that it really does not have.
 */
#include <dlfcn.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

static void leave_out(struct perf_event_attr *attr)
{
	const char *name = (const char *)(uintptr_t)attr->config1;
	char *list = strdup(getenv("WITHOUT")), *rest = list, *word;

	while ((word = strtok_r(rest, " ", &rest)))
		if (name && !strcmp(word, name))
			attr->config1 = (uintptr_t)"no_such_function";
	free(list);
}

static int is_kprobe(const struct perf_event_attr *attr)
{
	return attr->type > PERF_TYPE_BREAKPOINT && !attr->config2;
}

long syscall(long number, ...)
{
	long (*next)(long, ...) = dlsym(RTLD_NEXT, "syscall");
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_perf_event_open && getenv("WITHOUT") &&
	    is_kprobe((void *)a[0]))
		leave_out((void *)a[0]);
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
