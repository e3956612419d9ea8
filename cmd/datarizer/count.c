/* cmd/datarizer/count.c - `datarizer count`: how many rows files have. */
#include "cmd/datarizer/files.h"
#include "cmd/datarizer/rows.h"
#include "cmd/datarizer/values.h"

#include <inttypes.h>
#include <limits.h>

int command_count(int argc, char **argv)
{
    const char *from = NULL;
    format_options csv = {.no_header = false};
    bool json = false;
    const options_row rows[] = {{.name = "json", .kind = OPTIONS_FLAG, .flag = &json, .help = "print one JSON object"},
            FORMAT_FROM(&from), FORMAT_OPTIONS(&csv), {0}};
    const options_program program = {.name = "datarizer count",
            .usage = "[OPTION]... FILE...",
            .rows = rows,
            .min_operands = 1,
            .max_operands = INT_MAX,
            .summary = "Prints how many rows each FILE has, and the total of several. Of Parquet only the footer is "
                       "read.\n"
                       "- is JSON lines from standard input.",
            .notes = "examples:\n  datarizer count people.parquet\n  datarizer count --json part-*.parquet | jq "
                     ".total\n\n"
                     "Exit status: 0 when done, 1 for a file that can't be read, 2 for wrong usage."};
    int operand = 0;
    const options_outcome outcome = files_parse(&program, 0, &argc, &argv, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    int exit_status = OPTIONS_EXIT_OK;
    int64_t total = 0;
    int32_t n_counted = 0;
    const bool several = argc - operand > 1;
    for (int i = operand; i < argc; i++) {
        dzr_error err;
        dzr_table_read_options options = {.format = DZR_FORMAT_BY_NAME};
        int64_t n = 0;
        if (!format_is_clear(program.name, from, argv[i], "--from", &options.format) ||
                !format_options_apply(&csv, program.name, &options.csv.dialect))
            return OPTIONS_EXIT_USAGE;
        if (dzr_table_count(argv[i], &options, &n, &err) != DZR_OK) {
            exit_status = complain(&err);
            continue;
        }
        total += n; /* wraps for what no disk holds */
        if (json)
            fputs(n_counted++ == 0 ? "{\"files\":[{\"file\":" : ",{\"file\":", stdout);
        if (json)
            print_json_text(argv[i], stdout);
        if (json)
            printf(",\"n_rows\":%" PRId64 "}", n);
        else
            printf(several ? "%" PRId64 "  " : "%" PRId64 "\n", n);
        if (several && !json) {
            print_shown(argv[i], stdout);
            putchar('\n');
        }
    }
    if (json)
        printf("%s],\"total\":%" PRId64 "}\n", n_counted == 0 ? "{\"files\":[" : "", total);
    else if (several)
        printf("%" PRId64 "  total\n", total);
    return finish_with(exit_status);
}
