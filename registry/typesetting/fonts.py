"""The fonts of papers, and which characters they can print.

Noto Sans SC and Noto Serif SC come with a package and have the characters of daily use. For rare ones there may be
HanaMinB (Debian's `fonts-hanazono`), for letters such as Ł DejaVu, and fonts of one's own in the directory that
`REGISTRY_FONTS` names.
"""

import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

_PACKAGE = "pylopdf_fonts_zh_cn"
_SYSTEM = (Path("/usr/share/fonts/truetype/hanazono"), Path("/usr/share/fonts/truetype/dejavu"))
_ENDINGS = {".otf", ".ttf"}
Ranges = list[tuple[int, int]]
"""First and last code point of each range, in order."""


def usual_folder() -> Path | None:
    """Return the folder of the fonts that come with the package; None if it is not installed."""
    spec = find_spec(_PACKAGE)
    return Path(spec.origin).parent if spec and spec.origin else None


def additional_folders() -> list[Path]:
    """Return the folders with fonts for rare characters that this computer has."""
    own = [Path(settings.PAPER_FONTS)] if settings.PAPER_FONTS else []
    return [folder for folder in (*own, *_SYSTEM) if folder.is_dir()]


def folders_for(text: str) -> list[Path]:
    """Return the folders whose fonts the text needs: large ones for rare characters only where there are such."""
    usual = usual_folder()
    if usual is None:
        return []
    common = _covered(usual)
    rare = any(not _within(ord(character), common) for character in {*text})
    return [usual, *(additional_folders() if rare else ())]


def can_print(character: str) -> bool:
    """Return whether a font has the character.

    A private-use character means something only beside the font of the person who typed it, and is never printed.
    """
    if unicodedata.category(character) in ("Co", "Cs", "Cc"):
        return False
    folders = [folder for folder in (usual_folder(), *additional_folders()) if folder]
    return any(_within(ord(character), _covered(folder)) for folder in folders)


def printable(text: str) -> tuple[str, list[str]]:
    """Return the text with a visible code point, 〔U+E000〕, for what no font can print, and these characters."""
    missing = [character for character in dict.fromkeys(text) if not can_print(character)]
    for character in missing:
        if character.isspace():  # a line break in a remark
            text = text.replace(character, " ")
        else:
            text = text.replace(character, f"〔{code_point(character)}〕")
    return text, [character for character in missing if not character.isspace()]


def code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


def _within(code: int, ranges: Ranges) -> bool:
    position = bisect_right(ranges, (code, 0x110000)) - 1
    return position >= 0 and ranges[position][0] <= code <= ranges[position][1]


@cache
def _covered(folder: Path) -> Ranges:
    """Return the code points that a font of the folder has, as ranges that do not overlap."""
    found = sorted(one for file in sorted(folder.iterdir()) if file.suffix.lower() in _ENDINGS for one in _ranges(file))
    merged: Ranges = []
    for first, last in found:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _ranges(file: Path) -> Iterator[tuple[int, int]]:
    """Yield the ranges of code points in the tables `cmap` of an OpenType font (formats 4 and 12 of ISO 14496-22)."""
    data = file.read_bytes()
    for number in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _sum, offset, _length = struct.unpack_from(">4sLLL", data, 12 + 16 * number)
        if tag == b"cmap":
            for entry in range(struct.unpack_from(">H", data, offset + 2)[0]):
                (place,) = struct.unpack_from(">L", data, offset + 4 + 8 * entry + 4)
                yield from _ranges_of_table(data, offset + place)


def _ranges_of_table(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    (kind,) = struct.unpack_from(">H", data, at)
    if kind == 12:
        for group in range(struct.unpack_from(">L", data, at + 12)[0]):
            first, last, _glyph = struct.unpack_from(">LLL", data, at + 16 + 12 * group)
            yield first, last
    elif kind == 4:
        count = struct.unpack_from(">H", data, at + 6)[0] // 2
        ends = struct.unpack_from(f">{count}H", data, at + 14)
        starts = struct.unpack_from(f">{count}H", data, at + 16 + 2 * count)
        yield from ((first, last) for first, last in zip(starts, ends, strict=True) if first != 0xFFFF)
