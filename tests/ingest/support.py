"""How the tests run the program and look at what it left."""

import os
import pathlib
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).parent
ORACLE = HERE / "oracle"
INGEST = os.environ.get("DZR_INGEST", str(HERE.parent.parent / "build/bin/ingest"))


class Run:
    """What one run of the program gave: exit status, output, files."""

    def __init__(self, folder, process, begun):
        self.folder = folder
        self.stdout, self.stderr = process.communicate()
        self.exit = process.returncode
        self.seconds = time.monotonic() - begun
        self.lines = self.stderr.splitlines()

    @property
    def json(self):
        return self._file("users.json")

    @property
    def parquet(self):
        return self._file("users_simple.parquet")

    def _file(self, name):
        path = self.folder / "tmp" / name
        return path.read_bytes() if path.exists() else None

    @property
    def files(self):
        """Every file there is below the folder, hidden ones too."""
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if not p.is_dir())


def start(folder, *options, **variables):
    """The program under way in that folder; its outputs have the default names. variables: of its environment."""
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")} | variables
    return subprocess.Popen(
        [INGEST, *options],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def run(folder, *options, **variables):
    begun = time.monotonic()
    return Run(pathlib.Path(folder), start(folder, *options, **variables), begun)


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="dzr-ingest-")
