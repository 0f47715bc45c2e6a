"""Files that would hurt are refused with a reason, by a process that may die in the place of the site."""

import io
import struct
import subprocess
import time
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from itertools import repeat
from pathlib import Path

import pytest
import xlsxwriter
from django.utils import translation

from registry import slots
from registry.imports.reading import refusals
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising.headers import Recogniser
from tests.registry.imports.reading.reading import read_file

recognise = Recogniser({"name_zh": ["企业名称"]})
SHEET = "xl/worksheets/sheet1.xml"


def refusal(path) -> str:
    started = time.monotonic()
    with pytest.raises(UnreadableFile) as caught:
        read_file(path, recognise)
    assert time.monotonic() - started < 30
    assert len(str(caught.value)) > 5
    return caught.value.code


def good_workbook() -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    book.add_worksheet().write_column(0, 0, ["企业名称", "香山一厂"])
    book.close()
    return buffer.getvalue()


def rebuilt(path, changes: dict[str, bytes | None], more: dict[str, bytes] | None = None):
    """A good workbook with members replaced, removed (None) or added."""
    with zipfile.ZipFile(io.BytesIO(good_workbook())) as good, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in good.namelist():
            content = changes.get(name, good.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return path


def with_strings(path: Path, pieces: Iterable[bytes]) -> Path:
    """A good workbook but for its shared strings."""
    with (
        zipfile.ZipFile(io.BytesIO(good_workbook())) as good,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in good.namelist():
            if name != "xl/sharedStrings.xml":
                new.writestr(name, good.read(name))
        with new.open("xl/sharedStrings.xml", "w") as stream:
            stream.writelines(pieces)
    return path


def sheet_xml(rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_good_workbook_is_read(tmp_path):
    with read_file(rebuilt(tmp_path / "a.xlsx", {}), recognise) as table:
        assert [row.values for _sheet, row in table.rows()] == [{"name_zh": "香山一厂"}]


@pytest.mark.parametrize("reference", ["XFD1048576", "A1048576", "ZZZ9", "A99999999"])
def test_far_cell_is_refused_by_its_coordinates(tmp_path, reference):
    number = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    rows = f'<row r="1">{cell("A1", "企业名称")}</row><row r="{number}">{cell(reference, "x")}</row>'
    assert refusal(rebuilt(tmp_path / "a.xlsx", {SHEET: sheet_xml(rows)})) == "far_cell"


def test_text_that_looks_like_a_far_coordinate_is_no_far_cell(tmp_path):
    text = cell("A2", 'r="XFD1048576" r="XFD1"')
    rows = f'<row r="1">{cell("A1", "企业名称")}</row><row r="2">{text}</row>'
    with read_file(rebuilt(tmp_path / "a.xlsx", {SHEET: sheet_xml(rows)}), recognise) as table:
        assert next(table.rows())[1].values["name_zh"] == 'r="XFD1048576" r="XFD1"'


def test_table_of_too_many_rows_or_columns_is_refused(tmp_path):
    rows = f'<row r="1">{cell("A1", "企业名称")}</row><row r="600000">{cell("A600000", "x")}</row>'
    assert refusal(rebuilt(tmp_path / "a.xlsx", {SHEET: sheet_xml(rows)})) == "too_many_cells"
    rows = f'<row r="1">{cell("A1", "企业名称")}{cell("ZA1", "x")}</row>'
    assert refusal(rebuilt(tmp_path / "b.xlsx", {SHEET: sheet_xml(rows)})) == "too_many_cells"


def test_sheet_that_needs_too_much_memory_kills_only_its_reader(tmp_path):
    rows = f'<row r="1">{cell("A1", "企业名称")}</row><row r="450000">{cell("JA450000", "x")}</row>'
    assert refusal(rebuilt(tmp_path / "a.xlsx", {SHEET: sheet_xml(rows)})) == "memory"


def test_huge_shared_strings_are_refused(tmp_path):
    begin = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
    path = with_strings(tmp_path / "a.xlsx", [begin, *repeat(b"x" * (1 << 20), 401), b"</t></si></sst>"])
    assert path.stat().st_size < 4 << 20
    assert refusal(path) == "too_large"


def test_declared_size_beyond_the_limit_is_refused_before_unpacking(tmp_path):
    content = rebuilt(tmp_path / "a.xlsx", {}).read_bytes()
    directory = content.rindex(b"PK\x01\x02")
    forged = bytearray(content)
    forged[directory + 24 : directory + 28] = struct.pack("<I", 3 << 30)
    (tmp_path / "b.xlsx").write_bytes(forged)
    assert refusal(tmp_path / "b.xlsx") == "too_large"


def test_declared_size_below_the_true_one_is_refused(tmp_path):
    content = bytearray(rebuilt(tmp_path / "a.xlsx", {}).read_bytes())
    position = content.index(b"PK\x01\x02")
    while content[position + 46 : position + 46 + len(SHEET)] != SHEET.encode():
        position = content.index(b"PK\x01\x02", position + 4)
    content[position + 24 : position + 28] = struct.pack("<I", 10)
    (tmp_path / "b.xlsx").write_bytes(content)
    assert refusal(tmp_path / "b.xlsx") == "damaged"


@pytest.mark.parametrize("name", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml"])
def test_entities_are_refused(tmp_path, name):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert refusal(rebuilt(tmp_path / "a.xlsx", {name: bomb})) == "entities"


def test_macros_are_refused(tmp_path):
    assert refusal(rebuilt(tmp_path / "a.xlsx", {}, {"xl/vbaProject.bin": b"x"})) == "macros"
    types = b'<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>'
    assert refusal(rebuilt(tmp_path / "b.xlsx", {"[Content_Types].xml": types})) == "macros"


def test_archives_and_documents_are_told_apart(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("名单.xlsx", good_workbook())
    assert refusal(tmp_path / "a.zip") == "archive"
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refusal(tmp_path / "a.docx") == "document"
    with zipfile.ZipFile(tmp_path / "a.xlsb", "w") as archive:
        archive.writestr("xl/workbook.bin", "x")
    assert refusal(tmp_path / "a.xlsb") == "binary_excel"


def test_members_of_one_name_are_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        path = rebuilt(tmp_path / "a.xlsx", {}, {SHEET: b"<x/>"})
    assert refusal(path) == "damaged"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("\ufeff\n<html><table><tr><td>企业名称</td></tr></table>".encode(), "web_page"),
        (b'<?xml version="1.0"?><Workbook/>', "web_page"),
        (b"%PDF-1.7", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\x1f\x8b\x08\x00", "archive"),
        (b"PK\x03\x04broken", "damaged"),
        (b"\x00\x01\x02\x03", "binary"),
    ],
)
def test_other_kinds_are_told_by_their_content(tmp_path, content, code):
    for name in ("a.csv", "a.xlsx"):
        (tmp_path / name).write_bytes(content)
        assert refusal(tmp_path / name) == code


@pytest.mark.parametrize("name", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_broken_parts_are_refused(tmp_path, name):
    assert refusal(rebuilt(tmp_path / "a.xlsx", {name: b"<worksheet><sheetData><row><c r="})) in {
        "damaged",
        "no_header",
        "empty",
    }


def test_text_of_too_many_rows_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("企业名称\n".encode() + b"x\n" * 500_001)
    assert refusal(path) == "too_many_cells"


# --- How many are read at once


def test_readings_beyond_the_number_of_places_are_told_to_wait(tmp_path, monkeypatch, settings):
    settings.IMPORT_READERS = 1
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # where no other worker of the tests reads
    monkeypatch.setattr("registry.slots.WAIT_SECONDS", 0.2)
    path = rebuilt(tmp_path / "a.xlsx", {})
    with slots.slot("reading", 1):
        assert refusal(path) == "busy"
    with read_file(path, recognise) as table:
        assert table.total == 2


def test_place_of_a_reader_that_was_killed_is_free_again(tmp_path, monkeypatch, settings):
    settings.IMPORT_READERS = 1
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # where no other worker of the tests reads
    with slots.slot("reading", 1) as place:
        child = subprocess.Popen(["sleep", "60"], pass_fds=[place])
    with pytest.raises(slots.Busy), slots.slot("reading", 1):
        pass
    child.kill()
    child.wait()
    with slots.slot("reading", 1):
        pass


# --- Everything else that was thought of


def test_twenty_million_rows_are_refused(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write("企业名称\n".encode())
        for _million in range(20):
            file.write(b"x\n" * 1_000_000)
    assert refusal(path) == "too_many_cells"
    row = f'<row r="2">{cell("A2", "x")}</row>'.encode()
    space = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    with (
        zipfile.ZipFile(io.BytesIO(good_workbook())) as good,
        zipfile.ZipFile(tmp_path / "b.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in good.namelist():
            if name != SHEET:
                new.writestr(name, good.read(name))
        with new.open(SHEET, "w") as stream:
            stream.write(space)
            for _batch in range(2_000):
                stream.write(row * 10_000)
    assert refusal(tmp_path / "b.xlsx") == "too_large"


def test_zip_within_zip_within_zip_is_an_archive(tmp_path):
    content = good_workbook()
    for number in range(20):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as outer:
            outer.writestr(f"{number}.zip", content)
        content = buffer.getvalue()
    (tmp_path / "a.xlsx").write_bytes(content)
    assert refusal(tmp_path / "a.xlsx") == "archive"


def test_workbook_that_hides_an_archive_in_a_member_is_refused_by_its_size(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, archive.open("a", "w") as big:
        for _mebibyte in range(700):
            big.write(b"\0" * (1 << 20))
    with read_file(rebuilt(tmp_path / "a.xlsx", {}, {"xl/media/a.zip": inner.getvalue()}), recognise) as table:
        assert table.total == 2  # nobody unpacks what is not read


@pytest.mark.parametrize("name", [SHEET, "xl/sharedStrings.xml", "xl/styles.xml"])
def test_deeply_nested_elements_hurt_nobody(tmp_path, name):
    depth = 1_000_000
    path = rebuilt(tmp_path / "a.xlsx", {name: b"<a>" * depth + b"</a>" * depth})
    started = time.monotonic()
    with suppress(UnreadableFile):
        read_file(path, recognise).close()
    assert time.monotonic() - started < 30


def test_line_of_a_hundred_megabytes_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write("企业名称\n".encode())
        for _mebibyte in range(100):
            file.write(b"x" * (1 << 20))
    assert refusal(path) == "line_too_long"
    with path.open("wb") as file:
        file.write('企业名称\n"'.encode())
        for _line in range(1_000_000):
            file.write(b"x" * 99 + b"\n")
    assert refusal(path) in {"cell_too_long", "quotes"}


def test_nul_in_a_text_is_refused_wherever_it_stands(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("企业名称\n".encode() + b"x\n" * 100_000 + b"a\0b\n")
    assert refusal(path) == "binary"


def test_one_long_text_shown_by_every_cell_is_refused(tmp_path):
    """Small on disk, but rows of it would fill the disk of the server."""
    cells = "".join(f'<c r="A{n}" t="s"><v>0</v></c>'.join((f'<row r="{n}">', "</row>")) for n in range(1, 200_000))
    strings = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%s</t></si></sst>'
    path = rebuilt(tmp_path / "a.xlsx", {SHEET: sheet_xml(cells), "xl/sharedStrings.xml": strings % (b"x" * 90_000)})
    assert path.stat().st_size < 2 << 20
    assert refusal(path) == "memory"


def test_every_refusal_has_its_words_in_chinese():
    for code in refusals._REASONS:
        with translation.override("zh-hans"):
            text = str(refusals._REASONS[code])
        assert any("\u4e00" <= character <= "\u9fff" for character in text), code
