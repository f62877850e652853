/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of top from a kernel that tests make up: its histograms, sockets and names. */
#ifndef IOPHASE_TESTS_TOP_ROWS_H
#define IOPHASE_TESTS_TOP_ROWS_H

#include "../../bpf/hist.h"
#include "tasks.h"
#include "top_columns.h"
#include "top_table.h"
#include "util.h"

#define SECOND 1000000000ull

static struct kernel {
	struct iop_hist_key key;
	struct iop_hist hist;
	bool there;
	bool closed; /* the socket */
} kernel[8];

static int dropped;
static bool closes_while_looked_at;

bool session_sock_gone(struct session *s, const struct iop_hist_key *key)
{
	(void)s;
	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		if (!memcmp(&kernel[i].key, key, sizeof(*key)))
			return kernel[i].closed;
	return true;
}

int session_hists(struct session *s, hist_fn fn, void *ctx)
{
	(void)s;
	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		if (kernel[i].there)
			fn(ctx, &kernel[i].key, &kernel[i].hist);
	if (closes_while_looked_at) {
		kernel[0].hist.sums.reads++;
		kernel[0].closed = true;
	}
	return 0;
}

void session_drop_hist(struct session *s, const struct iop_hist_key *key)
{
	(void)s;
	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		if (!memcmp(&kernel[i].key, key, sizeof(*key)))
			kernel[i].there = false;
	dropped++;
}

/* What /proc says of anybody; NULL: nobody is there. */
static const char *name_in_proc;

bool task_comm(__u32 pid, __u32 tid, char comm[IOP_COMM_LEN])
{
	(void)pid;
	if (tid)
		return false; /* threads have the names that the kernel gives */
	if (name_in_proc)
		snprintf(comm, IOP_COMM_LEN, "%s", name_in_proc);
	return name_in_proc;
}

/* n reads of 10 bytes that waited ns each. */
static void reads(int i, __u32 pid, __u32 model, const char *comm, int n, __u64 ns)
{
	struct iop_hist *h = &kernel[i].hist;

	kernel[i].key = (struct iop_hist_key){ .pid = pid, .model = model };
	kernel[i].there = true;
	strncpy(h->comm, comm, IOP_COMM_LEN - 1);
	h->pid = pid;
	h->sums.reads += n;
	h->sums.bytes += 10 * n;
	h->sums.total_ns += n * ns;
	for (int p = 0; p < IOP_NR_PHASES; p++) {
		__u64 took = p == IOP_WAIT ? ns : 0;

		h->buckets[p][hist_bucket(took)] += n;
		h->sum_ns[p] += n * took;
		if (took > h->max_ns[p])
			h->max_ns[p] = took;
	}
}

static struct table *fresh(void)
{
	memset(kernel, 0, sizeof(kernel));
	dropped = 0;
	return table_new(0, 1);
}

static struct sheet sheet;

/* All columns of a view, for rows of no limits. */
static void make_sheet(int view)
{
	sheet_free(&sheet);
	sheet_make(&sheet, view == VIEW_SUMMARY ? &summary_schema : &top_schema,
		   VIEW(view), NULL);
}

#endif
