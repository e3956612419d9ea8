"""A run's record: one line of JSON in results/SUBJECT.jsonl, and the tables a person reads."""

import json
import os

from .paths import QUICK_RESULTS, RESULTS


def append(record, quick):
    """Keeps a record; those of --quick stay out of the repository. Answers the file's path."""
    folder = QUICK_RESULTS if quick else RESULTS
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, record["subject"] + ".jsonl")
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def newest(subject, folder=RESULTS):
    """The last record of a subject, or None."""
    try:
        with open(os.path.join(folder, subject + ".jsonl"), encoding="utf-8") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return None
    return json.loads(lines[-1]) if lines else None


def mark(name, value, wanted, at_least=True):
    """A mark: what was wanted, what came out, and whether it was met."""
    met = value >= wanted if at_least else value <= wanted
    return {"name": name, "wanted": f"{'>=' if at_least else '<='} {wanted:g}", "value": round(value, 3), "met": met}


def table(head, rows, left=1):
    """A Markdown table that also reads well as it stands; the first `left` columns are text, the others numbers."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]

    def line(row):
        return (
            "| "
            + " | ".join(
                cell.ljust(width) if i < left else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))
            )
            + " |"
        )

    rules = ["-" * (width + 2) if i < left else "-" * (width + 1) + ":" for i, width in enumerate(widths)]
    return "\n".join([line(cells[0]), "|" + "|".join(rules) + "|", *map(line, cells[1:])])


def marks_table(marks):
    return table(
        ["mark", "wanted", "got", "met"],
        [[m["name"], m["wanted"], f"{m['value']:.2f}", "yes" if m["met"] else "NO"] for m in marks],
        left=2,
    )
