"""Shows certificates on the pages of members and of organizations."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from alliance.admin import member_list
from alliance.certificates.standing import standing_of
from alliance.models import Certificate, Member
from registry.organizations.models.organizations import Organization
from registry.organizations.page.reading import ReadCard
from registry.site.fields import ONE_DAY

VIEW, ISSUE = "alliance.view_certificate", ("alliance.view_certificate", "alliance.add_certificate")


def _rows(certificates: Any) -> list[dict[str, Any]]:
    """Return certificates with their state in words, the latest first."""
    found = certificates.with_member_on(localdate()).select_related("alliance", "replaced_by")
    return [
        {
            "one": one,
            "last_day": one.valid_to and one.valid_to - ONE_DAY,
            "standing": standing_of(one, localdate()),
            "over": one.ended_on is not None,
        }
        for one in found.order_by("-valid_from", "-id")
    ]


def certificates_panel(request: HttpRequest, member: Member) -> Iterator[tuple[Any, str]]:
    if request.user.has_perm(VIEW) and (rows := _rows(Certificate.objects.filter(member=member))):
        yield _("Certificates"), render_to_string("admin/certificates/table.html", {"rows": rows}, request)


def issue_tool(request: HttpRequest, member: Member) -> Iterator[tuple[Any, str]]:
    """Yield the button that issues a certificate to a member of today."""
    if request.user.has_perms(ISSUE) and member.memberships.as_of(localdate()).exists():
        address = reverse("admin:alliance_certificate_issue")
        yield _("Issue a certificate"), f"{address}?alliance={member.alliance.slug}&member={member.pk}"


def certificates_card(request: HttpRequest, organization: Organization) -> Iterator[ReadCard]:
    """Yield the card with the certificates of an organization in all its alliances."""
    rows = _rows(Certificate.objects.filter(member__organization=organization.pk))
    if rows:
        yield ReadCard("certificates", _("Certificates of membership"), "admin/certificates/card.html", {"rows": rows})


member_list.PANELS.append(certificates_panel)
member_list.TOOLS.append(issue_tool)
