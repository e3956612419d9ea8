/* tests/record/replay_student.c - one recorded case through the library; test_oracle.py says which and compares.
 *     replay_student parse SOURCE_INFO          standard input is the text
 *     replay_student read_jsonl|read_parquet PATH
 *     replay_student write_jsonl PATH           standard input holds records as they are printed here
 *     replay_student write_parquet PATH CODEC   the same
 * Prints each record as a line, members between tabs, text and bytes in hexadecimal. Exit status 1: the message goes to
 * standard error, what is left of a record that was parsed is printed all the same. */
#include "student.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_bytes(dzr_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        printf("%02x", bytes.at[i]);
    putchar('\t');
}

static void print_record(const student *s)
{
    uint32_t bits;
    memcpy(&bits, &s->weight, sizeof bits);
    print_bytes(s->name);
    printf("%" PRId32 "\t%" PRId64 "\t%08" PRIx32 "\t%d\t%" PRId32 "\t", s->age, s->id, bits, s->sex, s->day);
    if (s->has_ignored)
        printf("%" PRId32 "\t", s->ignored);
    else
        printf("null\t");
    print_bytes(s->info.raw_data);
    print_bytes(s->info.row_hash);
    printf("%" PRId64 "\t", s->info.ingest_timestamp);
    print_bytes(s->info.source_info);
    putchar('\n');
}

static void print_frame(const dzr_dataframe *frame)
{
    for (int64_t i = 0; i < dzr_dataframe_length(frame); i++)
        print_record(dzr_dataframe_get(frame, i));
}

static void need(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "replay_student: %s\n", what);
        exit(3);
    }
}

static int report(dzr_status st, const dzr_error *err)
{
    if (st != DZR_OK)
        fprintf(stderr, "%s", err->message);
    return st == DZR_OK ? 0 : 1;
}

static dzr_bytes read_all(FILE *in)
{
    uint8_t *at = NULL;
    size_t len = 0, cap = 0;
    for (;;) {
        if (len == cap) {
            cap = cap == 0 ? 65536 : cap * 2;
            at = realloc(at, cap);
            need(at != NULL, "out of memory");
        }
        const size_t n = fread(at + len, 1, cap - len, in);
        if (n == 0)
            return (dzr_bytes){at, len};
        len += n;
    }
}

/* Turns the digits of a column into bytes, in place. */
static dzr_bytes from_hex(char *digits)
{
    const size_t n = strlen(digits) / 2;
    for (size_t i = 0; i < n; i++) {
        const char pair[] = {digits[2 * i], digits[2 * i + 1], '\0'};
        digits[i] = (char)strtoul(pair, NULL, 16);
    }
    return (dzr_bytes){(uint8_t *)digits, n};
}

static student read_record(char *line)
{
    char *columns[11];
    for (int i = 0; i < 11; i++) {
        columns[i] = strsep(&line, "\t");
        need(columns[i] != NULL, "a record has 11 columns");
    }
    const uint32_t bits = (uint32_t)strtoul(columns[3], NULL, 16);
    student s = {.name = from_hex(columns[0]),
            .age = (int32_t)strtol(columns[1], NULL, 10),
            .id = strtoll(columns[2], NULL, 10),
            .sex = columns[4][0] == '1',
            .day = (int32_t)strtol(columns[5], NULL, 10),
            .ignored = (int32_t)strtol(columns[6], NULL, 10),
            .has_ignored = columns[6][0] != 'n',
            .info = {from_hex(columns[7]), from_hex(columns[8]), strtoll(columns[9], NULL, 10), from_hex(columns[10])}};
    memcpy(&s.weight, &bits, sizeof bits);
    return s;
}

static void read_records(dzr_dataframe *frame)
{
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, stdin) > 0) {
        const student s = read_record(line);
        dzr_error err;
        need(dzr_dataframe_append(frame, &s, 1, &err) == DZR_OK, "append");
    }
    free(line);
}

static int parse(const char *source_info)
{
    const dzr_bytes text = read_all(stdin);
    const dzr_record_parse_options options = {.source_info = source_info};
    dzr_error err;
    dzr_record_parser *parser = NULL;
    need(dzr_record_parser_new(&student_type, NULL, &parser, &err) == DZR_OK, "parser");
    student s;
    const dzr_status st = dzr_record_parse(parser, text, &options, &s, &err);
    print_record(&s);
    dzr_record_parser_free(parser);
    free((void *)(uintptr_t)text.at);
    return report(st, &err);
}

int main(int argc, char **argv)
{
    need(argc >= 3, "an operation and its argument");
    if (strcmp(argv[1], "parse") == 0)
        return parse(argv[2]);
    dzr_error err;
    dzr_dataframe *frame = NULL;
    dzr_status st = dzr_dataframe_new(&student_type, NULL, &frame, &err);
    need(st == DZR_OK, "frame");
    if (strcmp(argv[1], "read_jsonl") == 0) {
        st = dzr_dataframe_read_jsonl(frame, argv[2], NULL, NULL, &err);
        print_frame(frame);
    } else if (strcmp(argv[1], "read_parquet") == 0) {
        st = dzr_dataframe_read_parquet(frame, argv[2], NULL, &err);
        print_frame(frame);
    } else if (strcmp(argv[1], "write_jsonl") == 0) {
        read_records(frame);
        st = dzr_dataframe_write_jsonl(frame, argv[2], &err);
    } else {
        need(argc == 4 && strcmp(argv[1], "write_parquet") == 0, "an operation there is");
        dzr_parquet_write_options options = DZR_PARQUET_WRITE_DEFAULTS;
        need(dzr_codec_find(argv[3], &options.codec, &err) == DZR_OK, "a codec there is");
        read_records(frame);
        st = dzr_dataframe_write_parquet(frame, argv[2], &options, &err);
    }
    dzr_dataframe_free(frame);
    return report(st, &err);
}
