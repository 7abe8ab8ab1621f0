"""What several commands of the command line have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

ENV_FILE: Final = click.option(
    "--env-file",
    type=click.Path(path_type=Path),
    default=Path(".env"),
    show_default=True,
    help="File with settings; the environment wins over it.",
)


class Group(click.Group):
    """Commands in the order in which they were written, each with all of its first paragraph."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click gives it
        """Return every name."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands; click's own cuts long ones off."""
        found = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, (each.help or "").partition("\n\n")[0]) for name, each in found.items() if each]
            )
