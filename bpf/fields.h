/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel structure members that the hooks without CO-RE read: an object that
 * holds relocations cannot be loaded at all on a kernel without BTF, so user
 * space looks the offsets up (kernel's BTF, --btf FILE) and sets them before
 * the load. Some lie where no configuration moves them; they have defaults
 * (64-bit, 32-bit). What stays unknown is not read.
 */
#ifndef IOPHASE_FIELDS_H
#define IOPHASE_FIELDS_H

#define IOP_UNKNOWN 0xffff

#define IOP_FIELDS(F)                                                             \
	F(socket_sk, socket, sk, 24, 16)                                          \
	F(socket_file, socket, file, 16, 12)                                      \
	F(socket_wq, socket, wq, 64, 64)                                          \
	F(poll_key, poll_table_struct, _key, 8, 4)                                \
	F(si_code, kernel_siginfo, si_code, 8, 8)                                 \
	F(daddr, sock_common, skc_daddr, 0, 0)                                    \
	F(rcv_saddr, sock_common, skc_rcv_saddr, 4, 4)                            \
	F(dport, sock_common, skc_dport, 12, 12)                                  \
	F(num, sock_common, skc_num, 14, 14)                                      \
	F(family, sock_common, skc_family, 16, 16)                                \
	F(v6_daddr, sock_common, skc_v6_daddr, IOP_UNKNOWN, IOP_UNKNOWN)          \
	F(v6_rcv_saddr, sock_common, skc_v6_rcv_saddr, IOP_UNKNOWN, IOP_UNKNOWN)  \
	F(sk_type, sock, sk_type, IOP_UNKNOWN, IOP_UNKNOWN)                       \
	F(sk_protocol, sock, sk_protocol, IOP_UNKNOWN, IOP_UNKNOWN)               \
	F(sk_shutdown, sock, sk_shutdown, IOP_UNKNOWN, IOP_UNKNOWN)               \
	F(sk_err, sock, sk_err, IOP_UNKNOWN, IOP_UNKNOWN)                         \
	F(ack_backlog, sock, sk_max_ack_backlog, IOP_UNKNOWN, IOP_UNKNOWN)        \
	F(qlen, sock, sk_receive_queue.qlen, IOP_UNKNOWN, IOP_UNKNOWN)            \
	F(ulp_ops, inet_connection_sock, icsk_ulp_ops, IOP_UNKNOWN, IOP_UNKNOWN)  \
	F(copied_seq, tcp_sock, copied_seq, IOP_UNKNOWN, IOP_UNKNOWN)             \
	F(rcv_nxt, tcp_sock, rcv_nxt, IOP_UNKNOWN, IOP_UNKNOWN)                   \
	F(reader_qlen, udp_sock, reader_queue.qlen, IOP_UNKNOWN, IOP_UNKNOWN)     \
	F(f_flags, file, f_flags, IOP_UNKNOWN, IOP_UNKNOWN)                       \
	F(private_data, file, private_data, IOP_UNKNOWN, IOP_UNKNOWN)             \
	F(task_flags, task_struct, flags, IOP_UNKNOWN, IOP_UNKNOWN)               \
	F(task_state, task_struct, state, IOP_UNKNOWN, IOP_UNKNOWN)               \
	F(task_new_state, task_struct, __state, IOP_UNKNOWN, IOP_UNKNOWN)         \
	F(task_pid, task_struct, pid, IOP_UNKNOWN, IOP_UNKNOWN)                   \
	F(task_tgid, task_struct, tgid, IOP_UNKNOWN, IOP_UNKNOWN)                 \
	F(task_leader, task_struct, group_leader, IOP_UNKNOWN, IOP_UNKNOWN)       \
	F(task_comm, task_struct, comm, IOP_UNKNOWN, IOP_UNKNOWN)                 \
	F(task_signal, task_struct, signal, IOP_UNKNOWN, IOP_UNKNOWN)             \
	F(signal_live, signal_struct, live.counter, IOP_UNKNOWN, IOP_UNKNOWN)     \
	F(newtask_pid, trace_event_raw_task_newtask, pid, 8, 8)                   \
	F(newtask_flags, trace_event_raw_task_newtask, clone_flags, 32, 28)       \
	F(task_files, task_struct, files, IOP_UNKNOWN, IOP_UNKNOWN)               \
	F(files_fdt, files_struct, fdt, IOP_UNKNOWN, IOP_UNKNOWN)                 \
	F(fdt_fd, fdtable, fd, IOP_UNKNOWN, IOP_UNKNOWN)                          \
	F(task_uring, task_struct, io_uring, IOP_UNKNOWN, IOP_UNKNOWN)            \
	F(uring_rings, io_uring_task, registered_rings, IOP_UNKNOWN, IOP_UNKNOWN) \
	F(uring_file, io_kiocb, file, IOP_UNKNOWN, IOP_UNKNOWN)                   \
	F(uring_opcode, io_kiocb, opcode, IOP_UNKNOWN, IOP_UNKNOWN)               \
	F(uring_fd, io_kiocb, cqe.fd, IOP_UNKNOWN, IOP_UNKNOWN)                   \
	F(uring_res, io_kiocb, cqe.res, IOP_UNKNOWN, IOP_UNKNOWN)

#define IOP_FIELD_MEMBER(name, type, path, at64, at32) __u16 name;

struct iop_fields {
	IOP_FIELDS(IOP_FIELD_MEMBER)
};

#endif
