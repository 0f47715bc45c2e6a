"""Lists of the organizations whose USCC was accepted although its check character is wrong."""

import pytest
from django.test import Client

from registry.models import Organization
from tests import factories
from tests.api import api, ok, problem

pytestmark = pytest.mark.django_db
LIST = "/api/v1/organizations/"


@pytest.fixture
def three(reference: None) -> None:
    """A wrong code with a reason, a right one with a reason that is left over, and a right one."""
    wrong, left_over, _right = (factories.enterprise(name_zh=name) for name in ("甲", "乙", "丙"))
    Organization.objects.filter(pk=wrong.pk).update(uscc="91442000MA4ABCDE1X", uscc_override_reason="执照如此")
    Organization.objects.filter(pk=left_over.pk).update(uscc_override_reason="执照如此")


@pytest.mark.parametrize(("value", "found"), [("true", ["甲"]), ("false", ["丙", "乙"])])
def test_the_api_chooses_by_it(three: None, value: str, found: list[str]) -> None:
    for address in (f"{LIST}?unusual_uscc={value}", f"{LIST}?unusual_uscc={value}&sector_not=robots"):
        rows = ok(api("registry.view_organization").get(address))["results"]
        assert sorted(row["name_zh"] for row in rows) == sorted(found)


def test_the_list_of_the_staff_and_its_file_have_the_same_rows(three: None) -> None:
    client = Client()
    client.force_login(factories.user("registry.view_organization"))
    page = client.get("/admin/registry/organization/", {"unusual_uscc": "true"})
    assert [row.name_zh for row in page.context["cl"].result_list] == ["甲"]
    text = client.get(dict(page.context["exports"])["导出 CSV"]).getvalue().decode()
    assert ("甲" in text, "乙" in text) == (True, False)


def test_the_public_does_not_ask_for_it(three: None) -> None:
    problem(Client().get("/public/v1/organizations/?unusual_uscc=true"), 400, "invalid_parameter")
