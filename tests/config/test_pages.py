"""How pages go over the line, and how they write days."""

import gzip

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/admin/registry/organization/"


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(factories.superuser())
    return client


def test_a_page_is_compressed_for_browsers_that_take_it(staff: Client) -> None:
    for _number in range(30):
        factories.enterprise()
    plain = staff.get(LIST)
    assert "Content-Encoding" not in plain.headers
    packed = staff.get(LIST, headers={"accept-encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) * 4 < len(plain.content)
    assert "名录编号" in gzip.decompress(packed.content).decode()


def test_two_like_pages_differ_in_length(staff: Client) -> None:
    """A guess at a secret in a page cannot be read off its length."""
    path = reverse("admin:registry_organization_changelist")
    lengths = {len(staff.get(path, headers={"accept-encoding": "gzip"}).content) for _try in range(8)}
    assert len(lengths) > 1


def test_answers_of_the_api_go_as_they_are(staff: Client) -> None:
    for _number in range(30):
        factories.enterprise()
    for query in ("", "?format=csv", "?format=xlsx"):
        answer = staff.get(f"/api/v1/organizations/{query}", headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers
        assert answer.getvalue()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_day_is_written_in_one_form(staff: Client, language: str) -> None:
    made = factories.enterprise(founded_on="2019-09-01")
    member = factories.membership(factories.member(who=made), "2020-01-02").member
    headers = {"accept-language": language}
    assert 'value="2019-09-01"' in staff.get(f"/admin/registry/enterprise/{made.pk}/change/", headers=headers).text
    assert ">2020-01-02<" in staff.get("/admin/alliance/member/", headers=headers).text
    reader = Client()
    reader.force_login(factories.user("registry.view_organization", "registry.view_qualification", is_staff=True))
    factories.qualification(made, granted_on="2026-09-04", valid_to=None)
    shown = reader.get(f"/admin/registry/enterprise/{made.pk}/change/", headers=headers).text
    assert "<p>2026-09-04</p>" in shown
    assert "None" not in shown
    page = staff.get(f"/admin/alliance/member/{member.pk}/change/", headers=headers).text
    assert f"<h1>{made}</h1><p>{member.alliance} {member.member_no}</p>" in page
