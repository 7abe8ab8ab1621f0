"""Undoes the compression of an answer piece by piece, never making more of it than was asked for. No I/O."""

from __future__ import annotations

import zlib
from typing import Final

from bot.mux.reading import Malformed

# https://docs.python.org/3/library/zlib.html#zlib.decompressobj
_WINDOWS: Final = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
ACCEPTED: Final = "gzip, deflate"


class TooLarge(Malformed):
    """There is more than was asked for."""

    def __init__(self) -> None:
        super().__init__("too_large")


class Decoder:
    """Collects a body of at most `cap_bytes`, counted after decoding.

    A bomb is noticed while it unfolds: no more than one byte over the cap is ever made of it.
    """

    def __init__(self, encoding: str, *, cap_bytes: int) -> None:
        """Begin with what `Content-Encoding` says.

        Raises:
            Malformed: `odd_encoding`, when that is not known.
        """
        name = encoding.strip().casefold()
        if name not in {"", "identity", *_WINDOWS}:
            raise Malformed("odd_encoding")
        self._window = _WINDOWS.get(name, 0)
        self._unfolding = zlib.decompressobj(self._window) if self._window else None
        self._cap_bytes = cap_bytes
        self._content = bytearray()

    def feed(self, piece: bytes) -> None:
        """Take the next piece as it came over the wire.

        Raises:
            TooLarge: The whole is longer than the cap.
            Malformed: `bad_encoding`.
        """
        if self._unfolding is None:
            self._take(piece)
            return
        try:
            self._unfold(piece, self._unfolding)
        except zlib.error as error:
            raise Malformed("bad_encoding") from error

    def end(self) -> bytes:
        """Return the whole, once there is no more; raise `Malformed` (`cut_off`) if it is not whole."""
        if self._unfolding is not None and not self._unfolding.eof:
            raise Malformed("cut_off")
        return bytes(self._content)

    def _unfold(self, piece: bytes, unfolding: zlib._Decompress) -> None:
        while piece:
            if unfolding.eof:
                # A gzip file may be several, one behind the other.
                unfolding = zlib.decompressobj(self._window)
            self._take(unfolding.decompress(piece, self._cap_bytes + 1 - len(self._content)))
            piece = unfolding.unconsumed_tail or unfolding.unused_data
        self._unfolding = unfolding

    def _take(self, more: bytes) -> None:
        self._content += more
        if len(self._content) > self._cap_bytes:
            raise TooLarge
