/* query/filter_parse.c - a filter's grammar, by recursive descent: or, and, not, a comparison. Each comparison is bound
 * to its columns as soon as it is read (filter_bind.c), so that the leftmost mistake is the one that is told.
 * Called by filter.c. */
#include "query/filter.h"

#include <assert.h>

typedef struct parser {
    filter_lexer lexer;
    filter_token token; /* the next */
    const dzr_schema *schema;
    dzr_arena *arena;
    int depth;
} parser;

static dzr_status advance(parser *p, dzr_error *err)
{
    return dzr__filter_next(&p->lexer, &p->token, err);
}

/* Takes the keyword when it is next. */
static dzr_status take(parser *p, const char *keyword, bool *taken, dzr_error *err)
{
    *taken = dzr__filter_is(&p->token, keyword);
    return *taken ? advance(p, err) : DZR_OK;
}

static dzr_status expected(const parser *p, const char *what, dzr_error *err)
{
    if (p->token.word == WORD_END)
        return dzr__filter_fail(
                &p->lexer, p->token.at, err, DZR_ERR_SYNTAX, "the expression ends where %s should stand", what);
    return dzr__filter_fail(&p->lexer, p->token.at, err, DZR_ERR_SYNTAX, "\"%.*s\" stands where %s should",
            (int)DZR_MIN(p->token.end - p->token.at, (size_t)100), (const char *)p->lexer.text.at + p->token.at, what);
}

static dzr_status new_node(parser *p, filter_kind kind, filter_node *first, filter_node **out, dzr_error *err)
{
    filter_node *const node = dzr__arena_zeroed(p->arena, 1, sizeof *node, err);
    if (node == NULL)
        return DZR_ERR_NOMEM;
    node->kind = kind;
    node->first = first;
    *out = node;
    return DZR_OK;
}

static dzr_status wrap(parser *p, bool wanted, filter_kind kind, filter_node **node, dzr_error *err)
{
    return wanted ? new_node(p, kind, *node, node, err) : DZR_OK;
}

/* ---- columns and values ---- */

static bool is_keyword(const filter_token *token)
{
    static const char *const keywords[] = {
            "and", "or", "not", "in", "is", "like", "ilike", "between", "escape", "null", "true", "false"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (dzr__filter_is(token, keywords[i]))
            return true;
    return false;
}

static dzr_status parse_column(parser *p, filter_operand *out, dzr_error *err)
{
    dzr_bytes parts[DZR_MAX_DEPTH];
    int32_t n = 0;
    out->at = p->token.at;
    for (;;) {
        const bool is_name =
                p->token.word == WORD_QUOTED || (p->token.word == WORD_NAME && (n > 0 || !is_keyword(&p->token)));
        if (!is_name)
            return expected(p, n == 0 ? "a column or a value" : "a name", err);
        if (n == DZR_MAX_DEPTH)
            return dzr__filter_fail(
                    &p->lexer, out->at, err, DZR_ERR_LIMIT, "a column's name has more than %d parts", DZR_MAX_DEPTH);
        parts[n++] = p->token.value;
        out->end = p->token.end;
        DZR_TRY(advance(p, err));
        if (p->token.word != WORD_DOT)
            return dzr__filter_column(&p->lexer, p->schema, parts, n, out, err);
        DZR_TRY(advance(p, err));
    }
}

static dzr_status parse_number(parser *p, filter_operand *out, dzr_error *err)
{
    out->at = p->token.at;
    if (p->token.word == WORD_MINUS || p->token.word == WORD_PLUS) {
        out->is_negative = p->token.word == WORD_MINUS;
        DZR_TRY(advance(p, err));
    }
    if (p->token.word != WORD_NUMBER)
        return expected(p, "a number", err);
    out->kind = OPERAND_NUMBER;
    out->text = p->token.value;
    out->end = p->token.end;
    return advance(p, err);
}

static dzr_status parse_operand(parser *p, filter_operand *out, dzr_error *err)
{
    *out = (filter_operand){.at = p->token.at, .end = p->token.end};
    if (p->token.word == WORD_NUMBER || p->token.word == WORD_MINUS || p->token.word == WORD_PLUS)
        return parse_number(p, out, err);
    if (dzr__filter_is(&p->token, "date") || dzr__filter_is(&p->token, "timestamp")) { /* before a string, or a name */
        parser ahead = *p;
        DZR_TRY(advance(&ahead, err));
        if (ahead.token.word == WORD_STRING)
            *p = ahead;
    }
    if (p->token.word == WORD_STRING) {
        out->kind = OPERAND_STRING;
        out->text = p->token.value;
    } else if (dzr__filter_is(&p->token, "null")) {
        out->kind = OPERAND_NULL;
    } else if (dzr__filter_is(&p->token, "true") || dzr__filter_is(&p->token, "false")) {
        out->kind = OPERAND_BOOL;
        out->truth = dzr__filter_is(&p->token, "true");
    } else {
        return parse_column(p, out, err);
    }
    out->end = p->token.end;
    return advance(p, err);
}

static dzr_status need_column(const parser *p, const filter_operand *operand, const char *before, dzr_error *err)
{
    if (operand->kind == OPERAND_COLUMN)
        return DZR_OK;
    return dzr__filter_fail(&p->lexer, operand->at, err, DZR_ERR_SYNTAX,
            "a column should stand before %s; a name with other characters than letters, digits and _ stands in double "
            "quotes",
            before);
}

/* ---- comparisons ---- */

/* `5 < a` is `a > 5`. */
static uint8_t turned(uint8_t accept)
{
    return (uint8_t)((accept & ACCEPT_EQUAL) | ((accept & ACCEPT_LESS) != 0 ? ACCEPT_GREATER : 0) |
                     ((accept & ACCEPT_GREATER) != 0 ? ACCEPT_LESS : 0));
}

static dzr_status compare(parser *p, uint8_t accept, const filter_operand *left, const filter_operand *right,
        filter_node **out, dzr_error *err)
{
    const filter_binder binder = {&p->lexer, p->arena};
    DZR_TRY(new_node(p, FILTER_CONSTANT, NULL, out, err));
    if (left->kind == OPERAND_COLUMN)
        return dzr__filter_bind_compare(&binder, accept, left, right, *out, err);
    if (right->kind == OPERAND_COLUMN)
        return dzr__filter_bind_compare(&binder, turned(accept), right, left, *out, err);
    return dzr__filter_fail(&p->lexer, left->at, err, DZR_ERR_SYNTAX,
            "two values are compared here, and no column; a column's name stands in double quotes, or without any");
}

static dzr_status parse_in(parser *p, const filter_operand *column, filter_node **out, dzr_error *err)
{
    filter_operand *values = NULL;
    int32_t n = 0, cap = 0;
    DZR_TRY(need_column(p, column, "in", err));
    if (p->token.word != WORD_OPEN)
        return expected(p, "( and the values of in", err);
    do {
        DZR_TRY(advance(p, err));
        if (n == cap) {
            filter_operand *const moved = dzr__arena_zeroed(p->arena, (size_t)cap * 2 + 16, sizeof *moved, err);
            if (moved == NULL)
                return DZR_ERR_NOMEM;
            if (n > 0)
                memcpy(moved, values, (size_t)n * sizeof *moved);
            values = moved;
            cap = cap * 2 + 16;
        }
        DZR_TRY(parse_operand(p, &values[n], err));
        if (values[n++].kind == OPERAND_COLUMN)
            return dzr__filter_fail(&p->lexer, values[n - 1].at, err, DZR_ERR_SYNTAX,
                    "a column stands among the values of in; strings stand in single quotes");
    } while (p->token.word == WORD_COMMA);
    if (p->token.word != WORD_CLOSE)
        return expected(p, "a comma or )", err);
    DZR_TRY(advance(p, err));
    const filter_binder binder = {&p->lexer, p->arena};
    DZR_TRY(new_node(p, FILTER_SET, NULL, out, err));
    return dzr__filter_bind_in(&binder, column, values, n, *out, err);
}

static dzr_status parse_like(
        parser *p, const filter_operand *column, bool ignores_case, filter_node **out, dzr_error *err)
{
    filter_operand pattern, escape;
    bool has_escape = false;
    DZR_TRY(need_column(p, column, "like", err));
    DZR_TRY(parse_operand(p, &pattern, err));
    DZR_TRY(take(p, "escape", &has_escape, err));
    if (has_escape)
        DZR_TRY(parse_operand(p, &escape, err));
    const filter_binder binder = {&p->lexer, p->arena};
    DZR_TRY(new_node(p, FILTER_LIKE, NULL, out, err));
    return dzr__filter_bind_like(&binder, column, &pattern, has_escape ? &escape : NULL, ignores_case, *out, err);
}

static dzr_status parse_between(parser *p, const filter_operand *column, filter_node **out, dzr_error *err)
{
    filter_operand low, high;
    bool has_and = false;
    DZR_TRY(need_column(p, column, "between", err));
    DZR_TRY(parse_operand(p, &low, err));
    DZR_TRY(take(p, "and", &has_and, err));
    if (!has_and)
        return expected(p, "and", err);
    DZR_TRY(parse_operand(p, &high, err));
    filter_node *first = NULL;
    DZR_TRY(compare(p, ACCEPT_EQUAL | ACCEPT_GREATER, column, &low, &first, err));
    DZR_TRY(compare(p, ACCEPT_EQUAL | ACCEPT_LESS, column, &high, &first->next, err));
    return new_node(p, FILTER_AND, first, out, err);
}

/* A column of booleans, true, false or null by itself. */
static dzr_status parse_alone(parser *p, const filter_operand *operand, filter_node **out, dzr_error *err)
{
    static const filter_operand yes = {.kind = OPERAND_BOOL, .truth = true};
    DZR_TRY(new_node(p, FILTER_CONSTANT, NULL, out, err));
    (*out)->truth = operand->truth;
    (*out)->is_unknown = operand->kind == OPERAND_NULL;
    if (operand->kind == OPERAND_BOOL || operand->kind == OPERAND_NULL)
        return DZR_OK;
    if (operand->kind != OPERAND_COLUMN || operand->type.id != DZR_TYPE_BOOL)
        return expected(p, "a comparison (= != < <= > >= in like between is)", err);
    const filter_binder binder = {&p->lexer, p->arena};
    return dzr__filter_bind_compare(&binder, ACCEPT_EQUAL, operand, &yes, *out, err);
}

/* What is behind `is`: [not] null, true, false. `inner` is a comparison, or NULL for `operand` by itself. */
static dzr_status parse_is(
        parser *p, const filter_operand *operand, filter_node *inner, filter_node **out, dzr_error *err)
{
    bool is_not = false, is_null = false, is_true = false, is_false = false;
    assert(inner != NULL || operand != NULL);
    DZR_TRY(take(p, "not", &is_not, err));
    DZR_TRY(take(p, "null", &is_null, err));
    if (!is_null)
        DZR_TRY(take(p, "true", &is_true, err));
    if (!is_null && !is_true)
        DZR_TRY(take(p, "false", &is_false, err));
    if (!is_null && !is_true && !is_false)
        return expected(p, "null, true or false", err);
    if (is_null && inner == NULL && operand->kind == OPERAND_COLUMN) {
        DZR_TRY(new_node(p, FILTER_IS_NULL, NULL, out, err));
        (*out)->column = *operand;
    } else {
        if (inner == NULL)
            DZR_TRY(parse_alone(p, operand, &inner, err));
        DZR_TRY(new_node(p, is_null ? FILTER_IS_UNKNOWN : is_true ? FILTER_IS_TRUE : FILTER_IS_FALSE, inner, out, err));
    }
    return wrap(p, is_not, FILTER_NOT, out, err);
}

static uint8_t accept_of(filter_word word)
{
    switch (word) {
    case WORD_EQ:
        return ACCEPT_EQUAL;
    case WORD_NE:
        return ACCEPT_LESS | ACCEPT_GREATER;
    case WORD_LT:
        return ACCEPT_LESS;
    case WORD_LE:
        return ACCEPT_LESS | ACCEPT_EQUAL;
    case WORD_GT:
        return ACCEPT_GREATER;
    case WORD_GE:
        return ACCEPT_GREATER | ACCEPT_EQUAL;
    default:
        return 0;
    }
}

static dzr_status parse_comparison(parser *p, filter_node **out, dzr_error *err)
{
    filter_operand left, right;
    bool is_not = false, is = false, in = false, like = false, ilike = false, between = false;
    DZR_TRY(parse_operand(p, &left, err));
    const uint8_t accept = accept_of(p->token.word);
    if (accept != 0) {
        DZR_TRY(advance(p, err));
        DZR_TRY(parse_operand(p, &right, err));
        return compare(p, accept, &left, &right, out, err);
    }
    DZR_TRY(take(p, "is", &is, err));
    if (is)
        return parse_is(p, &left, NULL, out, err);
    DZR_TRY(take(p, "not", &is_not, err));
    DZR_TRY(take(p, "in", &in, err));
    if (!in)
        DZR_TRY(take(p, "like", &like, err));
    if (!in && !like)
        DZR_TRY(take(p, "ilike", &ilike, err));
    if (!in && !like && !ilike)
        DZR_TRY(take(p, "between", &between, err));
    if (in)
        DZR_TRY(parse_in(p, &left, out, err));
    else if (like || ilike)
        DZR_TRY(parse_like(p, &left, ilike, out, err));
    else if (between)
        DZR_TRY(parse_between(p, &left, out, err));
    else if (is_not)
        return expected(p, "in, like, ilike or between", err);
    else
        return parse_alone(p, &left, out, err);
    return wrap(p, is_not, FILTER_NOT, out, err);
}

/* ---- not, and, or ---- */

static dzr_status parse_or(parser *p, filter_node **out, dzr_error *err);

static dzr_status enter(parser *p, dzr_error *err)
{
    if (p->depth++ < DZR_FILTER_DEPTH)
        return DZR_OK;
    return dzr__filter_fail(&p->lexer, p->token.at, err, DZR_ERR_LIMIT,
            "more than %d parentheses and nots stand inside each other", DZR_FILTER_DEPTH);
}

static dzr_status parse_not(parser *p, filter_node **out, dzr_error *err)
{
    bool is_not = false, is = false;
    DZR_TRY(enter(p, err));
    DZR_TRY(take(p, "not", &is_not, err));
    if (is_not) {
        DZR_TRY(parse_not(p, out, err));
        DZR_TRY(wrap(p, true, FILTER_NOT, out, err));
    } else if (p->token.word == WORD_OPEN) {
        DZR_TRY(advance(p, err));
        DZR_TRY(parse_or(p, out, err));
        if (p->token.word != WORD_CLOSE)
            return expected(p, "and, or or )", err);
        DZR_TRY(advance(p, err));
        DZR_TRY(take(p, "is", &is, err));
        if (is)
            DZR_TRY(parse_is(p, NULL, *out, out, err));
    } else {
        DZR_TRY(parse_comparison(p, out, err));
    }
    p->depth--;
    return DZR_OK;
}

/* One or more with `keyword` between them: siblings, however many there are. */
static dzr_status parse_chain(parser *p, const char *keyword, filter_kind kind,
        dzr_status (*parse)(parser *, filter_node **, dzr_error *), filter_node **out, dzr_error *err)
{
    filter_node *first = NULL;
    bool more = false;
    DZR_TRY(parse(p, &first, err));
    for (filter_node *last = first;; last = last->next) {
        assert(last != NULL); /* what was parsed is there */
        DZR_TRY(take(p, keyword, &more, err));
        if (!more)
            break;
        DZR_TRY(parse(p, &last->next, err));
    }
    *out = first;
    return wrap(p, first->next != NULL, kind, out, err);
}

static dzr_status parse_and(parser *p, filter_node **out, dzr_error *err)
{
    return parse_chain(p, "and", FILTER_AND, parse_not, out, err);
}

static dzr_status parse_or(parser *p, filter_node **out, dzr_error *err)
{
    return parse_chain(p, "or", FILTER_OR, parse_and, out, err);
}

dzr_status dzr__filter_parse(
        dzr_bytes text, const dzr_schema *schema, dzr_arena *arena, filter_node **out, dzr_error *err)
{
    parser p = {.lexer = {.text = text, .arena = arena}, .schema = schema, .arena = arena};
    DZR_TRY(advance(&p, err));
    DZR_TRY(parse_or(&p, out, err));
    return p.token.word == WORD_END ? DZR_OK : expected(&p, "and, or or the end", err);
}
