/* cmd/datarizer/format_options.c - what --delimiter, --quote and --no-header say. Called by the commands. */
#include "cmd/datarizer/format_options.h"

#include <stdio.h>
#include <string.h>

const char *const format_names[] = {"parquet", "jsonl", "ndjson", "json", "csv", "tsv", NULL};

/* One character of ASCII, a tab spelt too. */
static bool take_byte(const char *option, const char *text, const char *program, char *out)
{
    const bool is_tab = strcmp(text, "\\t") == 0;
    if (is_tab || (text[0] > 0 && text[1] == '\0')) {
        *out = text[0];
        if (is_tab)
            *out = '\t';
        return true;
    }
    fprintf(stderr, "%s: --%s: \"%.40s\" is not one ASCII character, like ; or \\t\n", program, option, text);
    return false;
}

bool format_options_apply(const format_options *p, const char *program, dzr_csv_dialect *dialect)
{
    dialect->no_header = p->no_header;
    dialect->no_quotes = p->quote != NULL && strcmp(p->quote, "none") == 0;
    return (p->delimiter == NULL || take_byte("delimiter", p->delimiter, program, &dialect->delimiter)) &&
           (p->quote == NULL || dialect->no_quotes || take_byte("quote", p->quote, program, &dialect->quote));
}
