/* parquet/metadata/geo.c - coordinate systems and the shape of edges, from a file's schema to a field's notes and back.
 * See geo.h. A coordinate system is a text in the file: "srid:5070", PROJJSON, or a name; in GeoArrow's JSON each has a
 * form of its own, from which the same text comes back. */
#include "parquet/metadata/geo.h"

#include "parquet/metadata/json_text.h"

#define EXTENSION_NAME "ARROW:extension:name"
#define EXTENSION_METADATA "ARROW:extension:metadata"
#define EXTENSION "geoarrow.wkb"
#define DEFAULT_CRS "OGC:CRS84"
#define SRID "srid:"

static dzr_bytes text_of(const char *text)
{
    return (dzr_bytes){(const uint8_t *)text, strlen(text)};
}

static bool is_text(dzr_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.at, text, bytes.len) == 0;
}

static const char *const algorithms[] = {"spherical", "vincenty", "thomas", "andoyer", "karney"};
enum { N_ALGORITHMS = sizeof algorithms / sizeof *algorithms };

const char *dzr__geo_algorithm(int32_t algorithm)
{
    return algorithm >= 0 && algorithm < N_ALGORITHMS ? algorithms[algorithm] : NULL;
}

/* ---- reading ---- */

bool dzr__geo_known(const dzr_meta_element *element, bool *is_geography, dzr_bytes *crs, int32_t *algorithm)
{
    const dzr_meta_logical *const logical = &element->logical;
    const bool geography = DZR_HAS(logical, DZR_LOGICAL_GEOGRAPHY);
    if (!DZR_HAS(element, DZR_ELEMENT_LOGICAL) || (!geography && !DZR_HAS(logical, DZR_LOGICAL_GEOMETRY)) ||
            element->type != DZR_PHYSICAL_BYTE_ARRAY || element->num_children > 0)
        return false;
    const dzr_meta_geo *const geo = geography ? &logical->geography : &logical->geometry;
    const dzr_bytes name = DZR_HAS(geo, DZR_GEO_CRS) && geo->crs.len > 0 ? geo->crs : text_of(DEFAULT_CRS);
    const int32_t number = DZR_HAS(geo, DZR_GEO_ALGORITHM) ? geo->algorithm : 0;
    if (!dzr__utf8_valid(name.at, name.len) || (geography && dzr__geo_algorithm(number) == NULL))
        return false;
    if (is_geography != NULL)
        *is_geography = geography;
    if (crs != NULL)
        *crs = name;
    if (algorithm != NULL)
        *algorithm = number;
    return true;
}

static dzr_status append_text(dzr_bytebuf *out, const char *text, dzr_error *err)
{
    return dzr__bytebuf_append(out, text, strlen(text), err);
}

static dzr_status append_crs(dzr_bytebuf *json, dzr_bytes crs, dzr_error *err)
{
    if (is_text(crs, DEFAULT_CRS))
        return append_text(json, "{\"crs\":\"" DEFAULT_CRS "\",\"crs_type\":\"authority_code\"", err);
    DZR_TRY(append_text(json, "{\"crs\":", err));
    if (crs.at[0] == '{' && crs.at[crs.len - 1] == '}' && dzr__json_text_valid(crs, true)) { /* no space around it */
        DZR_TRY(dzr__bytebuf_append(json, crs.at, crs.len, err));
        return append_text(json, ",\"crs_type\":\"projjson\"", err);
    }
    const size_t n = strlen(SRID);
    if (crs.len > n && memcmp(crs.at, SRID, n) == 0) {
        DZR_TRY(dzr__json_text_append(json, (dzr_bytes){crs.at + n, crs.len - n}, err));
        return append_text(json, ",\"crs_type\":\"srid\"", err);
    }
    return dzr__json_text_append(json, crs, err);
}

static dzr_status append_json(dzr_bytebuf *json, dzr_bytes crs, const char *edges, dzr_error *err)
{
    DZR_TRY(append_crs(json, crs, err));
    if (edges == NULL)
        return append_text(json, "}", err);
    DZR_TRY(append_text(json, ",\"edges\":\"", err));
    DZR_TRY(append_text(json, edges, err));
    return append_text(json, "\"}", err);
}

dzr_status dzr__geo_add_notes(const dzr_meta_element *element, dzr_arena *arena, dzr_field *field, dzr_error *err)
{
    bool is_geography = false;
    dzr_bytes crs;
    int32_t algorithm = 0;
    if (!dzr__geo_known(element, &is_geography, &crs, &algorithm))
        return DZR_OK;
    const int32_t n = field->n_metadata;
    dzr_key_value *const notes = dzr__arena_zeroed(arena, (size_t)n + 2, sizeof *notes, err);
    if (notes == NULL)
        return dzr__arena_status(err);
    dzr_bytebuf json = {.alloc = arena->alloc};
    const dzr_status st = append_json(&json, crs, is_geography ? algorithms[algorithm] : NULL, err);
    const char *const text = st == DZR_OK ? dzr__arena_text(arena, json.at, json.len, err) : NULL;
    const size_t len = json.len;
    dzr__bytebuf_fini(&json);
    if (text == NULL)
        return st == DZR_OK ? dzr__arena_status(err) : st;
    if (n > 0)
        memcpy(notes, field->metadata, (size_t)n * sizeof *notes);
    notes[n] = (dzr_key_value){text_of(EXTENSION_NAME), text_of(EXTENSION)};
    notes[n + 1] = (dzr_key_value){text_of(EXTENSION_METADATA), {(const uint8_t *)text, len}};
    field->metadata = notes;
    field->n_metadata = n + 2;
    return DZR_OK;
}

/* ---- writing ---- */

/* What a note says, as it stands there: strings with their quotes. */
typedef struct said {
    dzr_bytes crs, crs_type, edges;
} said;

static said what_is_said(dzr_bytes json)
{
    said out = {0};
    dzr_json_member member;
    for (size_t at = 0; dzr__json_text_next(json, &at, &member);) {
        if (is_text(member.key, "\"crs\""))
            out.crs = member.value;
        else if (is_text(member.key, "\"crs_type\""))
            out.crs_type = member.value;
        else if (is_text(member.key, "\"edges\""))
            out.edges = member.value;
    }
    return out;
}

/* The number of the algorithm whose name, in quotes, this is; -1 for none. */
static int32_t algorithm_of(dzr_bytes edges)
{
    for (int32_t i = 0; i < N_ALGORITHMS; i++)
        if (edges.len == strlen(algorithms[i]) + 2 && memcmp(edges.at + 1, algorithms[i], edges.len - 2) == 0)
            return i;
    return -1;
}

/* The text for the file; of length 0 for the default, and where nothing is said. *known is false for what has no form
 * in a file. */
static dzr_status crs_text(const said *is, dzr_arena *arena, bool *known, dzr_bytes *out, dzr_error *err)
{
    *out = (dzr_bytes){0};
    *known = true;
    if (is->crs.len == 0 || is_text(is->crs, "null"))
        return DZR_OK;
    if (*is->crs.at == '{') {
        *out = is->crs;
        return DZR_OK;
    }
    *known = *is->crs.at == '"';
    if (!*known)
        return DZR_OK;
    DZR_TRY(dzr__json_text_unescape(is->crs, arena, out, err));
    if (is_text(*out, DEFAULT_CRS))
        *out = (dzr_bytes){0};
    if (!is_text(is->crs_type, "\"srid\""))
        return DZR_OK;
    uint8_t *const text = dzr__arena_zeroed(arena, strlen(SRID) + out->len, 1, err);
    if (text == NULL)
        return DZR_ERR_NOMEM;
    memcpy(text, SRID, strlen(SRID));
    if (out->len > 0)
        memcpy(text + strlen(SRID), out->at, out->len);
    *out = (dzr_bytes){text, strlen(SRID) + out->len};
    return DZR_OK;
}

dzr_status dzr__geo_annotate(const dzr_field *field, dzr_arena *arena, dzr_meta_element *element, dzr_error *err)
{
    const dzr_key_value *const name = dzr_field_note(field, EXTENSION_NAME);
    const dzr_key_value *const note = dzr_field_note(field, EXTENSION_METADATA);
    if (field->type.id != DZR_TYPE_BINARY || name == NULL || !is_text(name->value, EXTENSION))
        return DZR_OK;
    const bool empty = note == NULL || note->value.len == 0;
    if (!empty && !dzr__json_text_valid(note->value, true))
        return DZR_OK;
    const said is = empty ? (said){0} : what_is_said(note->value);
    const bool is_geography = is.edges.len > 0 && !is_text(is.edges, "\"planar\"") && !is_text(is.edges, "null");
    const int32_t algorithm = is_geography ? algorithm_of(is.edges) : 0;
    bool known = true;
    dzr_bytes crs;
    DZR_TRY(crs_text(&is, arena, &known, &crs, err));
    if (!known || algorithm < 0)
        return DZR_OK;
    const dzr_meta_geo geo = {
            .has = (crs.len > 0 ? 1u << DZR_GEO_CRS : 0) | (is_geography ? 1u << DZR_GEO_ALGORITHM : 0),
            .crs = crs,
            .algorithm = algorithm,
    };
    element->has |= 1u << DZR_ELEMENT_LOGICAL;
    element->logical.has = 1u << (is_geography ? DZR_LOGICAL_GEOGRAPHY : DZR_LOGICAL_GEOMETRY);
    *(is_geography ? &element->logical.geography : &element->logical.geometry) = geo;
    return DZR_OK;
}
