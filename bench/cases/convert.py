"""parquet_write and parquet_read: JSON lines to Parquet and back by `datarizer convert`, beside Polars and DuckDB.

The data is `people`, 11 flat columns made from a seed; types are inferred by each tool. CPU is taken with one thread,
wall time with one and with a thread a core. Starting Python and importing is not counted for the peers, starting the
process is for ours. A first yardstick: whole programs, files in the page cache.
"""
import json
import os
import subprocess

from harness import machine, peers, records
from harness.paths import BENCH, MADE, PEERS, SCRATCH, BenchError
from harness.process import log_of

ROWS, QUICK_ROWS, SEED = 300_000, 3_000, 20240501
ROUNDS = 3
LIMIT_S = 60
COMPARED = ("id", "name", "email", "age", "score", "sex", "ignored", "country")


def _ours(source, target, threads):
    return [peers.ours("datarizer"), "convert", "--threads", str(threads), source, target]


def _peer(tool):
    return lambda source, target, threads: [
        peers.data_python(), os.path.join(PEERS, "dataframes", "convert.py"), tool, source, target, str(threads)]


TOOLS = {"ours": _ours, "Polars": _peer("polars"), "DuckDB": _peer("duckdb")}


def _convert(processes, tool, source, target, threads):
    """One conversion in a process of its own: cpu_s, wall_s, peak_rss_kib."""
    if os.path.exists(target):
        os.unlink(target)
    name = f"convert_{tool}"
    open(log_of(name), "w", encoding="ascii").close()
    used = processes.measure(name, TOOLS[tool](source, target, threads), LIMIT_S)
    figures = {"cpu_s": used["user_s"] + used["system_s"], "wall_s": used["wall_s"],
               "peak_rss_kib": used["peak_rss_kib"]}
    if tool != "ours":
        with open(log_of(name), encoding="utf-8") as file:
            figures.update(json.loads(file.read().splitlines()[-1]))
    return figures


def _fingerprint(path):
    return subprocess.run([peers.data_python(), os.path.join(BENCH, "rows.py"), path, *COMPARED],
                          capture_output=True, text=True, check=True).stdout.strip()


def _subject(processes, subject, source, suffix, expected, n_rounds):
    """All tools at one and at all cores, round after round; their rows compared once."""
    thread_counts = sorted({1, machine.CORES})
    runs = {(tool, threads): [] for tool in TOOLS for threads in thread_counts}
    targets = {tool: os.path.join(SCRATCH, f"{tool}{suffix}") for tool in TOOLS}
    for round_number in range(n_rounds):
        print(f"bench: {subject}, round {round_number + 1} of {n_rounds}", flush=True)
        for tool, threads in runs:
            runs[tool, threads].append(_convert(processes, tool, source, targets[tool], threads))
    for tool, target in targets.items():
        if (got := _fingerprint(target)) != expected:
            raise BenchError(f"{subject}: {tool} wrote {got}, wanted {expected}")
    return [{"tool": tool, "threads": threads, "cpu_s": round(min(r["cpu_s"] for r in done), 4),
             "wall_s": round(min(r["wall_s"] for r in done), 4), "peak_rss_kib": max(r["peak_rss_kib"] for r in done),
             "bytes": os.path.getsize(targets[tool])} for (tool, threads), done in runs.items()]


def run(processes, options):
    peers.c_programs()
    peers.ours("datarizer")
    facts = machine.facts()
    n_rows, n_rounds = (QUICK_ROWS, 1) if options.quick else (ROWS, options.rounds or ROUNDS)
    json_lines, parquet = os.path.join(SCRATCH, "people.jsonl"), os.path.join(SCRATCH, "people.parquet")
    with open(json_lines, "wb") as file:
        subprocess.run([os.path.join(MADE, "people"), str(n_rows), str(SEED)], stdout=file, check=True)
    expected = _fingerprint(json_lines)
    versions = peers.python_versions(peers.data_python(), "polars", "duckdb", "pyarrow")
    common = {**facts, "rows": n_rows, "rounds": n_rounds, "seed": SEED, "versions": versions}
    made = []
    if "parquet_write" in options.subjects:
        made.append({"subject": "parquet_write", **common, "bytes_in": os.path.getsize(json_lines),
                     "figures": _subject(processes, "parquet_write", json_lines, ".parquet", expected, n_rounds)})
    if "parquet_read" in options.subjects:
        _convert(processes, "Polars", json_lines, parquet, machine.CORES)
        made.append({"subject": "parquet_read", **common, "bytes_in": os.path.getsize(parquet),
                     "figures": _subject(processes, "parquet_read", parquet, ".jsonl", expected, n_rounds)})
    return made


def show(record):
    rows = [[f["tool"], f["threads"], f"{f['cpu_s']:.3f}", f"{f['wall_s']:.3f}", f"{f['peak_rss_kib'] / 1024:.0f}",
             f"{f['bytes'] / 1e6:.1f}"] for f in record["figures"]]
    return (f"{record['rows']:,} rows, {record['bytes_in'] / 1e6:.1f} MB in:\n\n" + records.table(
        ["tool", "threads", "CPU s, best", "wall s, best", "peak MiB", "MB out"], rows))
