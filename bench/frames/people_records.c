/* bench/frames/people_records.c - JSON lines of `people` to Parquet, each row with where it came from: its own bytes,
 * their SHA-256, the time and the source (RecordInfo). A program that a user of table.h would write: the columns are
 * those of a C struct. Called by bench/cases/frames.py.  usage: people_records IN.jsonl OUT.parquet [THREADS] */
#include <datarizer/record.h>
#include <datarizer/table.h>

#include <stdio.h>
#include <stdlib.h>

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
};
static const dzr_record_type person_type = DZR_RECORD(person, fields);

int main(int argc, char **argv)
{
    dzr_error err;
    dzr_schema *schema = NULL;
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: people_records IN.jsonl OUT.parquet [THREADS]\n");
        return 2;
    }
    const int threads = argc == 4 ? atoi(argv[3]) : 1;
    dzr_status st = dzr_record_schema(&person_type, NULL, &schema, &err);
    if (st == DZR_OK) {
        const dzr_jsonl_record_info info = {.source_info = argv[1]};
        const dzr_table_read_options read = {.jsonl = {.schema = schema, .record_info = &info}, .threads = threads};
        const dzr_table_write_options write = {.threads = threads, .parquet = DZR_PARQUET_WRITE_DEFAULTS};
        st = dzr_convert(argv[1], &read, argv[2], &write, NULL, &err);
    }
    if (st != DZR_OK)
        fprintf(stderr, "people_records: %s\n", err.message);
    dzr_schema_free(schema);
    return st == DZR_OK ? 0 : 1;
}
