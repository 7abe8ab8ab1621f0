"""SQLite is kept off file systems on which it loses data."""

from __future__ import annotations

import pytest

from bot.errors import OperatorError
from bot.store.filesystem import refuse_network


@pytest.fixture
def mounts(tmp_path):
    """A list of mounts: the root is local, the folder `share` in it is not."""
    (tmp_path / "share" / "local disk").mkdir(parents=True)
    listing = tmp_path / "mounts"
    listing.write_text(
        "/dev/vda / ext4 rw 0 0\n"
        f"server:/x {tmp_path}/share nfs4 rw 0 0\n"
        f"/dev/vdb {tmp_path}/share/local\\040disk xfs rw 0 0\n"
        "nonsense\n"
    )
    return listing


def test_a_network_file_system_is_refused_by_name(tmp_path, mounts):
    with pytest.raises(OperatorError, match=r"nfs4.*DATABASE_URL"):
        refuse_network(tmp_path / "share" / "bot.db", mounts)


def test_a_local_disk_is_taken_wherever_it_is_mounted(tmp_path, mounts):
    refuse_network(tmp_path / "bot.db", mounts)
    refuse_network(tmp_path / "share" / "local disk" / "bot.db", mounts)


def test_a_link_is_followed_to_where_the_file_really_lies(tmp_path, mounts):
    (tmp_path / "link").symlink_to(tmp_path / "share")

    with pytest.raises(OperatorError, match="nfs4"):
        refuse_network(tmp_path / "link" / "bot.db", mounts)


def test_without_a_list_of_mounts_nothing_is_refused(tmp_path):
    refuse_network(tmp_path / "bot.db", tmp_path / "none")
