"""docs/record.md as its reader meets it: the program is taken out of the page and built, and every command that the
page shows is run, one after the other in one folder; it must print what the page says."""

import os
import pathlib
import re
import subprocess

import pytest

PAGE = (pathlib.Path(__file__).parents[2] / "docs" / "record.md").read_text("utf-8")


def blocks(language):
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found


def commands():
    """Each with the output that the page shows below it."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    built = tmp_path_factory.mktemp("build")
    (built / "stations.c").write_text(blocks("c")[0])
    command = ["cc", "-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Werror", "stations.c", "-o", "stations"]
    subprocess.run(command + os.environ["DZR_DOCS_FLAGS"].split(), cwd=built, check=True, timeout=120)
    place = tmp_path_factory.mktemp("run")
    (place / "stations").symlink_to(built / "stations")
    (place / "stations.json").write_text(blocks("json")[0])
    return place


def test_the_commands_print_what_the_page_says(folder):
    environment = {**os.environ, "PATH": os.environ["DZR_BIN"] + ":" + os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    for command, output in commands():
        result = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
        )
        assert result.stdout.decode() == output, command
