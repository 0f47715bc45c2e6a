"""Numbers are masked everywhere, shown in full only to who may and says why, and every look is logged."""

import csv
import io
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client

from alliance.models import Member, Representative
from registry.models import Contact, Disclosure, ImportBatch, Organization
from tests import factories
from tests.api import Api, api, ok, pointers, problem
from tests.pages import errors, form_data

pytestmark = pytest.mark.django_db

PHONE, EMAIL = "13800001234", "zhangsan@example.com"
MASKED, MASKED_EMAIL = "138****1234", "z***@example.com"
OTHER = "13899991234"
"""Looks like PHONE when it is masked."""


@pytest.fixture
def of(reference: None) -> Organization:
    made = factories.enterprise()
    factories.tag(made)
    factories.contact(made, phone=PHONE, email=EMAIL)
    return made


@pytest.fixture
def member(of: Organization) -> Member:
    made = factories.member(factories.alliance("test"), of)
    factories.membership(made)
    factories.representative(made, role="liaison", phone=PHONE, email=EMAIL)
    return made


def session(role: str) -> Client:
    client = Client()
    client.force_login(factories.with_role(role))
    client.cookies["django_language"] = "zh-hans"
    return client


def program(role: str) -> Api:
    return api(user=factories.with_role(role))


def page(of: Organization) -> str:
    return f"/admin/registry/enterprise/{of.pk}/"


def form(of: Organization) -> str:
    return f"/admin/registry/enterprise/{of.pk}/change/"


def opened_in_full(client: Client, of: Organization) -> Any:
    """Return the form with full numbers, which is the next page after the look."""
    assert client.post(reveal(of), {"reason": "verify"})["Location"].startswith(page(of))
    return client.get(form(of))


def reveal(of: Organization) -> str:
    return f"/admin/registry/enterprise/{of.pk}/reveal/"


def looks() -> list[tuple[Any, ...]]:
    return [*Disclosure.objects.order_by("pk").values_list("registry_no", "what", "reason", "channel")]


# --- Pages


def test_page_shows_numbers_masked_and_once_in_full_after_a_reason(of: Organization) -> None:
    client = session("录入员")
    shown = client.get(page(of)).content.decode()
    assert MASKED in shown
    assert MASKED_EMAIL in shown
    assert PHONE not in shown
    assert EMAIL not in shown
    assert 'name="reason" value="verify"' in shown
    answer = client.post(reveal(of), {"reason": "urge"})
    assert answer.status_code == 302
    shown = client.get(answer["Location"]).content.decode()
    assert PHONE in shown
    assert EMAIL in shown
    assert PHONE not in client.get(page(of)).content.decode(), "loaded again it is masked again"
    assert looks() == [(of.registry_no, "contacts", "urge", "page")]
    assert "显示（催报）" in client.get(page(of)).content.decode(), "the reason is kept for the session"
    client.get(client.post(reveal(of))["Location"])
    assert [reason for _no, _what, reason, _way in looks()] == ["urge", "urge"]


def test_a_look_without_a_reason_shows_and_logs_nothing(of: Organization) -> None:
    client = session("录入员")
    for reason in ({}, {"reason": "curiosity"}):
        answer = client.post(reveal(of), reason, follow=True)
        assert PHONE not in answer.content.decode()
    assert looks() == []


def test_a_look_at_one_record_shows_no_other(of: Organization) -> None:
    second = factories.enterprise()
    factories.contact(second, phone=OTHER)
    client = session("录入员")
    client.post(reveal(of), {"reason": "verify"})
    assert OTHER not in client.get(page(second)).content.decode()
    assert PHONE not in client.get(page(of)).content.decode(), "it was given up with the other page"


@pytest.mark.parametrize("role", ["审计员", "查询员", "秘书处", "系统管理员"])
def test_who_may_not_see_numbers_cannot_reveal_them(of: Organization, role: str) -> None:
    client = session(role)
    assert client.post(reveal(of), {"reason": "verify"}).status_code == 403
    shown = client.get(page(of)).content.decode()
    assert PHONE not in shown
    assert 'id="reveal"' not in shown
    assert (MASKED in shown) == (role == "审计员"), "the auditor sees that there is a contact"
    assert looks() == []


def test_representatives_are_masked_and_revealed_like_contacts(member: Member) -> None:
    client = session("秘书处")
    address = f"/admin/alliance/member/{member.pk}"
    assert PHONE not in client.get(f"{address}/change/").content.decode()
    shown = client.get(client.post(f"{address}/reveal/", {"reason": "meeting"})["Location"]).content.decode()
    assert PHONE in shown
    assert EMAIL in shown
    (look,) = Disclosure.objects.all()
    assert (look.what, look.member_no) == ("representatives", f"test/{member.member_no}")


def test_masked_value_sent_back_keeps_the_stored_one_and_a_new_one_replaces_it(of: Organization) -> None:
    client = session("录入员")
    data = form_data(client.get(form(of)))
    assert data["contacts-0-phone"] == MASKED
    answer = client.post(form(of), data | {"contacts-0-title": "经理"})
    assert answer.status_code == 302, errors(answer)
    contact = Contact.objects.get()
    assert (contact.phone, contact.email, contact.title) == (PHONE, EMAIL, "经理")
    data = form_data(client.get(form(of)))
    assert client.post(form(of), data | {"contacts-0-phone": OTHER, "contacts-0-email": ""}).status_code == 302
    contact.refresh_from_db()
    assert (contact.phone, contact.email) == (OTHER, "")


def test_a_masked_value_of_somebody_else_is_refused(of: Organization) -> None:
    client = session("录入员")
    data = form_data(client.get(form(of))) | {"contacts-0-phone": "139****0000"}
    assert "contacts-0-phone" in errors(client.post(form(of), data))


def test_page_that_was_revealed_saves_like_any_other(of: Organization) -> None:
    client = session("录入员")
    data = form_data(opened_in_full(client, of))
    assert data["contacts-0-phone"] == PHONE
    assert client.post(form(of), data | {"contacts-0-title": "经理"}).status_code == 302
    assert Contact.objects.get().phone == PHONE


def test_page_with_an_error_shows_no_more_than_was_typed(of: Organization) -> None:
    client = session("录入员")
    data = form_data(opened_in_full(client, of))
    shown = client.post(form(of), data | {"name_zh": "", "name_en": ""}).content.decode()
    assert PHONE not in shown
    assert MASKED in shown


@pytest.mark.parametrize("full", [False, True])
def test_number_that_another_person_changed_meanwhile_stays_changed(of: Organization, full: bool) -> None:
    me = session("录入员")
    opened = form_data(opened_in_full(me, of) if full else me.get(form(of)))
    Contact.objects.update(phone=OTHER)
    answer = me.post(form(of), opened | {"contacts-0-title": "经理"})
    assert answer.status_code == 200
    assert OTHER not in answer.content.decode()
    assert not answer.context["contests"]
    assert me.post(form(of), form_data(answer)).status_code == 302
    contact = Contact.objects.get()
    assert (contact.phone, contact.title) == (OTHER, "经理")


@pytest.mark.parametrize("full", [False, True])
def test_number_that_both_changed_is_asked_for(of: Organization, full: bool) -> None:
    me = session("录入员")
    opened = form_data(opened_in_full(me, of) if full else me.get(form(of)))
    Contact.objects.update(phone=OTHER)
    answer = me.post(form(of), opened | {"contacts-0-phone": "13800005678"})
    (contest,) = answer.context["contests"]
    assert (contest.mine, contest.theirs) == ("13800005678", MASKED)
    assert me.post(form(of), form_data(answer) | {contest.choice: "mine"}).status_code == 302
    assert Contact.objects.get().phone == "13800005678"


def test_contact_that_was_imported_masked_can_be_saved(of: Organization) -> None:
    Contact.objects.update(phone="139****0000")
    client = session("录入员")
    answer = client.post(form(of), form_data(client.get(form(of))) | {"contacts-0-title": "经理"})
    assert answer.status_code == 302, errors(answer)
    assert Contact.objects.get().phone == "139****0000"


def test_history_shows_numbers_masked(of: Organization, member: Member) -> None:
    Contact.objects.update(phone=OTHER)
    Representative.objects.update(phone=OTHER)
    shown = session("审核员").get(f"/admin/registry/enterprise/{of.pk}/history/").content.decode()
    assert MASKED in shown
    assert PHONE not in shown
    assert OTHER not in shown
    shown = session("秘书处").get(f"/admin/alliance/member/{member.pk}/history/").content.decode()
    assert MASKED in shown
    assert PHONE not in shown
    assert OTHER not in shown
    events = program("审核员").get(f"organizations/{of.registry_no}/history/").content.decode()
    assert MASKED in events
    assert PHONE not in events
    assert OTHER not in events


# --- API


def test_api_masks_numbers_until_a_reason_is_given(of: Organization) -> None:
    client = program("录入员")
    contacts = f"organizations/{of.registry_no}/contacts/"
    (row,) = client.rows(contacts)
    assert (row["phone"], row["email"]) == (MASKED, MASKED_EMAIL)
    paths = [contacts, f"{contacts}{row['id']}/", f"organizations/{of.registry_no}/"]
    paths += ["organizations/?fields=contact_phone", "organizations/changes/?fields=registry_no,contact_phone"]
    with psycopg.connect(**connection.get_connection_params()) as other:
        # The feed of changes ends where the latest transaction has ended: ours is within it once another has.
        other.execute("SELECT pg_current_xact_id()")
    for path in paths:
        plain = client.get(path).content.decode()
        assert MASKED in plain, path
        assert PHONE not in plain, path
        before = Disclosure.objects.count()
        full = ok(client.get(f"{path}{'&' if '?' in path else '?'}reveal=verify"))
        assert PHONE in str(full), path
        assert Disclosure.objects.count() == before + 1, path
    assert {*looks()} == {(of.registry_no, "contacts", "verify", "api")}
    assert Disclosure.objects.exclude(token="").count() == len(paths)


def test_wrong_reason_is_refused_and_a_parameter_unknown_to_those_without_contacts(of: Organization) -> None:
    path = f"organizations/{of.registry_no}/?reveal="
    assert pointers(problem(program("录入员").get(f"{path}why"), 400)) == {"reveal"}
    problem(program("审计员").get(f"{path}verify"), 403)
    assert pointers(problem(program("查询员").get(f"{path}verify"), 400)) == {"reveal"}
    assert looks() == []


def test_masked_value_sent_back_through_the_api_keeps_the_stored_one(of: Organization) -> None:
    client = program("录入员")
    path = f"organizations/{of.registry_no}/contacts/{Contact.objects.get().pk}/"
    shown = ok(client.get(path))
    changed = {name: shown[name] for name in ("role", "name", "phone", "email")} | {"title": "经理"}
    ok(client.patch(path, changed))
    contact = Contact.objects.get()
    assert (contact.phone, contact.email, contact.title) == (PHONE, EMAIL, "经理")
    problem(client.patch(path, {"phone": "139****0000"}), 400)
    ok(client.patch(path, {"phone": OTHER}))
    contact.refresh_from_db()
    assert contact.phone == OTHER


def test_etag_is_the_same_masked_and_in_full_and_tells_every_change(of: Organization) -> None:
    client = program("录入员")
    path = f"organizations/{of.registry_no}/contacts/{Contact.objects.get().pk}/"
    masked, full = client.get(path)["ETag"], client.get(f"{path}?reveal=verify")["ETag"]
    assert masked == full
    Contact.objects.update(phone=OTHER)
    assert client.get(path)["ETag"] != masked, "although it looks the same"


def test_file_has_full_numbers_for_a_purpose_and_a_recipient_only(of: Organization) -> None:
    client = program("录入员")

    def phone(query: str) -> str:
        answer = client.get(f"organizations/?format=csv&lang=zh{query}")
        (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
        return row["联系电话"]

    assert phone("") == MASKED
    assert phone("&purpose=催缴年报&recipient=虚构科") == PHONE
    path = "organizations/?format=csv"
    assert pointers(problem(client.get(f"{path}&purpose=verify"), 400)) == {"recipient"}
    assert pointers(problem(client.get(f"{path}&recipient=verify"), 400)) == {"purpose"}
    assert pointers(problem(client.get(f"{path}&reveal=verify"), 400)) == {"reveal"}
    problem(program("审计员").get(f"{path}&purpose=x&recipient=y"), 403)
    assert pointers(problem(program("查询员").get(f"{path}&purpose=x&recipient=y"), 400)) == {"purpose", "recipient"}


# --- The log


def test_log_can_be_neither_changed_nor_deleted(of: Organization) -> None:
    session("录入员").post(reveal(of), {"reason": "verify"})
    for change in (lambda: Disclosure.objects.update(reason="other"), lambda: Disclosure.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert looks() == [(of.registry_no, "contacts", "verify", "page")]


# --- Imports


def test_preview_masks_what_is_stored_and_shows_what_the_own_file_says(of: Organization) -> None:
    user = factories.with_role("录入员")
    clerk = Client()
    clerk.force_login(user)
    text = f"统一社会信用代码,联系电话\n{of.uscc},{OTHER}\n".encode()
    upload = SimpleUploadedFile("名单.csv", text)
    page = clerk.post("/admin/imports/", {"table": "organizations", "file": upload}, follow=True)
    batch = ImportBatch.objects.get()
    if batch.examined_at is None:
        page = clerk.post(f"/admin/imports/{batch.pk}/examine/", follow=True)
    page = clerk.get(f"/admin/imports/{batch.pk}/?outcome=all")
    shown = page.content.decode()
    assert OTHER in shown
    assert MASKED in shown
    assert PHONE not in shown
    auditor = session("审计员").get(f"/admin/imports/{batch.pk}/?outcome=all").content.decode()
    assert MASKED in auditor
    assert OTHER not in auditor
    assert PHONE not in auditor
