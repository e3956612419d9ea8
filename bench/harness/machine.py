"""What a figure needs beside it to mean anything: commit, compiler and flags, processor, kernel, date."""

import datetime
import os
import platform
import re
import subprocess

from .paths import BUILD, ROOT

CORES = len(os.sched_getaffinity(0))


def _output(*command):
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _commit():
    changed = _output("git", "status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/results", ":!docs")
    return (_output("git", "rev-parse", "--short=12", "HEAD") or "unknown") + ("-changed" if changed else "")


def _compiler_and_flags():
    cache = {}
    with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as file:
        for line in file:
            if found := re.match(r"([A-Za-z_]+):[A-Z]+=(.*)", line):
                cache[found[1]] = found[2]
    kind = cache.get("CMAKE_BUILD_TYPE", "")
    flags = f"{cache.get('CMAKE_C_FLAGS', '')} {cache.get('CMAKE_C_FLAGS_' + kind.upper(), '')}".strip()
    compiler = _output(cache.get("CMAKE_C_COMPILER", "cc"), "--version").splitlines()
    return (compiler[0] if compiler else "unknown"), flags


def _processor():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        text = file.read()

    def field(name):
        found = re.search(rf"^{name}\s*: (.*)$", text, re.M)
        return found[1] if found else "unknown"

    return f"{field('model name')} (family {field('cpu family')}, model {field('model')})"


def facts():
    compiler, flags = _compiler_and_flags()
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": _commit(),
        "compiler": compiler,
        "flags": flags,
        "cpu": _processor(),
        "cores": CORES,
        "kernel": platform.release(),
        "load_before": round(os.getloadavg()[0], 2),
    }
