/* bench/frames/people_records.c - JSON lines of `people` to Parquet as records, each with where it came from: its own
 * bytes, their SHA-256, the time and the source (RecordInfo). A program that a user of record.h would write. Called by
 * bench/cases/frames.py.  usage: people_records IN.jsonl OUT.parquet */
#include <datarizer/dataframe.h>
#include <datarizer/table.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRY(expr)                                                                                                      \
    do {                                                                                                               \
        const dzr_status try_status_ = (expr);                                                                         \
        if (try_status_ != DZR_OK)                                                                                     \
            return try_status_;                                                                                        \
    } while (0)

typedef struct person {
    int64_t id;
    dzr_bytes name, email;
    int32_t age;
    float weight;
    double score;
    bool sex;
    int32_t day;
    int64_t created_at;
    int32_t ignored;
    bool has_ignored;
    dzr_bytes country;
    dzr_record_info info;
} person;

static const dzr_record_field fields[] = {
        DZR_FIELD(person, id, DZR_INT64),
        DZR_FIELD(person, name, DZR_STRING),
        DZR_FIELD(person, email, DZR_STRING),
        DZR_FIELD(person, age, DZR_INT32),
        DZR_FIELD(person, weight, DZR_FLOAT),
        DZR_FIELD(person, score, DZR_DOUBLE),
        DZR_FIELD(person, sex, DZR_BOOL),
        DZR_FIELD(person, day, DZR_DATE),
        DZR_FIELD(person, created_at, DZR_TIMESTAMP(DZR_UNIT_MS, true)),
        DZR_OPTIONAL(person, ignored, has_ignored, DZR_INT32),
        DZR_FIELD(person, country, DZR_STRING),
        DZR_RECORD_INFO(person, info),
};
static const dzr_record_type person_type = DZR_RECORD(person, fields);

enum { PIECE = 4 << 20, BATCH_ROWS = 65536 };

typedef struct pump {
    dzr_source *source;
    dzr_record_parser *parser;
    dzr_dataframe *frame;
    dzr_table_writer *writer;
    dzr_record_parse_options options;
    uint8_t *text;
    size_t len, at;
} pump;

/* The records so far become a part of the file, and their memory is given back. */
static dzr_status flush(pump *p, dzr_error *err)
{
    dzr_batch *batch = NULL;
    TRY(dzr_dataframe_to_batch(p->frame, 0, dzr_dataframe_length(p->frame), &batch, err));
    const dzr_status st = dzr_table_writer_append(p->writer, batch, err);
    dzr_batch_free(batch);
    dzr_dataframe_free(p->frame);
    p->frame = NULL;
    return st == DZR_OK ? dzr_dataframe_new(&person_type, NULL, &p->frame, err) : st;
}

static dzr_status take_line(pump *p, size_t len, dzr_error *err)
{
    person one;
    TRY(dzr_record_parse(p->parser, (dzr_bytes){p->text + p->at, len}, &p->options, &one, err));
    TRY(dzr_dataframe_append(p->frame, &one, 1, err));
    p->at += len + 1;
    return dzr_dataframe_length(p->frame) == BATCH_ROWS ? flush(p, err) : DZR_OK;
}

static dzr_status run(pump *p, const char *in, const char *out, dzr_error *err)
{
    dzr_schema *schema = NULL;
    const dzr_table_write_options options = {.parquet = DZR_PARQUET_WRITE_DEFAULTS};
    p->options.source_info = in;
    p->text = malloc(PIECE);
    if (p->text == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory");
    TRY(dzr_store_open_source(in, NULL, &p->source, err));
    TRY(dzr_record_parser_new(&person_type, NULL, &p->parser, err));
    TRY(dzr_dataframe_new(&person_type, NULL, &p->frame, err));
    TRY(dzr_record_schema(&person_type, NULL, &schema, err));
    const dzr_status opened = dzr_table_writer_open(out, schema, &options, &p->writer, err);
    dzr_schema_free(schema);
    TRY(opened);
    for (size_t n = 1; n > 0;) {
        memmove(p->text, p->text + p->at, p->len - p->at);
        p->len -= p->at;
        p->at = 0;
        TRY(dzr_source_read(p->source, p->text + p->len, PIECE - p->len, &n, err));
        p->len += n;
        const uint8_t *end;
        while (p->at < p->len && (end = memchr(p->text + p->at, '\n', p->len - p->at)) != NULL)
            TRY(take_line(p, (size_t)(end - p->text) - p->at, err));
    }
    TRY(flush(p, err));
    return dzr_table_writer_commit(p->writer, err);
}

int main(int argc, char **argv)
{
    pump p = {0};
    dzr_error err;
    if (argc != 3) {
        fprintf(stderr, "usage: people_records IN.jsonl OUT.parquet\n");
        return 2;
    }
    const dzr_status st = run(&p, argv[1], argv[2], &err);
    if (st != DZR_OK)
        fprintf(stderr, "people_records: %s\n", err.message);
    dzr_table_writer_close(p.writer);
    dzr_dataframe_free(p.frame);
    dzr_record_parser_free(p.parser);
    dzr_source_close(p.source);
    free(p.text);
    return st == DZR_OK ? 0 : 1;
}
