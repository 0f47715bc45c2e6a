"""The page of a workbook as it comes out of the printer, drawn as a table: nothing here needs an office program."""

from html import escape
from itertools import islice
from pathlib import Path

from python_calamine import CalamineWorkbook

STYLE = """
body { margin: 24px 36px; font: 12px "Noto Sans CJK SC", sans-serif; background: #fff; color: #111; }
h1 { font-size: 18px; text-align: center; margin: 0 0 10px; }
p { text-align: center; margin: 0 0 10px; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #b6c3d6; padding: 4px 6px; text-align: left; }
th { background: #e8eef6; text-align: center; }
th, td.short { white-space: nowrap; }
td.short { text-align: center; }
"""
ROWS = 15
SHORT = 10
"""Characters up to which the cells of a column are centred, as in the workbook."""


def as_page(workbook: Path) -> str:
    """The title with its note, the header and the first rows."""
    sheet = CalamineWorkbook.from_path(workbook).get_sheet_by_index(0)
    rows = [[_text(value) for value in row] for row in islice(sheet.to_python(), ROWS + 3)]
    title, note, header, body = rows[0][0], rows[1][0], rows[2], rows[3:]
    short = [max(map(len, column)) <= SHORT for column in zip(*body, strict=True)]
    head = "".join(f"<th>{escape(label)}</th>" for label in header)
    lines = "".join(f"<tr>{''.join(map(_cell, row, short))}</tr>" for row in body)
    top = f"<!doctype html><style>{STYLE}</style><h1>{escape(title)}</h1><p>{escape(note)}</p>"
    return f"{top}<table><tr>{head}</tr>{lines}</table>"


def _cell(text: str, short: bool) -> str:
    return f'<td class="short">{escape(text)}</td>' if short else f"<td>{escape(text)}</td>"


def _text(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str(value)
