// SPDX-License-Identifier: GPL-2.0-only
/* Other protocols: what is unread cannot be seen, what arrives can. */
#include "edge_cases.h"

void mptcp(void)
{
	loopback_of(SOCK_STREAM, 262 /* IPPROTO_MPTCP */);
	ACTS(SEND, SEND, CLOSE);
	receive(64, 0, "-", 1);
	receive(64, 0, "-", 1);
	receive(64, 0, "eof", 1);
}

void vsock(void)
{
	struct sockaddr_vm a = { .svm_family = AF_VSOCK,
				 .svm_cid = VMADDR_CID_LOCAL,
				 .svm_port = 1234 };
	int l = socket(AF_VSOCK, SOCK_STREAM, 0);

	fds[1] = socket(AF_VSOCK, SOCK_STREAM, 0);
	CHECK(!bind(l, (void *)&a, sizeof(a)) && !listen(l, 1));
	CHECK(!connect(fds[1], (void *)&a, sizeof(a)));
	CHECK((fds[0] = accept(l, NULL, NULL)) >= 0);
	ACTS(SEND, SEND);
	receive(64, 0, "-", 1);
	receive(64, 0, "-", 1);
}

void kernel_tls(void)
{
	struct tls12_crypto_info_aes_gcm_128 keys = {
		.info = { TLS_1_2_VERSION, TLS_CIPHER_AES_GCM_128 },
	};

	loopback(SOCK_STREAM);
	for (int i = 0; i < 2; i++) {
		CHECK(!setsockopt(fds[i], SOL_TCP, TCP_ULP, "tls", 4));
		CHECK(!setsockopt(fds[i], 282 /* SOL_TLS */, i ? TLS_TX : TLS_RX, &keys,
				  sizeof(keys)));
	}
	ACTS(SEND, SEND);
	receive(64, 0, "-", 1);
	receive(64, 0, "-", 1);
}
