/* cmd/api/v1/db.h - the users of the v1 API in their SQLite file: one table, no rule but the id. Called by main.c,
 * which opens it, and routes.c. Each event loop has a connection of its own; inserts take turns within the process, so
 * that only other processes make one wait. */
#ifndef API_V1_DB_H
#define API_V1_DB_H

#include <datarizer/io.h>

typedef struct v1_db v1_db;
typedef struct v1_connection v1_connection; /* one thread at a time */

typedef struct v1_user {
    int64_t id;
    dzr_bytes name, email; /* zero bytes may be among them */
    int64_t age;
} v1_user;

/* Opens or makes the file and its table. Errors: DZR_ERR_ARG, DZR_ERR_IO (also for a table without the columns),
 * DZR_ERR_TIMEOUT (another process keeps it locked for a second), DZR_ERR_NOMEM; the message begins with the path. */
DZR_MUST_CHECK dzr_status v1_db_open(const char *path, v1_db **out, dzr_error *err);
void v1_db_close(v1_db *db); /* after its connections; NULL is allowed */

/* Errors: as opening. */
DZR_MUST_CHECK dzr_status v1_db_connect(v1_db *db, v1_connection **out, dzr_error *err);
void v1_db_disconnect(v1_connection *connection); /* NULL is allowed */

/* On disk when it returns DZR_OK; user->id is not looked at. Errors: as opening. */
DZR_MUST_CHECK dzr_status v1_db_insert(v1_connection *connection, const v1_user *user, int64_t *id, dzr_error *err);

/* user is good during the call; what it returns, if not DZR_OK, ends the reading and is its answer. */
typedef dzr_status (*v1_visit)(void *ctx, const v1_user *user, dzr_error *err);
/* DZR_ERR_NOT_FOUND when there is none of this id. */
DZR_MUST_CHECK dzr_status v1_db_find(v1_connection *connection, int64_t id, v1_visit visit, void *ctx, dzr_error *err);
/* All, by id. */
DZR_MUST_CHECK dzr_status v1_db_list(v1_connection *connection, v1_visit visit, void *ctx, dzr_error *err);

#endif
