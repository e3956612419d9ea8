#!/usr/bin/env python3
"""Shows Doxygen a public header: its comments, which are plain C ones here, as Doxygen's own, and text as text.
usage: doxygen-filter.py HEADER   (called by Doxygen, docs/Doxyfile)"""

import re
import sys


def as_text(comment):
    """What Doxygen would take for a command, a tag or a link stands as it was written."""
    comment = re.sub(r"^( *) \* ?", r"\1", comment, flags=re.M)
    return re.sub(r"([\\@#<>&%])", r"\\\1", comment)


def convert(text):
    out, at = [], 0
    first = True
    for match in re.finditer(r"/\*(.*?)\*/", text, re.S):
        out.append(text[at : match.start()])
        at = match.end()
        before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        body = as_text(match.group(1)).strip()
        if first:  # the first one is about the file
            out.append("/** @file\n" + body + "\n*/")
            first = False
        elif body.startswith("----") or "clang-format" in body:
            out.append(match.group(0))
        elif before.strip() == "":
            out.append("/** " + body + " */")
        elif before.rstrip().endswith("\\"):
            out.append(match.group(0))
        else:
            out.append("/**< " + body + " */")
    return "".join(out) + text[at:]


sys.stdout.write(convert(open(sys.argv[1], encoding="utf-8").read()))
