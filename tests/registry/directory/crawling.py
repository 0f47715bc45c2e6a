"""Reads every page of the directory that links lead to."""

import html
import re
from collections.abc import Callable

from django.test import Client

STARTS = ("/", "/en/", "/robots.txt", "/sitemap.xml")
_LINK_RE = re.compile(r'(?:href|action)="([^"#]*)|<loc>([^<]*)</loc>')


def body(response: object) -> bytes:
    streaming = getattr(response, "streaming", False)
    found: bytes = b"".join(response.streaming_content) if streaming else response.content  # type: ignore[attr-defined]
    return found


def crawl(*starts: str, most: int = 400, follows: Callable[[str], bool] = bool) -> dict[str, bytes]:
    """Address -> answer, of all pages and files that can be reached without a log-in by links that it follows."""
    client = Client()
    found: dict[str, bytes] = {}
    waiting = [*(starts or STARTS)]
    while waiting:
        url = waiting.pop(0)
        if url in found:
            continue
        assert len(found) < most, "the links do not end"
        response = client.get(url)
        if response.status_code == 301:
            waiting.append(response["Location"])
        found[url] = body(response)
        assert response.status_code in (200, 301), f"{url}: {response.status_code}"
        assert not response.cookies, url
        if response["Content-Type"].startswith(("text/html", "application/xml")):
            links = ("".join(match) for match in _LINK_RE.findall(found[url].decode()))
            waiting += [link for one in links if (link := _own(url, html.unescape(one))) and follows(link)]
    return found


def _own(base: str, link: str) -> str:
    """Return the link as an address of the directory; empty if it leads elsewhere."""
    link = link.removeprefix("http://testserver")
    if link.startswith("?"):
        link = base.partition("?")[0] + link
    if not link.startswith("/") or link.startswith(("/static/", "/admin/", "/public/", "//")):
        return ""
    return link
