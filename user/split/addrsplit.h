/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc/addrsplit/layout says (docs/addrsplit.md). */
#ifndef IOPHASE_ADDRSPLIT_H
#define IOPHASE_ADDRSPLIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define MAX_AREAS 64

/* A stretch of the address space: a kernel region, or user mappings. */
struct area {
	char name[32];
	uint64_t first;
	uint64_t last;
	uint64_t bytes; /* really mapped: may be less than last - first + 1 */
	bool hidden;	/* first and last are secret to this reader */
	bool sized;	/* bytes is known */
};

struct address_space {
	char arch[32];
	char pti[8];
	char kaslr[8];
	unsigned int bits;
	unsigned int levels;
	uint64_t split; /* first kernel address */
	uint64_t user_last;
	struct area areas[MAX_AREAS]; /* lowest first, as far as known */
	int nr;
};

/* Reads the module's file. Returns 0, or an exit status after saying why. */
int address_space_load(struct address_space *as);

/* The text of that file; false if it is not what it should be. */
bool address_space_parse(struct address_space *as, FILE *f);

/* How many of the areas are user's: they come before the kernel's. */
int address_space_nr_user(const struct address_space *as);

/*
 * Adds a mapping to the areas, the last of which it joins if that is of the same group;
 * mappings come in order of address. False: it does not fit.
 */
bool address_space_add_mapping(struct address_space *as, const char *group,
			       uint64_t first, uint64_t last);

/*
 * Adds the user half of a process, grouped as text, heap, mmap, stack, vdso.
 * Returns 0, or an exit status after saying why.
 */
int address_space_add_process(struct address_space *as, unsigned int pid);

#endif
