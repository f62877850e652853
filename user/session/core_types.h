/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types of the kernel that an object's relocations ask for, in a file for
 * libbpf: of the kernel's own 100,000 it looks at each for each that is asked for.
 */
#ifndef IOPHASE_CORE_TYPES_H
#define IOPHASE_CORE_TYPES_H

/* The file's path, until the next object asks; NULL: take the kernel's own types. */
const char *core_types(const void *elf);

#endif
