"""The public API through the web server: what caches see, odd requests, limits over processes."""

import http.client
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import factories
from tests.registry.api.live import Site

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/public/v1/organizations/"
TELLTALE = re.compile(r"Django|Python|psycopg|PostgreSQL|Traceback|/site-packages|gunicorn/?\d", re.I)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    factories.enterprise(published=True)
    started = Site(tmp_path, REGISTRY_PUBLIC_RATE="0")
    yield started
    started.end()


def ask(site: Site, path: str, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    try:
        line.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            line.putheader(name.replace("_", "-"), value)
        line.endheaders()
        answer = line.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        line.close()


def test_caches_are_told_the_truth(site: Site) -> None:
    status, headers, body = ask(site, LIST)
    assert (status, headers["Cache-Control"], "Set-Cookie" in headers) == (200, "public, max-age=60", False)
    assert {name.strip() for name in headers["Vary"].split(",")} == {"Accept", "Accept-Language"}
    again, told, nothing = ask(site, LIST, If_None_Match=headers["ETag"])
    assert (again, told["ETag"], told["Vary"], nothing) == (304, headers["ETag"], headers["Vary"], b"")
    assert ask(site, LIST, If_None_Match=f"W/{headers['ETag']}")[0] == 304
    assert ask(site, LIST, If_None_Match='"another"')[0] == 200
    status, head, nothing = ask(site, LIST, "HEAD")
    assert (status, head["ETag"], head["Content-Length"], nothing) == (200, headers["ETag"], str(len(body)), b"")
    # A log-in plays no part, and another language has another tag.
    assert ask(site, LIST, Authorization="Bearer wrong", Cookie="sessionid=x")[2] == body
    facets = f"{LIST}facets/"
    assert ask(site, facets, Accept_Language="en")[1]["ETag"] != ask(site, facets, Accept_Language="zh-CN")[1]["ETag"]
    for path in (f"{LIST}?x=1", f"{LIST}ZSAI-999999/", "/public/nothing/", "/public/v2/"):
        status, headers, _body = ask(site, path)
        assert (status >= 400, "public" in (headers["Cache-Control"] or "")) == (True, False), path


def test_head_is_answered_by_headers_alone_without_a_warning(site: Site) -> None:
    for path in (LIST, f"{LIST}?format=csv", "/healthz", "/readyz", "/admin/login/", "/nothing/"):
        with_body, alone = ask(site, path), ask(site, path, "HEAD")
        assert alone[0] == with_body[0]
        assert alone[1]["Content-Type"] == with_body[1]["Content-Type"]
        assert (bool(with_body[2]), alone[2]) == (True, b"")
    assert "no-body" not in site.said()


def test_waiting_connections_stay_open_and_keep_no_thread(site: Site) -> None:
    lines = [http.client.HTTPConnection("127.0.0.1", site.port, timeout=10) for _line in range(12)]
    for line in lines:  # three times as many as there are threads
        line.request("GET", "/healthz")
        assert line.getresponse().read()
    assert site.status("/healthz") == 200
    time.sleep(3)
    for line in lines:
        opened = line.sock
        line.request("GET", "/healthz")
        assert line.getresponse().read()
        assert line.sock is opened
        line.close()


ODD: list[tuple[str, dict[str, str]]] = [
    (f"{LIST}?search={'x' * 3_500}", {}),
    (f"{LIST}?search={'x' * 9_000}", {}),
    (f"{LIST}?search=%ff%fe", {}),
    (f"{LIST}?%00=1", {}),
    ("/public/v1/organizations/%ff%00/", {}),
    ("/public/v1/../../etc/passwd", {}),
    (LIST, {"Accept": "image/png"}),
    (LIST, {"Accept": ", ;q=x,,"}),
    (LIST, {"Accept_Language": "x" * 3_000}),
    (LIST, {"X_HTTP_Method_Override": "DELETE"}),
    (LIST, {"Range": "bytes=0-1"}),
    (LIST, {"X_Request_ID": "<script>"}),
]


def test_odd_requests_are_answered_without_a_word_of_the_machine(site: Site) -> None:
    for path, headers in ODD:
        status, told, body = ask(site, path, **headers)
        where = f"{path[:80]} {headers}: {status} {told} {body[:500]!r}"
        assert status in (200, 400, 404, 406, 414, 431), where
        assert not TELLTALE.search(f"{told} {body.decode()}"), where
        assert b"<script>" not in body, where


def test_limit_is_one_over_all_processes_and_no_header_evades_it(tmp_path: Path) -> None:
    sites = [Site(path, REGISTRY_PUBLIC_RATE="20") for path in (tmp_path / "a", tmp_path / "b") if not path.mkdir()]
    try:
        refused = []
        for number in range(60):
            forwarded = {"X_Forwarded_For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"}
            status, headers, _body = ask(sites[number % 2], "/public/v1/", **forwarded, X_Real_IP=f"192.0.2.{number}")
            if status == 429:
                refused.append(headers)
        # Sixty requests may fall into two minutes of the clock.
        assert len(refused) >= 20
        assert all(1 <= int(headers["Retry-After"]) <= 60 for headers in refused)
        assert {headers["Cache-Control"] for headers in refused} == {"no-store"}
    finally:
        for one in sites:
            one.end()
