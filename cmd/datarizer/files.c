/* cmd/datarizer/files.c - patterns among operands: see files.h. Called by the commands, and by main.c in the end. */
#include "cmd/datarizer/files.h"

#include "cmd/datarizer/commands.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What stands in argv's place while the command runs. */
static struct {
    char **at;
    int n, room;
} names;

static dzr_status add(void *ctx, const char *name, dzr_error *err)
{
    (void)ctx;
    if (names.n == names.room) {
        const int room = names.room > 0 ? (names.room <= INT_MAX / 2 ? 2 * names.room : names.n) : 16;
        char **const at = room > names.n ? realloc(names.at, (size_t)room * sizeof *at) : NULL;
        if (at == NULL)
            return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for the names of %d files", names.n);
        names.at = at;
        names.room = room;
    }
    names.at[names.n] = strdup(name);
    if (names.at[names.n] == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for the name of a file");
    names.n++;
    return DZR_OK;
}

/* The names of all operands, those after the n_single first, when there are any, as they are. */
static dzr_status find(char **operands, int n, int n_single, dzr_error *err)
{
    dzr_status st = DZR_OK;
    for (int i = 0; i < n && st == DZR_OK; i++) {
        const bool is_literal = n_single > 0 && i >= n_single;
        st = is_literal ? add(NULL, operands[i], err) : dzr_store_match(operands[i], NULL, add, NULL, err);
        if (st == DZR_OK && n_single > 0 && names.n != i + 1)
            st = dzr_fail(err, DZR_ERR_ARG, "%s: matches %d files where one is wanted; merge makes one of several",
                    operands[i], names.n - i);
    }
    return st;
}

options_outcome files_parse(const options_program *program, int n_single, int *argc, char ***argv, int *operand)
{
    const options_outcome outcome = options_parse(program, *argc, *argv, operand);
    dzr_error err;
    if (outcome != OPTIONS_RUN)
        return outcome;
    if (find(*argv + *operand, *argc - *operand, n_single, &err) != DZR_OK) {
        complain(&err);
        return OPTIONS_FAILED;
    }
    *argc = names.n;
    *argv = names.at;
    *operand = 0;
    return OPTIONS_RUN;
}

void files_free(void)
{
    for (int i = 0; i < names.n; i++)
        free(names.at[i]);
    free(names.at);
}
