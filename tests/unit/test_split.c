// SPDX-License-Identifier: GPL-2.0-only
/* iophase split's pictures, of layouts that real kernels gave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addrsplit.h"
#include "split_draw.h"
#include "util.h"

#include <cmocka.h> /* later: its fail() is a macro */

#define LINES_MAX 64

static char lines[LINES_MAX][128];
static int nr_lines;

static void load(struct address_space *as, const char *file)
{
	FILE *f = fopen(file, "r");

	assert_non_null(f);
	assert_true(address_space_parse(as, f));
	fclose(f);
}

static void heading(const struct address_space *as)
{
	split_draw_head(as, 4194304);
}

/* What draw() prints, line by line. */
static void capture(void (*draw)(const struct address_space *as),
		    const struct address_space *as)
{
	int out = dup(STDOUT_FILENO);
	FILE *f = tmpfile();

	fflush(stdout);
	dup2(fileno(f), STDOUT_FILENO);
	draw(as);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	rewind(f);
	for (nr_lines = 0; nr_lines < LINES_MAX; nr_lines++) {
		if (!fgets(lines[nr_lines], sizeof(lines[0]), f))
			break;
		lines[nr_lines][strcspn(lines[nr_lines], "\n")] = 0;
	}
	fclose(f);
}

static const char *line_at(const char *address)
{
	for (int i = 0; i < nr_lines; i++)
		if (!strncmp(lines[i], address, strlen(address)))
			return lines[i];
	return "";
}

static void nothing_is_wider_than_a_terminal(void)
{
	for (int i = 0; i < nr_lines; i++)
		assert_in_range(strlen(lines[i]), 0, 80);
}

static void thirty_two_bits_are_to_scale(void **state)
{
	struct address_space as;

	(void)state;
	load(&as, "tests/unit/layout-686-pae");
	capture(split_draw_linear, &as);
	nothing_is_wider_than_a_terminal();
	/* 32 lines of 128 MiB, a rule at the top, the split and the bottom, and a note */
	assert_int_equal(nr_lines, 32 + 3 + 2);
	assert_string_equal(lines[0], "0xffffffff +----------------+ ");
	for (int i = 0; i < 8; i++)
		assert_int_equal(strtoul(lines[1 + i], NULL, 16),
				 0xf8000000 - i * (128ul << 20));
	assert_string_equal(lines[9], "0xc0000000 +----------------+ the split: kernel "
				      "above, user below");
	assert_string_equal(line_at("0xc0000000 |"),
			    "0xc0000000 |################| lowmem");
	assert_string_equal(line_at("0xb8000000 |"), "0xb8000000 |                | ");
	assert_string_equal(line_at("0x00000000 |"), "0x00000000 |                | ");
}

static void a_process_is_below_the_split(void **state)
{
	struct address_space as;
	uint64_t bytes = 0;

	(void)state;
	load(&as, "tests/unit/layout-686-pae");
	capture(heading, &as);
	nothing_is_wider_than_a_terminal();
	assert_true(address_space_add_mapping(&as, "text", 0x08048000, 0x0804bfff));
	assert_true(address_space_add_mapping(&as, "text", 0x0804d000, 0x0804dfff));
	assert_int_equal(as.areas[as.nr - 1].bytes, 5 * 4096);
	assert_int_equal(as.areas[as.nr - 1].last, 0x0804dfff);
	/* half of a line, then all of the next: holes count as spread evenly */
	assert_true(address_space_add_mapping(&as, "mmap", 0x10000000, 0x13ffffff));
	assert_true(address_space_add_mapping(&as, "mmap", 0x18000000, 0x1fffffff));
	capture(split_draw_linear, &as);
	assert_string_equal(line_at("0x08000000 |"),
			    "0x08000000 |#               | text");
	assert_string_equal(line_at("0x10000000 |"),
			    "0x10000000 |############    | mmap");
	for (int i = 0; i < as.nr; i++)
		bytes += as.areas[i].bytes;
	assert_int_equal(bytes, (1ull << 30) + 5 * 4096 + (192 << 20));
}

static void sixty_four_bits_are_a_line_a_region(void **state)
{
	struct address_space as;

	(void)state;
	load(&as, "tests/unit/layout-amd64");
	capture(heading, &as);
	nothing_is_wider_than_a_terminal();
	capture(split_draw_compressed, &as);
	nothing_is_wider_than_a_terminal();
	assert_int_equal(nr_lines, as.nr + 1 + 3 + 3);
	assert_string_equal(lines[as.nr + 1],
			    "0xff00000000000000 +----------------------+ the split: "
			    "kernel above, user below");
	assert_non_null(strstr(lines[nr_lines - 2], "Not to scale"));
}

static void hidden_addresses_stay_hidden(void **state)
{
	static const char text[] =
		"arch: x86_64\nbits: 64\nsplit: 0xff00000000000000\n"
		"user_last: 0x00ffffffffffffff\n"
		"region guard-hole 0xff00000000000000 0xff0fffffffffffff 4503599627370496\n"
		"region unused-hole - - -\n"
		"region direct-map - - 2147483648\n"
		"a_key_of_later_versions: 1\n";
	FILE *f = fmemopen((void *)text, sizeof(text) - 1, "r");
	struct address_space as;

	(void)state;
	assert_true(address_space_parse(&as, f));
	fclose(f);
	assert_int_equal(as.nr, 3);
	capture(split_draw_compressed, &as);
	assert_non_null(strstr(line_at("(hidden)           |####"), "direct-map"));
	assert_non_null(strstr(line_at("(hidden)           |    "), "unused-hole"));
}

static void other_texts_are_refused(void **state)
{
	static const char *const texts[] = {
		"nothing\n",
		"split: 0xc0000000\nbits: 32\n",
		"split: 0xc0000000\nbits: 32\nregion short 0x0\n",
	};
	struct address_space as;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		FILE *f = fmemopen((void *)texts[i], strlen(texts[i]), "r");

		assert_false(address_space_parse(&as, f));
		fclose(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thirty_two_bits_are_to_scale),
		cmocka_unit_test(a_process_is_below_the_split),
		cmocka_unit_test(sixty_four_bits_are_a_line_a_region),
		cmocka_unit_test(hidden_addresses_stay_hidden),
		cmocka_unit_test(other_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
