// SPDX-License-Identifier: GPL-2.0-only
/* Processes, one after the other, and what they share with the reader */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>

#include "addrsplit.h"

/*
 * The first process from number *nr on, in the pid namespace of this /proc,
 * with a reference; *nr becomes its number.
 */
struct task_struct *next_process(const struct file *file, loff_t *nr)
{
	struct pid_namespace *ns = proc_pid_ns(file_inode(file)->i_sb);
	struct task_struct *task = NULL;
	struct pid *pid;
	int id = *nr;

	rcu_read_lock();
	/* find_ge_pid() does the same, but 5.10 does not export it */
	while ((pid = idr_get_next(&ns->idr, &id))) {
		task = pid_task(pid, PIDTYPE_TGID);
		if (task)
			break;
		id++;
	}
	*nr = id;
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	return task;
}

/* The opener, not the reader: see may_open(). */
static bool may_see(const struct file *file, struct task_struct *task)
{
	kuid_t uid = file->f_cred->fsuid;
	const struct cred *cred;
	bool same;

	if (file_ns_capable(file, &init_user_ns, CAP_SYS_PTRACE))
		return true;
	rcu_read_lock();
	cred = __task_cred(task);
	same = uid_eq(uid, cred->uid) && uid_eq(uid, cred->euid) &&
	       uid_eq(uid, cred->suid);
	rcu_read_unlock();
	return same;
}

/*
 * The address space of a process, with a reference; NULL if it has none,
 * -EACCES if the opener may not see it. The lock keeps an exec from changing
 * credentials between check and use. A first thread may end before the others.
 */
struct mm_struct *process_mm(const struct file *file, struct task_struct *task)
{
	struct mm_struct *mm = NULL;
	struct task_struct *t;

	if (down_read_killable(&task->signal->exec_update_lock))
		return ERR_PTR(-EINTR);
	if (!may_see(file, task)) {
		mm = ERR_PTR(-EACCES);
		goto unlock;
	}
	rcu_read_lock();
	for_each_thread(task, t) {
		mm = get_task_mm(t);
		if (mm)
			break;
	}
	rcu_read_unlock();
unlock:
	up_read(&task->signal->exec_update_lock);
	return mm;
}

struct sharing kernel_sharing(struct mm_struct *mm)
{
	struct mm_struct *own = current->active_mm;
	struct sharing s = { .private = KERNEL_TABLE(mm) != KERNEL_TABLE(own) };
	unsigned int i;

	for (i = 0; i < KERNEL_ENTRIES; i++) {
		u64 theirs = KERNEL_ENTRY(mm, i), ours = KERNEL_ENTRY(own, i);

		s.same += theirs && theirs == ours;
		s.differ += theirs != ours;
		s.ldt |= theirs != ours && i == LDT_ENTRY;
	}
	return s;
}
