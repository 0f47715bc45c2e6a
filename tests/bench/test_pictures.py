"""`make pictures`: one way of drawing for each picture of the documents, and small files."""

import re
import struct
import zlib

from django.conf import settings

from bench.pictures import png
from bench.pictures.scenes import SCENES

DOCS = settings.BASE_DIR / "docs"
RED, BLUE = (255, 0, 0), (0, 0, 255)


def chunks(data: bytes) -> dict[bytes, bytes]:
    found, position = {}, 8
    while position < len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        kind, content = data[position + 4 : position + 8], data[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack(">I", data[position + 8 + length : position + 12 + length])
        assert checksum == zlib.crc32(kind + content)
        found[kind] = content
        position += length + 12
    return found


def colours(data: bytes) -> list[tuple[int, int, int]]:
    """The colours of a picture with a palette and unfiltered lines, as PNG says."""
    parts = chunks(data)
    width, height = struct.unpack(">II", parts[b"IHDR"][:8])
    lines, palette = zlib.decompress(parts[b"IDAT"]), parts[b"PLTE"]
    assert len(lines) == height * (width + 1)
    indexes = b"".join(lines[start + 1 : start + 1 + width] for start in range(0, len(lines), width + 1))
    return [(palette[3 * at], palette[3 * at + 1], palette[3 * at + 2]) for at in indexes]


def pixels(*given: tuple[int, int, int]) -> bytes:
    return b"".join(bytes((*colour, 255)) for colour in given)


def test_a_picture_with_few_colours_stays_as_it_is() -> None:
    given = [RED, BLUE, BLUE, RED, RED, BLUE]
    assert colours(png.reduced(3, pixels(*given))) == given


def test_a_rare_colour_becomes_the_nearest_frequent_one() -> None:
    frequent = [(shade, 0, 0) for shade in range(256)] * 2
    *kept, last = colours(png.reduced(len(frequent) + 1, pixels(*frequent, (200, 3, 0))))
    assert kept == frequent
    assert last == (200, 0, 0)


def test_each_picture_of_the_documents_is_drawn() -> None:
    assert {path.stem for path in (DOCS / "images").iterdir()} == set(SCENES)


def test_each_picture_is_shown_in_a_document() -> None:
    documents = [*settings.BASE_DIR.glob("*.md"), *DOCS.rglob("*.md")]
    shown = {name for path in documents for name in re.findall(r"images/([\w-]+)\.png\)", path.read_text("utf-8"))}
    assert shown == set(SCENES)


def test_pictures_are_small() -> None:
    assert {path.name: size for path in (DOCS / "images").iterdir() if (size := path.stat().st_size) > 100_000} == {}
