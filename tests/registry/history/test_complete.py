"""The comparison of all tables with their history."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from registry.history.complete import Gap, gaps
from registry.models import Contact, Organization
from tests import factories
from tests.database import past_the_triggers

pytestmark = [pytest.mark.django_db, pytest.mark.unrecorded]


def test_what_is_written_by_any_way_is_complete(reference: None) -> None:
    made = factories.enterprise()
    factories.contact(made)
    Organization.objects.filter(pk=made.pk).update(short_name="新")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_contact SET title = 'x'; DELETE FROM registry_sectortag")
    assert gaps() == []
    out = io.StringIO()
    call_command("check_history", stdout=out)
    assert out.getvalue()


def test_a_change_a_row_and_a_removal_past_the_triggers_are_found(reference: None) -> None:
    changed, gone = factories.enterprise(), factories.enterprise()
    person = factories.contact(gone)
    past_the_triggers("UPDATE registry_organization SET short_name = 'x' WHERE id = %s", changed.pk)
    past_the_triggers("DELETE FROM registry_contact WHERE id = %s", person.pk)
    past_the_triggers("UPDATE registry_organization SET id = id + 1000 WHERE id = %s", gone.pk)
    assert gaps() == [
        Gap("registry_contact", person.pk),
        *(Gap("registry_organization", pk) for pk in sorted((changed.pk, gone.pk, gone.pk + 1000))),
    ]
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("check_history", stdout=out)
    assert "registry_organization: 3" in out.getvalue()
    assert not Contact.objects.filter(pk=person.pk).exists()


def test_what_no_event_keeps_is_not_compared(reference: None) -> None:
    made = factories.enterprise()
    past_the_triggers("UPDATE registry_organization SET updated_at = now() WHERE id = %s", made.pk)
    assert gaps() == []
