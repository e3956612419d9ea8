"""`datarizer convert --dead-letter` and `--record-info`: bad records put aside, records that say where from."""

import base64
import hashlib
import json
import random

import program
import pyarrow.parquet as pq
import pytest

BAD = [b'{"n":', b"no", b'{"n":"x"}', b'{"n":1}{"n":2}', b"\xff\xfe", b'{"n":1.5}', b'{"m":1}', b"[]", b'{"n":1,}']


def run(*arguments, cwd):
    status, _, err = program.run("convert", *arguments, cwd=cwd)
    return status, err


@pytest.fixture(name="folder", scope="module")
def folder_fixture(tmp_path_factory):
    """200,000 lines, of which some are bad, behind 10,000 good ones that the schema is from."""
    folder, draw = tmp_path_factory.mktemp("dead"), random.Random(3)
    lines = [b'{"n":%d,"t":"%s"}' % (i, b"x" * (i % 50)) for i in range(200000)]
    where = sorted(draw.sample(range(10000, len(lines)), 1000))
    for i in where:
        lines[i] = draw.choice(BAD)
    lines[5] = b"  "
    (folder / "in.jsonl").write_bytes(b"\n".join(lines))
    return folder, lines, where


@pytest.mark.parametrize("threads", [1, 4])
def test_bad_records_are_put_aside_with_their_place(threads, folder):
    folder, lines, where = folder
    status, err = run("--threads", threads, "--dead-letter", "bad.jsonl", "in.jsonl", "out.parquet", cwd=folder)
    assert (status, err) == (0, "datarizer: in.jsonl: 1000 bad records went to bad.jsonl\n")
    dead = [json.loads(line) for line in (folder / "bad.jsonl").read_text("utf-8").splitlines()]
    assert [record["line"] for record in dead] == [i + 1 for i in where]
    text = (folder / "in.jsonl").read_bytes()
    for record, i in zip(dead, where):
        raw = record["raw"].encode() if record["raw"] is not None else base64.b64decode(record["raw_base64"])
        assert raw == lines[i] == text[record["offset"] : record["offset"] + len(raw)]
        assert record["reason"].startswith(f"in.jsonl: line {i + 1}: ")
    good = [i for i in range(len(lines)) if i != 5 and i not in set(where)]
    assert pq.read_table(folder / "out.parquet")["n"].to_pylist() == good


def test_bad_records_of_the_sample_do_not_make_the_schema(tmp_path):
    (tmp_path / "in.jsonl").write_bytes(b'{"n":1}\n{"n":"x"}\n{"n":\n{"n":3}\n')
    status, err = run("--dead-letter", "bad.jsonl", "in.jsonl", "out.jsonl", cwd=tmp_path)
    assert (status, err) == (0, "datarizer: in.jsonl: 2 bad records went to bad.jsonl\n")
    assert (tmp_path / "out.jsonl").read_text() == '{"n":1}\n{"n":3}\n'


def test_more_than_allowed_fail_and_leave_neither_file(tmp_path):
    (tmp_path / "in.jsonl").write_bytes(b'{"n":1}\n' + b"no\n" * 3)
    status, err = run("--dead-letter", "bad.jsonl", "--max-bad", 2, "in.jsonl", "out.parquet", cwd=tmp_path)
    assert status == 1 and "line 4: " in err and "it is one more than the 2 bad records allowed" in err
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]
    status, err = run("--dead-letter", "bad.jsonl", "--max-bad", 3, "in.jsonl", "out.parquet", cwd=tmp_path)
    assert (status, err) == (0, "datarizer: in.jsonl: 3 bad records went to bad.jsonl\n")


def test_without_bad_records_nothing_is_said(tmp_path):
    (tmp_path / "in.jsonl").write_bytes(b'{"n":1}\n')
    assert run("--dead-letter", "bad.jsonl", "in.jsonl", "out.parquet", cwd=tmp_path) == (0, "")
    assert (tmp_path / "bad.jsonl").read_bytes() == b""


def test_record_info_says_where_a_record_is_from(tmp_path):
    lines = ['{"n":1}', ' {"n": 2, "t":"Žofie"} ']
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert run("--record-info", "in.jsonl", "out.parquet", cwd=tmp_path) == (0, "")
    infos = pq.read_table(tmp_path / "out.parquet")["_recordinfo"].to_pylist()
    lines = [line.strip() for line in lines]  # the records, and no more
    assert [info["_raw_data"] for info in infos] == lines
    assert [info["_row_hash"] for info in infos] == [hashlib.sha256(line.encode()).hexdigest() for line in lines]
    assert {info["_source_info"] for info in infos} == {"in.jsonl"}


@pytest.mark.parametrize("option", [["--record-info"], ["--dead-letter", "x"], ["--max-bad", "1"]])
def test_of_parquet_there_are_none(option, tmp_path):
    status, err = run(*option, "in.parquet", "out.jsonl", cwd=tmp_path)
    assert (status, err) == (2, f"datarizer convert: {option[0]} goes with JSON lines only\n")
