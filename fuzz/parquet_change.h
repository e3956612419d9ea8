/* fuzz/parquet_change.h - one change to what a Thrift shape describes, or to bytes. */
#ifndef DZR_FUZZ_PARQUET_CHANGE_H
#define DZR_FUZZ_PARQUET_CHANGE_H

#include "draw.h"

#include "parquet/thrift/thrift.h"

/* One field of the struct or of one below it: another number, longer or shorter bytes or lists, there or not there. */
void change_struct(dzr_arena *arena, const dzr_thrift_shape *shape, void *meta, draw *d);
/* A changed copy; the same bytes when the arena is full. */
dzr_bytes change_bytes(dzr_arena *arena, dzr_bytes in, draw *d);

#endif
