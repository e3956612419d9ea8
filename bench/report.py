#!/usr/bin/env python3
"""bench/report.py - writes docs/performance.md from the newest line of each file in bench/results.

usage: report.py     bench/run.py calls it after each run whose figures count; by itself it only needs the results.
"""

import os
import sys
import textwrap

from cases import api, frames, ingest, kernels, memory
from harness import plot, records
from harness.paths import RESULTS, ROOT, BenchError

PAGE = os.path.join(ROOT, "docs", "performance.md")

INTRODUCTION = """\
# Performance

What datarizer costs beside programs that do the same, measured on one machine in one run. This page is written by
`bench/report.py` from the newest line of each file in `bench/results/`.

    make bench                    everything but memory, in a quarter of an hour once the peers are installed
    make bench CASE=read          one of api, ingest, read, write, json, column, footer, kernels, memory
    python3 bench/run.py --quick  everything once on little data, to see that it works; the figures mean nothing

The peers install themselves into `build/bench`, pinned; their sources are in `bench/peers`, each beginning with what it
is. Nothing is timed before its answers or rows were compared with what they should be. Run it on a machine that does
nothing else: a figure is worth what the machine's load before the run (below) lets it be.
"""

API = """\
## The user API

Under test, all started by one run on empty databases, 10,000 users created through POST before the first measurement:

- **userator**, synchronous FULL: a 201 means that the user is on disk. `--access-log off`, since the others keep
  none; a row of its own shows it with the log on, as it starts by default.
- **epoll loop** (`bench/peers/epoll_loop`): no HTTP to speak of, one fixed answer of 71 bytes; what the kernel alone
  costs.
- **Go** (`bench/peers/go_api`): net/http, database/sql, go-sqlite3, WAL, synchronous NORMAL (a power cut may take the
  last users it acknowledged), prepared statements, one writing connection, a reader a core.
- **FastAPI** (`bench/peers/fastapi_api`) on uvicorn with uvloop and httptools, no access log: the original's design
  with its thread fault repaired, WAL, synchronous NORMAL. The original ran one worker; a worker a core is shown too.

"Threads" is userator's and the loop's threads, Go's GOMAXPROCS, uvicorn's workers. The load: wrk, {connections}
connections, {wrk_threads} thread, {seconds} s a run, the servers in turn, {rounds[read]} rounds ({rounds[bare]} of bare
answers), medians. wrk shares the {cores} cores with the server: requests/s is what such a machine does with both, CPU
a request what the server alone costs, the steadier of the two.
"""

HONESTY = """\
### Are the comparison servers honest?

The marks were set where a bare answer took another loop 7.3 µs of CPU, Go 15 and FastAPI 98. A peer that takes much
more than its share here would flatter us, so Go and FastAPI should be within 20 % of those figures, scaled by what
the loop takes here.
"""
IN_PROPORTION = "They are."
LOOP_DIFFERS = """\
By that scale they are not ({scaled}), because the loop is the odd one out: unscaled, {plain} of what they took there,
within 20 %. {kernel} of the loop's time here is the kernel's, one recv and one send a request, and that takes {loop}
of what the other loop took, whose kernel and code we do not have; what Go and FastAPI take is mostly their own code
({own}), which the scale does not fit. Both were also tried in their other usual set-ups and run in the fastest:
FastAPI took half as much again with its access log on, and twice as much on asyncio and h11. A cheaper loop makes its
own mark harder, and no other easier."""
OUT_OF_PROPORTION = """\
They are not: scaled, {scaled}; unscaled, {plain} of what they took there. The machine was busy, or a peer is not what
it was; measure again before believing the ratios above."""

INGEST = """\
## Ingest

Users are put straight into a SQLite file in id order, one userator serves them, and each program fetches all of them
in pages of 50, one request after the other: **ours** and **Go** (`bench/peers/go_ingest`, the original's design:
go-retryablehttp, encoding/json, parquet-go, everything in memory) into JSON and Parquet, **dlt**
(`bench/peers/dlt_ingest`) into Parquet. Rows are compared before a time counts. CPU and memory are the program's own;
wall time has the server's share in it. Ours runs on fewer users too: its memory rises until its first row group is
full, at 65,536 users, and then stays. Where the mark was set, Go took 1.21 and dlt 6.0 CPU seconds.
"""

FRAMES = """\
## Parquet and JSON lines

Beside **Polars**, **pyarrow** (Arrow C++) and **DuckDB**, as their users write it (`bench/peers/dataframes/frames.py`);
ours is `bench/frames/frames.c` and the `datarizer` program. Each run is a process of its own, tools in turn, best of 5
(2 with two threads). CPU seconds are those of the work, user and system; starting Python, importing and connecting are
not in them, but starting `datarizer convert` is. Peak memory is the whole process's, an interpreter included where
there is one. A time counts only once the checksums of all values were the same for all tools. "Over ours" above 1
means that ours took less CPU. Ours flushes what it writes to disk before it appears; the others do not. pyarrow runs
with its jemalloc pool, which was its fastest: the default asks for huge pages, and on a virtual machine that gives free
memory back to its host those took it three times as long.

The data is made from a seed (`bench/frames/people.c`, `bench/frames/data.py`), Parquet files by pyarrow with its own
defaults: `people`, 2,000,000 rows of 11 columns; `numeric100`, 300,000 rows of 100 columns of numbers; `text`, 200,000
rows with long strings; `nested`, 300,000 events of structs, lists and maps; `lineitem`, 2,000,000 rows as TPC-H has
them.
"""

FRAMES_TEXTS = {
    "read": "### Parquet into memory\n\nEvery value materialised, Snappy where the name says nothing else.\n",
    "write": """\
### Memory to Parquet

`people` from each tool's own frame. What `--encoding auto` makes is read back by the others, too.
""",
    "json": """\
### JSON lines to Parquet and back

`people`, types inferred by each tool, Snappy. "RecordInfo" is `bench/frames/people_records.c`: each record with its own
bytes, their SHA-256, time and source beside its values.
""",
    "column": "### One column of 100\n",
    "footer": "### A footer of 10,000 columns\n\nOpen the file and know its schema.\n",
}

MEMORY = """\
### Memory on a large file

`make bench CASE=memory`: `people` of 19,000,000 rows to Parquet, back, and to Parquet again.
"""
KERNELS = """\
### The small loops of reading

Bytes made, or looked at, a tick of the time stamp counter, on data that is in the cache: the plain loop and the one
with AVX2, or libsnappy's and ours. The gain is the last over the first.
"""
PLOT_CASES = (("read", None), ("write", ("snappy", "zstd")), ("json", None), ("column", None), ("footer", None))
PLOT = "performance.svg"


def _place(record):
    load = f", load before the run {record['load_before']}"
    return (
        f"Measured {record['date']} at commit {record['commit']}: {record['cpu']}, {record['cores']} cores, Linux "
        f"{record['kernel']}{load}; {record['compiler']}, {record['flags']}."
    )


def _versions(record):
    def one(name, version):
        if isinstance(version, dict):
            return f"{name} ({', '.join(f'{what} {which}' for what, which in version.items())})"
        return f"{name} {version}"

    return "Versions: " + "; ".join(one(*item) for item in record["versions"].items()) + "."


def _honesty(record):
    loop, *peers = record["honesty"]

    def near(figure):
        return all(abs(h[figure] - 1) <= 0.2 for h in peers)

    verdict = IN_PROPORTION if near("over_scaled") else LOOP_DIFFERS if near("over_planned") else OUT_OF_PROPORTION
    verdict = verdict.format(
        scaled=" and ".join(f"{h['server']} {h['over_scaled']:.2f} times its share" for h in peers),
        plain=" and ".join(f"{h['server']} takes {h['over_planned']:.0%}" for h in peers),
        own=" and ".join(f"{1 - h['kernel_share']:.0%}" for h in peers),
        kernel=f"{loop['kernel_share']:.0%}",
        loop=f"{loop['over_planned']:.0%}",
    )
    return HONESTY + "\n" + textwrap.fill(verdict, 120) + "\n"


def page(folder=RESULTS):
    """The whole page; subjects without a result are left out."""
    parts = [INTRODUCTION]
    if record := records.newest("api", folder):
        parts += [
            API.format(**record),
            api.show(record) + "\n",
            _honesty(record),
            _place(record),
            _versions(record) + "\n",
        ]
    if record := records.newest("ingest", folder):
        parts += [INGEST, ingest.show(record) + "\n", _place(record), _versions(record) + "\n"]
    made = {subject: record for subject in FRAMES_TEXTS if (record := records.newest(subject, folder))}
    if made:
        parts += [FRAMES, f"![CPU of each tool over ours]({PLOT})\n"]
    for subject, record in made.items():
        parts += [FRAMES_TEXTS[subject], frames.show(record) + "\n", _place(record), _versions(record) + "\n"]
    if record := records.newest("kernels", folder):
        parts += [KERNELS, kernels.show(record) + "\n", _place(record) + "\n"]
    if record := records.newest("memory", folder):
        parts += [MEMORY, memory.show(record) + "\n", _place(record) + "\n"]
    if len(parts) == 1:
        raise BenchError("bench/results has no results yet; run `make bench`")
    return "\n".join(parts)


def chart(folder=RESULTS):
    """The SVG of CPU over ours on one thread, or None without results."""
    groups = []
    for subject, cases in PLOT_CASES:
        record = records.newest(subject, folder)
        figures = [f for f in record["figures"] if f["threads"] == 1] if record else []
        for case in dict.fromkeys(f["case"] for f in figures):
            of_case = {f["tool"]: f["cpu_s"] for f in figures if f["case"] == case}
            if "ours" in of_case and len(of_case) > 1 and (cases is None or case in cases):
                name = f"{subject}: {case}" if subject in ("read", "write") else case
                groups.append((name, [(tool, cpu / of_case["ours"]) for tool, cpu in of_case.items()]))
    return plot.bars("CPU seconds on one thread, ours = 1", groups) if groups else None


def write():
    text, svg = page(), chart()
    os.makedirs(os.path.dirname(PAGE), exist_ok=True)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(text)
    if svg is not None:
        with open(os.path.join(os.path.dirname(PAGE), PLOT), "w", encoding="utf-8") as file:
            file.write(svg)
    print(f"bench: wrote {os.path.relpath(PAGE, ROOT)}", flush=True)


if __name__ == "__main__":
    try:
        write()
    except BenchError as fault:
        sys.exit(f"bench: {fault}")
