/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A tracing session: the BPF object loaded and attached, the ring read, the
 * counters and histograms fetched. Everything in the kernel hangs on this
 * process's descriptors: when it dies, nothing is left behind.
 */
#ifndef IOPHASE_SESSION_H
#define IOPHASE_SESSION_H

#include <stdbool.h>

#include "abi.h"
#include "phase_limits.h"
#include "options.h"

struct session;

enum session_mode {
	SESSION_EMIT,	  /* a record for every read */
	SESSION_HIST,	  /* histograms in the kernel */
	SESSION_REGROUPS, /* the same; what its rows are of may change */
	SESSION_RECORD,	  /* every input of the engine */
	SESSION_LOOPS,	  /* event loops and their channels, in the kernel */
	SESSION_ZEROCOPY, /* what is copied and what is moved, likewise */
};

/* Called with every record of the ring; it starts with its type. */
typedef void (*record_fn)(void *ctx, const void *record, size_t size);

/*
 * Loads and attaches. Returns NULL after saying what failed and what to do about
 * it. quiet: says nothing else.
 */
struct session *session_open(const struct options *o, enum session_mode mode,
			     record_fn fn, void *ctx, bool quiet);

/*
 * Starts o->program if there is one. Returns EXIT_DONE, or EXIT_FAILED after saying
 * why it cannot be started.
 */
int session_go(struct session *s);

/* When tracing began. */
__u64 session_start_ns(const struct session *s);

/* What the hooks that are attached cannot tell. */
const struct phase_limits *session_limits(const struct session *s);

/*
 * Once, when it has run for a second: what the user may want to know if nothing
 * has been shown; NULL if nothing. Unless quiet, the session says it by itself.
 */
const char *session_hint(struct session *s);

/* The name of the one that the kernel took. */
const char *session_backend(const struct session *s);

/* Stops and detaches; reads in progress are given up. Drain the ring after. */
void session_detach(struct session *s);
void session_close(struct session *s);

/*
 * Hands the records in the ring to fn, as many as it can hold: with more coming
 * than fn can take there would be no end.
 */
void session_drain(struct session *s);

/*
 * Sleeps at most ms, less when the ring is half full or a signal comes.
 * Returns false when the session is over: interrupted, duration over, program
 * or all of the processes asked for ended.
 */
bool session_wait(struct session *s, int ms);

/* Sums over CPUs since the start; shown counts what reached fn, too. */
int session_counters(struct session *s, struct iop_counters *sum);

/*
 * Runs of the programs that the kernel skipped because they were busy; of two that
 * stand in for each other, as many as both may have missed.
 */
__u64 session_missed(struct session *s);

/*
 * CPU time of the programs and their runs, since the start. Counted only with
 * --cost: the kernel takes the time of every BPF program then.
 */
struct cost {
	__u64 run_ns;
	__u64 runs;
};

struct cost session_cost(struct session *s);

/* Calls fn for each histogram in the kernel; returns 0 or -errno. */
typedef void (*hist_fn)(void *ctx, const struct iop_hist_key *key,
			const struct iop_hist *hist);
int session_hists(struct session *s, hist_fn fn, void *ctx);

/*
 * Of SESSION_REGROUPS: what rows are of from now on. Those of before stay as they
 * are, and gain nothing more.
 */
void session_group(struct session *s, enum iop_group group);

/* Is the socket of a row closed, whoever has its address now? */
bool session_sock_gone(struct session *s, const struct iop_hist_key *key);

/* The descriptor of a map of the kernel's side. */
int session_map(const struct session *s, const char *name);

/* Forgets a histogram, e.g. of a process that is gone. */
void session_drop_hist(struct session *s, const struct iop_hist_key *key);

#endif
