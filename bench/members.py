"""The members of an alliance on a past day, of 10,000 members with five periods each."""

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from alliance.models import Alliance, Member, StandardTier, Tier

from .measure import Line
from .requests import Asked, asked_of_database, compare
from .server import Site

SLUG = "bench-periods"
MEMBERS, PERIODS = 10_000, 5
_MEMBERS = """
INSERT INTO alliance_member (alliance_id, organization_id, member_no)
SELECT %s, id, 'P' || id FROM registry_organization WHERE successor_id IS NULL ORDER BY id LIMIT %s
"""
_MEMBERSHIPS = """
INSERT INTO alliance_membership (alliance_id, member_id, tier_id, admitted_on, ended_on, end_reason, remarks)
SELECT m.alliance_id, m.id, (%s::bigint[])[1 + (m.id + k) %% 5], date '2016-01-01' + 365 * k,
       CASE WHEN k < %s THEN date '2016-01-01' + 365 * (k + 1) END, CASE WHEN k < %s THEN 'tier_change' ELSE '' END, ''
FROM alliance_member m CROSS JOIN generate_series(0, %s) k WHERE m.alliance_id = %s
"""


def lines(site: Site) -> Iterator[Line]:
    _fill()
    path = f"/api/v1/alliances/{SLUG}/members/?as_of=2018-06-30"
    asked = [
        Asked(f"members on a past day ({MEMBERS:,} of {MEMBERS * PERIODS:,} periods)", path, floor=_statements),
    ]
    yield from compare(site, asked, "bare WSGI view, same SQL alone")


def _fill() -> None:
    """Make the alliance where it is missing."""
    if Alliance.objects.filter(slug=SLUG).exists():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        alliance = Alliance.objects.create(slug=SLUG, name_zh="虚构历年会员联盟")
        tiers = [Tier.objects.create(alliance=alliance, **one.values()).pk for one in StandardTier.objects.all()[:5]]
        cursor.execute(_MEMBERS, [alliance.pk, MEMBERS])
        last = PERIODS - 1
        cursor.execute(_MEMBERSHIPS, [tiers, last, last, last, alliance.pk])
    if Member.objects.filter(alliance=alliance).count() < MEMBERS:
        raise RuntimeError(f"The members need {MEMBERS:,} organizations.")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE alliance_member, alliance_membership")


def _statements(token: str, path: str) -> dict[str, Any]:
    """Everything that the product reads."""
    said = (sql.strip() for sql in asked_of_database(token, path))
    return {"queries": [sql for sql in said if sql.startswith(("SELECT", "WITH"))], "columns": ""}
