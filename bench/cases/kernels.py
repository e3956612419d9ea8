"""kernels: the small loops of reading, each by itself (bench/kernels.c), in bytes a tick of the time stamp counter."""

import json
import os
import subprocess

from harness import machine, peers, records
from harness.paths import MADE, BenchError

ROUNDS, QUICK_ROUNDS = 200, 3


def run(_, options):
    peers.c_programs()
    facts = machine.facts()
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    print(f"bench: kernels, best of {rounds}", flush=True)
    done = subprocess.run([os.path.join(MADE, "kernels"), str(rounds)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"kernels: {done.stderr.strip()}")
    return [
        {
            "subject": "kernels",
            **facts,
            "rounds": rounds,
            "versions": {},
            "marks": [],
            "figures": [json.loads(line) for line in done.stdout.splitlines()],
        }
    ]


def show(record):
    """A row for each kernel; the gain is over the plain one, or over the library."""
    by_kernel = {}
    for f in record["figures"]:
        by_kernel.setdefault(f["kernel"], []).append(f)
    rows = []
    for kernel, variants in by_kernel.items():
        first, last = variants[0], variants[-1]
        gain = f"{last['bytes_a_tick'] / first['bytes_a_tick']:.1f}" if len(variants) > 1 else ""
        rows.append([kernel, "; ".join(f"{v['variant']} {v['bytes_a_tick']:.2f}" for v in variants), gain])
    return records.table(["kernel", "bytes a tick", "gain"], rows, left=2)
