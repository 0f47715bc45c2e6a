"""Reads cells as spreadsheet programs put them on the clipboard: nearly, but not quite, a text file."""

import csv
import io
import re

# A cell with a tab or a line break is in quotes, and only there quotes of the cell itself are doubled.
_QUOTED_RE = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"(?=[\t\r\n]|\Z)')
_PLAIN_RE = re.compile(r"[^\t\r\n]*+")
_LINE_END_RE = re.compile(r"\r\n?|\n")


def as_text_file(pasted: str) -> bytes:
    """Return the pasted cells as a tab-separated file with quotation marks as such files have them.

    Text that has other separators and no tabs is taken as the content of a file and stays unchanged.
    """
    if "\t" not in pasted and re.search("[,;|]", pasted):
        return pasted.encode("utf-8-sig")
    file = io.StringIO(newline="")
    csv.writer(file, delimiter="\t").writerows(_rows(pasted))
    return file.getvalue().encode("utf-8-sig")


def _rows(text: str) -> list[list[str]]:
    """Split pasted text into rows of cells.

    A copied area is a rectangle: the number of cells shows if a quotation mark encloses a cell or only begins it.
    """
    rows: list[list[str]] = []
    position = 0
    while position < len(text):
        cells, end = _row(text, position, quoted=True)
        if rows and len(cells) != len(rows[0]):
            plain, plain_end = _row(text, position, quoted=False)
            if len(plain) == len(rows[0]):
                cells, end = plain, plain_end
        rows.append(cells)
        position = end
    return rows


def _row(text: str, position: int, *, quoted: bool) -> tuple[list[str], int]:
    """Return the cells of the row that begins at this position, and the position of the next row."""
    cells: list[str] = []
    while True:
        found = _QUOTED_RE.match(text, position) if quoted else None
        if found and re.search(r"[\t\r\n]", found[1]):
            cells.append(_LINE_END_RE.sub("\n", found[1].replace('""', '"')))
        else:
            found = _PLAIN_RE.match(text, position)
            assert found is not None  # noqa: S101 - the pattern matches everywhere
            cells.append(found[0])
        position = found.end()
        if text[position : position + 1] != "\t":
            line_end = _LINE_END_RE.match(text, position)
            return cells, line_end.end() if line_end else len(text)
        position += 1
