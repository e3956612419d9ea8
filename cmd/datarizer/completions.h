/* cmd/datarizer/completions.h - the scripts of packaging/completions, byte by byte: completions_text.c, which CMake
 * writes. */
#ifndef CMD_DATARIZER_COMPLETIONS_H
#define CMD_DATARIZER_COMPLETIONS_H

#include <stddef.h>

extern const unsigned char completions_bash[], completions_zsh[];
extern const size_t completions_bash_len, completions_zsh_len;

#endif
