/* fuzz/geo.c - what GEOMETRY and GEOGRAPHY say, as notes and back: the first byte picks the way and the edges, the rest
 * is a coordinate system of a file, or the JSON of another engine's note. Holds: a file's annotation becomes valid
 * JSON, from which the same annotation comes back; another's note that is understood does so, too, from the annotation
 * it became; what is taken apart lies within the text. */
#include "parquet/metadata/geo.h"
#include "parquet/metadata/json_text.h"

#include "require.h"

static bool same(dzr_bytes a, dzr_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static dzr_bytes crs_of(const dzr_meta_element *element)
{
    dzr_bytes crs;
    REQUIRE(dzr__geo_known(element, NULL, &crs, NULL));
    return crs;
}

/* The element is known: by way of notes it stays what it is. */
static void round_trip(const dzr_meta_element *element, dzr_arena *arena)
{
    dzr_error err;
    dzr_field field = {.name = "g", .type = {.id = DZR_TYPE_BINARY}};
    dzr_meta_element back;
    dzr__element_from_field(&field, &back);
    REQUIRE_OK(dzr__geo_add_notes(element, arena, &field, &err));
    REQUIRE(field.n_metadata == 2 && dzr__json_text_valid(field.metadata[1].value, true));
    REQUIRE_OK(dzr__geo_annotate(&field, arena, &back, &err));
    bool geography = false, geography_back = false;
    int32_t algorithm = 0, algorithm_back = 0;
    REQUIRE(dzr__geo_known(element, &geography, NULL, &algorithm));
    REQUIRE(dzr__geo_known(&back, &geography_back, NULL, &algorithm_back));
    REQUIRE(geography == geography_back && algorithm == algorithm_back);
    REQUIRE(same(crs_of(element), crs_of(&back)));
}

static void from_file(uint8_t edges, dzr_bytes crs, dzr_arena *arena)
{
    dzr_meta_element element = {.has = 1u << DZR_ELEMENT_LOGICAL, .type = DZR_PHYSICAL_BYTE_ARRAY};
    dzr_meta_geo *const geo = edges == 0 ? &element.logical.geometry : &element.logical.geography;
    element.logical.has = 1u << (edges == 0 ? DZR_LOGICAL_GEOMETRY : DZR_LOGICAL_GEOGRAPHY);
    *geo = (dzr_meta_geo){
            .has = 1u << DZR_GEO_CRS | (edges > 1 ? 1u << DZR_GEO_ALGORITHM : 0), .crs = crs, .algorithm = edges - 2};
    if (dzr__geo_known(&element, NULL, NULL, NULL))
        round_trip(&element, arena);
    else
        REQUIRE(edges - 2 > 4 || !dzr__utf8_valid(crs.at, crs.len));
}

static void from_note(dzr_bytes json, dzr_arena *arena)
{
    dzr_error err;
    static const uint8_t key[] = "ARROW:extension:name", value[] = "geoarrow.wkb", key2[] = "ARROW:extension:metadata";
    const dzr_key_value notes[] = {{{key, sizeof key - 1}, {value, sizeof value - 1}}, {{key2, sizeof key2 - 1}, json}};
    const dzr_field field = {.name = "g", .type = {.id = DZR_TYPE_BINARY}, .metadata = notes, .n_metadata = 2};
    dzr_meta_element element;
    dzr__element_from_field(&field, &element);
    REQUIRE_OK(dzr__geo_annotate(&field, arena, &element, &err));
    if (DZR_HAS(&element, DZR_ELEMENT_LOGICAL))
        round_trip(&element, arena);
    if (!dzr__json_text_valid(json, true))
        return;
    dzr_json_member member;
    for (size_t at = 0; dzr__json_text_next(json, &at, &member);) {
        REQUIRE(at <= json.len && member.key.at > json.at && member.value.at > member.key.at);
        REQUIRE(dzr__json_text_valid(member.key, false) && dzr__json_text_valid(member.value, false));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return 0;
    dzr_arena arena;
    dzr__arena_init(&arena, NULL, 0);
    const dzr_bytes rest = {bytes + 1, len - 1};
    if (bytes[0] % 2 == 0)
        from_file(bytes[0] / 2 % 8, rest, &arena);
    else
        from_note(rest, &arena);
    dzr__arena_fini(&arena);
    return 0;
}
