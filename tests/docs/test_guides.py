"""Guides in docs/ that have programs and commands: each file the page shows is written down under the name before it,
and the commands of its console blocks are typed into one shell, one after the other, and must print what the page
shows. The library is installed first, and found by pkg-config as on the page. Ports become free ones; times differ."""

import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).parents[2]
DOCS = ROOT / "docs"
FILE = re.compile(r"^`([\w.-]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GUIDES = sorted(path.name for path in DOCS.glob("*.md") if CONSOLE.search(path.read_text("utf-8")))
VARYING = [  # what no two runs print alike
    (r"\b\d+\.\d\d s\b", "0.00 s"),
    (r"(?m)^Date: .* GMT\r?$", "Date: now"),
    (r"\b\d loops\b", "2 loops"),
    (r"\r", ""),
    (r"(?m) +$", ""),
]


def commands(page):
    """Each with the output that the page shows below it."""
    for block in CONSOLE.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def settled(text):
    for pattern, instead in VARYING:
        text = re.sub(pattern, instead, text)
    return text if text.endswith("\n") or text == "" else text + "\n"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


class Shell:
    """A bash that is typed into; servers it starts in the background end with it."""

    def __init__(self, folder, environment, ports):
        self.ports = ports
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(["bash"], cwd=folder, env=environment, **options)

    def close(self):
        self.process.stdin.write(b"\nkill $(jobs -p) 2>/dev/null; wait; exit\n")
        self.process.communicate(timeout=30)

    def take(self, is_enough, seconds):
        out, end = b"", time.monotonic() + seconds
        while not is_enough(out) and time.monotonic() < end:
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                out += os.read(self.process.stdout.fileno(), 65536)
        return out

    def run(self, command, expected):
        for ours, theirs in self.ports.items():
            command = command.replace(ours, theirs)
        if command.startswith("kill %"):
            command += "\nwait"
        self.process.stdin.write(command.encode() + b"\nprintf '\\001'\n")
        self.process.stdin.flush()
        out = self.take(lambda so_far: b"\001" in so_far, 60)
        lines = expected.count("\n")
        if re.search(r"&\s*(#.*)?$", command):  # what it prints comes when it comes
            out += self.take(lambda so_far: (out + so_far).count(b"\n") >= lines, 10)
        out = out.replace(b"\001", b"").decode()
        for ours, theirs in self.ports.items():
            out = out.replace(theirs, ours)
        return out


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("prefix")
    subprocess.run(["cmake", "--install", os.environ["DZR_BUILD"], "--prefix", prefix], check=True, capture_output=True)
    library = next(prefix.rglob("libdatarizer.so")).parent
    python = pathlib.Path(os.environ["DZR_PYTHON"]).parent
    return {
        **os.environ,
        "PATH": f"{os.environ['DZR_BIN']}:{prefix}/bin:{python}:{os.environ['PATH']}",
        "PKG_CONFIG_PATH": str(library / "pkgconfig"),
        "LD_LIBRARY_PATH": str(library),
        "CFLAGS": "-std=c11 -Wall -Wextra -Wconversion -Werror",
        "LC_ALL": "C.UTF-8",
    }


@pytest.mark.parametrize("guide", GUIDES)
def test_its_commands_print_what_it_says(guide, environment, tmp_path):
    page = (DOCS / guide).read_text("utf-8")
    shutil.copy(ROOT / "scripts" / "sample-users.jsonl", tmp_path)
    for name, text in FILE.findall(page):
        (tmp_path / name).write_text(text, "utf-8")
    ports = {port: free_port() for port in re.findall(r"--listen 127\.0\.0\.1:([1-9]\d*)", page)}
    shell = Shell(tmp_path, environment, ports)
    try:
        for command, output in commands(page):
            assert settled(shell.run(command, output)) == settled(output), command
    finally:
        shell.close()
