"""What an account of one town is shown: nothing that is done in secret in another town changes a byte of it.

The addresses of the API are asked by test_api_secrecy.py; these are the pages and files of the staff's site.
"""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from registry.imports.tables.organizations import OrganizationImport
from registry.models import CollectionRound, ImportBatch, Organization, RoundOrganization, Township
from registry.organizations.page.cards import CARDS
from tests import factories
from tests.api import api, ok
from tests.config.test_site_access import addresses  # noqa: F401 - the fixture
from tests.pages import form_data
from tests.registry.imports.importing import csv_file
from tests.registry.imports.undo.undoing import applied

pytestmark = pytest.mark.django_db

PHONE, NAME = "0760-00008888", "虚构密"
MINE, THEIRS = "442000103", "442000105"
OPERATIONS = {"admin/logout/", "i18n/setlang/"}
OWN = {"admin/registry/receipt/", "admin/changes/"}
"""What the account itself has done: each file that it is sent here."""


@pytest.fixture
def towns(reference: None) -> tuple[Township, Township]:
    return factories.township(MINE), factories.township(THEIRS)


@pytest.fixture
def clerk(towns: tuple[Township, Township]) -> User:
    return factories.of_township(towns[0])


def session(user: User) -> Client:
    found = Client()
    found.force_login(user)
    return found


def cells(file: bytes) -> list[Any]:
    """Return the cells of a workbook, or of all workbooks in a ZIP file."""
    names = zipfile.ZipFile(io.BytesIO(file)).namelist()
    if "[Content_Types].xml" not in names:
        return [(name, cells(zipfile.ZipFile(io.BytesIO(file)).read(name))) for name in names]
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def shown(client: Client, url: str) -> Any:
    answer = client.get(url)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        return answer.status_code, cells(body)
    # The token of the forms and the number of the request are random.
    body = re.sub(rb'name="(?:csrfmiddlewaretoken|moment)" value="[^"]*"|[0-9a-f]{32}', b"", body)
    return answer.status_code, re.sub(rb"20\d\d-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", b"", body)


def do_secret_things(of: Organization, asking: CollectionRound) -> None:
    factories.contact(of, name=NAME, phone=PHONE).delete()
    factories.contact(of, name=NAME, phone=PHONE, email="secret@example.com")
    factories.figures(of, year=asking.year, employees=7654)
    RoundOrganization.objects.filter(round=asking, organization=of).update(state="refuses")
    factories.import_batch(created_by=factories.user(), file_name=f"{NAME}.xlsx")


def test_secret_work_in_another_town_changes_no_page(
    addresses: dict[str, str],  # noqa: F811
    towns: tuple[Township, Township],
    clerk: User,
) -> None:
    mine, theirs = (factories.enterprise(township=town, published=True) for town in towns)
    factories.contact(mine)
    asking = factories.collection_round(mine, theirs, title="两镇", year=2023)
    stranger = Organization.objects.filter(township=None)[0]
    RoundOrganization.objects.create(round=asking, organization=stranger)
    client = session(clerk)
    urls = [url for pattern, url in addresses.items() if pattern not in OPERATIONS | OWN]
    urls += [
        f"/admin/registry/organization/{one.pk}/{page}/" for one in (mine, theirs) for page in ("change", "history")
    ]
    urls += [f"/admin/registry/organization/{one.pk}/" for one in (mine, theirs, stranger)]
    urls += [f"/admin/registry/organization/{theirs.pk}/{card}/edit/" for card in CARDS]
    urls += [
        f"/admin/registry/collectionround/{asking.pk}/{page}/" for page in ("change", "history", "forms", "unanswered")
    ]
    urls += [f"/admin/registry/roundorganization/?round={asking.pk}{more}" for more in ("", "&answered=yes")]
    urls.append("/admin/changes/?kind=change")
    urls += [f"/admin/registry/organization/crosstab/?rows={one}" for one in ("size_class", "township")]
    before = {url: shown(client, url) for url in urls}
    with pghistory.context(command="secret"):
        do_secret_things(theirs, asking)
        do_secret_things(stranger, asking)
    after = {url: shown(client, url) for url in urls}
    assert [url for url in urls if before[url] != after[url]] == []
    assert not [url for url in urls if PHONE in str(after[url]) or NAME in str(after[url])]
    assert sum(answer[0] == 200 for answer in after.values()) > 30


def test_the_page_of_another_towns_organization_is_for_reading(towns: tuple[Township, Township], clerk: User) -> None:
    mine, theirs = (factories.enterprise(township=town) for town in towns)
    client = session(clerk)
    assert 'name="name_zh"' in client.get(f"/admin/registry/enterprise/{mine.pk}/change/").content.decode()
    page = client.get(f"/admin/registry/enterprise/{theirs.pk}/change/").content.decode()
    assert theirs.name_zh in page
    assert 'name="name_zh"' not in page
    assert client.post(f"/admin/registry/enterprise/{theirs.pk}/change/", {"name_zh": "改名"}).status_code == 403


def test_a_new_organization_is_entered_in_a_town_of_the_account(towns: tuple[Township, Township], clerk: User) -> None:
    client = session(clerk)
    url = "/admin/registry/organization/add/"
    data = form_data(client.get(url)) | {"kind": "financial", "name_zh": "虚构银行股份有限公司"}
    for town, message in ((towns[1].pk, "镇街的单位"), ("", "镇街的单位")):
        assert message in client.post(url, data | {"township": town}).content.decode()
    assert not Organization.objects.exists()
    answer = client.post(url, data | {"township": towns[0].pk})
    assert answer.status_code == 302, re.findall(r"errorlist.*", answer.content.decode())
    assert Organization.objects.get().township == towns[0]


def test_the_api_writes_in_the_towns_of_the_account_only(towns: tuple[Township, Township], clerk: User) -> None:
    mine, theirs = (factories.enterprise(township=town) for town in towns)
    client = api(user=clerk, scope="write")
    for path in (f"organizations/{theirs.registry_no}/", f"organizations/{theirs.registry_no}/contacts/"):
        body = {"name": "虚构某", "remarks": "X"}
        answer = (client.patch if path.count("/") == 2 else client.post)(path, body, headers={"If-Match": "*"})
        assert answer.status_code in (400, 403), answer.content
    answer = client.patch(f"organizations/{theirs.registry_no}/", {"remarks": "X"}, headers={"If-Match": "*"})
    assert (answer.status_code, "townships" in str(answer.json())) == (403, True), answer.json()
    assert client.get(f"organizations/{theirs.registry_no}/contacts/").status_code == 403
    assert ok(client.patch(f"organizations/{mine.registry_no}/", {"remarks": "X"}, headers={"If-Match": "*"}))
    new = {"kind": "financial", "name_zh": "虚构银行股份有限公司"}
    assert client.post("organizations/", new).json()["errors"][0]["code"] == "out-of-reach"
    assert client.post("organizations/", new | {"township": MINE}).status_code == 201


def test_lists_show_contacts_and_size_of_the_own_town_and_say_so(towns: tuple[Township, Township], clerk: User) -> None:
    for town in towns:
        of = factories.enterprise(township=town, industry="I65")
        factories.contact(of)
        factories.figures(of, employees=500, revenue=10**9)
    client = api(user=clerk)
    answer = ok(client.get("organizations/", {"fields": "township,contact_name"}))
    assert {row["township"]["code"]: bool(row["contact_name"]) for row in answer["results"]} == {
        MINE: True,
        THEIRS: False,
    }
    assert "in your townships" in answer["notices"][0]
    assert "notices" not in ok(client.get("organizations/"))
    assert len(client.rows("organizations/", size_class="large,medium,small")) == 1
    facet = ok(client.get("organizations/facets/", {"facet": "size_class"}))["facets"]["size_class"]
    assert sum(one["count"] for one in facet if one["code"]) == 1
    everywhere = api(user=factories.with_role("录入员"))
    assert len(everywhere.rows("organizations/", size_class="large,medium,small")) == 2


def test_a_round_is_the_own_towns_part(towns: tuple[Township, Township], clerk: User) -> None:
    mine, theirs = (factories.enterprise(township=town) for town in towns)
    asking = factories.collection_round(mine, theirs, title="两镇", year=2023)
    client = session(clerk)
    page = client.get(f"/admin/registry/collectionround/{asking.pk}/change/").content.decode()
    assert towns[0].label() in page
    assert towns[1].label() not in page
    form = str(shown(client, f"/admin/registry/collectionround/{asking.pk}/forms/?township={MINE}"))
    assert mine.name_zh in form
    assert theirs.name_zh not in str(shown(client, f"/admin/registry/collectionround/{asking.pk}/unanswered/"))
    assert ImportBatch.objects.count() == 0


def test_a_move_is_proposed_to_the_other_town(towns: tuple[Township, Township], clerk: User) -> None:
    """By page and by the API; the other town accepts it, although the organization is not yet its own."""
    first, second = (factories.enterprise(township=towns[0]) for _ in range(2))
    factories.tag(first)
    client = session(clerk)
    url = f"/admin/registry/enterprise/{first.pk}/change/"
    page = client.post(url, form_data(client.get(url)) | {"township": towns[1].pk, "remarks": "要搬"}, follow=True)
    assert "须由另一人审核后生效：" in page.content.decode()
    answer = api(user=clerk).patch(
        f"organizations/{second.registry_no}/", {"township": THEIRS, "remarks": "要搬"}, headers={"If-Match": "*"}
    )
    assert (answer.status_code, answer.json()["township"]["code"]) == (202, MINE)
    assert answer.json()["notices"]
    other = api(user=factories.of_township(towns[1]))
    for one in (first, second):
        one.refresh_from_db()
        assert (one.township, one.remarks) == (towns[0], "要搬")
    waiting = other.rows("proposals/")
    assert {row["organization"]["registry_no"] for row in waiting} == {first.registry_no, second.registry_no}
    assert (
        api(user=clerk).post(f"proposals/{waiting[0]['id']}/accept/", {"seen": waiting[0]["seen"]}).status_code == 403
    )
    for row in waiting:
        shown = ok(other.get(f"proposals/{row['id']}/"))
        assert other.post(f"proposals/{row['id']}/accept/", {"seen": shown["seen"]}).status_code == 200
    assert set(Organization.objects.values_list("township__code", flat=True)) == {THEIRS}
    assert (
        other.patch(f"organizations/{first.registry_no}/", {"remarks": ""}, headers={"If-Match": "*"}).status_code
        == 200
    )


def test_an_account_of_a_town_may_propose_to_another(towns: tuple[Township, Township], clerk: User) -> None:
    theirs = factories.enterprise(township=towns[1])
    body = {"field": "website", "new": "https://example.com", "evidence": "网站"}
    assert api(user=clerk).post(f"organizations/{theirs.registry_no}/proposals/", body).status_code == 201


@pytest.mark.parametrize("by_command", [True, False])
def test_an_import_by_somebody_else_is_not_there(
    towns: tuple[Township, Township], clerk: User, tmp_path: Path, by_command: bool
) -> None:
    """An import by a command belongs to whoever may import such lists, but for accounts of townships."""
    for town in towns:
        factories.enterprise(township=town)
    rows = [["统一社会信用代码", "简称"], *([one.uscc, "导入的"] for one in Organization.objects.all())]
    registrar = factories.with_role("录入员")
    batch = applied(csv_file(tmp_path, rows), OrganizationImport(user=None if by_command else registrar))
    client = session(clerk)
    assert batch.file_name not in client.get("/admin/registry/importbatch/").content.decode()
    for page in ("", "undo/", "refused.xlsx"):
        assert client.get(f"/admin/imports/{batch.pk}/{page}").status_code == 403
    for page in ("change", "history"):
        answer = client.get(f"/admin/registry/importbatch/{batch.pk}/{page}/")
        assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert client.post(f"/admin/imports/{batch.pk}/undo/").status_code == 403
    mine = Organization.objects.get(township=towns[0])
    for viewer, is_told in ((clerk, False), (registrar, True)):
        page = session(viewer).get(f"/admin/registry/enterprise/{mine.pk}/history/").content.decode()
        assert (batch.file_name in page) == is_told
    assert set(Organization.objects.values_list("short_name", flat=True)) == {"导入的"}
    own = factories.import_batch(created_by=clerk, file_name="本镇.xlsx", state="applied", applied_at=timezone.now())
    assert own.file_name in client.get("/admin/registry/importbatch/").content.decode()
    assert client.get(f"/admin/imports/{own.pk}/").status_code == 200


def test_an_organization_of_another_town_is_not_verified(towns: tuple[Township, Township], clerk: User) -> None:
    mine, theirs = (factories.enterprise(township=town) for town in towns)
    client = session(clerk)
    for of, status in ((theirs, 403), (mine, 302)):
        shown = client.get(f"/admin/registry/enterprise/{of.pk}/change/")
        data = {"source": "phone", "_version": shown.context.get("version", "")}
        url = f"/admin/registry/enterprise/{of.pk}/verify/"
        assert [client.post(url, given).status_code for given in ({}, data)] == [status, status]
    assert [one.pk for one in Organization.objects.exclude(verified_on=None)] == [mine.pk]
    assert client.post(f"/admin/registry/organization/{theirs.pk}/verify/", {"source": "phone"}).status_code == 403
