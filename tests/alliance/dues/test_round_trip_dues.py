"""Standards, classes and dues that are exported can be imported again and change nothing."""

import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance.council.imports.council import CouncilImport
from alliance.dues.choices import PartOfYear
from alliance.dues.columns import CLASS_COLUMNS, DUE_COLUMNS
from alliance.dues.imports.dues import DueImport
from alliance.dues.imports.standards import StandardImport
from alliance.models import Due, DuesClass
from registry.columns import Column
from tests import factories
from tests.round_trip import assert_round_trip, names, texts

pytestmark = pytest.mark.django_db
TABLES: dict[type[CouncilImport], tuple[Column, ...]] = {StandardImport: CLASS_COLUMNS, DueImport: DUE_COLUMNS}
ROWS = st.lists(
    st.tuples(names, texts, st.sampled_from(PartOfYear.values), st.sampled_from(Due.Basis.values)),
    min_size=2,
    max_size=4,
    unique_by=lambda row: "".join(row[0].split()),
)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_exported_lists_import_without_change(tmp_path, kind, language, rows):
    with transaction.atomic():
        fill(rows)
        assert_round_trip(tmp_path, kind, language, TABLES)
        transaction.set_rollback(True)


def fill(rows):
    """A standard, two classes of the same names in each, and dues with and without a relief, of each row."""
    alliance = factories.alliance("test", name_zh="=联盟；“甲”", legal_person=True)
    tiers = [factories.tier(alliance, f"t{number}", name_zh=f"{number}级；甲") for number in range(2)]
    for number, (name, text, part, basis) in enumerate(rows):
        decision = factories.dues_decision(
            alliance, f"{2000 + number}-01-10", subject=f"决议{text}", matter="dues_standard"
        )
        standard = factories.dues_standard(
            alliance,
            f"{2000 + number}-02-01",
            ends_on=f"{2001 + number}-02-01",
            decision=None if number == 1 else decision,
            first_year=part,
            remarks=text,
        )
        one = factories.dues_class(standard, name, 2000 + number, *tiers)
        factories.dues_class(standard, f"另{number}", 1000)
        who = factories.organization(name_zh=f"{number}{name}")
        member = factories.membership(factories.member(alliance, who), "1999-01-01").member
        relief = {"relief": 1, "relief_rule": f"甲{text}", "relief_reason": f"乙{text}", "relief_decision": decision}
        year = {"months": number + 1, "amount": 7 + number, "basis": basis, "remarks": text}
        due = factories.due(member, 2001 + number, dues_class=one, **year, **(relief if number else {}))
        factories.payment(due, paid_on=datetime.date(2002, 1, 1), amount=3)
    assert DuesClass.objects.count() == 2 * len(rows) == 2 * Due.objects.count()
