// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts the kernel's ksoftirqd threads before the lab's hog (SCHED_FIFO 1). Before 6.5
 * a packet is left to ksoftirqd if that is about to run (d15121be7485); the hog would
 * then keep from the CPU what delivers the data, and not the reader alone: one send
 * in some thousands.
 */
#include <glob.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	struct sched_param second = { .sched_priority = 2 };
	int nr = 0;
	glob_t g;

	if (glob("/proc/[0-9]*/comm", 0, NULL, &g))
		return 1;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		FILE *f = fopen(g.gl_pathv[i], "r");
		int cpu, pid;

		if (!f) /* it has ended */
			continue;
		if (fscanf(f, "ksoftirqd/%d", &cpu) == 1 &&
		    sscanf(g.gl_pathv[i], "/proc/%d", &pid) == 1)
			nr += !sched_setscheduler(pid, SCHED_FIFO, &second);
		fclose(f);
	}
	return !nr;
}
