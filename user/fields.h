/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the members in bpf/fields.h lie in this kernel's structures. */
#ifndef IOPHASE_USER_FIELDS_H
#define IOPHASE_USER_FIELDS_H

#include "abi.h"
#include "../bpf/fields.h"

/*
 * From a BTF file, or with NULL from the kernel's own BTF; without any, what
 * is the same in every configuration. Returns EXIT_DONE, or EXIT_FAILED after
 * saying what is wrong with the file.
 */
int fields_find(struct iop_fields *fields, const char *btf_file);

/* How many are not known. */
int fields_unknown(const struct iop_fields *fields);

#endif
