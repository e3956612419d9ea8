/* cmd/datarizer/part.c - the options that choose a part of a file, from text to what the library takes. */
#include "cmd/datarizer/part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool complain_of(const char *command, const char *option, const char *text, const char *example)
{
    fprintf(stderr,
            "datarizer %s: --%s \"%.100s\": not such a value; %s is one (datarizer %s --help lists the options)\n",
            command, option, text, example, command);
    return false;
}

/* The decimal number at *text, moved past it; at most `most`. */
static bool take_number(const char **text, int64_t most, int64_t *out)
{
    const char *const start = *text;
    for (*out = 0; **text >= '0' && **text <= '9'; (*text)++) {
        const int64_t digit = **text - '0';
        if (*out > (most - digit) / 10)
            return false;
        *out = *out * 10 + digit;
    }
    return *text > start;
}

static size_t count(const char *text, char which)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == which;
    return n;
}

/* Names with commas between them; none is empty. */
static bool take_columns(file_part *p, const char *command, dzr_table_read_options *options)
{
    p->names = strdup(p->columns);
    p->column_names = calloc(count(p->columns, ',') + 1, sizeof *p->column_names);
    if (p->names == NULL || p->column_names == NULL) {
        fprintf(stderr, "datarizer %s: out of memory\n", command);
        return false;
    }
    for (char *at = p->names; at != NULL;) {
        char *const end = strchr(at, ',');
        if (end != NULL)
            *end = '\0';
        if (*at == '\0')
            return complain_of(command, "columns", p->columns, "id,name");
        p->column_names[options->n_columns++] = at;
        at = end != NULL ? end + 1 : NULL;
    }
    options->columns = p->column_names;
    return true;
}

enum { MOST_ROW_GROUPS = 1000000 }; /* as many as a file may have */

/* "0,2,5-7": called once to count them, with out NULL, and once more. */
static bool walk_row_groups(const char *text, int32_t *out, int32_t *n)
{
    for (*n = 0;; text++) {
        int64_t first = 0, last = 0;
        if (!take_number(&text, INT32_MAX - 1, &first))
            return false;
        last = first;
        if (*text == '-') {
            text++;
            if (!take_number(&text, INT32_MAX - 1, &last))
                return false;
        }
        if (last < first || last - first >= MOST_ROW_GROUPS - *n)
            return false;
        for (; first <= last; first++, ++*n)
            if (out != NULL)
                out[*n] = (int32_t)first;
        if (*text == '\0')
            return true;
        if (*text != ',')
            return false;
    }
}

static bool take_row_groups(file_part *p, const char *command, dzr_table_read_options *options)
{
    int32_t n = 0;
    if (!walk_row_groups(p->row_groups, NULL, &n))
        return complain_of(command, "row-groups", p->row_groups, "0,2,5-7");
    p->numbers = calloc((size_t)n, sizeof *p->numbers);
    if (p->numbers == NULL) {
        fprintf(stderr, "datarizer %s: out of memory\n", command);
        return false;
    }
    (void)walk_row_groups(p->row_groups, p->numbers, &n);
    options->row_groups = p->numbers;
    options->n_row_groups = n;
    return true;
}

/* "COUNT", "FIRST:COUNT" or "FIRST:", and ":COUNT". A count is at least 1. */
static bool take_rows(const file_part *p, const char *command, dzr_table_read_options *options)
{
    const char *at = p->rows;
    int64_t number = 0;
    const bool has_first = take_number(&at, INT64_MAX, &number);
    if (*at == '\0' && has_first && number > 0) {
        options->n_rows = number;
        return true;
    }
    options->first_row = number;
    if (*at != ':' || (at[1] == '\0' && !has_first))
        return complain_of(command, "rows", p->rows, "1000:20");
    at++;
    if (*at == '\0')
        return true;
    if (!take_number(&at, INT64_MAX, &options->n_rows) || *at != '\0' || options->n_rows == 0)
        return complain_of(command, "rows", p->rows, "1000:20");
    return true;
}

static bool take_limit(const file_part *p, const char *command, dzr_table_read_options *options)
{
    const char *at = p->limit;
    options->has_limit = true;
    return (take_number(&at, INT64_MAX, &options->limit) && *at == '\0') ||
           complain_of(command, "limit", p->limit, "100");
}

bool part_apply(file_part *p, const char *command, dzr_table_read_options *options)
{
    options->batch_rows = p->batch_rows;
    options->memory = (size_t)p->memory;
    options->where = p->where;
    options->offset = p->offset;
    return (p->columns == NULL || take_columns(p, command, options)) &&
           (p->row_groups == NULL || take_row_groups(p, command, options)) &&
           (p->rows == NULL || take_rows(p, command, options)) && (p->limit == NULL || take_limit(p, command, options));
}

void part_free(file_part *p)
{
    free(p->names);
    free(p->column_names);
    free(p->numbers);
}
