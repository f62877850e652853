/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ADDRSPLIT_H
#define ADDRSPLIT_H

#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/vmalloc.h>

#include "compat.h"

/* How addresses are printed: as wide as a pointer. */
#define ADDRESS "0x%0*lx"
#define DIGITS ((int)(2 * sizeof(long)))

/* Some architectures' VMALLOC_END is the last address, others' the next. */
#define VMALLOC_LAST (((unsigned long)VMALLOC_END - 1) | ~PAGE_MASK)

/* How the kernel half of a process compares with the reader's. */
struct sharing {
	unsigned int same, differ;
	bool ldt;     /* the slot of the process's LDT is among them */
	bool private; /* a table of its own for it, for page-table isolation */
};

/* process.c: processes that the opener of a file may see */
struct task_struct *next_process(const struct file *file, loff_t *nr);
struct mm_struct *process_mm(const struct file *file, struct task_struct *task);
struct sharing kernel_sharing(struct mm_struct *mm);

/* the files */
int layout_show(struct seq_file *m, void *v);
int stats_show(struct seq_file *m, void *v);
extern const struct seq_operations tasks_seq_ops;

/* What is between two addresses; with last = first - 1: not in this kernel. */
struct region {
	const char *name;
	unsigned long first, last;
	bool random; /* the place is secret */
};

/*
 * What an architecture's header defines; Kbuild chooses the header.
 *
 *	USER_LAST, KERNEL_FIRST		the border
 *	PAGE_TABLE_LEVELS		in use
 *	PTI, KASLR			"on", "off" or "unknown"
 *	REGIONS				an array of them
 *	KERNEL_ENTRIES			page-table entries to compare, or 0
 *	KERNEL_ENTRY(mm, i)		what one points to, or 0
 *	LDT_ENTRY			the one that is a process's own
 *	KERNEL_TABLE(mm)		differs if what could be shared is not
 */
#include ADDRSPLIT_ARCH

#endif
