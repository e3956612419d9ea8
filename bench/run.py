#!/usr/bin/env python3
"""bench/run.py - measures ours beside its peers on this machine. `make bench` and `make bench CASE=api` call it.

usage: run.py [--quick] [--rounds N] [--seconds N] [CASE...]

CASE is one of those below; without one all run but memory, in a quarter of an hour once the peers are installed (they
install themselves into build/bench) and the data is made (build/bench/data). Each run appends one line of JSON to
bench/results/CASE.jsonl and prints its tables; bench/report.py makes docs/performance.md of the newest lines.
--quick runs everything once on little data, to see that it works; its figures mean nothing and go to
build/bench/results.

The exit status is 0 when everything was measured, met or not: a busy machine misses marks. It is 1 when a figure could
not be had: a program failed, a server answered with errors, or an output was not what it should be.
"""

import argparse
import os
import shutil
import signal
import sys

import report
from cases import api, frames, ingest, kernels, memory
from harness import records
from harness.paths import ROOT, SCRATCH, BenchError
from harness.process import Processes

CASES = {"api": api, "ingest": ingest, **dict.fromkeys(frames.SUBJECTS, frames), "kernels": kernels, "memory": memory}
BY_NAME_ONLY = ("memory",)  # takes gigabytes of disk and minutes


def _options():
    parser = argparse.ArgumentParser(description="Measures ours beside its peers.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES) + "; all when none is named")
    parser.add_argument("--quick", action="store_true", help="once, on little data; kept out of bench/results")
    parser.add_argument("--rounds", type=int, help="how often each figure is taken")
    parser.add_argument("--seconds", type=int, help="how long each run of wrk lasts")
    options = parser.parse_args()
    for case in options.cases:
        if case not in CASES:
            parser.error(f"no case {case!r}; there are {', '.join(CASES)}")
    options.subjects = options.cases or [case for case in CASES if case not in BY_NAME_ONLY]
    return options


def _keep(record, module, options):
    path = records.append(record, options.quick)
    print(
        f"\n## {record['subject']}, commit {record['commit']}, {record['date']}\n\n{module.show(record)}\n\n"
        f"kept in {os.path.relpath(path, ROOT)}\n",
        flush=True,
    )


def _measure(options):
    """Runs the cases and keeps their records; answers those that failed."""
    failed = []
    modules = list(dict.fromkeys(CASES[subject] for subject in options.subjects))
    shutil.rmtree(SCRATCH, ignore_errors=True)
    os.makedirs(SCRATCH)
    for module in modules:
        try:
            with Processes() as processes:
                for record in module.run(processes, options):
                    _keep(record, module, options)
        except BenchError as fault:
            print(f"bench: {fault}", file=sys.stderr, flush=True)
            failed.append(module.__name__.rsplit(".", 1)[1])
    if not options.quick and len(failed) < len(modules):
        report.write()
    if not failed:
        shutil.rmtree(SCRATCH, ignore_errors=True)  # else the logs in it are worth reading
    return failed


def main():
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is stopped on the way out
    try:
        failed = _measure(options)
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    if failed:
        print(f"bench: not measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
