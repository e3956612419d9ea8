/* cmd/datarizer/signals.c - see signals.h. Called by convert, merge and split. */
#include "cmd/datarizer/signals.h"

#include <signal.h>

static dzr_cancel *cancel;
static volatile sig_atomic_t signal_number;

static void on_signal(int number)
{
    signal_number = number;
    dzr_cancel_set(cancel);
}

dzr_status signals_cancel(const dzr_cancel **out, dzr_error *err)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    const dzr_status st = dzr_cancel_new(NULL, &cancel, err);
    if (st != DZR_OK)
        return st;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction before;
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) /* nohup */
            (void)sigaction(numbers[i], &action, NULL);
    }
    *out = cancel;
    return DZR_OK;
}

int signals_complain(const dzr_error *err)
{
    if (err->status == DZR_ERR_CANCELLED && signal_number != 0)
        return 128 + (int)signal_number;
    return complain(err);
}
