/* csv/scan.c - where the fields of a text end. Called by window.c; scan_avx2.c does most of it where it can. */
#include "csv/scan.h"

enum { PIECE = 1 << 15 /* bytes for whose ends room is made at once */ };

static csv_marks plain_marks(const dzr__csv_scan *scan, const uint8_t *at)
{
    csv_marks marks = {0};
    for (int i = 0; i < DZR__CSV_BLOCK; i++) {
        marks.delimiter |= (uint64_t)(at[i] == scan->delimiter) << i;
        marks.quote |= (uint64_t)(at[i] == scan->quote) << i;
        marks.feed |= (uint64_t)(at[i] == '\n') << i;
        marks.ret |= (uint64_t)(at[i] == '\r') << i;
    }
    return marks;
}

static dzr_status make_room(dzr__csv_scan *scan, dzr_error *err)
{
    const size_t need = scan->n_ends + PIECE + DZR__CSV_BLOCK;
    if (need <= scan->cap_ends)
        return DZR_OK;
    const size_t cap = DZR_MAX(need, scan->cap_ends * 2);
    uint32_t *const ends = dzr_alloc_array(scan->alloc, cap, sizeof *ends, err);
    if (ends == NULL)
        return DZR_ERR_NOMEM;
    if (scan->n_ends > 0)
        memcpy(ends, scan->ends, scan->n_ends * sizeof *ends);
    dzr_release(scan->alloc, scan->ends);
    scan->ends = ends;
    scan->cap_ends = cap;
    return DZR_OK;
}

static void scan_piece(dzr__csv_scan *scan, const uint8_t *text, size_t at, size_t to)
{
    if (!scan->plain)
        at = dzr__csv_scan_avx2(scan, text, at, to);
    for (; at < to && scan->stray == SIZE_MAX; at += DZR__CSV_BLOCK) {
        csv_marks marks = plain_marks(scan, text + at);
        const size_t left = to - at;
        const uint64_t counts = left < DZR__CSV_BLOCK ? (UINT64_C(1) << left) - 1 : ~UINT64_C(0);
        marks = (csv_marks){marks.delimiter & counts, marks.quote & counts, marks.feed & counts, marks.ret & counts};
        if (!csv_take_block(scan, marks, counts, at, left < DZR__CSV_BLOCK ? 0 : text[at + DZR__CSV_BLOCK]))
            return;
    }
}

dzr_status dzr__csv_scan_text(dzr__csv_scan *scan, const uint8_t *text, size_t len, dzr_error *err)
{
    scan->n_ends = 0;
    scan->n_lines = 0;
    scan->stray = SIZE_MAX;
    scan->inside = scan->after_close = 0;
    scan->before_ok = 1;
    for (size_t at = 0; at < len && scan->stray == SIZE_MAX; at += PIECE) {
        DZR_TRY(make_room(scan, err));
        scan_piece(scan, text, at, DZR_MIN(len, at + PIECE));
    }
    scan->in_quotes = scan->inside != 0;
    return DZR_OK;
}

void dzr__csv_scan_fini(dzr__csv_scan *scan)
{
    dzr_release(scan->alloc, scan->ends);
}
