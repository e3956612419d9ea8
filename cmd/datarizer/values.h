/* cmd/datarizer/values.h - single values and texts in what commands print: for people, as JSON, as HTML. */
#ifndef CMD_DATARIZER_VALUES_H
#define CMD_DATARIZER_VALUES_H

#include <datarizer/table.h>

#include <stdio.h>

/* Of a value in a batch of a flat column: strings and times as they are, binary as hexadecimal digits, numbers and bool
 * as JSON has them, "null". At most `most` bytes of it, whole characters, with "..." behind when it is cut. The text is
 * the file's: print_shown it. NUL-terminated; `room` is at least most + 4. */
void value_text(const dzr_batch *batch, int32_t field, int64_t row, size_t most, char *text, size_t room);

/* "text" in JSON; a stray byte becomes U+FFFD. */
void print_json_string(dzr_bytes text, FILE *out);
void print_json_text(const char *text, FILE *out);
/* The value as the JSON writer has it; floats that JSON has no number for are null. */
DZR_MUST_CHECK dzr_status print_json_value(
        const dzr_batch *batch, int32_t field, int64_t row, FILE *out, dzr_error *err);
/* The shortest number that reads back the same; null where JSON has none. */
void print_json_number(double number, FILE *out);

#endif
