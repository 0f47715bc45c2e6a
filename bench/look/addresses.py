"""Which pages are looked at: those to which links lead from the start page, one or some of each kind."""

import html
import os
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import django
from django.urls import Resolver404, URLResolver, get_resolver, resolve
from playwright.sync_api import APIRequestContext

START = (
    "/admin/",
    "/admin/find/?q=机器人",
    "/admin/find/?q=没有这样的单位",
    "/admin/changes/",
    "/admin/registry/organization/?q=没有这样的单位",
    "/admin/registry/organization/?sector=robots",
    "/admin/registry/organization/enter/?code=91442000W00090011F",
    "/admin/registry/merger/done/",
    "/admin/registry/erasure/erase/",
    "/admin/second-factor/set-up/",
    "/admin/second-factor/codes/",
    "/admin/password_change/",
    "/admin/alliance/member/?as_of=2020-12-31",
    "/admin/alliance/member/?state=left",
    "/admin/alliance/member/compare/?alliance=zsra&from=2024-01-01&to=2026-01-01",
    "/admin/alliance/member/growth/?alliance=zsra",
    "/admin/alliance/member/papers/?alliance=zsra",
    "/admin/alliance/due/draw-up/?alliance=zsra",
    "/admin/alliance/due/lapse/?alliance=zsra",
    "/admin/alliance/duesstandard/charges/?alliance=zsra",
    "/admin/preview/?page=/admin/registry/organization/",
    "/admin/registry/enterprise/2/?as_of=2020-01-01",
    "/admin/alliance/application/enter/form/?alliance=zsra&kind=admission",
    "/admin/alliance/certificatesettings/of/zsra/",
    "/admin/password_change/done/",
    "/admin/preview/viewer/admin/registry/organization/",
    "/admin/preview/columns/organizations/",
    "/admin/nowhere/",
)
"""Where the search for links begins; pages to which none leads, or to which one leads that says less."""
SEVERAL = {"application/<path:object_id>/change/": 8, "step/<slug:name>/": 8, "<slug:name>/edit/": 10}
"""End of an address's pattern -> how many of that kind differ; of each other kind one is looked at."""
TWO = ("member", "meeting", "due", "certificate", "decision", "group", "importbatch")
NO_PAGES = ("/static/", "/admin/logout/", "/admin/jsi18n/", "/admin/autocomplete/", "/admin/attachments/")
NO_PAGE = re.compile(r"\.(xlsx|pdf|csv|json)$|/forms/$|/falling-due/file/$")
MISSING = "/admin/nowhere/"


def kind_of(address: str) -> str:
    """Return the pattern of an address, or nothing where none fits."""
    try:
        return resolve(urlsplit(address).path).route
    except Resolver404:
        return ""


def most_of(kind: str) -> int:
    """Return how many pages of a kind are looked at."""
    for end, number in SEVERAL.items():
        if kind.endswith(end):
            return number
    return 2 if any(f"/{model}/<path:object_id>/change/" in kind for model in TWO) else 1


def found_by_links(asking: APIRequestContext) -> Iterator[str]:
    """Yield the addresses of pages of every kind, the nearest to the start page first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    waiting, seen, numbers = list(START), set[str](), dict[str, int]()
    while waiting:
        address = waiting.pop(0)
        path, kind = urlsplit(address).path, kind_of(address)
        if address in seen or not path.startswith("/admin/") or path.startswith(NO_PAGES) or NO_PAGE.search(path):
            continue
        seen.add(address)
        if address not in START and (not kind or numbers.get(kind, 0) >= most_of(kind)):
            continue
        answer = asking.get(address)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        at = answer.url.partition(urlsplit(answer.url).netloc)[2]
        if address not in START and urlsplit(at).path != path:  # it leads elsewhere
            waiting.insert(0, at)
            numbers[kind] = numbers.get(kind, 0) + 1
            continue
        numbers[kind] = numbers.get(kind, 0) + 1
        yield address
        if "/preview/" not in address:  # which leads to all pages once more
            waiting += links(answer.text(), address)


def links(text: str, address: str) -> list[str]:
    """Return the addresses to which a page leads."""
    hrefs = (html.unescape(one) for one in re.findall(r'<a\b[^>]*\bhref="([^"#][^"]*)"', text))
    return [urljoin(address, one).partition("#")[0] for one in hrefs if not one.startswith(("http", "mailto", "tel"))]


def not_found(addresses: list[str]) -> list[str]:
    """Return the patterns of the staff's site that none of the addresses has."""
    known = {kind_of(address) for address in addresses}
    return [pattern for pattern in _patterns(get_resolver()) if pattern.startswith("admin/") and pattern not in known]


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, pattern)
        else:
            yield pattern
