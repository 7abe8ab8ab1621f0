"""How much room a text takes on a screen, whatever its script. Performs no I/O."""

from __future__ import annotations

import unicodedata
from typing import Final

# https://www.unicode.org/reports/tr11/: wide and full-width characters take the room of two.
_WIDE: Final = frozenset("WF")
_MARKS: Final = frozenset({"Mn", "Me", "Cf", "Cc", "Cs"})
_SPACING_MARK: Final = "Mc"
_JOINER: Final = "\u200d"
_EMOJI_STYLE: Final = "\ufe0f"
_HALF: Final = 2
# Scripts whose writers put no space between words: Thai to Burmese, Khmer, then Han, kana and their signs.
_UNSPACED: Final = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x312F), (0x31A0, 0x9FFF),
    (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF),
)  # fmt: skip


def characters(text: str) -> int:
    """Return how many characters a reader sees: accents and joined emoji count with their base."""
    return len(text) if text.isascii() else sum(1 for _ in _cells(text))


def columns(text: str) -> int:
    """Return how many half-width columns the text takes; a Chinese, Japanese or Korean letter takes two."""
    return len(text) if text.isascii() else sum(_cells(text))


def full_widths(text: str) -> float:
    """Return the length in full-width characters, the unit of Chinese, Japanese and Korean rules."""
    return columns(text) / _HALF


def is_unspaced(character: str) -> bool:
    """Say whether the character belongs to a script that puts no space between words."""
    code = ord(character)
    return code >= _UNSPACED[0][0] and any(low <= code <= high for low, high in _UNSPACED)


def is_letter(character: str) -> bool:
    """Say whether the character is part of a word: a letter, a digit, or a mark on one."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def _cells(text: str) -> list[int]:
    """Return the width in columns of each character that a reader sees."""
    cells: list[int] = []
    joined = False
    flag = False
    for character in text:
        half_flag = "\U0001f1e6" <= character <= "\U0001f1ff"
        if character < "\u0300" and character != "\u00ad":
            cells.append(1)
        elif cells and (joined or _extends(character) or (flag and half_flag)):
            cells[-1] = 2 if character == _EMOJI_STYLE or (flag and half_flag) else cells[-1]
            half_flag = False
        elif unicodedata.category(character) not in _MARKS:
            cells.append(2 if unicodedata.east_asian_width(character) in _WIDE else 1)
        joined = character == _JOINER
        flag = half_flag
    return cells


def _extends(character: str) -> bool:
    """Say whether the character is seen as part of the one before it."""
    category = unicodedata.category(character)
    return (
        category in _MARKS
        or category == _SPACING_MARK
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\u1160" <= character <= "\u11ff"
    )
