"""Pages of the staff's site as the role 查询员 gets them: the same views, asked with the rights of that role."""

from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.db import InternalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, ResolverMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from registry.organizations.models.organizations import Organization
from registry.preview import hidden, inner, page, places
from registry.preview.audiences import VIEWER_EYES, eyes_of_viewer
from registry.values.people import Account

NOT_SHOWN = ("preview", "log", "password", "new_password", "second_factor")
"""The beginnings of the names of addresses that are about the account itself."""
FOR_SCRIPTS = ("jsi18n", "autocomplete")


@csrf_exempt
def view(request: HttpRequest, address: str) -> HttpResponse:
    if not page.read_only(request):
        return page.only_reading(request, VIEWER_EYES)
    eyes = eyes_of_viewer(request.user)
    if eyes is None:
        raise PermissionDenied(_("Your account may not see all that a viewer sees, so it cannot look as one."))
    if address.startswith("api/v1/"):
        return HttpResponseRedirect(reverse("admin:preview_columns", args=[address.removeprefix("api/v1/")]))
    try:
        with inner.mounted(page.root_of(VIEWER_EYES)), inner.storing_nothing():
            asked = inner.in_the_name_of(inner.request_for(request, f"/{address}", request.GET.copy()), eyes)
            match: Any = asked.resolver_match
            if match.app_name != "admin" or (match.url_name or "").startswith(NOT_SHOWN):
                raise Http404
            answer: Any = inner.answered(asked)
    except PermissionDenied:
        return page.refused(request, VIEWER_EYES, 403, _("A viewer may not open this page."))
    except (Http404, Resolver404):
        return page.refused(request, VIEWER_EYES, 404, _("A viewer has no such page."))
    except BadRequest as error:
        return page.refused(request, VIEWER_EYES, 400, str(error))
    except InternalError:  # the database refused to store something
        return page.refused(request, VIEWER_EYES, 403, _("Opening this page stores something: it has no preview."))
    if answer.status_code in (301, 302):
        return page.redirect(answer)
    if match.url_name in FOR_SCRIPTS:
        return answer
    if not answer.get("Content-Type", "").startswith("text/html"):
        return page.refused(request, VIEWER_EYES, 403, _("Files are not made in a preview."))
    return page.shown(VIEWER_EYES, answer, _about(request, asked, eyes))


def _about(request: HttpRequest, asked: HttpRequest, eyes: Account) -> dict[str, Any]:
    """Return what the banner tells of the page."""
    match: Any = asked.resolver_match
    back = "/" + request.get_full_path().removeprefix(page.root_of(VIEWER_EYES))
    about = {"back": back, "hidden": _hidden(request.user, eyes, match)}
    resource = places.resource_of(asked, match)
    return about | ({"columns": page.columns_address(resource, back)} if resource else {})


def _hidden(user: Account, eyes: Account, match: ResolverMatch) -> list[hidden.Hidden]:
    name = match.url_name or ""
    if counts := hidden.of_page(name):
        return counts(user, eyes, match.kwargs)
    if not (name.startswith("registry_") and name.endswith("_page")) or "pk" not in match.kwargs:
        return []
    organization = Organization.objects.filter(pk=match.kwargs["pk"]).first()
    return hidden.from_a_viewer(user, eyes, organization) if organization else []
