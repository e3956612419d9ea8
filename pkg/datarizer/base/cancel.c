/* base/cancel.c - the flag behind datarizer/cancel.h: an atomic for those who work, an eventfd for those who wait. */
#include "base/internal.h"
#include <datarizer/cancel.h>

#include <errno.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct dzr_cancel {
    const dzr_allocator *alloc;
    int fd;
    atomic_bool set; /* lock-free on every Linux we build for, so a signal handler may store to it */
};

dzr_status dzr_cancel_new(const dzr_allocator *alloc, dzr_cancel **out, dzr_error *err)
{
    dzr_cancel *const cancel = dzr_alloc_zeroed(alloc, 1, sizeof *cancel, err);
    if (cancel == NULL)
        return DZR_ERR_NOMEM;
    cancel->alloc = alloc;
    atomic_init(&cancel->set, false);
    cancel->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (cancel->fd < 0) {
        const dzr_status st = dzr_fail(err, DZR_ERR_IO, "no event descriptor: %s", strerror(errno));
        dzr_release(alloc, cancel);
        return st;
    }
    *out = cancel;
    return DZR_OK;
}

void dzr_cancel_free(dzr_cancel *cancel)
{
    if (cancel == NULL)
        return;
    close(cancel->fd);
    dzr_release(cancel->alloc, cancel);
}

void dzr_cancel_set(dzr_cancel *cancel)
{
    const int saved_errno = errno;
    atomic_store(&cancel->set, true);
    const uint64_t one = 1;
    const ssize_t ignored = write(cancel->fd, &one, sizeof one); /* can only fail when it is readable already */
    (void)ignored;
    errno = saved_errno;
}

bool dzr_cancel_is_set(const dzr_cancel *cancel)
{
    return cancel != NULL && atomic_load_explicit(&cancel->set, memory_order_relaxed);
}

int dzr_cancel_fd(const dzr_cancel *cancel)
{
    return cancel->fd;
}
