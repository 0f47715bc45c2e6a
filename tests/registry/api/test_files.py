"""Files of lists: the fast way writes what the plain one says, workbooks are sound, and a broken file says so."""

import csv
import datetime
import io
import re
import time
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import DatabaseError, connection
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Repeat
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from alliance.members.columns import MEMBERSHIP_COLUMNS, AllianceRenderContext
from alliance.models import Membership
from registry.api.lists.files import Export, Table
from registry.api.lists.renderers import CSVRenderer, XLSXRenderer
from registry.api.lists.workbook import Pieces, Workbook
from registry.columns import RenderContext, text_column
from registry.models import AnnualFigures, Organization, Qualification, Sector, Township, Zone
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.columns.parts import FIGURES_COLUMNS, QUALIFICATION_COLUMNS
from registry.reference.columns import SECTOR_COLUMNS, TOWNSHIP_COLUMNS
from registry.spreadsheet import csv_text, xlsx_text
from registry.spreadsheet.notation import CSVNotation, Notation, SheetNotation
from tests import factories

_SIGNS = ["=1+1", "+86 760", "-x", "@a", "＝a", "＋１", "－Ａ", "＠公司", "'=a", "''", "'x", "-1.5", "'-1.5"]
AWKWARD = [
    *_SIGNS,
    *(f"{before}{sign}" for sign in _SIGNS for before in (" ", "\t", "\r", "\n", "\x01", "\u3000", "\u200b", "\ufeff")),
    *("\t", "\r", "\n", " ", "\u3000", " 前后 ", "末尾 ", "\n首行", "a\r\nb", "中\n文", '"', 'a"b', ",", "a,b", ";"),
    *("<b>&amp;</b>", "]]>", "<r>x</r>", "_x0041_", "__x000D_", "_x_", "\x0b\x1f\x7f\x85\u2028\ufffe", "\ue00b"),
    *("\U00020000", "🤖", "\ufffc", "a\ufffc=b", "\ufffc'", "字" * 32_767, "字" * 32_768, "x\ufffc" * 20_000),
]
texts = st.one_of(
    st.sampled_from(["", "", "平常", *AWKWARD]),
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
)
notations = pytest.mark.parametrize("notation", [CSVNotation(), SheetNotation(80)], ids=["csv", "xlsx"])


# --- Cells


@notations
@settings(max_examples=200, deadline=None, derandomize=True)
@given(values=st.lists(texts, min_size=1, max_size=6))
def test_column_of_texts_is_written_as_each_of_them(notation: Notation, values: list[str]) -> None:
    assert list(notation.texts(3, values)) == [notation.cell(3, value) for value in values]


@notations
def test_column_of_awkward_texts_is_written_as_each_of_them(notation: Notation) -> None:
    for value in AWKWARD:
        for values in ([value], ["甲", value, "", "乙"], [value, value]):
            assert list(notation.texts(3, values)) == [notation.cell(3, one) for one in values]


@notations
@given(values=st.lists(st.one_of(st.none(), st.dates()), min_size=1, max_size=6))
def test_column_of_days_is_written_as_each_of_them(notation: Notation, values: list[datetime.date | None]) -> None:
    given = ["" if value is None else value.isoformat() for value in values]
    assert list(notation.days(30, given)) == [notation.cell(30, value) for value in values]


@settings(derandomize=True)
@given(values=st.lists(texts, min_size=1, max_size=4))
def test_csv_line_is_what_the_csv_module_reads_and_writes(values: list[str]) -> None:
    line = b"".join(CSVRenderer().stream(Given(values))).decode("utf-8-sig").split("\r\n", 1)[1]
    [read] = csv.reader(io.StringIO(line, newline=""))
    assert read == [csv_text(value) for value in values]
    quoted = ['"{}"'.format(one.replace('"', '""')) if set(one) & set(',;\t"\r\n') else one for one in read]
    assert line == (",".join(quoted) or '""') + "\r\n"


@pytest.mark.parametrize("text", ["中山;示例", "中山\t示例", '甲;"乙"', ";"])
def test_csv_cell_that_holds_another_separator_is_quoted(text: str) -> None:
    lines = b"".join(CSVRenderer().stream(Given([text, "x"]))).decode("utf-8-sig")
    assert lines.split("\r\n", 1)[1].startswith('"')
    assert list(csv.reader(io.StringIO(lines, newline="")))[1] == [text, "x"]


class Given(Table):
    """One row of texts, or several."""

    title = "表"

    def __init__(self, *rows: Sequence[Any]) -> None:
        self.rows = rows
        names = [f"c{place}" for place in range(len(rows[0]))]
        self.columns = [text_column(name, name) for name in names]  # type: ignore[arg-type]

    def cells(self) -> Iterator[Sequence[Any]]:
        yield from self.rows


class Broken(Given):
    def cells(self) -> Iterator[Sequence[Any]]:
        yield from self.rows * 600
        raise DatabaseError("the connection is gone")


# --- Lists


@pytest.fixture
def odd_records(reference: None) -> None:
    """Records with every awkward text and value."""
    for number in range(0, len(AWKWARD), 4):
        first, second, third, fourth = (AWKWARD * 2)[number : number + 4]
        record = factories.organization(
            name_zh=f"单位{number}",
            short_name=first[:90],
            remarks=first,
            scope=second,
            introduction=third,
            main_products=fourth,
            registered_address=first[:400] + "路",
            registered_capital=[None, Decimal("0.01"), Decimal("123456789012345678.99"), Decimal(5)][number // 4 % 4],
            capital_currency="CNY",
            founded_on=[None, datetime.date(1086, 3, 1), datetime.date(1900, 2, 28), datetime.date(2019, 3, 4)][
                number // 4 % 4
            ],
        )
        factories.name(record, f"{first[:50]}旧{number}")
        factories.name(record, f'"；{second[:50]}{number}')
        factories.contact(record, name=f"虚构{first[:20]}", title=second[:50])
        factories.identifier(record, "other", f"{third[:20]}号{number}")
    factories.tag(record, "robots.industrial")
    factories.tag(record, "robots.service", is_primary=True)
    factories.qualification(record)
    factories.qualification(record, valid_to=datetime.date(2030, 1, 1), issuer='"=1', batch="\t2020")
    factories.figures(record, 2020, employees=0, revenue=Decimal("99999999999.01"), assets=None)
    ended = factories.membership(
        factories.member(factories.alliance(), record), ended_on=datetime.date(2021, 1, 1), end_reason="withdrawal"
    )
    ended.member.sectors.add(Sector.objects.get(code="robots.service"))
    factories.organization(name_zh="", name_en="Example, Inc.", kind="research", township=None, capital_currency="")


LISTS: list[tuple[Any, Any, type[RenderContext]]] = [
    (Organization, ORGANIZATION_COLUMNS, RenderContext),
    (AnnualFigures, FIGURES_COLUMNS, RenderContext),
    (Qualification, QUALIFICATION_COLUMNS, RenderContext),
    (Sector, SECTOR_COLUMNS, RenderContext),
    (Township, TOWNSHIP_COLUMNS, RenderContext),
    (Membership, MEMBERSHIP_COLUMNS, AllianceRenderContext),
]


def export(model: Any, columns: Any, context: type[RenderContext]) -> Export:
    rows = model.objects.with_joined_on() if model is Membership else model.objects.all()
    return Export("表", rows.order_by("pk"), columns, context())


@pytest.mark.django_db
@notations
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_files_hold_what_the_columns_say(odd_records: None, notation: Notation, language: str) -> None:
    with translation.override(language):
        for model, columns, context in LISTS:
            table = export(model, columns, context)
            said = [list(row) for rows in Table.written(table, notation) for row in rows]
            written = [list(row) for rows in table.written(notation) for row in rows]
            assert len(said) == model.objects.count() > 0
            for row, (one, other) in enumerate(zip(written, said, strict=True)):
                for column, text, right in zip(columns, one, other, strict=True):
                    assert text == right, (model, row, column.name)
            assert written == said


@pytest.mark.django_db
def test_file_of_no_rows_has_its_header(reference: None) -> None:
    for rows in (Organization.objects.all(), Organization.objects.none()):
        content = b"".join(CSVRenderer().stream(Export("表", rows, ORGANIZATION_COLUMNS[:2], RenderContext())))
        assert content.decode("utf-8-sig").count("\r\n") == 1
        content = b"".join(XLSXRenderer().stream(Export("表", rows, ORGANIZATION_COLUMNS[:2], RenderContext())))
        assert len(sheets(content)[0][1]) == 1


@pytest.mark.django_db
def test_export_is_read_in_days_of_iso_whatever_the_server_writes(odd_records: None) -> None:
    table = export(Organization, ORGANIZATION_COLUMNS, RenderContext)
    right = b"".join(CSVRenderer().stream(table))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL datestyle = 'German'")
    assert b"".join(CSVRenderer().stream(table)) == right
    assert b"1086-03-01" in right


# --- Workbooks


def sheets(content: bytes) -> list[tuple[str, list[list[Any]]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]


def test_sheet_keeps_texts_numbers_days_and_truth() -> None:
    kept = [text for text in AWKWARD if xlsx_text(text) == (text, False)]
    values = [*kept, 0, Decimal("12345678901.23"), -1.5, 10**20, True, False, datetime.date(2019, 3, 4), None, "末"]
    [(name, [_head, row])] = sheets(b"".join(XLSXRenderer().stream(Given(values))))
    assert name == "表"
    read = [text.replace("\r\n", "\n") if isinstance(text, str) else text for text in row]
    assert read == [
        text.replace("\r\n", "\n")
        if isinstance(text, str)
        else ""
        if text is None
        else float(text)
        if isinstance(text, Decimal)
        else text
        for text in values
    ]


def test_days_before_march_1900_are_text_in_sheets() -> None:
    days = [datetime.date(1, 1, 1), datetime.date(1900, 2, 28), datetime.date(1900, 3, 1), datetime.date(9999, 12, 31)]
    [(_name, [_head, row])] = sheets(b"".join(XLSXRenderer().stream(Given(days))))
    assert row == ["0001-01-01", "1900-02-28", *days[2:]]


def test_sheets_that_are_full_are_continued() -> None:
    pieces = Pieces()
    columns = Given(["", ""]).columns
    with Workbook(pieces, "会员/2024 [全部]", columns, lines=3) as book:
        for start in (0, 4):
            book.add([[f'<c r="A\x01"><v>{number}</v></c>', ""] for number in range(start, start + 4)])
    content = pieces.take()
    assert [(name, [row[0] for row in rows]) for name, rows in sheets(content)] == [
        ("会员 2024  全部", ["c0", 0, 1]),
        ("会员 2024  全部 2", ["c0", 2, 3]),
        ("会员 2024  全部 3", ["c0", 4, 5]),
        ("会员 2024  全部 4", ["c0", 6, 7]),
    ]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))
        sheet = archive.read("xl/worksheets/sheet4.xml").decode()
        assert re.findall(r'r="([A-Z]+\d+)"', sheet) == ["A1", "B1", "A2", "A3"]
        assert '<autoFilter ref="A1:B3"/>' in sheet
        assert 'state="frozen"' in sheet


def test_sheets_are_printed_across_on_the_width_of_one_page_with_their_header() -> None:
    pieces = Pieces()
    with Workbook(pieces, "甲's & 乙", ORGANIZATION_COLUMNS[:2], lines=2) as book:
        book.add([[], []])
    with zipfile.ZipFile(io.BytesIO(pieces.take())) as archive:
        names = ElementTree.fromstring(archive.read("xl/workbook.xml")).findall(".//{*}definedName")
        titles = [name.text for name in names if name.get("name") == "_xlnm.Print_Titles"]
        assert titles == ["'甲''s & 乙'!$1:$1", "'甲''s & 乙 2'!$1:$1"]
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet2.xml"))
        setup = sheet.find("{*}pageSetup")
        assert setup is not None
        assert setup.attrib == {"paperSize": "9", "orientation": "landscape", "fitToWidth": "1", "fitToHeight": "0"}
        assert sheet.find("{*}sheetPr/{*}pageSetUpPr") is not None
        # The order that the format asks for: a spreadsheet program repairs a sheet with another.
        order = [element.tag.partition("}")[2] for element in sheet]
        assert order == [
            "sheetPr", "sheetViews", "sheetFormatPr", "cols", "sheetData", "autoFilter", "pageMargins", "pageSetup",
            "headerFooter",
        ]  # fmt: skip


def test_workbook_begins_to_leave_with_its_first_rows() -> None:
    stream = XLSXRenderer().stream(Given(["甲"], *[["乙"]] * 2_000))
    assert next(stream).startswith(b"PK")
    stream.close()  # whoever fetches it may go away


# --- Files that break off


def test_csv_that_breaks_off_says_so_in_its_last_line() -> None:
    pieces = CSVRenderer().stream(Broken(["甲"]))
    content = b"".join(until_it_breaks(pieces))
    assert content.decode().splitlines()[-3:] == ["甲", "", "本文件不完整：导出因错误中断，请重新导出。"]


def test_workbook_that_breaks_off_can_be_opened_and_says_so() -> None:
    content = b"".join(until_it_breaks(XLSXRenderer().stream(Broken(["甲"]))))
    [(_name, rows)] = sheets(content)
    assert rows[-2:] == [["甲"], ["本文件不完整：导出因错误中断，请重新导出。"]]
    assert len(rows) > 500


@pytest.fixture
def zones() -> list[Zone]:
    return Zone.objects.bulk_create(Zone(code=f"z{number:04}", name_zh=f"园区{number}") for number in range(1_001))


def codes(**options: Any) -> Export:
    columns = [text_column("code", _("Code")), text_column("name_zh", _("Name"), **options)]
    return Export("表", Zone.objects.filter(code__startswith="z").order_by("code"), columns, RenderContext())


@pytest.mark.django_db
@pytest.mark.parametrize("renderer", [CSVRenderer, XLSXRenderer])
def test_file_tells_that_the_database_broke_off(zones: list[Zone], renderer: Any) -> None:
    table = codes(expression=Value(1) / (F("id") - Value(zones[-10].pk)))
    content = b"".join(until_it_breaks(renderer().stream(table)))
    lines = content.decode().splitlines() if renderer is CSVRenderer else [row[0] for row in sheets(content)[0][1]]
    assert lines[-1].startswith("本文件不完整")
    assert 500 < len(lines) < 1_000
    assert Zone.objects.filter(code="z1000").exists()  # the connection is as good as before


@pytest.mark.django_db
def test_reader_that_goes_away_leaves_the_connection_as_it_was(zones: list[Zone]) -> None:
    stream = CSVRenderer().stream(codes())
    assert [next(stream) for _piece in range(3)][2].startswith(b"z0000")
    stream.close()
    assert len(b"".join(CSVRenderer().stream(codes())).splitlines()) == 1 + len(zones)


@pytest.mark.django_db
def test_slow_reader_is_not_cut_by_the_statement_timeout(zones: list[Zone], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.api.lists.files.EXPORT_TIMEOUT", "2s")
    content = b""
    for piece in CSVRenderer().stream(codes(expression=Repeat("name_zh", 300))):  # more than waits in a socket
        content += piece
        time.sleep(0.6 if len(piece) > 1_000 else 0)
    assert len(content.splitlines()) == 1 + len(zones)


@pytest.mark.django_db
def test_statement_that_takes_too_long_is_given_up(zones: list[Zone], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.api.lists.files.EXPORT_TIMEOUT", "200ms")
    sleep = Func(Value(0.01), function="pg_sleep", output_field=TextField())
    content = b"".join(until_it_breaks(CSVRenderer().stream(codes(expression=sleep))))
    assert content.decode().splitlines()[-1].startswith("本文件不完整")


def until_it_breaks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    with translation.override("zh-hans"):
        try:
            yield from pieces
        except DatabaseError:
            return
    raise AssertionError("It should break.")
