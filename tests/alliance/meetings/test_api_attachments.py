"""The document of a decision by the API: attached as a correction, with the rights and states of its page."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alliance.models import Application, Decision
from registry.models import Attachment, Receipt
from tests import factories
from tests.api import Api, api, ok, pointers, problem
from tests.registry.attachments.files import PDF, PNG, upload

pytestmark = pytest.mark.django_db
REASON = "补交签字的决议"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def decision(reference: None) -> Decision:
    return factories.decision(factories.meeting(factories.alliance("test")))


def address(of: Decision) -> str:
    return f"/api/v1/alliances/test/decisions/{of.pk}/attachments/"


def send(client: Api, of: Decision, *sent: Any, **values: str) -> Any:
    return Client.post(client, address(of), {"file": [*sent], **values})


def test_document_is_attached_with_a_reason_and_replaced(decision: Decision) -> None:
    client = api(user=factories.with_role("秘书长"))
    assert ok(client.get(address(decision)))["count"] == 0
    assert pointers(problem(send(client, decision, upload()), 400)) == {"/reason"}
    first = ok(send(client, decision, upload("决议.pdf"), reason=REASON), 201)
    sent = client.get(first["url"])
    assert b"".join(sent.streaming_content) == PDF
    assert (Receipt.objects.get().full_numbers, sent["Content-Type"]) == (False, "application/pdf")
    second = ok(send(client, decision, upload("决议.png", PNG), reason="扫描件更清晰"), 201)
    assert ok(client.get(address(decision)))["results"] == [second]
    assert client.get(first["url"]).status_code == 404
    decision.refresh_from_db()
    assert decision.document is not None
    assert str(decision.document.key) == second["key"]


def test_who_records_no_decisions_attaches_nothing(decision: Decision, folder: Path) -> None:
    made = ok(send(api(user=factories.with_role("秘书长")), decision, upload(), reason=REASON), 201)
    reader = api(user=factories.with_role("秘书处"))
    assert reader.get(made["url"]).status_code == 200
    assert send(reader, decision, upload(), reason=REASON).status_code == 403
    assert api(user=factories.with_role("录入员")).get(made["url"]).status_code == 403
    assert Attachment.objects.count() == 1


def test_decision_that_has_taken_effect_takes_a_document_once(decision: Decision, folder: Path) -> None:
    factories.application(decision.alliance, state="rejected", decision=decision, answer="不符合条件")
    client = api(user=factories.with_role("秘书长"))
    made = ok(send(client, decision, upload("纪要.pdf"), reason=REASON), 201)
    decision.refresh_from_db()
    assert decision.document is not None
    assert str(decision.document.key) == made["key"]
    answer = problem(send(client, decision, upload("另一份.pdf"), reason=REASON), 409, "conflict")
    assert "has taken effect" in answer["detail"]
    assert "document that it has stays" in answer["detail"]
    assert Attachment.objects.count() == 1
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1


def test_signed_document_is_added_on_the_page_after_the_effect(decision: Decision, folder: Path) -> None:
    factories.application(decision.alliance, state="rejected", decision=decision, answer="不符合条件")
    client = Client()
    client.force_login(factories.with_role("秘书长"))
    page, correct = (f"/admin/alliance/decision/{decision.pk}/{name}/" for name in ("change", "correct"))
    assert "补充签字文件" in client.get(page).content.decode()
    form = client.get(correct).content.decode()
    assert 'name="document"' in form
    assert 'name="subject"' not in form
    empty = client.post(correct, {"reason": REASON})
    assert empty.status_code == 200
    assert client.post(correct, {"reason": REASON, "document": upload("纪要.pdf")}).status_code == 302
    shown = client.get(page).content.decode()
    assert "纪要.pdf" in shown
    assert "补充签字文件" not in shown
    again = client.post(correct, {"reason": REASON, "document": upload("另一份.pdf")}).content.decode()
    assert "已附的文件不能替换" in again
    assert Attachment.objects.count() == 1


def test_unsigned_document_is_replaced_until_something_holds(decision: Decision, folder: Path) -> None:
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    client = Client()
    client.force_login(factories.with_role("秘书长"))
    program = api(user=factories.with_role("秘书长"))
    page, correct = (f"/admin/alliance/decision/{decision.pk}/{name}/" for name in ("change", "correct"))
    one = factories.application(decision.alliance, state="to_decide", decision=decision, effective_on=tomorrow)
    ok(send(program, decision, upload("未签字.pdf"), reason=REASON), 201)
    assert "更换文件" in client.get(page).text
    assert "以本决议为据、尚未生效的事项" in client.get(page).text
    shown = client.get(correct).text
    assert "生效前可将已附的文件更换为签字件" in shown
    assert 'name="subject"' not in shown
    assert client.post(correct, {"reason": REASON, "document": upload("签字.pdf")}).status_code == 302
    Application.objects.filter(pk=one.pk).update(state="passed")
    ok(send(program, decision, upload("再签.pdf"), reason=REASON), 201)
    history = client.get(f"/admin/alliance/decision/{decision.pk}/history/").text
    assert "未签字.pdf" in history
    assert "签字.pdf" in history
    Application.objects.filter(pk=one.pk).update(effective_on=timezone.localdate())
    assert "更换文件" not in client.get(page).text
    problem(send(program, decision, upload("太晚.pdf"), reason=REASON), 409, "conflict")
    refused = client.post(correct, {"reason": REASON, "document": upload("太晚.pdf")}).text
    assert "已附的文件不能替换" in refused
    assert Attachment.objects.count() == 3


@pytest.mark.parametrize("name", ["a.pdf", "a.png"])
def test_page_called_a_document_is_refused(decision: Decision, folder: Path, name: str) -> None:
    client = api(user=factories.with_role("秘书长"))
    page = upload(name, b"<!doctype html><script>alert(1)</script>")
    problem(send(client, decision, page, reason=REASON), 415)
    assert not Attachment.objects.exists()
