"""A person is erased from everything, and a homonym from nothing."""

from pathlib import Path
from typing import Any

import pghistory
import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, transaction
from django.db.models import Sum
from django.test import Client

from alliance.models import OfficeHolder, Representative
from registry.erasure import listed
from registry.erasure.erasing import erase
from registry.erasure.finding.persons import Person, find
from registry.erasure.finding.traces import MARK, Traces
from registry.erasure.models import Erasure, Ground
from registry.erasure.plan import plan
from registry.history.complete import gaps
from registry.models import (
    AccountTelephone,
    Contact,
    Disclosure,
    ImportFile,
    ImportRow,
    KeptAnswer,
    Organization,
    Proposal,
    Receipt,
    SecurityEvent,
)
from registry.security.events import record
from registry.security.models import EventKind
from registry.workplace.undo.undoing import revert
from tests import factories
from tests.registry.erasure.planting import EARLIER, NAME, OTHER_PHONE, PHONE, Planted, plant, rows_with_traces

pytestmark = pytest.mark.django_db
WHO: dict[str, Any] = {"user": None, "channel": "command"}


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def planted(reference: None) -> Planted:
    return plant()


def homonym(planted: Planted) -> Contact:
    assert planted.homonym
    return planted.homonym


def meant(planted: Planted) -> list[Person]:
    everybody = find(Traces.of([NAME], []))
    return [one for one in everybody if (one.model, one.pk) != (Contact, homonym(planted).pk)]


def test_person_is_found_in_every_table_with_homonyms_apart(planted: Planted) -> None:
    found = find(Traces.of(["欧阳 虚构"], ["+86 139-0000-4821"]))
    assert [(one.model, one.pk, one.current, sorted(one.found_by)) for one in found] == [
        (Contact, planted.contact, True, ["name", "number"]),
        (Contact, homonym(planted).pk, True, ["name"]),
        (Representative, planted.representative, True, ["name", "number"]),
        (OfficeHolder, planted.holder, True, ["name"]),
        (User, planted.account.pk, True, ["name"]),
    ]
    assert found[0].masked == "0760-****4821、139****4821、o***@example.com"
    assert (found[0].organization, found[1].organization) == (planted.of, planted.elsewhere)


def test_somebody_whom_only_the_history_names_is_found_and_erased(reference: None) -> None:
    contact = factories.contact(factories.enterprise(), name=NAME, phone=EARLIER, email="")
    Contact.objects.filter(pk=contact.pk).update(name="虚构乙", phone=OTHER_PHONE)
    (found,) = find(Traces.of([NAME], []))
    assert (found.pk, found.current, len(found.events)) == (contact.pk, False, 1)
    erase(plan([found]), chosen=(), ground=Ground.REQUEST, who=WHO)
    contact.refresh_from_db()
    assert (contact.name, contact.phone) == ("虚构乙", OTHER_PHONE)
    events = Contact.pgh_event_model.objects.order_by("pk").values_list("name", "phone")  # type: ignore[attr-defined]
    assert list(events) == [(MARK, ""), ("虚构乙", OTHER_PHONE)]
    assert rows_with_traces() == []


def test_person_is_erased_from_everything_and_the_homonym_from_nothing(planted: Planted) -> None:
    worked_out = plan(meant(planted))
    assert {hit.key for hit in worked_out.uncertain} >= {f"registry.organization:{planted.remarked.pk}"}
    others = {f"registry.organization:{planted.remarked.pk}"}  # and with it its history
    record = erase(worked_out, chosen=others, ground=Ground.REQUEST, who=WHO)
    left = rows_with_traces()
    assert [row for row in left if OTHER_PHONE not in row] == []
    assert len(left) == 2  # the homonym, and the event of their entry
    other = homonym(planted)
    other.refresh_from_db()
    assert (other.name, other.phone) == (NAME, OTHER_PHONE)
    assert not Contact.objects.filter(pk=planted.contact).exists()
    assert not ImportFile.objects.exists()
    assert not KeptAnswer.objects.exists()
    assert not Session.objects.exists()
    planted.of.refresh_from_db()
    assert planted.of.remarks == f"联系人{MARK}已离任。"
    assert Organization.objects.get(pk=planted.remarked.pk).remarks == f"{MARK}介绍的。"
    planted.account.refresh_from_db()
    assert (planted.account.is_active, planted.account.last_name, planted.account.email) == (False, "", "")
    row = ImportRow.objects.get()
    assert row.changes == [{"column": "contact_phone", "old": MARK, "new": MARK}]
    assert row.problems[0]["message"] == [f"“{MARK}”？", f"“{MARK}”?"]
    assert Receipt.objects.get().query == f"search={MARK}&ordering=name"
    assert Receipt.objects.get().recipient == f"{MARK} {MARK}"
    assert Disclosure.objects.get().reason == f"{MARK}来电 {MARK}"
    # 2 of them were blackened in one row each; the record itself names nobody.
    assert record.tables["registry.Contact"] == 1
    assert record.tables["registry.ImportFile"] == 2
    assert gaps() == []


def test_nothing_is_put_up_for_review_by_an_erasure(planted: Planted) -> None:
    Organization.objects.filter(pk=planted.of.pk).update(introduction=f"由{NAME}创办。", published=True)
    before = Proposal.objects.count()
    erase(plan(meant(planted)), chosen=(), ground=Ground.REQUEST, who=WHO)
    assert Organization.objects.get(pk=planted.of.pk).introduction == f"由{MARK}创办。"
    assert Proposal.objects.count() == before


def test_a_number_that_others_have_too_stays_theirs(reference: None) -> None:
    of = factories.enterprise()
    factories.contact(of, name=NAME, phone=EARLIER, email="")
    other = factories.contact(of, name="虚构乙", phone=EARLIER, email="", role="other")
    Organization.objects.filter(pk=of.pk).update(remarks=f"总机 {EARLIER}，{NAME}")
    worked_out = plan(find(Traces.of([NAME], [])))
    assert worked_out.shared == {"076022994821"}
    erase(worked_out, chosen=(), ground=Ground.PURPOSE, who=WHO)
    other.refresh_from_db()
    assert other.phone == EARLIER
    assert Organization.objects.get().remarks == f"总机 {EARLIER}，{MARK}"


def test_the_telephone_of_an_account_goes_with_the_account(reference: None) -> None:
    account = factories.user(last_name="欧阳", first_name="若兰")
    factories.account_telephone(account, phone="13700001111").delete()
    factories.account_telephone(account, phone="13700002222")
    persons = find(Traces.of(["欧阳若兰"], []))
    assert [one.model for one in persons] == [User]

    erase(plan(persons), chosen=(), ground=Ground.REQUEST, who=WHO)

    assert not AccountTelephone.objects.filter(user=account).exists()
    events: Any = AccountTelephone.pgh_event_model  # type: ignore[attr-defined]
    assert events.objects.filter(user=account).count() == 4
    assert not events.objects.filter(phone__startswith="1370000").exists()


def test_list_of_erasures_names_rows_and_nobody(planted: Planted, var: Path) -> None:
    record = erase(plan(meant(planted)), chosen=(), ground=Ground.REQUEST, who=WHO)
    text = listed.place().read_text()
    assert listed.place().stat().st_mode & 0o777 == 0o600
    assert not any(trace in text for trace in (NAME, PHONE, EARLIER))
    lines = list(listed.lines())
    assert {line.erasure for line in lines} == {str(record.key)}
    of_contact = [line for line in lines if line.table == "registry.Contact"]
    said = [{"name": NAME, "phone": phone, "email": "ouyang4821@example.com"} for phone in (EARLIER, PHONE)]
    assert [[line.is_of(one) for one in said] for line in of_contact] == [[True, False], [False, True]]


def test_nothing_is_erased_and_listed_where_the_list_cannot_be_written(planted: Planted, var: Path) -> None:
    listed.place().mkdir()
    with pytest.raises(OSError, match="erasures"):
        erase(plan(meant(planted)), chosen=(), ground=Ground.REQUEST, who=WHO)
    assert Contact.objects.filter(pk=planted.contact).exists()
    assert not Erasure.objects.exists()


def test_the_last_administrator_and_oneself_are_not_erased(planted: Planted) -> None:
    User.objects.filter(pk=planted.account.pk).update(is_superuser=True)
    with pytest.raises(ValidationError, match="最后一个"):
        erase(plan(meant(planted)), chosen=(), ground=Ground.REQUEST, who=WHO)
    factories.superuser()
    with pytest.raises(ValidationError, match="自己"):
        erase(plan(meant(planted)), chosen=(), ground=Ground.REQUEST, who=WHO | {"user": planted.account})


def test_nobody_changes_or_deletes_the_record_of_an_erasure(planted: Planted) -> None:
    erase(plan(meant(planted)), chosen=(), ground=Ground.REQUEST, who=WHO)
    for write in (lambda: Erasure.objects.update(left=0), lambda: Erasure.objects.all().delete()):
        with pytest.raises(ProgrammingError), transaction.atomic():
            write()


def test_nobody_brings_an_erased_person_back_by_reverting(reference: None) -> None:
    of = factories.enterprise()
    with pghistory.context(url="/admin/"):
        contact = factories.contact(of, name=NAME, phone=EARLIER, email="")
    with pghistory.context(url="/admin/") as second:
        Contact.objects.filter(pk=contact.pk).update(name="虚构乙", phone=OTHER_PHONE)
    with pghistory.context(url="/admin/"):
        gone = factories.contact(of, name=NAME, phone=PHONE, email="", role="other")
    with pghistory.context(url="/admin/") as fourth:
        gone.delete()
    erase(plan(find(Traces.of([NAME], []))), chosen=(), ground=Ground.REQUEST, who=WHO)
    for change in (second, fourth):
        outcome = revert(change.id, factories.superuser())
        assert not outcome.done
        assert "变更记录中没有导入前的内容" in "".join(outcome.refused), outcome.refused
    contact.refresh_from_db()
    assert (contact.name, Contact.objects.count()) == ("虚构乙", 1)


def test_a_name_typed_at_a_failed_log_in_goes_and_the_lock_out_stays(reference: None) -> None:
    contact = factories.contact(factories.enterprise(), name="欧阳示例", phone="13912344821")
    factories.user(username="clerk")
    for typed in ("欧阳示例", "13912344821", "clerk"):
        for _time in range(5):
            Client().post("/admin/login/", {"username": typed, "password": "wrong"}, REMOTE_ADDR="192.0.2.7")
    record(EventKind.LOGIN, username="欧阳示例")  # of an account that was called so
    failures = AccessAttempt.objects.aggregate(sum=Sum("failures_since_start"))
    persons = find(Traces.of(["欧阳示例"], []))
    assert [one.pk for one in persons] == [contact.pk]
    found = plan(persons)
    assert len([work for work in found.by_hand if "欧阳示例" in work.text]) == 1, "the log-in alone"
    erase(found, chosen=[hit.key for hit in found.uncertain], ground="request", who=WHO)
    typed = set(SecurityEvent.objects.filter(kind=EventKind.LOGIN_FAILED).values_list("username", flat=True))
    assert typed == {MARK, "clerk"}
    kept = AccessAttempt.objects.values_list("username", flat=True)
    assert {name.rstrip("0123456789") for name in kept} == {MARK, "clerk"}
    assert AccessAttempt.objects.aggregate(sum=Sum("failures_since_start")) == failures, "addresses count on"
    assert SecurityEvent.objects.filter(kind=EventKind.LOGIN, username="欧阳示例").exists(), "who did it stays"
    right = {"username": "clerk", "password": "correct horse battery"}
    assert Client().post("/admin/login/", right, REMOTE_ADDR="192.0.2.7").status_code == 429


def test_a_name_that_an_account_has_is_left_to_somebody(reference: None) -> None:
    contact = factories.contact(factories.enterprise(), name="欧阳示例", phone="13912344821")
    factories.user(username="欧阳示例")
    Client().post("/admin/login/", {"username": "欧阳示例", "password": "wrong"})
    found = plan([one for one in find(Traces.of(["欧阳示例"], [])) if one.pk == contact.pk])
    assert [work for work in found.by_hand if "欧阳示例" in work.text]
    erase(found, chosen=[hit.key for hit in found.uncertain], ground="request", who=WHO)
    assert AccessAttempt.objects.get().username == "欧阳示例"
