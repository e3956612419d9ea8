/* cmd/datarizer/schema_names.c - names for what a schema becomes elsewhere: none twice, and none that the other
 * language does not have. Called by schema_c.c and schema_sql.c. */
#include "cmd/datarizer/schema_as.h"

#include <ctype.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int exactly(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int without_case(const void *a, const void *b)
{
    return strcasecmp(a, b);
}

dzr_status names_take(name_set *taken, const char *wanted, size_t most, char out[NAME_BYTES], dzr_error *err)
{
    most = most < NAME_BYTES - 1 ? most : NAME_BYTES - 1;
    for (int64_t n = 1;; n++) {
        char suffix[24] = "";
        if (n > 1)
            snprintf(suffix, sizeof suffix, "_%lld", (long long)n - (taken->from_one ? 1 : 0));
        size_t len = strlen(wanted);
        if (len > most - strlen(suffix))
            for (len = most - strlen(suffix); len > 0 && ((uint8_t)wanted[len] & 0xc0) == 0x80;)
                len--; /* whole characters */
        snprintf(out, NAME_BYTES, "%.*s%s", (int)len, wanted, suffix);
        char *const copy = strdup(out);
        char **const found =
                copy != NULL ? tsearch(copy, &taken->root, taken->fold_case ? without_case : exactly) : NULL;
        if (found == NULL) {
            free(copy);
            return dzr_fail(err, DZR_ERR_NOMEM, "out of memory");
        }
        if (*found == copy)
            return DZR_OK;
        free(copy);
    }
}

void names_free(name_set *taken)
{
    tdestroy(taken->root, free);
    taken->root = NULL;
}

void c_identifier(const char *name, char out[NAME_BYTES])
{
    static const char *const reserved[] = {"alignas", "alignof", "and", "asm", "auto", "bool", "break", "case", "catch",
            "char", "class", "const", "continue", "default", "delete", "do", "double", "else", "enum", "errno",
            "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if", "inline", "int", "linux",
            "long", "mutable", "namespace", "new", "noreturn", "not", "nullptr", "offsetof", "operator", "or",
            "private", "protected", "public", "register", "restrict", "return", "short", "signed", "sizeof", "static",
            "static_assert", "stderr", "stdin", "stdout", "struct", "switch", "template", "this", "throw", "true",
            "try", "typedef", "typename", "typeof", "union", "unix", "unsigned", "using", "virtual", "void", "volatile",
            "while", "xor", "NULL"};
    size_t n = 0;
    if (!isalpha((unsigned char)*name)) /* a digit can't begin one, and those with `_` are not ours */
        out[n++] = 'x';
    for (; *name != '\0' && n < NAME_BYTES - 8; name++)
        if (((uint8_t)*name & 0xc0) != 0x80) /* a character each */
            out[n++] = isalnum((unsigned char)*name) && (uint8_t)*name < 0x80 ? *name : '_';
    out[n] = '\0';
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(out, reserved[i]) == 0)
            memcpy(out + n, "_", 2);
}

void file_stem(const char *file, char out[NAME_BYTES])
{
    const char *const slash = strrchr(file, '/');
    const char *const name = slash != NULL ? slash + 1 : file;
    const char *const dot = strchr(name, '.');
    size_t len = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    len = len < NAME_BYTES - 16 ? len : NAME_BYTES - 16;
    snprintf(out, NAME_BYTES, "%.*s", (int)len, name);
    if (strcmp(out, "-") == 0 || *out == '\0')
        snprintf(out, NAME_BYTES, "records");
}
