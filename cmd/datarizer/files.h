/* cmd/datarizer/files.h - the files that a command's operands name: a pattern that the shell did not spell out, as of
 * objects in S3, becomes the names it matches. */
#ifndef CMD_DATARIZER_FILES_H
#define CMD_DATARIZER_FILES_H

#include "cmd/common/options.h"

/* options_parse for a command whose operands are files. n_single is how many of them, from the first on, are one file
 * each, with what follows left as it is; 0: all of them are any number of files. Patterns are replaced by the names
 * that they match (dzr_store_match), for which *argc and *argv change; files_free gives them back. */
options_outcome files_parse(const options_program *program, int n_single, int *argc, char ***argv, int *operand);
/* After the command. */
void files_free(void);

#endif
