/* bench/frames/checksum.h - one number for all values of a column, whoever made it: two tools read a file right when
 * their numbers are the same. Called by frames.c with ours, and through checksum_arrow by peers' Python with theirs. */
#ifndef BENCH_CHECKSUM_H
#define BENCH_CHECKSUM_H

#include <datarizer/arrow.h>

/* Adds the batch's rows, which follow n_rows_before others, to sums[0 .. n_fields).
 * A value counts by what it is and in which row: an integer is the same in any width and in a float that holds it, a
 * timestamp in any unit, a string in any layout. Batches may be cut anywhere. */
void checksum_batch(const dzr_batch *batch, uint64_t n_rows_before, uint64_t *sums);

/* The same for an Arrow struct array, which it takes over. 0, or -1 with the reason in message. */
__attribute__((visibility("default"))) int checksum_arrow(struct ArrowArray *array, struct ArrowSchema *schema,
        uint64_t n_rows_before, uint64_t *sums, char message[512]);

#endif
