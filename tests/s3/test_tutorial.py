"""docs/tutorial.md as its reader meets it: the program is taken out of the page, built, and run against MinIO."""

import os
import pathlib
import re
import subprocess

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tutorial.md").read_text()


def block(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL).group(1)


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "cities.c").write_text(block("c"))
    command = ["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "cities.c", "-o", "cities"]
    command += os.environ["DZR_TUTORIAL_FLAGS"].split()
    subprocess.run(command, cwd=folder, check=True, timeout=120)
    return folder / "cities"


def test_it_is_as_short_as_it_says():
    body = block("c").partition("typedef struct city")[2]
    assert len([line for line in body.splitlines() if line.strip()]) <= 40


def test_it_writes_to_s3_and_reads_back(place, program):
    result = place.run(program, place.url("cities.parquet"))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == block("text")
    body = place.s3.get_object(Bucket=place.bucket, Key="cities.parquet")["Body"].read()
    rows = pq.read_table(pa.BufferReader(body)).to_pylist()
    assert [row["height_m"] for row in rows] == [408.0, None, None]
    assert rows[0]["_recordinfo"]["_source_info"] == "the tutorial"
    assert rows[1]["_recordinfo"]["_raw_data"] == '{"name": "Ulm", "people": 129942}'


def test_it_says_what_is_wrong(place, program):
    result = place.run(program)
    assert (result.returncode, result.stderr) == (1, "cities: usage: cities URL\n")
    result = place.run(program, "s3://no-such-bucket-here/x")
    assert result.returncode == 1 and "NoSuchBucket" in result.stderr


def test_the_example_copies_objects(place, tmp_path):
    command = [
        "cc",
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Werror",
        ROOT / "examples" / "s3_copy.c",
        "-o",
        tmp_path / "s3_copy",
    ]
    subprocess.run([*command, *os.environ["DZR_TUTORIAL_FLAGS"].split()], check=True, timeout=120)
    body = os.urandom(12_000_000)  # two parts
    (tmp_path / "a").write_bytes(body)
    for source, target in [
        (tmp_path / "a", place.url("a")),
        (place.url("a"), place.url("b")),
        (place.url("b"), tmp_path / "c"),
    ]:
        result = place.run(tmp_path / "s3_copy", source, target)
        assert (result.returncode, result.stderr) == (0, "")
    assert (tmp_path / "c").read_bytes() == body


def test_the_commands_of_the_page_on_s3_do_what_it_says(place, tmp_path):
    page = (ROOT / "docs" / "s3.md").read_text()
    commands = re.search(r"((?:^    .*\n)+)", page, re.MULTILINE).group(1)
    environment = {**place.environment(), "PATH": f"{os.environ['DZR_BIN']}:{os.environ['PATH']}"}
    printed = []
    for command in commands.splitlines():
        command = command.strip().replace("s3://my-bucket", f"s3://{place.bucket}")
        if not command.startswith("export "):  # keys and address are the test's own
            result = place.run("bash", "-c", command, env=environment, cwd=tmp_path)
            assert (result.returncode, result.stderr) == (0, ""), command
            printed.append(result.stdout)
    assert re.search(r"```text\n(.*?)```", page, re.DOTALL).group(1) in printed
    assert {
        "people.parquet",
        "copy.jsonl",
        "students/students.parquet",
        "students/students.jsonl",
    } <= place.keys().keys()
