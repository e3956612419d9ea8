"""The program `datarizer` as a user calls it: what it prints where, exit statuses, files that appear whole or not."""

import json
import os
import pathlib
import signal
import subprocess
import time

import pytest
from program import PROGRAM, run

SANITIZED = bool(os.environ.get("DZR_SANITIZE"))

PEOPLE = (
    '{"id":1,"name":"Žofie","score":0.5,"ok":true}\n'
    '{"id":2,"name":"李小龍","score":null,"ok":false}\n'
    '{"id":3,"name":"a\\nb \\"c\\"","score":-1e-7,"ok":null}\n'
)


@pytest.fixture(name="people")
def people_fixture(tmp_path):
    (tmp_path / "people.jsonl").write_text(PEOPLE, encoding="utf-8")
    status, out, err = run("convert", "people.jsonl", "people.parquet", cwd=tmp_path)
    assert (status, out, err) == (0, "", "")
    return tmp_path


# ---- parts of a file ----


@pytest.fixture(name="numbers", scope="module")
def numbers_fixture(tmp_path_factory):
    folder = tmp_path_factory.mktemp("numbers")
    lines = "".join('{"n":%d,"s":{"a":%d,"b":"x%d"}}\n' % (i, i * i, i) for i in range(50))
    (folder / "numbers.jsonl").write_text(lines, encoding="utf-8")
    assert run("convert", "--row-group-rows", 20, "numbers.jsonl", "numbers.parquet", cwd=folder) == (0, "", "")
    return folder


PARTS = {
    "rows": (["--rows", "18:4"], [18, 19, 20, 21]),
    "rows_to_the_end": (["--rows", "47:"], [47, 48, 49]),
    "rows_from_the_start": (["--rows", ":2"], [0, 1]),
    "a_count": (["--rows", "3"], [0, 1, 2]),
    "behind_the_end": (["--rows", "50:3"], []),
    "row_groups": (["--row-groups", "2,0-1", "--rows", "9:3"], [49, 0, 1]),
    "batches": (["--batch-rows", "7"], list(range(50))),
    "in_little_memory": (["--memory", "2MiB", "--rows", "40:2"], [40, 41]),
}


@pytest.mark.parametrize("case", PARTS)
def test_convert_takes_a_part(case, numbers):
    options, want = PARTS[case]
    status, out, err = run("convert", *options, "--to", "jsonl", "numbers.parquet", "-", cwd=numbers)
    assert (status, err) == (0, "")
    assert [json.loads(line) for line in out.splitlines()] == [{"n": i, "s": {"a": i * i, "b": f"x{i}"}} for i in want]


def test_columns_are_chosen_by_path(numbers):
    for columns, want in [("n", {"n": 7}), ("s.b,n", {"s": {"b": "x7"}, "n": 7}), ("s", {"s": {"a": 49, "b": "x7"}})]:
        status, out, err = run(
            "convert", "--columns", columns, "--rows", "7:1", "--to", "jsonl", "numbers.parquet", "-", cwd=numbers
        )
        assert (status, err) == (0, "") and json.loads(out) == want
    status, out, err = run("head", "--columns", "s.a", "--rows", "30:2", "--json", "numbers.parquet", cwd=numbers)
    assert (status, out, err) == (0, '{"s":{"a":900}}\n{"s":{"a":961}}\n', "")


def test_head_takes_no_rows_and_rows_of_json_lines(numbers):
    assert run("head", "-n", 0, "--columns", "n", "numbers.parquet", cwd=numbers) == (0, "    n\nint64\n", "")
    status, out, err = run("head", "--json", "--rows", "30:2", "numbers.jsonl", cwd=numbers)
    assert (status, err) == (0, "") and [json.loads(line)["n"] for line in out.splitlines()] == [30, 31]


REFUSED_PARTS = {
    "rows": (["--rows", "5-7"], 2, '--rows "5-7": not such a value; 1000:20 is one'),
    "no_rows": (["--rows", "5:0"], 2, '--rows "5:0": not such a value'),
    "too_many_rows": (["--rows", "5:99999999999999999999"], 2, "not such a value"),
    "only_a_colon": (["--rows", ":"], 2, '--rows ":": not such a value'),
    "row_groups": (["--row-groups", "2-1"], 2, '--row-groups "2-1": not such a value; 0,2,5-7 is one'),
    "a_comma_too_many": (["--row-groups", "1,"], 2, '--row-groups "1,": not such a value'),
    "huge_row_groups": (["--row-groups", "0-2147483646"], 2, "not such a value"),
    "an_empty_name": (["--columns", "n,,s"], 2, '--columns "n,,s": not such a value; id,name is one'),
    "an_absent_column": (["--columns", "m"], 1, 'numbers.parquet: there is no column "m"'),
    "an_absent_row_group": (["--row-groups", "3"], 1, "numbers.parquet: row group 3 of 3"),
    "too_little_memory": (["--memory", "10KiB"], 1, "the memory budget of 10240 bytes does not allow: raise `memory`"),
}


@pytest.mark.parametrize("case", REFUSED_PARTS)
def test_parts_that_are_none_are_refused(case, numbers):
    options, want, words = REFUSED_PARTS[case]
    status, out, err = run("convert", *options, "--to", "jsonl", "numbers.parquet", "-", cwd=numbers)
    assert (status, out) == (want, "") and words in err and err.count("\n") == 1


# ---- usage ----


def test_help_and_version_go_to_standard_output(tmp_path):
    for arguments in (["--help"], ["schema", "--help"], ["head", "--help"], ["convert", "--help"]):
        status, out, err = run(*arguments, cwd=tmp_path)
        assert status == 0 and err == ""
        assert out.startswith("usage: datarizer") and "examples:" in out
        assert max(map(len, out.splitlines())) <= 120
    status, out, err = run("--version", cwd=tmp_path)
    assert (status, err) == (0, "") and out.startswith("datarizer ")


USAGE = {
    "no_command": ([], "datarizer: a command is missing (datarizer --help lists them)"),
    "unknown_command": (["cta"], 'datarizer: unknown command "cta" (datarizer --help lists them)'),
    "no_file": (
        ["schema"],
        "datarizer schema: too few arguments, usage: datarizer schema [OPTION]... FILE... "
        "(datarizer schema --help lists the options)",
    ),
    "unclear_input": (
        ["head", "people"],
        "datarizer head: people: its name does not tell the format "
        "(.parquet, .jsonl, .ndjson, .json, .csv and .tsv do); say it with --from",
    ),
    "unclear_output": (
        ["convert", "a.jsonl", "-"],
        "datarizer convert: -: its name does not tell the format "
        "(.parquet, .jsonl, .ndjson, .json, .csv and .tsv do); say it with --to",
    ),
    "unknown_format": (
        ["head", "--from", "orc", "a"],
        'datarizer head: --from "orc": must be one of: parquet, jsonl, ndjson, json, csv, tsv '
        "(datarizer head --help lists the options)",
    ),
    "unknown_codec": (
        ["convert", "--codec", "lzo", "a.jsonl", "b.parquet"],
        'datarizer convert: --codec "lzo": must be one of: snappy, zstd, gzip, lz4_raw, brotli, uncompressed, none '
        "(datarizer convert --help lists the options)",
    ),
    "level_without_levels": (
        ["convert", "--level", "3", "a.jsonl", "b.parquet"],
        "datarizer convert: --level: snappy has no levels",
    ),
    "level_too_high": (
        ["convert", "--codec", "gzip", "--level", "10", "a.jsonl", "b.parquet"],
        "datarizer convert: --level: gzip ends at 9",
    ),
    "no_rows_a_group": (
        ["convert", "--row-group-rows", "0", "a.jsonl", "b.parquet"],
        'datarizer convert: --row-group-rows "0": must lie between 1 and 2147483647 '
        "(datarizer convert --help lists the options)",
    ),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage_exits_2_with_one_line(case, tmp_path):
    arguments, message = USAGE[case]
    assert run(*arguments, cwd=tmp_path) == (2, "", message + "\n")
    assert os.listdir(tmp_path) == []


# ---- bad input ----

BAD = {
    "missing": (None, "in.jsonl: can't be opened: No such file or directory"),
    "empty": ("", "in.jsonl: no record from which columns could be inferred"),
    "not_json": ("id,name\n1,a\n", "in.jsonl: line 1: byte 0: 'i' where a value was expected"),
    "array_file": ('[\n{"a":1}\n]\n', "in.jsonl: line 1: byte 1: the text ends where a value was expected"),
    "cut_short": ('{"a":1}\n{"a":', "in.jsonl: line 2: byte 5: the text ends where a value was expected"),
    "mixed": (
        '{"a":1}\n{"a":"x"}\n',
        'in.jsonl: line 2: member "a": a string, where an earlier record has a whole number',
    ),
    "nested_mixed_kinds": (
        '{"a":[{"b":1}]}\n{"a":[{"b":"x"}]}\n',
        'in.jsonl: line 2: member "a[].b": a string, where an earlier element has a whole number',
    ),
    "too_large": (
        '{"a":1e999}\n',
        'in.jsonl: line 1: member "a": number 1e999 is outside the range of double '
        "(as inferred from the records at the start)",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_exits_1_and_leaves_the_output_as_it_was(case, tmp_path):
    text, message = BAD[case]
    if text is not None:
        (tmp_path / "in.jsonl").write_text(text)
    (tmp_path / "out.parquet").write_text("old")
    before = sorted(os.listdir(tmp_path))
    assert run("convert", "in.jsonl", "out.parquet", cwd=tmp_path) == (1, "", f"datarizer: {message}\n")
    assert (tmp_path / "out.parquet").read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == before


def test_a_late_value_that_does_not_fit_names_its_line(tmp_path):
    lines = ['{"a":%d}' % i for i in range(20000)]
    lines[15000] = '{"a":0.5}'
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    assert run("convert", "in.jsonl", "out.parquet", cwd=tmp_path) == (
        1,
        "",
        'datarizer: in.jsonl: line 15001: member "a": number 0.5 is not int64 '
        "(as inferred from the records at the start)\n",
    )
    assert os.listdir(tmp_path) == ["in.jsonl"]
    assert run("convert", "--sample-rows", "20000", "in.jsonl", "out.parquet", cwd=tmp_path) == (0, "", "")


def test_bad_parquet_exits_1(people):
    whole = (people / "people.parquet").read_bytes()
    (people / "cut.parquet").write_bytes(whole[:-5])
    (people / "text.parquet").write_text("this is no Parquet file at all")
    for name in ("cut.parquet", "text.parquet"):
        for command in ("schema", "head"):
            status, out, err = run(command, name, cwd=people)
            assert status == 1 and out == ""
            assert err.startswith(f"datarizer: {name}: ") and err.count("\n") == 1


def test_head_shows_nested_values_as_json(tmp_path):
    (tmp_path / "in.jsonl").write_text('{"p":{"x":1,"t":["é"]},"l":[{"k":1},null]}\n{"p":null,"l":[]}\n')
    status, out, err = run("head", "in.jsonl", cwd=tmp_path)
    assert (status, err) == (0, "")
    assert [line.split() for line in out.splitlines()] == [
        ["p", "l"],
        ["struct", "list"],
        ['{"x":1,"t":["é"]}', '[{"k":1},null]'],
        ["null", "[]"],
    ]


def test_parquet_from_a_stream_is_refused(people):
    data = (people / "people.parquet").read_bytes()
    done = subprocess.run([PROGRAM, "head", "--from", "parquet", "-"], input=data, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == (
        b"datarizer: standard input: Parquet is read from its end, which takes a file and not a stream\n"
    )


def test_missing_folder_of_the_output(people):
    status, out, err = run("convert", "people.jsonl", "no/out.parquet", cwd=people)
    assert (status, out) == (1, "") and err.startswith("datarizer: no/out.parquet: ")
    assert "No such file or directory" in err


# ---- what it does ----


def test_schema_for_people_and_for_programs(people):
    status, out, err = run("schema", "people.parquet", cwd=people)
    assert (status, err) == (0, "")
    assert out.splitlines()[:5] == [
        "column  type    null",
        "id      int64   yes",
        "name    string  yes",
        "score   double  yes",
        "ok      bool    yes",
    ]
    assert out.splitlines()[-1].startswith("Parquet; 3 rows in 1 row group; created by datarizer version ")
    columns = [
        {"name": "id", "type": "int64", "nullable": True},
        {"name": "name", "type": "string", "nullable": True},
        {"name": "score", "type": "double", "nullable": True},
        {"name": "ok", "type": "bool", "nullable": True},
    ]
    status, out, err = run("schema", "--json", "people.parquet", cwd=people)
    facts = json.loads(out)
    assert facts.pop("created_by").startswith("datarizer version ")
    assert facts == {"file": "people.parquet", "format": "parquet", "n_rows": 3, "n_row_groups": 1, "columns": columns}
    assert json.loads(run("schema", "--json", "people.jsonl", cwd=people)[1]) == {
        "file": "people.jsonl",
        "format": "jsonl",
        "columns": columns,
    }


def test_head_prints_a_table_with_columns_in_line(people):
    assert run("head", "people.parquet", cwd=people) == (
        0,
        (
            "   id  name       score  ok\n"
            "int64  string    double  bool\n"
            "    1  Žofie        0.5  true\n"
            "    2  李小龍      null  false\n"
            '    3  a\\nb "c"   -1e-7  null\n'
        ),
        "",
    )
    assert run("head", "-n", "0", "people.jsonl", cwd=people)[1].count("\n") == 2


def test_head_fits_the_width(tmp_path):
    record = {f"column_{i}": "x" * 30 for i in range(8)}
    (tmp_path / "wide.jsonl").write_text(json.dumps(record) + "\n")
    for width in (10, 40, 80, 200):
        _, out, _ = run("head", "--width", width, "wide.jsonl", cwd=tmp_path)
        assert max(map(len, out.splitlines()[:3])) <= max(width, 6)
    assert out.count("…") > 0
    assert run("head", "--width", 20, "wide.jsonl", cwd=tmp_path)[1].splitlines()[-1] == "(and 6 more columns)"
    _, out, _ = run("head", "wide.jsonl", cwd=tmp_path, COLUMNS="40")
    assert max(map(len, out.splitlines()[:3])) <= 40


HOSTILE = "\u001b]0;x\u0007\u009b2J\u202e\u2066\u007f\r"
SPELT = "\\u001b]0;x\\u0007\\u009b2J\\u202e\\u2066\\u007f\\u000d"


def test_nothing_a_file_holds_reaches_the_terminal_as_a_command(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({HOSTILE: HOSTILE}) + "\n" + json.dumps({HOSTILE: 1}) + "\n")
    status, out, err = run("convert", "a.jsonl", "b.parquet", cwd=tmp_path)
    assert (status, out) == (1, "") and 'line 2: member "?]0;x?\\u009b2J\\u202e\\u2066??": a whole number' in err
    (tmp_path / "a.jsonl").write_text(json.dumps({HOSTILE: HOSTILE}) + "\n")
    assert run("convert", "a.jsonl", "b.parquet", cwd=tmp_path) == (0, "", "")
    assert run("head", "b.parquet", cwd=tmp_path)[1].splitlines() == [SPELT, "string".ljust(len(SPELT)).rstrip(), SPELT]
    assert SPELT in run("schema", "b.parquet", cwd=tmp_path)[1]
    broken = bytearray((tmp_path / "b.parquet").read_bytes())
    broken[40] ^= 1
    (tmp_path / "b.parquet").write_bytes(broken)
    status, out, err = run("head", "b.parquet", cwd=tmp_path)
    assert (status, out) == (1, "") and f'row group 0, column "{SPELT}", ' in err


def test_what_wrote_a_file_is_text_whatever_it_is(people):
    whole = (people / "people.parquet").read_bytes()
    name = b"datarizer version"
    assert whole.count(name) == 1
    (people / "a.parquet").write_bytes(whole.replace(name, b'\x1b]0;\x07\x9b"\xff\\\n'.ljust(len(name), b"x")))
    shown = '\x1b]0;\x07\ufffd"\ufffd\\\n'.ljust(len(name), "x")
    status, out, err = run("schema", "--json", "a.parquet", cwd=people)
    assert (status, err) == (0, "") and json.loads(out)["created_by"].startswith(shown + " ")
    out = run("schema", "a.parquet", cwd=people)[1]
    assert '; created by \\u001b]0;\\u0007\ufffd"\ufffd\\\\n' in out and "\x1b" not in out


def test_a_very_wide_file_takes_no_time(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({f"{'x' * 60}{i}": i for i in range(100000)}) + "\n")
    status, out, err = run("head", "--width", "80", "a.jsonl", cwd=tmp_path)
    assert (status, err) == (0, "") and out.endswith("(and 99990 more columns)\n")
    assert run("convert", "a.jsonl", "b.parquet", cwd=tmp_path) == (0, "", "")
    assert run("convert", "b.parquet", "c.jsonl", cwd=tmp_path) == (0, "", "")
    assert (tmp_path / "c.jsonl").stat().st_size == (tmp_path / "a.jsonl").stat().st_size - 2 * 100000 + 1


def test_head_json_prints_values_in_full(people):
    assert run("head", "--json", "-n", "2", "people.parquet", cwd=people) == (
        0,
        "".join(PEOPLE.splitlines(True)[:2]),
        "",
    )
    assert run("head", "--json", "people.jsonl", cwd=people) == (0, PEOPLE, "")


def test_convert_there_and_back_changes_nothing(people):
    for codec in ("snappy", "zstd", "gzip", "uncompressed", "none"):
        for encoding in ("compat", "auto"):
            assert run(
                "convert",
                "--codec",
                codec,
                "--encoding",
                encoding,
                "--threads",
                "2",
                "people.jsonl",
                "copy.parquet",
                cwd=people,
            ) == (0, "", "")
            assert run("convert", "--to", "jsonl", "copy.parquet", "-", cwd=people) == (0, PEOPLE, "")


def test_threads_do_not_change_the_result(tmp_path):
    lines = "".join(
        '{"id":%d,"name":"n%d","tags":[%s],"at":{"x":%d.125}}\n' % (i, i * 7919, '"a"' if i % 3 else "", i)
        for i in range(40000)
    )
    (tmp_path / "in.jsonl").write_text(lines, encoding="ascii")
    for threads in (1, 2, 8, 0):
        part = ["--threads", threads]
        assert run("convert", *part, "--row-group-rows", 15000, "in.jsonl", f"{threads}.parquet", cwd=tmp_path) == (
            0,
            "",
            "",
        )
        assert run("convert", *part, "1.parquet", f"{threads}.again.parquet", cwd=tmp_path) == (0, "", "")
        assert run("convert", *part, "1.parquet", f"{threads}.jsonl", cwd=tmp_path) == (0, "", "")
        assert (tmp_path / f"{threads}.jsonl").read_text(encoding="ascii") == lines
    for ending in ("parquet", "again.parquet"):
        assert len({(tmp_path / f"{threads}.{ending}").read_bytes() for threads in (1, 2, 8, 0)}) == 1


def test_threads_do_not_change_the_error(tmp_path):
    lines = ['{"id":%d}' % i for i in range(100000)]
    lines[70001] = '{"id":"x"}'
    lines[70002] = lines[99998] = "{"
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="ascii")
    for threads in (1, 2, 8):
        status, out, err = run("convert", "--threads", threads, "in.jsonl", "out.parquet", cwd=tmp_path)
        assert (status, out) == (1, "")
        assert err.startswith('datarizer: in.jsonl: line 70002: member "id": string "x" is not int64')
    assert os.listdir(tmp_path) == ["in.jsonl"]


def test_convert_reads_and_writes_streams(people):
    assert run("convert", "--from", "jsonl", "--to", "jsonl", "-", "-", cwd=people, stdin=PEOPLE) == (0, PEOPLE, "")
    assert run("convert", "--from", "ndjson", "-", "piped.parquet", cwd=people, stdin=PEOPLE) == (0, "", "")
    assert (people / "piped.parquet").read_bytes() == (people / "people.parquet").read_bytes()
    with open(people / "out.parquet", "wb") as out:
        subprocess.run([PROGRAM, "convert", "--to", "parquet", "people.jsonl", "-"], cwd=people, stdout=out, check=True)
    assert (people / "out.parquet").read_bytes() == (people / "people.parquet").read_bytes()


def test_convert_may_replace_its_own_input(people):
    assert run("convert", "--codec", "zstd", "--level", "19", "people.parquet", "people.parquet", cwd=people) == (
        0,
        "",
        "",
    )
    assert run("head", "--json", "people.parquet", cwd=people)[1] == PEOPLE
    assert sorted(os.listdir(people)) == ["people.jsonl", "people.parquet"]


def test_row_groups_have_the_rows_asked_for(tmp_path):
    text = "".join('{"a":%d}\n' % i for i in range(2500))
    (tmp_path / "a.jsonl").write_text(text)
    run("convert", "--row-group-rows", "1000", "a.jsonl", "a.parquet", cwd=tmp_path)
    facts = json.loads(run("schema", "--json", "a.parquet", cwd=tmp_path)[1])
    assert (facts["n_rows"], facts["n_row_groups"]) == (2500, 3)
    assert run("convert", "a.parquet", "b.jsonl", cwd=tmp_path) == (0, "", "")
    assert (tmp_path / "b.jsonl").read_text() == text


# ---- interrupted ----


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_without_a_trace(number, tmp_path):
    (tmp_path / "out.parquet").write_text("old")
    with subprocess.Popen(
        [PROGRAM, "convert", "--from", "jsonl", "-", "out.parquet"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdin.write(b'{"a":1}\n' * 200000)
        process.stdin.flush()
        time.sleep(0.2)
        process.send_signal(number)
        assert process.wait(timeout=20) == 128 + number
        assert process.stderr.read() == b""
    assert os.listdir(tmp_path) == ["out.parquet"]
    assert (tmp_path / "out.parquet").read_text() == "old"


def test_a_reader_that_leaves_is_no_complaint(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a":"some text to fill a pipe with"}\n' * 50000)
    for arguments in (["convert", "--to", "jsonl", "a.jsonl", "-"], ["head", "-n", "50000", "a.jsonl"]):
        with subprocess.Popen(
            [PROGRAM, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            process.stdout.read(10)
            process.stdout.close()
            assert process.wait(timeout=20) == -signal.SIGPIPE
            assert process.stderr.read() == b""


def test_a_full_disk_is_an_error(people):
    for arguments in (
        ["schema", "people.parquet"],
        ["head", "people.parquet"],
        ["head", "--json", "people.parquet"],
        ["convert", "--to", "jsonl", "people.parquet", "-"],
        ["--help"],
        ["--version"],
    ):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, *arguments], cwd=people, stdout=full, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 1
        assert b"standard output: " in done.stderr and b"No space left on device" in done.stderr


@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps memory of its own")
def test_memory_is_bounded_by_a_row_group(tmp_path):
    line = json.dumps({"id": 1, "text": "x" * 100, "more": "y" * 100}, separators=(",", ":")) + "\n"
    with open(tmp_path / "large.jsonl", "w", encoding="ascii") as file:
        for _ in range(100):
            file.write(line * 5000)  # 120 MB in all
    for arguments in (["--row-group-rows", "20000", "large.jsonl", "large.parquet"], ["large.parquet", "back.jsonl"]):
        process = subprocess.Popen([PROGRAM, "convert", *arguments], cwd=tmp_path)
        _, status, used = os.wait4(process.pid, 0)
        assert status == 0
        assert used.ru_maxrss < 100 * 1024  # KiB
    assert os.path.getsize(tmp_path / "back.jsonl") == os.path.getsize(tmp_path / "large.jsonl")


# ---- nested columns ----

NESTED = pathlib.Path(__file__).parents[2] / "fuzz/corpus/parquet_file/nested_ours_1.parquet"


def test_schema_shows_a_tree(tmp_path):
    status, out, err = run("schema", NESTED, cwd=tmp_path)
    assert (status, err) == (0, "")
    assert [line.split() for line in out.splitlines()[1:9]] == [
        ["c0", "struct", "yes"],
        ["f0", "map", "yes"],
        ["key_value", "struct", "no"],
        ["key", "int32", "no"],
        ["value", "int8", "yes"],
        ["c1", "struct", "no"],
        ["f0", "double", "yes"],
        ["c2", "list", "no"],
    ]
    assert out.splitlines()[4].startswith("      key ")
    status, out, err = run("schema", "--json", NESTED, cwd=tmp_path)
    assert (status, err) == (0, "")
    assert json.loads(out)["columns"][2] == {
        "name": "c2",
        "type": "list",
        "nullable": False,
        "children": [{"name": "element", "type": "bool", "nullable": True}],
    }


def test_a_table_shows_nested_columns_of_parquet(tmp_path):
    status, out, err = run("head", "-n", "2", NESTED, cwd=tmp_path)
    assert (status, err, len(out.splitlines())) == (0, "", 4)
    assert out.splitlines()[1].split()[0] == "struct"
    rows = [json.loads(line) for line in run("head", "-n", "2", "--json", NESTED, cwd=tmp_path)[1].splitlines()]
    for line, row in zip(out.splitlines()[2:], rows, strict=True):
        assert line.startswith(json.dumps(row["c0"], separators=(",", ":"), ensure_ascii=False)[:20])


def test_nested_parquet_is_converted_to_parquet(tmp_path):
    assert run("convert", NESTED, "copy.parquet", cwd=tmp_path) == (0, "", "")
    copy, first = (run("schema", "--json", file, cwd=tmp_path)[1] for file in ("copy.parquet", NESTED))
    assert json.loads(copy)["columns"] == json.loads(first)["columns"]


# ---- completions ----


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completions_are_those_that_packages_install(shell, tmp_path):
    script = pathlib.Path(__file__).parents[2] / "packaging" / "completions" / f"datarizer.{shell}"
    assert run("completions", shell, cwd=tmp_path) == (0, script.read_text(encoding="utf-8"), "")


def test_of_another_shell_there_are_no_completions(tmp_path):
    status, out, err = run("completions", "fish", cwd=tmp_path)
    assert (status, out) == (2, "") and 'no script for "fish"; there is one for bash and for zsh' in err
