"""What the documentation says of commands, settings, dependencies and files is what the code has."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import click
import pytest

from bot import settings as setting
from bot.rules import grammar
from bot.settings import Settings
from bot.store import schema
from handlers import cli

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = tuple(
    path for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))) if path.is_file()
)
FILLED_IN: Final = {
    name: f"made-up-{name}"
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "MUX_TOKEN_ID", "MUX_TOKEN_SECRET")
}


def page(name: str) -> str:
    return (ROOT / name).read_text()


def table(text: str, heading: str) -> list[tuple[str, ...]]:
    """Return the rows of the table behind a heading, without its head, each cell stripped."""
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    assert len(rows) > 2, f"there is no table behind {heading!r}"
    cells = [re.split(r"(?<!\\)\|", row.strip("|")) for row in rows[2:]]
    return [tuple(cell.strip().replace("\\|", "|") for cell in row) for row in cells]


def shown_default(name: str) -> str:
    """Return a setting's default as the README shows it."""
    written = written_default(name)
    return f"`{written}`" if written else "none"


def written_default(name: str) -> str:
    """Return a setting's default as one writes it in a .env file."""
    default = Settings.model_fields[name].default
    if isinstance(default, tuple):
        return ",".join(default)
    return f"{default:g}" if isinstance(default, float) else str(default)


def test_the_readme_lists_every_command_and_option_as_the_help_does():
    expected = [(f"`{row.syntax}`", row.meaning, f"`{row.example}`") for row in grammar.help_rows()]
    assert table(page("README.md"), "What people type") == expected


def test_every_example_in_the_readme_is_understood():
    for _, _, example in table(page("README.md"), "What people type"):
        typed = example.strip("`")
        text = typed.removeprefix("/caption ") if typed.startswith("/caption") else f"YOUR_ASSET_ID {typed}"
        grammar.parse(text)


def test_the_readme_lists_every_setting_with_its_default_and_meaning():
    expected = [
        (f"`{name.upper()}`", shown_default(name), field.description)
        for name, field in Settings.model_fields.items()
    ]
    assert table(page("README.md"), "Settings") == expected


def test_the_example_file_holds_every_setting_with_its_default():
    lines = [line for line in page(".env.example").splitlines() if re.match(r"#?[A-Z_]+=", line)]
    given = dict(line.removeprefix("#").split("=", 1) for line in lines)
    assert list(given) == [name.upper() for name in Settings.model_fields]
    assert not [name for name, value in given.items() if value != written_default(name.lower())]
    uncommented = {line.partition("=")[0] for line in lines if not line.startswith("#")}
    assert set(FILLED_IN) <= uncommented


def test_the_example_file_once_filled_in_gives_the_defaults(tmp_path):
    filled = page(".env.example")
    for name, value in FILLED_IN.items():
        filled = re.sub(rf"^{name}=$", f"{name}={value}", filled, flags=re.MULTILINE)
    copied = tmp_path / ".env"
    copied.write_text(re.sub(r"^#([A-Z_]+=)", r"\1", filled, flags=re.MULTILINE))
    without = {name.lower(): value for name, value in FILLED_IN.items()}
    assert setting.load(copied) == setting.load(None, **without)


def test_every_dependency_has_its_reason_and_every_reason_its_dependency():
    project = tomllib.loads(page("pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    described = {
        heading: [name.strip("`") for name, _ in table(page("docs/dependencies.md"), heading)]
        for heading in ("Runtime", "Extras")
    }
    names = [re.match(r"[a-z0-9-]+(?:\[[a-z]+\])?", line) for line in project["dependencies"]]
    assert described["Runtime"] == [name[0] for name in names if name]
    extra_names = [
        f"{re.split('[<>=]', line)[0]} ({extra})" for extra, lines in extras.items() for line in lines
    ]
    assert [name.replace("`", "") for name in described["Extras"]] == extra_names


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_image_and_every_link_inside_the_repository_exists(path):
    targets = re.findall(r"\]\(([^)\s]+)\)", path.read_text())
    local = [target.partition("#")[0] for target in targets if "://" not in target and target[0] != "#"]
    assert not [target for target in local if not (path.parent / target).exists()]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_line_in_the_documentation_exists(path):
    text = path.read_text()
    for words in re.findall(r"(?:bin/|`|^)caption-bot ([a-z]+(?: [a-z]+)?)", text, re.MULTILINE):
        command: click.Command | None = cli.app
        for word in words.split():
            assert isinstance(command, click.Group), f"caption-bot {words} is no command"
            command = command.get_command(click.Context(command), word)
            assert command is not None, f"caption-bot {words} is no command"
    targets = set(re.findall(r"^([a-z]+):", page("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)) <= targets


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_module_in_the_documentation_exists(path):
    named = set(re.findall(r"`((?:bot|handlers|tests)/[a-z_/]+(?:\.py)?)`", path.read_text()))
    assert not {name for name in named if not (ROOT / name).exists()}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_log_event_in_the_documentation_is_logged_somewhere(path):
    events = set(re.findall(r"`((?:slack|mux|bot|worker|inbox)\.[a-z]+_[a-z_]+)`", path.read_text()))
    code = "\n".join(
        source.read_text() for room in ("bot", "handlers") for source in (ROOT / room).rglob("*.py")
    )
    assert not {event for event in events if f'"{event}"' not in code}


def test_the_security_page_says_of_every_table_what_is_in_it_and_when_it_leaves():
    rows = table(page("SECURITY.md"), "What is stored, for how long, and how to delete it")
    named = [name for cells in rows for name in re.findall("`([a-z_]+)`", cells[0])]
    assert sorted(named) == sorted(schema.metadata.tables)
    assert all(len(cells) == 3 and all(cells) for cells in rows)


def test_the_security_page_and_the_units_name_only_what_exists():
    text = page("SECURITY.md")
    settings_named = set(re.findall("`([A-Z][A-Z_]+)`", text))
    assert settings_named <= {name.upper() for name in Settings.model_fields}
    unit, container = page("docs/deploy/caption-bot.service"), page("docs/deploy/Containerfile")
    assert "caption-bot run" in unit
    assert "USER 10001" in container
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", container, re.MULTILINE):
        assert all((ROOT / name).exists() for name in source.split())
