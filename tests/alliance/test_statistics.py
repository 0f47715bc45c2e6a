"""Statistics: the same numbers on list, page, API, picture and file; figures for who may see them; releases for all."""

import csv
import io
import random
import re
import xml.etree.ElementTree as ElementTree
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from registry.models import AnnualFigures, FiguresRelease, Organization, Plan, Receipt, Sector
from registry.statistics.figures.releasing import tables_of
from tests import factories
from tests.api import api, ok, pointers, problem, public, root
from tests.registry.statistics.figures.test_suppression import assert_safe

pytestmark = pytest.mark.django_db
COUNTS, FIGURES, RELEASES = "statistics/counts/", "statistics/figures/", "statistics/releases/"
TOWNS = ("442000118", "442000111")


@pytest.fixture
def some(reference: None) -> list[Organization]:
    """Eight enterprises with figures, of two sectors and two towns; one institute, one hidden, one without anything."""
    rows = []
    for number in range(8):
        row = factories.enterprise(
            name_zh=f"虚构{number}号机器人有限公司",
            township=factories.township(TOWNS[number % 2]),
            founded_on=f"201{number}-03-01",
            published=True,
        )
        factories.tag(row, "robots.industrial" if number < 5 else "robots.service", is_primary=True)
        factories.figures(row, 2023, revenue=1_000_000 * (number + 1), employees=10 * (number + 1))
        rows.append(row)
    factories.tag(rows[0], "core-technology.machine-vision")
    factories.figures(rows[0], 2022, revenue=900_000, employees=9)
    lab = factories.institute(published=True, township=factories.township(TOWNS[0]), founded_on="1924-11-11")
    factories.tag(lab, "core-technology.machine-vision")
    hidden = factories.enterprise(name_zh="未公开公司", township=factories.township(TOWNS[0]), founded_on="2010-01-01")
    factories.tag(hidden, "robots.industrial")
    factories.figures(hidden, 2023, revenue=777_000_000, employees=7_777)
    return [*rows, lab, hidden, factories.enterprise(township=None, founded_on=None, published=True)]


def body(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def lines_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig"))))


def counts(answer: dict[str, Any], name: str) -> dict[str | None, int]:
    (found,) = [one for one in answer["results"] if one["name"] == name]
    return {one["code"]: one["count"] for one in found["values"]}


def results(answer: dict[str, Any]) -> dict[str | None, dict[str, Any]]:
    return {one["code"]: one for one in answer["results"]}


# --- Counts


def test_counts_are_those_of_lists_pictures_and_files_over_all_sectors(some: list[Organization]) -> None:
    for client in (root(), public()):
        answer = ok(client.get(f"{COUNTS}?by=sector&empty=true&lang=zh"))
        found = counts(answer, "sector")
        assert set(Sector.objects.values_list("code", flat=True)) <= {*found}
        landscape = ok(client.get("organizations/landscape/?lang=zh"))
        cards = {
            card["code"]: card["count"]
            for layer in landscape["layers"]
            for group in layer["groups"]
            for card in group["sectors"]
            if not card["direct"]
        }
        filed = {
            line["代码"]: int(line["单位数"])
            for line in lines_of(client.get(f"{COUNTS}?by=sector&empty=true&format=csv&lang=zh"))
        }
        crossed = ok(client.get("organizations/crosstab/?rows=sector&columns=kind&empty=true"))
        of_rows = {row["code"]: row["count"] for row in crossed["results"]}
        picture = ElementTree.fromstring(body(client.get(f"{COUNTS}?by=sector&empty=true&format=svg&lang=zh")))
        drawn = [one.text or "" for one in picture.iter() if one.tag.endswith("}text")]
        for code, count in found.items():
            if code is None:
                continue
            listed = ok(client.get(f"organizations/?sector={code}"))["count"]
            assert count == listed == of_rows[code] == filed[code] == cards.get(code, count), code
            name = Sector.objects.get(code=code).name_zh
            said = drawn[drawn.index(name) + 1]
            assert re.match(rf"{count}（", said), (name, said)
    assert counts(ok(root().get(f"{COUNTS}?by=sector")), "sector")["robots.industrial"] == 6
    assert counts(ok(public().get(f"{COUNTS}?by=sector")), "sector")["robots.industrial"] == 5


@pytest.mark.parametrize("name", ["branch", "layer", "township", "kind", "registration_status", "founded", "zone"])
def test_every_dimension_adds_up_to_what_lists_say(some: list[Organization], name: str) -> None:
    answer = ok(root().get(f"{COUNTS}?by={name}&empty=true"))
    found = counts(answer, name)
    assert sum(found.values()) >= (0 if name in ("layer",) else answer["count"] - 1)
    parameter = {"branch": "sector"}.get(name, name)
    if name in ("layer", "founded"):
        return
    for code, count in found.items():
        if code is not None:
            assert ok(root().get(f"organizations/?{parameter}={code}"))["count"] == count


def test_layers_and_years_of_foundation(some: list[Organization]) -> None:
    layers = counts(ok(root().get(f"{COUNTS}?by=layer")), "layer")
    by_layer: dict[str, set[int]] = {}
    for row in some:
        for tag in row.sector_tags.select_related("sector"):
            by_layer.setdefault(tag.sector.layer, set()).add(row.pk)
    assert layers == {layer: len(pks) for layer, pks in by_layer.items()}
    years = counts(ok(root().get(f"{COUNTS}?by=founded")), "founded")
    assert (years["-1948"], years["2010"], years["2013"], sum(years.values())) == (1, 2, 1, 10)
    crossed = ok(root().get("organizations/crosstab/?rows=layer&columns=founded"))
    assert sum(sum(row["counts"]) for row in crossed["results"]) == sum(len(pks) for pks in by_layer.values())


def test_counts_have_filters_shares_and_sheets(some: list[Organization]) -> None:
    answer = ok(root().get(f"{COUNTS}?by=kind,township&kind=enterprise&lang=zh"))
    assert [one["label"] for one in answer["results"]] == ["类型", "所在镇街"] or len(answer["results"]) == 2
    (kind,) = answer["results"][0]["values"]
    assert (kind["count"], kind["share"], answer["count"]) == (10, 100, 10)
    for form in ("csv", "xlsx"):
        receipts = Receipt.objects.count()
        content = body(root().get(f"{COUNTS}?by=sector&format={form}&lang=zh"))
        assert Receipt.objects.count() == receipts + 1
        if form == "xlsx":
            sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
            assert sheet[1][:5] == ["全部单位", "", "", "", 11] or sheet[1][4] == 11
    receipts = Receipt.objects.count()
    body(public().get(f"{COUNTS}?by=sector&format=csv"))
    assert Receipt.objects.count() == receipts


@pytest.mark.parametrize("given", ["by=nonsense", "empty=perhaps", "sector=x", "zzz=1", "by=size_class"])
def test_public_counts_refuse_what_they_do_not_know(some: list[Organization], given: str) -> None:
    assert pointers(problem(public().get(f"{COUNTS}?{given}"), 400)) == {given.partition("=")[0]}


def test_picture_is_of_one_dimension(some: list[Organization]) -> None:
    assert pointers(problem(root().get(f"{COUNTS}?by=kind,zone&format=svg"), 400)) == {"by"}


def test_who_may_not_see_figures_has_no_count_by_size(some: list[Organization]) -> None:
    viewer = api(user=factories.with_role("查询员"))
    assert "size_class" not in [one["name"] for one in ok(viewer.get(COUNTS))["results"]]
    assert pointers(problem(viewer.get(f"{COUNTS}?by=size_class"), 400)) == {"by"}


# --- Figures


def test_sums_shares_and_medians_are_of_the_rows_of_the_list(some: list[Organization]) -> None:
    answer = ok(root().get(f"{FIGURES}?year=2023&by=sector&published=true&figure=revenue,employees"))
    found = results(answer)
    assert answer["total"]["sums"]["revenue"] == {
        "reported": 8,
        "sum": 36_000_000,
        "share": 100,
        "median": 4_500_000,
        "sensitive": False,
    }
    industrial = found["robots.industrial"]["sums"]
    assert (industrial["revenue"]["sum"], industrial["revenue"]["share"]) == (15_000_000, 41.7)
    assert (industrial["employees"]["median"], industrial["employees"]["reported"]) == (30, 5)
    assert found["robots"]["sums"]["revenue"]["sum"] == 36_000_000
    assert found["robots"]["count"] == 8
    vision = found["core-technology.machine-vision"]
    assert (vision["count"], vision["sums"]["revenue"]["reported"], vision["sums"]["revenue"]["sensitive"]) == (
        2,
        1,
        True,
    )


@pytest.mark.parametrize("by", ["sector", "branch", "layer", "township", "kind"])
def test_sums_are_those_of_the_figures_of_the_listed_organizations(some: list[Organization], by: str) -> None:
    answer = ok(root().get(f"{FIGURES}?by={by}&figure=revenue"))
    for code, line in results(answer).items():
        if code is None or by == "layer":
            continue
        listed = root().rows("organizations/", **{{"branch": "sector"}.get(by, by): code})
        numbers = [one["registry_no"] for one in listed]
        amounts = AnnualFigures.objects.filter(organization__registry_no__in=numbers, year=2023)
        expected = sum((one.revenue or Decimal() for one in amounts), Decimal())
        assert (line["sums"]["revenue"]["sum"] or 0) == expected, code
        assert line["count"] == len(listed)


def test_same_sums_in_file_and_picture(some: list[Organization]) -> None:
    answer = ok(root().get(f"{FIGURES}?by=sector&figure=revenue&lang=zh"))
    filed = {
        line["代码"]: line for line in lines_of(root().get(f"{FIGURES}?by=sector&figure=revenue&format=csv&lang=zh"))
    }
    picture = body(root().get(f"{FIGURES}?by=sector&figure=revenue&format=svg&lang=zh")).decode()
    for code, line in results(answer).items():
        amount = line["sums"]["revenue"]["sum"]
        if code and amount:
            assert Decimal(filed[code]["营业收入（万元）"]) * 10_000 == amount
            assert f">{amount / 10_000:,.0f}<" in picture
    assert filed["core-technology.machine-vision"]["不宜外传"] == "营业收入（万元）"


def test_years_are_not_added_up(some: list[Organization]) -> None:
    answer = ok(root().get(f"{FIGURES}?by=year&figure=revenue&published=true"))
    assert {code: line["sums"]["revenue"]["sum"] for code, line in results(answer).items()} == {
        "2022": 900_000,
        "2023": 36_000_000,
    }
    assert (answer["year"], answer["total"]["sums"]["revenue"]["sum"]) == (None, None)
    assert ok(root().get(f"{FIGURES}?published=true"))["years"] == [2022, 2023]


@pytest.mark.parametrize("given", ["by=zone", "figure=profit", "year=1950", "year=x", "sector=nonsense", "zzz=1"])
def test_wrong_parameter_of_figures_is_told(some: list[Organization], given: str) -> None:
    assert pointers(problem(root().get(f"{FIGURES}?{given}"), 400)) == {given.partition("=")[0]}


def test_account_of_a_township_adds_up_its_own_alone(some: list[Organization]) -> None:
    clerk = api(user=factories.of_township(factories.township(TOWNS[1])))
    answer = ok(clerk.get(f"{FIGURES}?by=township&figure=revenue&lang=zh"))
    found = results(answer)
    assert found[TOWNS[1]]["sums"]["revenue"]["sum"] == 20_000_000
    assert found[TOWNS[0]]["sums"]["revenue"]["sum"] is None
    assert answer["total"]["sums"]["revenue"]["sum"] == 20_000_000
    assert any("本镇街" in one or "您的镇街" in one for one in answer["notices"]), answer["notices"]


def test_number_of_queries_does_not_grow(some: list[Organization]) -> None:
    client = root()

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as found:
            ok(client.get(path))
        return len(found)

    paths = [f"{COUNTS}?by=sector,layer,founded", f"{FIGURES}?by=sector", f"{FIGURES}?by=year", RELEASES]
    for path in paths:
        queries(path)
    before = [queries(path) for path in paths]
    for _number in range(5):
        row = factories.enterprise(published=True)
        factories.tag(row, "robots.service")
        factories.figures(row, 2023, revenue=5)
    assert [queries(path) for path in paths] == before
    assert max(before) <= 12, before


# --- Releases


@pytest.fixture
def released(some: list[Organization]) -> FiguresRelease:
    return FiguresRelease.objects.create(year=2023, plan=Plan.objects.get(current=True), tables=tables_of(2023))


def test_release_hides_few_and_what_would_tell_them(released: FiguresRelease) -> None:
    for client in (public(), api(user=factories.with_role("查询员")), root()):
        answer = ok(client.get(f"{RELEASES}?by=sector&figure=revenue"))
        found = results(answer)
        assert answer["total"] == {"count": 10, "sums": {"revenue": {"sum": 36_000_000, "share": 100}}}
        assert found["robots.industrial"]["sums"]["revenue"] == {"sum": 15_000_000, "share": 41.7}
        vision = found["core-technology.machine-vision"]
        assert (vision["count"], vision["sums"]["revenue"]) == (2, {"sum": None, "share": None})
        assert set(vision["sums"]["revenue"]) == {"sum", "share"}  # neither who reported nor a median
        # Nobody has reported these: it looks the same.
        assert found["robots.surgical"]["sums"]["revenue"] == {"sum": None, "share": None}
        assert "777" not in client.get(RELEASES).content.decode()


def test_release_is_of_published_organizations(released: FiguresRelease) -> None:
    assert str(777_000_000) not in str(released.tables)
    assert released.tables["count"] == 10


def test_release_knows_no_filters(released: FiguresRelease) -> None:
    for client in (public(), root()):
        for given in ("sector=robots", "township=442000118", "kind=enterprise", "search=公司", "as_of=2020-01-01"):
            assert pointers(problem(client.get(f"{RELEASES}?{given}"), 400)) == {given.partition("=")[0]}


def test_private_change_changes_no_byte_of_public_statistics(released: FiguresRelease) -> None:
    paths = [RELEASES, f"{RELEASES}?by=township&format=csv", COUNTS, f"{COUNTS}?by=layer&format=svg"]

    def seen() -> list[bytes]:
        return [b"".join(answer) if (answer := public().get(path)).streaming else answer.content for path in paths]

    before = seen()
    row = Organization.objects.get(name_zh="虚构0号机器人有限公司")
    AnnualFigures.objects.filter(organization=row).update(revenue=123_456_789)
    factories.figures(Organization.objects.get(name_zh="虚构1号机器人有限公司"), 2024, revenue=5)
    factories.contact(row, name="虚构联系人")
    factories.tag(Organization.objects.get(name_zh="未公开公司"), "robots.surgical")
    assert seen() == before


def test_withdrawn_release_is_gone_and_its_year_is_not_released_again(released: FiguresRelease) -> None:
    FiguresRelease.objects.update(withdrawn_on="2026-01-01", withdrawal_reason="口径有误")
    for client in (public(), root()):
        answer = ok(client.get(RELEASES))
        assert (answer["years"], answer["year"], answer["results"]) == ([], None, [])
        assert pointers(problem(client.get(f"{RELEASES}?year=2023"), 400)) == {"year"}


def test_released_figures_are_sheets_and_pictures_too(released: FiguresRelease) -> None:
    rows = lines_of(public().get(f"{RELEASES}?by=sector&format=csv&lang=zh"))
    by_code = {row["代码"]: row for row in rows}
    assert by_code["robots.industrial"]["营业收入（万元）"] == "1500"
    assert by_code["core-technology.machine-vision"]["营业收入（万元）"] == "*"
    picture = body(public().get(f"{RELEASES}?by=sector&figure=revenue&format=svg&lang=zh")).decode()
    assert ">1,500<" in picture
    assert "少于 3 家" in picture
    assert body(root().get(f"{RELEASES}?by=layer&format=xlsx")).startswith(b"PK")
    assert body(root().get(f"{RELEASES}?by=layer&figure=revenue&format=pdf")).startswith(b"%PDF")


def released_cells() -> tuple[set[str], list[tuple[Any, set[str], float | None]]]:
    """Return all published organizations and, of each sum of a release, its place, who is in it and what is shown.

    Both are asked as somebody outside would: sums by the JSON that everybody gets, who is in them by public lists.
    """

    def listed(**given: str) -> set[str]:
        return {one["registry_no"] for one in public().rows("organizations/", **given)}

    whole = listed()
    shown = ok(public().get(f"{RELEASES}?figure=revenue"))
    cells: list[tuple[Any, set[str], float | None]] = [("all", whole, shown["total"]["sums"]["revenue"]["sum"])]
    members: dict[str, dict[str, set[str]]] = {"branch": {}, "township": {}}
    for cut in ("sector", "branch", "township", "kind"):
        known: set[str] = set()
        lines = ok(public().get(f"{RELEASES}?by={cut}&figure=revenue"))["results"]
        for line in sorted(lines, key=lambda one: one["code"] is None):
            # Those without a value are the ones that no other line has.
            found = listed(**{{"branch": "sector"}.get(cut, cut): line["code"]}) if line["code"] else whole - known
            known |= found
            assert line["count"] == len(found)
            cells.append(((cut, line["code"]), found, line["sums"]["revenue"]["sum"]))
            if cut in members and line["code"]:
                members[cut][line["code"]] = found
    for branch, of_branch in members["branch"].items():
        for town, of_town in members["township"].items():
            amount = shown["crossed"]["revenue"].get(branch, {}).get(town)
            cells.append((("crossed", branch, town), of_branch & of_town, amount))
    return whole, cells


def test_nothing_hidden_can_be_computed_back_from_a_release(reference: None) -> None:
    """Somebody outside knows of each sum who is in it, and has the sums that are shown."""
    chance = random.Random(16)
    sectors = [*Sector.objects.filter(children=None)[:9], *Sector.objects.filter(parent=None)[:2]]
    towns = [factories.township(code) for code in (*TOWNS, "442000102", "442000105")]
    amounts: dict[str, Decimal] = {}
    for _number in range(40):
        row = (factories.institute if chance.random() < 0.2 else factories.enterprise)(
            published=chance.random() < 0.9, township=chance.choice([*towns, None])
        )
        for sector in chance.sample(sectors, chance.choice([0, 1, 1, 2, 3])):
            factories.tag(row, sector)
        if chance.random() < 0.8:
            amount = Decimal(chance.choice([0, 1, 5, 7, 10, 20, 50, 400]) * 1_000_000)
            factories.figures(row, 2023, revenue=amount)
            amounts[row.registry_no] = amount
    factories.figures_release(2023)
    (whole, cells), sums, published = released_cells(), {}, set()
    for key, found, amount in cells:
        sums[key] = found
        if amount is not None:
            published.add(key)
            assert amount == sum(amounts.get(one, 0) for one in found), key
    assert 5 < len(published) < len(sums)
    numbered = {one: number for number, one in enumerate(sorted(whole))}
    assert_safe(
        {key: {numbered[one] for one in found} for key, found in sums.items()},
        {numbered[one]: amount for one, amount in amounts.items() if one in numbered},
        published,
    )
