// SPDX-License-Identifier: GPL-2.0-only
/* Zero copy, as docs/zerocopy.md has it: what becomes of bytes; rows and columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "tasks.h"
#include "util.h"
#include "zerocopy_columns.h"
#include "zerocopy_map.h"
#include "zerocopy_table.h"

#include <cmocka.h> /* later: its fail() is a macro */

#include "../../bpf/engine/zerocopy.h"
#include "../../tools/lab/notification.h"
#include "text.h"

#define GONE 0x3fffffff /* above every pid_max */
#define SECOND 1000000000ull

/* --- a call ------------------------------------------------------------------------ */

static void adds_up(const struct iop_zc_call *c, __u64 bytes, __u64 copied, __u32 causes)
{
	struct iop_zc_end e = iop_zc_end(c, bytes);

	assert_int_equal(e.copied + e.moved, bytes);
	assert_int_equal(e.copied, copied);
	assert_int_equal(e.causes, causes);
	assert_int_equal(e.fell_back, !!causes);
}

static void what_is_copied_by_nature_has_not_fallen_back(void **state)
{
	(void)state;
	adds_up(&(struct iop_zc_call){ .path = IOP_ZC_RECV }, 100, 100, 0);
	adds_up(&(struct iop_zc_call){ .path = IOP_ZC_SEND }, 100, 100, 0);
}

static void a_sendfile_copies_what_nothing_moved(void **state)
{
	struct iop_zc_call c = { .path = IOP_ZC_SENDFILE, .moved = 100 };

	(void)state;
	adds_up(&c, 100, 0, 0);
	adds_up(&c, 130, 30, IOP_ZC_PROTOCOL);
	adds_up(&c, 70, 0, 0); /* the socket took more pages than the call gave */
	c.source = 40;
	adds_up(&c, 100, 40, IOP_ZC_SOURCE);
	adds_up(&c, 130, 70, IOP_ZC_SOURCE | IOP_ZC_PROTOCOL);
	c.source = 1000; /* more was read than sent */
	adds_up(&c, 100, 100, IOP_ZC_SOURCE);
	c = (struct iop_zc_call){ .path = IOP_ZC_SENDFILE, .moved = 100, .remade = 1 };
	adds_up(&c, 100, 100, IOP_ZC_SOURCE);
}

static void a_splice_moves_what_nothing_copied(void **state)
{
	struct iop_zc_call c = { .path = IOP_ZC_SPLICE_IN };

	(void)state;
	adds_up(&c, 100, 0, 0);
	c.copied = 30;
	c.causes = IOP_ZC_LINEAR;
	adds_up(&c, 100, 30, IOP_ZC_LINEAR);
	adds_up(&c, 20, 20, IOP_ZC_LINEAR);
}

static void a_mapping_falls_back_by_what_it_leaves(void **state)
{
	struct iop_zc_call c = { .path = IOP_ZC_RECEIVE };

	(void)state;
	adds_up(&c, 4096, 0, 0);
	c.left = 100;
	adds_up(&c, 4096, 0, IOP_ZC_NO_PAGE);
	adds_up(&c, 0, 0, IOP_ZC_NO_PAGE);
	c.left = 0;
	c.copied = 96;
	adds_up(&c, 4192, 96, IOP_ZC_NO_PAGE);
}

static void a_ring_gets_what_was_not_copied_to_it(void **state)
{
	struct iop_zc_call c = { .path = IOP_ZC_ZCRX };

	(void)state;
	adds_up(&c, 4096, 0, 0);
	c.copied = 96;
	c.causes = IOP_ZC_AREA;
	adds_up(&c, 4192, 96, IOP_ZC_AREA);
	adds_up(&c, 0, 0, 0);
}

static void the_flag_without_the_option_copies(void **state)
{
	struct iop_zc_call c = { .path = IOP_ZC_ZC_SEND };

	(void)state;
	assert_false(iop_zc_is_pending(&c));
	adds_up(&c, 100, 100, IOP_ZC_NOT_ENABLED);
	c.note = 1;
	assert_true(iop_zc_is_pending(&c));
}

static void the_kernel_says_what_became_of_a_send(void **state)
{
	struct iop_zc_note n = { .bytes = 100 };
	struct iop_zc_end e = iop_zc_settle(&n);

	(void)state;
	assert_true(e.moved == 100 && !e.copied && !e.fell_back && !e.causes);
	n.local = 1; /* and the last of its packets went elsewhere */
	e = iop_zc_settle(&n);
	assert_true(e.moved == 100 && !e.fell_back);
	n.copied = 1;
	e = iop_zc_settle(&n);
	assert_true(!e.moved && e.copied == 100 && e.fell_back);
	assert_int_equal(e.causes, IOP_ZC_LOCAL);
	n.local = 0;
	assert_int_equal(iop_zc_settle(&n).causes, IOP_ZC_DEVICE);
}

/* More sends, and more bytes, than 32 bits count. */
static void what_is_counted_does_not_wrap(void **state)
{
	struct iop_zc_note n = { .calls = 1ull << 33, .bytes = 3ull << 33 };
	struct iop_zc_call c = { .path = IOP_ZC_SENDFILE, .moved = 3ull << 33 };
	struct iop_zc_end e = iop_zc_settle(&n);

	(void)state;
	assert_true(e.moved == 3ull << 33 && !e.copied);
	n.copied = 1;
	e = iop_zc_settle(&n);
	assert_true(e.copied == 3ull << 33 && !e.moved);
	adds_up(&c, 4ull << 33, 1ull << 33, IOP_ZC_PROTOCOL);
}

/* The kernel's numbers of sends have 32 bits, and begin again. */
static void notified_numbers_begin_again(void **state)
{
	(void)state;
	assert_int_equal(nr_notified(0, 0), 1);
	assert_int_equal(nr_notified(7, 9), 3);
	assert_int_equal(nr_notified(UINT32_MAX, UINT32_MAX), 1);
	assert_int_equal(nr_notified(UINT32_MAX - 1, 2), 5);
}

static void a_copy_ends_with_its_own_socket(void **state)
{
	struct iop_zc_call c = {};

	(void)state;
	iop_zc_copy_enter(&c, 1, 500, 1000);
	iop_zc_copy_exit(&c, 2, 1100); /* in an interrupt */
	assert_int_equal(c.copy_ns, 0);
	iop_zc_copy_exit(&c, 1, 1200);
	iop_zc_copy_exit(&c, 1, 1300);
	assert_int_equal(c.copy_ns, 200);
	assert_int_equal(c.timed_bytes, 500);
	c.moves = 1;
	iop_zc_copy_enter(&c, 1, 500, 2000);
	iop_zc_copy_exit(&c, 1, 2100);
	assert_int_equal(c.copy_ns, 200);
}

/* --- rows ---------------------------------------------------------------------------- */

static struct {
	struct iop_zc_key key;
	struct iop_zc_row row;
	bool there;
} kernel[4];

void each_zerocopy_row(struct session *s, element_fn fn, void *ctx)
{
	(void)s;
	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		if (kernel[i].there)
			fn(ctx, &kernel[i].key, &kernel[i].row);
}

void drop_zerocopy_row(struct session *s, const struct iop_zc_key *key)
{
	(void)s;
	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		if (!memcmp(&kernel[i].key, key, sizeof(*key)))
			kernel[i].there = false;
}

bool task_comm(__u32 pid, __u32 tid, char comm[IOP_COMM_LEN])
{
	(void)pid;
	(void)tid;
	(void)comm;
	return false;
}

static struct iop_zc_row *row(int i, __u32 pid, __u32 path)
{
	struct iop_zc_row *r = &kernel[i].row;

	kernel[i].key = (struct iop_zc_key){ .pid = pid, .path = path };
	kernel[i].there = true;
	memset(r, 0, sizeof(*r));
	r->pid = pid;
	strcpy(r->comm, "server");
	return r;
}

static struct zerocopy_table *fresh(void)
{
	memset(kernel, 0, sizeof(kernel));
	return zerocopy_table_new(SECOND);
}

static void an_interval_has_what_it_gained(void **state)
{
	struct zerocopy_table *t = fresh();
	struct iop_zc_row *r = row(0, getpid(), IOP_ZC_ZC_SEND);

	(void)state;
	r->calls = 2;
	r->copied_bytes = 300;
	r->fell_back_calls = 1;
	r->causes = IOP_ZC_LOCAL;
	zerocopy_table_refresh(t, NULL, 2 * SECOND);
	assert_int_equal(t->nr, 1);
	assert_int_equal(t->rows[0].bytes, 300);
	assert_int_equal(t->rows[0].interval_ns, SECOND);
	assert_int_equal(t->rows[0].n.causes, IOP_ZC_LOCAL);
	r->calls = 5;
	r->moved_bytes = 1000;
	r->pending_calls = 3;
	r->pending_bytes = 77;
	zerocopy_table_refresh(t, NULL, 3 * SECOND);
	assert_int_equal(t->nr, 1);
	assert_int_equal(t->rows[0].n.calls, 3);
	assert_int_equal(t->rows[0].bytes, 1000);
	assert_int_equal(t->rows[0].n.pending_bytes, 77);
	assert_int_equal(t->rows[0].n.causes, 0); /* nothing fell back in it */
	zerocopy_table_refresh(t, NULL, 4 * SECOND);
	assert_int_equal(t->nr, 0);
	assert_int_equal(t->run[IOP_ZC_ZC_SEND].bytes, 1300);
	assert_int_equal(t->run[IOP_ZC_ZC_SEND].n.pending_bytes, 77);
	zerocopy_table_free(t);
}

static void a_row_goes_with_its_process(void **state)
{
	struct zerocopy_table *t = fresh();
	struct iop_zc_row *r = row(0, GONE, IOP_ZC_ZC_SEND);

	(void)state;
	r->pending_calls = 1;
	r->pending_bytes = 10;
	for (int i = 2; i < 6; i++)
		zerocopy_table_refresh(t, NULL, i * SECOND);
	assert_true(kernel[0].there); /* the kernel has not said all */
	r->pending_calls = 0;
	r->pending_bytes = 0;
	r->calls = 1;
	r->moved_bytes = 10;
	zerocopy_table_refresh(t, NULL, 6 * SECOND);
	assert_int_equal(t->nr, 1);
	zerocopy_table_refresh(t, NULL, 7 * SECOND);
	assert_false(kernel[0].there);
	assert_int_equal(t->run[IOP_ZC_ZC_SEND].bytes, 10);
	/* another process has its id */
	row(0, GONE, IOP_ZC_ZC_SEND)->calls = 1;
	kernel[0].row.copied_bytes = 3;
	zerocopy_table_refresh(t, NULL, 8 * SECOND);
	assert_int_equal(t->rows[0].bytes, 3);
	assert_int_equal(t->run[IOP_ZC_ZC_SEND].bytes, 13);
	zerocopy_table_free(t);
}

/* The 2^32th notification of a row is one like those before it. */
static void a_row_does_not_wrap(void **state)
{
	struct zerocopy_table *t = fresh();
	struct iop_zc_row *r = row(0, getpid(), IOP_ZC_ZC_SEND);

	(void)state;
	r->calls = r->fell_back_calls = UINT32_MAX;
	r->copied_bytes = 100ull * UINT32_MAX;
	r->pending_calls = 2ull << 32;
	zerocopy_table_refresh(t, NULL, 2 * SECOND);
	r->calls += 2;
	r->fell_back_calls += 2;
	r->copied_bytes += 200;
	zerocopy_table_refresh(t, NULL, 3 * SECOND);
	assert_int_equal(t->rows[0].n.calls, 2);
	assert_int_equal(t->rows[0].n.fell_back_calls, 2);
	assert_int_equal(t->rows[0].bytes, 200);
	assert_true(t->rows[0].n.pending_calls == 2ull << 32);
	assert_true(t->run[IOP_ZC_ZC_SEND].n.calls == (1ull << 32) + 1);
	assert_true(t->run[IOP_ZC_ZC_SEND].bytes == 100 * ((1ull << 32) + 1));
	zerocopy_table_free(t);
}

static void rows_are_by_process_and_path(void **state)
{
	struct zerocopy_table *t = fresh();

	(void)state;
	row(0, 20, IOP_ZC_SEND)->calls = 1;
	row(1, 3, IOP_ZC_SENDFILE)->calls = 1;
	row(2, 20, IOP_ZC_RECV)->calls = 1;
	row(3, 3, IOP_NR_ZC_PATHS)->calls = 1; /* no path that is known here */
	zerocopy_table_refresh(t, NULL, 2 * SECOND);
	assert_int_equal(t->nr, 3);
	assert_int_equal(t->rows[0].key.path, IOP_ZC_SENDFILE);
	assert_int_equal(t->rows[1].key.path, IOP_ZC_RECV);
	assert_int_equal(t->rows[2].key.path, IOP_ZC_SEND);
	zerocopy_table_free(t);
}

/* --- columns --------------------------------------------------------------------------- */

static void columns_say_what_is_known(void **state)
{
	struct zerocopy_row r = { .key.path = IOP_ZC_SPLICE_IN, .bytes = 300 };
	struct sheet s;
	char line[128];

	(void)state;
	strcpy(r.n.comm, "haproxy");
	r.n.pid = 12;
	r.n.calls = 4;
	r.n.copied_bytes = 100;
	r.n.moved_bytes = 200;
	r.n.fell_back_calls = 1;
	sheet_make(&s, &zerocopy_schema, 0, NULL);
	sheet_header(&s, line, sizeof(line));
	assert_true(strlen(line) <= 80);
	sheet_line(&s, &r, line, sizeof(line));
	assert_string_equal(line, "     12 haproxy     splice_in         4    300    100"
				  "    200  25%     -     -");
	r.n.copy_ns = 5000;
	r.n.timed_bytes = 100;
	sheet_line(&s, &r, line, sizeof(line));
	assert_string_equal(line, "     12 haproxy     splice_in         4    300    100"
				  "    200  25% 5.00u 50000");
	sheet_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_copied_by_nature_has_not_fallen_back),
		cmocka_unit_test(a_sendfile_copies_what_nothing_moved),
		cmocka_unit_test(a_splice_moves_what_nothing_copied),
		cmocka_unit_test(a_mapping_falls_back_by_what_it_leaves),
		cmocka_unit_test(a_ring_gets_what_was_not_copied_to_it),
		cmocka_unit_test(the_flag_without_the_option_copies),
		cmocka_unit_test(the_kernel_says_what_became_of_a_send),
		cmocka_unit_test(what_is_counted_does_not_wrap),
		cmocka_unit_test(notified_numbers_begin_again),
		cmocka_unit_test(a_copy_ends_with_its_own_socket),
		cmocka_unit_test(an_interval_has_what_it_gained),
		cmocka_unit_test(a_row_goes_with_its_process),
		cmocka_unit_test(a_row_does_not_wrap),
		cmocka_unit_test(rows_are_by_process_and_path),
		cmocka_unit_test(columns_say_what_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
