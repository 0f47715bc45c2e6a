"""Reference data: plans, sectors, townships, zones, gradings."""

import pytest

from registry.models import Grading, Plan, Sector
from tests import factories
from tests.api import api, ok, pointers, problem, root

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(reference):
    return root()


def codes(client, path, **parameters):
    return [row["code"] for row in client.rows(path, page_size=200, **parameters)]


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("plans", "zs-ai-2019"),
        ("sectors", "robots.industrial"),
        ("townships", "442000118"),
        ("zones", "torch"),
        ("gradings", "high-tech"),
    ],
)
def test_reference_data_need_their_view_permission_and_show_the_row_of_the_list(reference, resource, code):
    model = resource.rstrip("s")
    reader = api(f"registry.view_{model}")
    row = next(row for row in reader.rows(f"{resource}/", page_size=200) if row["code"] == code)
    assert ok(reader.get(f"{resource}/{code}/")) == row
    problem(api("registry.view_organization").get(f"{resource}/"), 403)
    problem(reader.get(f"{resource}/none/"), 404)
    problem(reader.post(f"{resource}/", {}), 403)
    problem(reader.patch(f"{resource}/{code}/", {}), 403)


def test_sectors_tell_their_tree(staff):
    industrial = ok(staff.get("sectors/robots.industrial/"))
    robots = ok(staff.get("sectors/robots/"))
    assert (industrial["parent"], industrial["children"], industrial["plan"]) == ("robots", [], "zs-ai-2019")
    assert robots["parent"] is None
    assert "robots.industrial" in robots["children"]


def test_sectors_are_those_of_the_current_plan_unless_another_is_named(staff):
    later = factories.plan("later", current=False)
    factories.sector("robots.industrial", later, name_zh="另一领域")
    assert len(codes(staff, "sectors/")) == 54
    assert set(codes(staff, "sectors/", plan="later")) == {"robots", "robots.industrial"}
    assert ok(staff.get("sectors/robots.industrial/", {"plan": "later"}))["name_zh"] == "另一领域"
    assert ok(staff.get("sectors/", {"plan": "later"}))["plan"] == "later"
    assert pointers(problem(staff.get("sectors/?plan=none"), 400)) == {"plan"}


def test_sectors_are_chosen_by_parent_layer_and_search(staff):
    below = codes(staff, "sectors/", parent="robots")
    assert below
    assert all(code.startswith("robots.") for code in below)
    assert codes(staff, "sectors/", parent="机器人")
    assert "robots" not in codes(staff, "sectors/", layer="foundation")
    assert codes(staff, "sectors/", layer="基础层") == codes(staff, "sectors/", layer="foundation")
    assert codes(staff, "sectors/", search="MEMS") == ["core-hardware.mems"]
    for query in ("layer=none", "parent=none", "plan=none&parent=robots", "kind=x"):
        problem(staff.get(f"sectors/?{query}"), 400, "invalid_parameter")


def test_sector_is_created_below_a_parent_of_its_plan(staff):
    later = factories.plan("later", current=False)
    factories.sector("robots", later)
    body = {"plan": "later", "code": "robots.soft", "parent": "robots", "layer": "product", "name_zh": "软体机器人"}
    answer = staff.post("sectors/", body)
    shown = ok(answer, 201)
    assert (shown["plan"], shown["parent"]) == ("later", "robots")
    assert ok(staff.get(answer["Location"]))["name_zh"] == "软体机器人"
    assert Sector.objects.get(code="robots.soft").parent.plan == later
    assert pointers(problem(staff.post("sectors/", body | {"parent": "none", "code": "robots.x"}), 400)) == {"/parent"}
    assert problem(staff.post("sectors/", body), 409)["errors"][0]["code"] == "sector_code_unique_in_plan"
    assert pointers(problem(staff.post("sectors/", body | {"code": "Robots X"}), 400)) >= {"/code"}
    assert problem(staff.post("sectors/", body | {"code": "soft"}), 400)["errors"][0]["code"] == "sector_two_levels"


def test_sector_stays_in_its_plan(staff):
    factories.plan("later", current=False)
    document = problem(staff.patch("sectors/robots/", {"plan": "later"}), 400)
    assert pointers(document) == {"/plan"}
    assert (
        ok(staff.patch("sectors/robots/", {"definition": "定义", "disabled_on": "2030-01-01"}))["definition"] == "定义"
    )


def test_only_one_plan_is_current(staff):
    body = {"code": "next", "name_zh": "下一计划", "starts_on": "2030-01-01", "current": True}
    document = problem(staff.post("plans/", body), 409, "conflict")
    assert document["errors"][0]["code"] == "plan_one_current"
    ok(staff.post("plans/", body | {"current": False}), 201)
    assert codes(staff, "plans/", current="false") == ["next"]
    assert Plan.objects.count() == 2


def test_townships_are_chosen_by_kind_and_existence(staff):
    ended = codes(staff, "townships/", current="false")
    assert ended
    assert set(ended).isdisjoint(codes(staff, "townships/", current="true"))
    successors = {row["code"]: row["successor"] for row in staff.rows("townships/", current="false")}
    assert any(successors.values())
    assert codes(staff, "townships/", kind="街道") == codes(staff, "townships/", kind="subdistrict")


def test_township_and_zone_are_written(staff):
    body = {"code": "442000999", "kind": "town", "name_zh": "虚构镇", "aliases": ["虚构"]}
    assert ok(staff.post("townships/", body), 201)["aliases"] == ["虚构"]
    ended = {"valid_to": "2026-01-01", "successor": "442000118"}
    assert ok(staff.patch("townships/442000999/", ended))["successor"] == "442000118"
    document = problem(staff.patch("townships/442000118/", {"successor": "442000999"}), 400)
    assert document["errors"][0]["code"] == "township_successor_after_end"
    assert ok(staff.post("zones/", {"code": "new", "name_zh": "新区"}), 201)["code"] == "new"


def test_gradings_are_chosen_by_level_and_written(staff):
    assert "high-tech" in codes(staff, "gradings/", level="national")
    assert "high-tech" not in codes(staff, "gradings/", level="municipal")
    ok(staff.patch("gradings/high-tech/", {"levels": ["national", "provincial"]}))
    assert Grading.objects.get(code="high-tech").levels == ["national", "provincial"]
    assert problem(staff.patch("gradings/high-tech/", {"levels": ["galactic"]}), 400)


def test_reference_data_come_as_files_too(staff):
    answer = staff.get("sectors/", {"format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert len(text.splitlines()) == 55
    assert "robots.industrial" in text


def test_sectors_are_paged_within_their_plan(staff):
    first = ok(staff.get("sectors/", {"page_size": 30}))
    second = ok(staff.get(first["next"]))
    assert first["count"] == 54
    assert len({row["code"] for row in first["results"] + second["results"]}) == 54
    assert second["next"] is None
    assert [row["code"] for row in ok(staff.get(second["previous"]))["results"]] == [
        row["code"] for row in first["results"]
    ]


def test_address_of_a_new_record_is_one_whatever_its_code(staff):
    answer = staff.post("townships/", {"code": "虚构 [1]", "name_zh": "虚构镇", "name_en": "", "kind": "town"})
    assert ok(answer, 201)["code"] == "虚构 [1]"
    assert answer["Location"].endswith("/api/v1/townships/%E8%99%9A%E6%9E%84%20%5B1%5D/")
