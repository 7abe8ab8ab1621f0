"""Writes the figures of a run into docs/performance.md, between the marks that it has for them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from tests.bench import goals, report, servers

BURST: Final = 300
_ENGINES: Final = {"bot": "SQLite", "bot-postgres": "PostgreSQL"}
PAGE: Final = Path(__file__).parents[2] / "docs" / "performance.md"


def publish(kept: list[Path], page: Path = PAGE) -> None:
    """Write the goals, the tables and the circumstances of kept runs into the page.

    A goal is judged by the first run that measured all it needs, because only the figures of one run may be
    compared; so a run with a million jobs can be made apart.
    """
    every = [json.loads(path.read_text()) for path in kept]
    text = page.read_text()
    for run in every:
        if _has_steps(run):
            text = _between(text, "steps", steps(report.medians(run["rounds"])))
    runs = [run for run in every if not _has_steps(run)]
    page.write_text(_with_figures(text, runs) if runs else text)


def steps(medians: dict[str, dict[str, float]]) -> str:
    """Return what each step of the bot's adds to bare Bolt, as a Markdown table."""
    base = medians[report.BASE]
    named = {f"step {name}": words for name, words in servers.STEPS.items()}
    rows = [(report.BASE, "bare Bolt"), *((name, words) for name, words in named.items() if name in medians)]
    lines = [
        "| | median, ms | / base | p99, ms | / base | CPU at saturation, us | / base |",
        "|---" * 7 + "|",
    ]
    for name, words in rows:
        cells = [
            cell
            for figure in ("command_p50_ms", "command_p99_ms", "full_cpu_us")
            for cell in (f"{medians[name][figure]:.3g}", f"{medians[name][figure] / base[figure]:.2f}")
        ]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _has_steps(run: dict[str, Any]) -> bool:
    return any(name.startswith("step ") for name in run["rounds"])


def _with_figures(text: str, runs: list[dict[str, Any]]) -> str:
    medians = [report.medians(run["rounds"]) for run in runs]
    tables = [f"{_circumstances(run)}\n\n{report.table(run['rounds'])}" for run in runs]
    text = _between(text, "goals", goals.table(medians, runs[0]["installed"]["mb"]))
    text = _between(text, "replica", _replica(medians[0]))
    return _between(text, "figures", "\n\n".join(tables))


def _replica(medians: dict[str, dict[str, float]]) -> str:
    """Return what one process does at most, on each engine, as a Markdown table."""
    engines = [(name, medians[server]) for server, name in _ENGINES.items() if server in medians]
    lines = [f"| one process, one core | {' | '.join(name for name, _ in engines)} |"]
    lines.append("|---" * (len(engines) + 1) + "|")
    rows = (
        ("`/caption` a second, answered after its commit", lambda one: one["full_per_s"]),
        (
            f"results a second, posted after a burst of {BURST}",
            lambda one: BURST / one["burst_last_post_ms"] * 1e3,
        ),
        ("jobs an hour by CPU alone, all work included", lambda one: 3600 * 1e6 / one["worked_cpu_us"]),
    )
    for label, figure in rows:
        cells = [f"{_rounded(figure(one)):,}" for _, one in engines]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _rounded(figure: float) -> int:
    """Return two digits of it: more would be made up."""
    size = 10 ** max(len(str(int(figure))) - 2, 0)
    return round(figure / size) * size


def _circumstances(run: dict[str, Any]) -> str:
    fewest = min(len(lives) for lives in run["rounds"].values())
    installed = run["installed"]
    return (
        f"Measured {run['began'][:10]} on {run['machine']}, Python {run['python']}; "
        f"medians of {fewest} interleaved round{'' if fewest == 1 else 's'}; "
        f"{installed['packages']:.0f} packages, {installed['mb']:.0f} MB installed without Python itself."
    )


def _between(text: str, name: str, content: str) -> str:
    begin, end = f"<!-- {name}: written by tests/bench -->", f"<!-- end of {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the page has no place for {name}: {begin} ... {end}")
    return pattern.sub(lambda _: f"{begin}\n{content}\n{end}", text)
