"""The files of the frames cases: made once from a seed by bench/frames/people.c and data.py, and kept in
build/bench/data for the next run."""

import os
import subprocess

from harness import peers
from harness.paths import BENCH, MADE, BenchError

SEED = 20240501
PEOPLE_FILES = ("people-snappy", "people-zstd", "people-uncompressed")
ROWS = {
    "people": 2_000_000,
    "numeric100": 300_000,
    "text": 200_000,
    "nested": 300_000,
    "lineitem": 2_000_000,
    "wide": 10,
}
QUICK_ROWS = {"people": 3_000, "numeric100": 1_000, "text": 1_000, "nested": 1_000, "lineitem": 3_000, "wide": 10}


def rows(name, quick):
    return (QUICK_ROWS if quick else ROWS)[name.split("-")[0].split(".")[0]]


def make_people(path, n_rows):
    """JSON lines of `people`."""
    with open(path + ".new", "wb") as file:
        subprocess.run([os.path.join(MADE, "people"), str(n_rows), str(SEED)], stdout=file, check=True)
    os.replace(path + ".new", path)


def files(quick):
    """{name: path} of all of them, made where they are missing or what makes them has changed."""
    folder = os.path.join(MADE, "data-quick" if quick else "data")
    os.makedirs(folder, exist_ok=True)
    lines = os.path.join(folder, "people.jsonl")
    makers = [os.path.join(BENCH, "frames", name) for name in ("people.c", "data.py")]
    newest = max(map(os.path.getmtime, makers))

    def old(*paths):
        return not all(os.path.exists(path) and os.path.getmtime(path) >= newest for path in paths)

    if old(lines):
        print("bench: making people.jsonl", flush=True)
        make_people(lines, rows("people", quick))
    made = {"people.jsonl": lines}
    for name in ROWS:
        outputs = PEOPLE_FILES if name == "people" else (name,)
        paths = {output: os.path.join(folder, output + ".parquet") for output in outputs}
        if old(*paths.values()):
            print(f"bench: making {', '.join(paths)}", flush=True)
            done = subprocess.run(
                [peers.frames_python(), makers[1], folder, name, str(rows(name, quick)), lines],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise BenchError(f"making {name} failed: {(done.stderr.strip().splitlines() or ['no reason'])[-1]}")
        made.update(paths)
    return made
