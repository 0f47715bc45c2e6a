"""The files that the import is measured with: the generated registry as a list that staff would bring."""

import csv
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from registry.api.lists.files import Export
from registry.api.lists.renderers import CSVRenderer
from registry.columns import RenderContext
from registry.models import Organization, RegistrationStatus
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS

_LEFT_OUT = ("registry_no", "contact_name", "contact_title", "contact_phone", "contact_email")
_COLUMNS = [column for column in ORGANIZATION_COLUMNS if column.in_file and column.name not in _LEFT_OUT]
NAMES = [column.name for column in _COLUMNS]
_PLACE = {name: position for position, name in enumerate(NAMES)}


def write_new(path: Path) -> int:
    """All generated organizations without their registry numbers, each with a legal representative; how many."""
    table = Export("", Organization.objects.order_by("id"), _COLUMNS, RenderContext())
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        file.writelines(CSVRenderer().stream(table))
    with draft.open(encoding="utf-8-sig", newline="") as source, path.open("w", encoding="utf-8-sig", newline="") as to:
        rows, writer = csv.reader(source), csv.writer(to)
        writer.writerow(next(rows))
        count, english = 0, {""}
        for count, row in enumerate(rows, 1):
            row[_PLACE["legal_representative"]] = f"虚构{_SURNAMES[count % len(_SURNAMES)]}{count % 997}"
            # Generated English names repeat; two rows of one name would be about one organization.
            name = row[_PLACE["name_en"]].casefold()
            row[_PLACE["name_en"]] = "" if name in english else row[_PLACE["name_en"]]
            english.add(name)
            writer.writerow(row)
    draft.unlink()
    return count


_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"


def write_changed(path: Path, source: Path, each: int = 10) -> None:
    """The same file with another remark in each tenth row, and another first sector in each twentieth.

    In the place of a merged record, which no file changes, the next row is changed.
    """
    with source.open(encoding="utf-8-sig", newline="") as old, path.open("w", encoding="utf-8-sig", newline="") as new:
        rows, writer = csv.reader(old), csv.writer(new)
        remark, sectors, status = _PLACE["remarks"], _PLACE["sectors"], _PLACE["registration_status"]
        due: list[int] = []
        writer.writerow(next(rows))
        for number, row in enumerate(rows):
            if number % each == 0:
                due.append(number)
            if due and row[status] != str(RegistrationStatus.MERGED.label):
                chosen = due.pop()
                row[remark] = f"电话核实 {chosen}"
                if chosen % (2 * each) == 0:
                    row[sectors] = ";".join(reversed(row[sectors].split(";")))
            writer.writerow(row)


def write_others(path: Path, source: Path) -> None:
    """The same rows about organizations that the registry does not have: other names, no codes."""
    with source.open(encoding="utf-8-sig", newline="") as old, path.open("w", encoding="utf-8-sig", newline="") as new:
        rows, writer = csv.reader(old), csv.writer(new)
        writer.writerow(next(rows))
        for row in rows:
            name = row[_PLACE["name_zh"]]
            row[_PLACE["name_zh"]] = f"{name[:-4]}乾坤{name[-4:]}"
            row[_PLACE["name_en"]] = row[_PLACE["uscc"]] = row[_PLACE["website"]] = ""
            writer.writerow(row)


def write_workbook(path: Path, source: Path, rows: int | None = None) -> None:
    """The file, or the first rows of it, as a workbook of text cells."""
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(itertools.islice(read(source), None if rows is None else rows + 1)):
            for position, text in enumerate(row):
                if text:
                    sheet.write_string(number, position, text)


def read(path: Path) -> Iterator[Sequence[Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.reader(file)
