/* json/simd.cpp - simdjson's first stage behind a C face. Called by index.c only.
 * Only that stage is used: it classifies 64 bytes at a time and is chosen for the machine at run time. What follows
 * it (grammar, escapes, numbers) is ours, because On Demand leaves what is skipped unchecked and stops at what Go
 * reads. */
#include "json/internal.h"

#include <memory>
#include <new>

#include <simdjson.h>

struct dzr__json_simd {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

dzr__json_simd *dzr__json_simd_new(void)
{
    std::unique_ptr<dzr__json_simd> simd(new (std::nothrow) dzr__json_simd);
    if (simd == nullptr)
        return nullptr;
    const auto failed = simdjson::get_active_implementation()->create_dom_parser_implementation(0, 1, simd->parser);
    return failed == simdjson::SUCCESS ? simd.release() : nullptr;
}

void dzr__json_simd_free(dzr__json_simd *simd)
{
    delete simd;
}

dzr_status dzr__json_simd_index(dzr__json_simd *simd, const uint8_t *text, size_t len, const uint32_t **at, size_t *n)
{
    auto &parser = *simd->parser;
    if (len > parser.capacity()) {
        const size_t grown = DZR_MIN(DZR_MAX(len, parser.capacity() * 2), size_t{simdjson::SIMDJSON_MAXSIZE_BYTES});
        if (len > grown)
            return DZR_ERR_SYNTAX;
        if (parser.set_capacity(grown) != simdjson::SUCCESS)
            return DZR_ERR_NOMEM;
    }
    if (len == 0 || parser.stage1(text, len, simdjson::stage1_mode::regular) != simdjson::SUCCESS)
        return DZR_ERR_SYNTAX;
    *at = parser.structural_indexes.get();
    *n = parser.n_structural_indexes; /* behind which simdjson keeps room, and writes the length twice */
    return DZR_OK;
}
