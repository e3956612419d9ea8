/* fuzz/parquet_file.c - a whole file, of any bytes. Under libFuzzer every second change is one of a field: the file is
 * taken apart, and put together again so that lengths, places and checksums are right. What holds: parquet_check.h. */
#include "parquet_check.h"
#include "parquet_edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    (void)check_file((dzr_bytes){bytes, len}, true, CHECK_MEMORY);
    return 0;
}

#ifdef DZR_LIBFUZZER
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t len, size_t max_len);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t len, size_t max_len, unsigned int seed);

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t len, size_t max_len, unsigned int seed)
{
    uint64_t state = seed;
    uint8_t room[256];
    dzr_bytebuf changed = {.max_bytes = max_len};
    draw d = draw_random(&state, room, sizeof room);
    const bool edited = next_random(&state) % 2 == 0 && edit_file((dzr_bytes){bytes, len}, &d, &changed);
    const size_t n = changed.len;
    if (edited)
        memcpy(bytes, changed.at, n);
    dzr__bytebuf_fini(&changed);
    return edited ? n : LLVMFuzzerMutate(bytes, len, max_len);
}
#endif
