"""The landscape as a page: every sector of the plan with who is in it, drawn from the public API's own answer."""

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from registry.directory.asking import API, asked
from registry.directory.pages import address, only, page, render
from registry.landscape.svg import Links

NAMES = 8
"""The most names of a sector on the page; its own page has all of them."""


@page
def landscape(request: HttpRequest) -> HttpResponse:
    given = only(request, "kind", "township", "as_of")
    answer = asked(request, "organizations/landscape/", **given)
    view = answer.renderer_context["view"]
    links = Links(
        organization=lambda entry: address("organization", entry.registry_no),
        sector=lambda code: address("sector", code),
        candidates=lambda code: address("sector", code),
        named_candidates=False,
    )
    drawn = view.on_screen(view.chart, links, NAMES)
    return render(
        request,
        "landscape.html",
        title=_("Landscape"),
        picture=mark_safe(drawn.svg),  # noqa: S308 - made by us, every text escaped
        files=[(label, f"{API}/organizations/landscape/?{query}") for label, query in _files()],
        robots="noindex" if given else "",
    )


def _files() -> list[tuple[str, str]]:
    return [
        (_("PDF, one A3 sheet"), "format=pdf&paper=A3"),
        (_("PDF, a sheet for each layer"), "format=pdf&paper=A3&pages=layer"),
        (_("Picture (PNG)"), "format=png"),
    ]
