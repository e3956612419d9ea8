/* tests/frame/test_arrow_stream.c - the C Stream Interface: out and in again, failures on either side, and who closes
 * what. tests/interop shares streams with pyarrow through the same calls. */
#include "support.h"

#include "alloc_nth.h"
#include "frame/internal.h"
#include <datarizer/arrow.h>

#include <errno.h>

/* ---- three batches of numbers, and what may go wrong with them ---- */

typedef struct numbers {
    dzr_schema *schema;
    const dzr_allocator *alloc;
    int next, n_closed;
    dzr_status at_2; /* what the second call gives */
} numbers;

static dzr_status next_numbers(void *ctx, dzr_batch **out, dzr_error *err)
{
    numbers *const self = ctx;
    dzr_builder *builder = NULL;
    *out = NULL;
    if (self->next == 3)
        return DZR_OK;
    self->next++;
    if (self->next == 2 && self->at_2 != DZR_OK)
        return dzr_fail(err, self->at_2, "batch 2 is not to be had");
    DZR_TRY(dzr_builder_new(self->schema, self->alloc, &builder, err));
    dzr_status st = DZR_OK;
    for (int i = 0; i < 4 && st == DZR_OK; i++)
        st = dzr_builder_int(builder, 0, self->next * 10 + i, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, out, err);
    dzr_builder_free(builder);
    return st;
}

static void close_numbers(void *ctx)
{
    ((numbers *)ctx)->n_closed++;
}

static numbers make_numbers(void)
{
    dzr_error err;
    numbers made = {.schema = NULL};
    const dzr_field field = {.name = "n", .type = {.id = DZR_TYPE_INT64}};
    assert_ok(dzr_schema_new(&field, 1, NULL, &made.schema, &err));
    return made;
}

/* All of a stream: out, in again, compared. */
static dzr_status round_trip(numbers *in, const dzr_allocator *alloc, int *n_batches, dzr_error *err)
{
    struct ArrowArrayStream stream;
    dzr_arrow_reader *reader = NULL;
    *n_batches = 0;
    DZR_TRY(dzr_arrow_export_stream(
            (dzr_batch_source){in, next_numbers, close_numbers}, in->schema, alloc, &stream, err));
    dzr_status st = dzr_arrow_reader_open(&stream, alloc, &reader, err);
    assert_null(stream.release);
    if (st != DZR_OK) {
        assert_null(reader);
        return st;
    }
    assert_true(dzr_schema_equal(dzr_arrow_reader_schema(reader), in->schema));
    for (;;) {
        dzr_batch *batch = NULL;
        st = dzr_arrow_reader_next(reader, &batch, err);
        if (batch == NULL)
            break;
        ++*n_batches;
        assert_int_equal(dzr_batch_n_rows(batch), 4);
        for (int i = 0; i < 4; i++)
            assert_int_equal(((const int64_t *)dzr_batch_column(batch, 0)->values)[i], *n_batches * 10 + i);
        dzr_batch_free(batch);
    }
    dzr_arrow_reader_close(reader);
    return st;
}

static void batches_go_out_and_come_in_again(void **state)
{
    (void)state;
    dzr_error err;
    int n_batches = 0;
    numbers in = make_numbers();
    assert_ok(round_trip(&in, NULL, &n_batches, &err));
    assert_int_equal(n_batches, 3);
    assert_int_equal(in.n_closed, 1);
    dzr_schema_free(in.schema);
}

static void a_batch_outlives_the_stream(void **state)
{
    (void)state;
    dzr_error err;
    numbers in = make_numbers();
    struct ArrowArrayStream stream;
    dzr_arrow_reader *reader = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_arrow_export_stream((dzr_batch_source){&in, next_numbers, NULL}, in.schema, NULL, &stream, &err));
    dzr_schema_free(in.schema); /* the stream has its own hold */
    assert_ok(dzr_arrow_reader_open(&stream, NULL, &reader, &err));
    assert_ok(dzr_arrow_reader_next(reader, &batch, &err));
    dzr_arrow_reader_close(reader);
    assert_int_equal(((const int64_t *)dzr_batch_column(batch, 0)->values)[3], 13);
    dzr_batch_free(batch);
    dzr_arrow_reader_close(NULL);
}

static void a_failure_has_its_number_and_its_words(void **state)
{
    (void)state;
    dzr_error err;
    static const struct {
        dzr_status st;
        int number;
    } cases[] = {
            {DZR_ERR_NOMEM, ENOMEM}, {DZR_ERR_UNSUPPORTED, ENOTSUP}, {DZR_ERR_ARG, EINVAL}, {DZR_ERR_CORRUPT, EIO}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        numbers in = make_numbers();
        in.at_2 = cases[i].st;
        struct ArrowArrayStream stream;
        struct ArrowArray array = {.release = NULL};
        assert_ok(dzr_arrow_export_stream(
                (dzr_batch_source){&in, next_numbers, close_numbers}, in.schema, NULL, &stream, &err));
        assert_int_equal(stream.get_next(&stream, &array), 0);
        assert_null(stream.get_last_error(&stream));
        array.release(&array);
        assert_int_equal(stream.get_next(&stream, &array), cases[i].number);
        assert_string_equal(stream.get_last_error(&stream), "batch 2 is not to be had");
        stream.release(&stream);
        assert_null(stream.release);
        assert_int_equal(in.n_closed, 1);

        in.next = in.n_closed = 0; /* and on the way in */
        int n_batches = 0;
        assert_fails(round_trip(&in, NULL, &n_batches, &err), i == 0 ? DZR_ERR_NOMEM : DZR_ERR_IO,
                "Arrow stream: batch 2 is not to be had");
        assert_int_equal(n_batches, 1);
        assert_int_equal(in.n_closed, 1);
        dzr_schema_free(in.schema);
    }
}

/* ---- a stream that has no words, and one of what we do not take ---- */

static const char *no_words(struct ArrowArrayStream *self)
{
    (void)self;
    return NULL;
}

static int no_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    (void)self;
    (void)out;
    return EACCES;
}

static void release_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static int odd_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    (void)self;
    *out = (struct ArrowSchema){.format = "i", .release = release_schema};
    return 0;
}

static void release_count(struct ArrowArrayStream *self)
{
    ++*(int *)self->private_data;
    self->release = NULL;
}

static void a_stream_is_released_whatever_is_wrong_with_it(void **state)
{
    (void)state;
    dzr_error err;
    int n_released = 0;
    dzr_arrow_reader *reader = NULL;
    struct ArrowArrayStream stream = {
            .get_schema = no_schema, .get_last_error = no_words, .release = release_count, .private_data = &n_released};
    assert_fails(dzr_arrow_reader_open(&stream, NULL, &reader, &err), DZR_ERR_IO, "Arrow stream: Permission denied");
    assert_int_equal(n_released, 1);
    stream = (struct ArrowArrayStream){.get_schema = odd_schema,
            .get_last_error = no_words,
            .release = release_count,
            .private_data = &n_released};
    assert_true(dzr_arrow_reader_open(&stream, NULL, &reader, &err) != DZR_OK);
    assert_int_equal(n_released, 2);
    assert_null(reader);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    dzr_error err;
    dzr_status st = DZR_ERR_NOMEM;
    int64_t n = 1;
    int n_batches = 0;
    for (; st == DZR_ERR_NOMEM; n++) {
        numbers in = make_numbers();
        alloc_nth nth;
        alloc_nth_init(&nth, n);
        in.alloc = &nth.allocator;
        st = round_trip(&in, &nth.allocator, &n_batches, &err);
        assert_int_equal(nth.n_out, 0);
        assert_int_equal(in.n_closed, 1);
        dzr_schema_free(in.schema);
    }
    assert_int_equal(st, DZR_OK);
    assert_int_equal(n_batches, 3);
    assert_true(n > 20);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(batches_go_out_and_come_in_again),
            cmocka_unit_test(a_batch_outlives_the_stream),
            cmocka_unit_test(a_failure_has_its_number_and_its_words),
            cmocka_unit_test(a_stream_is_released_whatever_is_wrong_with_it),
            cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
