// SPDX-License-Identifier: GPL-2.0-only
#include "figure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

static void tally_add(struct tally *t, const char *name)
{
	int i = 0;

	while (i < t->nr && strncmp(t->of[i].name, name, IOP_COMM_LEN - 1))
		i++;
	if (i == TALLY_NAMES) {
		t->others++;
		return;
	}
	if (i == t->nr)
		snprintf(t->of[t->nr++].name, IOP_COMM_LEN, "%s", name);
	t->of[i].count++;
}

static int by_count(const void *a, const void *b)
{
	const struct tallied *x = a, *y = b;

	return x->count < y->count ? 1 :
	       x->count > y->count ? -1 :
				     strcmp(x->name, y->name);
}

static void tally_sort(struct tally *t)
{
	qsort(t->of, t->nr, sizeof(t->of[0]), by_count);
}

void figure_add(struct figure *f, const struct iop_read_record *r)
{
	struct figure_model *m = &f->models[r->model];

	dist_add_read(&m->dist, r);
	if (r->comm[0])
		tally_add(&m->comms, r->comm);
	if (r->syscall != IOP_ANY)
		tally_add(&m->reads, syscall_name(r->syscall, r->compat));
	m->handoffs += !!(r->flags & IOP_F_HANDOFF);
	m->unwaited += !!(r->flags & IOP_F_UNWAITED);
}

void figure_add_wait(struct figure *f, enum iop_model model, const char *call)
{
	tally_add(&f->models[model].waits, call);
}

void figure_finish(struct figure *f)
{
	for (int i = 0; i < IOP_NR_MODELS; i++) {
		tally_sort(&f->models[i].comms);
		tally_sort(&f->models[i].reads);
		tally_sort(&f->models[i].waits);
	}
}

__u64 figure_reads(const struct figure *f, enum iop_model model)
{
	return f->models[model].dist.sums.reads;
}
