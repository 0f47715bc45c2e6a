"""Every exported file has a receipt that says what it is, by whom, and what its bytes are."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from alliance.models import Alliance
from registry.models import Contact, Disclosure, Organization, Receipt
from tests import factories
from tests.api import Api, api, public

pytestmark = pytest.mark.django_db

PHONE = "13800001234"
MASKED = "138****1234"


@pytest.fixture
def of(reference: None) -> Organization:
    made = factories.enterprise(published=True)
    factories.tag(made)
    factories.contact(made, phone=PHONE)
    member = factories.member(factories.alliance("test"), made)
    factories.membership(member)
    factories.representative(member, role="liaison", phone=PHONE)
    return made


def program(role: str) -> Api:
    return api(user=factories.with_role(role))


def download(client: Client, path: str) -> tuple[Any, bytes]:
    answer: Any = client.get(path)
    assert answer.status_code == 200, answer.content
    return answer, b"".join(answer.streaming_content)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_receipt_has_the_digest_rows_and_question_of_the_file(of: Organization, kind: str) -> None:
    user = factories.with_role("录入员")
    client = api(user=user)
    answer, content = download(client, f"organizations/?format={kind}&sector=robots&fields=registry_no,contact_phone")
    (receipt,) = Receipt.objects.all()
    assert answer["X-Receipt"] == receipt.number
    assert (receipt.sha256, receipt.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (receipt.state, receipt.rows, receipt.format, receipt.user) == ("complete", 1, kind, user)
    assert (receipt.path, receipt.channel) == ("/api/v1/organizations/", "api")
    assert "sector=robots" in receipt.query
    assert len(receipt.columns) == 2
    assert receipt.token
    assert not receipt.full_numbers
    if kind == "csv":
        assert receipt.number in answer["Content-Disposition"]
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            assert receipt.number in book.read("docProps/core.xml").decode()


def test_file_with_full_numbers_says_for_whom_and_carries_account_and_day(of: Organization) -> None:
    user = factories.with_role("录入员", last_name="虚构", first_name="甲")
    _answer, content = download(api(user=user), "organizations/?format=xlsx&purpose=urge&recipient=虚构科")
    (receipt,) = Receipt.objects.all()
    assert (receipt.purpose, receipt.recipient, receipt.full_numbers) == ("urge", "虚构科", True)
    (look,) = Disclosure.objects.all()
    assert (look.receipt, look.reason, look.user, look.what) == (receipt, "urge", user, "contacts")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert PHONE in sheet
    assert f"虚构甲 {timezone.localdate(receipt.started_at):%Y-%m-%d} {receipt.number}" in sheet


def test_internal_roster_is_masked_without_purpose_and_recipient(of: Organization) -> None:
    client = program("秘书处")
    roster = "alliances/test/members/?layout=roster&edition=internal&format=xlsx"
    shown = {}
    for query in ("", "&purpose=meeting&recipient=会务组"):
        _answer, content = download(client, roster + query)
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            everything = b"".join(map(book.read, book.namelist())).decode()
        shown[query] = PHONE in everything, MASKED in everything
        assert Receipt.objects.first().number in everything
    assert [*shown.values()] == [(False, True), (True, False)]
    (look,) = Disclosure.objects.all()
    assert (look.what, look.receipt.recipient) == ("representatives", "会务组")


def test_download_that_is_broken_off_is_told(of: Organization) -> None:
    answer: Any = program("查询员").get("organizations/?format=csv")
    first = next(iter(answer.streaming_content))
    for close in answer._resource_closers:
        close()
    (receipt,) = Receipt.objects.all()
    assert (receipt.state, receipt.size, receipt.sha256) == (
        "interrupted",
        len(first),
        hashlib.sha256(first).hexdigest(),
    )


def test_download_that_fails_is_told(of: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("registry.api.lists.files.Export.written", broken)
    client = program("查询员")
    client.raise_request_exception = False
    assert client.get("organizations/?format=csv").status_code == 500
    assert Receipt.objects.get().state == "failed"


def test_pages_of_lists_and_the_public_get_no_receipt(of: Organization) -> None:
    program("查询员").get("organizations/")
    head: Any = program("查询员").head("/api/v1/organizations/?format=csv")
    for close in head._resource_closers:
        close()
    answer = public().get("organizations/?format=csv")
    b"".join(answer.streaming_content)
    assert "X-Receipt" not in answer
    assert not Receipt.objects.exists()


def test_cross_table_has_a_receipt(of: Organization) -> None:
    _answer, content = download(program("查询员"), "organizations/crosstab/?format=csv")
    assert Receipt.objects.get().sha256 == hashlib.sha256(content).hexdigest()


def test_command_writes_masked_numbers_and_a_receipt(of: Organization, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    call_command("export_organizations", "-o", str(path))
    assert MASKED in path.read_text("utf-8-sig")
    call_command("export_organizations", "-o", str(path), "--purpose", "verify", "--recipient", "虚构科")
    assert PHONE in path.read_text("utf-8-sig")
    masked, full = Receipt.objects.order_by("pk")
    assert (masked.full_numbers, full.full_numbers, full.channel, full.user) == (False, True, "command", None)
    assert full.path == "manage.py export_organizations"
    assert full.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert Disclosure.objects.get().receipt == full


def test_masked_file_that_is_imported_again_changes_no_number(of: Organization, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    call_command("export_organizations", "-o", str(path))
    call_command("import_organizations", str(path), "--apply")
    assert Contact.objects.get().phone == PHONE
    assert Alliance.objects.exists()


def test_receipt_can_be_completed_once_and_never_changed_or_deleted(of: Organization) -> None:
    download(program("查询员"), "organizations/?format=csv")
    rows = Receipt.objects.all()
    for change in (
        lambda: rows.update(rows=0),
        lambda: rows.update(state="started"),
        lambda: rows.delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    begun = Receipt.objects.create(channel="api", path="/", format="csv", title="x", purpose="verify")
    with pytest.raises(DatabaseError), transaction.atomic():
        Receipt.objects.filter(pk=begun.pk).update(purpose="other")
    assert Receipt.objects.filter(pk=begun.pk).update(state="complete") == 1


# --- Workbooks of rounds


def unpacked(body: bytes) -> str:
    """All texts of a workbook, or of the workbooks in an archive."""
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "".join(unpacked(book.read(name)) for name in book.namelist())


@pytest.mark.parametrize("file", ["forms/", "unanswered/", "forms/?township=none"])
def test_workbook_of_a_round_is_masked_without_purpose_and_recipient(of: Organization, file: str) -> None:
    asking = factories.collection_round(of)
    address = f"/admin/registry/collectionround/{asking.pk}/{file}"
    client = Client()
    client.force_login(factories.with_role("录入员"))
    answer, content = download(client, address)
    masked = Receipt.objects.get()
    assert (PHONE in unpacked(content), MASKED in unpacked(content)) == (False, True)
    assert answer["X-Receipt"] == masked.number
    assert (masked.sha256, masked.rows, masked.channel) == (hashlib.sha256(content).hexdigest(), 1, "page")
    assert masked.number in unpacked(content)
    handed = {"purpose": "urge", "recipient": "虚构镇街"}
    _answer, content = download(client, f"{address}{'&' if '?' in address else '?'}purpose=urge&recipient=虚构镇街")
    assert PHONE in unpacked(content)
    (look,) = Disclosure.objects.all()
    assert (look.reason, look.receipt.recipient) == tuple(handed.values())
    refused = client.get(f"{address}{'&' if '?' in address else '?'}purpose=urge")
    assert refused.status_code == 302, "the page of the round says what is missing"
    assert Receipt.objects.count() == 2


def test_auditor_gets_workbooks_of_rounds_masked_only(of: Organization) -> None:
    address = f"/admin/registry/collectionround/{factories.collection_round(of).pk}/unanswered/"
    client = Client()
    client.force_login(factories.with_role("审计员"))
    _answer, content = download(client, address)
    assert PHONE not in unpacked(content)
    assert client.get(f"{address}?purpose=urge&recipient=x").status_code == 403
    assert not Disclosure.objects.exists()
