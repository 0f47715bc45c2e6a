"""Nothing that is not public can be read from any page or file of the directory, nor told from a changed byte."""

import datetime
import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alliance.models import Alliance, Membership, Representative
from registry.directory import files
from registry.models import Organization, PublicChange
from registry.organizations.models.public_changes import VERIFICATION
from registry.organizations.models.published import PUBLIC_FIELDS
from tests import factories
from tests.api import ok, public
from tests.registry.directory.crawling import body, crawl

pytestmark = pytest.mark.django_db
SIGNED_RE = re.compile(rb'name="moment" value="[^"]*"')
"""The moment at which a form was shown."""
MADE_RE = re.compile(rb"D:\d{14}[^)]*|<xmp:\w+Date>[^<]*|<stEvt:when>[^<]*|<\w+:\w*ID>[^<]*|/ID\[[^\]]*\]")
"""When a PDF was made, and the numbers drawn from that."""
MOMENT_RE = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?Z?")
SECRETS = ("秘密甲", "0760-00009999", "secret@example.com", "76543", "未公开公司", "91442000X0000999")


@pytest.fixture
def world(reference: None, settings: Any, tmp_path: Path) -> tuple[Organization, Organization]:
    """A published member and one that is not, each with everything that nobody may see."""
    settings.DIRECTORY_FILES = tmp_path
    alliance, hidden = (
        factories.alliance("open"),
        factories.alliance("undisclosed", published=False, name_zh="秘密甲联盟"),
    )
    shown = factories.enterprise(
        name_zh="公开公司",
        published=True,
        township=factories.township(),
        remarks="秘密甲",
        source="秘密甲",
        verified_on=datetime.date(2024, 5, 6),
        verified_from="reply",
    )
    kept = factories.enterprise(name_zh="未公开公司", township=factories.township())
    for of in (shown, kept):
        member = factories.member(alliance, of)
        factories.membership(member, remarks="秘密甲")
        factories.representative(member, name="秘密甲", phone="0760-00009999")
        factories.membership(factories.member(hidden, of), tier=factories.tier(hidden, "secret", name_zh="秘密甲级"))
        factories.contact(of, name="秘密甲", phone="0760-00009999", email="secret@example.com")
        factories.figures(of, employees=76543, revenue=7654300)
        factories.tag(of, "robots.industrial", evidence="秘密甲")
        factories.qualification(of, certificate_no="秘密甲", issuer="秘密甲")
        factories.name(of, "秘密甲别名", kind="alias")
    files.rebuild()
    return shown, kept


def texts(answer: bytes) -> str:
    if answer.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer)) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    if answer.startswith(b"%PDF"):
        if not shutil.which("pdftotext"):
            return ""
        done = subprocess.run(["pdftotext", "-", "-"], input=answer, capture_output=True, check=True)
        return done.stdout.decode()
    return answer.decode()


def test_no_page_and_no_file_shows_what_is_not_public(world: tuple[Organization, Organization]) -> None:
    shown, kept = world
    found = crawl()
    assert f"/o/{shown.registry_no}/" in found
    assert {"/en/", "/s/robots.industrial/", "/t/442000118/", "/alliances/open/"} <= found.keys()
    assert {
        "/download/organizations.csv",
        "/download/organizations.xlsx",
        f"/o/{shown.registry_no}.json",
    } <= found.keys()
    for url, answer in found.items():
        said = texts(answer)
        for secret in (*SECRETS, kept.registry_no, kept.uscc or "", "undisclosed"):
            assert secret not in said, f"{secret} on {url}"
    assert "公开公司" in texts(found["/download/organizations.xlsx"])
    assert "公开公司" in texts(found["/download/organizations.csv"])


def test_what_was_never_public_is_not_told_from_what_never_was(world: tuple[Organization, Organization]) -> None:
    _shown, kept = world
    client = Client()
    for ending in ("/", ".json", ".csv", ".jsonld"):
        never, secret = client.get(f"/o/ZSAI-999999{ending}"), client.get(f"/o/{kept.registry_no}{ending}")
        assert (never.status_code, secret.status_code) == (404, 404)
        assert never.content == secret.content
        heads = [{k: v for k, v in one.headers.items() if k != "X-Request-ID"} for one in (never, secret)]
        assert heads[0] == heads[1]
    assert client.get("/alliances/undisclosed/").content == client.get("/alliances/nothing/").content
    assert client.get("/list/", {"search": "未公开公司"}).content.count(b'class="name"') == 0


def parts(book: bytes) -> dict[str, bytes]:
    """The parts of a workbook, without the moment at which it was made."""
    with zipfile.ZipFile(io.BytesIO(book)) as opened:
        return {name: MOMENT_RE.sub(b"", opened.read(name)) for name in opened.namelist()}


def answers(registry_no: str) -> dict[str, tuple[int, dict[str, str], bytes]]:
    """What the public API and the pictures answer, with the headers by which caches know an answer."""
    found = {}
    lists = ("organizations/", "enterprises/", "alliances/", "alliances/open/members/")
    urls = [f"/public/v1/{one}" for one in (*lists, "organizations/facets/", "plans/", "sectors/")]
    urls += [f"/public/v1/{one}?format=csv" for one in lists]
    urls += [
        f"/public/v1/organizations/?{query}"
        for query in ("ordering=-updated_at", "search=公司", "sector=robots", "updated_since=2020-01-01T00:00:00Z")
    ]
    urls += [f"/public/v1/organizations/{registry_no}/", "/public/v1/alliances/open/"]
    urls += [f"/public/v1/organizations/landscape/?format={form}" for form in ("json", "svg", "png", "pdf")]
    urls += [f"/public/v1/statistics/{one}" for one in ("counts/?by=sector", "counts/?by=township", "releases/")]
    urls += ["/statistics/", "/sitemap.xml", "/sitemap-1.xml"]
    urls += ["/alliances/open/", f"/o/{registry_no}/", f"/o/{registry_no}.json", "/landscape/"]
    for feed in ("organizations/changes/", "alliances/open/changes/"):
        urls += [f"/public/v1/{feed}", f"/public/v1/{feed}?since=now", f"/public/v1/{feed}?page_size=1"]
        cursor = ok(public().get(feed))["cursor"]
        found[feed] = 200, {}, json.dumps(ok(public().get(feed, {"since": cursor}))).encode()
    for url in urls:
        answer = Client().get(url)
        heads = {name: answer[name] for name in ("ETag", "Last-Modified") if name in answer}
        made = body(answer)
        found[url] = answer.status_code, heads, MADE_RE.sub(b"", made) if made.startswith(b"%PDF") else made
        assert answer.status_code == 200, url
    return found


def private_fields() -> dict[str, Any]:
    """Each field of organizations that nobody outside sees -> another value."""
    shown = {*PUBLIC_FIELDS["organization"], *VERIFICATION, "published", "successor", "closed_on"}
    derived = {"id", "registry_no", "pinyin", "pinyin_initials", "name_zh_key", "name_en_key", "sort_key"}
    values: dict[str, Any] = {
        "remarks": "另一段",
        "source": "另一处",
        "capital_text": "一百",
        "introduced_on": datetime.date(2020, 1, 1),
        "verified_by": factories.user(),
        "uscc_override_reason": "另一个理由",
        "created_at": timezone.now() - datetime.timedelta(9),
        "updated_at": timezone.now() + datetime.timedelta(9),
    }
    left = {one.name for one in Organization._meta.concrete_fields} - shown - derived
    assert left == values.keys(), "a new field is public or has a value here"
    return values


@pytest.mark.django_db(transaction=True)  # feeds end before the transaction of a test
def test_a_private_change_changes_no_public_byte(world: tuple[Organization, Organization]) -> None:
    shown, kept = world
    # What the public saw is told from what is written now by another day.
    PublicChange.objects.update(changed_at="2020-02-02T00:00:00Z")
    before, asked = crawl(), answers(shown.registry_no)
    assert shown.registry_no.encode() in asked["/public/v1/organizations/changes/"][2]
    assert b'"updated_at":"2020-02-02T' in asked[f"/public/v1/organizations/{shown.registry_no}/"][2]
    assert public().rows("organizations/", updated_since="2020-02-03T00:00:00Z") == []
    Organization.objects.filter(pk=shown.pk).update(**private_fields())
    factories.contact(shown, name="又一人", role="legal_representative")
    factories.figures(shown, year=2024, employees=9)
    factories.name(shown, "又一别名", kind="alias")
    factories.proposal(shown)
    shown.sector_tags.update(evidence="另一句", evidence_url="https://example.com")
    shown.qualifications.update(certificate_no="又一号", issuer="又一处", batch="又")
    Organization.objects.filter(pk=kept.pk).update(name_zh="未公开的新名", introduction="又")
    factories.tag(kept, "robots.service")
    factories.organization(name_zh="又一家未公开的")
    factories.relation(shown, kept)
    Membership.objects.update(remarks="又")
    Representative.objects.update(name="又", phone="0760-00008888")
    factories.sector_measures("robots.special")
    factories.office_holder(Alliance.objects.get(slug="open"))
    files.rebuild()
    after = crawl()
    assert before.keys() == after.keys()
    for url, answer in before.items():
        if url.endswith(".xlsx") or "/download/" in url:
            continue  # it holds the moment at which it was made
        assert SIGNED_RE.sub(b"", answer) == SIGNED_RE.sub(b"", after[url]), url
    assert before["/download/organizations.csv"] == after["/download/organizations.csv"]
    assert parts(before["/download/organizations.xlsx"]) == parts(after["/download/organizations.xlsx"])
    for url, answer in answers(shown.registry_no).items():
        assert answer == asked[url], url


def test_a_public_change_is_dated(world: tuple[Organization, Organization]) -> None:
    shown, _kept = world
    today = timezone.localdate().isoformat()

    def dated(change: Any) -> bool:
        PublicChange.objects.update(changed_at="2020-02-02T00:00:00Z")
        change()
        json = Client().get(f"/o/{shown.registry_no}.json").json()
        assert json["changed_on"] in ("2020-02-02", today)
        return bool(json["changed_on"] == today)

    of = Organization.objects.filter(pk=shown.pk)
    assert dated(lambda: of.update(introduction="新的简介"))
    assert dated(lambda: of.update(verified_from="visit"))
    assert dated(lambda: factories.tag(shown, "robots.service"))
    assert dated(lambda: shown.sector_tags.all()[0].delete())
    assert dated(lambda: factories.name(shown, "曾用名公司", kind="former"))
    assert dated(lambda: shown.qualifications.update(valid_to=datetime.date(2030, 1, 1)))
    assert dated(lambda: factories.identifier(shown))
    assert not dated(lambda: of.update(remarks="内部"))
    assert not dated(lambda: factories.name(shown, "又一别名", kind="alias"))
    assert "<lastmod>2020-02-02</lastmod>" in body(Client().get("/sitemap-1.xml")).decode()
