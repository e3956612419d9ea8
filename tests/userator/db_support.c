/* tests/userator/db_support.c - see db_support.h. */
#include "db_support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64], path[96];
static char notice_line[DZR_ERROR_BYTES + 100];

int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/dzr-db-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/users.db", folder);
    notice_line[0] = '\0';
    return 0;
}

int remove_folder(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
    return rmdir(folder);
}

const char *db_path(void)
{
    return path;
}

static void keep_notice(void *ctx, const char *line)
{
    (void)ctx;
    snprintf(notice_line, sizeof notice_line, "%s", line);
}

const char *last_notice(void)
{
    return notice_line;
}

user_db *open_db(int64_t wait_ms, size_t max_queued)
{
    user_db *db = NULL;
    dzr_error err;
    const user_db_options options = {
            .path = path, .wait_ms = wait_ms, .max_queued = max_queued, .on_notice = keep_notice};
    assert_ok(user_db_open(&options, &db, &err));
    return db;
}

dzr_bytes bytes_of(const char *text)
{
    return (dzr_bytes){(const uint8_t *)text, strlen(text)};
}

static void count_done(user_insert *insert)
{
    insert_gate *gate = insert->ctx;
    pthread_mutex_lock(&gate->mutex);
    gate->n_done++;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->mutex);
}

void gate_wait(insert_gate *gate, size_t n_done)
{
    pthread_mutex_lock(&gate->mutex);
    while (gate->n_done < n_done)
        pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

user_insert insert_of(insert_gate *gate, const char *name, const char *email)
{
    return (user_insert){
            .name = bytes_of(name), .email = bytes_of(email), .has_age = true, .done = count_done, .ctx = gate};
}

dzr_status insert_now(user_db *db, const char *name, const char *email, int64_t *id)
{
    insert_gate gate = GATE_INIT;
    user_insert insert = insert_of(&gate, name, email);
    const dzr_status status = user_db_insert(db, &insert);
    if (status != DZR_OK)
        return status;
    gate_wait(&gate, 1);
    if (id != NULL)
        *id = insert.id;
    return insert.status;
}

sqlite3 *other_open(const char *at)
{
    sqlite3 *other = NULL;
    if (sqlite3_open(at, &other) != SQLITE_OK)
        fail_msg("%s: %s", at, sqlite3_errmsg(other));
    sqlite3_busy_timeout(other, 5000);
    return other;
}

void other_run(sqlite3 *other, const char *sql)
{
    if (sqlite3_exec(other, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(other));
}

const char *other_ask(sqlite3 *other, const char *sql)
{
    static char answer[1024];
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(other, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(other));
    answer[0] = '\0';
    if (sqlite3_step(statement) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        snprintf(answer, sizeof answer, "%s", text != NULL ? text : "NULL");
    }
    sqlite3_finalize(statement);
    return answer;
}

static char rows[4096];

static dzr_status add_row(void *ctx, const user_row *row)
{
    (void)ctx;
    char age[32] = "null";
    if (row->has_age)
        snprintf(age, sizeof age, "%" PRId64, row->age);
    const size_t len = strlen(rows);
    snprintf(rows + len, sizeof rows - len, "%s%" PRId64 " %.*s %.*s %s", len > 0 ? "; " : "", row->id,
            (int)row->name.len, (const char *)row->name.at, (int)row->email.len, (const char *)row->email.at, age);
    return DZR_OK;
}

const char *read_list(user_reader *reader, int64_t skip, int64_t limit)
{
    dzr_error err;
    rows[0] = '\0';
    assert_ok(user_reader_list(reader, skip, limit, add_row, NULL, &err));
    return rows;
}

const char *read_one(user_reader *reader, int64_t id)
{
    dzr_error err;
    rows[0] = '\0';
    assert_ok(user_reader_get(reader, id, add_row, NULL, &err));
    return rows;
}
