// SPDX-License-Identifier: GPL-2.0-only
/* Clock, sleep, complaints. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lab.h"

void lab_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("iophase-lab: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

void lab_bad_usage(const char *fmt, const char *what)
{
	fputs("iophase-lab: ", stderr);
	fprintf(stderr, fmt, what);
	fputs(" (see iophase-lab --help)\n", stderr);
	exit(2);
}

uint64_t lab_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

uint64_t lab_now(void)
{
	return lab_clock(CLOCK_MONOTONIC);
}

void lab_sleep_us(uint64_t us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	while (us && clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
		;
}

void lab_spin_ms(uint64_t ms)
{
	uint64_t end = lab_now() + ms * 1000000;

	while (ms && lab_now() < end)
		;
}
