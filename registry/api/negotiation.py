"""Chooses format and language of an answer: by the parameters `format` and `lang` first, then by the headers."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.exceptions import NotAcceptable
from rest_framework.metadata import BaseMetadata
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from registry.api.errors import InvalidParameters

if TYPE_CHECKING:
    from rest_framework.views import APIView

LANGUAGES = {"zh": "zh-hans", "en": "en"}
"""Value of `lang` -> language of the messages and labels."""


def language_of(request: HttpRequest | Request) -> str | None:
    """The language that the request asks for; None where `lang` names an unknown one.

    The cookie by which the admin remembers its language plays no part: the same address must give the same answer.
    """
    if given := request.GET.getlist("lang"):
        return LANGUAGES.get(given[0]) if len(given) == 1 else None
    for code, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


class MethodsAlone(BaseMetadata):
    """OPTIONS is answered with `Allow` and no body: the OpenAPI file tells the rest."""

    def determine_metadata(self, request: Request, view: "APIView") -> None:
        return None


class Negotiation(DefaultContentNegotiation):
    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderers = list(renderers)
        language = language_of(request)
        translation.activate(language or settings.LANGUAGE_CODE)
        if language is None:
            raise InvalidParameters(
                {"lang": _("“%(value)s” is no language here; there are: zh, en.") % {"value": request.GET["lang"]}}
            )
        if given := request.GET.getlist("format"):
            renderer = self._by_format(given, renderers)
        else:
            renderer = self._by_header(request, renderers)
        return renderer, renderer.media_type or ""

    def _by_format(self, given: list[str], renderers: list[BaseRenderer]) -> BaseRenderer:
        for renderer in renderers:
            if given == [renderer.format]:
                return renderer
        raise InvalidParameters(
            {
                "format": _("“%(value)s” is no format of this resource; there are: %(formats)s.")
                % {"value": ", ".join(given), "formats": ", ".join(_formats(renderers))}
            }
        )

    def _by_header(self, request: Request, renderers: list[BaseRenderer]) -> BaseRenderer:
        preferred = request._request.get_preferred_type([renderer.media_type for renderer in renderers])
        for renderer in renderers:
            if renderer.media_type == preferred:
                return renderer
        raise NotAcceptable(
            _("None of the formats of the header Accept is available; there are: %(formats)s.")
            % {"formats": ", ".join(renderer.media_type or "" for renderer in renderers)}
        )


def _formats(renderers: list[BaseRenderer]) -> list[str]:
    return [renderer.format or "" for renderer in renderers]
