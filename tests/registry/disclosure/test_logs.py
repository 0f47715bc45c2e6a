"""The pages 敏感信息查看记录 and 导出记录, and their files."""

import csv
import datetime
import io
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from registry.models import Disclosure, Organization, Receipt
from tests import factories
from tests.api import api

pytestmark = pytest.mark.django_db

LOOKS, RECEIPTS = "/admin/registry/disclosure/", "/admin/registry/receipt/"


@pytest.fixture
def of(reference: None) -> Organization:
    return factories.enterprise()


def session(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


def listed(client: Client, path: str) -> list[Any]:
    answer: Any = client.get(path)
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


def test_auditor_sees_who_saw_what_of_the_last_30_days(of: Organization) -> None:
    clerk, other = factories.with_role("录入员", username="jia"), factories.with_role("审核员", username="yi")
    with time_machine.travel(timezone.now() - datetime.timedelta(days=40)):
        old = factories.disclosure(of, clerk, at=timezone.now())
    first = factories.disclosure(of, clerk, reason="urge")
    second = factories.disclosure(of, other)
    auditor = session(factories.with_role("审计员"))
    assert listed(auditor, LOOKS) == [second.pk, first.pk]
    assert listed(auditor, f"{LOOKS}?since=") == [second.pk, first.pk, old.pk]
    assert listed(auditor, f"{LOOKS}?person=jia") == [first.pk]
    assert listed(auditor, f"{LOOKS}?reason=verify") == [second.pk]
    assert listed(auditor, f"{LOOKS}?since=&until={timezone.localdate(old.at)}") == [old.pk]
    assert listed(auditor, f"{LOOKS}?q={of.registry_no}") == [second.pk, first.pk]
    shown = auditor.get(LOOKS).content.decode()
    for text in (of.registry_no, str(of), "催报", "核实", "jia", "敏感信息查看记录"):
        assert text in shown


def test_log_of_looks_is_a_file_with_the_filters_of_the_page(of: Organization) -> None:
    clerk = factories.with_role("录入员", username="jia")
    factories.disclosure(of, clerk, reason="urge", member_no="test/M0001")
    factories.disclosure(of, factories.with_role("审核员"))
    with time_machine.travel(timezone.now() - datetime.timedelta(days=40)):
        factories.disclosure(of, clerk, at=timezone.now())
    auditor = session(factories.with_role("审计员"))
    page: Any = auditor.get(f"{LOOKS}?person=jia")
    (url,) = [url for _label, url in page.context["exports"] if "format=csv" in url]
    content = b"".join(auditor.get(url).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    (row,) = csv.DictReader(io.StringIO(content))
    assert (row["名录编号"], row["账号"], row["原因"], row["途径"]) == (of.registry_no, "jia", "催报", "网页")
    assert Receipt.objects.get().path == "/api/v1/disclosures/"


def test_receipts_are_seen_by_the_auditor_and_each_by_who_exported(of: Organization) -> None:
    clerk = factories.with_role("录入员")
    b"".join(session(clerk).get("/api/v1/organizations/?format=csv&sector=robots&lang=zh").streaming_content)  # type: ignore[attr-defined]
    own = Receipt.objects.get()
    other = factories.receipt(factories.with_role("审核员"), title="别的")
    auditor = session(factories.with_role("审计员"))
    assert listed(auditor, RECEIPTS) == [other.pk, own.pk]
    assert listed(auditor, f"{RECEIPTS}?q={own.number}") == [own.pk]
    assert listed(auditor, f"{RECEIPTS}?q={own.sha256}") == [own.pk]
    assert listed(auditor, f"{RECEIPTS}?state=complete") == [own.pk]
    shown = auditor.get(f"{RECEIPTS}{own.pk}/change/").content.decode()
    for text in (own.sha256, "sector=robots", own.number, "名录编号"):
        assert text in shown
    assert listed(session(clerk), RECEIPTS) == [own.pk]
    assert session(clerk).get(f"{RECEIPTS}{other.pk}/change/").status_code == 302
    assert session(clerk).get(f"{RECEIPTS}{own.pk}/change/").status_code == 200


def test_logs_are_lists_of_the_api_for_the_auditor(of: Organization) -> None:
    receipt = factories.receipt(purpose="urge", recipient="虚构科", query="search=%E8%99%9A")
    factories.disclosure(of, receipt=receipt)
    client = api(user=factories.with_role("审计员"))
    (look,) = client.rows("disclosures/")
    assert (look["receipt"], look["recipient"], look["reason"]) == (receipt.number, "虚构科", "verify")
    (row,) = client.rows("receipts/", full_numbers="false")
    assert (row["number"], row["query"], row["state"]) == (receipt.number, "search=虚", "started")
    assert client.rows("receipts/", until="0001-01-01") == []
    assert client.rows("disclosures/", since="9999-12-31") == []


def test_nobody_changes_an_entry_on_a_page(of: Organization) -> None:
    entry = factories.disclosure(of)
    client = session(factories.superuser())
    for page in (f"{LOOKS}add/", f"{LOOKS}{entry.pk}/delete/"):
        assert client.post(page).status_code == 403
    assert client.post(f"{LOOKS}{entry.pk}/change/", {"reason": "other"}).status_code == 403
    assert Disclosure.objects.get().reason == "verify"
