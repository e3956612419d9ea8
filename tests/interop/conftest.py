"""What several files of tests use."""

import os
import sys

import corpus
import pytest


@pytest.fixture(scope="session")
def parquet_go(tmp_path_factory):
    """The program in parquet_go/, built once."""
    program = corpus.build_parquet_go(tmp_path_factory.mktemp("go"))
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("no Go on CI: the parquet-go tests must run there")
        pytest.skip("no Go on this machine: parquet-go is not tried")
    return program


@pytest.fixture(scope="session")
def go(parquet_go):
    """It running, to be asked."""
    import peers

    process = peers.ParquetGo(parquet_go)
    yield process
    process.close()


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A file of the matrix as plain as there is, for parquet-go to compare with and to copy from."""
    import peers

    folder, written = tmp_path_factory.mktemp("models"), set()

    def write(file):
        path = folder / ("%s_%s.parquet" % (file.nulls, file.nesting))
        if path not in written:
            peers.write_model(path, file.nulls, file.nesting)
            written.add(path)
        return path

    return write


def pytest_terminal_summary(terminalreporter):
    peers = sys.modules.get("peers")  # only where a test of the matrix ran
    if peers is not None and peers.TALLY.files:
        terminalreporter.section("matrix")
        for line in peers.TALLY.lines():
            terminalreporter.write_line(line)
