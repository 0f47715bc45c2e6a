"""Error pages of addresses outside the views. Below /admin/ and the APIs the staff's site answers."""

from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from registry.directory.asking import RequestRefused
from registry.directory.pages import LANGUAGES, failed, finished, not_found, refusal
from registry.site import error_pages

OF_STAFF = () if settings.PUBLIC_ONLY else ("/admin/", "/i18n/")
OTHERS = (*OF_STAFF, *error_pages.API_ADDRESSES)


def page_not_found(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponseBase:
    if request.path_info.startswith(OTHERS):
        return error_pages.page_not_found(request, exception, *args)
    with translation.override(_language(request)):
        return finished(request, not_found(request))


def bad_request(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponseBase:
    if request.path_info.startswith(OTHERS):
        return error_pages.bad_request(request, exception, *args)
    with translation.override(_language(request)):
        text = str(exception) if isinstance(exception, BadRequest) else _("The address holds something unknown.")
        return finished(request, refusal(request, RequestRefused(400, [text])))


def server_error(request: HttpRequest, *args: Any) -> HttpResponseBase:
    if request.path_info.startswith(OTHERS):
        return error_pages.server_error(request, *args)
    with translation.override(_language(request)):
        response: HttpResponse = failed(request)
        return finished(request, response)


def _language(request: HttpRequest) -> str:
    return LANGUAGES["en" if request.path_info.startswith("/en/") else "zh"]
