/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What iophase prints is rows: structs of any kind. A schema says what of them
 * there is to print, a row of data a column, for text, JSON and the reference; a
 * sheet is what of it one run prints. How that is written is out.h's.
 */
#ifndef IOPHASE_COLUMNS_H
#define IOPHASE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "phase_limits.h"

enum value_kind {
	VALUE_NONE,	  /* not known: "-" and null */
	VALUE_INT,	  /* as it is */
	VALUE_COUNT,	  /* text shortens it: 12.3k */
	VALUE_NS,	  /* text shortens it: 1.00m */
	VALUE_HUNDREDTHS, /* 625 is 6.25 */
	VALUE_SHARE,	  /* of 10000: 625 is 0.0625 */
	VALUE_ADDRESS,	  /* "0x..." */
	VALUE_STRING,	  /* str, valid until the next call of the getter */
	VALUE_LIST,	  /* names[bit] for the bits of num */
	VALUE_STRINGS,	  /* num of names */
	VALUE_BUCKETS,	  /* of a phase's histogram */
};

struct value {
	enum value_kind kind;
	int64_t num;
	const char *str;
	const char *const *names;
	const __u64 *buckets;
};

/* What lies at a column's offset, and how it is shown. */
enum column_kind {
	COLUMN_INT,
	COLUMN_ID,    /* a number; 0: not known */
	COLUMN_FD,    /* a number; IOP_ANY: not known */
	COLUMN_COUNT, /* a number, short in text */
	COLUMN_NS,    /* a time, short in text */
	COLUMN_ADDRESS,
	COLUMN_TEXT,	 /* char[] */
	COLUMN_STRING,	 /* const char *; NULL: not known */
	COLUMN_NAME,	 /* a number, which is one of names[] */
	COLUMN_LIST,	 /* bits, which are some of names[] */
	COLUMN_COMPUTED, /* what get() makes of it */
	COLUMN_LABEL,	 /* names[0], in every row */
};

struct column {
	const char *key;   /* in data; NULL: text only */
	const char *title; /* in text; NULL: data only */
	int width;	   /* negative: left-aligned; of the last, 1: as it comes */
	enum column_kind kind;
	size_t offset;
	size_t size;
	const char *description;
	const char *const *names;
	bool (*known)(const void *row); /* NULL: always */
	__u32 needs;			/* not known without these phases: PHASE() */
	__u32 when; /* the sheets that it is in, bits of its schema; 0: all */
	struct value (*get)(const struct column *c, const void *row,
			    const struct phase_limits *limits);
	/* Where the width is not enough for all: */
	int rank;	 /* those with a higher one are left out first */
	bool above_next; /* the next column's value may stand in a line below */
	const char *title_of_both; /* and is that of something else */
};

/* offset and size of a row's member */
#define MEMBER(type, member) offsetof(type, member), sizeof(((type *)0)->member)

struct schema {
	const char *type; /* in data; NULL: rows say it themselves */
	const char *about;
	const struct column *columns;
	int nr;
	size_t model; /* where a row's model is, if a column needs a phase */
};

/* when: a phase is only bounded; kept by sheet_make() */
#define WHEN_BOUNDS (1u << 31)

/* clang-format off */
/* The last columns of rows that have phases: which of them are bounds. */
#define BOUND_COLUMNS                                                              \
	{ "at_most", NULL, 0, COLUMN_COMPUTED, 0, 0,                               \
	  "phases that are at most what is shown; there where some are",           \
	  .when = WHEN_BOUNDS, .get = get_at_most },                               \
	{ "at_least", NULL, 0, COLUMN_COMPUTED, 0, 0,                              \
	  "phases that are at least what is shown; there where some are",          \
	  .when = WHEN_BOUNDS, .get = get_at_least }
/* clang-format on */

struct value get_at_most(const struct column *c, const void *row,
			 const struct phase_limits *limits);
struct value get_at_least(const struct column *c, const void *row,
			  const struct phase_limits *limits);

struct column_list {
	struct column *of;
	int nr;
};

struct sheet {
	const struct schema *schema;
	const struct phase_limits *limits;
	struct column_list data;  /* those with a key */
	struct column_list text;  /* those with a title */
	struct column_list below; /* a second line of text, if any */
};

/*
 * The columns that are in sheets of this kind, all of them in one line of text.
 * limits: NULL if there are none.
 */
void sheet_make(struct sheet *s, const struct schema *schema, __u32 when,
		const struct phase_limits *limits);
void sheet_free(struct sheet *s);

void column_list_add(struct column_list *l, const struct column *c);
void column_list_free(struct column_list *l);

struct value column_value(const struct sheet *s, const struct column *c, const void *row);

/* What the column has at its offset, as a number. */
uint64_t column_number(const struct column *c, const void *row);

static inline struct value value_int(int64_t n)
{
	return (struct value){ .kind = VALUE_INT, .num = n };
}

static inline struct value value_count(uint64_t n)
{
	return (struct value){ .kind = VALUE_COUNT, .num = n };
}

static inline struct value value_str(const char *s)
{
	return (struct value){ .kind = VALUE_STRING, .str = s };
}

static inline struct value value_none(void)
{
	return (struct value){ .kind = VALUE_NONE };
}

/*
 * A socket's protocol, and an end of it: not known if the socket is not, or if it
 * has no peer.
 */
struct value value_proto(const struct iop_endpoints *ends);
struct value value_end(char buf[64], const struct iop_endpoints *ends, bool peer);

#endif
