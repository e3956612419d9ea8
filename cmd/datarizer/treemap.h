/* cmd/datarizer/treemap.h - areas as rectangles that are nearly square and fill one: where sizes are seen at a glance.
 */
#ifndef CMD_DATARIZER_TREEMAP_H
#define CMD_DATARIZER_TREEMAP_H

#include <stdint.h>

typedef struct treemap_rect {
    double x, y, width, height;
} treemap_rect;

/* Lays n areas, the greatest first and none of them 0, into a rectangle from (0, 0); rects[i] is that of areas[i], in
 * proportion. */
void treemap_lay(const uint64_t *areas, int32_t n, double width, double height, treemap_rect *rects);

#endif
