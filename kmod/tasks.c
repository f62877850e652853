// SPDX-License-Identifier: GPL-2.0-only
/* /proc/addrsplit/tasks: a line a process */
#include <linux/proc_fs.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>

#include "addrsplit.h"

static void *tasks_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? next_process(m->file, pos) : SEQ_START_TOKEN;
}

static void tasks_stop(struct seq_file *m, void *v)
{
	if (v && v != SEQ_START_TOKEN)
		put_task_struct(v);
}

static void *tasks_next(struct seq_file *m, void *v, loff_t *pos)
{
	tasks_stop(m, v);
	++*pos;
	return next_process(m->file, pos);
}

static const char *why(const struct sharing *s)
{
	if (s->differ > s->ldt)
		return "other";
	if (s->ldt)
		return s->private ? "ldt,pti" : "ldt";
	return s->private ? "pti" : "-";
}

static int show_mm(struct seq_file *m, struct mm_struct *mm)
{
	struct sharing s = kernel_sharing(mm);
	unsigned long highest;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	highest = mapped_end(mm);
	highest -= highest > 0;
	mmap_read_unlock(mm);
	seq_printf(m, "%d " ADDRESS " %lu " ADDRESS " %llu %lu %u %u %s",
		   mm->task_size > U32_MAX ? 64 : 32, DIGITS, mm->task_size,
		   mm->total_vm << PAGE_SHIFT, DIGITS, highest, resident_bytes(mm),
		   mm_pgtables_bytes(mm), s.same, s.differ, why(&s));
	return 0;
}

static int tasks_show(struct seq_file *m, void *v)
{
	struct task_struct *task = v;
	char comm[TASK_COMM_LEN];
	struct mm_struct *mm;
	int err = 0;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "PID TYPE LIMIT MAPPED HIGHEST RESIDENT PAGETABLES "
			    "SAME DIFFER WHY COMM\n");
		return 0;
	}
	mm = process_mm(m->file, task);
	if (IS_ERR(mm))
		return PTR_ERR(mm) == -EACCES ? SEQ_SKIP : PTR_ERR(mm);

	seq_printf(m, "%lld ", m->index); /* the position is the number */
	if (mm) {
		err = show_mm(m, mm);
		mmput(mm);
	} else {
		seq_printf(m, "%s - - - - - - - -",
			   task->flags & PF_KTHREAD ? "kernel" : "exited");
	}
	get_task_comm(comm, task);
	seq_putc(m, ' ');
	seq_escape(m, comm, " \t\n\\");
	seq_putc(m, '\n');
	return err;
}

const struct seq_operations tasks_seq_ops = {
	.start = tasks_start,
	.next = tasks_next,
	.stop = tasks_stop,
	.show = tasks_show,
};
