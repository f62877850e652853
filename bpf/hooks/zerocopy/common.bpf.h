/* SPDX-License-Identifier: GPL-2.0-only */
/* What programs of iophase zerocopy need; either.bpf.h has what they are written with. */
#ifndef IOPHASE_HOOKS_ZEROCOPY_COMMON_BPF_H
#define IOPHASE_HOOKS_ZEROCOPY_COMMON_BPF_H

#include "../../kernel.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "../../core_compat.bpf.h"
#include "../../zerocopy.bpf.h"

#endif
