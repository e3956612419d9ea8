/* csv/infer.c - types of columns from what the first records hold. Called by reader.c when it was given none. */
#include "csv/internal.h"

void dzr__csv_infer_rows(dzr__csv_seen *seen, const dzr__csv_window *window, int64_t n_rows)
{
    uint8_t *const text = window->text->at;
    const dzr__csv_field *field = window->fields;
    for (int64_t row = 0; row < n_rows; row++) {
        for (int32_t k = 0; k < window->n_columns; k++, field++) {
            dzr__csv_seen *const one = &seen[k];
            const dzr_bytes content = dzr__csv_content(&window->scan, text, *field, false);
            if (!dzr__csv_quoted(&window->scan, text, *field)) {
                if (content.len == 0)
                    one->n_nulls++;
                else
                    one->plain |= dzr__csv_kind_of(content);
                continue;
            }
            one->n_quoted++;
            if (content.len > 0)
                one->quoted |= dzr__csv_kind_of(content);
        }
    }
}

void dzr__csv_infer_types(const dzr__csv_seen *seen, int32_t n, bool header_quoted, dzr_field *fields)
{
    bool all_quoted = header_quoted;
    for (int32_t k = 0; k < n; k++)
        all_quoted = all_quoted && seen[k].plain == 0;
    for (int32_t k = 0; k < n; k++) {
        const unsigned quoted = seen[k].n_quoted > 0 ? DZR__CSV_TEXT : 0;
        fields[k].type = dzr__csv_type_of(all_quoted ? seen[k].quoted : seen[k].plain | quoted);
        fields[k].nullable = true;
    }
}
