"""Writes a member list as PDF, to print and hand out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alliance.papers.document import Paper, document
from alliance.papers.rows import PaperTable
from registry.api.lists.files import Table
from registry.api.lists.renderers import FileRenderer
from registry.typesetting import typeset_file

TEMPLATES = Path(__file__).parent / "templates"
TAGGED_ROWS = 1_000
"""Papers with more rows are not tagged for programs that read aloud: tags make them fifteen times as large."""


class PDFRenderer(FileRenderer):
    """Sets the whole list before the first byte is sent, so that a refusal is still an answer of its own."""

    media_type = "application/pdf"
    format = "pdf"

    def __init__(self, paper: Paper | None = None) -> None:
        """Take what the paper says; the view knows it only after the format has been chosen."""
        self.paper = paper

    def stream(self, table: Table) -> Iterator[bytes]:
        assert self.paper is not None  # noqa: S101
        assert isinstance(table, PaperTable)  # noqa: S101
        data = document(self.paper, table, table.groups())
        tagged, public = table.count <= TAGGED_ROWS, self.paper.anonymous
        yield pdf(self.paper.layout.template, data, tagged=tagged, public=public)


def pdf(template: str, data: dict[str, Any], *, tagged: bool, public: bool = False) -> bytes:
    """Return the PDF that a template of `templates/` makes of the data; the API answers why there is none."""
    return typeset_file(TEMPLATES / f"{template}.typ", data, tagged=tagged, public=public)
