"""Draws bars as SVG that can be read on a light page and on a dark one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

_WIDTH: Final = 880
_LABELS: Final = 345
_FIGURES: Final = 130
_ROW: Final = 28
_TOP: Final = 56

_STYLE: Final = """
  text { font: 14px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 16px; }
  .bar { fill: #3b6ea8; }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .bar { fill: #6ea8e0; } }
"""


def bars(title: str, stages: Sequence[tuple[str, float]], *, unit: str) -> str:
    """Return a drawing with one bar for each stage, its figure and its share of the sum beside it."""
    total = sum(figure for _, figure in stages)
    longest = max(figure for _, figure in stages)
    height = _TOP + _ROW * len(stages) + 12
    heading = f"{title}: {total:.0f} {unit} altogether"
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(heading)}">',
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="8" y="28">{escape(heading)}</text>',
    ]
    room = _WIDTH - _LABELS - _FIGURES
    for row, (name, figure) in enumerate(stages):
        y = _TOP + row * _ROW
        width = max(figure / longest * room, 1.0)
        shown = f"{figure:.0f} {unit}, {figure / total:.0%}"
        lines += [
            f'<text x="{_LABELS - 10}" y="{y + 15}" text-anchor="end">{escape(name)}</text>',
            f'<rect class="bar" x="{_LABELS}" y="{y}" width="{width:.1f}" height="20" rx="3"/>',
            f'<text x="{_LABELS + width + 8:.1f}" y="{y + 15}">{shown}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])
