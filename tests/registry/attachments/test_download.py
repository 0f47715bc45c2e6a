"""Opening an attachment: by a record that the account may see, as a download, with a receipt."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry.attachments import holders, storage
from registry.attachments.holders import Holder
from registry.models import Attachment, Receipt
from tests import factories
from tests.registry.attachments.files import PDF, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def attachment(settings: Any, tmp_path: Path) -> Attachment:
    settings.MEDIA_ROOT = tmp_path
    with storage.keeping(None) as keep:
        return keep(upload("申请书 & 章.pdf"))


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Attachments hold themselves here, for whoever may see receipts."""
    opened: list[Any] = []

    def log(request: Any, record: Any, receipt: Receipt) -> None:
        opened.append((record, receipt))

    monkeypatch.setattr(holders, "_holders", [Holder(Attachment, "pk", ("registry.view_receipt",), opened=log)])
    return opened


def address(key: uuid.UUID) -> str:
    return reverse("admin:attachment", args=[key])


def test_download_is_a_download_whatever_it_holds_and_has_a_receipt(attachment: Attachment, held: list[Any]) -> None:
    client = Client()
    client.force_login(user := factories.user("registry.view_receipt"))
    answer = client.get(address(attachment.key))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E7%94%B3")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    receipt = Receipt.objects.get()
    assert (receipt.user, receipt.state, receipt.sha256) == (user, "complete", attachment.sha256)
    assert held == [(attachment, receipt)]


def test_nobody_opens_what_no_record_of_theirs_holds(attachment: Attachment, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.force_login(factories.user("registry.view_receipt"))
    monkeypatch.setattr(holders, "_holders", [])
    assert client.get(address(attachment.key)).status_code == 403
    monkeypatch.setattr(holders, "_holders", [Holder(Attachment, "pk", ("registry.view_disclosure",))])
    assert client.get(address(attachment.key)).status_code == 403
    assert client.get(address(uuid.uuid4())).status_code == 404
    assert Client().get(address(attachment.key)).status_code == 302
    assert not Receipt.objects.exists()


def test_file_that_is_gone_is_said(attachment: Attachment, held: list[Any]) -> None:
    client = Client()
    client.force_login(factories.user("registry.view_receipt"))
    attachment.path.unlink()
    answer = client.get(address(attachment.key))
    assert answer.status_code == 404
    assert "请从备份中恢复" in answer.text
