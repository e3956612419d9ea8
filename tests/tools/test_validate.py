"""`datarizer validate`: files of other writers are valid, and what is wrong with those of the corpus is known."""

import datetime
import decimal
import functools
import json
import pathlib
import random
import subprocess

import duckdb
import polars
import program
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from program import PROGRAM

CORPUS = pathlib.Path(__file__).parents[3] / "shared" / "parquet-testing" / "data"

# what is wrong with files of the corpus, by kind; others are valid
KNOWN = {
    "alltypes_plain.snappy": {"footer"},  # total_byte_size counts headers twice
    "alltypes_tiny_pages": {"chunk"},  # data_page_offset is 53 bytes before the page
    "byte_array_decimal": {"chunk"},  # PLAIN is not listed
    "datapage_v1-corrupt-checksum": {"crc", "page_index"},
    "datapage_v1-snappy-compressed-checksum": {"page_index"},  # null_counts of -1
    "datapage_v1-uncompressed-checksum": {"page_index"},
    "datapage_v2.snappy": {"chunk"},  # data_page_offset is the dictionary's, here and in all "chunk" that follow
    "hadoop_lz4_compressed": {"chunk"},
    "list_columns": {"footer"},
    "nan_in_stats": {"footer", "statistics"},  # bounds that are NaN
    "nation.dict-malformed": {"footer", "chunk"},
    "nested_lists.snappy": {"chunk"},
    "nested_structs.rust": {"footer"},
    "non_hadoop_lz4_compressed": {"footer"},
    "nullable.impala": {"chunk"},
    "repeated_no_annotation": {"footer"},  # num_rows is 0
    "rle-dict-uncompressed-corrupt-checksum": {"crc"},
    "rle_boolean_encoding": {"footer"},
    "single_nan": {"footer"},
}

run = functools.partial(program.run, "validate")


def findings(file):
    status, out, err = run("--json", file)
    answer = json.loads(out)
    real = [finding for finding in answer["findings"] if finding["kind"] != "unchecked"]
    assert (status, err) == (1 if real else 0, "") and answer["n_findings"] == len(real)
    return answer


def valid(file):
    answer = findings(file)
    assert [finding["message"] for finding in answer["findings"]] == []
    return answer


def table(n=3000, seed=1):
    rng = random.Random(seed)

    def some(make):
        return [None if rng.random() < 0.2 else make(i) for i in range(n)]

    return pa.table(
        {
            "id": pa.array(range(n), pa.int64()),
            "small": pa.array(some(lambda i: i % 200 - 100), pa.int8()),
            "unsigned": pa.array(some(lambda i: 2**32 - 1 - i), pa.uint32()),
            "text": pa.array(some(lambda i: "é" * (i % 40) + str(i % 300))),
            "few": pa.array(some(lambda i: "xyz"[i % 3])),
            "flag": pa.array(some(lambda i: i % 3 == 0)),
            "float": pa.array(some(lambda i: float("nan") if i % 11 == 0 else rng.random() - 0.5), pa.float32()),
            "half": pa.array([float(i % 100 - 50) for i in range(n)]).cast(pa.float16()),
            "double": pa.array(some(lambda i: -0.0 if i % 7 == 0 else rng.random())),
            "day": pa.array(some(lambda i: datetime.date(2020, 1, 1) + datetime.timedelta(i))),
            "at": pa.array(
                some(lambda i: datetime.datetime(2020, 1, 1) + datetime.timedelta(seconds=i)), pa.timestamp("us")
            ),
            "price": pa.array(some(lambda i: decimal.Decimal(i - n // 2) / 100), pa.decimal128(20, 2)),
            "cheap": pa.array(some(lambda i: decimal.Decimal(i - n // 2) / 100), pa.decimal128(7, 2)),
            "fixed": pa.array(some(lambda i: rng.randbytes(5)), pa.binary(5)),
            "tags": pa.array(some(lambda i: [None if k == 2 else f"t{k}" for k in range(i % 4)])),
            "deep": pa.array(some(lambda i: [{"a": [i] * (i % 3), "b": None if i % 2 else i / 3}] * (i % 3))),
            "map": pa.array(some(lambda i: [(f"k{k}", k) for k in range(i % 3)]), pa.map_(pa.string(), pa.int32())),
            "nothing": pa.array([None] * n, pa.int32()),
        }
    )


OPTIONS = {
    "plain": {"compression": "none", "use_dictionary": False, "version": "1.0"},
    "v2": {"data_page_version": "2.0", "compression": "zstd"},
    "index": {"write_page_index": True, "write_page_checksum": True, "data_page_size": 2000},
    "index_v2": {"write_page_index": True, "data_page_version": "2.0", "data_page_size": 2000, "compression": "gzip"},
    "sorted": {"sorting_columns": [pq.SortingColumn(0)], "row_group_size": 700},
    "deltas": {
        "use_dictionary": False,
        "column_encoding": {"id": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "double": "BYTE_STREAM_SPLIT"},
    },
}


@pytest.mark.parametrize("case", OPTIONS)
def test_files_of_pyarrow_are_valid(case, tmp_path):
    options = OPTIONS[case]
    pq.write_table(table(), tmp_path / "a.parquet", **{"compression": "snappy", **options})
    answer = valid(tmp_path / "a.parquet")
    assert answer["n_row_groups"] == (5 if case == "sorted" else 1)
    assert (answer["n_indexes"] > 0) == ("index" in case) and (answer["n_crcs"] > 0) == (case == "index")


def test_files_of_duckdb_are_valid_with_their_bloom_filters(tmp_path):
    rows = table().drop_columns(["half"])  # noqa: F841: seen by DuckDB
    names = 'id, small, unsigned, text, few, flag, day, "at", price, cheap, tags, deep'
    duckdb.sql(f"copy (select {names} from rows) to '{tmp_path}/a.parquet' (row_group_size 2048)")
    assert valid(tmp_path / "a.parquet")["n_bloom_filters"] > 0


def test_files_of_polars_are_valid(tmp_path):
    polars.from_arrow(table().drop_columns(["map", "half"])).write_parquet(tmp_path / "a.parquet", row_group_size=1000)
    valid(tmp_path / "a.parquet")


def test_our_own_files_are_valid(tmp_path):
    pq.write_table(table(), tmp_path / "a.parquet")
    for options in ([], ["--codec", "zstd", "--row-group-rows", "500"], ["--codec", "none"]):
        command = [PROGRAM, "convert", *options, tmp_path / "a.parquet", tmp_path / "b.parquet"]
        subprocess.run(command, check=True)
        answer = valid(tmp_path / "b.parquet")
        assert answer["n_crcs"] == answer["n_pages"] and answer["n_indexes"] > 0


def test_a_bit_that_flips_anywhere_is_found(tmp_path):
    """A bit in 200 places of a file with checksums, and nothing but the program's own words comes out."""
    pq.write_table(table(300), tmp_path / "a.parquet", compression="zstd")
    subprocess.run([PROGRAM, "convert", tmp_path / "a.parquet", tmp_path / "b.parquet"], check=True)
    data = (tmp_path / "b.parquet").read_bytes()
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    rng = random.Random(4)
    missed = 0
    for _ in range(200):
        at = rng.randrange(footer)
        changed = bytearray(data)
        changed[at] ^= 1 << rng.randrange(8)
        (tmp_path / "c.parquet").write_bytes(changed)
        status, out, err = run(tmp_path / "c.parquet")
        assert status in (0, 1) and err == "", err
        missed += status == 0
    assert missed <= 4  # bounds of a page index may get wider, and a reserved bit of Thrift is nobody's


def test_what_is_wrong_is_told_with_its_place(tmp_path):
    pq.write_table(table(500), tmp_path / "a.parquet", write_page_checksum=True, compression="none")
    data = bytearray((tmp_path / "a.parquet").read_bytes())
    at = data.index((10).to_bytes(8, "little") + (11).to_bytes(8, "little"))
    data[at] ^= 1
    (tmp_path / "b.parquet").write_bytes(data)
    status, out, err = run("b.parquet", "a.parquet", cwd=tmp_path)
    lines = out.splitlines()
    assert (status, err, len(lines)) == (1, "", 3)
    assert lines[0].startswith('crc: b.parquet: row group 0, column "id", byte 4: page has CRC ')
    assert lines[1].startswith("b.parquet: not valid; checked 1 row group, ")
    assert lines[2].startswith("a.parquet: valid; checked 1 row group, ")


def test_records_are_read(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a":1}\n{"a":2}\n')
    (tmp_path / "b.jsonl").write_text('{"a":1}\n{"a":}\n')
    assert run("a.jsonl", cwd=tmp_path) == (0, "a.jsonl: valid; read 2 rows\n", "")
    status, out, err = run("b.jsonl", cwd=tmp_path)
    assert (status, err) == (1, "") and out.startswith("record: b.jsonl: line 2: byte 5: ")
    answer = json.loads(run("--json", "b.jsonl", cwd=tmp_path)[1])
    assert answer["n_findings"] == 1 and answer["findings"][0]["kind"] == "record"
    assert run("--from", "jsonl", "-", stdin='{"a":1}')[0] == 0
    status, out, err = run("none.parquet", "a.jsonl", cwd=tmp_path)
    assert status == 1 and err.startswith("datarizer: none.parquet: can't be opened") and "a.jsonl: valid" in out


def test_the_corpus_is_valid_but_for_what_is_known():
    files = sorted(CORPUS.glob("*.parquet"))
    if not files:
        pytest.skip("no ../shared/parquet-testing")
    wrong = {}
    for file in files:
        kinds = {finding["kind"] for finding in findings(file)["findings"]} - {"unchecked"}
        if kinds:
            wrong[file.stem] = kinds
    assert {name: kinds for name, kinds in KNOWN.items() if (CORPUS / f"{name}.parquet").exists()} == wrong
