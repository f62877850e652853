// SPDX-License-Identifier: GPL-2.0-only
#include "typed.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "kernel_types.h"
#include "prototypes.h"
#include "util.h"

/*
 * For what is attached to another program libbpf does not read the kernel's types
 * again. set_type() says to what it is really attached, and that there is none.
 */
#define NO_PROGRAM 1

static int leave_types_alone(struct bpf_program *p, long tracepoint)
{
	(void)tracepoint;
	return kernel_btf() ? bpf_program__set_attach_target(p, NO_PROGRAM, NULL) : 0;
}

/*
 * By libbpf, which would read the kernel's types again to find it, no kernel function is
 * called: here it takes the place of a helper that there is not.
 */
static void call_cast(struct bpf_program *p)
{
	int id = kernel_hook_type(CAST_FUNCTION, false);
	size_t nr = bpf_program__insn_cnt(p);
	struct bpf_insn *insns;
	bool calls = false;

	if (id < 0)
		return;
	insns = xcalloc(nr, sizeof(*insns));
	memcpy(insns, bpf_program__insns(p), nr * sizeof(*insns));
	for (size_t i = 0; i < nr; i++) {
		if (insns[i].code != (BPF_JMP | BPF_CALL) || insns[i].src_reg ||
		    insns[i].imm != IOP_CAST_CALL)
			continue;
		insns[i].src_reg = BPF_PSEUDO_KFUNC_CALL;
		insns[i].imm = id;
		calls = true;
	}
	if (calls)
		bpf_program__set_insns(p, insns, nr);
	free(insns);
}

static int set_type(struct bpf_program *p, struct bpf_prog_load_opts *opts,
		    long tracepoint)
{
	int id = kernel_hook_type(program_target(p), tracepoint);

	if (id < 0)
		return id;
	opts->attach_prog_fd = 0;
	opts->attach_btf_id = id;
	call_cast(p);
	return 0;
}

static int attach(const struct bpf_program *p, long tracepoint, struct bpf_link **link)
{
	(void)tracepoint;
	*link = bpf_program__type(p) == BPF_PROG_TYPE_LSM ? bpf_program__attach_lsm(p) :
							    bpf_program__attach_trace(p);
	return *link ? 0 : -errno;
}

void typed_programs_by_index(void)
{
	static const struct {
		const char *section;
		enum bpf_prog_type type;
		enum bpf_attach_type attach;
	} sections[] = {
		{ "fentry+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY },
		{ "fexit+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT },
		{ "tp_btf+", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP },
		{ "lsm+", BPF_PROG_TYPE_LSM, BPF_LSM_MAC },
	};
	static bool done;

	for (size_t i = 0; !done && i < ARRAY_SIZE(sections); i++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, opts,
			    .cookie = sections[i].attach == BPF_TRACE_RAW_TP,
			    .prog_setup_fn = leave_types_alone,
			    .prog_prepare_load_fn = set_type, .prog_attach_fn = attach);

		/* should it fail, libbpf does as it does by itself */
		libbpf_register_prog_handler(sections[i].section, sections[i].type,
					     sections[i].attach, &opts);
	}
	done = true;
}
