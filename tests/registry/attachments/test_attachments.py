"""Attached files: what they are is read from their content, and what is refused leaves nothing behind."""

import hashlib
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import translation

from registry.attachments import storage
from registry.attachments.fields import AttachmentField, AttachmentsField
from registry.models import Attachment
from tests import factories
from tests.registry.attachments.files import JPEG, PDF, PNG, upload

pytestmark = pytest.mark.django_db
REFUSED = {
    "a program": ("营业执照.pdf", b"MZ\x90\x00" + bytes(500), "不是 PDF", "is no PDF"),
    "a page": ("scan.pdf", b"<html><script>alert(1)</script>%PDF-1.4 %%EOF", "不是 PDF", "is no PDF"),
    "a workbook": ("申请书.pdf", b"PK\x03\x04" + bytes(500), "不是 PDF", "is no PDF"),
    "a picture called otherwise": ("申请书.pdf", PNG, "扩展名改为 .png", "end in .png"),
    "half a document": ("申请书.pdf", PDF[:40], "不完整", "is cut off"),
    "half a picture": ("章.png", PNG[:-20], "不完整", "is cut off"),
    "a script in the name": ("<img src=x onerror=alert(1)>.pdf", PDF, "< >", "Rename it"),
    "another direction": ("申请\u202egpj.pdf", PDF, "U+202E", "U+202E"),
    "a long name": ("长" * 197 + ".pdf", PDF, "201", "201"),
}


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("name", "content", "zh", "en"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_refused_is_said_in_both_languages_and_leaves_nothing(
    folder: Path, name: str, content: bytes, zh: str, en: str
) -> None:
    for language, said in (("zh-hans", zh), ("en", en)):
        with translation.override(language):
            for clean in (AttachmentField().clean, lambda file: AttachmentsField().clean([file])):
                with pytest.raises(ValidationError) as refused:
                    clean(upload(name, content))
                assert said in refused.value.messages[0]
    with pytest.raises(ValidationError), storage.keeping(None) as keep:
        keep(upload(name, content))
    assert not Attachment.objects.exists()
    assert files(folder) == []


def test_file_above_the_limit_is_refused(settings: Any, folder: Path) -> None:
    settings.ATTACHMENT_MAX_BYTES = len(PDF) - 1
    with pytest.raises(ValidationError, match="附件不能超过"):
        AttachmentField().clean(upload())
    settings.ATTACHMENT_MAX_BYTES += 1
    assert AttachmentField().clean(upload()).name == "入会申请书.pdf"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [("入会申请书（盖章）.pdf", PDF, "pdf"), ("IMG_1.JPG", JPEG, "jpeg"), ("章.png", PNG, "png")],
)
def test_kept_file_lies_under_its_key_for_its_owner_alone(folder: Path, name: str, content: bytes, kind: str) -> None:
    user = factories.user()
    with storage.keeping(user) as keep:
        made = keep(upload(name, content))
    made.refresh_from_db()
    said = (made.name, made.kind, made.size, made.sha256, made.added_by)
    assert said == (name, kind, len(content), hashlib.sha256(content).hexdigest(), user)
    assert files(folder) == [made.path] == [folder / "attachments" / made.key.hex[:2] / made.key.hex]
    assert made.path.read_bytes() == content
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600


def test_failed_transaction_takes_the_files_along(folder: Path) -> None:
    def both() -> None:
        with storage.keeping(None) as keep:
            keep(upload())
            assert len(files(folder)) == 1
            keep(upload("second.pdf", b"MZ" + bytes(99)))

    with pytest.raises(ValidationError, match="不是 PDF"):
        both()
    assert not Attachment.objects.exists()
    assert files(folder) == []


def test_disk_that_takes_nothing_is_told(folder: Path) -> None:
    folder.write_text("no folder")
    with pytest.raises(ValidationError, match="文件无法保存"), storage.keeping(None) as keep:
        keep(upload())
    assert not Attachment.objects.exists()


def test_content_is_never_exchanged_and_removal_takes_the_file(
    folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with storage.keeping(None) as keep:
        made = keep(upload())
    with pytest.raises(DatabaseError), transaction.atomic():
        Attachment.objects.update(sha256="0" * 64)
    with django_capture_on_commit_callbacks(execute=True):
        storage.remove(made)
    assert files(folder) == []
    assert not Attachment.objects.exists()


def test_several_files_and_none() -> None:
    assert len(AttachmentsField().clean([upload(), upload("b.png", PNG)])) == 2
    assert AttachmentsField(required=False).clean([]) == []
    with pytest.raises(ValidationError):
        AttachmentsField().clean([])
