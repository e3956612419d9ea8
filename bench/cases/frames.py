"""read, write, json, column and footer: Parquet and JSON lines, ours beside Polars, pyarrow and DuckDB.

Each run is a process of its own, tools in turn, round after round; the best of them counts. Only the work is measured,
not starting Python, importing and connecting; of our programs that convert, the whole process. Values are read by their
checksums (bench/frames/checksum.h) before a time counts: in read and column those of every run, in write and json
those of what the first round wrote, read by pyarrow and Polars.
"""

import json
import os
import shutil
import statistics
import subprocess

from harness import machine, peers, records
from harness.paths import MADE, PEERS, SCRATCH, BenchError
from harness.process import last_line, log_of

from . import data

ROUNDS, ROUNDS_THREADED = 5, 2
LIMIT_S = 120
RECORD_INFO = "ours, RecordInfo"  # a program of one thread
PEER_TOOLS = {"Polars": "polars", "pyarrow": "pyarrow", "DuckDB": "duckdb"}
READ_FILES = ("people-snappy", "people-zstd", "people-uncompressed", "numeric100", "text", "nested", "lineitem")
WRITE_CODECS = ("snappy", "zstd")


def _ours(*arguments):
    return [os.path.join(MADE, "frames"), *arguments]


def _peer(tool, *arguments):
    return [peers.frames_python(), os.path.join(PEERS, "dataframes", "frames.py"), PEER_TOOLS[tool], *arguments]


def _run(processes, tool, command):
    """One run: cpu_s, wall_s, peak_rss_kib and whatever the program prints."""
    name = f"frames_{tool}".replace(" ", "_")
    open(log_of(name), "w", encoding="ascii").close()
    used = processes.measure(name, command, LIMIT_S)
    printed = last_line(name)
    cost = (
        json.loads(printed)
        if printed.startswith("{")
        else {"cpu_s": used["user_s"] + used["system_s"], "wall_s": used["wall_s"]}
    )
    return {**cost, "peak_rss_kib": used["peak_rss_kib"]}


class Comparison:
    """What several tools took for one job; the tools' runs, and what they wrote."""

    def __init__(self, subject, case, commands, out=None, expected=None):
        self.subject, self.case, self.commands = subject, case, commands
        self.out = {tool: os.path.join(SCRATCH, f"{tool.replace(' ', '-')}{out}") for tool in commands} if out else {}
        self.expected = expected  # checksums that every tool's values must have; None: each other's

    def _check(self, tool, rows, sums):
        sums = {name: sum_ for name, sum_ in sums.items() if name != "_recordinfo"}
        if self.expected is None:
            self.expected = (rows, sums)
        elif (rows, sums) != self.expected:
            differing = [c for c in self.expected[1] if sums.get(c) != self.expected[1][c]] or "other columns"
            raise BenchError(
                f"{self.subject}, {self.case}: the values of {tool} are not the others': "
                f"{rows} rows, columns that differ: {differing}"
            )

    def _check_outputs(self):
        for tool, path in self.out.items():
            self._check(tool, *sums_of(path))

    def measure(self, processes, options):
        """The figures: one for each tool and number of threads."""
        runs = {
            (tool, threads): []
            for threads in sorted({1, machine.CORES})
            for tool in self.commands
            if threads == 1 or tool != RECORD_INFO
        }
        most = 1 if options.quick else options.rounds or ROUNDS
        print(f"bench: {self.subject}, {self.case}: {', '.join(self.commands)}; {most} rounds", flush=True)
        for number in range(most):
            for (tool, threads), done in runs.items():
                if threads > 1 and number >= min(most, ROUNDS_THREADED):
                    continue
                if tool in self.out and os.path.exists(self.out[tool]):
                    os.unlink(self.out[tool])
                done.append(_run(processes, tool, self.commands[tool](self.out.get(tool), str(threads))))
                if "sums" in done[-1]:
                    self._check(tool, done[-1]["rows"], done[-1]["sums"])
            if number == 0:
                self._check_outputs()
        return [self._figure(tool, threads, done) for (tool, threads), done in runs.items()]

    def _figure(self, tool, threads, done):
        figure = {
            "case": self.case,
            "tool": tool,
            "threads": threads,
            "cpu_s": round(min(r["cpu_s"] for r in done), 5),
            "median_cpu_s": round(statistics.median(r["cpu_s"] for r in done), 5),
            "wall_s": round(min(r["wall_s"] for r in done), 5),
            "peak_rss_kib": max(r["peak_rss_kib"] for r in done),
        }
        if tool in self.out:
            figure["bytes"] = os.path.getsize(self.out[tool])
        return figure


def sums_of(path):
    """(rows, {column: checksum}) of a file, by pyarrow or Polars."""
    done = subprocess.run(
        [peers.frames_python(), os.path.join(PEERS, "dataframes", "sums.py"), path],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"{path} can't be read back: {(done.stderr.strip().splitlines() or ['no reason'])[-1]}")
    answer = json.loads(done.stdout)
    return answer["rows"], answer["sums"]


# ---- the jobs ----


def _read(subject, case, path, *column):
    tools = {"ours": lambda _, threads: _ours("read", path, threads, *column)}
    for tool in PEER_TOOLS:
        tools[tool] = lambda _, threads, tool=tool: _peer(tool, "read", path, threads, *column)
    return Comparison(subject, case, tools)


def read(processes, options, files):
    return [figure for name in READ_FILES for figure in _read("read", name, files[name]).measure(processes, options)]


def column(processes, options, files):
    return _read("column", "one of 100", files["numeric100"], "c57").measure(processes, options)


def footer(processes, options, files):
    tools = {"ours": lambda *_: _ours("footer", files["wide"])}
    for tool in PEER_TOOLS:
        tools[tool] = lambda *_, tool=tool: _peer(tool, "footer", files["wide"])
    return [f for f in Comparison("footer", "10,000 columns", tools).measure(processes, options) if f["threads"] == 1]


def write(processes, options, files):
    people, expected, figures, kept = files["people-snappy"], sums_of(files["people-snappy"]), [], {}
    for codec in WRITE_CODECS:
        tools = {"ours": lambda out, threads, codec=codec: _ours("write", people, out, codec, threads)}
        for tool in PEER_TOOLS:
            tools[tool] = lambda out, threads, tool=tool, codec=codec: _peer(tool, "write", people, out, codec, threads)
        job = Comparison("write", codec, tools, f"-{codec}.parquet", expected)
        figures += job.measure(processes, options)
        kept[codec] = job.out["Polars"]
    tools = {
        "ours": lambda out, threads: [
            peers.ours("datarizer"),
            "convert",
            "--threads",
            threads,
            "--encoding",
            "auto",
            people,
            out,
        ]
    }
    job = Comparison("write", "Parquet to Parquet, --encoding auto", tools, "-auto.parquet", expected)
    figures += job.measure(processes, options)
    for case, path in (("read back Polars' snappy", kept["snappy"]), ("read back ours, auto", job.out["ours"])):
        back = _read("write", case, path)
        del back.commands["ours"]
        figures += [f for f in back.measure(processes, options) if f["threads"] == 1]
    return figures


def _convert(out, threads, source):
    return [peers.ours("datarizer"), "convert", "--threads", threads, source, out]


def json_lines(processes, options, files):
    lines, people, figures = files["people.jsonl"], files["people-snappy"], []
    tools = {
        "ours": lambda out, threads: _convert(out, threads, lines),
        RECORD_INFO: lambda out, _: [os.path.join(MADE, "people_records"), lines, out],
    }
    for tool in PEER_TOOLS:
        tools[tool] = lambda out, threads, tool=tool: _peer(tool, "convert", lines, out, threads)
    expected = sums_of(people)
    figures += Comparison("json", "JSON lines to Parquet", tools, "-to.parquet", expected).measure(processes, options)
    tools = {"ours": lambda out, threads: _convert(out, threads, people)}
    for tool in ("Polars", "DuckDB"):
        tools[tool] = lambda out, threads, tool=tool: _peer(tool, "convert", people, out, threads)
    return figures + Comparison("json", "Parquet to JSON lines", tools, ".jsonl", expected).measure(processes, options)


# ---- marks ----


class Figures:
    """Looks figures up, and divides them."""

    def __init__(self, figures):
        self.by = {(f["case"], f["tool"], f["threads"]): f for f in figures}

    def get(self, case, tool, what="cpu_s", threads=1):
        return self.by[case, tool, threads][what]

    def over_ours(self, case, tool, ours="ours"):
        return self.get(case, tool) / self.get(case, ours)

    def over_best(self, case):
        return min(self.over_ours(case, tool) for tool in PEER_TOOLS if (case, tool, 1) in self.by)

    def speed_up(self, case):
        return self.get(case, "ours", "wall_s") / self.get(case, "ours", "wall_s", machine.CORES)


def _marks_threads(f, cases):
    return (
        [records.mark(f"{case}: rows a second with 2 threads over 1", f.speed_up(case), 1.7) for case in cases]
        if machine.CORES == 2
        else []
    )


def _marks_read(f):
    return [
        records.mark("people-snappy: Polars over ours", f.over_ours("people-snappy", "Polars"), 1.25),
        records.mark("people-snappy: pyarrow over ours", f.over_ours("people-snappy", "pyarrow"), 2.5),
        *(
            records.mark(f"{case}: Polars over ours", f.over_ours(case, "Polars"), 1.25)
            for case in ("people-zstd", "people-uncompressed")
        ),
        *(
            records.mark(f"{case}: best peer over ours", f.over_best(case), wanted)
            for case, wanted in (("numeric100", 1.0), ("text", 1.0), ("nested", 1.5))
        ),
        *_marks_threads(f, ["people-snappy"]),
    ]


def _marks_write(f):
    marks = []
    for codec in WRITE_CODECS:
        smallest = min(f.get(codec, tool, "bytes") for tool in ("Polars", "DuckDB"))
        marks += [
            records.mark(f"{codec}: Polars over ours", f.over_ours(codec, "Polars"), 1.75),
            records.mark(f"{codec}: DuckDB over ours", f.over_ours(codec, "DuckDB"), 2.5),
            records.mark(f"{codec}: our bytes over theirs", f.get(codec, "ours", "bytes") / smallest, 1.0, False),
        ]
    auto, polars = "Parquet to Parquet, --encoding auto", f.get("snappy", "Polars", "bytes")
    marks.append(
        records.mark("--encoding auto: our bytes over Polars'", f.get(auto, "ours", "bytes") / polars, 0.85, False)
    )
    marks += [
        records.mark(
            f"{tool} reads Polars' file, over ours of --encoding auto",
            f.get("read back Polars' snappy", tool) / f.get("read back ours, auto", tool),
            1.0,
        )
        for tool in PEER_TOOLS
    ]
    return marks + _marks_threads(f, ["snappy"])


def _marks_json(f):
    to, back = "JSON lines to Parquet", "Parquet to JSON lines"
    return [
        records.mark(f"{to}: DuckDB over ours", f.over_ours(to, "DuckDB"), 2.5),
        records.mark(f"{to}: Polars over ours", f.over_ours(to, "Polars"), 3.5),
        records.mark(f"{to}: DuckDB over ours with RecordInfo", f.over_ours(to, "DuckDB", RECORD_INFO), 1.2),
        records.mark(f"{back}: Polars over ours", f.over_ours(back, "Polars"), 1.5),
        records.mark(f"{back}: DuckDB over ours", f.over_ours(back, "DuckDB"), 3.0),
        *_marks_threads(f, [to, back]),
    ]


SUBJECTS = {
    "read": (read, _marks_read),
    "write": (write, _marks_write),
    "json": (json_lines, _marks_json),
    "column": (column, lambda f: [records.mark("best peer over ours", f.over_best("one of 100"), 1.0)]),
    "footer": (footer, lambda f: [records.mark("best peer over ours", f.over_best("10,000 columns"), 2.0)]),
}


def run(processes, options):
    peers.c_programs()
    peers.ours("datarizer")
    files = data.files(options.quick)
    common = {
        "seed": data.SEED,
        "versions": peers.python_versions(peers.frames_python(), "polars", "pyarrow", "duckdb"),
        "files": {
            name: {"rows": data.rows(name, options.quick), "bytes": os.path.getsize(path)}
            for name, path in files.items()
        },
    }
    for subject in options.subjects:
        if subject not in SUBJECTS:
            continue
        facts = machine.facts()
        measure, marks = SUBJECTS[subject]
        figures = measure(processes, options, files)
        shutil.rmtree(SCRATCH, ignore_errors=True)  # what was written takes as much room as the data
        os.makedirs(SCRATCH)
        yield {
            "subject": subject,
            **facts,
            **common,
            "rounds": 1 if options.quick else options.rounds or ROUNDS,
            "figures": figures,
            "marks": marks(Figures(figures)),
        }


def show(record):
    """The tables: each case by itself, marks at the end."""
    parts = []
    for case in dict.fromkeys(f["case"] for f in record["figures"]):
        of_case = [f for f in record["figures"] if f["case"] == case]
        ours = {f["threads"]: f for f in of_case if f["tool"] == "ours"}
        rows = []
        for f in of_case:
            over = f"{f['cpu_s'] / ours[f['threads']]['cpu_s']:.2f}" if f["threads"] in ours else ""
            rows.append(
                [
                    f["tool"],
                    f["threads"],
                    f"{f['cpu_s']:.4f}",
                    f"{f['median_cpu_s']:.4f}",
                    over,
                    f"{f['wall_s']:.4f}",
                    f"{f['peak_rss_kib'] / 1024:.0f}",
                    f"{f['bytes'] / 1e6:.1f}" if "bytes" in f else "",
                ]
            )
        head = ["tool", "threads", "CPU s, best", "median", "over ours", "wall s, best", "peak MiB", "MB out"]
        parts.append(f"{case}:\n\n" + records.table(head, rows))
    return "\n\n".join([*parts, records.marks_table(record["marks"])])
