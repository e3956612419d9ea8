#!/usr/bin/env python3
"""clang-tidy over the sources of the library and the programs, by .clang-tidy, less what
scripts/lint-suppressions.txt lists.
usage: lint-tidy.py BUILD_FOLDER [FILE...]   the folder has compile_commands.json; without files: all"""

import collections
import concurrent.futures
import fnmatch
import os
import pathlib
import re
import subprocess
import sys

FINDING = re.compile(r"^(/\S+?):(\d+):(\d+): (?:warning|error): (.*) \[([\w.,-]+)\]$", re.M)
ROOT = pathlib.Path(__file__).resolve().parent.parent


def suppressions():
    for line in (ROOT / "scripts" / "lint-suppressions.txt").read_text().splitlines():
        if line and not line.startswith(("#", "cppcheck:")):
            check, path, reason = line.split(" ", 2)
            assert reason
            yield check, path


def sources():
    listed = subprocess.run(
        ["git", "ls-files", "pkg", "cmd", "userator"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [path for path in listed.stdout.split() if path.endswith((".c", ".cpp"))]


def findings_of(build, path):
    command = ["clang-tidy", "-p", build, "--quiet", path]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if result.returncode != 0 and not FINDING.search(result.stdout):
        return {(path, 0, "clang-tidy failed: " + result.stderr.strip()[-300:], "failed")}
    return {
        (os.path.relpath(name, ROOT), int(line), text, check)
        for name, line, _, text, checks in FINDING.findall(result.stdout)
        for check in checks.split(",")
        if pathlib.Path(name).is_relative_to(ROOT)
    }


def main(build, paths):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = set().union(*pool.map(lambda path: findings_of(os.path.abspath(build), path), paths or sources()))
    hidden = collections.Counter()
    shown = []
    known = list(suppressions())
    for finding in sorted(found):
        line = next(
            (entry for entry in known if finding[3] == entry[0] and fnmatch.fnmatch(finding[0], entry[1])), None
        )
        if line:
            hidden[line] += 1
        else:
            shown.append(finding)
    for path, number, text, check in shown:
        print(f"{path}:{number}: {text} [{check}]")
    print(f"clang-tidy: {len(shown)} findings; hidden by lint-suppressions.txt: {sum(hidden.values())}")
    unused = [entry for entry in known if entry not in hidden] if not paths else []
    for check, path in unused:
        print(f"scripts/lint-suppressions.txt hides nothing with: {check} {path}")
    return 1 if shown or unused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
