/* cmd/writer/main.c - the demo: two students out of a JSON text, each with where it came from, into JSON lines and
 * Parquet. All it takes is the table of the struct. */
#include <datarizer/dataframe.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/common/options.h"

typedef struct student {
    dzr_bytes name;
    int32_t age;
    int64_t id;
    float weight;
    bool sex;
    int32_t day;
    int32_t ignored;
    bool has_ignored;
    dzr_record_info info;
} student;

static const dzr_record_field student_fields[] = {
        DZR_FIELD(student, name, DZR_STRING, .json_name = "Name"),
        DZR_FIELD(student, age, DZR_INT32, .json_name = "Age"),
        DZR_FIELD(student, id, DZR_INT64, .json_name = "Id"),
        DZR_FIELD(student, weight, DZR_FLOAT, .json_name = "Weight"),
        DZR_FIELD(student, sex, DZR_BOOL, .json_name = "Sex"),
        DZR_FIELD(student, day, DZR_DATE, .json_name = "Day", .json_number = true),
        DZR_OPTIONAL(student, ignored, has_ignored, DZR_INT32, .json_name = "Ignored"),
        DZR_RECORD_INFO(student, info),
};
static const dzr_record_type student_type = DZR_RECORD(student, student_fields);

static const char students[] = "[\n"
                               "\t\t{\n"
                               "\t\t\t\"Name\": \"Alice\",\n"
                               "\t\t\t\"Age\": 22,\n"
                               "\t\t\t\"Id\": 1001,\n"
                               "\t\t\t\"Weight\": 65.5,\n"
                               "\t\t\t\"Sex\": false,\n"
                               "\t\t\t\"Day\": 10957\n"
                               "\t\t},\n"
                               "\t\t{\n"
                               "\t\t\t\"Name\": \"Bob\",\n"
                               "\t\t\t\"Age\": 23,\n"
                               "\t\t\t\"Id\": 1002,\n"
                               "\t\t\t\"Weight\": 72.5,\n"
                               "\t\t\t\"Sex\": true,\n"
                               "\t\t\t\"Day\": 10731,\n"
                               "\t\t\t\"Ignored\": 1\n"
                               "\t\t}\n"
                               "\t]";

/* folder/file in path; a folder may end in a slash. */
static dzr_status join(const char *folder, const char *file, char *path, size_t room, dzr_error *err)
{
    const size_t len = strlen(folder);
    const int n = snprintf(path, room, "%s%s%s", folder, len > 0 && folder[len - 1] == '/' ? "" : "/", file);
    if (n < 0 || (size_t)n >= room)
        return dzr_fail(err, DZR_ERR_ARG, "--out-dir is longer than %zu bytes", room);
    return DZR_OK;
}

static dzr_status write_both(const dzr_dataframe *frame, const char *folder, dzr_error *err)
{
    char path[4096];
    dzr_status st = join(folder, "students.jsonl", path, sizeof path, err);
    if (st == DZR_OK)
        st = dzr_dataframe_write_jsonl(frame, path, err); /* makes the folder */
    if (st == DZR_OK)
        st = join(folder, "students.parquet", path, sizeof path, err);
    return st == DZR_OK ? dzr_dataframe_write_parquet(frame, path, NULL, err) : st;
}

static dzr_status run(const char *folder, dzr_error *err)
{
    const dzr_bytes text = {(const uint8_t *)students, sizeof students - 1};
    const dzr_record_parse_options options = {.source_info = "myjson"};
    dzr_dataframe *frame = NULL;
    dzr_status st = dzr_dataframe_new(&student_type, NULL, &frame, err);
    if (st == DZR_OK)
        st = dzr_dataframe_parse_json(frame, text, &options, err);
    if (st == DZR_OK)
        printf("Parsed %" PRId64 " records\n", dzr_dataframe_length(frame));
    if (st == DZR_OK)
        st = write_both(frame, folder, err);
    dzr_dataframe_free(frame);
    return st;
}

int main(int argc, char **argv)
{
    const char *folder = "tmp";
    const options_row rows[] = {
            {.name = "out-dir",
                    .argument = "FOLDER",
                    .text = &folder,
                    .help = "where both files go, made when missing;\ns3://BUCKET/PREFIX too"},
            {0},
    };
    const options_program program = {
            .name = "writer",
            .usage = "[OPTION]...",
            .summary = "Parses two students and writes students.jsonl and students.parquet.",
            .rows = rows,
            .notes = "Exit status: 0 when both are written, 1 when not, 2 for a wrong option.",
    };
    const options_outcome outcome = options_parse(&program, argc, argv, NULL);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    dzr_error err;
    if (run(folder, &err) != DZR_OK) {
        fprintf(stderr, "writer: %s\n", err.message);
        return OPTIONS_EXIT_FAILURE;
    }
    if (fflush(stdout) != 0) {
        perror("writer: standard output");
        return OPTIONS_EXIT_FAILURE;
    }
    return OPTIONS_EXIT_OK;
}
