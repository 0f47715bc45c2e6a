"""The page that proposes lapses of membership to the council; it changes nothing."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alliance.applications.models import Application, ApplicationKind
from alliance.applications.transitions import ADD
from alliance.dues.lapse import proposed
from alliance.members.operations.direct import goes_by_application
from alliance.models import Alliance, Membership
from registry.organizations.models.reach import reach_of
from registry.spreadsheet import yuan_text

from .shown import MAY_READ_ALL, dues_alliance, files_of

MAY_APPLY = ("alliance.view_application", ADD)
TITLE = _("Proposed lapses")
YEARS = [("", _("as the rules say")), *((str(years), str(years)) for years in range(1, 6))]


class LapseForm(forms.Form):
    years = forms.ChoiceField(label=_("Years in a row unpaid"), choices=YEARS, required=False)


def _application(alliance: Alliance, membership: Membership, entered: Mapping[int, Application]) -> tuple[str, Any]:
    """Return the address and the words of the link to the lapse that is entered, or else to its form, filled in."""
    organization = membership.member.organization_id
    if one := entered.get(organization):
        return reverse("admin:alliance_application_change", args=[one.pk]), one.get_state_display()
    asked = {"alliance": alliance.slug, "kind": ApplicationKind.LAPSE.value, "organization": organization}
    return reverse("admin:alliance_application_form", query=asked), _("Enter a lapse")


class LapsePages:
    """Adds the page to the list of dues."""

    def lapse_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perms(MAY_READ_ALL) or reach_of(request.user) is not None:
            raise PermissionDenied
        alliance = dues_alliance(request)
        known = list(Alliance.objects.all())
        form = LapseForm({"years": request.GET.get("years", "")})
        years = form.cleaned_data["years"] if form.is_valid() else ""
        admin: Any = self
        context: dict[str, Any] = {
            **admin.admin_site.each_context(request),
            "title": TITLE,
            "opts": admin.opts,
            "alliance": alliance,
            "alliances": known if len(known) > 1 else [],
            "form": form,
        }
        if alliance:
            found = proposed(alliance, timezone.localdate(), int(years) if years else None)
            context["found"] = found
            context["applies"] = goes_by_application(alliance) and request.user.has_perms(MAY_APPLY)
            lapses = Application.objects.open().filter(alliance=alliance, kind=ApplicationKind.LAPSE)
            entered = {one.organization_id: one for one in lapses} if context["applies"] else {}
            context["rows"] = [
                (row, yuan_text(row.balance) if row.balance else "", *_application(alliance, row.membership, entered))
                for row in found.rows
            ]
            context["files"] = list(files_of(alliance, "dues/lapse", f"years={years}" if years else "", "xlsx"))
        return TemplateResponse(request, "admin/alliance/dues/lapse.html", context)
