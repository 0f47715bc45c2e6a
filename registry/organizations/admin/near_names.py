"""Offers similar names, and the form for a new record, when a search of the list finds nothing."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from registry.matching.candidates import Asked, find
from registry.organizations.admin.uscc import numbered, page_url
from registry.search.did_you_mean import suggest

MOST = 5
_ALIKE = 30
"""The least score of an offered record, far lower than for possible duplicates: nothing is refused here."""
Offer = tuple[str, str]
"""A label and its address."""


def near_names(model: Any, query: str, page: str = "") -> list[Offer]:
    """Return records with similar names, or else other search words that do find some, at the address of the page."""
    alike = [one.pk for one in find([Asked(query)])[0] if one.score >= _ALIKE][:MOST]
    records = model.objects.in_bulk(alike)
    if offers := [(numbered(records[pk]), page_url(records[pk])) for pk in alike if pk in records]:
        return offers
    return [(text, f"{page}?{urlencode({'q': text})}") for text in suggest(model.objects.all(), query)]


class NearNamesMixin:
    model: Any
    opts: Any

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)  # type: ignore[misc]
        context = getattr(response, "context_data", None)
        if context and "cl" in context and context["cl"].query and not context["cl"].result_count:
            query = context["cl"].query
            context["nothing_found"] = {
                "query": query,
                "near": near_names(self.model, query),
                "add_url": self._add_url(query) if context["has_add_permission"] else "",
            }
        return response

    def _add_url(self, query: str) -> str:
        """Return the address at which a new record is entered with the text as its code or name."""
        return f"{reverse(f'admin:registry_{self.opts.model_name}_enter')}?{urlencode({'q': query.strip(), 'new': 1})}"
