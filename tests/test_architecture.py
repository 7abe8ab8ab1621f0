"""The shape of the house: short files and functions, no broad excepts, no patches, nothing at import."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.rules.jobs import RANK, TERMINAL_RANK, TRANSITIONS, Signal, State

ROOT: Final = Path(__file__).parents[1]
SHIPPED: Final = tuple(sorted(path for room in ("bot", "handlers") for path in (ROOT / room).rglob("*.py")))
TOOLS: Final = tuple(sorted((ROOT / "tools").rglob("*.py")))
TESTS: Final = tuple(sorted((ROOT / "tests").rglob("*.py")))

LONGEST_FILE: Final = 300
LONGEST_FUNCTION: Final = 50
USUAL_FUNCTION: Final = 20

# One migration is one function, however many tables it makes.
MIGRATIONS: Final = "bot/store/migrations/versions/"

# A batch hands each failure to the caller who awaits it; the worker loop logs it and goes on.
BROAD_EXCEPTS: Final = {("bot/store/batches.py", "_run"), ("bot/workers/worker.py", "run")}

_AT_IMPORT: Final = """
import importlib, os, pkgutil, sys
sys.dont_write_bytecode = True
REFUSED = ("socket.", "subprocess.", "os.mkdir", "os.remove", "os.rename", "os.system", "os.putenv",
           "os.unsetenv", "sqlite3.connect")
def watch(event, args):
    writes = event == "open" and (
        any(sign in (args[1] or "") for sign in "wax+") or (args[2] or 0) & (os.O_WRONLY | os.O_RDWR))
    if writes or event.startswith(REFUSED):
        raise RuntimeError(f"{event} {args}")
import asyncio, ctypes, socket, sqlite3, ssl, threading, uuid
sys.addaudithook(watch)
for room in sys.argv[1:]:
    package = importlib.import_module(room)
    for module in pkgutil.walk_packages(package.__path__, room + "."):
        importlib.import_module(module.name)
assert threading.active_count() == 1, threading.enumerate()
"""


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function behind its signature and its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0  # type: ignore[operator]  # parsed: never None


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Say whether a handler swallows more than it can know; one that ends by re-raising does not."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    names = (
        {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else {""}
    )
    return bool(names & {"", "Exception", "BaseException"})


def test_no_file_is_longer_than_one_can_keep_in_mind():
    lengths = {named(path): len(path.read_text().splitlines()) for path in (*SHIPPED, *TOOLS, *TESTS)}
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}


def test_no_function_is_longer_than_a_page():
    lengths = {
        f"{named(path)}:{function.name}": body_lines(function)
        for path in (*SHIPPED, *TOOLS, *TESTS)
        if not named(path).startswith(MIGRATIONS)
        for function in functions(path)
    }
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION}


def test_nine_functions_of_ten_are_short():
    lengths = sorted(body_lines(function) for path in SHIPPED for function in functions(path))
    assert lengths[len(lengths) * 9 // 10] < USUAL_FUNCTION


def test_comments_are_there_and_are_rare():
    lines = comments = 0
    for path in SHIPPED:
        text = path.read_text()
        lines += sum(1 for line in text.splitlines() if line.strip())
        comments += sum(
            token.type == tokenize.COMMENT for token in tokenize.generate_tokens(io.StringIO(text).readline)
        )
    assert 0.005 < comments / lines < 0.08


def test_everything_is_caught_at_two_places_only():
    found = {
        (named(path), function.name)
        for path in (*SHIPPED, *TOOLS, *TESTS)
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    }
    assert found == BROAD_EXCEPTS


def test_nothing_is_suppressed_wholesale():
    calls = [
        named(path)
        for path in (*SHIPPED, *TOOLS, *TESTS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and (node.func.id if isinstance(node.func, ast.Name) else node.func.attr) == "suppress"
        and any(isinstance(each, ast.Name) and each.id.endswith("Exception") for each in node.args)
    ]
    assert not calls


def test_tests_inject_their_doubles_and_patch_nothing():
    patched = []
    for path in TESTS:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[-1] == "mock":
                patched.append(f"{named(path)} imports from {node.module}")
            if isinstance(node, ast.Import | ast.ImportFrom):
                patched += [
                    f"{named(path)} imports {alias.name}"
                    for alias in node.names
                    if alias.name.split(".")[-1] == "mock"
                ]
            if isinstance(node, ast.Attribute) and node.attr in {"setattr", "setitem", "delattr"}:
                patched.append(f"{named(path)}:{node.lineno} {node.attr}")
    assert not patched


def test_every_room_says_what_it_is():
    silent = [
        named(path) for path in SHIPPED if path.name == "__init__.py" and not ast.get_docstring(tree(path))
    ]
    assert not silent


def test_every_room_has_its_place_in_the_order_of_imports():
    layers = " ".join(contract()["layers"])
    placed = set(re.findall(r"[a-z_.]+", layers))
    rooms = {f"bot.{path.parent.name}" for path in (ROOT / "bot").glob("*/__init__.py")}
    modules = {f"bot.{path.stem}" for path in (ROOT / "bot").glob("*.py") if not path.stem.startswith("__")}
    assert rooms | modules | {"handlers"} == placed | {"bot.sandbox"}


def test_nothing_happens_at_import():
    """No socket, no process, no thread, no database and no written file, whatever module is imported."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and our own text
        [sys.executable, "-c", _AT_IMPORT, "bot", "handlers"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == ""


def contract() -> dict[str, list[str]]:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = [each for each in linter["contracts"] if each["type"] == "layers"]
    return dict(layers)


def architecture() -> str:
    return (ROOT / "docs" / "architecture.md").read_text()


def block(kind: str, after: str) -> list[str]:
    """Return the lines of the first fenced block of that kind behind a heading of docs/architecture.md."""
    section = architecture().partition(f"\n## {after}\n")[2]
    fenced = re.search(rf"```{kind}\n(.*?)```", section, re.DOTALL)
    assert fenced is not None, f"docs/architecture.md has no {kind} block under {after!r}"
    return [line.strip() for line in fenced[1].splitlines() if line.strip()]


def test_the_documented_order_of_rooms_is_the_one_that_is_checked():
    assert block("text", "The rooms") == contract()["layers"]


def test_every_room_is_explained():
    section = architecture().partition("\n## The rooms\n")[2].partition("\n## ")[0]
    explained = set(re.findall(r"^\| `([a-z./_*]+)` \|", section, re.MULTILINE))
    rooms = {f"bot/{path.parent.name}" for path in (ROOT / "bot").glob("*/__init__.py")}
    assert explained == rooms | {"handlers", "bot/*.py"}


def drawn() -> tuple[set[tuple[str, str, str]], dict[str, set[str]]]:
    """Read the job diagram: every arrow as (from, signal, to), and what each composite state holds."""
    arrows: set[tuple[str, str, str]] = set()
    holds: dict[str, set[str]] = {}
    inside: list[str] = []
    for line in block("mermaid", "A job's life")[1:]:
        opened = re.fullmatch(r'state (?:"[^"]+" as )?(\w+) \{', line)
        arrow = re.fullmatch(r"([\w\[\]*]+) --> ([\w\[\]*]+)(?:: ([\w, ]+))?", line)
        if opened:
            inside.append(opened[1])
            holds[opened[1]] = set()
        elif line == "}":
            inside.pop()
        elif arrow:
            arrows |= {(arrow[1], signal, arrow[2]) for signal in (arrow[3] or "").split(", ")}
        else:
            assert re.fullmatch(r"\w+", line), f"not understood: {line}"
            for outer in inside:
                holds[outer].add(line)
    return arrows, holds


def expanded() -> set[tuple[str, str, str]]:
    """Return the arrows between states: a box stands for its states, and into one the signal's name leads."""
    arrows, holds = drawn()
    inner = {arrow for arrow in arrows if "[*]" not in arrow}
    assert all(signal in holds[target] for _, signal, target in inner if target in holds)
    return {
        (each, signal, signal if target in holds else target)
        for source, signal, target in inner
        for each in holds.get(source, {source})
    }


def test_every_arrow_of_the_diagram_is_in_the_table():
    known = {(state.value, signal.value, target.value) for (state, signal), target in TRANSITIONS.items()}
    assert expanded() <= known


def test_every_row_of_the_table_is_drawn():
    for state in State:
        for signal in Signal:
            target = TRANSITIONS.get((state, signal))
            arrows = {each for each in expanded() if each[:2] == (state.value, signal.value)}
            assert arrows == ({(state.value, signal.value, target.value)} if target else set())


def test_the_diagram_begins_with_a_request_and_ends_where_nothing_moves_any_more():
    arrows, holds = drawn()
    assert {to for source, _, to in arrows if source == "[*]"} == {State.REQUESTED.value}
    ends = {each for source, _, to in arrows if to == "[*]" for each in holds.get(source, {source})}
    assert ends == {state.value for state, rank in RANK.items() if rank == TERMINAL_RANK}
