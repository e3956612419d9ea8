/* cmd/datarizer/main.c - the program `datarizer`: picks the command. What commands do lives in the library. */
#include "cmd/datarizer/commands.h"

#include "cmd/common/options.h"
#include "cmd/datarizer/files.h"

#include <datarizer/version.h>

#include <errno.h>
#include <string.h>

static const struct {
    const char *name, *does;
    int (*run)(int argc, char **argv);
} commands[] = {
        {"schema", "columns and types of a file", command_schema},
        {"head", "its first rows", command_head},
        {"tail", "its last rows", command_tail},
        {"sample", "rows of it, drawn by chance", command_sample},
        {"cat", "all its rows", command_cat},
        {"count", "how many rows it has", command_count},
        {"meta", "what a Parquet file says of itself", command_meta},
        {"validate", "whether every byte of it is right", command_validate},
        {"stat", "what is in each column", command_stat},
        {"report", "a page on a file for a browser", command_report},
        {"diff", "how two files differ", command_diff},
        {"convert", "from one format to another", command_convert},
        {"merge", "several files into one", command_merge},
        {"split", "one file into several", command_split},
        {"completions", "a script for bash or zsh", command_completions},
};

int complain(const dzr_error *err)
{
    fputs("datarizer: ", stderr);
    print_shown(err->message, stderr); /* it may quote a name out of a file */
    fputc('\n', stderr);
    return OPTIONS_EXIT_FAILURE;
}

bool format_is_clear(const char *command, const char *told, const char *file, const char *option, dzr_format *out)
{
    dzr_error err;
    if ((told != NULL ? dzr_format_find(told, out, &err) : dzr_format_of(file, out, &err)) == DZR_OK)
        return true;
    fprintf(stderr, "%s: %s; say it with %s\n", command, err.message, option);
    return false;
}

int finish_output(void)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return OPTIONS_EXIT_OK;
    fprintf(stderr, "datarizer: standard output: %s\n", strerror(errno));
    return OPTIONS_EXIT_FAILURE;
}

int finish_with(int exit_status)
{
    const int finished = finish_output();
    return finished != OPTIONS_EXIT_OK ? finished : exit_status;
}

static int print_help(void)
{
    printf("usage: datarizer COMMAND [OPTION]... FILE...\n"
           "Looks into files of records, Parquet and JSON lines, and converts them.\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        printf("  %-12s%s\n", commands[i].name, commands[i].does);
    printf("\ndatarizer COMMAND --help lists a command's options.\n\n"
           "examples:\n"
           "  datarizer schema people.parquet\n"
           "  datarizer head -n 5 people.jsonl\n"
           "  datarizer convert --codec zstd people.jsonl people.parquet\n");
    return finish_output();
}

int main(int argc, char **argv)
{
    const char *const name = argc > 1 ? argv[1] : NULL;
    if (name == NULL) {
        fprintf(stderr, "datarizer: a command is missing (datarizer --help lists them)\n");
        return OPTIONS_EXIT_USAGE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0)
        return print_help();
    if (strcmp(name, "--version") == 0) {
        printf("datarizer %s\n", dzr_version());
        return finish_output();
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(name, commands[i].name) == 0) {
            const int exit_status = commands[i].run(argc - 1, argv + 1);
            files_free();
            return exit_status;
        }
    fprintf(stderr, "datarizer: unknown command \"%.200s\" (datarizer --help lists them)\n", name);
    return OPTIONS_EXIT_USAGE;
}
