/* userator/db_status.c - what SQLite's result codes are to those who asked: a status, the HTTP status for it, the
 * words. Called by the other db files, and by routes.c for its answers. */
#include "db_internal.h"

#include <errno.h>
#include <string.h>

/* SQLite calls a failed write "full" only for ENOSPC; a quota and a limit on file sizes are the same to our callers. */
static bool is_out_of_space(int system_errno)
{
    return system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG;
}

/* What the system last said about the log, where COMMIT writes, or else to the connection (SQLite does not pass on the
 * errno of a COMMIT that fails). 0: nothing. */
static int system_errno_of(sqlite3 *connection)
{
    sqlite3_file *log = NULL;
    int system_errno = 0;
    if (connection == NULL)
        return 0;
    sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log != NULL && log->pMethods != NULL)
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &system_errno);
    return system_errno != 0 ? system_errno : sqlite3_system_errno(connection);
}

dzr_status db__status_of(sqlite3 *connection, int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return DZR_OK;
    case SQLITE_FULL:
        return DZR_ERR_LIMIT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return DZR_ERR_TIMEOUT;
    case SQLITE_NOMEM:
        return DZR_ERR_NOMEM;
    case SQLITE_IOERR:
        if (code == SQLITE_IOERR_NOMEM)
            return DZR_ERR_NOMEM;
        return is_out_of_space(system_errno_of(connection)) ? DZR_ERR_LIMIT : DZR_ERR_IO;
    default:
        return DZR_ERR_IO;
    }
}

dzr_status db__fail(const user_db *db, sqlite3 *connection, int code, const char *what, dzr_error *err)
{
    const dzr_status status = db__status_of(connection, code);
    const int system_errno = system_errno_of(connection);
    const bool is_io = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
    if (status == DZR_ERR_TIMEOUT)
        return dzr_fail(err, status, "%s: %s: another process holds the database locked", db->name, what);
    if (is_io && system_errno != 0)
        return dzr_fail(err, status, "%s: %s: %s (%s)", db->name, what, sqlite3_errstr(code), strerror(system_errno));
    /* The connection's message says more (which table, which constraint) where it is about this code. */
    const bool has_words = connection != NULL && sqlite3_extended_errcode(connection) == code;
    return dzr_fail(
            err, status, "%s: %s: %s", db->name, what, has_words ? sqlite3_errmsg(connection) : sqlite3_errstr(code));
}

int user_db_http_status(dzr_status status)
{
    switch (status) {
    case DZR_OK:
        return 201;
    case DZR_ERR_NOT_FOUND:
        return 404;
    case DZR_ERR_EXISTS:
        return 409;
    case DZR_ERR_LIMIT:
        return 507;
    default:
        return 503;
    }
}

const char *user_db_detail(dzr_status status)
{
    switch (status) {
    case DZR_ERR_LIMIT:
        return "The disk is full";
    case DZR_ERR_TIMEOUT:
        return "The database is busy";
    case DZR_ERR_NOMEM:
        return "Out of memory";
    default:
        return "The database is not available";
    }
}
