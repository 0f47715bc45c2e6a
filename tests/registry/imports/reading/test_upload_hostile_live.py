"""Hostile files through the real upload of a real site: each refused in words, and others answered meanwhile."""

import http.client
import threading
import time
import uuid
import zipfile
from collections.abc import Callable
from itertools import repeat
from pathlib import Path

import pytest
from django.core.management import call_command

from registry.models import ImportBatch, ImportFile
from tests import factories
from tests.registry.api.live import Site, logged_in
from tests.registry.imports.reading.test_hostile_files import (
    SHEET,
    cell,
    good_workbook,
    rebuilt,
    sheet_xml,
    with_strings,
)

UPLOAD = "/admin/imports/"


def far_cell(path: Path) -> bytes:
    rows = f'<row r="1">{cell("A1", "企业名称")}</row><row r="1048576">{cell("XFD1048576", "x")}</row>'
    return rebuilt(path, {SHEET: sheet_xml(rows)}).read_bytes()


def huge_grid(path: Path) -> bytes:
    rows = f'<row r="1">{cell("A1", "企业名称")}</row><row r="450000">{cell("JA450000", "x")}</row>'
    return rebuilt(path, {SHEET: sheet_xml(rows)}).read_bytes()


def huge_strings(path: Path) -> bytes:
    return with_strings(path, repeat(b"x" * (1 << 20), 500)).read_bytes()


def nested_zip(path: Path) -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("名单.xlsx", good_workbook())
    return path.read_bytes()


def entities(path: Path) -> bytes:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    return rebuilt(path, {SHEET: bomb}).read_bytes()


def macros(path: Path) -> bytes:
    return rebuilt(path, {}, {"xl/vbaProject.bin": b"x"}).read_bytes()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
FILES: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "far.xlsx": (far_cell, "远在表格范围"),
    "grid.xlsx": (huge_grid, ""),
    "strings.xlsx": (huge_strings, "上限"),
    "nested.xlsx": (nested_zip, "压缩"),
    "entities.xlsx": (entities, "实体"),
    "macros.xlsx": (macros, "宏"),
    "old.csv": (lambda path: OLE, "xls"),
    "locked.xlsx": (lambda path: OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
    "page.csv": (lambda path: "<html><table><tr><td>企业名称</td></tr></table>".encode(), "网页"),
    "rows.csv": (lambda path: "企业名称\n".encode() + b"x\n" * 20_000_000, "行"),
    "line.csv": (lambda path: "企业名称\n".encode() + b"x" * (45 << 20), "字符"),
    "nul.csv": (lambda path: "企业名称\n".encode() + b"a\0b\n", ""),
}


@pytest.fixture
def site(transactional_db, tmp_path):
    call_command("load_reference", verbosity=0)
    running = Site(tmp_path)
    yield running
    running.end()


def upload(site: Site, headers: dict[str, str], name: str, content: bytes) -> tuple[int, str, float]:
    """Status, text and seconds of bringing a file of organizations."""
    mark = uuid.uuid4().hex
    fields = f'--{mark}\r\nContent-Disposition: form-data; name="table"\r\n\r\norganizations\r\n'
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = (fields + head).encode() + content + f"\r\n--{mark}--\r\n".encode()
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=90)
    began = time.monotonic()
    line.request("POST", UPLOAD, body, headers | {"Content-Type": f"multipart/form-data; boundary={mark}"})
    answer = line.getresponse()
    text = answer.read().decode()
    line.close()
    return answer.status, text, time.monotonic() - began


def test_hostile_uploads_are_refused_while_others_are_answered(site, tmp_path):
    headers = logged_in(factories.superuser())
    answers: dict[str, tuple[int, str, float]] = {}

    def bring() -> None:
        for name, (make, _words) in FILES.items():
            answers[name] = upload(site, headers, name, make(tmp_path / name))

    uploading = threading.Thread(target=bring)
    uploading.start()
    slowest = 0.0
    while uploading.is_alive():
        began = time.monotonic()
        assert site.status("/admin/login/", timeout=30) == 200
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.1)
    for name, (_make, words) in FILES.items():
        status, text, seconds = answers[name]
        assert (status, words in text) == (400, True), (name, status, text[text.find("errornote") :][:300])
        assert seconds < 30, name
    assert slowest < 5
    assert not ImportBatch.objects.exists()
    assert not ImportFile.objects.exists()
    assert site.peak() < 512
    assert "WORKER TIMEOUT" not in site.said()


def test_ten_hostile_uploads_at_once_are_read_two_at_a_time(site, tmp_path):
    headers = logged_in(factories.superuser())
    content = huge_strings(tmp_path / "a.xlsx")
    answers: list[tuple[int, str, float]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(upload(site, headers, "a.xlsx", content))) for _one in range(10)
    ]
    for thread in threads:
        thread.start()
    most = 0
    while any(thread.is_alive() for thread in threads):
        most = max(most, readers(site))
        time.sleep(0.02)
    assert 1 <= most <= 2
    assert [status for status, _text, _seconds in answers] == [400] * 10
    assert all("上限" in text or "请稍等" in text for _status, text, _seconds in answers)
    assert site.status("/healthz") == 200
    assert site.workers()


def readers(site: Site) -> int:
    """How many processes read files for the site just now."""
    count = 0
    for worker in site.workers():
        for task in Path(f"/proc/{worker}/task").glob("*/children"):
            for child in task.read_text().split():
                try:
                    count += "reading/sandbox" in Path(f"/proc/{child}/cmdline").read_text()
                except OSError:
                    continue
    return count
