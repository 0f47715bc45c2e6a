import pytest
from django.core.management import call_command
from django.db import connection

from registry.history import complete
from registry.models import Organization, Plan
from registry.reference.models import ReferenceState
from tests import database, factories


def _rows() -> dict[str, int]:
    counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in database._tables())
    with connection.cursor() as cursor:
        cursor.execute(counts)
        return dict(cursor.fetchall())


@pytest.mark.unrecorded
@pytest.mark.django_db(transaction=True)
def test_emptying_leaves_what_flushing_leaves(reference):
    factories.membership()
    version = ReferenceState.objects.get().version
    before = _rows()
    database.empty()
    emptied = _rows()
    assert ReferenceState.objects.get().version != version
    call_command("flush", verbosity=0, interactive=False)

    assert emptied == _rows()
    assert sum(emptied.values()) < sum(before.values()) - 500


@pytest.mark.parametrize("number", [1, 2])
def test_reference_data_are_loaded_once_for_tests_that_roll_back(reference, number):
    assert connection.settings_dict["NAME"].endswith("_reference")
    assert Plan.objects.exists()
    assert not Organization.objects.exists()
    factories.organization()


def test_other_tests_have_no_reference_data(db):
    assert not connection.settings_dict["NAME"].endswith("_reference")
    assert not Plan.objects.exists()


@pytest.mark.unrecorded
def test_kept_statement_finds_the_gaps_that_the_command_finds(db):
    assert database.gaps() == []
    made = factories.organization()
    database.past_the_triggers("UPDATE registry_organization SET remarks = 'past the triggers' WHERE id = %s", made.pk)

    assert database.gaps() == [("registry_organization", made.pk)]
    assert [(gap.table, gap.pk) for gap in complete.gaps()] == database.gaps()
