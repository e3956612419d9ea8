/* cmd/datarizer/schema_as.h - a schema as something else: a C struct, a table of a database. */
#ifndef CMD_DATARIZER_SCHEMA_AS_H
#define CMD_DATARIZER_SCHEMA_AS_H

#include "cmd/datarizer/commands.h"

/* Print to standard output. name: of the struct or the table. */
DZR_MUST_CHECK dzr_status schema_print_c(const char *file, const char *name, const dzr_schema *schema, dzr_error *err);
DZR_MUST_CHECK dzr_status schema_print_sql(const char *name, bool postgres, const dzr_schema *schema, dzr_error *err);

/* ---- schema_names.c ---- */
enum { NAME_BYTES = 1024 };

/* Names that are in use. Zero is none. */
typedef struct name_set {
    bool fold_case; /* "A" and "a" are one */
    bool from_one;  /* the second gets "_1" and not "_2" */
    void *root;
} name_set;

/* The name, cut to `most` bytes, with "_2" (or "_1") or more behind it when it is taken already; it is then. */
DZR_MUST_CHECK dzr_status names_take(
        name_set *taken, const char *wanted, size_t most, char out[NAME_BYTES], dzr_error *err);
void names_free(name_set *taken);
/* The name as an identifier of C that is no keyword there or in C++. */
void c_identifier(const char *name, char out[NAME_BYTES]);
/* "people" of "data/people.parquet"; "records" of "-". */
void file_stem(const char *file, char out[NAME_BYTES]);

#endif
