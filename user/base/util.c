// SPDX-License-Identifier: GPL-2.0-only
#include "util.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int write_errno; /* of the first write that failed */

bool flush_output(void)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return true;
	if (!write_errno)
		write_errno = errno ? errno : EIO;
	return false;
}

static void complain(const char *fmt, va_list ap, const char *after)
{
	flush_output();
	fputs("iophase: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs(after, stderr);
}

int fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap, "\n");
	va_end(ap);
	return EXIT_FAILED;
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap, "\n");
	va_end(ap);
}

int usage_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap, " (see iophase --help)\n");
	va_end(ap);
	return EXIT_USAGE;
}

int output_status(int status)
{
	if (flush_output() || status || write_errno == EPIPE)
		return status;
	return fail("cannot write: %s", strerror(write_errno));
}

/* First line of a file that begins with word: the two numbers after it. */
static bool find_numbers(const char *path, const char *word, long long n[2])
{
	char line[128], name[64];
	FILE *f = fopen(path, "re");
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%63s %lld %lld", name, &n[0], &n[1]) == 3 &&
			!strcmp(name, word);
	if (f)
		fclose(f);
	return found;
}

/*
 * By how much CLOCK_MONOTONIC of this time namespace is ahead of the machine's, which
 * the kernel's side goes by.
 */
static int64_t time_namespace_offset(void)
{
	static bool known;
	static int64_t offset;
	long long n[2];

	if (!known && find_numbers("/proc/self/timens_offsets", "monotonic", n))
		offset = n[0] * 1000000000ll + n[1];
	known = true;
	return offset;
}

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec - time_namespace_offset();
}

void *xrealloc(void *p, size_t n, size_t size)
{
	void *q = reallocarray(p, n, size);

	if (!q && n && size) {
		fail("out of memory");
		exit(EXIT_FAILED);
	}
	return q;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = xrealloc(NULL, n, size);

	return memset(p, 0, n * size);
}

void *xgrow(void *list, int nr, int *room, size_t size)
{
	if (nr < *room)
		return list;
	*room = *room ? 2 * *room : 64;
	return xrealloc(list, *room, size);
}

void *xentry(void **tree, const void *key, size_t key_size,
	     int (*by_key)(const void *a, const void *b), size_t size, bool *is_new)
{
	void **found = tfind(key, tree, by_key), *entry;

	if (is_new)
		*is_new = !found;
	if (found)
		return *found;
	entry = xcalloc(1, size);
	memcpy(entry, key, key_size);
	tsearch(entry, tree, by_key);
	return entry;
}

char *put_number(char *to, uint64_t n)
{
	char digits[MAX_DIGITS];
	int i = sizeof(digits);

	digits[--i] = 0;
	do {
		digits[--i] = '0' + n % 10;
		n /= 10;
	} while (n);
	return stpcpy(to, digits + i);
}

char *put_signed(char *to, int64_t n)
{
	if (n >= 0)
		return put_number(to, n);
	*to++ = '-';
	return put_number(to, -(uint64_t)n);
}

/* Three significant digits of n / 1000^k, where k picks the unit. */
static const char *scaled(char buf[16], uint64_t n, const char *const units[],
			  int nr_units, unsigned int step)
{
	uint64_t unit = 1;
	int k = 0;
	unsigned int whole, part;
	char *p;

	while (n / unit >= step && k < nr_units - 1) {
		unit *= step;
		k++;
	}
	whole = n / unit > 99999 ? 99999 : n / unit;
	part = (n % unit) * 100 / unit;
	p = put_number(buf, whole);
	if (k && whole < 100) {
		*p++ = '.';
		*p++ = '0' + part / 10;
		if (whole < 10)
			*p++ = '0' + part % 10;
	}
	stpcpy(p, units[k]);
	return buf;
}

const char *format_ns(char buf[16], uint64_t ns)
{
	static const char *const units[] = { "n", "u", "m", "s" };

	return scaled(buf, ns, units, ARRAY_SIZE(units), 1000);
}

const char *format_count(char buf[16], uint64_t n)
{
	static const char *const units[] = { "", "k", "M", "G", "T", "P" };

	return scaled(buf, n, units, ARRAY_SIZE(units), 1000);
}

const char *format_clock(char buf[16])
{
	time_t now = time(NULL);

	strftime(buf, 16, "%H:%M:%S", localtime(&now));
	return buf;
}

/* Digits, and perhaps a point and more digits. Returns where they end. */
static const char *skip_decimal(const char *text)
{
	text += strspn(text, "0123456789");
	if (*text == '.' && isdigit((unsigned char)text[1]))
		text += 1 + strspn(text + 1, "0123456789");
	return text;
}

bool parse_duration_ns(const char *text, uint64_t *ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
	const char *unit = skip_decimal(text);
	double value;

	if (!isdigit((unsigned char)*text))
		return false;
	value = strtod(text, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(unit, units[i].name))
			continue;
		value *= units[i].ns;
		if (!isfinite(value) || value > 9e18)
			return false;
		*ns = value;
		return true;
	}
	return false;
}

bool parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return !errno && !*end && *out >= min && *out <= max;
}
