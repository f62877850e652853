/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The phase engine: from what the kernel does to a socket and a thread to the
 * five phases of each read. Pure C: no maps, no helpers, no clock; time is an
 * argument, in ns of CLOCK_MONOTONIC. Compiled as BPF and as user space.
 *
 * asked, ready, told, called, end are the instants of docs/phases.md. A read
 * splits at "called":
 *
 *   before the call   wait = ready - asked, wake = told - ready,
 *                     dispatch = called - told; and when the data was there
 *                     first (ready <= asked): dispatch = called - ready
 *   inside the call   wait and wake of each sleep, copy, and rest for what
 *                     is left of the call's duration
 *
 *   model        asked                      told
 *   blocking     called                     end of each sleep
 *   nonblocking  first EAGAIN since empty   ready
 *   multiplexed  entry of the wait call     its return; of what else is read
 *                                           until the queue is empty: called
 *   signal       last drained, or armed     delivery to the thread
 *   async        submission                 completion; what follows it until
 *                                           the thread returns is dispatch
 *
 * Who writes what: the ready and send functions may run on another CPU than
 * the reader, so each field of struct iop_sock has one writing side, and a
 * stamp is spent by comparison (ready_ns < empty_ns), never by clearing it.
 */
#ifndef IOPHASE_PHASE_H
#define IOPHASE_PHASE_H

#include "engine/types.h"
#include "engine/inputs.h"
#include "engine/reading.h"
#include "engine/recognise.h"
#include "engine/account.h"
#include "engine/async.h"
#include "engine/apply.h"

#endif
