"""memory: what `datarizer convert` holds at most on a file of more than 4 GiB, JSON lines to Parquet and back.

The file is `people` again, made on disk (some 10 GB are needed), and deleted afterwards with all that came of it. That
no value is lost shows where the lines of the way back make the same Parquet file once more.
"""

import hashlib
import os

from harness import machine, peers, records
from harness.paths import SCRATCH

from . import data

ROWS, QUICK_ROWS = 19_000_000, 20_000
LIMIT_S, MARK_MIB = 1800, 256


def _digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 22):
            digest.update(piece)
    return digest.hexdigest()


def run(processes, options):
    peers.c_programs()
    facts = machine.facts()
    n_rows = QUICK_ROWS if options.quick else ROWS
    lines, parquet, back, again = (
        os.path.join(SCRATCH, name) for name in ("people.jsonl", "people.parquet", "back.jsonl", "again.parquet")
    )
    print(f"bench: memory: {n_rows:,} rows", flush=True)
    data.make_people(lines, n_rows)
    figures = []

    def convert(case, source, target):
        command = [peers.ours("datarizer"), "convert", "--threads", str(machine.CORES), source, target]
        used = processes.measure("memory", command, LIMIT_S)
        figures.append(
            {
                "case": case,
                "threads": machine.CORES,
                "bytes_in": os.path.getsize(source),
                "bytes_out": os.path.getsize(target),
                "wall_s": round(used["wall_s"], 2),
                "cpu_s": round(used["user_s"] + used["system_s"], 2),
                "peak_rss_kib": used["peak_rss_kib"],
            }
        )

    convert("JSON lines to Parquet", lines, parquet)
    n_bytes = os.path.getsize(lines)
    os.unlink(lines)
    convert("Parquet to JSON lines", parquet, back)
    first = _digest(parquet)
    os.unlink(parquet)
    convert("those to Parquet", back, again)
    same = _digest(again) == first
    os.unlink(back)
    os.unlink(again)
    marks = [
        records.mark(f"{f['case']}: peak MiB", f["peak_rss_kib"] / 1024, MARK_MIB, at_least=False) for f in figures
    ]
    marks.append(records.mark("GiB of JSON lines", n_bytes / (1 << 30), 0 if options.quick else 4))
    marks.append(records.mark("the same Parquet file after the way back", int(same), 1))
    return [
        {
            "subject": "memory",
            **facts,
            "rows": n_rows,
            "rounds": 1,
            "seed": data.SEED,
            "versions": {},
            "figures": figures,
            "marks": marks,
        }
    ]


def show(record):
    rows = [
        [
            f["case"],
            f["threads"],
            f"{f['bytes_in'] / 1e6:,.0f}",
            f"{f['bytes_out'] / 1e6:,.0f}",
            f"{f['cpu_s']:.1f}",
            f"{f['wall_s']:.1f}",
            f"{f['peak_rss_kib'] / 1024:.0f}",
        ]
        for f in record["figures"]
    ]
    head = ["conversion", "threads", "MB in", "MB out", "CPU s", "wall s", "peak MiB"]
    return f"{records.table(head, rows)}\n\n{records.marks_table(record['marks'])}"
