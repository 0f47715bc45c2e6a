"""Uploads beyond the limit: refused before anything is stored, with the site answering others meanwhile."""

import http.client
import io
import tempfile
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.registry.api.live import Site

BOUNDARY = "x" * 20
HEAD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'.encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()
GIGABYTE = 1 << 30


@pytest.fixture
def site(transactional_db, tmp_path):
    running = Site(tmp_path)
    yield running
    running.end()


def upload(port: int, size: int, path: str = "/admin/login/") -> tuple[int, str]:
    """Send a form with a file of so many bytes, which are made as they go."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.putrequest("POST", path)
    line.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    line.putheader("Content-Length", str(len(HEAD) + size + len(TAIL)))
    line.endheaders()
    line.send(HEAD)
    block = b"\0" * (1 << 20)
    for _mebibyte in range(size >> 20):
        line.send(block)
    line.send(TAIL)
    answer = line.getresponse()
    text = answer.read().decode()
    line.close()
    return answer.status, text


def test_gigabyte_is_refused_unread_while_others_are_answered(site):
    before, stored = site.peak(), stored_bytes()
    answers = []
    uploading = threading.Thread(target=lambda: answers.append(upload(site.port, GIGABYTE)))
    started = time.monotonic()
    uploading.start()
    longest = 0.0
    while uploading.is_alive():
        asked = time.monotonic()
        assert site.status("/admin/login/") == 200
        longest = max(longest, time.monotonic() - asked)
        assert stored_bytes() - stored < 1 << 20
        time.sleep(0.05)
    (status, text), seconds = answers[0], time.monotonic() - started
    assert status == 413
    assert "文件过大" in text
    assert "不能超过 50 MB" in text
    assert seconds < 30
    assert longest < 2
    assert site.peak() - before < 20
    assert "WORKER TIMEOUT" not in site.said()


def stored_bytes() -> int:
    """What lies in the files of uploads that Django keeps on disk."""
    return sum(path.stat().st_size for path in Path(tempfile.gettempdir()).glob("*.upload*"))


def test_upload_within_the_limit_reaches_its_page(db, monkeypatch):
    monkeypatch.setattr(settings, "UPLOAD_MAX_BYTES", 1000)
    client = Client()
    assert client.post("/admin/login/", {"file": io.BytesIO(b"x")}).status_code == 200
    answer = client.post("/admin/login/", {"pasted": "x" * 1000})
    assert answer.status_code == 413
    assert "不能超过" in answer.content.decode()


def test_pasted_text_beyond_the_limit_of_forms_is_refused_in_words(db, monkeypatch):
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 1000)
    answer = Client().post("/admin/login/", {"pasted": "x" * 2000})
    assert answer.status_code == 413
    assert "粘贴的内容" in answer.content.decode()
