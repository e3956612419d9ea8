/* What the programs' options accept, and the one line they answer what they do not. Standard output and error go to a
 * temporary file while a case runs. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/common/options.h"

static const struct {
    const char *text;
    dzr_status want;
    int64_t value;
} sizes[] = {
        {"0", DZR_OK, 0},
        {"1B", DZR_OK, 1},
        {"512", DZR_OK, 512},
        {"16KiB", DZR_OK, 16384},
        {"1.5MiB", DZR_OK, 1572864},
        {"2GiB", DZR_OK, INT64_C(2147483648)},
        {"8388607TiB", DZR_OK, INT64_C(8388607) << 40},
        {"8388608TiB", DZR_ERR_LIMIT, -1},
        {"9999999999999999999", DZR_ERR_LIMIT, -1},
        {"", DZR_ERR_SYNTAX, -1},
        {"KiB", DZR_ERR_SYNTAX, -1},
        {"1.KiB", DZR_ERR_SYNTAX, -1},
        {".5KiB", DZR_ERR_SYNTAX, -1},
        {"-1", DZR_ERR_SYNTAX, -1},
        {"+1", DZR_ERR_SYNTAX, -1},
        {" 1", DZR_ERR_SYNTAX, -1},
        {"1 KiB", DZR_ERR_SYNTAX, -1},
        {"1kib", DZR_ERR_SYNTAX, -1},
        {"1KiBx", DZR_ERR_SYNTAX, -1},
        {"0x10", DZR_ERR_SYNTAX, -1},
};

static const struct {
    const char *text;
    dzr_status want;
    int64_t value;
} durations[] = {
        {"0", DZR_OK, 0},
        {"0.0", DZR_OK, 0},
        {"250ms", DZR_OK, 250},
        {"1s", DZR_OK, 1000},
        {"1.5s", DZR_OK, 1500},
        {"10m", DZR_OK, 600000},
        {"2h", DZR_OK, 7200000},
        {"10", DZR_ERR_SYNTAX, -1},
        {"10 s", DZR_ERR_SYNTAX, -1},
        {"1d", DZR_ERR_SYNTAX, -1},
        {"s", DZR_ERR_SYNTAX, -1},
        {"1m30s", DZR_ERR_SYNTAX, -1},
        {"999999999999999999h", DZR_ERR_LIMIT, -1},
};

static void sizes_parse_or_leave_the_value_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        dzr_error err;
        int64_t value = -1;
        if (options_parse_size(sizes[i].text, &value, &err) != sizes[i].want || value != sizes[i].value)
            fail_msg("\"%s\" gives %lld", sizes[i].text, (long long)value);
    }
}

static void durations_parse_or_leave_the_value_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
        dzr_error err;
        int64_t value = -1;
        if (options_parse_duration(durations[i].text, &value, &err) != durations[i].want || value != durations[i].value)
            fail_msg("\"%s\" gives %lld", durations[i].text, (long long)value);
    }
}

static void printed_values_parse_back(void **state)
{
    (void)state;
    static const int64_t values[] = {0, 1, 1000, 1023, 1024, 1536, 60000, 3600000, 90000, INT64_MAX};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[OPTIONS_VALUE_BYTES];
        int64_t back = -1;
        dzr_error err;
        if (values[i] < 1000000000000000) {
            options_format_size(values[i], text);
            assert_ok(options_parse_size(text, &back, &err));
            assert_int_equal(back, values[i]);
            options_format_duration(values[i], text);
            assert_ok(options_parse_duration(text, &back, &err));
            assert_int_equal(back, values[i]);
        }
    }
    char text[OPTIONS_VALUE_BYTES];
    options_format_size(16384, text);
    assert_string_equal(text, "16KiB");
    options_format_duration(60000, text);
    assert_string_equal(text, "1m");
}

/* The values of a made-up program. */
static struct {
    const char *path, *mode;
    bool quiet;
    int64_t count, room, wait;
} values;
static char said[8192]; /* what the last run printed, on both streams */
static int first_operand;

static options_outcome run(int argc, char **argv)
{
    static const char *const modes[] = {"fast", "safe", NULL};
    values.path = "users.db", values.mode = "safe", values.quiet = false;
    values.count = 0, values.room = 16384, values.wait = 1500;
    const options_row rows[] = {{.name = "db", .letter = 'd', .text = &values.path, .help = "the file"},
            {.name = "mode", .kind = OPTIONS_CHOICE, .choices = modes, .text = &values.mode, .help = "how"},
            {.name = "quiet", .kind = OPTIONS_FLAG, .letter = 'q', .flag = &values.quiet, .help = "say less"},
            {.name = "threads",
                    .kind = OPTIONS_NUMBER,
                    .number = &values.count,
                    .max = 64,
                    .zero = "one a core",
                    .help = "how many"},
            {.name = "room",
                    .kind = OPTIONS_SIZE,
                    .number = &values.room,
                    .min = 1024,
                    .max = 1 << 20,
                    .help = "bytes kept,\nat most"},
            {.name = "a-long-name-that-fills-its-column",
                    .kind = OPTIONS_DURATION,
                    .number = &values.wait,
                    .help = "how long"},
            {0}};
    const options_program program = {.name = "prog",
            .usage = "[OPTION]... IN",
            .summary = "Does things.",
            .rows = rows,
            .notes = "Exit status: 0.",
            .max_operands = 1};

    fflush(stdout);
    fflush(stderr);
    FILE *capture = tmpfile();
    assert_non_null(capture);
    const int old_out = dup(STDOUT_FILENO), old_err = dup(STDERR_FILENO);
    dup2(fileno(capture), STDOUT_FILENO);
    dup2(fileno(capture), STDERR_FILENO);
    const options_outcome outcome = options_parse(&program, argc, argv, &first_operand);
    fflush(stdout);
    fflush(stderr);
    dup2(old_out, STDOUT_FILENO);
    dup2(old_err, STDERR_FILENO);
    close(old_out);
    close(old_err);
    rewind(capture);
    said[fread(said, 1, sizeof said - 1, capture)] = '\0';
    fclose(capture);
    return outcome;
}

#define RUN(...)                                                                                                       \
    run((int)(sizeof((char *[]){"prog", __VA_ARGS__}) / sizeof(char *)), (char *[]){"prog", __VA_ARGS__, NULL})

static void every_kind_sets_its_value(void **state)
{
    (void)state;
    assert_int_equal(RUN("--db=a.db", "in.jsonl", "--mode", "fast", "-q", "--threads", "2", "--room", "1MiB",
                             "--a-long-name-that-fills-its-column", "2s"),
            OPTIONS_RUN);
    assert_string_equal(said, "");
    assert_string_equal(values.path, "a.db");
    assert_string_equal(values.mode, "fast");
    assert_true(values.quiet);
    assert_int_equal(values.count, 2);
    assert_int_equal(values.room, 1 << 20);
    assert_int_equal(values.wait, 2000);
    assert_int_equal(first_operand, 11);
}

static void wrong_words_get_one_line_and_usage(void **state)
{
    (void)state;
    static const struct {
        char *words[3];
        const char *part;
    } cases[] = {
            {{"--dB", "x"}, "prog: unknown or ambiguous option --dB"},
            {{"-x"}, "prog: unknown option -x"},
            {{"--db"}, "prog: --db needs a value"},
            {{"-d"}, "prog: -d needs a value"},
            {{"--quiet=1"}, "prog: --quiet=1: the option takes no value"},
            {{"--help=1"}, "prog: --help=1: the option takes no value"},
            {{"--mode", "slow"}, "prog: --mode \"slow\": must be one of: fast, safe"},
            {{"--threads", "65"}, "prog: --threads \"65\": must lie between 0 and 64"},
            {{"--threads", "two"}, "prog: --threads \"two\": not a whole number"},
            {{"--threads", "-1"}, "prog: --threads \"-1\": not a whole number"},
            {{"--threads", "99999999999999999999"}, "prog: --threads \"99999999999999999999\": too large"},
            {{"--room", "1"}, "prog: --room \"1\": must lie between 1KiB and 1MiB"},
            {{"--room", "lots"}, "prog: --room \"lots\": not such a value; 16KiB is one"},
            {{"--a-long-name-that-fills-its-column", "10"}, "\"10\": not such a value; 1.5s is one"},
            {{"a", "b"}, "prog: unexpected argument \"b\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *argv[] = {"prog", cases[i].words[0], cases[i].words[1], NULL};
        const int argc = argv[2] != NULL ? 3 : 2;
        assert_int_equal(run(argc, argv), OPTIONS_USAGE);
        if (strstr(said, cases[i].part) == NULL)
            fail_msg("\"%s\" lacks \"%s\"", said, cases[i].part);
        assert_non_null(strchr(said, '\n'));
        assert_string_equal(strchr(said, '\n'), "\n"); /* one line */
    }
}

static void help_shows_every_option_with_its_default(void **state)
{
    (void)state;
    assert_int_equal(RUN("--help"), OPTIONS_DONE);
    assert_string_equal(said, "usage: prog [OPTION]... IN\n"
                              "Does things.\n"
                              "\n"
                              "  -d, --db PATH                the file (users.db)\n"
                              "      --mode WORD              how (safe)\n"
                              "  -q, --quiet                  say less\n"
                              "      --threads N              how many (one a core)\n"
                              "      --room SIZE              bytes kept,\n"
                              "                               at most (16KiB)\n"
                              "      --a-long-name-that-fills-its-column TIME\n"
                              "                               how long (1500ms)\n"
                              "      --help                   print this and exit\n"
                              "      --version                print the version and exit\n"
                              "\n"
                              "Exit status: 0.\n");
}

static void version_names_the_program(void **state)
{
    (void)state;
    assert_int_equal(RUN("--version"), OPTIONS_DONE);
    assert_string_equal(said, "prog (datarizer) " DZR_VERSION "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(sizes_parse_or_leave_the_value_alone),
            cmocka_unit_test(durations_parse_or_leave_the_value_alone),
            cmocka_unit_test(printed_values_parse_back),
            cmocka_unit_test(every_kind_sets_its_value),
            cmocka_unit_test(wrong_words_get_one_line_and_usage),
            cmocka_unit_test(help_shows_every_option_with_its_default),
            cmocka_unit_test(version_names_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
