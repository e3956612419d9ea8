/* Writes C structs as a Parquet file, through the library's table of members (datarizer/record.h). Valid C11 and C++20.
 * usage: write_structs OUT.parquet */
#include <datarizer/dataframe.h>

#include <stdio.h>
#include <string.h>

typedef struct reading {
    dzr_bytes station;
    int64_t taken_at; /* UTC milliseconds */
    double celsius;
    bool has_celsius;
} reading;

static const dzr_record_field fields[] = {
        DZR_FIELD(reading, station, DZR_STRING),
        DZR_FIELD(reading, taken_at, DZR_TIMESTAMP(DZR_UNIT_MS, true)),
        DZR_OPTIONAL(reading, celsius, has_celsius, DZR_DOUBLE),
};
static const dzr_record_type reading_type = DZR_RECORD(reading, fields);

static reading make(const char *station, int64_t taken_at, const double *celsius)
{
    reading made;
    memset(&made, 0, sizeof made);
    made.station.at = (const uint8_t *)station;
    made.station.len = strlen(station);
    made.taken_at = taken_at;
    made.has_celsius = celsius != NULL;
    made.celsius = celsius != NULL ? *celsius : 0;
    return made;
}

int main(int argc, char **argv)
{
    const double cold = -3.5, warm = 21.25;
    const reading readings[] = {make("Säntis", 1700000000000, &cold), make("Lugano", 1700000060000, &warm),
            make("Davos", 1700000120000, NULL)};
    dzr_dataframe *frame = NULL;
    dzr_error err;
    if (argc != 2) {
        fprintf(stderr, "usage: write_structs OUT.parquet\n");
        return 2;
    }
    const bool ok = dzr_dataframe_new(&reading_type, NULL, &frame, &err) == DZR_OK &&
                    dzr_dataframe_append(frame, readings, sizeof readings / sizeof *readings, &err) == DZR_OK &&
                    dzr_dataframe_write_parquet(frame, argv[1], NULL, &err) == DZR_OK;
    if (!ok)
        fprintf(stderr, "write_structs: %s\n", err.message);
    dzr_dataframe_free(frame);
    return ok ? 0 : 1;
}
