/* fuzz/piecewise.h - a text as a source that hands it out in pieces of one size: readers must not care. */
#ifndef DZR_FUZZ_PIECEWISE_H
#define DZR_FUZZ_PIECEWISE_H

#include "base/internal.h"

typedef struct piecewise {
    dzr_source source;
    dzr_bytes left;
    size_t piece;
} piecewise;

static dzr_status piecewise_read(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err)
{
    (void)err;
    piecewise *const from = (piecewise *)source;
    *n_read = DZR_MIN(DZR_MIN(n, from->piece), from->left.len);
    if (*n_read > 0)
        memcpy(out, from->left.at, *n_read);
    from->left.at += *n_read;
    from->left.len -= *n_read;
    return DZR_OK;
}

/* It is called "in". */
static inline piecewise piecewise_source(dzr_bytes text, size_t piece)
{
    static const dzr_source_ops ops = {.read = piecewise_read};
    return (piecewise){
            .source = {.ops = &ops, .name = "in", .n_bytes = DZR_SIZE_UNKNOWN}, .left = text, .piece = piece};
}

#endif
