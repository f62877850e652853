// SPDX-License-Identifier: GPL-2.0-only
/*
 * floor OBJECT [FUNCTION]: programs that do nothing, on the hooks that iophase top
 * uses (the btf backend's object names them), or on those of FUNCTION alone: what
 * any tracer on these has to pay.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

static int attach(const char *name, enum bpf_attach_type type)
{
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type);
	int fd, id = libbpf_find_vmlinux_btf_id(name, type);

	if (id < 0)
		return id; /* this kernel does not have it */
	opts.attach_btf_id = id;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "floor", "GPL", nothing, 2, &opts);
	return fd < 0 ? fd : bpf_raw_tracepoint_open(NULL, fd);
}

/* A hook has several programs: for what differs between kernels, or may be skipped. */
static int is_first(struct bpf_object *obj, const struct bpf_program *of)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj) {
		if (!strcmp(bpf_program__section_name(prog),
			    bpf_program__section_name(of)))
			return prog == of;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct bpf_object *obj = argc == 2 || argc == 3 ? bpf_object__open(argv[1]) :
							  NULL;
	struct bpf_program *prog;
	int n = 0;

	if (!obj) {
		fputs("usage: floor OBJECT [FUNCTION]\n", stderr);
		return 2;
	}
	bpf_object__for_each_program(prog, obj) {
		const char *section = bpf_program__section_name(prog);
		const char *name = strchr(section, '/') + 1;

		if (!strncmp(name, "sched_waking", 12) ||
		    !strncmp(name, "sched_switch", 12))
			continue; /* --wake-detail */
		if (!is_first(obj, prog) || (argc == 3 && strcmp(name, argv[2])))
			continue;
		n += attach(name, strstr(section, "fentry") ? BPF_TRACE_FENTRY :
				  strstr(section, "fexit")  ? BPF_TRACE_FEXIT :
							      BPF_TRACE_RAW_TP) >= 0;
	}
	fprintf(stderr, "%d hooks\n", n);
	return poll(NULL, 0, -1);
}
