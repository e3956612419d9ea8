"""What files of apache/parquet-testing that are bad, or huge, cost the program `datarizer`: time and peak memory."""

import os
import pathlib
import subprocess
import time

import pytest

PROGRAM = os.environ["DZR_DATARIZER"]
SANITIZED = bool(os.environ.get("DZR_SANITIZE"))
FOLDER = pathlib.Path(__file__).parents[3] / "shared" / "parquet-testing"
HUGE = "data/large_string_map.brotli.parquet"
GIB = 1 << 30

# Text is converted page by page: there another fault of the same file is met first.
SCANNED = {"bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet": "num_values: another type than expected at byte 10"}

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason=f"there is no {FOLDER} here")

BAD = {
    "bad_data/ARROW-GH-41317.parquet": "a list of another type than expected",
    "bad_data/ARROW-GH-47662.parquet": "page has 364 bytes for 100 values",
    "bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet": "the footer is at byte 291",
    "data/datapage_v1-corrupt-checksum.parquet": "page has CRC 0f4f6d0a, its header says bbce3b9d",
    "data/rle-dict-uncompressed-corrupt-checksum.parquet": "page has CRC 6522df69, its header says 6522df6a",
    HUGE: "page of 1073741828 bytes, limit is 536870912",
}


@pytest.mark.parametrize("out", ["out.parquet", "out.jsonl"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_costs_little(tmp_path, name, out):
    """Less than a second and 64 MiB, and a message that names the file; nothing is left where the output would be. The
    peak can't be below this interpreter's, some 32 MiB: a process that begins as its copy inherits that."""
    start = time.monotonic()
    program = subprocess.Popen([PROGRAM, "convert", FOLDER / name, out], cwd=tmp_path, stderr=subprocess.PIPE)
    message = program.stderr.read().decode()
    _, status, usage = os.wait4(program.pid, 0)
    seconds = time.monotonic() - start
    program.returncode = os.waitstatus_to_exitcode(status)
    program.stderr.close()
    print(f"{seconds:.3f} s, {usage.ru_maxrss} KiB")
    assert program.returncode == 1
    expected = SCANNED.get(name, BAD[name]) if out.endswith("jsonl") else BAD[name]
    assert message.startswith(f"datarizer: {FOLDER / name}: ") and expected in message
    assert seconds < (10 if SANITIZED else 1)
    assert SANITIZED or usage.ru_maxrss <= 64 << 10
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(SANITIZED, reason="2 GiB take too long with a sanitizer")
def test_two_strings_of_1_gib_are_read_when_the_limit_is_raised(tmp_path):
    command = [PROGRAM, "convert", "--limit-page", "2GiB", "--to", "jsonl", FOLDER / HUGE, "-"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as program:
        for _ in range(2):  # rows: {"arr":{"aaa...":1}}
            assert program.stdout.read(9) == b'{"arr":{"'
            for _ in range(GIB >> 20):
                assert program.stdout.read(1 << 20) == b"a" * (1 << 20)
            assert program.stdout.read(6) == b'":1}}\n'
        assert program.stdout.read() == b""
    assert program.returncode == 0
