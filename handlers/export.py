"""`caption-bot export`: a job's evidence as one ZIP file; the same evidence gives the same bytes."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from bot import __version__
from bot.clock import SystemClock
from bot.errors import OperatorError
from handlers import options
from handlers.database import database_url, in_words

if TYPE_CHECKING:
    from bot.store.evidence import Evidence
    from bot.store.files import StoredFile

# The earliest moment that a ZIP file can name; real times are in the files themselves.
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o644 << 16

_READ_ME: Final = """\
Evidence of a caption job, exported by Caption Bot.

job.json      what was asked for, by whom, when, and how it ended; times are Unix seconds
people.json   who else waited for it
audit.json    who did what with it
effects.json  what was wanted at Slack and Mux, and what became of it
archive.json  what became of its files and its track, and the quality report
files/        every version of every file, as it was kept; the newest has the highest number
SHA256SUMS    the hash of everything here: sha256sum -c SHA256SUMS
"""


@click.command()
@click.argument("job")
@click.option(
    "--output", type=click.Path(path_type=Path), help="The file; by default caption-job-ID.zip here."
)
@options.ENV_FILE
def command(*, job: str, output: Path | None, env_file: Path) -> None:
    """Write a job's evidence into a ZIP file: settings, people, times, hashes, report and files.

    JOB is the job's id, as its card shows it.
    """
    with in_words():
        path, count, digest = asyncio.run(export(database_url(env_file), job, output))
    click.echo(f"{path}: {count} {'file' if count == 1 else 'files'} and what is known of job {job}")
    click.echo(f"SHA-256 {digest}")


async def export(url: str, name: str, target: Path | None) -> tuple[Path, int, str]:
    """Write the evidence of the job called `name`; return where, how many files of captions, and its hash.

    Works while the bot runs. An existing file is never replaced.

    Raises:
        OperatorError: There is no such job, or the file is there already.
    """
    from bot.store import evidence, reading

    found = await reading.read(url, SystemClock(), evidence.of_job, name)
    if found is None:
        raise OperatorError(f"there is no job {name!r} in this database; copy its id from the job's card")
    path = target or Path(f"caption-job-{found.job['public_id']}.zip")
    content = packed(found)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise OperatorError(f"{path} is there already; name another file with --output") from None
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}") from None
    return path, len(found.files), hashlib.sha256(content).hexdigest()


def packed(found: Evidence) -> bytes:
    """Return the ZIP file: names sorted, no times, so that the same evidence gives the same bytes."""
    import io
    import zipfile

    contents = {
        "README.txt": _READ_ME.encode(),
        "job.json": _json({"version": __version__, **found.job}),
        "people.json": _json(found.watchers),
        "audit.json": _json(found.audit),
        "effects.json": _json(found.effects),
        "archive.json": _json(
            {"archive": found.archive, "files": [_described(each) for each, _ in found.files]}
        ),
        **{f"files/{_place(each)}": content for each, content in found.files},
    }
    sums = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(contents.items())
    )
    contents["SHA256SUMS"] = sums.encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in sorted(contents.items()):
            info = zipfile.ZipInfo(name, _MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = _MODE
            info.create_system = 3
            archive.writestr(info, content, compresslevel=6)
    return file.getvalue()


def _place(file: StoredFile) -> str:
    # The name was made safe when it was given; the kind and version keep two of the same name apart.
    return f"{file.version:03}-{file.kind.replace(':', '-')}-{Path(file.name).name}"


def _described(file: StoredFile) -> dict[str, Any]:
    return {
        name: getattr(file, name)
        for name in ("kind", "version", "name", "media_type", "size", "sha256", "created_at", "alt")
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
