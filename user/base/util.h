/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef IOPHASE_UTIL_H
#define IOPHASE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* One line on standard error: "iophase: ...". Returns EXIT_FAILED. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same line of what is not fatal. */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same for wrong usage, with a hint at --help. Returns EXIT_USAGE. */
int usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Writes out what was printed. Returns false when that, or any before it, did
 * not work: the reader is gone or the disk is full.
 */
bool flush_output(void);

/* At the end: status, or EXIT_FAILED after saying what could not be written. */
int output_status(int status);

/* CLOCK_MONOTONIC in ns, of the machine in whatever time namespace. */
uint64_t now_ns(void);

/* malloc and friends that end the program when memory is out. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);

/* A list with nr items, with room for one more. */
void *xgrow(void *list, int nr, int *room, size_t size);

/*
 * The entry of a key in a tree (tsearch(3)), made of zeros if it is not there, which
 * is_new says where it is not NULL. An entry begins with its key.
 */
void *xentry(void **tree, const void *key, size_t key_size,
	     int (*by_key)(const void *a, const void *b), size_t size, bool *is_new);

/* Decimal, without printf(), which is most of what a line costs. Returns the end. */
#define MAX_DIGITS 21 /* with the NUL */
char *put_number(char *to, uint64_t n);
char *put_signed(char *to, int64_t n);

/*
 * Three significant digits and a unit, at most 5 characters: "310n", "45.2u",
 * "1.00m", "12.0s". Returns buf.
 */
const char *format_ns(char buf[16], uint64_t ns);

/* Likewise for counts and bytes, decimal: "999", "1.23k", "45.6M". */
const char *format_count(char buf[16], uint64_t n);

/* The time of day: "12:34:56". Returns buf. */
const char *format_clock(char buf[16]);

/* "300ns", "10us", "1.5ms", "2s". Returns false if it is none of these. */
bool parse_duration_ns(const char *text, uint64_t *ns);

/* Whole decimal number within [min, max]. */
bool parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *out);

#endif
