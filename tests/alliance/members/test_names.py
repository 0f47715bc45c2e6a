"""Names as of a day: what was renamed keeps its former name in the lists of earlier days."""

import datetime
import io

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from alliance.members.operations.renaming import rename
from alliance.models import Alliance, FormerName, Tier
from registry.database.db_errors import Conflict
from tests import factories
from tests.api import api, ok, pointers, problem, public, root

pytestmark = pytest.mark.django_db
D = datetime.date
BEFORE, AFTER = "2020-12-31", "2021-07-01"


@pytest.fixture
def alliance(reference: None) -> Alliance:
    """An alliance, its tier and its member, all of which were renamed on 1 July 2021."""
    made = factories.alliance("test", name_zh="旧人工智能联盟", name_en="Old Alliance")
    tier = factories.tier(made, "council", name_zh="常务理事单位", name_en="Old council", rank=1)
    of = factories.enterprise(name_zh="新名机器人有限公司", name_en="New Robot", published=True)
    factories.name(of, "旧名机器人有限公司", language="zh", valid_to=D(2021, 7, 1))
    factories.name(of, "更早机器人有限公司", valid_to=D(2019, 7, 1))
    factories.name(of, "Old Robot", valid_to=D(2021, 7, 1))
    factories.name(of, "无日期有限公司")
    factories.membership(factories.member(made, of), "2020-01-01", tier=tier)
    rename(tier, D(2021, 7, 1), "副会长单位", "New council")
    return rename(made, D(2021, 7, 1), "新人工智能联盟")


def shown(on: str, **more: str) -> tuple[str, str, str]:
    (row,) = root().rows("alliances/test/members/", as_of=on, **more)
    return row["name_zh"], row["name_en"], row["tier"]["name"]


@pytest.mark.parametrize(
    ("day", "names"),
    [
        ("2020-01-01", ("旧名机器人有限公司", "Old Robot", "Old council")),
        ("2021-06-30", ("旧名机器人有限公司", "Old Robot", "Old council")),
        ("2021-07-01", ("新名机器人有限公司", "New Robot", "New council")),
        ("2999-01-01", ("新名机器人有限公司", "New Robot", "New council")),
    ],
)
def test_list_of_a_day_shows_the_names_of_the_day(alliance: Alliance, day: str, names: tuple[str, ...]) -> None:
    assert shown(day) == names
    (row,) = public().rows("alliances/test/members/", as_of=day)
    assert (row["name_zh"], row["name_en"], row["tier"]["name"]) == names


def test_list_remembers_no_day_that_was_today_as_a_list_of_today(alliance: Alliance) -> None:
    day = D(2021, 6, 30)
    FormerName.objects.all().delete()
    with time_machine.travel(datetime.datetime(2021, 6, 30, 12, tzinfo=datetime.UTC), tick=False):
        assert shown(day.isoformat())[0] == "新名机器人有限公司", "today's list shows present names"
    assert shown(day.isoformat())[0] == "旧名机器人有限公司"


def test_roster_has_the_names_of_the_day_in_title_and_rows(alliance: Alliance) -> None:
    for day, words in (
        (BEFORE, ("旧人工智能联盟", "旧名机器人", "常务理事单位")),
        (AFTER, ("新人工智能联盟", "新名机器人", "副会长单位")),
    ):
        query = {"as_of": day, "format": "xlsx", "layout": "roster", "lang": "zh"}
        answer = root().get("alliances/test/members/", query)
        rows = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0)
        text = str(rows.to_python())
        assert [word for word in words if word not in text] == []


def test_list_of_the_staff_shows_the_names_of_the_day(alliance: Alliance, client: Client) -> None:
    client.force_login(factories.superuser())
    for day, there, gone in ((BEFORE, "旧名机器人", "副会长单位"), (AFTER, "新名机器人", "常务理事单位")):
        page = client.get("/admin/alliance/member/", {"as_of": day}).content.decode().split('id="result_list"')[1]
        assert there in page.split("</table>")[0]
        assert gone not in page.split("</table>")[0]


def test_names_cost_no_query_for_each_row(alliance: Alliance) -> None:
    counts = []
    for more in range(3):
        for _n in range(5 * bool(more)):
            of = factories.enterprise()
            factories.name(of, language="zh", valid_to=D(2021, 7, 1))
            factories.membership(factories.member(alliance, of), tier=alliance.tiers.get())
        client = root()
        client.get("alliances/test/members/", {"as_of": BEFORE})
        with CaptureQueriesContext(connection) as found:
            ok(client.get("alliances/test/members/", {"as_of": BEFORE}))
        with CaptureQueriesContext(connection) as today:
            ok(client.get("alliances/test/members/"))
        counts.append((len(found), len(today)))
    assert len(set(counts)) == 1
    assert counts[0][0] - counts[0][1] <= 2, "a past day costs one query each for alliances and tiers"


# --- Renaming


def test_tier_is_found_by_its_former_name(alliance: Alliance) -> None:
    tier = alliance.tiers.get()
    assert tier.aliases == ["常务理事单位", "Old council"]
    assert shown(AFTER, tier="常务理事单位")[2] == "New council"


def test_renaming_twice_keeps_each_name_for_its_days(alliance: Alliance) -> None:
    tier = rename(alliance.tiers.get(), D(2023, 1, 1), "副理事长单位")
    assert [shown(day)[2] for day in ("2021-06-30", "2022-12-31", "2023-01-01")] == [
        "Old council",
        "New council",
        "New council",
    ]
    names = ok(root().get("alliances/test/tiers/council/"))["former_names"]
    assert [(row["name_zh"], row["replaced_on"]) for row in names] == [
        ("副会长单位", "2023-01-01"),
        ("常务理事单位", "2021-07-01"),
    ]
    back = rename(tier, D(2024, 1, 1), "常务理事单位")
    assert "常务理事单位" not in back.aliases


def test_bad_renaming_is_refused_and_stores_nothing(alliance: Alliance) -> None:
    tier = alliance.tiers.get()
    factories.tier(alliance, "member", name_zh="会员单位", rank=2)
    stored = list(FormerName.objects.values())
    for values, field, kind in (
        ((D(2999, 1, 1), "未来单位"), "on", ValidationError),
        ((D(2021, 7, 1), "同日单位"), "on", Conflict),
        ((D(2020, 7, 1), "更早单位"), "on", Conflict),
        ((D(2022, 7, 1), "副会长单位"), "name_zh", ValidationError),
        ((D(2022, 7, 1), ""), "name_zh", ValidationError),
        ((D(2022, 7, 1), "会员单位"), "__all__", ValidationError),
    ):
        with pytest.raises(kind) as refused:
            rename(tier, *values)
        assert [*refused.value.error_dict] == [field], values
    assert list(FormerName.objects.values()) == stored
    assert Tier.objects.get(pk=tier.pk).name_zh == "副会长单位"


def test_database_holds_a_former_name_to_a_tier_of_its_alliance(alliance: Alliance) -> None:
    other = factories.tier(factories.alliance("other"), "x")
    row = FormerName(alliance=alliance, tier=other, name_zh="甲", replaced_on=D(2020, 1, 1))
    with pytest.raises(ValidationError, match="其他联盟"):
        row.full_clean()
    with transaction.atomic():
        row.save()
        with pytest.raises(IntegrityError):
            connection.check_constraints()
        transaction.set_rollback(True)


def test_rename_over_http(alliance: Alliance) -> None:
    body = {"name_zh": "理事长单位", "on": "2023-01-01"}
    answer = ok(root().post("alliances/test/tiers/council/rename/", body))
    assert (answer["name_zh"], answer["name_en"]) == ("理事长单位", "New council")
    assert problem(root().post("alliances/test/tiers/council/rename/", body), 400)["errors"]
    body = {"name_zh": "第三联盟", "name_en": "Third", "on": "2023-01-01"}
    assert ok(root().post("alliances/test/rename/", body))["name_en"] == "Third"
    late = problem(root().post("alliances/test/rename/", body | {"name_zh": "第四", "on": "2022-01-01"}), 409)
    assert pointers(late) == {"/on"}
    reader = api("alliance.view_alliance", "alliance.view_tier", "alliance.change_alliance", "alliance.change_tier")
    problem(reader.post("alliances/test/rename/", body), 403)
    problem(reader.post("alliances/test/tiers/council/rename/", body), 403)
    assert "former_names" not in ok(reader.get("alliances/test/"))
    assert "former_names" not in ok(public().get("alliances/test/"))


def test_page_renames_and_tells_what_is_wrong(alliance: Alliance, client: Client) -> None:
    client.force_login(factories.superuser())
    address = f"/admin/alliance/alliance/{alliance.pk}/rename/"
    tier = alliance.tiers.get()
    assert address in client.get(f"/admin/alliance/alliance/{alliance.pk}/change/").content.decode()
    body = {"tier": tier.pk, "name_zh": "理事长单位", "name_en": "", "on": "2020-01-01"}
    assert "已更名：请选择更晚的日期" in client.post(address, body).content.decode()
    told = client.post(address, body | {"on": "2022-01-01"}, follow=True).content.decode()
    assert "自 2022-01-01 起为“理事长单位”，原名“副会长单位”" in told
    assert "常务理事单位" in told, "the page of the alliance lists the former names"
    tier.refresh_from_db()
    assert tier.name_en == "New council"
