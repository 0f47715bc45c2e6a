"""Certificates are issued with the next numbers and the names of their day, replaced, lost, withdrawn and returned."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction

from alliance.certificates import ending
from alliance.certificates.issuing import Why, candidates, issue, next_number, record
from alliance.members.operations import actions
from alliance.members.operations.renaming import rename
from alliance.models import Alliance, Certificate, Member
from registry.database.db_errors import Conflict
from tests import factories

pytestmark = pytest.mark.django_db
D = datetime.date
ISSUED, AFTER = D(2024, 1, 1), D(2027, 1, 1)


@pytest.fixture
def of() -> Alliance:
    alliance = factories.alliance(name_zh="虚构市人工智能联盟", name_en="Fictional AI Alliance")
    council, plain = factories.tier(alliance, "council", rank=1), factories.tier(alliance, "member", rank=2)
    for number, (name, tier) in enumerate(
        (("甲机器人有限公司", council), ("乙视觉有限公司", plain), ("丙语音有限公司", plain)), 1
    ):
        who = factories.enterprise(name_zh=name, name_en=f"Company {number}")
        factories.membership(factories.member(alliance, who), "2020-01-01", tier=tier)
    return alliance


def member(name: str) -> Member:
    return Member.objects.get(organization__name_zh__startswith=name)


def why(alliance: Alliance, on: D, until: D | None = None) -> dict[str, list[Why]]:
    return {one.printed["organization_name"][0]: one.why for one in candidates(alliance, on, until or on) if one.why}


def test_a_certificate_keeps_the_names_of_its_day(of):
    factories.certificate_settings(of, number_format="证字〔YYYY〕第####号", signature="虚构市人工智能联盟秘书处")
    made = issue(of, [member("甲").pk], ISSUED, AFTER, ISSUED)[0]
    assert (made.number, made.organization_name, made.organization_name_en) == (
        "证字〔2024〕第0001号",
        "甲机器人有限公司",
        "Company 1",
    )
    assert (made.tier_name, made.alliance_name, made.signature) == (
        "理事单位",
        "虚构市人工智能联盟",
        "虚构市人工智能联盟秘书处",
    )
    assert (made.member_number, made.from_list, made.valid_to) == (member("甲").member_no, False, AFTER)


def test_a_late_certificate_says_the_names_of_its_day(of):
    who = member("甲").organization
    factories.name(who, "甲旧名有限公司", kind="former", valid_to=D(2023, 5, 1))
    rename(of, name_zh="虚构市数字经济联盟", name_en="", on=D(2023, 5, 1))
    early = issue(of, [member("甲").pk], D(2023, 1, 1), D(2023, 6, 1), D(2023, 4, 30))[0]
    late = issue(of, [member("甲").pk], D(2023, 6, 1), D(2023, 7, 1), D(2023, 5, 1))[0]
    assert (early.organization_name, early.alliance_name) == ("甲旧名有限公司", "虚构市人工智能联盟")
    assert (late.organization_name, late.alliance_name) == ("甲机器人有限公司", "虚构市数字经济联盟")


def test_numbers_go_on_from_the_largest_of_the_year(of):
    record(member("乙"), number="2024-0017", issued_on=ISSUED, valid_from=ISSUED, valid_to=AFTER)
    record(member("丙"), number="旧字第99号", issued_on=ISSUED, valid_from=ISSUED, valid_to=D(2025, 1, 1))
    assert next_number(of, D(2024, 5, 1)) == "2024-0018"
    assert next_number(of, D(2025, 5, 1)) == "2025-0001"
    everybody = [one.pk for one in of.members.all()]
    assert [one.number for one in issue(of, everybody, D(2024, 7, 1), AFTER, D(2024, 7, 1))] == [
        "2024-0018",
        "2024-0019",
        "2024-0020",
    ]
    other = factories.membership(factories.member(factories.alliance("other")))
    assert issue(other.alliance, [other.member_id], ISSUED, None, ISSUED)[0].number == "2024-0001"


def test_who_needs_one_and_why(of):
    assert why(of, ISSUED) == {"甲": [Why.NONE], "乙": [Why.NONE], "丙": [Why.NONE]}
    issue(of, [one.pk for one in of.members.all()], ISSUED, AFTER, ISSUED)
    on = D(2026, 10, 1)
    assert why(of, on, D(2026, 12, 30)) == {}
    assert set(why(of, on, D(2026, 12, 31))) == {"甲", "乙", "丙"}
    who = member("乙").organization
    factories.name(who, who.name_zh, kind="former", valid_to=D(2026, 3, 1))
    type(who).objects.filter(pk=who.pk).update(name_zh="乙新名有限公司")
    actions.change_tier(member("丙"), factories.tier(of, "council"), D(2026, 4, 1))
    assert why(of, on) == {"乙": [Why.RENAMED], "丙": [Why.TIER]}
    rename(of, name_zh="虚构市数字经济联盟", name_en="Fictional AI Alliance", on=D(2026, 5, 1))
    assert {*why(of, on)} == {"甲", "乙", "丙"}
    assert why(of, on)["甲"] == [Why.ALLIANCE]


def test_another_one_replaces_what_holds_and_leaves_what_runs_out(of):
    old = issue(of, [member("甲").pk], ISSUED, AFTER, ISSUED)[0]
    ran_out = issue(of, [member("乙").pk], ISSUED, D(2025, 1, 1), ISSUED)[0]
    both = [member("甲").pk, member("乙").pk]
    new = issue(of, both, D(2025, 1, 1), D(2028, 1, 1), D(2025, 1, 1), reason="换届")[0]
    old.refresh_from_db()
    assert (old.ended_on, old.end_kind, old.end_reason, old.replaced_by) == (D(2025, 1, 1), "replaced", "换届", new)
    ran_out.refresh_from_db()
    assert (ran_out.ended_on, ran_out.replaced_by) == (None, None)
    days = [D(2023, 12, 31), D(2024, 12, 31), D(2025, 1, 1), D(2027, 12, 31), D(2028, 1, 1)]
    held = [[one.pk for one in Certificate.objects.valid_on(day).filter(member=old.member)] for day in days]
    assert held == [[], [old.pk], [new.pk], [new.pk], []]


def test_a_lost_one_leads_to_the_next(of):
    old = issue(of, [member("甲").pk], ISSUED, AFTER, ISSUED)[0]
    ending.end(old, "lost", D(2025, 3, 1), "登报声明作废")
    new = issue(of, [member("甲").pk], D(2025, 3, 5), AFTER, D(2025, 3, 5))[0]
    old.refresh_from_db()
    assert (old.end_kind, old.end_reason, old.replaced_by) == ("lost", "登报声明作废", new)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (("lost", D(2023, 1, 1), "x"), "It was issued on"),
        (("lost", D(2025, 1, 1), " "), "Say why it ends."),
        (("replaced", D(2025, 1, 1), "x"), "lost, withdrawn or void"),
        (("burnt", D(2025, 1, 1), "x"), "lost, withdrawn or void"),
    ],
)
def test_an_end_that_makes_no_sense_is_refused(of, values, told, settings):
    settings.LANGUAGE_CODE = "en"
    made = issue(of, [member("甲").pk], ISSUED, AFTER, ISSUED)[0]
    with pytest.raises(ValidationError) as error:
        ending.end(made, *values)
    assert told in " ".join(error.value.messages)
    made.refresh_from_db()
    assert made.ended_on is None


def test_it_ends_once(of):
    made = issue(of, [member("甲").pk], ISSUED, AFTER, ISSUED)[0]
    ending.end(made, "void", D(2025, 1, 1), "错填")
    with pytest.raises(Conflict):
        ending.end(made, "lost", D(2025, 2, 1), "x")


def test_of_who_has_left_the_paper_is_asked_for_until_it_comes_back(of):
    made = issue(of, [member("甲").pk], ISSUED, AFTER, ISSUED)[0]
    actions.end(member("甲"), D(2025, 6, 1), "withdrawal")
    asked = [
        Certificate.objects.to_return(day).exists() for day in (D(2025, 5, 31), D(2025, 6, 1), D(2026, 12, 31), AFTER)
    ]
    assert asked == [False, True, True, False]
    assert [Certificate.objects.valid_on(day).exists() for day in (D(2025, 5, 31), D(2025, 6, 1))] == [True, False]
    ending.give_back(made, D(2025, 6, 20))
    made.refresh_from_db()
    assert (made.end_kind, made.ended_on, made.returned_on) == ("withdrawn", D(2025, 6, 20), D(2025, 6, 20))
    assert not Certificate.objects.to_return(D(2025, 7, 1)).exists()


@pytest.mark.parametrize(
    ("first", "after", "told"),
    [(D(2019, 12, 31), AFTER, "不是该联盟会员"), (AFTER, ISSUED, "有效期至早于"), (ISSUED, ISSUED, "有效期至早于")],
)
def test_nothing_is_issued_for_days_that_do_not_hold(of, first, after, told):
    with pytest.raises(ValidationError) as error:
        issue(of, [one.pk for one in of.members.all()], first, after, ISSUED)
    assert told in " ".join(error.value.messages)
    assert not Certificate.objects.exists()


def test_one_that_is_no_member_stops_all(of):
    stranger = factories.membership(factories.member(factories.alliance("other")))
    with pytest.raises(Conflict) as error:
        issue(of, [member("甲").pk, stranger.member_id], ISSUED, AFTER, ISSUED)
    assert str(stranger.member.organization) in " ".join(error.value.messages)
    assert not Certificate.objects.exists()


def test_what_was_printed_never_changes(of):
    made = issue(of, [member("甲").pk], ISSUED, AFTER, ISSUED)[0]
    for name, value in {"organization_name": "别的公司", "number": "X", "valid_to": None}.items():
        with pytest.raises(ProgrammingError), transaction.atomic():
            Certificate.objects.filter(pk=made.pk).update(**{name: value})
    listed = record(member("乙"), number="旧1", issued_on=ISSUED, valid_from=ISSUED)
    Certificate.objects.filter(pk=listed.pk).update(organization_name="乙旧名有限公司")


@pytest.mark.django_db(transaction=True)
def test_two_who_issue_at_once_give_no_number_twice(of):
    everybody, made = [one.pk for one in of.members.order_by("pk")], []

    def run(members: list[int]) -> None:
        try:
            made.extend(issue(of, members, ISSUED, AFTER, ISSUED))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[members]) for members in (everybody, everybody[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.number for one in made) == [f"2024-000{number}" for number in range(1, 7)]
    assert Certificate.objects.filter(ended_on=None).count() == 3
