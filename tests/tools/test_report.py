"""`datarizer report`: the page as a browser shows it, light, dark, wide and narrow; and with a hostile file. Pictures
are kept in the build folder."""

import os
import pathlib
import random
import re

import browser
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from program import run

PICTURES = pathlib.Path(os.environ.get("DZR_BUILD", ".")) / "report"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;\u202ertl\x1b[31m"


def table(n=20000):
    rng = random.Random(5)
    rows = range(n)
    columns = {
        "id": pa.array(rows, pa.int64()),
        "name": [f"name {i % 4567} žluť" for i in rows],
        "age": pa.array([int(rng.gauss(40, 12)) for _ in rows], pa.int32()),
        "score": [rng.expovariate(0.3) for _ in rows],
        "active": [rng.random() < 0.4 for _ in rows],
        "day": pa.array([rng.randrange(9000) for _ in rows], pa.int32()).cast(pa.date32()),
        "country": [rng.choice(["CZ", "CN", "US", "DE", None]) for _ in rows],
        "tags": [["a", "b"][: i % 3] for i in rows],
        "place": pa.array([{"x": i, "note": None} if i % 2 else None for i in rows]),
    }
    return pa.table(columns)


@pytest.fixture(name="made", scope="module")
def made_fixture(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    pq.write_table(table(), folder / "people.parquet", row_group_size=6000)
    assert run("report", folder / "people.parquet", "-o", folder / "people.html") == (0, "", "")
    return folder


@pytest.fixture(name="page", scope="module")
def page_fixture(tmp_path_factory):
    if browser.BROWSER is None:
        pytest.skip("no chromium")
    with browser.Browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


OUTSIDE = """[...document.querySelectorAll('main *')].filter(e => { const r = e.getBoundingClientRect();
    return !e.closest('.panel svg.map') && r.width > 0 && (r.left < -0.5 || r.right > innerWidth + 0.5) })
    .map(e => e.outerHTML.slice(0, 100))"""
LABELS = """[...document.querySelectorAll('.map g')].flatMap(g => {
    const r = g.querySelector('rect').getBoundingClientRect();
    return [...g.querySelectorAll('text')].filter(t => { const b = t.getBoundingClientRect();
    return b.left < r.left || b.right > r.right || b.top < r.top || b.bottom > r.bottom }).map(t => t.textContent) })"""
COLOURS = """(e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor])(document.querySelector('%s'))"""


def luminance(colour):
    channels = [int(c) / 255 for c in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted([luminance(a), luminance(b)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def legible(page):
    """Contrasts of what is read, by WCAG."""
    _, body = page.evaluate(COLOURS % "body")
    ink, card = page.evaluate(COLOURS % ".card")
    soft, _ = page.evaluate(COLOURS % ".soft")
    label = page.evaluate("getComputedStyle(document.querySelector('.map text')).fill")
    fills = page.evaluate("[...document.querySelectorAll('.map rect')].map(r => getComputedStyle(r).fill)")
    return min([contrast(ink, card), contrast(soft, body), contrast(soft, card), *(contrast(label, f) for f in fills)])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_is_seen_whole_and_legible(made, page, dark):
    page.open(made / "people.html", 1240, 2600, dark)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(PICTURES / ("dark.png" if dark else "light.png"))
    assert (PICTURES / ("dark.png" if dark else "light.png")).stat().st_size > 50000
    text = page.evaluate("document.body.innerText")
    for part in ["people.parquet", "20,000", "Size by column", "Row groups", "Schema", "place.note", "CZ", "žluť"]:
        assert part in text
    assert page.evaluate(OUTSIDE) == [] and page.evaluate(LABELS) == []
    logged, asked = page.said()
    assert logged == [] and asked == [(made / "people.html").as_uri()]
    _, background = page.evaluate(COLOURS % "body")
    assert luminance(background) < 0.05 if dark else luminance(background) > 0.8
    assert legible(page) >= 4.5


def test_a_narrow_window_needs_no_scrolling_sideways(made, page):
    page.open(made / "people.html", 390, 844, False)
    page.screenshot(PICTURES / "narrow.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.querySelector('.map text').getBoundingClientRect().height") > 6


def test_areas_are_in_proportion_to_what_pyarrow_says(made, page):
    page.open(made / "people.html", 1240, 2600, False)
    found = page.evaluate(
        "[...document.querySelectorAll('.map rect')].map(r => [r.textContent, r.width.baseVal.value * "
        "r.height.baseVal.value])"
    )
    metadata = pq.read_metadata(made / "people.parquet")
    sizes = {}
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(column)
            sizes[chunk.path_in_schema] = sizes.get(chunk.path_in_schema, 0) + chunk.total_compressed_size
    whole, drawn = sum(sizes.values()), sum(area for _, area in found)
    assert len(found) == len(sizes) == 10
    for title, area in found:
        assert area / drawn == pytest.approx(sizes[title.split(":")[0]] / whole, abs=2e-3)


def test_bars_and_nulls_are_those_of_the_data(made, page):
    page.open(made / "people.html", 1240, 2600, False)
    bars = page.evaluate(
        "[...document.querySelectorAll('.card')].map(c => [c.querySelector('h3').innerText, "
        "[...c.querySelectorAll('.bar')].map(b => Number(b.textContent.split(': ')[1].replaceAll(',', ''))), "
        "c.innerText])"
    )
    told = {name: (counts, text) for name, counts, text in bars}
    for name in ["id", "age", "score", "day"]:
        assert sum(told[name][0]) == 20000 and len(told[name][0]) > 10
    countries = table()["country"]
    nulls = countries.null_count
    assert f"{nulls:,} ({nulls / 200:.3g} %)" in told["country"][1]
    for entry in countries.value_counts().to_pylist():
        assert entry["values"] is None or f"{entry['counts']:,}" in told["country"][1]


def test_hostile_names_and_values_do_nothing(page, tmp_path):
    columns = {HOSTILE: pa.array([HOSTILE, HOSTILE, "ok"]), "n" * 3000: pa.array([1, 2, None])}
    notes = {HOSTILE: HOSTILE, "long": "x" * 5000}
    folder = tmp_path / "<b>it's"
    folder.mkdir()
    pq.write_table(pa.table(columns).replace_schema_metadata(notes), folder / "<i>&.parquet")
    assert run("report", folder / "<i>&.parquet", "-o", tmp_path / "out.html") == (0, "", "")
    source = (tmp_path / "out.html").read_text("utf-8")
    assert "\u202e" not in source and "\x1b" not in source
    page.open(tmp_path / "out.html", 1240, 900, False)
    assert page.evaluate("document.querySelectorAll('script, img, b, [onerror]').length") == 0
    text = page.evaluate("document.body.innerText")
    assert "<script>alert(1)</script>" in text and "<i>&.parquet" in text and "\\u202e" in text and "\\u001b" in text
    assert page.evaluate(OUTSIDE) == [] and page.evaluate(LABELS) == []
    logged, asked = page.said()
    assert logged == [] and len(asked) == 1


def test_json_lines_and_empty_files_have_a_page(page, tmp_path):
    status, out, err = run("report", "--from", "jsonl", "-", "-o", "-", stdin='{"a":1,"b":"x"}\n{"a":2,"b":"x"}\n')
    assert (status, err) == (0, "")
    (tmp_path / "lines.html").write_text(out, encoding="utf-8")
    pq.write_table(pa.table({"a": pa.array([], pa.int32())}), tmp_path / "empty.parquet")
    assert run("report", "empty.parquet", "-o", "empty.html", cwd=tmp_path)[0] == 0
    pq.write_table(pa.table({f"c{i}": [i] for i in range(1000)}), tmp_path / "wide.parquet")
    assert run("report", "wide.parquet", "-o", "wide.html", cwd=tmp_path)[0] == 0
    for name, parts in {
        "lines": ["JSON lines", "Columns"],
        "empty": ["rows\n0", "Schema"],
        "wide": ["921 more columns", "and 600 more"],
    }.items():
        page.open(tmp_path / f"{name}.html", 1240, 900, False)
        source = page.evaluate("document.documentElement.textContent + document.body.innerText")
        assert all(part in source for part in parts), name
        assert page.evaluate(OUTSIDE) == [] and page.evaluate(LABELS) == [] and page.said()[0] == []


def test_a_page_appears_whole_or_stays_as_it_was(made, tmp_path):
    broken = tmp_path / "broken.parquet"
    data = bytearray((made / "people.parquet").read_bytes())
    data[9000:9100] = bytes(100)
    broken.write_bytes(data)
    page = tmp_path / "page.html"
    page.write_text("before", encoding="utf-8")
    status, out, err = run("report", broken, "-o", page)
    assert (status, out) == (1, "") and "broken.parquet: row group 0, column" in err
    assert page.read_text("utf-8") == "before" and sorted(os.listdir(tmp_path)) == ["broken.parquet", "page.html"]
    status, out, err = run("report", made / "people.parquet")
    assert (status, out) == (2, "") and "-o PAGE is missing" in err
    status, out, err = run("report", made / "people.parquet", "-o", tmp_path / "no" / "page.html")
    assert (status, out) == (1, "") and "No such file or directory" in err
