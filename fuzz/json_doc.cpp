/* fuzz/json_doc.cpp - json_doc.h on any bytes. Holds: what was printed parses again and prints the same (a pair of
 * surrogates that were encoded one by one becomes a character, once); what simdjson's own parser takes, within our
 * limits, we take, with the same values. */
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <datarizer/json_doc.h>
#include <simdjson.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

namespace
{

[[noreturn]] void broken(const char *promise, std::string_view text)
{
    std::fprintf(stderr, "broken: %s: %.*s\n", promise, static_cast<int>(text.size()), text.data());
    std::abort();
}

std::string print(const dzr_json_value *value)
{
    dzr_sink *sink = nullptr;
    if (dzr_sink_memory(size_t{1} << 30, nullptr, &sink, nullptr) != DZR_OK ||
            dzr_json_value_print(value, sink, nullptr) != DZR_OK)
        broken("what was parsed prints", "");
    const dzr_bytes printed = dzr_sink_memory_bytes(sink);
    std::string text(reinterpret_cast<const char *>(printed.at), printed.len);
    dzr_sink_close(sink);
    return text;
}

std::string parse_and_print(const std::string &text)
{
    dzr_json_doc *doc = nullptr;
    const dzr_bytes bytes = {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
    if (dzr_json_doc_open(bytes, nullptr, &doc, nullptr, nullptr) != DZR_OK)
        broken("what was printed parses", text);
    std::string printed = print(dzr_json_doc_root(doc));
    dzr_json_doc_close(doc);
    return printed;
}

std::string_view view(dzr_bytes bytes)
{
    return {reinterpret_cast<const char *>(bytes.at), bytes.len};
}

bool same(const dzr_json_value *ours, simdjson::dom::element theirs);

bool same_array(const dzr_json_value *ours, simdjson::dom::array theirs)
{
    const dzr_json_value *item = ours->as.first;
    for (simdjson::dom::element element : theirs) {
        if (item == nullptr || !same(item, element))
            return false;
        item = item->next;
    }
    return item == nullptr;
}

/* Theirs keeps repeated keys: the last one counts, and every key is among ours. */
bool same_object(const dzr_json_value *ours, simdjson::dom::object theirs)
{
    for (const dzr_json_value *member = ours->as.first; member != nullptr; member = member->next) {
        bool found = false, equal = false;
        for (simdjson::dom::key_value_pair pair : theirs) {
            if (pair.key == view(member->key)) {
                found = true;
                equal = same(member, pair.value);
            }
        }
        if (!found || !equal)
            return false;
    }
    for (simdjson::dom::key_value_pair pair : theirs) {
        int n = 0;
        for (const dzr_json_value *member = ours->as.first; member != nullptr; member = member->next)
            n += pair.key == view(member->key);
        if (n != 1)
            return false;
    }
    return true;
}

bool same_double(double a, double b)
{
    return std::memcmp(&a, &b, sizeof a) == 0;
}

bool same(const dzr_json_value *ours, simdjson::dom::element theirs)
{
    using simdjson::dom::element_type;
    switch (theirs.type()) {
    case element_type::NULL_VALUE:
        return ours->kind == DZR_JSON_NULL;
    case element_type::BOOL:
        return ours->kind == (bool(theirs) ? DZR_JSON_TRUE : DZR_JSON_FALSE);
    case element_type::INT64:
        return ours->kind == DZR_JSON_INTEGER && view(ours->as.text) == std::to_string(int64_t(theirs));
    case element_type::UINT64:
        return ours->kind == DZR_JSON_INTEGER && view(ours->as.text) == std::to_string(uint64_t(theirs));
    case element_type::DOUBLE:
        return ours->kind == DZR_JSON_FLOAT && same_double(ours->as.number, double(theirs));
    case element_type::STRING:
        return ours->kind == DZR_JSON_STRING && !ours->lone_surrogate &&
               view(ours->as.text) == std::string_view(theirs);
    case element_type::ARRAY:
        return ours->kind == DZR_JSON_ARRAY && same_array(ours, theirs);
    case element_type::OBJECT:
        return ours->kind == DZR_JSON_OBJECT && same_object(ours, theirs);
    }
    return false;
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const std::string_view text(reinterpret_cast<const char *>(bytes), len);
    dzr_json_doc *doc = nullptr;
    dzr_json_fault fault = {nullptr, -1};
    dzr_error err;
    const dzr_status status = dzr_json_doc_open(dzr_bytes{bytes, len}, nullptr, &doc, &fault, &err);
    if (status == DZR_ERR_SYNTAX && (fault.message == nullptr || fault.position < 0 || err.offset < fault.position))
        broken("a fault has words and a place", text);
    if (status == DZR_OK) {
        const std::string once = print(dzr_json_doc_root(doc));
        const std::string twice = parse_and_print(once);
        if (once != twice && once.find("\\ud") == std::string::npos)
            broken("what was printed prints the same again", once);
        if (parse_and_print(twice) != twice)
            broken("what was printed twice stays", twice);
    }
    static simdjson::dom::parser parser;
    simdjson::dom::element element;
    if (len <= 4096 && parser.parse(bytes, len, true).get(element) == simdjson::SUCCESS) {
        if (status != DZR_OK && status != DZR_ERR_LIMIT)
            broken("we take what simdjson takes", text);
        if (status == DZR_OK && !same(dzr_json_doc_root(doc), element))
            broken("we see the values that simdjson sees", text);
    }
    dzr_json_doc_close(doc);
    return 0;
}
