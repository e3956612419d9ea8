/* parquet/thrift/wire.h - the type numbers of Thrift's compact protocol, for read.c and write.c. */
#ifndef DZR_PARQUET_WIRE_H
#define DZR_PARQUET_WIRE_H

#include "parquet/thrift/thrift.h"

typedef enum dzr_wire {
    DZR_WIRE_STOP = 0,
    DZR_WIRE_TRUE = 1, /* of a field: the value is the type; of list elements: a bool, a byte each */
    DZR_WIRE_FALSE = 2,
    DZR_WIRE_I8 = 3,
    DZR_WIRE_I16 = 4,
    DZR_WIRE_I32 = 5,
    DZR_WIRE_I64 = 6,
    DZR_WIRE_DOUBLE = 7,
    DZR_WIRE_BINARY = 8,
    DZR_WIRE_LIST = 9,
    DZR_WIRE_SET = 10,
    DZR_WIRE_MAP = 11,
    DZR_WIRE_STRUCT = 12,
    DZR_WIRE_UUID = 13
} dzr_wire;

/* A DZR_LIST of whatever type. */
typedef DZR_LIST(void) dzr_any_list;

/* The type a kind has on the wire; a bool's is TRUE. */
static inline uint8_t dzr__wire_of(uint8_t kind)
{
    static const uint8_t wires[] = {
            [DZR_THRIFT_BOOL] = DZR_WIRE_TRUE,
            [DZR_THRIFT_I8] = DZR_WIRE_I8,
            [DZR_THRIFT_I16] = DZR_WIRE_I16,
            [DZR_THRIFT_I32] = DZR_WIRE_I32,
            [DZR_THRIFT_I64] = DZR_WIRE_I64,
            [DZR_THRIFT_BYTES] = DZR_WIRE_BINARY,
            [DZR_THRIFT_STRUCT] = DZR_WIRE_STRUCT,
            [DZR_THRIFT_EMPTY] = DZR_WIRE_STRUCT,
            [DZR_THRIFT_LIST] = DZR_WIRE_LIST,
    };
    return wires[kind];
}

/* Bytes an element of a list takes in memory. */
static inline size_t dzr__element_size(const dzr_thrift_field *field)
{
    static const uint8_t sizes[] = {
            [DZR_THRIFT_BOOL] = sizeof(bool),
            [DZR_THRIFT_I8] = sizeof(int8_t),
            [DZR_THRIFT_I16] = sizeof(int16_t),
            [DZR_THRIFT_I32] = sizeof(int32_t),
            [DZR_THRIFT_I64] = sizeof(int64_t),
            [DZR_THRIFT_BYTES] = sizeof(dzr_bytes),
    };
    return field->of == DZR_THRIFT_STRUCT ? field->shape->size : sizes[field->of];
}

#endif
