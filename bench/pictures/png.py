"""Small PNG files: a picture with a palette of at most 256 colours."""

import struct
import zlib
from collections import Counter

Colour = tuple[int, int, int]
PIXELS = """async (data) => {
  const picture = await createImageBitmap(await (await fetch("data:image/png;base64," + data)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const {data: pixels} = canvas.getImageData(0, 0, picture.width, picture.height);
  const reader = new FileReader();
  await new Promise((done) => { reader.onload = done; reader.readAsDataURL(new Blob([pixels])); });
  return [picture.width, reader.result.split(",")[1]];
}"""


def reduced(width: int, pixels: bytes) -> bytes:
    """The picture whose pixels (red, green, blue and opacity, line by line) are given, as a PNG file with a palette."""
    colours: list[Colour] = list(zip(pixels[0::4], pixels[1::4], pixels[2::4], strict=True))
    palette, index = _palette(colours)
    indexed = bytes(map(index.__getitem__, colours))
    lines = b"".join(b"\0" + indexed[start : start + width] for start in range(0, len(indexed), width))
    header = struct.pack(">IIBBBBB", width, len(indexed) // width, 8, 3, 0, 0, 0)
    chunks = {
        b"IHDR": header,
        b"PLTE": bytes(value for colour in palette for value in colour),
        b"IDAT": zlib.compress(lines, 9),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks.items())


def _palette(colours: list[Colour]) -> tuple[list[Colour], dict[Colour, int]]:
    """The most frequent colours, and the place of every colour among them: rare ones become the nearest."""
    ordered = [colour for colour, _ in Counter(colours).most_common()]
    palette = ordered[:256]
    index = {colour: place for place, colour in enumerate(palette)}
    for rare in ordered[256:]:
        index[rare] = min(
            range(256), key=lambda place: sum((a - b) ** 2 for a, b in zip(palette[place], rare, strict=True))
        )
    return palette, index


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
