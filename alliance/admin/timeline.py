"""The panel with the timeline, on the pages of members and of organizations."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from alliance.models import Member
from alliance.papers.svg import NARROW, WIDE
from alliance.papers.timeline import timeline
from alliance.papers.timeline_picture import picture
from registry.organizations.models.organizations import Organization


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
