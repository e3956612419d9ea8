/* tests/cmd/test_treemap.c - areas laid out: in proportion, within the whole, none over another, and nearly square. */
#include "support.h"

#include "cmd/datarizer/treemap.h"

#include <math.h>

static void check(const uint64_t *areas, int32_t n, double width, double height, double most_narrow)
{
    treemap_rect rects[80];
    double total = 0, off = 1e-6 * width * height;
    for (int32_t i = 0; i < n; i++)
        total += (double)areas[i];
    treemap_lay(areas, n, width, height, rects);
    for (int32_t i = 0; i < n; i++) {
        const treemap_rect *const a = &rects[i];
        assert_true(fabs(a->width * a->height - (double)areas[i] / total * width * height) < off);
        assert_true(
                a->x >= -1e-6 && a->y >= -1e-6 && a->x + a->width <= width + 1e-6 && a->y + a->height <= height + 1e-6);
        assert_true(fmax(a->width / a->height, a->height / a->width) <= most_narrow);
        for (int32_t k = 0; k < i; k++) {
            const treemap_rect *const b = &rects[k];
            const double across = fmin(a->x + a->width, b->x + b->width) - fmax(a->x, b->x);
            const double down = fmin(a->y + a->height, b->y + b->height) - fmax(a->y, b->y);
            assert_true(across < 1e-6 || down < 1e-6);
        }
    }
}

static void the_papers_example_is_nearly_square(void **state)
{
    (void)state;
    const uint64_t areas[] = {6, 6, 4, 3, 2, 2, 1};
    check(areas, 7, 6, 4, 2.8);
}

static void one_area_is_all(void **state)
{
    (void)state;
    const uint64_t area = UINT64_MAX;
    check(&area, 1, 100, 50, 2.1);
}

static void many_and_very_different_areas_keep_their_proportion(void **state)
{
    (void)state;
    uint64_t areas[80];
    for (int i = 0; i < 80; i++)
        areas[i] = (uint64_t)1 << (62 - i / 5);
    check(areas, 80, 1120, 420, 4);
    for (int i = 0; i < 80; i++)
        areas[i] = 5;
    check(areas, 80, 1120, 420, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_papers_example_is_nearly_square),
            cmocka_unit_test(one_area_is_all),
            cmocka_unit_test(many_and_very_different_areas_keep_their_proportion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
