"""Searches what holds texts in another form: uploaded files, kept answers, sessions."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from django.contrib.sessions.models import Session

from registry.api.access.requests import KeptAnswer
from registry.erasure.finding.search import PIECE
from registry.erasure.finding.traces import Traces
from registry.imports.models import ImportBatch, ImportFile

ENCODINGS = ("utf-8", "gb18030", "utf-16-le")
"""The encodings that texts of an uploaded file may have; workbooks of Excel 97 have the last one."""
MOST_UNPACKED = 1 << 30
_WITHIN_A_TEXT = re.compile(
    r"</?(?:\w+:)?[rt](?:\s[^>]*)?>|<(?:\w+:)?rPr(?:\s[^>]*)?>.*?</(?:\w+:)?rPr>|<(?:\w+:)?rPr/>", re.DOTALL
)
_MARKUP = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class FileHit:
    """An uploaded file of an import that holds a trace."""

    batch: ImportBatch
    file: int
    kinds: frozenset[str]
    certain: bool

    @property
    def key(self) -> str:
        return f"{ImportFile._meta.label_lower}:{self.file}"


def files(traces: Traces, organizations: set[str]) -> Iterator[FileHit]:
    """Yield the uploaded files with a trace. It is certain by a number, or if the file names an organization, too."""
    for file in ImportFile.objects.select_related("batch").order_by("pk").iterator(chunk_size=1):
        texts = list(_texts(bytes(file.content)))
        kinds: frozenset[str] = frozenset().union(*(traces.kinds(text) for text in texts))
        if kinds:
            named = any(name in text for name in organizations for text in texts)
            yield FileHit(file.batch, file.pk, kinds, "number" in kinds or named)


def _texts(content: bytes) -> Iterator[str]:
    """Yield what a file says: of a workbook its parts without markup, of others their bytes in each encoding."""
    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                left = MOST_UNPACKED
                for part in book.infolist():
                    left -= part.file_size
                    if left > 0 and part.filename.endswith((".xml", ".rels", ".txt")):
                        text = book.read(part).decode("utf-8", "ignore")
                        yield from (_without_markup(text), text)  # in names of sheets and the like, too
            return
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError):
            pass  # refused as a workbook, and kept: read as bytes
    for encoding in ENCODINGS:
        yield content.decode(encoding, "ignore")
    yield content[1:].decode("utf-16-le", "ignore")


def _without_markup(text: str) -> str:
    """Return the texts of a part of a workbook; the pieces of a text with several formats are joined."""
    return unescape(_MARKUP.sub("|", _WITHIN_A_TEXT.sub("", text)))


def kept_answers(traces: Traces) -> list[int]:
    """Return the kept answers with a trace; they are kept for a day at most."""
    found = KeptAnswer.objects.order_by("pk").values_list("pk", "body").iterator(chunk_size=PIECE)
    return [pk for pk, body in found if traces.kinds(bytes(body).decode("utf-8", "ignore"))]


def sessions(traces: Traces) -> list[str]:
    """Return the open log-ins that hold a trace, as in a message that was not shown yet."""
    return [
        one.session_key for one in Session.objects.iterator(chunk_size=PIECE) if traces.kinds(repr(one.get_decoded()))
    ]
