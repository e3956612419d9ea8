/* The storage alone: the table, reading, group commit, locks. Faults of the disk and of memory: test_db_faults.c. */
#include "db_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

static user_reader *open_reader(user_db *db)
{
    user_reader *reader = NULL;
    dzr_error err;
    assert_ok(user_reader_open(db, &reader, &err));
    return reader;
}

/* ---- the file ---- */

static void a_new_file_has_the_originals_table_in_wal_mode(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    sqlite3 *other = other_open(db_path());
    assert_string_equal(other_ask(other, "SELECT sql FROM sqlite_schema WHERE name = 'users'"), ORIGINAL_TABLE);
    assert_string_equal(other_ask(other, "PRAGMA journal_mode"), "wal");
    sqlite3_close(other);
    user_db_close(db);
    char log[128];
    snprintf(log, sizeof log, "%s-wal", db_path());
    assert_int_equal(access(log, F_OK), -1); /* closing leaves one whole file */
}

static void a_file_of_the_original_opens_with_its_rows(void **state)
{
    (void)state;
    sqlite3 *other = other_open(db_path());
    other_run(other, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    other_run(other, ORIGINAL_TABLE);
    other_run(other, "INSERT INTO users (name, email, age) VALUES ('Alice', 'alice@example.com', 28)");
    other_run(other, "INSERT INTO users (name, email, age) VALUES ('Carol', 'carol@example.com', NULL)");
    other_run(other, "INSERT INTO users (name, email) VALUES ('', 'e@example.com')");
    other_run(other, "DELETE FROM users WHERE id = 3"); /* its id must not come back */
    sqlite3_close(other);

    user_db *db = open_db(0, 0);
    user_reader *reader = open_reader(db);
    int64_t id = 0;
    assert_int_equal(insert_now(db, "Dan", "dan@example.com", &id), DZR_OK);
    assert_int_equal(id, 4);
    assert_string_equal(read_list(reader, 0, 100),
            "1 Alice alice@example.com 28; 2 Carol carol@example.com null; 4 Dan dan@example.com 0");
    user_reader_close(reader);
    user_db_close(db);
}

static const struct {
    const char *proves, *sql, *part;
} shapes[] = {
        {"the table of the v1 API",
                "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, email TEXT, "
                "age INTEGER DEFAULT 0)",
                "column 2 is \"name TEXT\", wanted \"name TEXT NOT NULL\""},
        {"emails that may repeat",
                "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, "
                "email TEXT NOT NULL, age INTEGER DEFAULT 0)",
                "email is not UNIQUE"},
        {"ids that may come back",
                "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, "
                "email TEXT UNIQUE NOT NULL, age INTEGER DEFAULT 0)",
                "id is not AUTOINCREMENT"},
        {"a column more",
                "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, "
                "email TEXT UNIQUE NOT NULL, age INTEGER DEFAULT 0, phone TEXT)",
                "column \"phone\" is one too many"},
        {"a column less",
                "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, "
                "email TEXT UNIQUE NOT NULL)",
                "columns are missing"},
        {"a view", "CREATE VIEW users AS SELECT 1 AS id, 'a' AS name, 'b' AS email, 2 AS age",
                "column 1 is \"id \", wanted \"id INTEGER PRIMARY KEY\""},
};

static void a_table_of_another_shape_is_refused_with_what_differs(void **state)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        sqlite3 *other = other_open(db_path());
        other_run(other, shapes[i].sql);
        sqlite3_close(other);
        user_db *db = NULL;
        dzr_error err;
        const user_db_options options = {.path = db_path()};
        assert_fails(user_db_open(&options, &db, &err), DZR_ERR_TYPE, shapes[i].part);
        assert_ptr_equal(strstr(err.message, db_path()), err.message);
        assert_null(db);
        assert_int_equal(remove_folder(state), 0);
        assert_int_equal(make_folder(state), 0);
    }
}

static void what_is_no_database_is_refused(void **state)
{
    (void)state;
    user_db *db = NULL;
    dzr_error err;
    assert_fails(user_db_open(&(user_db_options){.path = ""}, &db, &err), DZR_ERR_ARG, "needs a path");
    assert_fails(user_db_open(&(user_db_options){.path = "/tmp"}, &db, &err), DZR_ERR_IO,
            "/tmp: opening: unable to open database file");
    assert_fails(user_db_open(&(user_db_options){.path = "/nonexistent/users.db"}, &db, &err), DZR_ERR_IO,
            "/nonexistent/users.db: opening: unable to open database file (No such file or directory)");
    FILE *file = fopen(db_path(), "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is text\n", file);
    fclose(file);
    assert_fails(user_db_open(&(user_db_options){.path = db_path()}, &db, &err), DZR_ERR_IO,
            "opening: file is not a database");
    assert_null(db);
}

static void names_that_sqlite_reads_specially_are_plain_files(void **state)
{
    (void)state;
    static const char *const names[] = {":memory:", "file:users.db?mode=memory"};
    char old[4096], folder[128];
    assert_non_null(getcwd(old, sizeof old));
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(db_path(), '/') - db_path()), db_path());
    assert_int_equal(chdir(folder), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        user_db *db = NULL;
        dzr_error err;
        assert_ok(user_db_open(&(user_db_options){.path = names[i]}, &db, &err));
        assert_int_equal(insert_now(db, "Ann", "ann@example.com", NULL), DZR_OK);
        user_db_close(db);
        assert_int_equal(unlink(names[i]), 0);
    }
    assert_int_equal(chdir(old), 0);
}

/* ---- reading ---- */

static void pages_come_in_the_order_of_ids(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    user_reader *reader = open_reader(db);
    assert_string_equal(read_list(reader, 0, 100), "");
    for (char c = 'a'; c <= 'e'; c++) {
        const char name[] = {c, '\0'}, email[] = {(char)('z' - c + 'a'), '@', 'x', '\0'};
        assert_int_equal(insert_now(db, name, email, NULL), DZR_OK);
    }
    assert_string_equal(read_list(reader, 0, 2), "1 a z@x 0; 2 b y@x 0");
    assert_string_equal(read_list(reader, 2, 2), "3 c x@x 0; 4 d w@x 0");
    assert_string_equal(read_list(reader, 4, 2), "5 e v@x 0");
    assert_string_equal(read_list(reader, 4, INT64_MAX), "5 e v@x 0");
    assert_string_equal(read_list(reader, 5, 2), "");
    assert_string_equal(read_list(reader, INT64_MAX, INT64_MAX), "");
    assert_string_equal(read_list(reader, 0, 0), "");
    assert_string_equal(read_one(reader, 3), "3 c x@x 0");
    user_reader_close(reader);
    user_db_close(db);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Pages in order, as a client that fetches all asks, and at random, while rows come and go: each is what SQLite gives
 * for plain LIMIT and OFFSET at that moment. */
static void pages_are_right_whatever_was_read_and_changed_before(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    user_reader *reader = open_reader(db);
    sqlite3 *other = other_open(db_path());
    other_run(other, "PRAGMA synchronous = OFF; BEGIN");
    for (int i = 0; i < 300; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "INSERT INTO users (name, email, age) VALUES ('n', 'e%d', 0)", i);
        other_run(other, sql);
    }
    other_run(other, "COMMIT; INSERT INTO users (id, name, email, age) VALUES (-5, 'n', 'negative', 0), "
                     "(9223372036854775807, 'n', 'last', 0)");
    uint32_t seed = 1;
    uint32_t in_order = 0;
    for (int round = 0; round < 3000; round++) {
        const uint32_t limit = next_random(&seed) % 3 == 0 ? next_random(&seed) % 20 : 7;
        const uint32_t skip = next_random(&seed) % 2 == 0 ? in_order : next_random(&seed) % 320;
        in_order = skip + limit > 310 ? 0 : skip + limit;
        char sql[300];
        if (next_random(&seed) % 8 == 0) {
            snprintf(sql, sizeof sql, "DELETE FROM users WHERE id = %u", next_random(&seed) % 300);
            other_run(other, sql);
        }
        snprintf(sql, sizeof sql,
                "SELECT coalesce(group_concat(id || ' n ' || email || ' 0', '; '), '') FROM "
                "(SELECT * FROM users ORDER BY id LIMIT %u OFFSET %u)",
                limit, skip);
        assert_string_equal(read_list(reader, skip, limit), other_ask(other, sql));
    }
    sqlite3_close(other);
    user_reader_close(reader);
    user_db_close(db);
}

static dzr_status never(void *ctx, const user_row *row)
{
    (void)ctx, (void)row;
    fail_msg("there is no such row");
    return DZR_OK;
}

static void an_id_that_nobody_has_is_not_found(void **state)
{
    (void)state;
    static const int64_t ids[] = {0, 1, -1, INT64_MAX, INT64_MIN};
    user_db *db = open_db(0, 0);
    user_reader *reader = open_reader(db);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_int_equal(user_reader_get(reader, ids[i], never, NULL, NULL), DZR_ERR_NOT_FOUND);
    user_reader_close(reader);
    user_db_close(db);
}

static dzr_status stop_at_once(void *ctx, const user_row *row)
{
    (void)row;
    ++*(int *)ctx;
    return DZR_ERR_NOMEM;
}

static void a_callback_that_fails_ends_the_reading(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    user_reader *reader = open_reader(db);
    assert_int_equal(insert_now(db, "Ann", "ann@example.com", NULL), DZR_OK);
    assert_int_equal(insert_now(db, "Ben", "ben@example.com", NULL), DZR_OK);
    int n_calls = 0;
    assert_int_equal(user_reader_list(reader, 0, 10, stop_at_once, &n_calls, NULL), DZR_ERR_NOMEM);
    assert_int_equal(user_reader_get(reader, 1, stop_at_once, &n_calls, NULL), DZR_ERR_NOMEM);
    assert_int_equal(n_calls, 2);
    assert_string_equal(read_one(reader, 2), "2 Ben ben@example.com 0"); /* and holds no lock or snapshot */
    user_reader_close(reader);
    user_db_close(db);
}

static dzr_status keep_name(void *ctx, const user_row *row)
{
    uint8_t *name = ctx;
    assert_int_equal(row->name.len, 5);
    memcpy(name, row->name.at, 5);
    return DZR_OK;
}

static void nul_bytes_in_names_are_kept(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    user_reader *reader = open_reader(db);
    insert_gate gate = GATE_INIT;
    user_insert insert = insert_of(&gate, "", "ann@example.com");
    insert.name = (dzr_bytes){(const uint8_t *)"\0An\0n", 5};
    insert.has_age = false;
    dzr_error err;
    assert_ok(user_db_insert(db, &insert));
    gate_wait(&gate, 1);
    assert_int_equal(insert.status, DZR_OK);
    uint8_t name[5] = {1, 1, 1, 1, 1};
    assert_ok(user_reader_get(reader, 1, keep_name, name, &err));
    assert_memory_equal(name, "\0An\0n", 5);
    user_reader_close(reader);
    user_db_close(db);
}

static void what_another_process_does_is_seen_by_the_next_call(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    user_reader *reader = open_reader(db);
    sqlite3 *other = other_open(db_path());
    assert_string_equal(read_list(reader, 0, 9), "");
    other_run(other, "INSERT INTO users (name, email, age) VALUES ('Ann', 'ann@example.com', 1), ('Ben', 'b@x', 2)");
    assert_string_equal(read_list(reader, 1, 9), "2 Ben b@x 2");
    assert_string_equal(read_one(reader, 1), "1 Ann ann@example.com 1");
    other_run(other, "DELETE FROM users WHERE id = 1");
    assert_int_equal(user_reader_get(reader, 1, never, NULL, NULL), DZR_ERR_NOT_FOUND);
    assert_string_equal(read_list(reader, 1, 9), "");
    other_run(other, "UPDATE users SET age = 'text', name = x'ff'");
    assert_string_equal(
            read_list(reader, 0, 9), "2 \xff b@x 0"); /* bytes as they are; an age that is none reads as 0 */
    int64_t id = 0;
    assert_int_equal(insert_now(db, "Cy", "cy@example.com", &id), DZR_OK);
    assert_int_equal(id, 3);
    assert_string_equal(other_ask(other, "SELECT email FROM users WHERE id = 3"), "cy@example.com");
    sqlite3_close(other);
    user_reader_close(reader);
    user_db_close(db);
}

/* ---- inserting ---- */

static void a_conflict_touches_no_other_and_uses_up_no_id(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    sqlite3 *other = other_open(db_path());
    assert_int_equal(insert_now(db, "Ann", "ann@example.com", NULL), DZR_OK);
    /* While the file is locked four inserts gather; then they are one transaction, two of them conflicts. */
    other_run(other, "BEGIN IMMEDIATE");
    insert_gate gate = GATE_INIT;
    user_insert inserts[] = {insert_of(&gate, "Ben", "ben@example.com"), insert_of(&gate, "Ann", "ann@example.com"),
            insert_of(&gate, "Cy", "cy@example.com"), insert_of(&gate, "Ben again", "ben@example.com"),
            insert_of(&gate, "Dan", "dan@example.com")};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(user_db_insert(db, &inserts[i]), DZR_OK);
    usleep(50000);
    other_run(other, "COMMIT");
    gate_wait(&gate, 5);
    static const struct {
        dzr_status status;
        int64_t id;
    } want[] = {{DZR_OK, 2}, {DZR_ERR_EXISTS, 0}, {DZR_OK, 3}, {DZR_ERR_EXISTS, 0}, {DZR_OK, 4}};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(inserts[i].status, want[i].status);
        assert_int_equal(inserts[i].id, want[i].id);
    }
    assert_string_equal(other_ask(other, "SELECT count(*) FROM users"), "4");
    assert_string_equal(other_ask(other, "SELECT seq FROM sqlite_sequence WHERE name = 'users'"), "4");
    int64_t id = 0;
    assert_int_equal(insert_now(db, "Ann", "ann@example.com", NULL), DZR_ERR_EXISTS);
    assert_int_equal(insert_now(db, "Eve", "eve@example.com", &id), DZR_OK);
    assert_int_equal(id, 5);
    user_db_stats stats;
    user_db_stats_read(db, &stats);
    assert_int_equal(stats.n_inserted, 5);
    assert_int_equal(stats.n_conflicts, 3);
    assert_int_equal(stats.n_failed, 0);
    sqlite3_close(other);
    user_db_close(db);
}

enum { N_THREADS = 8, N_EACH = 500 };

typedef struct crowd_thread {
    user_db *db;
    int index;
    int64_t ids[N_EACH];
    int n_conflicts;
} crowd_thread;

/* Each thread keeps 25 inserts on their way; every tenth email is one that all threads want. */
static void *insert_many(void *ctx)
{
    crowd_thread *crowd = ctx;
    enum { AT_ONCE = 25 };
    for (int round = 0; round < N_EACH / AT_ONCE; round++) {
        insert_gate gate = GATE_INIT;
        user_insert inserts[AT_ONCE];
        char emails[AT_ONCE][40];
        for (int i = 0; i < AT_ONCE; i++) {
            const int n = round * AT_ONCE + i;
            snprintf(emails[i], sizeof emails[i], "u%d.%d@example.com", n % 10 == 0 ? -1 : crowd->index, n);
            inserts[i] = insert_of(&gate, "x", emails[i]);
            if (user_db_insert(crowd->db, &inserts[i]) != DZR_OK)
                abort();
        }
        gate_wait(&gate, AT_ONCE);
        for (int i = 0; i < AT_ONCE; i++) {
            crowd->ids[round * AT_ONCE + i] = inserts[i].id;
            if (inserts[i].status == DZR_ERR_EXISTS)
                crowd->n_conflicts++;
            else if (inserts[i].status != DZR_OK)
                abort();
        }
    }
    return NULL;
}

static void concurrent_inserts_share_transactions_and_ids_have_no_gaps(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    static crowd_thread crowds[N_THREADS];
    pthread_t threads[N_THREADS];
    for (int i = 0; i < N_THREADS; i++) {
        crowds[i] = (crowd_thread){.db = db, .index = i};
        assert_int_equal(pthread_create(&threads[i], NULL, insert_many, &crowds[i]), 0);
    }
    int n_conflicts = 0;
    for (int i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], NULL);
        n_conflicts += crowds[i].n_conflicts;
    }
    enum { N_SHARED = N_EACH / 10, N_ROWS = N_THREADS * (N_EACH - N_SHARED) + N_SHARED };
    assert_int_equal(n_conflicts, (N_THREADS - 1) * N_SHARED);

    static bool seen[N_ROWS + 1];
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < N_THREADS; i++) {
        for (int n = 0; n < N_EACH; n++) {
            const int64_t id = crowds[i].ids[n];
            assert_in_range(id, 0, N_ROWS);
            assert_false(id != 0 && seen[id]);
            seen[id] = true;
        }
    }
    for (int id = 1; id <= N_ROWS; id++)
        assert_true(seen[id]);
    user_db_stats stats;
    user_db_stats_read(db, &stats);
    assert_int_equal(stats.n_inserted, N_ROWS);
    assert_int_equal(stats.n_conflicts, n_conflicts);
    assert_true(stats.n_commits < stats.n_inserted / 4);
    assert_true(stats.largest_commit > 4);
    sqlite3 *other = other_open(db_path());
    assert_string_equal(other_ask(other, "PRAGMA integrity_check"), "ok");
    sqlite3_close(other);
    user_db_close(db);
}

static void the_log_is_copied_into_the_file_as_it_grows(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    static char name[40000];
    memset(name, 'n', sizeof name - 1);
    for (int i = 0; i < 400; i++) { /* 16 MB */
        char email[32];
        snprintf(email, sizeof email, "%d@example.com", i);
        assert_int_equal(insert_now(db, name, email, NULL), DZR_OK);
    }
    struct stat log;
    char log_path[128];
    snprintf(log_path, sizeof log_path, "%s-wal", db_path());
    assert_int_equal(stat(log_path, &log), 0);
    assert_in_range(log.st_size, 1, 6 << 20);
    user_db_close(db);
}

/* ---- locks and limits ---- */

static void a_locked_file_is_waited_for_and_then_given_up(void **state)
{
    (void)state;
    user_db *db = open_db(300, 0);
    user_reader *reader = open_reader(db);
    sqlite3 *other = other_open(db_path());
    assert_int_equal(insert_now(db, "Ann", "ann@example.com", NULL), DZR_OK);
    other_run(other, "BEGIN IMMEDIATE");
    int64_t id = 7;
    assert_int_equal(insert_now(db, "Ben", "ben@example.com", &id), DZR_ERR_TIMEOUT);
    assert_int_equal(id, 0);
    assert_non_null(strstr(last_notice(), "inserting users: another process holds the database locked"));
    assert_string_equal(read_list(reader, 0, 9), "1 Ann ann@example.com 0"); /* reading goes on */
    other_run(other, "COMMIT");
    assert_int_equal(insert_now(db, "Ben", "ben@example.com", &id), DZR_OK);
    assert_int_equal(id, 2);
    assert_non_null(strstr(last_notice(), "inserting users works again"));
    sqlite3_close(other);
    user_reader_close(reader);
    user_db_close(db);
}

static void each_insert_waits_its_own_time(void **state)
{
    (void)state;
    user_db *db = open_db(300, 0);
    sqlite3 *other = other_open(db_path());
    other_run(other, "BEGIN IMMEDIATE");
    insert_gate early_gate = GATE_INIT, late_gate = GATE_INIT;
    user_insert early = insert_of(&early_gate, "Ann", "ann@example.com");
    user_insert late = insert_of(&late_gate, "Ben", "ben@example.com");
    assert_int_equal(user_db_insert(db, &early), DZR_OK);
    usleep(200000);
    assert_int_equal(user_db_insert(db, &late), DZR_OK);
    gate_wait(&early_gate, 1); /* at 300 ms; the late one has time until 500 */
    other_run(other, "COMMIT");
    gate_wait(&late_gate, 1);
    assert_int_equal(early.status, DZR_ERR_TIMEOUT);
    assert_int_equal(late.status, DZR_OK);
    assert_int_equal(late.id, 1);
    sqlite3_close(other);
    user_db_close(db);
}

static void a_full_queue_refuses_at_once(void **state)
{
    (void)state;
    user_db *db = open_db(10000, 3);
    sqlite3 *other = other_open(db_path());
    other_run(other, "BEGIN IMMEDIATE");
    insert_gate gate = GATE_INIT;
    user_insert inserts[10];
    char emails[10][32];
    size_t n_queued = 0;
    for (int i = 0; i < 10; i++) {
        snprintf(emails[i], sizeof emails[i], "%d@example.com", i);
        inserts[i] = insert_of(&gate, "x", emails[i]);
        const dzr_status status = user_db_insert(db, &inserts[i]);
        if (status == DZR_OK)
            n_queued++;
        else
            assert_int_equal(status, DZR_ERR_TIMEOUT);
        usleep(20000); /* so that the writer has the first */
    }
    assert_int_equal(n_queued, 4); /* one at the writer, three behind it */
    other_run(other, "COMMIT");
    gate_wait(&gate, n_queued);
    assert_int_equal(insert_now(db, "y", "y@example.com", NULL), DZR_OK);
    sqlite3_close(other);
    user_db_close(db);
}

static void closing_executes_what_is_queued(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    sqlite3 *other = other_open(db_path());
    insert_gate gate = GATE_INIT;
    user_insert inserts[100];
    char emails[100][32];
    for (int i = 0; i < 100; i++) {
        snprintf(emails[i], sizeof emails[i], "%d@example.com", i);
        inserts[i] = insert_of(&gate, "x", emails[i]);
        assert_int_equal(user_db_insert(db, &inserts[i]), DZR_OK);
    }
    user_db_close(db);
    assert_int_equal(gate.n_done, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(inserts[i].id, i + 1);
    assert_string_equal(other_ask(other, "SELECT count(*) FROM users"), "100");
    sqlite3_close(other);
}

/* Triggers that somebody added to the file. RAISE(ROLLBACK) takes the whole transaction, so all of it must fail. */
static void a_refusal_by_the_files_own_rules_is_never_acknowledged(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    sqlite3 *other = other_open(db_path());
    static const char *const kinds[] = {"ABORT, 'no'", "FAIL, 'no'", "IGNORE", "ROLLBACK, 'no'"};
    int64_t id = 0;
    for (int i = 0; i < 4; i++) {
        char sql[200];
        snprintf(sql, sizeof sql,
                "CREATE TRIGGER no%d BEFORE INSERT ON users WHEN NEW.name = 'no%d' BEGIN SELECT RAISE(%s); END", i, i,
                kinds[i]);
        other_run(other, sql);
        const char name[] = {'n', 'o', (char)('0' + i), '\0'}, email[] = {(char)('0' + i), '@', 'x', '\0'};
        other_run(other, "BEGIN IMMEDIATE");
        insert_gate gate = GATE_INIT;
        user_insert inserts[] = {insert_of(&gate, "x", "taken@example.com"), insert_of(&gate, "yes", email),
                insert_of(&gate, name, "no@example.com")};
        assert_int_equal(user_db_insert(db, &inserts[0]), DZR_OK);
        usleep(20000); /* the writer waits for the lock with the first; the others become one group */
        assert_int_equal(user_db_insert(db, &inserts[1]), DZR_OK);
        assert_int_equal(user_db_insert(db, &inserts[2]), DZR_OK);
        other_run(other, "COMMIT");
        gate_wait(&gate, 3);
        assert_int_equal(inserts[1].status, i < 3 ? DZR_OK : DZR_ERR_IO);
        assert_int_equal(inserts[2].status, DZR_ERR_IO);
        assert_int_equal(inserts[2].id, 0);
        assert_int_equal(insert_now(db, "yes", "again@example.com", &id), i == 0 ? DZR_OK : DZR_ERR_EXISTS);
    }
    assert_string_equal(other_ask(other, "SELECT group_concat(email) FROM (SELECT email FROM users ORDER BY id)"),
            "taken@example.com,0@x,again@example.com,1@x,2@x");
    sqlite3_close(other);
    user_db_close(db);
}

/* A clause of the table's own would replace the row that is there, or take the transaction. */
static void a_conflict_is_one_whatever_the_table_says_about_conflicts(void **state)
{
    static const char *const clauses[] = {"REPLACE", "IGNORE", "ROLLBACK", "FAIL"};
    for (size_t i = 0; i < 4; i++) {
        char sql[300];
        snprintf(sql, sizeof sql,
                "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, "
                "email TEXT UNIQUE ON CONFLICT %s NOT NULL, age INTEGER DEFAULT 0)",
                clauses[i]);
        sqlite3 *other = other_open(db_path());
        other_run(other, sql);
        user_db *db = open_db(0, 0);
        assert_int_equal(insert_now(db, "Ann", "ann@example.com", NULL), DZR_OK);
        assert_int_equal(insert_now(db, "Ben", "ann@example.com", NULL), DZR_ERR_EXISTS);
        assert_string_equal(other_ask(other, "SELECT name FROM users"), "Ann");
        sqlite3_close(other);
        user_db_close(db);
        assert_int_equal(remove_folder(state), 0);
        assert_int_equal(make_folder(state), 0);
    }
}

static void statuses_become_http_statuses(void **state)
{
    (void)state;
    assert_int_equal(user_db_http_status(DZR_OK), 201);
    assert_int_equal(user_db_http_status(DZR_ERR_NOT_FOUND), 404);
    assert_int_equal(user_db_http_status(DZR_ERR_EXISTS), 409);
    assert_int_equal(user_db_http_status(DZR_ERR_LIMIT), 507);
    assert_int_equal(user_db_http_status(DZR_ERR_TIMEOUT), 503);
    assert_int_equal(user_db_http_status(DZR_ERR_IO), 503);
    assert_int_equal(user_db_http_status(DZR_ERR_NOMEM), 503);
    assert_string_equal(user_db_detail(DZR_ERR_LIMIT), "The disk is full");
    assert_string_equal(user_db_detail(DZR_ERR_TIMEOUT), "The database is busy");
    assert_string_equal(user_db_detail(DZR_ERR_NOMEM), "Out of memory");
    assert_string_equal(user_db_detail(DZR_ERR_IO), "The database is not available");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(a_new_file_has_the_originals_table_in_wal_mode),
            TEST(a_file_of_the_original_opens_with_its_rows),
            TEST(a_table_of_another_shape_is_refused_with_what_differs),
            TEST(what_is_no_database_is_refused),
            TEST(names_that_sqlite_reads_specially_are_plain_files),
            TEST(pages_come_in_the_order_of_ids),
            TEST(pages_are_right_whatever_was_read_and_changed_before),
            TEST(an_id_that_nobody_has_is_not_found),
            TEST(a_callback_that_fails_ends_the_reading),
            TEST(nul_bytes_in_names_are_kept),
            TEST(what_another_process_does_is_seen_by_the_next_call),
            TEST(a_conflict_touches_no_other_and_uses_up_no_id),
            TEST(concurrent_inserts_share_transactions_and_ids_have_no_gaps),
            TEST(the_log_is_copied_into_the_file_as_it_grows),
            TEST(a_locked_file_is_waited_for_and_then_given_up),
            TEST(each_insert_waits_its_own_time),
            TEST(a_full_queue_refuses_at_once),
            TEST(closing_executes_what_is_queued),
            TEST(a_refusal_by_the_files_own_rules_is_never_acknowledged),
            TEST(a_conflict_is_one_whatever_the_table_says_about_conflicts),
            cmocka_unit_test(statuses_become_http_statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
