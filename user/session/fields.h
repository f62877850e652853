/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the members in bpf/fields.h lie in this kernel's structures. */
#ifndef IOPHASE_USER_FIELDS_H
#define IOPHASE_USER_FIELDS_H

#include <stdbool.h>

#include "abi.h"
#include "../bpf/fields.h"

/*
 * From a BTF file, or with NULL from the kernel's own BTF; without any, what
 * is the same in every configuration. Returns EXIT_DONE, or EXIT_FAILED after
 * saying what is wrong with the file.
 */
int fields_find(struct iop_fields *fields, const char *btf_file);

/*
 * Is what lies unread in a socket, or an IPv6 address, not known? Others are not
 * there on every kernel.
 */
bool fields_unknown(const struct iop_fields *fields);

#endif
