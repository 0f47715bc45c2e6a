"""As of a day: landscape, board and map show the members of that day under the names that they bore."""

import csv
import datetime
import io
import subprocess
from typing import Any

import pytest
from django.test import Client

from alliance.members.operations.renaming import rename
from registry.models import Organization
from tests import factories
from tests.alliance.papers.test_pdf import needs_pdftotext
from tests.api import ok, public, root

pytestmark = pytest.mark.django_db
D = datetime.date
SAID = "会员和名称为当日，领域、镇街为现状。"
NAMES = {
    # day -> Chinese and English name in the landscape
    "2021-06-30": ("旧名机器人有限公司", "Old Robot"),
    "2021-07-01": ("新机", "New Robot"),
    "2999-01-01": ("新机", "New Robot"),
}


@pytest.fixture
def renamed(reference: None) -> Organization:
    """A member that was renamed on 1 July 2021, as its alliance was; it has a short name today."""
    made = factories.alliance("test", name_zh="旧联盟")
    of = factories.enterprise(name_zh="新名机器人有限公司", name_en="New Robot", short_name="新机", published=True)
    factories.name(of, "旧名机器人有限公司", language="zh", valid_to=D(2021, 7, 1))
    factories.name(of, "Old Robot", language="en", valid_to=D(2021, 7, 1))
    factories.tag(of, "robots.industrial", is_primary=True)
    factories.membership(factories.member(made, of), "2020-01-01")
    rename(made, D(2021, 7, 1), "新联盟")
    return of


def names(answer: dict[str, Any]) -> list[str]:
    cards = [card for layer in answer["layers"] for group in layer["groups"] for card in group["sectors"]]
    return [one["name"] for card in cards for one in card["organizations"]]


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("day", NAMES)
def test_landscape_shows_the_names_of_the_day(renamed: Organization, day: str) -> None:
    chinese, english = NAMES[day]
    for client in (root(), public()):
        path = f"organizations/landscape/?as_of={day}"
        assert names(ok(client.get(f"{path}&lang=zh"))) == [chinese]
        assert names(ok(client.get(f"{path}&lang=en"))) == [english]
        assert chinese in body(client.get(f"{path}&lang=zh&format=svg")).decode()
        assert chinese in body(client.get(f"{path}&lang=zh&format=svg&paper=A3")).decode()


def test_without_a_name_in_the_language_the_former_one_of_the_other_is_shown(renamed: Organization) -> None:
    Organization.objects.filter(pk=renamed.pk).update(name_en="")
    factories.name(renamed, "x", language="en", valid_to=D(2019, 1, 1))
    renamed.names.filter(name="Old Robot").delete()
    assert names(ok(root().get("organizations/landscape/?as_of=2021-06-30&lang=en"))) == ["旧名机器人有限公司"]


def test_filter_in_words_names_the_alliance_as_of_the_day(renamed: Organization) -> None:
    path = "organizations/landscape/?alliance=test&format=svg&lang=zh&as_of="
    assert "联盟：旧联盟" in body(root().get(f"{path}2021-06-30")).decode()
    assert "联盟：新联盟" in body(root().get(f"{path}2021-07-01")).decode()


@pytest.mark.parametrize("day", ["2021-06-30", "2999-01-01"])
def test_every_answer_says_what_is_as_it_is_now(renamed: Organization, day: str) -> None:
    for client, actions in ((root(), ("landscape", "coverage", "townships", "facets", "crosstab")), (public(), ())):
        for action in actions or ("landscape", "facets", "crosstab"):
            answer = ok(client.get(f"organizations/{action}/?lang=zh&as_of={day}"))
            assert SAID in answer["notices"], action
            assert "notices" not in ok(client.get(f"organizations/{action}/?lang=zh")), action
    for path in ("landscape", "townships"):
        assert SAID in body(root().get(f"organizations/{path}/?lang=zh&format=svg&as_of={day}")).decode()


def test_file_of_the_board_says_it_in_its_last_line(renamed: Organization) -> None:
    path = "organizations/coverage/?lang=zh&format=csv"
    text = body(root().get(f"{path}&as_of=2021-06-30")).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[-1] == [SAID, *[""] * (len(rows[0]) - 1)]
    assert rows[:-1] == list(csv.reader(io.StringIO(body(root().get(path)).decode("utf-8-sig"))))


def test_pages_ask_for_a_day_and_say_what_is_as_it_is_now(client: Client, renamed: Organization) -> None:
    client.force_login(factories.superuser())
    for page in ("landscape", "coverage"):
        answer = client.get(f"/admin/registry/organization/{page}/?as_of=2021-06-30&kind=enterprise").content.decode()
        assert SAID in answer
        assert 'name="as_of" id="as_of" value="2021-06-30"' in answer
        assert '<input type="hidden" name="kind" value="enterprise">' in answer
    shown = client.get("/admin/registry/organization/landscape/?as_of=2021-06-30").content.decode()
    assert "旧名机器人有限公司" in shown
    assert "旧名机器人有限公司" in Client().get("/landscape/?as_of=2021-06-30").content.decode()


@needs_pdftotext
def test_printed_picture_has_the_names_of_the_day(renamed: Organization) -> None:
    for day, (chinese, _english) in NAMES.items():
        pdf = body(root().get(f"organizations/landscape/?lang=zh&format=pdf&paper=A3&as_of={day}"))
        text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
        assert chinese in text
        assert SAID in text
