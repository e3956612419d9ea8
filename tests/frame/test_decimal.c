/* tests/frame/test_decimal.c - single values: decimals as text and by their digits, floats of 16 bits, UUIDs. */
#include "support.h"

#include <datarizer/frame.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NINES_38 "99999999999999999999999999999999999999"
#define ZEROS_38 "00000000000000000000000000000000000000"

/* ---- decimals ---- */

static const struct {
    const char *text;
    int32_t precision, scale;
    const char *printed; /* NULL: does not fit */
} parsed[] = {
        {"0", 1, 0, "0"},
        {"-0", 1, 0, "0"},
        {"0.00", 1, 1, "0.0"},
        {"1", 1, 0, "1"},
        {"10", 1, 0, NULL},
        {"123.45", 5, 2, "123.45"},
        {"-123.45", 5, 2, "-123.45"},
        {"+123.4", 5, 2, "123.40"},
        {"123.450", 5, 2, "123.45"},
        {"123.451", 5, 2, NULL},
        {"1234.5", 5, 2, NULL},
        {".5", 2, 1, "0.5"},
        {"5.", 2, 1, "5.0"},
        {"-0.05", 3, 3, "-0.050"},
        {"1e3", 4, 0, "1000"},
        {"1E+3", 4, 0, "1000"},
        {"1e3", 3, 0, NULL},
        {"12500e-2", 3, 0, "125"},
        {"125e-2", 3, 0, NULL},
        {"125e-2", 3, 2, "1.25"},
        {"0e99999999999999999999", 3, 2, "0.00"},
        {"1e99999999999999999999", 76, 0, NULL},
        {"1e-99999999999999999999", 76, 76, NULL},
        {"0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001", 1, 0, "1"},
        {NINES_38, 38, 0, NINES_38},
        {NINES_38 NINES_38, 76, 0, NINES_38 NINES_38},
        {"-" NINES_38 "." NINES_38, 76, 38, "-" NINES_38 "." NINES_38},
        {"0." NINES_38 NINES_38, 76, 76, "0." NINES_38 NINES_38},
        {"1" ZEROS_38, 38, 0, NULL},
        {"1" ZEROS_38 ZEROS_38, 76, 0, NULL},
        {"18446744073709551616", 20, 0, "18446744073709551616"},                                       /* 2^64 */
        {"340282366920938463463374607431768211456", 39, 0, "340282366920938463463374607431768211456"}, /* 2^128 */
        {"", 5, 2, NULL},
        {"-", 5, 2, NULL},
        {".", 5, 2, NULL},
        {"1.2.3", 5, 2, NULL},
        {"1e", 5, 2, NULL},
        {"1e+", 5, 2, NULL},
        {"e5", 5, 2, NULL},
        {" 1", 5, 2, NULL},
        {"1 ", 5, 2, NULL},
        {"0x10", 5, 2, NULL},
        {"NaN", 5, 2, NULL},
};

static void text_becomes_the_exact_number_or_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof parsed / sizeof *parsed; i++) {
        dzr_error err;
        char text[DZR_DECIMAL_TEXT];
        dzr_decimal value = {{1, 2, 3, 4}};
        const dzr_status st = dzr_decimal_parse(
                parsed[i].text, strlen(parsed[i].text), parsed[i].precision, parsed[i].scale, &value, &err);
        if (parsed[i].printed == NULL) {
            assert_int_equal(st, DZR_ERR_TYPE);
            assert_true(strstr(err.message, "does not fit decimal(") != NULL ||
                        strstr(err.message, "is no decimal number") != NULL);
            assert_int_equal(value.word[3], 4);
            continue;
        }
        assert_ok(st);
        assert_int_equal(dzr_decimal_print(value, parsed[i].scale, text), strlen(parsed[i].printed));
        assert_string_equal(text, parsed[i].printed);
        assert_true(dzr_decimal_fits(value, parsed[i].precision));
    }
}

static void digits_are_counted_at_every_power_of_ten(void **state)
{
    (void)state;
    dzr_error err;
    for (int32_t n = 1; n <= DZR_DECIMAL_DIGITS; n++)
        for (int negative = 0; negative <= 1; negative++) {
            char text[DZR_DECIMAL_TEXT] = "-";
            dzr_decimal nines, power;
            memset(text + negative, '9', (size_t)n);
            assert_ok(dzr_decimal_parse(text, (size_t)(n + negative), DZR_DECIMAL_DIGITS, 0, &nines, &err));
            memset(text + negative, '0', (size_t)n);
            text[negative] = '1';
            assert_ok(dzr_decimal_parse(text, (size_t)(n + negative), DZR_DECIMAL_DIGITS, 0, &power, &err));
            assert_true(dzr_decimal_fits(nines, n));
            assert_false(dzr_decimal_fits(nines, n - 1));
            assert_false(dzr_decimal_fits(power, n - 1));
            assert_int_equal(dzr_decimal_compare(power, nines), negative ? 1 : -1);
            assert_int_equal(dzr_decimal_compare(nines, nines), 0);
        }
    const dzr_decimal least = {{0, 0, 0, UINT64_C(1) << 63}};
    assert_false(dzr_decimal_fits(least, DZR_DECIMAL_DIGITS));
    assert_true(dzr_decimal_compare(least, dzr_decimal_from_int(INT64_MIN)) < 0);
    assert_true(dzr_decimal_compare(dzr_decimal_from_int(-1), dzr_decimal_from_int(0)) < 0);
}

static void bytes_are_loaded_with_their_sign(void **state)
{
    (void)state;
    const dzr_decimal minus_two = dzr_decimal_from_int(-2);
    const dzr_decimal back = dzr_decimal_load(minus_two.word, 16);
    assert_int_equal(dzr_decimal_compare(back, minus_two), 0);
    assert_int_equal(dzr_decimal_compare(dzr_decimal_load(minus_two.word, 32), minus_two), 0);
}

/* ---- binary16 ---- */

static void every_half_goes_to_a_double_and_back(void **state)
{
    (void)state;
    for (uint32_t half = 0; half <= UINT16_MAX; half++) {
        const double value = dzr_half_to_double((uint16_t)half);
        const uint16_t back = dzr_half_from_double(value);
        if (isnan(value))
            assert_int_equal(back, half | 0x200); /* a quiet one, its bits kept */
        else
            assert_int_equal(back, half);
    }
    assert_true(dzr_half_to_double(0x3c00) == 1 && dzr_half_to_double(0xc000) == -2);
    assert_true(dzr_half_to_double(0x7bff) == 65504 && dzr_half_to_double(0x0001) == 0x1p-24);
    assert_true(isinf(dzr_half_to_double(0x7c00)) && signbit(dzr_half_to_double(0x8000)));
}

/* Between any two neighbours: below the middle the lower, above it the upper, on it the even one. */
static void doubles_round_to_the_nearest_half(void **state)
{
    (void)state;
    for (uint32_t half = 0; half < 0x7bff; half++) {
        const double low = dzr_half_to_double((uint16_t)half), high = dzr_half_to_double((uint16_t)(half + 1));
        const double middle = low + (high - low) / 2;
        assert_int_equal(dzr_half_from_double(nextafter(middle, low)), half);
        assert_int_equal(dzr_half_from_double(nextafter(middle, high)), half + 1);
        assert_int_equal(dzr_half_from_double(middle), half + half % 2);
        assert_int_equal(dzr_half_from_double(-middle), (half + half % 2) | 0x8000);
    }
    assert_int_equal(dzr_half_from_double(nextafter(65520, 0)), 0x7bff);
    assert_int_equal(dzr_half_from_double(65520), 0x7c00);
    assert_int_equal(dzr_half_from_double(-1e300), 0xfc00);
    assert_int_equal(dzr_half_from_double(5e-324), 0);
}

/* ---- UUID ---- */

static void uuids_are_text_in_one_form(void **state)
{
    (void)state;
    uint8_t uuid[DZR_UUID_BYTES], back[DZR_UUID_BYTES];
    char text[DZR_UUID_TEXT];
    for (int i = 0; i < DZR_UUID_BYTES; i++)
        uuid[i] = (uint8_t)(i * 17);
    dzr_uuid_print(uuid, text);
    assert_string_equal(text, "00112233-4455-6677-8899-aabbccddeeff");
    assert_true(dzr_uuid_parse("00112233-4455-6677-8899-AABBccddeeff", 36, back));
    assert_memory_equal(back, uuid, sizeof uuid);
    static const char *const bad[] = {"", "00112233445566778899aabbccddeeff", "00112233-4455-6677-8899-aabbccddeef",
            "00112233-4455-6677-8899-aabbccddeefg", "00112233-4455-6677-88990aabbccddeeff",
            "{0112233-4455-6677-8899-aabbccddeef}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(dzr_uuid_parse(bad[i], strlen(bad[i]), back));
    assert_memory_equal(back, uuid, sizeof uuid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(text_becomes_the_exact_number_or_an_error),
            cmocka_unit_test(digits_are_counted_at_every_power_of_ten),
            cmocka_unit_test(bytes_are_loaded_with_their_sign),
            cmocka_unit_test(every_half_goes_to_a_double_and_back),
            cmocka_unit_test(doubles_round_to_the_nearest_half),
            cmocka_unit_test(uuids_are_text_in_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
