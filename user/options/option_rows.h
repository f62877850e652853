/* SPDX-License-Identifier: GPL-2.0-only */
/* The options that several commands take, a row each, and lists of them. */
#ifndef IOPHASE_OPTION_ROWS_H
#define IOPHASE_OPTION_ROWS_H

#include "options.h"

extern const struct option_row option_pid, option_tid, option_follow, option_comm,
	option_cgroup, option_port, option_model, option_proto, option_min,
	option_sample, option_duration, option_interval, option_iterations, option_by,
	option_sort, option_json, option_output, option_perfetto, option_cost,
	option_from, option_svg, option_ascii, option_wake_detail, option_polls,
	option_buffer, option_max_rows, option_backend, option_btf;

/* For the lists of commands: which tasks, which of their reads, ... */
#define OPTIONS_TASKS \
	&option_pid, &option_tid, &option_follow, &option_comm, &option_cgroup
#define OPTIONS_READS \
	&option_port, &option_model, &option_proto, &option_min, &option_sample
#define OPTIONS_PRINT &option_json, &option_output
#define OPTIONS_PICTURE &option_from, &option_svg, &option_ascii, &option_output
#define OPTIONS_BACKEND &option_backend, &option_btf

#endif
