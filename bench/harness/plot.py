"""A bar chart as SVG, made of nothing but text: how many times our CPU seconds each tool took, case by case."""

import html

BAR, GAP, GROUP_GAP, LEFT, WIDTH, TOP = 13, 2, 14, 260, 900, 46
COLOURS = {"ours": "#1b7837", "Polars": "#3b6fb6", "pyarrow": "#c97b1f", "DuckDB": "#8a5aa8"}
BEYOND = 8  # a longer bar is cut, and its number says so


def _text(x, y, text, anchor="start", size=12, weight="normal"):
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}">'
        f"{html.escape(text)}</text>"
    )


def bars(title, groups):
    """groups is [(case, [(tool, ratio)])]; ratio 1 is ours. Answers the SVG."""
    scale = (WIDTH - LEFT - 70) / BEYOND
    y, parts = TOP, [_text(16, 24, title, size=15, weight="bold")]
    for case, tools in groups:
        parts.append(_text(LEFT - 10, y + BAR, case, "end"))
        for tool, ratio in tools:
            width = min(ratio, BEYOND) * scale
            parts.append(
                f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{COLOURS.get(tool, "#777")}"/>'
            )
            parts.append(_text(LEFT + width + 5, y + BAR - 2, f"{tool} {ratio:.2f}", size=11))
            y += BAR + GAP
        y += GROUP_GAP
    line = LEFT + scale
    parts.insert(
        1, f'<line x1="{line:.1f}" y1="{TOP - 8}" x2="{line:.1f}" y2="{y}" stroke="#999" stroke-dasharray="3 3"/>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" '
        f'font-family="sans-serif"><rect width="{WIDTH}" height="{y}" fill="white"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )
