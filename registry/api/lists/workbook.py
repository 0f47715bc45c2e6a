"""A workbook that leaves while it is written, in pieces of a few hundred rows: memory does not grow with it.

XlsxWriter spends ten times as long on each cell. This one knows sheets of rows below a frozen header and nothing else.
"""

import zipfile
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from xlsxwriter.utility import xl_col_to_name

from registry.columns import Column
from registry.disclosure.models import Receipt
from registry.disclosure.receipts import footer, properties
from registry.spreadsheet.notation import LINE, inline
from registry.spreadsheet.styles import EDGE, HEADER_FILL

SHEET_LINES = 1_048_576
_SHEET_BYTES = 2_000_000_000
"""A part of a zip file beyond 2 GiB needs the form zip64, which spreadsheet programs take badly from a stream."""
_LEVEL = 1
"""The level of compression: 6 takes three times as long for a file that is a fifth smaller."""
_HEADER_STYLE, _NOTICE_STYLE = 2, 3

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Sheets are the parts that are not named here: how many there will be nobody knows when this leaves.
_TYPES = f"""<Types xmlns="{_PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="{_KIND}.worksheet+xml"/>\
<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>\
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>\
<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>"""
_RELATIONS = f"""<Relationships xmlns="{_PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>\
<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>\
</Relationships>"""
_CORE = f"""<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" \
xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{{author}}</dc:creator>\
<dc:description>{{comments}}</dc:description></cp:coreProperties>"""
_FILL = HEADER_FILL.replace("#", "FF")
_EDGE = f'<{{0}} style="thin"><color rgb="{EDGE.replace("#", "FF")}"/></{{0}}>'
_STYLES = f"""<styleSheet xmlns="{_SHEETS}">\
<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>\
<fonts count="3"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font>\
<font><b/><sz val="11"/><color rgb="FFC00000"/><name val="Calibri"/><family val="2"/></font></fonts>\
<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>\
<fill><patternFill patternType="solid"><fgColor rgb="{_FILL}"/><bgColor indexed="64"/></patternFill></fill></fills>\
<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>\
<border>{"".join(map(_EDGE.format, ("left", "right", "top", "bottom")))}<diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="0" fontId="1" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1"/>\
<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
# Printed across A4, all columns on the width of one page; the pages below follow as they come.
_FIT = '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
_PRINT = """<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>\
<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>\
<headerFooter><oddFooter>&amp;C&amp;P / &amp;N{}</oddFooter></headerFooter>"""
_VIEW = """<sheetViews><sheetView workbookViewId="0"{}><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" \
state="frozen"/><selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>"""


def _core(receipt: Receipt | None) -> str:
    said = {"author": "", "comments": ""} | properties(receipt)
    return _CORE.format(**{name: escape(text) for name, text in said.items()})


class Pieces:
    """Holds what has been written and not yet sent. A zip file for it is written without going back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


class Workbook:
    """Sheets of the same columns; more lines than a sheet holds go on in further sheets."""

    def __init__(
        self,
        target: Pieces,
        title: str,
        columns: Sequence[Column],
        lines: int = SHEET_LINES,
        *,
        receipt: Receipt | None = None,
    ) -> None:
        self._archive = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)  # type: ignore[call-overload]
        self._title = "".join(" " if sign in "[]:*?/\\" else sign for sign in title)[:25].strip("' ") or "Sheet"
        self._columns = columns
        self._lines = lines
        self._last: list[int] = []
        """The last line of each sheet."""
        self._size = 0
        self._foot = f"&R{footer(receipt).replace('&', '&&')}" if footer(receipt) else ""
        parts = [("[Content_Types].xml", _TYPES), ("_rels/.rels", _RELATIONS), ("xl/styles.xml", _STYLES)]
        for name, content in [*parts, ("docProps/core.xml", _core(receipt))]:
            self._archive.writestr(name, _XML + content)
        self._sheet = self._begin()

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._end()
        if kind is None:
            self._archive.writestr("xl/workbook.xml", self._book())
            self._archive.writestr("xl/_rels/workbook.xml.rels", self._relations())
        self._archive.close()

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Rows of cells that a SheetNotation has written."""
        rows = list(rows)
        while rows:
            if self._last[-1] >= self._lines or self._size > _SHEET_BYTES:
                self._end()
                self._sheet = self._begin()
            first = self._last[-1] + 1
            fitting = rows[: self._lines - first + 1]
            self._write(
                "".join(
                    [
                        f'<row r="{line}">{"".join(cells).replace(LINE, str(line))}</row>'
                        for line, cells in enumerate(fitting, first)
                    ]
                )
            )
            self._last[-1] += len(fitting)
            del rows[: len(fitting)]

    def say(self, text: str) -> None:
        """A line that is no row, set off from them."""
        self.add([[f'<c r="A{LINE}" s="{_NOTICE_STYLE}"{inline(text)}</c>']])

    def _write(self, text: str) -> None:
        self._size += self._sheet.write(text.encode())

    def _begin(self) -> IO[bytes]:
        self._last.append(1)
        number = len(self._last)
        self._sheet = self._archive.open(f"xl/worksheets/sheet{number}.xml", "w")
        self._size = 0
        widths = "".join(
            f'<col min="{position}" max="{position}" width="{column.width + 0.7109375}" customWidth="1"/>'
            for position, column in enumerate(self._columns, 1)
        )
        labels = "".join(
            f'<c r="{xl_col_to_name(position)}1" s="{_HEADER_STYLE}"{inline(str(column.label))}</c>'
            for position, column in enumerate(self._columns)
        )
        view = _VIEW.format(' tabSelected="1"' if number == 1 else "")
        head = f'<sheetFormatPr defaultRowHeight="15"/><cols>{widths}</cols><sheetData><row r="1">{labels}</row>'
        self._write(f'{_XML}<worksheet xmlns="{_SHEETS}">{_FIT}{view}{head}')
        return self._sheet

    def _end(self) -> None:
        filtered = f"A1:{xl_col_to_name(len(self._columns) - 1)}{self._last[-1]}"
        self._write(f'</sheetData><autoFilter ref="{filtered}"/>{_PRINT.format(escape(self._foot))}</worksheet>')
        self._sheet.close()

    def _names(self) -> list[str]:
        return [self._title, *(f"{self._title} {number}" for number in range(2, len(self._last) + 1))]

    def _book(self) -> str:
        sheets, filters = "", ""
        last = xl_col_to_name(len(self._columns) - 1, True)
        for number, name in enumerate(self._names(), 1):
            sheets += f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
            sheet = escape("'{}'".format(name.replace("'", "''")))
            filters += f'<definedName name="_xlnm._FilterDatabase" localSheetId="{number - 1}" hidden="1">'
            filters += f"{sheet}!$A$1:{last}${self._last[number - 1]}</definedName>"
            filters += f'<definedName name="_xlnm.Print_Titles" localSheetId="{number - 1}">{sheet}!$1:$1</definedName>'
        return (
            f'{_XML}<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
            f"<sheets>{sheets}</sheets><definedNames>{filters}</definedNames></workbook>"
        )

    def _relations(self) -> str:
        kinds = [f"worksheets/sheet{number}.xml" for number in range(1, len(self._last) + 1)]
        relations = "".join(
            f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="{target}"/>'
            for number, target in enumerate(kinds, 1)
        )
        styles = f'<Relationship Id="rId{len(kinds) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}{styles}</Relationships>'
