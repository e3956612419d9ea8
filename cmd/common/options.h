/* cmd/common/options.h - long options of a program, from one table: parsing over getopt_long, durations, byte sizes,
 * the text of --help, --version. Every program of cmd/ and userator links it (`program_options` in CMake).
 *
 *     int64_t wait_ms = 5000;
 *     const char *path = "users.db";
 *     const options_row rows[] = {
 *         {.name = "db", .argument = "PATH", .text = &path, .help = "the SQLite file"},
 *         {.name = "wait", .kind = OPTIONS_DURATION, .number = &wait_ms, .min = 1, .max = OPTIONS_DAY_MS, .help = ...},
 *         {0}};
 *     const options_program program = {.name = "userator", .usage = "[OPTION]...", .rows = rows, ...};
 *     switch (options_parse(&program, argc, argv, &n_done)) ...
 *
 * What a row points at holds the default before the call, and --help shows it. */
#ifndef CMD_COMMON_OPTIONS_H
#define CMD_COMMON_OPTIONS_H

#include <datarizer/error.h>

enum { OPTIONS_DAY_MS = 86400000 };

typedef enum options_kind {
    OPTIONS_TEXT,     /* any argument, as it is: `text` */
    OPTIONS_FLAG,     /* no argument: sets `flag` */
    OPTIONS_NUMBER,   /* decimal integer: `number` */
    OPTIONS_SIZE,     /* bytes, "512", "16KiB", "1.5MiB", "2GiB": `number` */
    OPTIONS_DURATION, /* "250ms", "1.5s", "10m", "2h", "0": `number`, in milliseconds */
    OPTIONS_CHOICE,   /* one of `choices`: `text` */
} options_kind;

/* One option. The last row of a table has no name. */
typedef struct options_row {
    const char *name; /* without the "--" */
    options_kind kind;
    char letter;                /* "-o" beside "--output"; 0: none */
    const char *argument;       /* what --help calls it; NULL: PATH, N, SIZE, TIME by kind */
    const char *help;           /* one sentence, lower case, without the default; '\n' starts a new line of it */
    const char *const *choices; /* of a choice, NULL at the end */
    /* where the value goes: one of them, by kind */
    const char **text; /* points into argv */
    bool *flag;
    int64_t *number;
    int64_t min, max; /* of a number, both allowed; both 0: 0 to INT64_MAX */
    const char *zero; /* what --help calls the default 0, such as "one a core"; NULL: 0 */
    bool no_default;  /* --help shows none */
} options_row;

typedef struct options_program {
    const char *name;    /* as in "ingest: ..." */
    const char *usage;   /* what follows the name in the first line of --help: "[OPTION]... IN OUT" */
    const char *summary; /* what it does, a sentence or some, lines broken where they shall be */
    const options_row *rows;
    const char *notes;              /* after the options: exit statuses, signals; may be NULL */
    int min_operands, max_operands; /* how many arguments beside the options */
} options_program;

typedef enum options_outcome {
    OPTIONS_RUN,    /* go on; the values are set */
    OPTIONS_DONE,   /* --help or --version was printed to standard output: exit 0 */
    OPTIONS_USAGE,  /* one line on standard error says what is wrong: exit 2 */
    OPTIONS_FAILED, /* the same, of something else than usage: exit 1 */
} options_outcome;

enum { OPTIONS_EXIT_OK = 0, OPTIONS_EXIT_FAILURE = 1, OPTIONS_EXIT_USAGE = 2 };

/* Reads argv; options and operands may stand in any order, "--" ends the options. *operands (may be NULL) is the index
 * in argv of the first operand: argv is permuted so that they stand last. --help and --version need no row. */
options_outcome options_parse(const options_program *program, int argc, char **argv, int *operands);

/* The exit status for an outcome other than OPTIONS_RUN. */
static inline int options_exit(options_outcome outcome)
{
    return outcome == OPTIONS_DONE    ? OPTIONS_EXIT_OK
           : outcome == OPTIONS_USAGE ? OPTIONS_EXIT_USAGE
                                      : OPTIONS_EXIT_FAILURE;
}

/* The two parsers alone. Nothing around the number, no sign; the message names no option.
 * Errors: DZR_ERR_SYNTAX (not such a value; the message shows one), DZR_ERR_LIMIT (past 2^63). *out only on success. */
DZR_MUST_CHECK dzr_status options_parse_size(const char *text, int64_t *n_bytes, dzr_error *err);
DZR_MUST_CHECK dzr_status options_parse_duration(const char *text, int64_t *ms, dzr_error *err);

enum { OPTIONS_VALUE_BYTES = 32 };
/* The shortest such text that gives the value back exactly: "1536" and "16KiB", "250ms" and "10s". */
void options_format_size(int64_t n_bytes, char out[OPTIONS_VALUE_BYTES]);
void options_format_duration(int64_t ms, char out[OPTIONS_VALUE_BYTES]);

#endif
