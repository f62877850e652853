/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table is an array of columns; a column is one row here and serves text,
 * headers and JSON. Rows are whatever the getters understand.
 */
#ifndef IOPHASE_COLUMNS_H
#define IOPHASE_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "abi.h"

enum value_kind {
	VALUE_NONE,   /* not known: "-" and null */
	VALUE_INT,    /* as it is */
	VALUE_COUNT,  /* text shortens it: 12.3k */
	VALUE_NS,     /* text shortens it: 1.00m */
	VALUE_STRING, /* str, valid until the next call of the getter */
	VALUE_LIST,   /* names[bit] for the bits of num */
};

struct value {
	enum value_kind kind;
	int64_t num;
	const char *str;
	const char *const *names;
};

struct column {
	const char *key;   /* in JSON; NULL: text only */
	const char *title; /* in text; NULL: JSON only */
	int width;         /* negative: left-aligned; of the last, 1: as it comes */
	struct value (*get)(const void *row);
};

static inline struct value value_int(int64_t n)
{
	return (struct value){ .kind = VALUE_INT, .num = n };
}

static inline struct value value_count(uint64_t n)
{
	return (struct value){ .kind = VALUE_COUNT, .num = n };
}

static inline struct value value_ns(uint64_t ns)
{
	return (struct value){ .kind = VALUE_NS, .num = ns };
}

static inline struct value value_str(const char *s)
{
	return (struct value){ .kind = VALUE_STRING, .str = s };
}

/*
 * A socket's protocol, and an end of it: not known if the socket is not, or if it
 * has no peer.
 */
struct value value_proto(const struct iop_ends *ends);
struct value value_end(char buf[64], const struct iop_ends *ends, bool peer);

/* Which phases are bounds; of rows of any kind, where some are. */
#define NR_BOUND_COLUMNS 2
extern const struct column bound_columns[NR_BOUND_COLUMNS];

/* The text of one cell, unpadded: in buf, of 32 bytes or more, or elsewhere. */
const char *column_text(const struct column *c, const void *row, char *buf,
			size_t size);

/* Lines without their newline, cut at size; a cell is cut at its column's width. */
void columns_header(const struct column *cols, int nr, char *line, size_t size);
void columns_line(const struct column *cols, int nr, const void *row,
		  char *line, size_t size);

/* One JSON object and a newline. */
void columns_json(const struct column *cols, int nr, const void *row, FILE *f);

/* Text as a line has it: question marks for what is no printable ASCII. */
void put_text(FILE *f, const char *text);

/* A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void json_string(FILE *f, const char *s);

#endif
