// SPDX-License-Identifier: GPL-2.0-only
/* /proc/addrsplit/stats: totals, from one pass over all processes */
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "addrsplit.h"

struct totals {
	unsigned long processes, kernel_threads, exited, hidden, shared, differing;
	u64 mapped, resident, page_tables;
};

/* Gives mm back. */
static void add_mm(struct totals *t, struct mm_struct *mm)
{
	struct sharing s = kernel_sharing(mm);

	t->processes++;
	t->shared += s.same && !s.differ;
	t->differing += s.differ > 0;
	t->mapped += (u64)mm->total_vm << PAGE_SHIFT;
	t->resident += resident_bytes(mm);
	t->page_tables += mm_pgtables_bytes(mm);
	mmput(mm);
}

static int add_process(struct totals *t, const struct file *file, struct task_struct *task)
{
	struct mm_struct *mm = process_mm(file, task);

	if (mm == ERR_PTR(-EACCES))
		t->hidden++;
	else if (IS_ERR(mm))
		return PTR_ERR(mm);
	else if (!mm && task->flags & PF_KTHREAD)
		t->kernel_threads++;
	else if (!mm)
		t->exited++;
	else
		add_mm(t, mm);
	return fatal_signal_pending(current) ? -EINTR : 0;
}

int stats_show(struct seq_file *m, void *v)
{
	struct task_struct *task;
	struct totals t = {};
	struct sysinfo i;
	loff_t nr;
	int err = 0;

	for (nr = 1; !err && (task = next_process(m->file, &nr)); nr++) {
		err = add_process(&t, m->file, task);
		put_task_struct(task);
		cond_resched();
	}
	si_meminfo(&i);
	seq_printf(m, "processes: %lu\n", t.processes);
	seq_printf(m, "kernel_threads: %lu\n", t.kernel_threads);
	seq_printf(m, "exited: %lu\n", t.exited);
	seq_printf(m, "hidden: %lu\n", t.hidden);
	seq_printf(m, "kernel_half_shared: %lu\n", t.shared);
	seq_printf(m, "kernel_half_differing: %lu\n", t.differing);
	seq_printf(m, "user_mapped_bytes: %llu\n", t.mapped);
	seq_printf(m, "user_resident_bytes: %llu\n", t.resident);
	seq_printf(m, "user_page_table_bytes: %llu\n", t.page_tables);
	seq_printf(m, "lowmem_bytes: %llu\n",
		   (u64)(i.totalram - i.totalhigh) * i.mem_unit);
	seq_printf(m, "lowmem_free_bytes: %llu\n",
		   (u64)(i.freeram - i.freehigh) * i.mem_unit);
	seq_printf(m, "highmem_bytes: %llu\n", (u64)i.totalhigh * i.mem_unit);
	seq_printf(m, "highmem_free_bytes: %llu\n", (u64)i.freehigh * i.mem_unit);
	seq_printf(m, "vmalloc_bytes: %lu\n", VMALLOC_LAST - VMALLOC_START + 1);
	seq_printf(m, "kernel_stack_bytes: %lu\n",
		   global_node_page_state(NR_KERNEL_STACK_KB) << 10);
	return err;
}
