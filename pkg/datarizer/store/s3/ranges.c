/* store/s3/ranges.c - which requests bring the ranges that are asked for: neighbours joined, long ones cut; and how
 * what comes gets to its places. Pure functions, called by source.c and http_source.c. */
#include "store/s3/s3.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

static int by_offset(const void *a, const void *b)
{
    const dzr_source_range *const x = a, *const y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

void dzr__s3_sort_ranges(dzr_source_range *ranges, size_t n)
{
    qsort(ranges, n, sizeof *ranges, by_offset);
}

/* The ranges from `next` on that are near enough to each other, in pieces of like size. */
static void join(dzr__s3_plan *plan)
{
    const dzr_source_range *const first = &plan->sorted[plan->next];
    plan->first = plan->next++;
    plan->at = first->offset;
    plan->end = first->offset + first->n_bytes;
    for (; plan->next < plan->n; plan->next++) {
        const dzr_source_range *const next = &plan->sorted[plan->next];
        if (next->offset > plan->end && next->offset - plan->end > DZR__S3_GAP)
            break;
        plan->end = DZR_MAX(plan->end, next->offset + next->n_bytes);
    }
    const uint64_t n_bytes = plan->end - plan->at;
    const uint64_t n_pieces = (n_bytes - 1) / DZR__S3_PIECE + 1;
    plan->step = (size_t)((n_bytes - 1) / n_pieces + 1);
}

bool dzr__s3_plan_next(dzr__s3_plan *plan, dzr__s3_piece *piece)
{
    if (plan->at == plan->end) {
        if (plan->next == plan->n)
            return false;
        join(plan);
    }
    *piece = (dzr__s3_piece){.offset = plan->at,
            .n_bytes = (size_t)DZR_MIN((uint64_t)plan->step, plan->end - plan->at),
            .first = plan->first,
            .end = plan->next};
    plan->at += piece->n_bytes;
    return true;
}

void dzr__s3_scatter(
        const dzr_source_range *sorted, const dzr__s3_piece *piece, uint64_t offset, const uint8_t *bytes, size_t n)
{
    for (size_t i = piece->first; i < piece->end && sorted[i].offset < offset + n; i++) {
        const uint64_t from = DZR_MAX(sorted[i].offset, offset);
        const uint64_t to = DZR_MIN(sorted[i].offset + sorted[i].n_bytes, offset + n);
        if (from < to)
            memcpy((uint8_t *)sorted[i].out + (from - sorted[i].offset), bytes + (from - offset), (size_t)(to - from));
    }
}

/* Digits up to `end`, which *text then stands behind. */
static bool read_number(const char **text, char end, uint64_t *out)
{
    char *behind = NULL;
    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *out = strtoull(*text, &behind, 10);
    const bool ok = errno == 0 && *behind == end;
    *text = behind + (*behind != '\0');
    return ok;
}

bool dzr__content_range(const char *text, uint64_t *first, uint64_t *last, uint64_t *n_bytes)
{
    if (strncasecmp(text, "bytes ", 6) != 0)
        return false;
    text += 6;
    return read_number(&text, '-', first) && read_number(&text, '/', last) && read_number(&text, '\0', n_bytes) &&
           *first <= *last && *last < *n_bytes && *n_bytes <= INT64_MAX;
}
