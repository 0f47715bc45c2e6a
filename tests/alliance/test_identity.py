"""The same cases of identity through files, member lists, the form, POST, match and did_you_mean: one table decides."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alliance.members.imports.memberships import MembershipImport
from alliance.models import Membership
from registry.imports.options import Choices, Renames
from registry.imports.pipeline.engine import Import
from registry.imports.tables.figures import FiguresImport
from registry.imports.tables.organizations import OrganizationImport
from registry.imports.tables.qualifications import QualificationImport
from registry.models import AnnualFigures, Name, Organization, Qualification
from tests import factories
from tests.api import ok, problem, root
from tests.pages import form_data
from tests.registry.imports.importing import csv_file

pytestmark = pytest.mark.django_db
ROBOT, RENAMED, OTHER = "中山市香山机器人有限公司", "广东香山智能科技股份有限公司", "中山市岐江电子有限公司"
SAME, NEW, HELD, REFUSED = "same", "new", "held back", "refused"
ROR = ("05dxps055", "000190731")


@dataclass
class World:
    """The records that the cases are about."""

    robot: Organization
    """With a USCC, a ROR id, a former name and an alias."""
    successor: Organization
    merged: Organization
    lost: Organization
    twins: list[Organization]


@pytest.fixture
def world() -> World:
    robot = factories.enterprise(name_zh=ROBOT)
    factories.identifier(robot, "ror", ROR[0])
    factories.name(robot, "中山市香山机械厂")
    factories.name(robot, "香山机器", kind="alias")
    successor = factories.enterprise(name_zh="中山市承继有限公司")
    merged = factories.enterprise(name_zh="中山市被并有限公司", registration_status="merged", successor_id=successor.pk)
    lost = factories.enterprise(name_zh="中山市无继有限公司", registration_status="merged")
    twins = [factories.enterprise(name_zh="中山市双子有限公司") for _ in range(2)]
    return World(robot, successor, merged, lost, twins)


Case = tuple[Callable[[World], tuple[str, str, str]], str, str]
"""USCC, name and ROR id of the row; what becomes of it; the record that it is about."""
CASES: dict[str, Case] = {
    "code and name": (lambda w: (w.robot.uscc, ROBOT, ""), SAME, "robot"),
    "name alone": (lambda w: ("", ROBOT, ""), SAME, "robot"),
    "name, another code": (lambda w: (factories.valid_uscc(77_001), ROBOT, ""), NEW, ""),
    "name, another ROR id": (lambda w: ("", ROBOT, ROR[1]), NEW, ""),
    "code, another ROR id": (lambda w: (w.robot.uscc, ROBOT, ROR[1]), REFUSED, ""),
    "ROR id, another code": (lambda w: (factories.valid_uscc(77_001), ROBOT, ROR[0]), REFUSED, ""),
    "former name": (lambda w: ("", "中山市香山机械厂", ""), SAME, "robot"),
    "alias": (lambda w: ("", "香山机器", ""), SAME, "robot"),
    "code and former name": (lambda w: (w.robot.uscc, "中山市香山机械厂", ""), SAME, "robot"),
    "code and a name of the brand": (lambda w: (w.robot.uscc, RENAMED, ""), SAME, "robot"),
    "code and quite another name": (lambda w: (w.robot.uscc, OTHER, ""), HELD, "robot"),
    # The name is another record's, whose own code the row contradicts; but it is quite another name than this one's.
    "code of one, name of another": (lambda w: (w.robot.uscc, w.successor.name_zh, ""), HELD, "robot"),
    "name of two": (lambda w: ("", w.twins[0].name_zh, ""), REFUSED, ""),
    "name of two, code of one": (lambda w: (w.twins[1].uscc, w.twins[1].name_zh, ""), SAME, "twin"),
    "code of a merged record": (lambda w: (w.merged.uscc, "", ""), SAME, "successor"),
    "name of a merged record": (lambda w: ("", w.merged.name_zh, ""), SAME, "successor"),
    "code of a record without successor": (lambda w: (w.lost.uscc, "", ""), REFUSED, ""),
    "name of a record without successor": (lambda w: ("", w.lost.name_zh, ""), REFUSED, ""),
    "unknown": (lambda w: (factories.valid_uscc(77_001), OTHER, ""), NEW, ""),
}
TABLES: dict[str, tuple[Callable[[], Import], list[str], list[str], Any]] = {
    "organizations": (OrganizationImport, ["简称"], ["简"], None),
    "figures": (FiguresImport, ["年度", "从业人员（人）"], ["2023", "12"], AnnualFigures),
    "qualifications": (QualificationImport, ["名称", "级别"], ["高新技术企业", "国家级"], Qualification),
    "memberships": (
        lambda: MembershipImport(slug="test"),
        ["会员级别", "起始日期"],
        ["会员单位", "2024-01-01"],
        Membership,
    ),
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("case", CASES)
def test_every_file_decides_alike(tmp_path: Path, world: World, reference: Any, table: str, case: str) -> None:
    factories.tier(factories.alliance(), "member")
    make, labels, cells, model = TABLES[table]
    keys, outcome, about = CASES[case]
    before = set(Organization.objects.values_list("pk", "name_zh"))
    names = Name.objects.count()
    rows = [["统一社会信用代码", "单位名称", "ROR", *labels], [*keys(world), *cells]]
    if table == "organizations":
        rows = [[*rows[0], "单位类型"], [*rows[1], "企业"]]
    report = make().run(csv_file(tmp_path, rows), apply=True)
    report.table.close()
    told = [str(one.message) for one in (*report.problems, *report.held)]
    wanted = REFUSED if outcome == NEW and table != "organizations" else outcome  # other files create no organization
    found = HELD if report.undecided else REFUSED if report.refused else SAME
    if table == "organizations" and report.new:
        found = NEW
    assert found == wanted, told
    after = set(Organization.objects.values_list("pk", "name_zh"))
    if table != "organizations":
        assert (after, Name.objects.count()) == (before, names), "nothing but a list of organizations renames"
    elif found != NEW:
        assert len(after) == len(before)
    if found == SAME and model:
        records = {"robot": world.robot, "successor": world.successor, "twin": world.twins[1]}
        key = "member__organization" if table == "memberships" else "organization"
        assert list(model.objects.values_list(key, flat=True)) == [records[about].pk]


def test_member_list_finds_the_record_by_its_name_without_remarks(tmp_path: Path, world: World) -> None:
    factories.tier(factories.alliance(), "member")
    rows = [["单位名称", "会员级别", "起始日期"], [f"（1）{ROBOT}（停业）", "会员单位", "2024-01-01"]]
    run = MembershipImport(slug="test")
    report = run.run(csv_file(tmp_path, rows), apply=True)
    report.table.close()
    world.robot.refresh_from_db()
    assert (report.new, len(report.notes), world.robot.registration_status) == (1, 1, "active")
    assert Membership.objects.get().member.organization_id == world.robot.pk


def test_member_list_with_quite_another_name_is_taken_where_renames_are_accepted(tmp_path: Path, world: World) -> None:
    factories.tier(factories.alliance(), "member")
    rows = [
        ["统一社会信用代码", "单位名称", "会员级别", "起始日期"],
        [world.robot.uscc, OTHER, "会员单位", "2024-01-01"],
    ]
    run = MembershipImport(slug="test")
    report = run.run(csv_file(tmp_path, rows), apply=True, choices=Choices(renames=Renames.ACCEPT))
    report.table.close()
    world.robot.refresh_from_db()
    assert (report.new, len(report.notes), world.robot.name_zh) == (1, 1, ROBOT)


def keys_of(world: World, case: str) -> tuple[str, str, str, str, str]:
    """USCC, name, ROR id, outcome, and the name of the record that is meant, empty where none is."""
    keys, outcome, about = CASES[case]
    records = {"robot": world.robot, "successor": world.successor, "twin": world.twins[1]}
    return *keys(world), outcome, records[about].name_zh if about else ""


@pytest.mark.parametrize("case", CASES)
def test_post_creates_what_a_file_would_create_and_nothing_else(world: World, reference: Any, case: str) -> None:
    code, name, ror, outcome, _meant = keys_of(world, case)
    body: dict[str, Any] = {"kind": "enterprise", "name_zh": name or OTHER, "uscc": code or None}
    if ror:
        body["identifiers"] = [{"scheme": "ror", "value": ror}]
    answer = root().post("organizations/", body)
    if outcome == NEW:
        assert answer.status_code == 201, answer.content
        return
    told = problem(answer, 409)
    assert told["code"] in ("conflict", "possible-duplicates")
    bulk = problem(root().post("organizations/bulk/", [body]), 409)
    assert all(error["pointer"].startswith("/0") for error in bulk["errors"])


@pytest.mark.parametrize("case", CASES)
def test_form_saves_what_a_file_would_create_and_nothing_else(world: World, reference: Any, case: str) -> None:
    code, name, ror, outcome, _meant = keys_of(world, case)
    if ror:
        pytest.skip("the form compares identifiers row by row, when they are saved")
    before = Organization.objects.count()
    staff = Client()
    staff.force_login(factories.user("registry.add_organization", "registry.view_organization", is_staff=True))
    page = reverse("admin:registry_enterprise_add")
    answer = staff.post(page, form_data(staff.get(page)) | {"name_zh": name or OTHER, "uscc": code})
    assert (answer.status_code == 302, Organization.objects.count() - before) == (
        (True, 1) if outcome == NEW else (False, 0)
    )


@pytest.mark.parametrize("case", CASES)
def test_match_decides_as_a_file_does(world: World, reference: Any, case: str) -> None:
    code, name, ror, outcome, meant = keys_of(world, case)
    if ror:
        pytest.skip("match is asked with names and USCCs")
    (result,) = ok(root().post("organizations/match/", [{"name": name or None, "uscc": code or None}]))["results"]
    decided = result["decision"] and Organization.objects.get(registry_no=result["decision"]).name_zh
    assert decided == (meant if outcome == SAME else None)
    if outcome == HELD:
        assert result["candidates"], "what is held back is shown"


@pytest.mark.parametrize("case", ["name alone", "former name", "alias", "name of two", "name of a merged record"])
def test_search_leads_to_the_record_that_a_name_means(world: World, reference: Any, case: str) -> None:
    _code, name, _ror, _outcome, meant = keys_of(world, case)
    answer = ok(root().get("organizations/", {"search": name}))
    assert (meant or name) in [*(row["name_zh"] for row in answer["results"]), *answer.get("did_you_mean", [])]


def test_search_for_a_name_with_slips_suggests_the_record(world: World, reference: Any) -> None:
    answer = ok(root().get("organizations/", {"search": "中山市山香机器人有限责任公司"}))
    assert (answer["count"], answer["did_you_mean"]) == (0, [ROBOT])
