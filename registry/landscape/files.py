"""The landscape as a file: SVG as it is drawn, PDF and PNG set from it in a limited child process."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from registry.api.lists.files import Table
from registry.api.lists.renderers import FileRenderer
from registry.disclosure.receipts import properties
from registry.landscape.svg import INK
from registry.typesetting import typeset_file
from registry.typesetting.fonts import printable

_TEMPLATE = Path(__file__).parent / "picture.typ"


class Drawn(NamedTuple):
    """A picture with its size in points."""

    svg: str
    width: float
    height: float


class Picture(Table):
    """The pictures of a landscape: one, or one for each layer."""

    columns = ()

    def __init__(self, title: str, drawn: Sequence[Drawn], organizations: int, *, public: bool) -> None:
        """The receipt records `organizations` as the number of rows."""
        self.title, self.drawn, self.count, self.public = title, drawn, organizations, public

    def cells(self) -> Iterator[Sequence[object]]:
        return iter(())

    def printed(self, form: str) -> bytes:
        """Return the pictures as PDF, or the first one as PNG. A sign that no font has is printed as its code point."""
        said = properties(self.receipt)
        document = {
            "title": self.title,
            "author": said.get("author", ""),
            "keywords": said.get("comments", ""),
            "sheets": [one._replace(svg=_heavy(printable(one.svg)[0]))._asdict() for one in self.drawn],
        }
        return typeset_file(_TEMPLATE, document, tagged=False, public=self.public, form=form)


class SVGRenderer(FileRenderer):
    media_type = "image/svg+xml"
    format = "svg"

    def stream(self, table: Table) -> Iterator[bytes]:
        yield _picture(table).drawn[0].svg.encode("utf-8", "replace")


class PNGRenderer(FileRenderer):
    media_type = "image/png"
    format = "png"

    def stream(self, table: Table) -> Iterator[bytes]:
        yield _picture(table).printed("png")


class PicturePDFRenderer(FileRenderer):
    media_type = "application/pdf"
    format = "pdf"

    def stream(self, table: Table) -> Iterator[bytes]:
        yield _picture(table).printed("pdf")


def _heavy(svg: str) -> str:
    """Give bold texts an outline: the font of papers has one weight."""
    svg = re.sub(r'fill="(#\w+)" font-weight="bold"', r'fill="\1" stroke="\1" stroke-width="0.3"', svg)
    return svg.replace('font-weight="bold"', f'stroke="{INK}" stroke-width="0.3"')


def _picture(table: Table) -> Picture:
    assert isinstance(table, Picture)  # noqa: S101 - only landscapes are drawn
    return table
