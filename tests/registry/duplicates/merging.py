"""Two records of one body, with something in every table that refers to organizations; and digests of all tables."""

import datetime
from typing import Any

import pghistory.models
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection

from registry.duplicates.merging import merge, preview
from registry.duplicates.pairs import RecordPair
from registry.models import Merger, Organization
from tests import factories

TIMESTAMPS = {"registry_organizationchange", "registry_publicchange", "registry_merger", "registry_changeorigin"}
LOGS = {"alliance_membershipchange", "alliance_recordchange"}


def digests() -> dict[str, str]:
    """Return a digest of every table of the two apps, apart from history, logs, counters and time stamps."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        ours = model._meta.app_label in ("registry", "alliance") and model._meta.managed and not model._meta.proxy
        if not ours or issubclass(model, pghistory.models.Event) or table in TIMESTAMPS | LOGS:
            continue
        with connection.cursor() as cursor:
            row = "to_jsonb(t) - 'updated_at'"
            rows = f"string_agg(({row})::text, '' ORDER BY ({row})::text)"
            cursor.execute(f"SELECT md5(coalesce({rows}, '')) FROM {table} t")
            found[table] = cursor.fetchone()[0]
    return found


def merged(kept: Organization, gone: Organization, user: User | None = None, **chosen: str) -> Merger:
    """Merge as the page does: look, and then confirm what was seen."""
    pair = pair_of(kept, gone, user)
    return merge(pair, chosen, seen=preview(pair).seen, confirmed=True)


def pair_of(kept: Organization, gone: Organization, user: User | None = None) -> RecordPair:
    return RecordPair(Organization.objects.get(pk=kept.pk), Organization.objects.get(pk=gone.pk), user)


def full(name: str, **fields: Any) -> Organization:
    """An organization with something in every table that refers to organizations, apart from alliances."""
    one = factories.organization(name_zh=name, township=factories.township(), **fields)
    other = factories.organization()
    factories.name(one, f"{name}旧名")
    factories.identifier(one)
    factories.tag(one, "robots.industrial", is_primary=True, evidence="产品")
    factories.qualification(one, granted_on=datetime.date(2022, 1, 1))
    factories.contact(one, role="liaison", name="联络甲")
    factories.contact(one, role="legal_representative", name="法人甲")
    factories.figures(one, 2023, employees=80)
    factories.relation(one, other)
    factories.relation(factories.organization(), one)
    factories.distinction(one, "别家")
    factories.dismissed_suggestion(one, "software")
    factories.collection_round(one, title=f"{name}的填报", year=2023)
    factories.import_row(factories.import_batch(), organization=one)
    factories.organization(successor=one, registration_status="merged")
    return one


def of_alliance(one: Organization, slug: str = "test", **fields: Any) -> Any:
    """A membership of the organization with seat, people, suspension and supporter."""
    alliance = factories.alliance(slug)
    membership = factories.membership(factories.member(alliance, one), **fields)
    factories.representative(membership.member)
    factories.supporter(alliance, one)
    return membership
