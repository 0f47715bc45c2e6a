"""From a workbook to its preview, as a browser does it: log in, upload, follow to the page that shows what would be."""

import http.client
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User

from registry.models import ImportBatch, Organization

from . import importfiles
from .measure import Line
from .server import Site

ROWS = 20_000
ROUNDS = 3
_START = "/admin/imports/"
_BOUNDARY = "------------------------bench"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def lines(site: Site) -> Iterator[Line]:
    rows = min(ROWS, Organization.objects.count())
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        known, others = Path(folder) / "known.csv", Path(folder) / "others.csv"
        importfiles.write_new(known)
        importfiles.write_others(others, known)
        browser = _Browser(site.port)
        for source, said in ((known, "each of them known and changed"), (others, "each of them new")):
            book = source.with_suffix(".xlsx")
            importfiles.write_workbook(book, source, rows)
            taken = []
            for _round in range(ROUNDS):
                before = site.cpu()
                seconds = browser.preview(book.name, book.read_bytes(), rows)
                taken.append((seconds, site.cpu() - before))
            seconds, cpu = (statistics.median(column) for column in zip(*taken, strict=True))
            figure = f"{seconds:.1f} s ({cpu:.1f} s processor time)"
            yield Line(f"preview of a workbook of {rows:,} rows, {said}", figure, goal="≤ 5 s")


class _Browser:
    """An administrator who is logged in."""

    def __init__(self, port: int) -> None:
        self._client = http.client.HTTPConnection("127.0.0.1", port, timeout=900)
        self._token = secrets.token_hex(16)
        cookies = {settings.SESSION_COOKIE_NAME: _session(), settings.CSRF_COOKIE_NAME: self._token}
        self._headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}

    def preview(self, name: str, content: bytes, rows: int) -> float:
        """Seconds from the upload to the last byte of the preview. Raises RuntimeError where it shows anything else."""
        began = time.perf_counter()
        fields = [("csrfmiddlewaretoken", self._token), ("table", "organizations")]
        headers = {**self._headers, "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        status, location, said = self._ask("POST", _START, _multipart(fields, name, content), headers)
        if status == 302:
            status, _none, said = self._ask("GET", location, None, self._headers)
        seconds = time.perf_counter() - began
        counts = ImportBatch.objects.latest("pk").counts
        # Merged records, which no file changes, are unchanged among those that are known.
        taken = sum(counts.get(outcome, 0) for outcome in ("new", "changed", "undecided", "unchanged"))
        if status != 200 or taken != rows:
            raise RuntimeError(f"{name}: {status} {location} {counts} {said[:500]!r}")
        return seconds

    def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, str, bytes]:
        self._client.request(method, path, body, headers)
        response = self._client.getresponse()
        return response.status, response.headers.get("Location", ""), response.read()


def _session() -> str:
    # Not the account of the token, which only reads.
    user, _is_new = User.objects.get_or_create(username="clerk", defaults={"is_superuser": True, "is_staff": True})
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def _multipart(fields: Sequence[tuple[str, str]], name: str, content: bytes) -> bytes:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields
    ]
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {_TYPE}\r\n\r\n"
    )
    return "".join([*parts, head]).encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
