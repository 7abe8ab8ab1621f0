"""Draw the letters of `bot/ui/glyphs.py` again: `python tools/make_glyphs.py`.

Needs Pillow, at development time only; its own typeface Aileron is in the public domain (CC0).
"""

from __future__ import annotations

import struct
import zlib
from base64 import b85encode
from pathlib import Path
from typing import cast

from PIL import ImageFont

TARGET = Path(__file__).resolve().parents[1] / "bot" / "ui" / "glyphs.py"
SIZES = (26, 34)
WIDTH = 100
# No font has this one: how it is drawn shows how the others are drawn that are lacking.
MISSING = "\U0010fffd"
TRIED = range(0x20, 0x2200)

HEAD = '''\
"""The letters of `canvas`, made by `tools/make_glyphs.py`: Aileron by Sora Sagano, in the public domain.

For each size the height of a line and, packed, for each character in turn: its advance in 64ths of a pixel,
where its shape begins, the shape's width and height, and its pixels from 0 to 15, two in a byte.
"""

from __future__ import annotations

from typing import Final

'''


def main() -> None:
    """Write the file anew."""
    fonts = {size: cast("ImageFont.FreeTypeFont", ImageFont.load_default(size)) for size in SIZES}
    characters = known(fonts[SIZES[0]])
    parts = [
        HEAD,
        "CHARACTERS: Final = (\n",
        *(f'    "{escaped(part)}"\n' for part in (characters[:60], characters[60:])),
        ")\n\n",
    ]
    for size, font in fonts.items():
        text = b85encode(zlib.compress(packed(font, characters), 9)).decode()
        lines = [text[at : at + WIDTH] for at in range(0, len(text), WIDTH)]
        parts += [f"_OF_{size}: Final = (\n", *(f'    "{line}"\n' for line in lines), ")\n\n"]
    rows = [f"    {size}: ({sum(font.getmetrics())}, _OF_{size}),\n" for size, font in fonts.items()]
    parts += ["PACKED: Final = {\n", *rows, "}\n"]
    TARGET.write_text("".join(parts))


def escaped(text: str) -> str:
    """Return the text as it stands between quotation marks, in ASCII alone."""
    return text.replace("\\", "\\\\").replace('"', '\\"').encode("ascii", "backslashreplace").decode()


def known(font: ImageFont.FreeTypeFont) -> str:
    """Return what the font can draw; no shape is given to what it lacks."""
    missing = bytes(font.getmask(MISSING))
    return "".join(c for c in map(chr, TRIED) if bytes(font.getmask(c)) != missing)


def packed(font: ImageFont.FreeTypeFont, characters: str) -> bytes:
    """Return every shape, one behind the other."""
    found = b""
    for character in characters:
        mask, (left, top, _, _) = font.getmask(character), font.getbbox(character)
        levels = [value >> 4 for value in bytes(mask)]
        levels += [0] * (len(levels) % 2)
        advance = round(font.getlength(character) * 64)
        found += struct.pack("<HbbBB", advance, int(left), int(top), *mask.size)
        found += bytes(a << 4 | b for a, b in zip(levels[::2], levels[1::2], strict=True))
    return found


if __name__ == "__main__":
    main()
