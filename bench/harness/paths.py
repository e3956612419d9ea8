"""Where things are. Everything the benches make is under build/bench; results alone are kept in the repository."""

import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BENCH = os.path.join(ROOT, "bench")
PEERS = os.path.join(BENCH, "peers")
BUILD = os.path.join(ROOT, "build")
PROGRAMS = os.path.join(BUILD, "bin")  # ours
MADE = os.path.join(BUILD, "bench")  # the peers, their environments, and what runs leave behind
SCRATCH = os.path.join(MADE, "run")  # databases, outputs and logs of the current run; on disk, not in memory
RESULTS = os.path.join(BENCH, "results")
QUICK_RESULTS = os.path.join(MADE, "results")


class BenchError(Exception):
    """Something that makes the figures worthless; run.py prints it and exits 1."""
