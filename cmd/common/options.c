/* cmd/common/options.c - options from a table: see options.h. The values, sizes and durations among them, are in
 * option_values.c. Called by every program's main before anything else. */
#include "cmd/common/options.h"

#include <datarizer/version.h>

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A table is written by hand; 64 rows are beyond what a person can read in --help. */
enum { MAX_ROWS = 64, FIRST_ROW = 256, HELP = 1, VERSION = 2, HELP_COLUMN = 31, LINE = 100 };

static const char *argument_of(const options_row *row)
{
    static const char *const names[] = {
            [OPTIONS_TEXT] = "PATH",
            [OPTIONS_FLAG] = "",
            [OPTIONS_NUMBER] = "N",
            [OPTIONS_SIZE] = "SIZE",
            [OPTIONS_DURATION] = "TIME",
            [OPTIONS_CHOICE] = "WORD",
    };
    return row->argument != NULL ? row->argument : names[row->kind];
}

static bool is_bounded(const options_row *row)
{
    return row->min != 0 || row->max != 0;
}

static void format_number(const options_row *row, int64_t value, char out[OPTIONS_VALUE_BYTES])
{
    if (row->kind == OPTIONS_SIZE)
        options_format_size(value, out);
    else if (row->kind == OPTIONS_DURATION)
        options_format_duration(value, out);
    else
        snprintf(out, OPTIONS_VALUE_BYTES, "%" PRId64, value);
}

/* ---- --help ---- */

static void print_default(const options_row *row)
{
    char value[OPTIONS_VALUE_BYTES];
    if (row->no_default || row->kind == OPTIONS_FLAG)
        return;
    if (row->kind == OPTIONS_TEXT || row->kind == OPTIONS_CHOICE) {
        if (*row->text != NULL)
            printf(" (%s)", **row->text != '\0' ? *row->text : "none");
        return;
    }
    if (*row->number == 0 && row->zero != NULL) {
        printf(" (%s)", row->zero);
        return;
    }
    format_number(row, *row->number, value);
    printf(" (%s)", value);
}

static void print_help_text(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        putchar(*at);
        if (*at == '\n')
            printf("%*s", HELP_COLUMN, "");
    }
}

static void print_row(char letter, const char *name, const char *argument, const options_row *row, const char *help)
{
    const char short_name[] = {
            ' ', ' ', letter != 0 ? '-' : ' ', (char)(letter != 0 ? letter : ' '), letter != 0 ? ',' : ' ', ' ', '\0'};
    int width = printf("%s--%s%s%s", short_name, name, *argument != '\0' ? " " : "", argument);
    if (width > HELP_COLUMN - 2) {
        putchar('\n');
        width = 0;
    }
    printf("%*s", HELP_COLUMN - width, "");
    print_help_text(help);
    if (row != NULL)
        print_default(row);
    putchar('\n');
}

static void print_help(const options_program *program)
{
    printf("usage: %s %s\n%s\n\n", program->name, program->usage, program->summary);
    for (const options_row *row = program->rows; row->name != NULL; row++)
        print_row(row->letter, row->name, argument_of(row), row, row->help);
    print_row(0, "help", "", NULL, "print this and exit");
    print_row(0, "version", "", NULL, "print the version and exit");
    if (program->notes != NULL)
        printf("\n%s\n", program->notes);
}

/* ---- one option ---- */

static options_outcome complain(const options_program *program, const char *what)
{
    fprintf(stderr, "%s: %s (%s --help lists the options)\n", program->name, what, program->name);
    return OPTIONS_USAGE;
}

static dzr_status parse_number(const char *text, int64_t *out, dzr_error *err)
{
    const size_t n_digits = strspn(text, "0123456789");
    if (n_digits == 0 || text[n_digits] != '\0')
        return dzr_fail(err, DZR_ERR_SYNTAX, "not a whole number");
    int64_t value = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *at - '0', &value))
            return dzr_fail(err, DZR_ERR_LIMIT, "too large");
    }
    *out = value;
    return DZR_OK;
}

static dzr_status set_number(const options_row *row, const char *text, dzr_error *err)
{
    int64_t value = 0;
    const dzr_status status = row->kind == OPTIONS_SIZE       ? options_parse_size(text, &value, err)
                              : row->kind == OPTIONS_DURATION ? options_parse_duration(text, &value, err)
                                                              : parse_number(text, &value, err);
    if (status != DZR_OK)
        return status;
    if (is_bounded(row) && (value < row->min || value > row->max)) {
        char min[OPTIONS_VALUE_BYTES], max[OPTIONS_VALUE_BYTES];
        format_number(row, row->min, min);
        format_number(row, row->max, max);
        return dzr_fail(err, DZR_ERR_ARG, "must lie between %s and %s", min, max);
    }
    *row->number = value;
    return DZR_OK;
}

static dzr_status set_choice(const options_row *row, const char *text, dzr_error *err)
{
    char all[256] = "";
    for (const char *const *choice = row->choices; *choice != NULL; choice++) {
        if (strcmp(*choice, text) == 0) {
            *row->text = text;
            return DZR_OK;
        }
        const size_t len = strlen(all);
        snprintf(all + len, sizeof all - len, "%s%s", len > 0 ? ", " : "", *choice);
    }
    return dzr_fail(err, DZR_ERR_ARG, "must be one of: %s", all);
}

static dzr_status set_row(const options_row *row, const char *text, dzr_error *err)
{
    switch (row->kind) {
    case OPTIONS_FLAG:
        *row->flag = true;
        return DZR_OK;
    case OPTIONS_TEXT:
        *row->text = text;
        return DZR_OK;
    case OPTIONS_CHOICE:
        return set_choice(row, text, err);
    case OPTIONS_NUMBER:
    case OPTIONS_SIZE:
    case OPTIONS_DURATION:
        break;
    }
    return set_number(row, text, err);
}

/* ---- all of them ---- */

/* getopt's two tables. Returns how many rows there are, -1 when there are too many. */
static int build_tables(
        const options_program *program, struct option longs[MAX_ROWS + 3], char shorts[2 * MAX_ROWS + 3])
{
    int n_rows = 0;
    *shorts++ = ':'; /* so that a missing argument is told from an unknown option */
    for (const options_row *row = program->rows; row->name != NULL; row++, n_rows++) {
        if (n_rows == MAX_ROWS)
            return -1;
        const int has_argument = row->kind == OPTIONS_FLAG ? no_argument : required_argument;
        longs[n_rows] = (struct option){row->name, has_argument, NULL, FIRST_ROW + n_rows};
        if (row->letter != 0) {
            *shorts++ = row->letter;
            if (has_argument == required_argument)
                *shorts++ = ':';
        }
    }
    *shorts = '\0';
    longs[n_rows] = (struct option){"help", no_argument, NULL, HELP};
    longs[n_rows + 1] = (struct option){"version", no_argument, NULL, VERSION};
    longs[n_rows + 2] = (struct option){0};
    return n_rows;
}

static const options_row *row_of(const options_program *program, int code)
{
    if (code >= FIRST_ROW)
        return &program->rows[code - FIRST_ROW];
    const options_row *row = program->rows;
    while (row->letter != code)
        row++;
    return row;
}

/* What getopt refuses: `:` for a missing argument, `?` for the rest. The word that is wrong is the one just passed. */
static options_outcome complain_getopt(const options_program *program, int code, char **argv)
{
    char what[512];
    const char *word = argv[optind - 1];
    const int shown = (int)strnlen(word, 200);
    const bool known = optopt >= FIRST_ROW || optopt == HELP || optopt == VERSION;
    if (code == ':')
        snprintf(what, sizeof what, "%.*s needs a value", shown, word);
    else if (known)
        snprintf(what, sizeof what, "%.*s: the option takes no value", shown, word);
    else if (optopt != 0)
        snprintf(what, sizeof what, "unknown option -%c", optopt);
    else
        snprintf(what, sizeof what, "unknown or ambiguous option %.*s", shown, word);
    return complain(program, what);
}

static options_outcome check_operands(const options_program *program, int n_operands, char **operands)
{
    char what[300];
    if (n_operands < program->min_operands) {
        snprintf(what, sizeof what, "too few arguments, usage: %s %s", program->name, program->usage);
        return complain(program, what);
    }
    if (n_operands > program->max_operands) {
        snprintf(what, sizeof what, "unexpected argument \"%.200s\"", operands[program->max_operands]);
        return complain(program, what);
    }
    return OPTIONS_RUN;
}

options_outcome options_parse(const options_program *program, int argc, char **argv, int *operands)
{
    struct option longs[MAX_ROWS + 3];
    char shorts[2 * MAX_ROWS + 3];
    if (build_tables(program, longs, shorts) < 0)
        return complain(program, "the table of options is too long");

    opterr = 0; /* the messages are ours */
    optind = 0; /* glibc: start afresh, whoever called before */
    int code;
    while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        if (code == ':' || code == '?')
            return complain_getopt(program, code, argv);
        if (code == HELP) {
            print_help(program);
            return OPTIONS_DONE;
        }
        if (code == VERSION) {
            printf("%s (datarizer) %s\n", program->name, dzr_version());
            return OPTIONS_DONE;
        }
        const options_row *row = row_of(program, code);
        dzr_error err;
        if (set_row(row, optarg, &err) != DZR_OK) {
            char what[DZR_ERROR_BYTES + 300];
            snprintf(what, sizeof what, "--%s \"%.200s\": %s", row->name, optarg, err.message);
            return complain(program, what);
        }
    }
    if (operands != NULL)
        *operands = optind;
    return check_operands(program, argc - optind, argv + optind);
}
