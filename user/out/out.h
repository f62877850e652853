/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run says, in whichever format was asked for: that tracing has begun, rows,
 * histograms, the counters at its end. A format is a file out_NAME.c and an option
 * that chooses it; what it does not say it leaves NULL.
 */
#ifndef IOPHASE_OUT_H
#define IOPHASE_OUT_H

#include <stdio.h>

#include "columns.h"
#include "run_hist.h"
#include "run_start.h"
#include "totals.h"

/* The name of a process. Returns false if it is not known. */
typedef bool (*process_name_fn)(__u32 pid, char comm[IOP_COMM_LEN]);

struct out {
	const struct out_format *format;
	FILE *f;
	void *state;		      /* what the format remembers */
	process_name_fn process_name; /* NULL: reads alone say who they are */
};

struct out_format {
	bool for_people;    /* who also want headings, sentences, a live screen */
	size_t state_bytes; /* all 0 at first */
	void (*begin)(const struct out *o, const struct run_start *s);
	void (*head)(const struct out *o, const struct sheet *s);
	void (*record)(const struct out *o, const struct sheet *s, const void *row);
	void (*hist)(const struct out *o, const struct run_hist *h);
	void (*counters)(const struct out *o, const struct totals *t);
	void (*end)(const struct out *o);
};

extern const struct out_format out_text, out_json, out_perfetto;

/* Standard output. */
struct out out_open(const struct out_format *format);
struct out out_open_on(const struct out_format *format, FILE *f);

void out_begin(const struct out *o, const struct run_start *s);

/* The columns of the rows that follow. */
void out_head(const struct out *o, const struct sheet *s);
void out_record(const struct out *o, const struct sheet *s, const void *row);
void out_hist(const struct out *o, const struct run_hist *h);
void out_counters(const struct out *o, const struct totals *t);
void out_end(const struct out *o);

/* A line that is for people alone. */
void out_words(const struct out *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
