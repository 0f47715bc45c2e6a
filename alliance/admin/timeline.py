"""The panel with the timeline, on the pages of members and of organizations, and the card of memberships."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance.models import Member
from alliance.papers.svg import NARROW, WIDE
from alliance.papers.timeline import timeline
from alliance.papers.timeline_picture import picture
from registry.organizations.models.organizations import Organization
from registry.organizations.page.reading import ReadCard

CARD = 560
"""The width of the picture in a card, which shows memberships only."""


def timeline_panel(request: HttpRequest, organization: Organization, members: Iterable[Member]) -> str:
    """Return picture and table; empty for an organization that was never a member."""
    shown = timeline(organization, members, request.user, timezone.localdate())
    wide = picture(shown, WIDE)
    if not wide:
        return ""
    context = {
        "wide": wide,
        "narrow": picture(shown, NARROW),
        "rows": list(shown.rows()),
        "several": len([chapter for chapter in shown.chapters if chapter.member]) > 1,
        "today": shown.today,
    }
    return render_to_string("admin/alliance/timeline.html", context, request)


def memberships_card(request: HttpRequest, organization: Organization, members: Sequence[Member]) -> ReadCard:
    """Return the card with the memberships in every alliance, as a line in time and as a list."""
    today = getattr(request, "as_of", None) or timezone.localdate()
    shown = timeline(organization, members, request.user, today, memberships_only=True)
    values: dict[str, Any] = {"picture": picture(shown, CARD), "chapters": shown.chapters, "today": shown.today}
    return ReadCard("memberships", _("Memberships"), "admin/alliance/memberships_card.html", values)
