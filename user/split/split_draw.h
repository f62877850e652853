/* SPDX-License-Identifier: GPL-2.0-only */
/* The address space as a picture, on standard output. */
#ifndef IOPHASE_SPLIT_DRAW_H
#define IOPHASE_SPLIT_DRAW_H

#include "addrsplit.h"

/* What is above it: the machine, and whose the user half is; pid 0: nobody's. */
void split_draw_head(const struct address_space *as, unsigned int pid);

/* 32 bits: to scale. */
void split_draw_linear(const struct address_space *as);

/* 64 bits: a line an area. */
void split_draw_compressed(const struct address_space *as);

#endif
