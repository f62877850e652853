/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Feeds the engine and publishes what it finds: histograms in the kernel,
 * records to the ring. The hooks call on_*() and decide nothing; each hook
 * family includes this file, and before it what backend.bpf.h asks for.
 */
#ifndef IOPHASE_ENGINE_BPF_H
#define IOPHASE_ENGINE_BPF_H

#include "feed.bpf.h"
#include "read_end.bpf.h"
#include "lifetime.bpf.h"

#endif
