"""The page of an organization, whose address stays for ever."""

import csv
import datetime
import io

import pytest
from django.test import Client

from registry.models import Organization
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def robot(reference: None) -> Organization:
    made = factories.enterprise(
        name_zh="中山市虚构机器人有限公司",
        name_en="Zhongshan Fictional Robot",
        published=True,
        township=factories.township(),
        introduction="<b>做机器人</b>",
        website="https://robot.example",
    )
    factories.tag(made, is_primary=True)
    factories.contact(made, role="legal_representative", name="韦拟定")
    return made


def status(url: str) -> tuple[int, str]:
    response = Client().get(url)
    return response.status_code, response.get("Location", "")


def test_it_shows_the_public_record(robot: Organization) -> None:
    factories.membership(factories.member(factories.alliance("open"), robot))
    factories.qualification(robot, valid_to=datetime.date(2099, 12, 1))
    shown = Client().get(f"/o/{robot.registry_no}/").content.decode()
    assert "2099-11-30" in shown, "the last valid day"
    for text in (robot.name_zh, robot.name_en, robot.uscc, "小榄镇", "&lt;b&gt;做机器人&lt;/b&gt;", "尚未核实"):
        assert str(text) in shown
    assert "测试人工智能产业联盟（open）" in shown
    assert "会员单位" in shown
    assert "韦拟定" not in shown
    assert "<script" not in shown
    assert "style=" not in shown


@pytest.mark.parametrize(
    ("verified_from", "told"),
    [
        ("reply", "企业填报"),
        ("phone", "企业填报"),
        ("township", "镇街核实"),
        ("public", "公开登记"),
        ("alliance", "联盟"),
        ("visit", ""),
        ("other", ""),
        ("", ""),
    ],
)
def test_the_source_is_one_of_a_closed_list(robot: Organization, verified_from: str, told: str) -> None:
    Organization.objects.filter(pk=robot.pk).update(
        verified_on=datetime.date(2024, 5, 6), verified_from=verified_from, source="某某介绍"
    )
    shown = Client().get(f"/o/{robot.registry_no}/").content.decode()
    line = shown.split('<p class="verified">')[1].split("</p>")[0]
    assert "2024" in line
    assert ("来源：" in line) == bool(told)
    assert told in line
    assert "某某介绍" not in shown


def test_it_is_gone_only_once_it_was_public(robot: Organization) -> None:
    never = factories.enterprise()
    assert status(f"/o/{never.registry_no}/") == (404, "")
    Organization.objects.filter(pk=robot.pk).update(published=False)
    for ending in ("/", ".json", ".csv", ".jsonld"):
        response = Client().get(f"/o/{robot.registry_no}{ending}")
        assert response.status_code == 410
        assert robot.name_zh not in response.content.decode()
    Organization.objects.filter(pk=robot.pk).update(published=True)
    assert status(f"/o/{robot.registry_no}/") == (200, "")
    robot.contacts.all().delete()
    robot.sector_tags.all().delete()
    Organization.objects.filter(pk=robot.pk).delete()
    assert status(f"/o/{robot.registry_no}/") == (410, "")


def test_a_merged_record_leads_to_its_published_successor(robot: Organization) -> None:
    middle, last = factories.enterprise(), factories.enterprise(published=True)
    of = Organization.objects
    of.filter(pk=middle.pk).update(registration_status="merged", successor=last)
    of.filter(pk=robot.pk).update(registration_status="merged", successor=middle)
    assert status(f"/o/{robot.registry_no}/") == (301, f"/o/{last.registry_no}/")
    assert status(f"/en/o/{robot.registry_no}/") == (301, f"/en/o/{last.registry_no}/")
    assert status(f"/o/{robot.registry_no}.json") == (301, f"/o/{last.registry_no}.json")
    of.filter(pk=robot.pk).update(published=False)
    assert status(f"/o/{robot.registry_no}/") == (301, f"/o/{last.registry_no}/")
    assert status(f"/o/{middle.registry_no}/") == (404, ""), "it never was public"
    of.filter(pk=last.pk).update(published=False)
    assert status(f"/o/{robot.registry_no}/") == (410, "")


def test_the_same_record_as_files(robot: Organization) -> None:
    json = Client().get(f"/o/{robot.registry_no}.json").json()
    assert json["name_zh"] == robot.name_zh
    assert json["url"] == f"http://testserver/o/{robot.registry_no}/"
    assert not {"updated_at", "source", "remarks", "verified_from"} & json.keys()
    response = Client().get(f"/o/{robot.registry_no}.csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["单位名称"] for row in rows] == [robot.name_zh]
    linked = Client().get(f"/o/{robot.registry_no}.jsonld").json()
    assert linked["@type"] == "Organization"
    assert linked["alternateName"] == [robot.name_en]
    assert "韦拟定" not in str(linked)
    assert f'type="application/ld+json" href="/o/{robot.registry_no}.jsonld"' in (
        Client().get(f"/o/{robot.registry_no}/").content.decode()
    )
