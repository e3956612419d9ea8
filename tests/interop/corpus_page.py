"""docs/parquet-corpus.md, computed: which file of apache/parquet-testing is read by whom.

usage: DZR_LIBRARY=build/pkg/datarizer/libdatarizer.so python corpus_page.py [--write]    without --write it prints it
"""

import re
import sys
import tempfile

import corpus
import corpus_facts as facts
import duckdb
import polars
import pyarrow

PAGE = corpus.ROOT / "docs" / "parquet-corpus.md"

TEXT = """# Files that others wrote

The files of [apache/parquet-testing](https://github.com/apache/parquet-testing), read by datarizer and by four other engines.
`tests/interop/test_corpus.py` reads each of them with all five, compares every value, and fails when this page is not what it
finds; `tests/interop/corpus_page.py --write` writes it. The files are not part of the project.

Engines: {versions}

- **yes**: every value is what datarizer reads: floats by their bits, instants in nanoseconds, text and binary by their
  bytes, nested values with what is null or empty in them.
- **no**: refuses the file, or panics. **wrong**: gives other values, without an error. A number says why, below.
- Where a file comes with the values it should have (`delta_binary_packed`, `delta_byte_array`,
  `delta_encoding_optional_column`), datarizer's are equal to those.
- `large_string_map.brotli` takes each of the others 4 GiB and a minute: they are asked again with `DZR_HUGE=1` only.

`datarizer schema`, `head` and `convert` take every one of them; what convert writes pyarrow reads with the same values.

Of {n} valid files datarizer reads {n}, {others}.

| file | rows | what is special | datarizer | {engines} |
|---|---|---|---|---|---|---|---|
{valid}

{notes}

Files that must not be read. datarizer's message begins with the file's name and ends as shown:

| file | what is wrong | datarizer |
|---|---|---|
{refused}

The {n_encrypted} encrypted files are refused by name (`its footer is encrypted`), or, where the footer can be read, in the
columns that are encrypted. The {n_variants} files of shredded variants are read as the structs they are stored as, equal to
what pyarrow reads.
"""

CRC_OURS = "datarizer refuses a page whose CRC is wrong; these are the values with `skip_crc`"
CRC_OTHERS = "does not verify CRCs, pyarrow unless it is asked to"
HUGE_OURS = "refused unless the limit on pages, 512 MiB, is raised: `datarizer convert --limit-page 2GiB`"


def versions():
    go = (corpus.ROOT / "tests" / "interop" / "parquet_go" / "go.mod").read_text()
    parquet_go = re.search(r"parquet-go/parquet-go v(\S+)", go).group(1)
    return f"pyarrow {pyarrow.__version__}, DuckDB {duckdb.__version__}, Polars {polars.__version__}, parquet-go {parquet_go}"


def without_versions(text):
    return "\n".join(line for line in text.splitlines() if not line.startswith("Engines: "))


def _why(name, engine, outcome):
    """The reason behind a cell, if it needs one."""
    if engine == "datarizer":
        return CRC_OURS if name in facts.WRONG_CRC else HUGE_OURS if name == facts.HUGE else None
    if outcome == "equal":
        return CRC_OTHERS if name in facts.WRONG_CRC else None
    return f"{engine} {facts.EXCEPTIONS[name, engine][2]}"


def page(results, messages):
    """results: valid file -> (rows, {engine: outcome}); messages: bad file -> what datarizer says."""
    notes, lines = [], []
    for name, (rows, outcomes) in sorted(results.items(), key=lambda item: item[0].removeprefix("data/")):
        cells = [name.removeprefix("data/").removesuffix(".parquet"), f"{rows:,}", facts.SPECIAL[name]]
        for engine, outcome in {"datarizer": "equal", **outcomes}.items():
            cell = {"equal": "yes", "fails": "no", "differs": "wrong"}[outcome]
            why = _why(name, engine, outcome)
            if why is not None:
                notes += [] if why in notes else [why]
                cell += f" ({notes.index(why) + 1})"
            cells.append(cell)
        lines.append(f"| {' | '.join(cells)} |")
    read = {engine: sum(outcomes[engine] == "equal" for _, outcomes in results.values()) for engine in corpus.OTHERS}
    return TEXT.format(
        versions=versions(),
        n=len(results),
        others=", ".join(f"{engine} {read[engine]}" for engine in corpus.OTHERS),
        engines=" | ".join(corpus.OTHERS),
        valid="\n".join(lines),
        notes="\n".join(f"{i}. {note}" for i, note in enumerate(notes, 1)),
        n_encrypted=len(corpus.encrypted()),
        n_variants=len(corpus.variants()),
        refused="\n".join(
            f"| {name.removesuffix('.parquet')} | {facts.REFUSED[name][0]} | {message} |"
            for name, message in sorted(messages.items())
        ),
    )


def compute(parquet_go):
    """The page, and what compare said of each valid file but the huge one."""
    compared = {name: corpus.compare(name, parquet_go) for name in corpus.files() if name != facts.HUGE}
    results = {
        name: (corpus.n_rows(ours), {engine: outcome for engine, (outcome, _) in out.items()})
        for name, (ours, out) in compared.items()
    }
    results[facts.HUGE] = (
        2,
        {engine: facts.EXCEPTIONS.get((facts.HUGE, engine), ("equal",))[0] for engine in corpus.OTHERS},
    )
    messages = {name: corpus.refusal(name) for name in facts.REFUSED}
    return page(results, messages), compared


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        text, _ = compute(corpus.build_parquet_go(folder))
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(text)
    else:
        print(text, end="")
