"""Attachments of applications by the API: list, download and upload, with the rights and states of the pages."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from alliance.models import Application
from registry.attachments import holders
from registry.attachments.api import AttachmentsMixin
from registry.models import Attachment, Disclosure, KeptAnswer, Receipt
from tests import factories
from tests.api import Api, api, ok, pointers, problem
from tests.registry.attachments.files import JPEG, PDF, PNG, upload

pytestmark = pytest.mark.django_db
CANARY = b"13900007531"
SCAN = PDF.replace(b"/Catalog", b"/Catalog(" + CANARY + b")")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def application(reference: None) -> Application:
    return factories.application(factories.alliance("test"))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def address(of: Application, key: object = None) -> str:
    return f"/api/v1/alliances/test/applications/{of.pk}/attachments/" + (f"{key}/" if key else "")


def send(client: Api, to: str, *sent: SimpleUploadedFile, headers: Any = None, **values: str) -> Any:
    return Client.post(client, to, {"file": [*sent], **values}, headers=headers)


def staff(role: str) -> Api:
    return api(user=factories.with_role(role))


def test_file_is_attached_listed_and_sent_as_it_was(application: Application, folder: Path) -> None:
    client, to = staff("秘书处"), address(application)
    assert ok(client.get(to))["results"] == []
    for name, content, kind in (("申请书 & 章.pdf", SCAN, "pdf"), ("IMG_1.JPG", JPEG, "jpeg"), ("章.png", PNG, "png")):
        answer = send(client, to, upload(name, content))
        made = ok(answer, 201)
        assert (made["name"], made["kind"], made["size"]) == (name, kind, len(content))
        assert answer["Location"] == made["url"]
        assert made["added_at"].endswith("+08:00")
        assert answer["ETag"] == client.get(f"/api/v1/alliances/test/applications/{application.pk}/")["ETag"]
        sent = client.get(made["url"])
        assert b"".join(sent.streaming_content) == content
        page = Client()
        page.force_login(factories.superuser())
        shown = page.get(reverse("admin:attachment", args=[made["key"]]))
        assert b"".join(shown.streaming_content) == content
        for header in ("Content-Type", "Content-Disposition", "Content-Length", "X-Content-Type-Options"):
            assert sent[header] == shown[header]
        assert sent["Cache-Control"] == "private, no-store"
    listed = ok(client.get(to))
    assert (listed["count"], [row["kind"] for row in listed["results"]]) == (3, ["pdf", "jpeg", "png"])
    assert listed["results"][2] == made
    assert {path.read_bytes() for path in files(folder)} == {SCAN, JPEG, PNG}


def test_download_has_its_receipt_and_the_look_is_logged(application: Application) -> None:
    made = ok(send(staff("秘书处"), address(application), upload("扫描.pdf", SCAN)), 201)
    assert not Receipt.objects.exists()
    reader = factories.with_role("审核员")
    client = api(user=reader, scope="read")
    assert client.head(made["url"]).status_code == 200
    assert not Receipt.objects.exists()
    answer = client.get(made["url"])
    b"".join(answer.streaming_content)
    receipt = Receipt.objects.get()
    assert answer["X-Receipt"] == receipt.number
    said = (receipt.user, receipt.channel, receipt.state, receipt.sha256, receipt.full_numbers)
    assert said == (reader, "api", "complete", hashlib.sha256(SCAN).hexdigest(), True)
    look = Disclosure.objects.get()
    assert (look.receipt, look.user, look.registry_no) == (receipt, reader, application.organization.registry_no)


def test_nobody_reads_a_file_without_both_rights(application: Application) -> None:
    made = ok(send(staff("秘书处"), address(application), upload("扫描.pdf", SCAN)), 201)
    one, to = address(application, made["key"]), address(application)
    for permissions, status in (
        ((), (403, 403)),
        (("registry.reveal_contact",), (403, 403)),
        (("alliance.view_alliance", "registry.view_organization", "registry.reveal_contact"), (403, 403)),
        (("alliance.view_alliance", "registry.view_organization", "alliance.view_application"), (200, 403)),
    ):
        client = api(*permissions)
        listed, sent = client.get(to), client.get(one)
        assert (listed.status_code, sent.status_code) == status, permissions
        assert CANARY not in sent.content
        if listed.status_code == 200:
            assert listed.json()["results"][0]["url"] is None
    assert not Receipt.objects.exists()
    assert Client().get(one).status_code == 401
    assert Client().get(one.replace("/api/", "/public/")).status_code == 404


def test_file_is_found_below_its_own_record_alone(application: Application) -> None:
    client = staff("秘书处")
    made = ok(send(client, address(application), upload()), 201)
    other = factories.application(application.alliance)
    assert client.get(address(other, made["key"])).status_code == 404
    elsewhere = address(application, made["key"]).replace("/test/", "/another/")
    factories.alliance("another")
    assert client.get(elsewhere).status_code == 404
    assert client.get(address(application, "0" * 8)).status_code == 404
    decision = factories.decision(factories.meeting(application.alliance))
    beside = f"/api/v1/alliances/test/decisions/{decision.pk}/attachments/{made['key']}/"
    assert api(user=factories.superuser()).get(beside).status_code == 404


def archive_in_a_document() -> bytes:
    book = io.BytesIO()
    book.write(PDF)
    with zipfile.ZipFile(book, "a") as archive:
        archive.writestr("run.js", "alert(1)")
        archive.comment = b"%%EOF"
    return book.getvalue()


BAD: dict[str, tuple[list[tuple[str, bytes]], int, str]] = {
    "21 MB": ([("scan.pdf", PDF[:20] + bytes(21 << 20) + PDF[20:])], 413, "20.0"),
    "a polyglot of page and document": ([("scan.pdf", b"<html><script>1</script>" + PDF)], 415, "no PDF"),
    "a polyglot of document and archive": ([("scan.pdf", archive_in_a_document())], 415, "an archive (ZIP) in one"),
    "a page called a document": ([("scan.pdf", b"<!doctype html><script>alert(1)</script>")], 415, "no PDF"),
    "a picture called a document": ([("scan.pdf", PNG)], 415, "let its name end in .png"),
    "an empty file": ([("scan.pdf", b"")], 400, "empty"),
    "half a file": ([("scan.pdf", PDF[:40])], 400, "cut off"),
    "two files": ([("a.pdf", PDF), ("b.pdf", PDF)], 400, "one only"),
    "a script in the name": ([("<img src=x onerror=alert(1)>.pdf", PDF)], 400, "Rename it"),
    "no file": ([], 400, "required"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_file_is_refused_with_nothing_stored(application: Application, folder: Path, what: str) -> None:
    given, status, told = BAD[what]
    client = staff("秘书处")
    for headers in ({}, {"Idempotency-Key": "one"}):
        answer = send(client, address(application), *(upload(*one) for one in given), headers=headers)
        document = problem(answer, status)
        assert pointers(document) == {"/file"}
        assert told in str(document["errors"])
    answer = send(client, address(application), upload(), reason="why")
    assert pointers(problem(answer, 400)) == {"/reason"}
    assert not Attachment.objects.exists()
    assert not KeptAnswer.objects.exists()
    assert files(folder) == []


def test_body_above_the_limit_of_uploads_is_a_problem(application: Application, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    answer = send(staff("秘书处"), address(application), upload("a.pdf", bytes(2000)))
    assert "20 MB" in problem(answer, 413, "body_too_large")["detail"]


def test_other_forms_of_body_are_refused(application: Application) -> None:
    client = staff("秘书处")
    for kind in ("application/json", "application/pdf", "application/x-www-form-urlencoded"):
        problem(client.generic("POST", address(application), PDF, kind), 415, "unsupported_media_type")
    page = Client()
    page.force_login(factories.with_role("秘书处"))
    broken = "multipart/form-data"  # without a boundary, by a session whose token is read from the form
    answer = Client.generic(page, "POST", address(application), b"x", broken)
    problem(answer, 400)


@pytest.mark.parametrize("state", ["submitted", "to_decide", "withdrawn"])
def test_closed_application_takes_no_file(application: Application, folder: Path, state: str) -> None:
    Application.objects.filter(pk=application.pk).update(state=state)
    problem(send(staff("秘书处"), address(application), upload()), 409, "conflict")
    assert not Attachment.objects.exists()
    assert files(folder) == []


def test_returned_application_takes_a_file_and_its_reader_none(application: Application, folder: Path) -> None:
    Application.objects.filter(pk=application.pk).update(state="returned", answer="缺章")
    assert send(staff("审计员"), address(application), upload()).status_code == 403
    reads = api(user=factories.with_role("秘书处"), scope="read")
    assert problem(send(reads, address(application), upload()), 403)["code"] == "permission_denied"
    assert files(folder) == []
    ok(send(staff("录入员"), address(application), upload()), 201)


def test_request_sent_again_attaches_once(application: Application, folder: Path) -> None:
    client, to = staff("秘书处"), address(application)
    key = {"Idempotency-Key": "scan-1"}
    first = ok(send(client, to, upload(), headers=key), 201)
    again = send(client, to, upload(), headers=key)  # with another boundary
    assert (ok(again, 201), again["Idempotency-Replayed"]) == (first, "true")
    problem(send(client, to, upload("other.pdf"), headers=key), 422, "key_reused")
    assert application.attachments.count() == len(files(folder)) == 1


def test_stale_state_is_refused_and_leaves_no_file(application: Application, folder: Path) -> None:
    client, to = staff("秘书处"), address(application)
    old = client.get(f"/api/v1/alliances/test/applications/{application.pk}/")["ETag"]
    ok(send(client, to, upload(), headers={"If-Match": old}), 201)
    problem(send(client, to, upload(), headers={"If-Match": old}), 412)
    assert len(files(folder)) == 1


def test_format_that_the_file_has_not_is_refused(application: Application) -> None:
    client = staff("秘书处")
    url = ok(send(client, address(application), upload()), 201)["url"]
    assert pointers(problem(client.get(url, {"format": "png"}), 400)) == {"format"}
    assert client.get(url, {"format": "pdf"}).status_code == 200
    problem(client.get(url, headers={"Accept": "image/png"}), 406)
    assert client.get(url, headers={"Accept": "application/pdf"}).status_code == 200


def test_file_that_is_gone_is_told(application: Application, folder: Path) -> None:
    client = staff("秘书处")
    url = ok(send(client, address(application), upload()), 201)["url"]
    files(folder)[0].unlink()
    assert "restore it from a backup" in problem(client.get(url), 404)["detail"]
    assert not Receipt.objects.exists()


def test_disk_that_takes_nothing_is_told(application: Application, folder: Path) -> None:
    folder.write_text("no folder")
    answer = send(staff("秘书处"), address(application), upload())
    assert "could not be stored" in problem(answer, 503, "unavailable")["detail"]
    assert not Attachment.objects.exists()


def test_every_table_with_attachments_has_them_in_the_api() -> None:
    served = {view.queryset.model for view in AttachmentsMixin.__subclasses__()}  # type: ignore[attr-defined]
    assert served == {holder.model for holder in holders._holders}
