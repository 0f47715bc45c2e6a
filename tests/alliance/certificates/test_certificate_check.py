"""The public learns whether a number is valid, and nothing that the public list of members does not tell."""

import datetime

import pytest
from django.test import Client
from django.utils.timezone import localdate

from alliance.members.operations import actions
from alliance.models import Alliance, Certificate
from tests import factories
from tests.api import ok, problem, public

pytestmark = pytest.mark.django_db
D = datetime.date
ADDRESS = "alliances/test/certificates/"
SECRET = "秘密单位甲"


@pytest.fixture(autouse=True)
def of(reference: None) -> Alliance:
    alliance = factories.alliance("test")
    shown = factories.enterprise(name_zh="公开单位甲", published=True)
    factories.certificate(
        factories.membership(factories.member(alliance, shown), "2020-01-01"), "证字2020/0001", valid_to="2024-01-01"
    )
    hidden = factories.enterprise(name_zh=SECRET, published=False)
    factories.certificate(factories.membership(factories.member(alliance, hidden), "2020-01-01"), "2020-0002")
    closed = factories.alliance("closed", published=False)
    who = factories.enterprise(published=True)
    factories.certificate(factories.membership(factories.member(closed, who)), "2020-0003")
    return alliance


@pytest.mark.parametrize(
    ("on", "valid"), [("2019-12-31", False), ("2020-01-01", True), ("2023-12-31", True), ("2024-01-01", False)]
)
def test_a_number_is_valid_until_its_last_day(on, valid):
    answer = ok(public().get(f"{ADDRESS}证字2020/0001/", {"on": on}))
    assert answer == {"number": "证字2020/0001", "on": on, "valid": valid}


def test_full_width_signs_of_an_input_method_are_read(of):
    assert ok(public().get(f"{ADDRESS}证字２０２０／０００１/", {"on": "2020-01-01"}))["number"] == "证字2020/0001"
    Certificate.objects.filter(number="证字2020/0001").update(from_list=True)
    Certificate.objects.filter(from_list=True).update(number="证字２０２０")
    assert ok(public().get(f"{ADDRESS}证字２０２０/"))["number"] == "证字２０２０", "as it stands on the paper"


def test_it_is_not_valid_when_it_has_ended_or_the_member_has_left(of):
    made = Certificate.objects.get(number="证字2020/0001")
    Certificate.objects.filter(pk=made.pk).update(ended_on=D(2022, 1, 1), end_kind="lost", end_reason="登报声明")
    said = [ok(public().get(f"{ADDRESS}{made.number}/", {"on": day})) for day in ("2021-12-31", "2022-01-01")]
    assert [one["valid"] for one in said] == [True, False]
    assert "登报" not in str(said)
    Certificate.objects.filter(pk=made.pk).update(ended_on=None, end_kind="", end_reason="")
    actions.end(made.member, D(2023, 1, 1), "withdrawal")
    said = [ok(public().get(f"{ADDRESS}{made.number}/", {"on": day})) for day in ("2022-12-31", "2023-01-01")]
    assert [one["valid"] for one in said] == [True, False]


def test_whoever_is_not_public_is_told_from_no_unknown_number():
    answers = [public().get(f"{ADDRESS}{number}/") for number in ("2020-0002", "2020-9999", "%00")]
    bodies = [{name: value for name, value in problem(one, 404).items() if name != "request_id"} for one in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    problem(public().get("alliances/closed/certificates/2020-0003/"), 404)
    tomorrow = localdate() + datetime.timedelta(days=1)
    for wrong in ({"on": str(tomorrow)}, {"on": "soon"}, {"member": "1"}):
        problem(public().get(f"{ADDRESS}证字2020/0001/", wrong), 400)


def test_the_page_says_the_same_in_both_languages():
    for start, valid, not_valid, unknown in (
        ("", "有效", "无效", "公开名录中查不到该编号"),
        ("/en", "Valid", "Not valid", "knows no such number"),
    ):
        page = f"{start}/alliances/test/certificates/"
        client = Client()
        assert client.get(page).status_code == 200
        said = {
            number: client.get(page, {"number": number, "on": on}).content.decode()
            for number, on in (("证字2020/0001", "2020-01-01"), ("2020-0002", ""), ("2020-9999", ""), ("<b>x", ""))
        }
        assert f"<b>{valid}</b>" in said["证字2020/0001"]
        assert f"<b>{not_valid}</b>" in client.get(page, {"number": "证字2020/0001"}).content.decode()
        assert said["2020-0002"].replace("2020-0002", "N") == said["2020-9999"].replace("2020-9999", "N")
        assert unknown in said["2020-0002"]
        assert "<b>x" not in said["<b>x"]
        assert SECRET not in "".join(said.values())
        assert client.get(page, {"number": "1", "on": "soon"}).status_code == 400
    assert "/alliances/test/certificates/" in Client().get("/alliances/test/").content.decode()
    assert Client().get("/alliances/closed/certificates/").status_code == 404
