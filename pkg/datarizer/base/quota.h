/* base/quota.h - an allocator with a ceiling: what is taken through it is counted, block by block, and never passes the
 * limit. A read or a write with a memory budget takes all its memory through one. Blocks keep it alive: a batch may
 * outlive the reader that made it. */
#ifndef DZR_BASE_QUOTA_H
#define DZR_BASE_QUOTA_H

#include "base/internal.h"

typedef struct dzr_quota dzr_quota;

/* limit counts what the blocks take of `real`, and the quota itself. Any number of threads may take memory.
 * Errors: DZR_ERR_LIMIT (not even itself has room), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__quota_new(size_t limit, const dzr_allocator *real, dzr_quota **out, dzr_error *err);
/* What takes memory through it; lives as long as the quota and its blocks. */
const dzr_allocator *dzr__quota_allocator(const dzr_quota *quota);
/* No more blocks are asked for; those there are stay good. NULL is allowed. */
void dzr__quota_close(dzr_quota *quota);
/* Bytes taken, and how many more there could be. */
size_t dzr__quota_taken(const dzr_quota *quota);
size_t dzr__quota_left(const dzr_quota *quota);
/* A failure of what takes its memory through the quota, for the caller to see: DZR_ERR_NOMEM becomes DZR_ERR_LIMIT,
 * with `advice` (what else would help besides raising the budget) in the message, when the quota refused a block since
 * the last call. Else st is as it was. quota may be NULL. */
dzr_status dzr__quota_status(dzr_quota *quota, dzr_status st, const char *advice, dzr_error *err);

#endif
