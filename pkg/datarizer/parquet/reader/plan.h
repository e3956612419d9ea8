/* parquet/reader/plan.h - a read, planned: which columns, where they stand in the batch, and a task for each. plan.c
 * makes it, run.c reads a row group by it and scan.c rows of many. Tasks share nothing but the reader, which they only
 * read. */
#ifndef DZR_PARQUET_PLAN_H
#define DZR_PARQUET_PLAN_H

#include "parquet/reader/reader.h"

/* One column of a read. */
typedef struct dzr_column_task {
    const dzr_parquet_reader *reader;
    int32_t row_group, column;
    const dzr_leaf *leaf;
    const dzr_meta_column *meta;
    dzr_type type, stored; /* in the frame, and as what it is decoded */
    int64_t n_rows;        /* the row group's */
    int64_t n_levels;      /* the column's: n_rows but for lists */
    int32_t n_nodes;       /* from the field down to the column */
    int32_t *nodes;        /* of the reader's schema */
    int32_t *to_nodes;     /* and of the batch's */
    uint64_t offset;       /* of the chunk's first page */
    dzr_buffer *fetched;   /* the chunk, once it came with all others; NULL: not yet */
    size_t n_bytes;        /* where it ends at the latest */
    dzr_decoder decoder;
    dzr_assembly assembly;  /* n_nodes > 1 */
    bool is_coded;          /* a batch has it as codes */
    bool as_stored;         /* values are looked at as they are stored before dzr__convert */
    dzr_entries *entries;   /* is_coded, of a scan: of what the decoder's rows are codes */
    dzr_decoder dictionary; /* is_coded, of a part for a batch: the values there are */
} dzr_column_task;

/* A read: its arena, and what is in that. */
typedef struct dzr_read_plan {
    const dzr_parquet_reader *reader;
    int32_t row_group;
    dzr_arena arena; /* of what follows */
    dzr_column_task *tasks;
    int32_t n_tasks;
    dzr_field *fields; /* of the batch */
    int32_t n_fields, n_nodes;
    uint8_t *wanted; /* nested columns that are; 2: those that have their task */
    uint8_t *coded;  /* columns that are to be read as codes; NULL: none */
    int32_t depth;   /* the way down to the node at hand */
    int32_t nodes[DZR_MAX_DEPTH], to_nodes[DZR_MAX_DEPTH];
} dzr_read_plan;

/* ---- plan.c ---- */
/* fini is needed after a failure too. row_group is for messages: no chunk is looked at yet. Of the columns those named
 * in coded are to come as codes.
 * Errors: DZR_ERR_ARG (a column that is not there, checked first), dzr__reader_type's, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__plan_make(dzr_read_plan *plan, const dzr_parquet_reader *reader, int32_t row_group,
        const int32_t *columns, int32_t n_columns, const int32_t *coded, int32_t n_coded, dzr_error *err);
void dzr__plan_fini(dzr_read_plan *plan);
/* Of the plan's columns, with what stands above them. */
DZR_MUST_CHECK dzr_status dzr__plan_schema(const dzr_read_plan *plan, dzr_schema **out, dzr_error *err);
/* Finds the column's chunk in a row group, and what it says of itself. Errors, with the place: DZR_ERR_CORRUPT,
 * DZR_ERR_TRUNCATED, DZR_ERR_UNSUPPORTED. */
DZR_MUST_CHECK dzr_status dzr__task_open_chunk(dzr_column_task *task, int32_t row_group, dzr_error *err);
/* Puts the place before err's message: file, row group, column, and the byte when it is one. */
dzr_status dzr__task_fail(const dzr_column_task *task, dzr_status st, int64_t byte, dzr_error *err);

/* ---- run.c ---- */
/* Who reads the columns of a read: NULL for so few stored bytes that one thread is quicker. */
dzr_pool *dzr__read_pool(const dzr_parquet_reader *reader, const uint64_t *costs, int32_t n);
/* Memory for n_levels of the column, and in a nested one what the levels are to become: n_records at most. */
DZR_MUST_CHECK dzr_status dzr__task_prepare(
        dzr_column_task *task, int64_t n_levels, int64_t n_records, dzr_budget *budget, dzr_error *err);
/* What was decoded becomes the batch's; what is above the values is compared with what other columns gave, as *given
 * (of all nodes of the plan) knows. The buffers are the batch's then, also when this fails. */
DZR_MUST_CHECK dzr_status dzr__task_hand_over(dzr_column_task *task, dzr_batch *batch, bool *given, dzr_error *err);
void dzr__task_end(dzr_column_task *task); /* a second call finds nothing */

/* ---- cut.c: records out of what a task has decoded so far ---- */
/* Records there are, the last maybe not to its end. */
int64_t dzr__task_records(const dzr_column_task *task);
/* Records [first, first + n) become those of *out, a task of its own that shares strings' data. take: they are all
 * there are, and leave the task, their values moved rather than copied. dzr__task_end(out) is needed after a failure
 * too. */
DZR_MUST_CHECK dzr_status dzr__task_cut(
        dzr_column_task *task, int64_t first, int64_t n, bool take, dzr_column_task *out, dzr_error *err);
/* Forgets the first n records. */
DZR_MUST_CHECK dzr_status dzr__task_forget(dzr_column_task *task, int64_t n, dzr_error *err);
/* Counts anew what the task holds: what became a batch's is no longer its. */
void dzr__task_count(const dzr_column_task *task, dzr_budget *budget);

#endif
