/* tests/record/student.h - the record that the recorded cases are about. */
#ifndef TESTS_STUDENT_H
#define TESTS_STUDENT_H

#include <datarizer/dataframe.h>

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

static const dzr_record_type student_type = {.name = "datarizer.Student",
        .size = sizeof(student),
        .fields = student_fields,
        .n_fields = sizeof student_fields / sizeof *student_fields};

#endif
