"""A seat lies within the membership, and in the supervisory board never together with a tier of the council."""

import datetime
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from alliance.members.imports.memberships import MembershipImport
from alliance.members.operations import actions
from alliance.models import Group, Member, Membership, Seat, Tier
from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from tests import factories
from tests.registry.imports.importing import csv_file

pytestmark = pytest.mark.django_db

DAY = datetime.date(2021, 7, 1)
ONE = datetime.timedelta(days=1)
WITHIN, BOARD, GROUP = "seat_within_membership", "board_outside_council", "seat_within_group"


def board(**fields) -> Group:
    return factories.group(kind="supervisory_board", name_zh="监事会", **fields)


def end_of_transaction() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def assert_refused_at_the_end(write: Callable[[], object], name: str) -> None:
    """The database takes the write, and refuses it at the end of the transaction."""

    def write_and_end() -> None:
        write()
        end_of_transaction()

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        write_and_end()
    assert caught.value.__cause__.diag.constraint_name == name


def new_seat(membership: Membership, group: Group | None = None, **fields) -> Seat:
    group = group or factories.group(membership.alliance)
    return Seat(group=group, alliance=group.alliance, member=membership.member, **{"begins_on": DAY} | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"begins_on": DAY - ONE},  # begins before the membership
        {"begins_on": DAY},  # is open, while the membership ends
        {"begins_on": DAY, "ends_on": DAY + 11 * ONE},  # ends a day later
        {"begins_on": DAY + 90 * ONE},  # begins after it
    ],
)
def test_seat_outside_of_the_membership_is_refused(fields):
    membership = factories.membership(admitted_on=DAY.isoformat(), ended_on=DAY + 10 * ONE, end_reason="other")
    seat = new_seat(membership, **fields)
    with pytest.raises(ValidationError, match="会籍期间：2021-07-01至2021-07-10。"):
        seat.full_clean()
    with translation.override("en"), pytest.raises(ValidationError, match="A seat lies within the membership"):
        seat.full_clean()
    assert_refused_at_the_end(lambda: Seat.objects.bulk_create([seat]), WITHIN)
    assert not Seat.objects.exists()


def test_nobody_sits_who_never_was_a_member():
    seat = new_seat(Membership(member=factories.member(), alliance=factories.alliance()))
    with pytest.raises(ValidationError, match="会籍期间：无"):
        seat.full_clean()
    assert_refused_at_the_end(seat.save, WITHIN)


def test_seat_lasts_as_long_as_the_unbroken_membership_whatever_its_tiers():
    first = factories.membership(admitted_on="2020-01-01")
    actions.change_tier(first.member, factories.tier(first.alliance, "other"), DAY)
    actions.end(first.member, DAY + 30 * ONE, "withdrawal")
    seat = new_seat(first, begins_on=datetime.date(2020, 1, 1), ends_on=DAY + 30 * ONE)
    seat.full_clean()
    seat.save()
    factories.membership(first.member, (DAY + 31 * ONE).isoformat())
    seat.ends_on = None
    with pytest.raises(ValidationError, match="任职须在会籍期间之内"):
        seat.full_clean()  # a day lies between


def test_writes_to_memberships_keep_seats_within():
    seat = factories.seat(factories.membership(admitted_on="2020-01-01"))
    own = Membership.objects.filter(member=seat.member)
    assert_refused_at_the_end(lambda: own.update(ended_on=DAY, end_reason="other"), WITHIN)
    assert_refused_at_the_end(lambda: own.update(admitted_on=DAY), WITHIN)
    assert_refused_at_the_end(own.delete, WITHIN)


def test_member_of_the_board_is_never_of_the_council():
    alliance = factories.alliance()
    council = factories.tier(alliance, "council", in_council=True)
    on_board = factories.seat(factories.membership(), board())
    with pytest.raises(
        ValidationError,
        match="监事会与理事会不得同时任职：在“监事会”任职（2020-01-01起），会员级别为“理事单位”（2021-07-01起）",
    ):
        actions.change_tier(on_board.member, council, DAY)
    assert Membership.objects.get().ended_on is None
    seat = new_seat(factories.membership(tier=council), on_board.group)
    with pytest.raises(ValidationError, match="监事会与理事会不得同时任职"):
        seat.full_clean()
    assert_refused_at_the_end(seat.save, BOARD)
    plain = Tier.objects.filter(pk=on_board.member.memberships.get().tier_id)
    assert_refused_at_the_end(lambda: plain.update(in_council=True), BOARD)
    elsewhere = factories.seat(factories.membership(tier=council))
    turned = Group.objects.filter(pk=elsewhere.group_id)
    assert_refused_at_the_end(lambda: turned.update(kind="supervisory_board"), BOARD)
    late = Membership(
        member=on_board.member, alliance=alliance, tier=council, admitted_on=DAY - 9000 * ONE, ended_on=DAY - 8000 * ONE
    )
    late.save()  # on other days it may


def test_group_exists_on_all_days_of_its_seats_whatever_writes():
    membership = factories.membership(admitted_on="2020-01-01")
    group = factories.group(founded_on="2020-01-01", name_zh="标准工作组")
    seat = factories.seat(membership, group, begins_on="2020-06-01")
    assert_refused_at_the_end(lambda: Seat.objects.filter(pk=seat.pk).update(group=unborn(membership)), GROUP)
    assert_refused_at_the_end(new_seat(membership, unborn(membership)).save, GROUP)
    own = Group.objects.filter(pk=group.pk)
    assert_refused_at_the_end(lambda: own.update(dissolved_on=DAY), GROUP)
    assert_refused_at_the_end(lambda: own.update(founded_on=DAY), GROUP)
    group.dissolved_on = DAY
    name = seat.member.organization
    with pytest.raises(ValidationError, match=f"{name}：任职须在内设机构存续期间之内：在标准工作组的任职为2020-06"):
        group.full_clean()
    Seat.objects.filter(pk=seat.pk).update(ends_on=DAY)
    group.full_clean()
    group.save()
    end_of_transaction()


def unborn(of: Membership) -> Group:
    return factories.group(of.alliance, founded_on=(DAY + ONE).isoformat())


def test_group_with_a_member_of_the_council_does_not_become_the_board():
    alliance = factories.alliance()
    council = factories.tier(alliance, "council", in_council=True)
    group = factories.seat(factories.membership(tier=council)).group
    group.kind = Group.Kind.SUPERVISORY_BOARD
    with pytest.raises(ValidationError, match="监事会与理事会不得同时任职"):
        group.full_clean()


def test_board_and_council_may_follow_each_other_on_one_day():
    membership = factories.membership(admitted_on="2020-01-01")
    seat = factories.seat(membership, board(), ends_on=DAY)
    actions.change_tier(membership.member, factories.tier(membership.alliance, "council", in_council=True), DAY)
    end_of_transaction()
    seat.full_clean()
    assert membership.member.memberships.as_of(DAY).get().tier.in_council


def test_end_names_the_seats_in_its_way_and_ends_them_if_agreed():
    membership = factories.membership(admitted_on="2020-01-01")
    seat = factories.seat(membership, factories.group(name_zh="机器人专业委员会"))
    over = factories.seat(membership, ends_on="2020-06-01")
    with pytest.raises(ValidationError) as caught:
        actions.end(membership.member, DAY, "withdrawal")
    assert caught.value.message_dict == {
        "end_seats": ["该单位此后仍在机器人专业委员会（2020-01-01起）任职：请勾选同时终止任职，或先终止这些任职。"]
    }
    assert Membership.objects.get().ended_on is None
    actions.end(membership.member, DAY, "withdrawal", end_seats=True)
    seat.refresh_from_db()
    over.refresh_from_db()
    assert (seat.ends_on, over.ends_on) == (DAY, datetime.date(2020, 6, 1))


def test_seat_that_begins_later_is_not_ended_but_named():
    membership = factories.membership(admitted_on="2020-01-01")
    factories.seat(membership, begins_on=DAY + ONE)
    with pytest.raises(ValidationError, match="在该日之后才开始"):
        actions.end(membership.member, DAY, "withdrawal", end_seats=True)


def test_correction_of_a_membership_names_the_seat_that_it_would_leave_outside():
    membership = factories.membership(admitted_on="2020-01-01")
    factories.seat(membership, begins_on="2020-01-01")
    with pytest.raises(ValidationError, match="任职须在会籍期间之内"):
        actions.correct(membership, admitted_on=DAY, reason="核对档案")
    membership.refresh_from_db()
    assert membership.admitted_on == datetime.date(2020, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_what_the_database_refuses_at_the_end_is_a_message():
    seat = factories.seat(factories.membership(admitted_on="2020-01-01"))
    with (
        pytest.raises(Conflict, match="只有会员在会籍期间才能在内设机构任职"),
        integrity_errors_as_conflicts(),
        transaction.atomic(),
    ):
        Membership.objects.filter(member=seat.member).update(ended_on=DAY, end_reason="other")


def test_list_that_ends_a_membership_names_the_seat_in_its_way(reference, tmp_path):
    membership = factories.membership(admitted_on="2020-01-01")
    other = factories.membership(admitted_on="2020-01-01")
    seat = factories.seat(membership, factories.group(name_zh="机器人专业委员会"))
    header = ["单位名称", "会员级别", "起始日期", "终止日期", "终止原因"]
    rows = [
        [one.member.organization.name_zh, "", "2020-01-01", DAY.isoformat(), "自愿退会"] for one in (membership, other)
    ]
    file = csv_file(tmp_path, [header, *rows])
    with pytest.raises(Conflict) as caught:
        MembershipImport(slug="test").run(file, apply=True)
    assert caught.value.messages == [
        f"{seat.member.organization}：任职须在会籍期间之内：在“机器人专业委员会”任职（2020-01-01起），"
        "会籍期间：2020-01-01至2021-06-30。"
    ]
    assert not Membership.objects.exclude(ended_on=None).exists()


def test_form_of_an_end_asks_whether_seats_end_too():
    membership = factories.membership(admitted_on="2020-01-01")
    seat = factories.seat(membership, factories.group(name_zh="机器人专业委员会"))
    client = Client()
    client.force_login(factories.superuser())
    url = reverse("admin:alliance_member_end", args=[membership.member_id])
    assert "机器人专业委员会（2020-01-01起）" in client.get(url).content.decode()
    said = {"on": DAY.isoformat(), "reason": "withdrawal"}
    page = client.post(url, said).content.decode()
    assert "请勾选同时终止任职" in page
    assert client.post(url, said | {"end_seats": "on"}).status_code == 302
    seat.refresh_from_db()
    assert seat.ends_on == DAY


def test_form_of_an_end_asks_nothing_about_seats_that_are_not():
    client = Client()
    client.force_login(factories.superuser())
    url = reverse("admin:alliance_member_end", args=[factories.membership().member_id])
    assert "end_seats" not in client.get(url).content.decode()


def test_member_with_a_seat_is_not_deleted():
    seat = factories.seat()
    with pytest.raises(Exception, match="protected foreign keys"):
        Member.objects.get(pk=seat.member_id).delete()
