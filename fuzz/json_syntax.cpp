/* fuzz/json_syntax.cpp - whether a text is JSON, by our walk and by simdjson's own parser.
 * Holds: what simdjson takes we take; what only we take, it refuses for reasons we know: numbers beyond its types, lone
 * surrogates, depth. Texts that are not UTF-8 are not compared: we replace there, it refuses. */
#include "json/internal.h"

#include <cstdio>
#include <memory>

#include <simdjson.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool we_take(const dzr__json_index &index)
{
    enum { DEPTH = 1000 };
    uint8_t stack[DEPTH / 8];
    dzr_bytebuf scratch = {};
    dzr__json_walk walk = {index.text, index.len, index.at, index.at + index.n, index.clean, 0, NULL};
    const dzr_status st = dzr__json_skip(&walk, stack, DEPTH, &scratch, nullptr);
    dzr__bytebuf_fini(&scratch);
    return st == DZR_OK && walk.next == walk.end;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    dzr__json_index index;
    if (dzr__json_index_init(&index, nullptr, nullptr) != DZR_OK ||
            dzr__json_index_text(&index, dzr_bytes{bytes, len}, nullptr) != DZR_OK)
        __builtin_trap();
    static simdjson::dom::parser parser;
    simdjson::dom::element element;
    const simdjson::error_code theirs = parser.parse(bytes, len, true).get(element);
    if (theirs != simdjson::UTF8_ERROR) {
        const bool ours = we_take(index);
        const bool known =
                theirs == simdjson::NUMBER_ERROR || theirs == simdjson::STRING_ERROR || theirs == simdjson::DEPTH_ERROR;
        if (theirs == simdjson::SUCCESS ? !ours : ours && !known) {
            std::fprintf(
                    stderr, "we %s it, simdjson says: %s\n", ours ? "take" : "refuse", simdjson::error_message(theirs));
            __builtin_trap();
        }
    }
    dzr__json_index_fini(&index);
    return 0;
}
