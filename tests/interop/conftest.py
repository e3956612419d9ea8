"""What several files of tests use."""
import os
import sys

import pytest

import corpus


@pytest.fixture(scope="session")
def parquet_go(tmp_path_factory):
    """The program in parquet_go/, built once."""
    program = corpus.build_parquet_go(tmp_path_factory.mktemp("go"))
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("no Go on CI: the parquet-go tests must run there")
        pytest.skip("no Go on this machine: parquet-go is not tried")
    return program


def pytest_terminal_summary(terminalreporter):
    peers = sys.modules.get("peers")  # only where a test of the matrix ran
    if peers is not None and peers.TALLY.files:
        terminalreporter.section("matrix")
        for line in peers.TALLY.lines():
            terminalreporter.write_line(line)
