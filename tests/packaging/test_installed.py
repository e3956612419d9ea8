"""The installed tree as an outsider uses it: examples/ built by pkg-config and by CMake's find_package, in C and in
C++, and run; the library's exports, size, and quiet start."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PROGRAMS = ["write_structs", "read_columns", "jsonl_to_parquet", "s3_copy"]
HEADERS = sorted(path.name for path in (ROOT / "pkg/datarizer/include/datarizer").glob("*.h"))


def run(*command, **options):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, **options)
    assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
    return result.stdout


@pytest.fixture(scope="session")
def prefix(tmp_path_factory):
    """Installed to one folder and moved to another: nothing in it may know where it was put."""
    folder = tmp_path_factory.mktemp("installed")
    run("cmake", "--install", os.environ["DZR_BUILD"], "--prefix", folder / "first")
    (folder / "first").rename(folder / "second")
    return folder / "second"


@pytest.fixture(scope="session")
def library(prefix):
    return next(prefix.rglob("libdatarizer.so")).resolve()


def pkg_config(prefix, *what):
    path = next(prefix.rglob("datarizer.pc")).parent
    return run("pkg-config", *what, "datarizer", env={**os.environ, "PKG_CONFIG_PATH": str(path)}).split()


def build_by_pkg_config(prefix, library, folder, language, static=False):
    compiler = {"c": ["cc", "-std=c11"], "c++": ["c++", "-std=c++20"]}[language]
    strict = ["-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wshadow"]
    if language == "c++":
        strict.append("-Wno-missing-field-initializers")  # g++ wants a designated initializer to name every member
    cflags = pkg_config(prefix, "--cflags")
    libs = pkg_config(prefix, "--libs", *(["--static"] if static else []))
    if static:
        libs = ["-Wl,-Bstatic", "-ldatarizer", "-Wl,-Bdynamic", *(flag for flag in libs if flag != "-ldatarizer")]
        libs = [next(flag for flag in libs if flag.startswith("-L")), *libs]
    rpath = [] if static else [f"-Wl,-rpath,{library.parent}"]
    for name in PROGRAMS:
        source = ["-x", language, EXAMPLES / f"{name}.c", "-x", "none"]
        run(*compiler, *strict, *cflags, *source, "-o", folder / name, *libs, *rpath)
    if not static:
        source = ["-x", language, EXAMPLES / "share_frame.c", "-x", "none"]
        shared = ["-shared", "-fPIC", "-o", folder / "share_frame.so"]
        run(*compiler, *strict, *cflags, *source, *shared, *libs, *rpath)


def build_by_cmake(prefix, folder, language):
    options = [f"-DCMAKE_PREFIX_PATH={prefix}", f"-DAS_CXX={'ON' if language == 'c++' else 'OFF'}"]
    run("cmake", "-S", EXAMPLES, "-B", folder, *options)
    run("cmake", "--build", folder, "--parallel", "2")


@pytest.fixture(scope="session", params=["pkg-config, c", "pkg-config, c++", "cmake, c", "cmake, c++", "static, c"])
def examples(request, prefix, library, tmp_path_factory):
    how, language = request.param.split(", ")
    folder = tmp_path_factory.mktemp("examples")
    if how == "cmake":
        build_by_cmake(prefix, folder, language)
    else:
        build_by_pkg_config(prefix, library, folder, language, how == "static")
    return folder


def test_structs_are_written_and_columns_read(examples, tmp_path):
    run(examples / "write_structs", tmp_path / "readings.parquet")
    table = pq.read_table(tmp_path / "readings.parquet")
    assert table["station"].to_pylist() == ["Säntis", "Lugano", "Davos"]
    assert table["celsius"].to_pylist() == [-3.5, 21.25, None]
    shown = run(examples / "read_columns", tmp_path / "readings.parquet", "celsius", "station")
    assert shown == "celsius: 2 values, sum 17.75\nstation: 3 values, sum 0\n"


def test_lines_become_parquet(examples, tmp_path):
    rows = [{"id": i, "name": f"Žofie {i}", "tags": ["a", None] * (i % 2)} for i in range(1000)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    shown = run(examples / "jsonl_to_parquet", tmp_path / "in.jsonl", tmp_path / "out.parquet")
    assert shown == f"1000 rows, {(tmp_path / 'out.parquet').stat().st_size} bytes\n"
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == rows


def test_a_copy_is_whole_or_not_there(examples, tmp_path):
    body = os.urandom(200_000)
    (tmp_path / "a").write_bytes(body)
    run(examples / "s3_copy", tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == body
    result = subprocess.run(
        [examples / "s3_copy", tmp_path / "missing", tmp_path / "c"], capture_output=True, text=True
    )
    assert result.returncode == 1 and "missing" in result.stderr
    assert not (tmp_path / "c").exists()


def test_pyarrow_takes_the_frame(examples):
    shared = examples / "share_frame.so"
    if not shared.exists():
        pytest.skip("a module is not linked with the static library here")
    shown = run(sys.executable, EXAMPLES / "share_frame.py", shared, 5)
    assert shown.endswith("{'i': [0, 1, 2, 3, 4], 'square': [0.0, 1.0, None, 9.0, 16.0]}\n")


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("compiler", ["cc -std=c11 -x c", "c++ -std=c++11 -x c++"])
def test_each_header_stands_alone(prefix, header, compiler, tmp_path):
    source = tmp_path / "source"
    source.write_text(f"#include <datarizer/{header}>\n#include <datarizer/{header}>\nint main(void) {{ return 0; }}\n")
    run(
        *compiler.split(),
        "-Wall",
        "-Wextra",
        "-Werror",
        "-pedantic",
        "-fsyntax-only",
        *pkg_config(prefix, "--cflags"),
        source,
    )


def complete(shell, script, *words):
    """What the completion offers for the last of the words."""
    listed = " ".join(f"'{word}'" for word in words)
    if shell == "bash":
        ask = f"source {script}; COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; _datarizer; "
        ask += "printf '%s\\n' \"${COMPREPLY[@]}\""
        return run("bash", "-c", ask).split()
    ask = (  # zsh's own helpers print what they are told to show
        "_describe() { print -l -- ${(P)2} }; _files() { print FILES }; "
        f"words=({listed}); CURRENT={len(words)}; PREFIX='{words[-1]}'; source {script}"
    )
    offered = [line.partition(":")[0] for line in run("zsh", "-fc", ask).splitlines()]
    return [word for word in offered if word.startswith(words[-1]) or word == "FILES"]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_shells_complete_commands_options_and_files(prefix, shell, tmp_path, monkeypatch):
    script = next(
        prefix.rglob("bash-completion/completions/datarizer" if shell == "bash" else "vendor-completions/_datarizer")
    )
    monkeypatch.setenv("PATH", f"{prefix}/bin:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.parquet").touch()
    assert complete(shell, script, "datarizer", "con") == ["convert"]
    assert "--codec" in complete(shell, script, "datarizer", "convert", "--")
    assert complete(shell, script, "userator", "--list") == ["--listen"]
    assert complete(shell, script, "datarizer", "head", "peo") == (["people.parquet"] if shell == "bash" else ["FILES"])


def test_what_is_exported_is_what_the_headers_declare(prefix, library):
    declared = set()
    for path in prefix.rglob("datarizer/*.h"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        for declaration in re.findall(r"\bDZR_API\b([^;]*);", text):
            if not declaration.lstrip().startswith("__attribute__"):
                declared.add(
                    re.search(r"\b(dzr_\w+)\s*(?:\(|$)", declaration.replace("DZR_MUST_CHECK dzr_status", "")).group(1)
                )
    lines = run("nm", "--dynamic", "--defined-only", "--without-symbol-versions", library).splitlines()
    exported = {line.split()[2] for line in lines} - {"DATARIZER_1"}
    assert exported == declared


def test_it_is_small_and_does_nothing_by_itself(library, tmp_path):
    stripped = tmp_path / "stripped.so"
    shutil.copy(library, stripped)
    run("strip", stripped)
    assert stripped.stat().st_size < 2_000_000
    sections = run("readelf", "--section-headers", "--wide", library)
    at, size = re.search(r"\.init_array\s+INIT_ARRAY\s+(\S+)\s+\S+\s+(\S+)", sections).groups()
    slots = range(int(at, 16), int(at, 16) + int(size, 16), 8)
    relocations = re.findall(
        r"^(\w+)\s+\w+\s+R_X86_64_RELATIVE\s+(\w+)", run("readelf", "--relocs", "--wide", library), re.M
    )
    names = {int(line.split()[0], 16): line.split()[2] for line in run("nm", "--defined-only", library).splitlines()}
    run_first = {names[int(target, 16)] for place, target in relocations if int(place, 16) in slots}
    assert "frame_dummy" in run_first
    assert run_first <= {"frame_dummy", "__cpu_indicator_init"}  # the compiler's own: the second fills its CPU table
    script = "import ctypes, os, sys; ctypes.CDLL(sys.argv[1]); print(len(os.listdir('/proc/self/task')))"
    assert run(sys.executable, "-c", script, library) == "1\n"
