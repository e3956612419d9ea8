"""GEOMETRY and GEOGRAPHY: coordinate system and edges stay with a column through the library and convert."""

import json
import os
import pathlib
import subprocess

import corpus
import duckdb
import dzr
import pyarrow.parquet as pq
import pytest

PROGRAM = pathlib.Path(os.environ["DZR_BUILD"]) / "bin" / "datarizer"
FILES = sorted(path.name for path in corpus.FOLDER.glob("data/geospatial/*.parquet"))

pytestmark = pytest.mark.skipif(not FILES, reason=f"there is no {corpus.FOLDER} here")


def path_of(name):
    return corpus.FOLDER / "data" / "geospatial" / name


def annotations(path):
    """Column -> (type, coordinate system, edges) as pyarrow sees them, for those that are annotated."""
    schema = pq.ParquetFile(path).schema
    said = {schema.column(i).name: json.loads(schema.column(i).logical_type.to_json()) for i in range(len(schema))}
    edges = {"Geometry": None, "Geography": "spherical"}
    return {
        name: (what["Type"].lower(), what.get("crs", "OGC:CRS84"), what.get("algorithm", edges[what["Type"]]))
        for name, what in said.items()
        if what["Type"] in edges
    }


def notes(name, column):
    """What our field of it says to other engines."""
    metadata = dzr.read(path_of(name)).schema.field(column).metadata
    assert metadata[b"ARROW:extension:name"] == b"geoarrow.wkb"
    return json.loads(metadata[b"ARROW:extension:metadata"])


@pytest.mark.parametrize("name", FILES)
def test_fields_say_what_the_file_says(name):
    for column, (_, crs, edges) in annotations(path_of(name)).items():
        got = notes(name, column)
        assert got.get("edges") == edges
        if crs.startswith("{"):
            assert (got["crs"], got["crs_type"]) == (json.loads(crs), "projjson")
        elif crs.startswith("srid:"):
            assert (got["crs"], got["crs_type"]) == (crs.removeprefix("srid:"), "srid")
        else:
            assert got["crs"] == crs


@pytest.mark.parametrize("name", FILES)
def test_the_schema_shows_it(name):
    done = subprocess.run([PROGRAM, "schema", "--json", path_of(name)], capture_output=True, check=True)
    shown = {column["name"]: column for column in json.loads(done.stdout)["columns"]}
    for name, want in annotations(path_of(name)).items():
        column = shown[name]
        assert (column["annotation"], column["crs"], column.get("algorithm")) == want


@pytest.mark.parametrize("name", FILES)
def test_convert_keeps_it(tmp_path, name):
    subprocess.run([PROGRAM, "convert", path_of(name), "out.parquet"], cwd=tmp_path, check=True)
    out = tmp_path / "out.parquet"
    assert annotations(out) == annotations(path_of(name)) != {}
    assert corpus.difference(corpus.read_datarizer(out), corpus.read_datarizer(path_of(name))) == ""
    types = [duckdb.sql(f"select * from '{path}'").types for path in (out, path_of(name))]
    assert types[0] == types[1]
    assert any(kind.id == "geometry" for kind in types[0])
    facts = pq.ParquetFile(out).metadata.row_group(0)
    for i in range(facts.num_columns):
        column = facts.column(i)
        is_geo = column.path_in_schema in annotations(out)  # and has no order, so no bounds
        assert (column.statistics.has_min_max, column.has_column_index) == (not is_geo, not is_geo)


def test_the_system_that_the_files_metadata_spells_out_comes_along(tmp_path):
    subprocess.run([PROGRAM, "convert", path_of("crs-projjson.parquet"), "out.parquet"], cwd=tmp_path, check=True)
    metadata = [
        pq.ParquetFile(path).metadata.metadata for path in (tmp_path / "out.parquet", path_of("crs-projjson.parquet"))
    ]
    assert metadata[0][b"projjson_epsg_5070"] == metadata[1][b"projjson_epsg_5070"]


def test_a_field_of_another_engine_is_written_as_one(tmp_path):
    """DuckDB's geometry through the Arrow C Data Interface, back into DuckDB through a file of ours."""
    table = duckdb.sql(f"select geometry from '{path_of('crs-srid.parquet')}'").to_arrow_table()
    dzr.write(table, tmp_path / "a.parquet")
    assert list(annotations(tmp_path / "a.parquet")) == ["geometry"]
    back = duckdb.sql(f"select geometry from '{tmp_path / 'a.parquet'}'")
    assert back.to_arrow_table().column(0).to_pylist() == table.column(0).to_pylist()
    assert back.types[0].id == "geometry"
