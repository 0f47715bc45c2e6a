"""Lists of the council that are exported can be imported again and change nothing."""

import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance.council import columns
from alliance.council.imports.council import CouncilImport
from alliance.council.imports.groups import GroupImport
from alliance.council.imports.office_holders import OfficeHolderImport
from alliance.council.imports.seats import SeatImport
from alliance.council.imports.terms import TermImport
from alliance.models import Group, OfficeHolder, Seat, Term
from registry.columns import Column
from tests import factories
from tests.round_trip import assert_round_trip, names, texts

pytestmark = pytest.mark.django_db
TABLES: dict[type[CouncilImport], tuple[Column, ...]] = {
    TermImport: columns.TERM_COLUMNS,
    GroupImport: columns.GROUP_COLUMNS,
    SeatImport: columns.SEAT_COLUMNS,
    OfficeHolderImport: columns.OFFICE_HOLDER_COLUMNS,
}
ROWS = st.lists(
    st.tuples(names, names, texts, st.sampled_from(Seat.Role.values), st.sampled_from(Group.Kind.values)),
    min_size=2,
    max_size=4,
    unique_by=lambda row: "".join(row[0].split()),
)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_exported_lists_import_without_change(tmp_path, kind, language, rows):
    with transaction.atomic():
        fill(rows)
        assert_round_trip(tmp_path, kind, language, TABLES)
        transaction.set_rollback(True)


def fill(rows):
    """A term, a group, two seats and a person of each row; names of a group are kept apart by numbers."""
    alliance = factories.alliance("test", name_zh="=联盟；“甲”")
    postponed = {"ends_on": "2023-01-01", "postponed_until": "2023-06-01", "approval_no": "=1+1号"}
    factories.term(alliance, "2019-01-01", **postponed)
    for number, (name_zh, name_en, text, role, kind) in enumerate(rows):
        factories.term(alliance, f"{2030 + 5 * number}-02-28")
        group = factories.group(alliance, kind, name_zh=f"{number}{name_zh}", name_en=name_en, founded_on="2018-02-28")
        membership = factories.membership(factories.member(alliance, factories.organization(name_zh=name_zh)))
        day = membership.admitted_on + datetime.timedelta(days=number)
        after = day + datetime.timedelta(days=400)
        factories.seat(membership, group, begins_on=day, ends_on=after, role=role)
        factories.seat(membership, group, begins_on=after)
        factories.office_holder(
            alliance,
            office="expert" if number % 2 else "vice_chair",
            group=group if number % 2 else None,
            name=f"{number % 2}{name_en}",
            title=text,
            member=membership.member if number else None,
        )
    assert all(model.objects.exists() for model in (Term, Group, Seat, OfficeHolder))
