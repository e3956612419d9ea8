/* userator/characters.h - which characters are white space, by the two definitions that the recorded rules use.
 * Called by integer.c and email*.c. Text is UTF-8. */
#ifndef USERATOR_CHARACTERS_H
#define USERATOR_CHARACTERS_H

#include <datarizer/io.h>

/* Unicode's property White_Space, which Rust's trim goes by. */
bool is_white_space(uint32_t code);
/* The same and U+001C to U+001F, which Python's strip and its regular expressions go by. */
bool is_python_space(uint32_t code);

/* text without the characters of is_white_space around it. */
dzr_bytes trim_white_space(dzr_bytes text);

#endif
