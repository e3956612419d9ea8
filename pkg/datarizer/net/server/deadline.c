/* net/server/deadline.c - who has to be finished by when. All deadlines of a kind are equally long, so appending keeps
 * each ring in order and the first of it is the next that is due: setting and removing cost a few stores, and one timer
 * a loop looks at five rings' first links. It is never moved later: when it fires early it only finds the new time.
 * Called by connection.c and loop.c. The clock is the loop's: monotonic, so a stepped wall clock ends nothing. */
#include "net/server/internal.h"

void dzr__http_deadlines_init(dzr__http_loop *loop)
{
    const dzr_http_server_options *const options = &loop->server->options;
    const int64_t after_ms[DZR__N_DEADLINES] = {
            [DZR__DEADLINE_HEADER] = options->header_timeout_ms,
            [DZR__DEADLINE_BODY] = options->body_timeout_ms,
            [DZR__DEADLINE_IDLE] = options->idle_timeout_ms,
            [DZR__DEADLINE_WRITE] = options->write_timeout_ms,
            [DZR__DEADLINE_LINGER] = 1000,
    };
    memcpy(loop->deadline_after_ms, after_ms, sizeof after_ms);
    for (int kind = 0; kind < DZR__N_DEADLINES; kind++)
        dzr__link_init(&loop->deadlines[kind]);
    loop->timer_due_ms = INT64_MAX;
}

static void on_timer(uv_timer_t *timer)
{
    dzr__http_loop *const loop = timer->data;
    loop->timer_due_ms = INT64_MAX;
    dzr__http_loop_tick(loop);
}

void dzr__http_timer_by(dzr__http_loop *loop, int64_t at_ms)
{
    if (at_ms >= loop->timer_due_ms || loop->ended)
        return;
    const int64_t now_ms = (int64_t)uv_now(&loop->uv);
    loop->timer_due_ms = at_ms;
    (void)uv_timer_start(
            &loop->timer, on_timer, (uint64_t)DZR_MAX(at_ms - now_ms, 0), 0); /* fails only without callback */
}

void dzr__http_deadline_set(dzr__http_connection *connection, dzr__http_deadline kind, bool again)
{
    if (!again && kind == connection->deadline_kind && connection->n_requests == connection->deadline_request)
        return;
    dzr__http_loop *const loop = connection->loop;
    dzr__link_remove(&connection->deadline);
    connection->deadline_kind = kind;
    connection->deadline_request = connection->n_requests;
    if (kind == DZR__DEADLINE_NONE)
        return;
    connection->deadline_ms = (int64_t)uv_now(&loop->uv) + loop->deadline_after_ms[kind];
    dzr__link_append(&loop->deadlines[kind], &connection->deadline);
    dzr__http_timer_by(loop, connection->deadline_ms);
}

int64_t dzr__http_deadlines_expire(dzr__http_loop *loop)
{
    const int64_t now_ms = (int64_t)uv_now(&loop->uv);
    int64_t next_ms = INT64_MAX;
    for (int kind = 0; kind < DZR__N_DEADLINES; kind++) {
        dzr__link *const ring = &loop->deadlines[kind];
        while (!dzr__link_alone(ring)) {
            dzr__http_connection *const first = DZR__LINKED(ring->next, dzr__http_connection, deadline);
            if (first->deadline_ms > now_ms) {
                next_ms = DZR_MIN(next_ms, first->deadline_ms);
                break;
            }
            dzr__http_connection_expired(first); /* closes it or gives it another deadline, later than now */
        }
    }
    return next_ms;
}
