/* fuzz/parquet_fields.c - files that are valid but for a few fields. The input first says what rows there are and how
 * they are written, then what is changed: one to four fields of footer, page headers and page indexes, bytes of pages,
 * the order of pages; all else is right, lengths and checksums too. Changed that way, a file gets as deep into the
 * reader as it can. What holds: parquet_check.h. */
#include "parquet_check.h"
#include "parquet_edit.h"
#include "parquet_make.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    draw d = {bytes, bytes + len};
    dzr_bytebuf changed = {.max_bytes = 32 << 20};
    dzr_batch *const batch = make_batch(&d);
    dzr_sink *const sink = make_file(&d, batch);
    if (sink != NULL) {
        REQUIRE(edit_file(dzr_sink_memory_bytes(sink), &d, &changed));
        (void)check_file((dzr_bytes){changed.at, changed.len}, draw_one_in(&d, 2), CHECK_MEMORY);
    }
    dzr__bytebuf_fini(&changed);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    return 0;
}
