"""docs/parquet-rules.md names tests: each is in the file that ctest runs under that name, with the cases it names."""

import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs" / "parquet-rules.md"
PYTHON = {"interop": "tests/interop/test_*.py", "corpus_bounds": "tests/tools/test_corpus_bounds.py"}


def files_of(name):
    """What ctest runs as `name`."""
    if name in PYTHON:
        return sorted(ROOT.glob(PYTHON[name]))
    for listed in ROOT.glob("tests/*/CMakeLists.txt"):
        found = re.search(rf"^dzr_test\({name} FILES ([^)]*?) (?:ROOMS|LIBS)", listed.read_text(), re.MULTILINE)
        if found:
            return [listed.parent / file for file in found.group(1).split()]
    return []


def test_every_test_that_is_named_is_there():
    missing, n = [], 0
    for name, function, cases in re.findall(r"`(\w+):(\w+)`(?: \(((?:`[^`]+`(?:, )?)+)\))?", PAGE.read_text()):
        text = "".join(file.read_text() for file in files_of(name))
        n += 1
        if not re.search(rf"\b(?:void|def) {function}\(", text):
            missing.append(f"{name}:{function}")
        known = text + "".join(file.read_text() for file in ROOT.glob("tests/interop/corpus_facts.py"))
        missing += [f"{name}:{function} ({case})" for case in re.findall(r"`([^`]+)`", cases) if case not in known]
    assert n > 80
    assert not missing, "\n".join(missing)
