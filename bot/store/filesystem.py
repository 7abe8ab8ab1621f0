"""Where SQLite must not lie: its locks and its write-ahead log do not work over a network."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot.errors import OperatorError

# https://www.sqlite.org/wal.html: all processes using a database must be on the same host computer.
NETWORK_TYPES: Final = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs", "gfs2", "glusterfs"}
    | {"lustre", "nfs", "nfs4", "ncpfs", "ocfs2", "smb2", "smb3", "smbfs"}
)
MOUNTS: Final = Path("/proc/self/mounts")


def refuse_network(database: Path, mounts: Path = MOUNTS) -> None:
    """Refuse a database on a network file system; where there is no list of mounts nothing is known.

    `mounts` has the form of proc(5): device, mount point, type, options.

    Raises:
        OperatorError: naming the type of the file system and what to set instead.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    kind = _type_of(database.absolute().parent.resolve(), lines)
    if kind in NETWORK_TYPES:
        raise OperatorError(
            f"{database} lies on a network file system ({kind}), on which SQLite loses data; "
            "set DATABASE_URL to a file on a local disk, or to postgresql+asyncpg://..."
        )


def _type_of(folder: Path, lines: list[str]) -> str:
    """Return the type of the deepest mount that holds `folder`; the last of several on one point counts."""
    deepest, kind = -1, ""
    for line in lines:
        _, point, found, *_ = [*line.split(" "), "", "", ""]
        # proc(5) writes a space in a path as \040.
        mounted = Path(point.replace("\\040", " ") or "/nowhere")
        if folder.is_relative_to(mounted) and len(mounted.parts) >= deepest:
            deepest, kind = len(mounted.parts), found
    return kind
