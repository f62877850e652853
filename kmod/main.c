// SPDX-License-Identifier: GPL-2.0-only
/* /proc/addrsplit: where user space ends and the kernel begins */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/user_namespace.h>

#include "addrsplit.h"

/*
 * Rights are those of the one who opens: a descriptor may be passed on. The
 * mode, 0400, would let in root of a user namespace made by root.
 */
static bool may_open(const struct file *file)
{
	return file->f_cred->user_ns == &init_user_ns;
}

/*
 * kptr_restrict is not exported, but %pK obeys it: it prints zeros if it is 2,
 * or if it is 1 and current has no CAP_SYSLOG.
 */
static bool may_see_addresses(const struct file *file)
{
	char probe[2 * sizeof(long) + 1];

	if (!file_ns_capable(file, &init_user_ns, CAP_SYSLOG))
		return false;
	snprintf(probe, sizeof(probe), "%pK", file);
	return probe[strspn(probe, "0")];
}

static int show_open(struct inode *inode, struct file *file)
{
	if (!may_open(file))
		return -EPERM;
	return single_open(file, pde_data(inode), (void *)(long)may_see_addresses(file));
}

static int tasks_open(struct inode *inode, struct file *file)
{
	return may_open(file) ? seq_open(file, &tasks_seq_ops) : -EPERM;
}

static const struct proc_ops show_ops = {
	.proc_open = show_open,
	.proc_read_iter = seq_read_iter,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static const struct proc_ops tasks_ops = {
	.proc_open = tasks_open,
	.proc_read_iter = seq_read_iter,
	.proc_lseek = seq_lseek,
	.proc_release = seq_release,
};

static struct proc_dir_entry *dir;

/* Waits for calls that are under way; open descriptors fail from then on. */
static void addrsplit_exit(void)
{
	proc_remove(dir);
}

static int __init addrsplit_init(void)
{
	dir = proc_mkdir("addrsplit", NULL);
	if (dir && proc_create_data("layout", 0400, dir, &show_ops, layout_show) &&
	    proc_create_data("stats", 0400, dir, &show_ops, stats_show) &&
	    proc_create("tasks", 0400, dir, &tasks_ops))
		return 0;
	addrsplit_exit();
	return -ENOMEM;
}

module_init(addrsplit_init);
module_exit(addrsplit_exit);

MODULE_DESCRIPTION("The user/kernel address split, in /proc/addrsplit");
MODULE_AUTHOR("The iophase authors");
MODULE_VERSION(ADDRSPLIT_VERSION);
MODULE_LICENSE("GPL");
