"""Shows applications on the pages of members and of organizations, with buttons that lead to them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from alliance.admin import member_list
from alliance.applications.transitions import ADD
from alliance.models import Application, Member
from registry.organizations.models.organizations import Organization
from registry.organizations.page.reading import ReadCard

VIEW = "alliance.view_application"


def _rows(**about: Any) -> list[Application]:
    found = Application.objects.filter(**about)
    return list(
        found.select_related(
            "alliance", "tier", "membership__tier", "decision__meeting__term", "decision__meeting__alliance"
        )
    )


def applications_panel(request: HttpRequest, member: Member) -> Iterator[tuple[Any, str]]:
    """Yield the table of what the member has applied for, with the decision and the membership that came of it."""
    if request.user.has_perm(VIEW) and (
        rows := _rows(alliance=member.alliance_id, organization=member.organization_id)
    ):
        yield _("Applications"), render_to_string("admin/alliance/applications/table.html", {"rows": rows}, request)


def application_tool(request: HttpRequest, member: Member) -> Iterator[tuple[Any, str]]:
    if request.user.has_perms((VIEW, ADD)):
        asked = {"alliance": member.alliance.slug, "q": member.organization.registry_no}
        yield _("Enter an application"), f"{reverse('admin:alliance_application_enter')}?{urlencode(asked)}"


def applications_card(request: HttpRequest, organization: Organization) -> Iterator[ReadCard]:
    """Yield the card with the applications of an organization to every alliance."""
    if request.user.has_perm(VIEW) and (rows := _rows(organization=organization.pk)):
        values = {"rows": rows, "with_alliance": True}
        yield ReadCard("applications", _("Applications"), "admin/alliance/applications/card.html", values)


member_list.PANELS.append(applications_panel)
member_list.TOOLS.append(application_tool)
