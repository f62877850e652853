/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows as lines of text, whatever bytes they hold: printable ASCII alone. */
#ifndef IOPHASE_TEXT_H
#define IOPHASE_TEXT_H

#include <stdio.h>

#include "columns.h"

/* Lines without their newline, cut at size; a cell is cut at its column's width. */
void sheet_header(const struct sheet *s, char *line, size_t size);
void sheet_line(const struct sheet *s, const void *row, char *line, size_t size);

/* The second line of a row; "" if there is none. */
void sheet_line_below(const struct sheet *s, const void *row, char *line, size_t size);

/* The text of one value, unpadded: in buf, of 32 bytes or more, or elsewhere. */
const char *value_text(const struct value *v, char *buf, size_t size);

/* Text as a line has it: question marks for what is no printable ASCII. */
void put_text(FILE *f, const char *text);

/* The same in place. */
void text_clean(char *text);

#endif
