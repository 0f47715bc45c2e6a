"""The pages of alliances in the public directory: what an alliance is, how to join, and its members on a day."""

import datetime
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import re_path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from alliance.models import Alliance, Membership, Tier
from alliance.papers.application import FORMS, file_name, file_of
from alliance.views.alliances import SLUG
from registry.directory import organization
from registry.directory.asking import RequestRefused, ask, cursor_of
from registry.directory.pages import WrongParameters, address, name_of, only, page, render
from registry.organizations.models.choices import Kind
from registry.typesetting import TypesettingFailed

PAGE_SIZE = 100
MOST_ALLIANCES = 200


@page
def alliances(request: HttpRequest) -> HttpResponse:
    only(request)
    found = ask(request, "alliances/", page_size=MOST_ALLIANCES)["results"]
    today = timezone.localdate()
    rows = [
        {**one, "name": name_of(one), "url": address("alliance", one["slug"]), **_numbers(request, one["slug"], today)}
        for one in found
    ]
    return render(request, "alliances.html", title=_("Alliances"), alliances_known=rows)


@page
def alliance(request: HttpRequest, slug: str) -> HttpResponse:
    given = only(request, "as_of", "cursor")
    on = _day(given.get("as_of", ""))
    record = ask(request, f"alliances/{slug}/")
    members = ask(
        request,
        f"alliances/{slug}/members/",
        as_of=on.isoformat(),
        cursor=given.get("cursor", ""),
        page_size=PAGE_SIZE,
        fields="member_no,registry_no,name_zh,name_en,kind,township,tier,joined_on",
    )
    texts = [
        (_("How to join"), "join", record["admission"]),
        (_("Organs"), "organs", record["organs"]),
        (_("Charter"), "charter", record["charter"]),
    ]
    return render(
        request,
        "alliance.html",
        title=name_of(record),
        other_name=record["name_en"] if name_of(record) == record["name_zh"] else record["name_zh"],
        record=record,
        founded_on=_shown(record["founded_on"]),
        dissolved_on=_shown(record["dissolved_on"]),
        texts=[one for one in texts if one[2]],
        on=on,
        today=on == timezone.localdate() and not given,
        certificates_url=address("certificate", slug),
        forms=_forms(record) if not record["dissolved_on"] else (),
        first=record["founded_on"],
        **_numbers(request, slug, on),
        tiers=_by_tier(members["results"]),
        all_tiers=Tier.objects.filter(alliance__slug=slug, alliance__published=True, disabled_on=None).order_by("rank"),
        next=_to(request, on, members["next"]),
        previous=_to(request, on, members["previous"]),
        robots="noindex" if given else "",
        canonical=not given,
    )


def _forms(record: dict[str, Any]) -> list[tuple[str, str]]:
    return [(str(label), address("application", record["slug"], form)) for form, label in FORMS.items()]


@page
def application(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """Return the blank application form of an alliance."""
    only(request)
    ask(request, f"alliances/{slug}/")
    alliance = Alliance.objects.published().get(slug=slug)
    if alliance.dissolved_on:
        raise Http404
    try:
        content, media_type = file_of(alliance, form)
    except TypesettingFailed as failed:
        raise RequestRefused(503, [str(failed)], "60") from None
    disposition = content_disposition_header(as_attachment=True, filename=file_name(alliance, form))
    return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": disposition})


@page
def certificate(request: HttpRequest, slug: str) -> HttpResponse:
    """Say whether the number of a certificate is valid; the page names nobody."""
    given = only(request, "number", "on")
    record = ask(request, f"alliances/{slug}/")
    number, on = given.get("number", "")[:60], _day(given.get("on", ""))
    checked: dict[str, Any] | None = None
    if number:
        try:
            checked = ask(request, f"alliances/{slug}/certificates/{number}/", on=on.isoformat())
        except Http404:
            checked = None
    return render(
        request,
        "certificate.html",
        title=_("Check a certificate"),
        record=record,
        name=name_of(record),
        url=address("alliance", slug),
        number=number,
        on=on,
        checked=checked,
        robots="noindex" if given else "",
        canonical=not given,
    )


def memberships_of(registry_no: str) -> list[dict[str, Any]]:
    """Return the published alliances that have the published organization as a member today."""
    rows = (
        Membership.objects.with_joined_on()
        .published()
        .as_of(timezone.localdate())
        .filter(member__organization__registry_no=registry_no)
    )
    names = ("alliance__slug", "alliance__name_zh", "alliance__name_en", "tier__name_zh", "tier__name_en", "joined_on")
    return [
        {
            "name": name_of({"name_zh": one["alliance__name_zh"], "name_en": one["alliance__name_en"]}),
            "url": address("alliance", one["alliance__slug"]),
            "tier": name_of({"name_zh": one["tier__name_zh"], "name_en": one["tier__name_en"]}),
            "joined_on": date_format(one["joined_on"], "DATE_FORMAT"),
        }
        for one in rows.order_by("alliance__slug").values(*names)
    ]


organization.memberships.append(memberships_of)


def _numbers(request: HttpRequest, slug: str, on: datetime.date) -> dict[str, int]:
    """Return how many members of the day are public, and how many there are."""
    public = ask(
        request, f"alliances/{slug}/members/", as_of=on.isoformat(), page_size=1, fields="member_no", count="exact"
    )
    everybody = Membership.objects.as_of(on).filter(alliance__slug=slug, alliance__published=True)
    return {"public_count": public["count"], "count": everybody.count()}


def _day(text: str) -> datetime.date:
    """Return the day of the list. The future is nobody's business: ends that are agreed on are not public."""
    today = timezone.localdate()
    try:
        on = datetime.date.fromisoformat(text) if text else today
    except ValueError:
        raise WrongParameters(_("“%(value)s” is not a date like 2026-12-31.") % {"value": text[:40]}) from None
    if on > today:
        raise WrongParameters(_("The list is of today or of an earlier day."))
    return on


def _shown(day: str | None) -> str:
    return date_format(datetime.date.fromisoformat(day), "DATE_FORMAT") if day else ""


def _by_tier(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    shown = [
        {**one, "name": name_of(one), "kind": Kind(one["kind"]).label, "joined_on": _shown(one["joined_on"])}
        | {"url": address("organization", one["registry_no"])}
        for one in rows
    ]
    groups = groupby(shown, key=lambda one: one["tier"]["name"])
    return [{"name": name, "members": list(members)} for name, members in groups]


def _to(request: HttpRequest, on: datetime.date, link: str | None) -> str:
    return f"{request.path}?as_of={on.isoformat()}&cursor={cursor_of(link)}#members" if link else ""


pages = [
    re_path(r"^alliances/$", alliances, name="alliances"),
    re_path(rf"^alliances/(?P<slug>{SLUG})/$", alliance, name="alliance"),
    re_path(rf"^alliances/(?P<slug>{SLUG})/certificates/$", certificate, name="certificate"),
    re_path(rf"^alliances/(?P<slug>{SLUG})/application\.(?P<form>xlsx|pdf)$", application, name="application"),
]
