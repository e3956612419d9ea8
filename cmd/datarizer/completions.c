/* cmd/datarizer/completions.c - `datarizer completions`: the scripts by which a shell completes commands and options.
 * They are those of packaging/completions, which CMake puts into completions_text.c; options they take from --help. */
#include "cmd/datarizer/commands.h"

#include "cmd/common/options.h"
#include "cmd/datarizer/completions.h"

#include <string.h>

int command_completions(int argc, char **argv)
{
    const options_row rows[] = {{0}};
    const options_program program = {.name = "datarizer completions",
            .usage = "bash | zsh",
            .rows = rows,
            .min_operands = 1,
            .max_operands = 1,
            .summary =
                    "Prints a script by which the shell completes commands, options and files. Packages install them.",
            .notes = "examples:\n  source <(datarizer completions bash)\n"
                     "  datarizer completions zsh > ~/.zfunc/_datarizer\n\n"
                     "Exit status: 0 when done, 1 when standard output did not take it, 2 for wrong usage."};
    int operand = 0;
    const options_outcome outcome = options_parse(&program, argc, argv, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    const bool is_bash = strcmp(argv[operand], "bash") == 0;
    if (!is_bash && strcmp(argv[operand], "zsh") != 0) {
        fprintf(stderr, "datarizer completions: there is no script for \"%.100s\"; there is one for bash and for zsh\n",
                argv[operand]);
        return OPTIONS_EXIT_USAGE;
    }
    fwrite(is_bash ? completions_bash : completions_zsh, 1, is_bash ? completions_bash_len : completions_zsh_len,
            stdout);
    return finish_output();
}
