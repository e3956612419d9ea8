/* cmd/datarizer/treemap.c - areas as rectangles, by the squarified method: rows along the shorter side of what is left,
 * each taking areas as long as its worst rectangle becomes less narrow by it. Called by report_sizes.c.
 * Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000). */
#include "cmd/datarizer/treemap.h"

#include <stdbool.h>

/* The ratio of the sides of the narrowest rectangle in a row of `sum` from `most` to `least`, along `side`. */
static double worst(double sum, double most, double least, double side)
{
    const double a = side * side * most / (sum * sum), b = sum * sum / (side * side * least);
    return a > b ? a : b;
}

/* A row of n rectangles along the shorter side of what is left, which is less by it then. */
static void lay_row(const uint64_t *areas, int32_t n, double sum, double scale, treemap_rect *left, treemap_rect *rects)
{
    const bool across = left->width >= left->height; /* the row stands upright at the left */
    const double side = across ? left->height : left->width, depth = sum * scale / side;
    double at = across ? left->y : left->x;
    for (int32_t i = 0; i < n; i++) {
        const double length = (double)areas[i] * scale / depth;
        rects[i] = across ? (treemap_rect){left->x, at, depth, length} : (treemap_rect){at, left->y, length, depth};
        at += length;
    }
    if (across) {
        left->x += depth;
        left->width -= depth;
    } else {
        left->y += depth;
        left->height -= depth;
    }
}

void treemap_lay(const uint64_t *areas, int32_t n, double width, double height, treemap_rect *rects)
{
    treemap_rect left = {0, 0, width, height};
    double total = 0;
    for (int32_t i = 0; i < n; i++)
        total += (double)areas[i];
    const double scale = width * height / total;
    for (int32_t first = 0, end = 0; first < n; first = end) {
        const double side = left.width < left.height ? left.width : left.height;
        double sum = (double)areas[first];
        for (end = first + 1; end < n; end++) {
            const double more = sum + (double)areas[end], most = (double)areas[first];
            if (worst(more * scale, most * scale, (double)areas[end] * scale, side) >
                    worst(sum * scale, most * scale, (double)areas[end - 1] * scale, side))
                break;
            sum = more;
        }
        lay_row(areas + first, end - first, sum, scale, &left, rects + first);
    }
}
