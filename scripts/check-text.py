#!/usr/bin/env python3
"""What no file of the project may have: trailing blanks, a missing last newline, conflict marks, more
than half a megabyte, a secret. usage: check-text.py FILE..."""

import os
import re
import sys

LARGE = 512 * 1024
# Keys by their shape. Those of the tests and of published examples are no secrets.
SECRETS = [
    rb"\bAKIA[0-9A-Z]{16}\b",
    rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    rb"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    rb"\bxox[abprs]-[A-Za-z0-9-]{10,}",
]
PUBLISHED = {b"AKIAIOSFODNN7EXAMPLE"}


def complaints(path):
    size = os.path.getsize(path)
    if size > LARGE:
        yield 0, f"{size} bytes; {LARGE} are allowed"
        return
    with open(path, "rb") as file:
        body = file.read()
    for number, line in enumerate(body.split(b"\n"), 1):
        for shape in SECRETS:
            if any(found not in PUBLISHED for found in re.findall(shape, line)):
                yield number, "looks like a secret"
    if b"\0" in body[:8000]:
        return  # not text
    for number, line in enumerate(body.split(b"\n"), 1):
        if line.rstrip(b" \t\r") != line:
            yield number, "blanks at the end of the line"
        if re.match(rb"(<{7}|={7}|>{7})( |$)", line):
            yield number, "a mark of a merge conflict"
    if body and not body.endswith(b"\n"):
        yield body.count(b"\n") + 1, "no newline at the end"


def main(paths):
    bad = [(path, number, what) for path in paths for number, what in complaints(path)]
    for path, number, what in bad:
        print(f"{path}:{number}: {what}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
