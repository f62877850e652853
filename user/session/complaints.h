/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What libbpf and the verifier complain of. libbpf tells only by what it prints which
 * program the kernel refused, and why.
 */
#ifndef IOPHASE_COMPLAINTS_H
#define IOPHASE_COMPLAINTS_H

struct complaints {
	char first[512];
	char program[64];  /* the last that they were about */
	char verdict[256]; /* of the verifier */
};

/* From now on they are kept, and printed only where IOPHASE_DEBUG is set. */
void complaints_hear(void);

void complaints_forget(void);

/* Those since they were forgotten. */
const struct complaints *complaints(void);

#endif
