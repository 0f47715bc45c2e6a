"""The whole published list as a file, made by the command rebuild_directory, and the maps of the site."""

import datetime
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import get_language

from registry.api.lists.renderers import CSVRenderer, JSONRenderer, XLSXRenderer
from registry.api.lists.rows import ListRows
from registry.directory.asking import API, ask
from registry.directory.lists import sectors_of_plan
from registry.directory.pages import address, only, page, render
from registry.organizations.models.organizations import Organization
from registry.organizations.models.public_changes import PublicChange
from registry.organizations.views.public import PublicOrganizationViewSet

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FIELDS = tuple(name for name in PublicOrganizationViewSet.column_names if name != "updated_at")
NAME = "organizations"
PER_SITEMAP, MOST_SITEMAPS = 10_000, 50_000
"""Addresses in a part, and parts in a map, by the limits of sitemaps.org."""


def folder() -> Path:
    return Path(settings.DIRECTORY_FILES)


def file_of(form: str, registry_no: str = "") -> Iterator[bytes]:
    """Return the published organizations, or one of them, as a file with the rows and columns of the public API."""
    known: Any = resolve(f"{API}/organizations/").func

    class Whole(known.cls):
        list_renderers = (JSONRenderer, CSVRenderer, XLSXRenderer)
        throttle_classes = ()

        def rows(self) -> ListRows:
            rows: ListRows = super().rows()
            return ListRows(self.get_queryset().filter(registry_no=registry_no)) if registry_no else rows

    inner = HttpRequest()
    inner.method = "GET"
    inner.path = inner.path_info = f"{API}/organizations/"
    inner.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    language = "en" if (get_language() or "").startswith("en") else "zh"
    given = {"format": form, "fields": ",".join(FIELDS), "ordering": "registry_no", "lang": language}
    inner.GET = QueryDict(urlencode(given))
    answer = Whole.as_view({"get": "list"})(inner)
    try:
        yield from answer.streaming_content
    finally:
        for close in answer._resource_closers:  # close() would end the connection too
            close()


def rebuild() -> dict[str, Any]:
    """Write the files with the published organizations, and return what the page says about them."""
    folder().mkdir(parents=True, exist_ok=True)
    made: dict[str, Any] = {
        "made_at": timezone.localtime().isoformat(timespec="seconds"),
        "count": Organization.objects.published().count(),
        "files": {},
    }
    for form in FORMATS:
        digest, size = hashlib.sha256(), 0
        draft = folder() / f".{NAME}.{form}"
        # In Chinese, whoever has it made.
        with draft.open("wb") as file, translation.override(settings.LANGUAGE_CODE):
            for piece in file_of(form):
                digest.update(piece)
                size += file.write(piece)
        draft.replace(folder() / f"{NAME}.{form}")
        made["files"][form] = {"sha256": digest.hexdigest(), "size": size}
    draft = folder() / f".{NAME}.json"
    draft.write_text(json.dumps(made), encoding="utf-8")
    draft.replace(folder() / f"{NAME}.json")
    return made


def told() -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads((folder() / f"{NAME}.json").read_text(encoding="utf-8"))
        return told
    except (OSError, ValueError):
        return {}


@page
def download(request: HttpRequest) -> HttpResponse:
    only(request)
    made = told()
    offered = [
        {"name": f"{NAME}.{form}", "form": form.upper(), "url": address("file", form, lang="zh"), **one}
        for form, one in made.get("files", {}).items()
    ]
    moment = datetime.datetime.fromisoformat(made["made_at"]) if made else None
    return render(request, "download.html", told=made, files=offered, made_at=moment)


@page
def file(request: HttpRequest, form: str) -> HttpResponseBase:
    only(request)
    known = told().get("files", {}).get(form)
    if not known:
        raise Http404
    try:
        opened = (folder() / f"{NAME}.{form}").open("rb")
    except OSError:
        raise Http404 from None
    response = FileResponse(opened, as_attachment=True, filename=f"{NAME}.{form}", content_type=FORMATS[form])
    response["ETag"] = f'"{known["sha256"][:32]}"'
    return response


@page
def checksum(request: HttpRequest, form: str) -> HttpResponse:
    """Return the digest as sha256sum writes it."""
    only(request)
    known = told().get("files", {}).get(form)
    if not known:
        raise Http404
    return HttpResponse(f"{known['sha256']}  {NAME}.{form}\n", content_type="text/plain; charset=utf-8")


# --- Maps of the site


@page
def sitemap(request: HttpRequest) -> HttpResponse:
    """Show the map for people."""
    only(request)
    rows = sectors_of_plan(request)
    facets = ask(request, "organizations/facets/", facet="township")["facets"]["township"]
    return render(
        request,
        "sitemap.html",
        sectors=[{**one, "url": address("sector", one["code"])} for one in rows],
        townships=[{**one, "url": address("township", one["code"])} for one in facets if one["code"]],
        alliances_known=ask(request, "alliances/", page_size=20)["results"],
    )


def _pages(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Yield the addresses of all pages except pages of organizations, without /en/."""
    for name in ("home", "list", "institutes", "alliances", "download", "privacy", "sitemap"):
        yield address(name, lang="zh"), ""
    for one in sectors_of_plan(request):
        yield address("sector", one["code"], lang="zh"), ""
    for one in ask(request, "organizations/facets/", facet="township")["facets"]["township"]:
        if one["code"]:
            yield address("township", one["code"], lang="zh"), ""
    for one in ask(request, "alliances/", page_size=200)["results"]:
        yield address("alliance", one["slug"], lang="zh"), ""


def _organizations(number: int) -> Iterator[tuple[str, str]]:
    """Yield a part of the published organizations, each with the day on which the public last saw a change."""
    first = (number - 1) * PER_SITEMAP
    rows = Organization.objects.published().order_by("registry_no").values_list("registry_no", flat=True)
    part = list(rows[first : first + PER_SITEMAP])
    days = dict(PublicChange.objects.filter(registry_no__in=part).values_list("registry_no", "changed_at"))
    some = "ZSAI-000000"
    before, _number, after = address("organization", some, lang="zh").partition(some)
    for registry_no in part:
        moment = days.get(registry_no)
        day = timezone.localtime(moment).date().isoformat() if moment else ""
        yield f"{before}{registry_no}{after}", day


@page
def sitemap_index(request: HttpRequest) -> HttpResponse:
    only(request)
    count = ask(request, "organizations/", page_size=1, fields="registry_no", count="exact")["count"]
    parts = range(-(-count // PER_SITEMAP) + 1)
    root = f"{request.scheme}://{request.get_host()}"
    rows = "".join(f"<sitemap><loc>{root}{address('sitemap-part', n, lang='zh')}</loc></sitemap>" for n in parts)
    return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>')


@page
def sitemap_part(request: HttpRequest, number: int) -> HttpResponse:
    """Return one part: 0 has the pages that lead to organizations."""
    only(request)
    if number > MOST_SITEMAPS:
        raise Http404
    entries = list(_organizations(number) if number else _pages(request))
    if not entries:
        raise Http404
    root = f"{request.scheme}://{request.get_host()}"
    rows = "".join(
        f"<url><loc>{root}{path}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}"
        f'<xhtml:link rel="alternate" hreflang="zh-Hans" href="{root}{path}"/>'
        f'<xhtml:link rel="alternate" hreflang="en" href="{root}/en{path}"/></url>'
        for path, day in entries
    )
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    return _xml(f"<urlset {spaces}>{rows}</urlset>")


def _xml(text: str) -> HttpResponse:
    return HttpResponse(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', content_type="application/xml")


@page
def robots(request: HttpRequest) -> HttpResponse:
    """Keep crawlers from combinations of filters and from what is no page; the sitemap names every organization."""
    if settings.PRACTICE:
        return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")
    lines = ["User-agent: *", "Disallow: /*?", "Disallow: /list/?", "Disallow: /en/list/?"]
    lines += ["Disallow: /*/correct/", "Disallow: /admin/", "Disallow: /api/", "Disallow: /public/"]
    lines += ["", f"Sitemap: {request.scheme}://{request.get_host()}{address('sitemap-index', lang='zh')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@page
def privacy(request: HttpRequest) -> HttpResponse:
    only(request)
    return render(request, "privacy.html")
