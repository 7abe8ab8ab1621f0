"""Seals what must not stand in the database in clear, with keys from the environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.errors import OperatorError

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class Vault:
    """Seals with the first of its keys and opens with any; https://cryptography.io/en/latest/fernet/.

    A new key is put before the others; once everything is sealed again with it, the old ones can go.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = tuple(keys)
        self._fernet: MultiFernet | None = None

    def seal(self, text: str) -> str:
        """Return `text` encrypted; the same text is sealed differently each time."""
        return self._fernets().encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return what was sealed.

        Raises:
            OperatorError: when none of the keys opens it, or somebody changed it.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._fernets().decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise OperatorError(
                "no key of ENCRYPTION_KEYS opens what is stored; add the key that it was sealed with, "
                "behind the newest"
            ) from None

    def again(self, sealed: str) -> str:
        """Return the same secret sealed with the first key; raises what `open` raises."""
        return self.seal(self.open(sealed))

    def _fernets(self) -> MultiFernet:
        # Most installations need none of this, and it costs a start as much as half the bot.
        if self._fernet is None:
            from cryptography.fernet import Fernet, MultiFernet

            self._fernet = MultiFernet([Fernet(key) for key in self._keys])
        return self._fernet


def new_key() -> str:
    """Return a key that nobody has had before."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
