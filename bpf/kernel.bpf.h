/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The whole dependency on kernel structures: only the fields used, relocated
 * by CO-RE when the object is loaded.
 */
#ifndef IOPHASE_KERNEL_BPF_H
#define IOPHASE_KERNEL_BPF_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;

enum { false, true };

/* include/uapi/linux/bpf.h */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_CGROUP_ARRAY = 8,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_F_NO_PREALLOC = 1,
	BPF_F_USER_STACK = 256,
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
	BPF_RB_AVAIL_DATA = 0,
};

/* bpf_get_ns_current_pid_tgid() */
struct bpf_pidns_info {
	__u32 pid;
	__u32 tgid;
};

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_MPTCP 262
#define AF_VSOCK 40
#define RCV_SHUTDOWN 1
/* include/net/tcp_states.h; other families use the same numbers */
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define O_NONBLOCK 00004000 /* SOCK_NONBLOCK, too */
#define FASYNC 00020000
#define F_SETFL 4
#define FIONBIO 0x5421
#define FIOASYNC 0x5452
#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EBADF 9
#define ENOSYS 38
#define ENOTSOCK 88
#define TASK_INTERRUPTIBLE 1
#define MSG_LEN_AT 56 /* in struct mmsghdr */
#define MSG_LEN_AT_32 28
#define MSG_TRUNC 0x20
#define MSG_DONTWAIT 0x40
#define MSG_ERRQUEUE 0x2000
#define MSG_ZEROCOPY 0x4000000
#define PF_IO_WORKER 0x00000010
#define PF_KTHREAD 0x00200000
#define CLONE_THREAD 0x00010000
#define TS_COMPAT 0x0002       /* arch/x86/include/asm/thread_info.h */
#define NR_IO_URING_ENTER 426  /* every architecture */
#define NR_RECVMMSG_TIME64 417 /* of every one of 32 bits */
/* arch/x86/entry/syscalls/syscall_32.tbl, include/uapi/linux/net.h */
#define NR_SENDFILE_32 187 /* of i386 and ARM */
#define NR_SENDFILE64_32 239
#define NR_I386_SOCKETCALL 102
#define NR_I386_IO_SUBMIT 248
#define NR_I386_RECVMMSG 337
#define NR_I386_GETSOCKOPT 365
#define NR_I386_RECVFROM 371
#define NR_I386_RECVMSG 372
#define SOCKETCALL_RECV 10
#define SOCKETCALL_RECVFROM 12
#define SOCKETCALL_GETSOCKOPT 15
#define SOCKETCALL_RECVMSG 17
#define SOCKETCALL_RECVMMSG 19
/* include/uapi/linux/io_uring.h */
#define IORING_OP_NOP 0
#define IORING_OP_READV 1
#define IORING_OP_READ_FIXED 4
#define IORING_OP_POLL_ADD 6
#define IORING_OP_RECVMSG 10
#define IORING_OP_ACCEPT 13
#define IORING_OP_READ 22
#define IORING_OP_RECV 27
#define IORING_OP_READ_MULTISHOT 49
#define IORING_OP_RECV_ZC 58
#define IORING_ENTER_GETEVENTS 1
#define IORING_ENTER_REGISTERED_RING 16
#define IORING_CQE_F_MORE 2
#define IORING_RECV_MULTISHOT 2
#define REQ_F_FIXED_FILE 1
#define SIGIO 29
#define SIGRTMIN 32
#define SEND_SIG_PRIV 1 /* in place of a struct kernel_siginfo */
#define POLL_IN 1
#define POLL_HUP 6
/* EPOLLIN | EPOLLRDNORM | EPOLLRDHUP: there is something to read */
#define POLL_READ_MASK (0x001 | 0x040 | 0x2000)
/* an error to read, if the socket has one; its error queue alone has no data */
#define POLL_ERROR 0x008

#define __kernel_struct __attribute__((preserve_access_index))

struct thread_info {
	__u32 status;
} __kernel_struct;

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live;
} __kernel_struct;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} __kernel_struct;

struct files_struct {
	struct fdtable *fdt;
} __kernel_struct;

struct io_uring_task {
	struct file *registered_rings[16];
} __kernel_struct;

struct task_struct {
	struct thread_info thread_info;
	unsigned int state, __state; /* one of them */
	unsigned int flags;
	int pid;
	int tgid;
	struct task_struct *group_leader;
	char comm[16];
	struct signal_struct *signal;
	struct files_struct *files;
	struct io_uring_task *io_uring;
	void *stack;
} __kernel_struct;

struct pt_regs; /* as struct regs in bpf/arch */

struct in6_addr {
	union {
		__u8 u6_addr8[16];
	} in6_u;
} __kernel_struct;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	unsigned char skc_state;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
} __kernel_struct;

struct sk_buff_head {
	__u32 qlen;
} __kernel_struct;

struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
	struct {
		atomic_t rmem_alloc;
	} sk_backlog;
	__u16 sk_type;
	__u16 sk_protocol;
	__u8 sk_shutdown;
	int sk_err;
	__u32 sk_ack_backlog;
	__u32 sk_max_ack_backlog;
} __kernel_struct;

struct inet_connection_sock {
	const void *icsk_ulp_ops;
} __kernel_struct;

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u32 copied_seq;
	__u32 rcv_nxt;
	__u32 write_seq;
} __kernel_struct;

struct udp_sock {
	struct sk_buff_head reader_queue;
} __kernel_struct;

struct socket_wq {
	unsigned long flags;
} __kernel_struct;

struct proto_ops {
	void *splice_read;
} __kernel_struct;

struct socket {
	struct file *file;
	struct sock *sk;
	const struct proto_ops *ops;
	struct socket_wq wq;
} __kernel_struct;

struct fown_struct {
	struct file *file; /* since 6.12 */
} __kernel_struct;

struct hlist_node {
	struct hlist_node *next;
} __kernel_struct;

struct hlist_head {
	struct hlist_node *first;
} __kernel_struct;

struct list_head {
	struct list_head *next;
} __kernel_struct;

struct super_block {
	unsigned long s_magic;
} __kernel_struct;

struct inode {
	struct super_block *i_sb;
} __kernel_struct;

struct address_space {
	struct inode *host;
} __kernel_struct;

struct file {
	unsigned int f_flags;
	struct address_space *f_mapping;
	struct hlist_head *f_ep; /* who waits for it */
	void *private_data;
	struct fown_struct f_owner;  /* until 6.11; a pointer since */
	struct list_head f_ep_links; /* until 5.10, in place of f_ep */
} __kernel_struct;

struct epoll_filefd {
	int fd;
	struct file *file;
} __kernel_struct;

struct eventpoll {
	struct file *file;
} __kernel_struct;

struct epitem {
	struct epoll_filefd ffd;
	struct hlist_node fllink;
	struct eventpoll *ep;
} __kernel_struct;

struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
} __kernel_struct;

struct bpf_iter__task_file {
	struct task_struct *task;
	__u32 fd;
	struct file *file;
} __kernel_struct;

struct poll_table_struct {
	__u32 _key;
} __kernel_struct;

struct kernel_siginfo {
	int si_signo;
	int si_code;
} __kernel_struct;

struct io_cqe {
	int res;
	union {
		__u32 flags;
		int fd; /* until the request is issued */
	};
} __kernel_struct;

/*
 * The record of a classic tracepoint: what is common to all is longer where there is
 * PREEMPT_RT, as its patches have it (5.10, 6.1).
 */
struct trace_event_raw_task_newtask {
	int pid;
	unsigned long clone_flags;
} __kernel_struct;

struct io_ring_ctx;

struct io_kiocb {
	struct file *file;
	__u8 opcode;
	struct io_ring_ctx *ctx;
	unsigned int flags;
	struct io_cqe cqe; /* since 6.0 */
	__u32 result;	   /* until then */
	void *async_data;
} __kernel_struct;

/* A request to receive begins with this. */
struct io_sr_msg {
	unsigned short flags;
} __kernel_struct;

struct io_uring_cqe {
	__u64 user_data;
	__s32 res;
	__u32 flags;
} __kernel_struct;

struct iov_iter {
	unsigned long count;
} __kernel_struct;

struct msghdr {
	struct iov_iter msg_iter;
	struct ubuf_info *msg_ubuf;
} __kernel_struct;

struct iou_vec { /* since 6.15 */
	__u32 nr;
} __kernel_struct;

/* The async_data of a request to receive. */
struct io_async_msghdr {
	struct msghdr msg;
} __kernel_struct;
/* Who is told that the pages of a send are no longer used. */
struct ubuf_info {
} __kernel_struct;

struct ubuf_info_msgzc {
	__u16 zerocopy : 1;
} __kernel_struct;

/* The same of io_uring. */
struct io_notif_data {
	struct ubuf_info uarg;
	struct io_notif_data *next; /* since 6fe4220912d1 (6.10): that completes with it */
} __kernel_struct;

struct skb_shared_info {
	void *destructor_arg;
	atomic_t dataref;
} __kernel_struct;

struct sk_buff {
	unsigned int len;
	unsigned int data_len;
	__u8 cloned : 1;
	__u8 head_frag : 1;
	unsigned int end;
	unsigned char *head;
} __kernel_struct;

struct page {
	void *mapping;
} __kernel_struct;

/* include/uapi/linux/tcp.h */
struct tcp_zerocopy_receive {
	__u32 length;
	__u32 recv_skip_hint;
	__s32 copybuf_len;
} __kernel_struct;

#endif
