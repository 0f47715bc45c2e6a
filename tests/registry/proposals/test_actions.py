"""Proposals meet, are decided once, and overwrite nothing that nobody has seen."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from registry.models import Name, Organization, Proposal, ProposalSource
from registry.proposals.actions import Decided, accept, propose, refuse, withdraw
from registry.proposals.models import Origin
from registry.proposals.rights import to_decide, visible_to
from registry.proposals.values import standings
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

REVIEWER = ("registry.view_proposal", "registry.view_organization", "registry.publish_organization")
CLERK = ("registry.view_proposal", "registry.view_organization", "registry.change_organization")


@pytest.fixture
def reviewer(transactional_db) -> User:
    return factories.user(*REVIEWER, last_name="审", first_name="核甲")


@pytest.fixture
def robot(transactional_db) -> Organization:
    return Organization.objects.get(pk=factories.enterprise(short_name="旧简称", website="").pk)


def picks(*proposals: Proposal) -> dict[int, str]:
    """What a page that is opened now would send."""
    return {
        one.proposal.pk: one.seen for one in standings(list(Proposal.objects.filter(pk__in=[p.pk for p in proposals])))
    }


def states(*proposals: Proposal) -> list[str]:
    return [Proposal.objects.get(pk=one.pk).state for one in proposals]


def codes(decided: Decided) -> list[str]:
    return [note.code for note in decided.notes]


def at_once(work: Any, people: list[Any]) -> list[Any]:
    def run(one: Any) -> Any:
        try:
            return work(one)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(run, people))


# --- Proposing


def test_duplicates_meet_and_keep_every_source(robot):
    viewer = factories.user("registry.view_organization")
    one = propose(robot, "short_name", "新简称", origin=Origin.STAFF, proposer=viewer, evidence="执照")
    two = propose(
        robot, "short_name", "新简称", origin=Origin.PUBLIC, evidence="官网", evidence_url="https://example.com"
    )
    other = propose(robot, "short_name", "别的", origin=Origin.PUBLIC)
    assert one.pk == two.pk != other.pk
    assert (one.old, one.new, one.kind) == ("旧简称", "新简称", "suggestion")
    assert [source.evidence for source in one.sources.all()] == ["执照", "官网"]
    propose(robot, "short_name", "新简称", origin=Origin.STAFF, proposer=viewer, evidence="执照")
    assert one.sources.count() == 2, "the same word of the same person is one"


def test_duplicates_made_at_the_same_moment_meet(robot):
    def make(n: int) -> int:
        with transaction.atomic():
            return propose(robot, "introduction", "很长的简介" * 2_000, origin=Origin.PUBLIC, evidence=str(n)).pk

    assert len(set(at_once(make, [*range(6)]))) == 1
    assert ProposalSource.objects.count() == 6


def test_a_second_thought_of_the_same_person_takes_the_place_of_the_first(robot):
    viewer = factories.user("registry.view_organization")
    first = propose(robot, "website", "https://one.example.com", origin=Origin.STAFF, proposer=viewer)
    shared = propose(robot, "short_name", "共同", origin=Origin.STAFF, proposer=viewer)
    propose(robot, "short_name", "共同", origin=Origin.PUBLIC)
    second = propose(robot, "website", "https://two.example.com", origin=Origin.STAFF, proposer=viewer)
    propose(robot, "short_name", "改主意", origin=Origin.STAFF, proposer=viewer)
    assert states(first, second, shared) == ["withdrawn", "open", "open"]


def test_what_cannot_be_proposed_is_refused_by_field(robot):
    for field, new, wrong in (
        ("remarks", "内部", "field"),
        ("published", True, "field"),
        ("short_name", "旧简称", "new"),
        ("founded_on", "2999-01-01", "new"),
        ("website", "不是网址", "new"),
        ("name_zh", "中山市虚构新名有限公司", "name_change"),
    ):
        with pytest.raises(ValidationError) as caught:
            propose(robot, field, new, origin=Origin.PUBLIC)
        assert list(caught.value.error_dict) == [wrong], field
    with pytest.raises(ValidationError):
        propose(robot, "short_name", "新", origin=Origin.PUBLIC, evidence_url="javascript:alert(1)")
    assert not Proposal.objects.exists()


def test_values_of_every_kind_come_back_as_they_were_proposed(robot, reviewer):
    town, wanted = factories.township(), {"founded_on": datetime.date(2016, 5, 1), "registered_capital": "1234.5"}
    made = [propose(robot, "township", town, origin=Origin.PUBLIC)]
    made += [propose(robot, field, new, origin=Origin.PUBLIC) for field, new in wanted.items()]
    made += [propose(robot, "capital_currency", "CNY", origin=Origin.PUBLIC)]
    assert not accept(picks(*made), reviewer).notes
    robot.refresh_from_db()
    assert (robot.township, robot.founded_on, str(robot.registered_capital)) == (town, wanted["founded_on"], "1234.50")


# --- Deciding


def test_partial_acceptance_writes_the_ticked_cells_only(robot, reviewer):
    one = factories.proposal(robot, "short_name", "新简称")
    two = factories.proposal(robot, "website", "https://example.com")
    three = factories.proposal(robot, "scope", "新范围")
    assert accept(picks(one), reviewer).states == {"accepted": [one.pk]}
    assert refuse(picks(two), reviewer, "查无此站").states == {"refused": [two.pk]}
    robot.refresh_from_db()
    assert (robot.short_name, robot.website, robot.scope) == ("新简称", "", "")
    assert states(one, two, three) == ["accepted", "refused", "open"]
    two.refresh_from_db()
    assert (two.reason, two.decided_by) == ("查无此站", reviewer)
    with pytest.raises(ValidationError):
        refuse(picks(three), reviewer, "  ")


def test_a_value_that_changed_meanwhile_needs_a_second_look(robot, reviewer):
    one = factories.proposal(robot, "short_name", "新简称")
    before = picks(one)
    Organization.objects.filter(pk=robot.pk).update(short_name="别人改的")
    assert codes(accept(before, reviewer)) == ["changed"]
    assert states(one) == ["open"]
    assert Organization.objects.get(pk=robot.pk).short_name == "别人改的"
    assert accept(picks(one), reviewer).states == {"accepted": [one.pk]}
    assert Organization.objects.get(pk=robot.pk).short_name == "新简称"


def test_a_value_that_is_there_already_is_overtaken(robot, reviewer):
    one = factories.proposal(robot, "short_name", "新简称")
    Organization.objects.filter(pk=robot.pk).update(short_name="新简称")
    assert accept(picks(one), reviewer).states == {"overtaken": [one.pk]}


def test_two_reviewers_at_once_decide_once_and_the_other_is_told(robot, reviewer):
    made = [factories.proposal(robot, field, new) for field, new in (("short_name", "甲"), ("scope", "乙"))]
    shown = picks(*made)
    people = [reviewer, *(factories.user(*REVIEWER) for _ in range(3))]

    def decide(user: User) -> Decided:
        return accept(shown, user) if user.pk % 2 else refuse(shown, user, "不符")

    outcomes = at_once(decide, people)
    assert sum(len(ids) for one in outcomes for ids in one.states.values()) == 2
    told = [note for one in outcomes for note in one.notes]
    assert len(told) == 6
    assert {note.code for note in told} == {"decided"}
    one = Proposal.objects.get(pk=made[0].pk)
    assert all(one.get_state_display() in note.text for note in told)
    robot.refresh_from_db()
    assert (robot.short_name, robot.scope) == (("甲", "乙") if one.state == "accepted" else ("旧简称", ""))
    events = Organization.pgh_event_model.objects.filter(pgh_obj_id=robot.pk, pgh_label="update").count()
    assert events == (1 if one.state == "accepted" else 0)


def test_a_decision_waits_for_whoever_writes_the_record(robot, reviewer):
    one = factories.proposal(robot, "short_name", "新简称")
    shown = picks(one)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Organization.objects.select_for_update().get(pk=robot.pk)
            waiting = pool.submit(lambda: (accept(shown, reviewer), connection.close())[0])
            Organization.objects.filter(pk=robot.pk).update(short_name="抢先")
        assert codes(waiting.result(20)) == ["changed"]
    assert Organization.objects.get(pk=robot.pk).short_name == "抢先"


def test_nobody_decides_their_own(robot, reviewer):
    one = propose(robot, "short_name", "新简称", origin=Origin.STAFF, proposer=reviewer)
    assert codes(accept(picks(one), reviewer)) == ["own"]
    assert codes(refuse(picks(one), reviewer, "算了")) == ["own"]
    propose(robot, "short_name", "新简称", origin=Origin.PUBLIC)
    assert withdraw([one.pk], reviewer) == 0, "somebody else proposes it still"
    assert accept(picks(one), reviewer).states == {"accepted": [one.pk]}
    two = propose(robot, "scope", "范围", origin=Origin.STAFF, proposer=reviewer)
    assert withdraw([two.pk], reviewer) == 1
    assert states(two) == ["withdrawn"]


def test_who_decides_what(transactional_db, reviewer):
    hidden, shown = factories.enterprise(), factories.enterprise(published=True)
    clerk, viewer = factories.user(*CLERK), factories.user("registry.view_proposal", "registry.view_organization")
    of_hidden, of_shown = factories.proposal(hidden), factories.proposal(shown)
    move = factories.proposal(shown, "township", factories.township(), origin="township", proposer=viewer)
    assert move.kind == "move"
    for one in (of_hidden, of_shown, move):
        assert codes(accept(picks(one), viewer)) == ["forbidden"]
    assert codes(accept(picks(of_shown), clerk)) == ["forbidden"]
    assert accept(picks(of_hidden, move), clerk).states == {"accepted": [of_hidden.pk, move.pk]}
    noted = Proposal.objects.get(organization=shown, in_effect=True)
    assert (noted.field, noted.state) == ("township", "open"), "what a clerk changes for the public is reviewed"
    assert accept(picks(of_shown, noted), reviewer).states == {"accepted": [of_shown.pk, noted.pk]}


def test_a_township_decides_its_own_and_what_comes_to_it(transactional_db):
    here, there = factories.township(), factories.township("442000998", name_zh="虚构镇")
    own, foreign = factories.enterprise(township=here), factories.enterprise(township=there)
    person = factories.user(*CLERK, "registry.limited_to_townships")
    person.account_townships.create(township=here)
    other = factories.user(*CLERK, "registry.limited_to_townships")
    other.account_townships.create(township=there)
    coming = factories.proposal(foreign, "township", here, origin="township", proposer=other)
    going = factories.proposal(own, "township", there, origin="township", proposer=person)
    said, elsewhere = factories.proposal(own), factories.proposal(foreign)
    assert factories.proposal(own, "township", there, origin="public").pk == going.pk
    assert {one.pk for one in visible_to(person)} == {coming.pk, going.pk, said.pk}
    assert {one.pk for one in to_decide(person)} == {coming.pk, said.pk}
    decided = accept(picks(coming, going, said, elsewhere), person)
    assert sorted(decided.states.pop("accepted")) == sorted([coming.pk, said.pk])
    assert not decided.states
    assert sorted(codes(decided)) == ["forbidden", "forbidden"]
    foreign.refresh_from_db()
    assert foreign.township == here
    assert accept(picks(going), other).states == {"accepted": [going.pk]}


def test_what_the_rules_forbid_is_told_and_nothing_of_the_record_is_decided(robot, reviewer):
    other = factories.enterprise()
    bad = factories.proposal(robot, "uscc", factories.valid_uscc(n=77))
    good, elsewhere = (
        factories.proposal(robot, "short_name", "新简称"),
        factories.proposal(other, "short_name", "另一家"),
    )
    shown = picks(bad, good, elsewhere)
    Organization.objects.filter(pk=factories.enterprise().pk).update(uscc=bad.new)
    decided = accept(shown, reviewer)
    assert decided.states == {"accepted": [elsewhere.pk]}
    assert codes(decided) == ["invalid"]
    assert "统一社会信用代码" in decided.notes[0].text
    assert states(bad, good) == ["open", "open"]


def test_a_renaming_keeps_the_former_name_and_a_correction_does_not(robot, reviewer):
    old = robot.name_zh
    one = factories.proposal(robot, "name_zh", "中山市虚构更名有限公司", name_change="rename")
    accept(picks(one), reviewer)
    assert Name.objects.get().name == old
    two = factories.proposal(
        Organization.objects.get(pk=robot.pk), "name_zh", "中山市虚构勘误有限公司", name_change="correction"
    )
    accept(picks(two), reviewer)
    assert Name.objects.get().name == old
    robot.refresh_from_db()
    assert (robot.name_zh, robot.pinyin[:9]) == ("中山市虚构勘误有限公司", "zhong sha")


# --- Rows of child tables


def test_rows_are_added_changed_and_removed(robot, reviewer):
    kept, gone = factories.qualification(robot, issuer="内部机关"), factories.identifier(robot)
    other = factories.grading("specialised", name_zh="专精特新", levels=[])
    made = [
        factories.proposal(robot, "", {"valid_to": datetime.date(2026, 1, 1)}, what="qualification", row=kept),
        factories.proposal(robot, "", {"grading": other}, what="qualification"),
        factories.proposal(robot, "", None, what="identifier", row=gone),
    ]
    Organization.objects.get(pk=robot.pk).qualifications.update(issuer="另一机关")
    assert not accept(picks(*made), reviewer).notes
    kept.refresh_from_db()
    assert (kept.valid_to, kept.issuer) == (datetime.date(2026, 1, 1), "另一机关")
    assert robot.qualifications.count() == 2
    assert not robot.identifiers.exists()


def test_the_primary_sector_moves_from_one_tag_to_another(robot, reviewer):
    first, second = factories.tag(robot, "robots.industrial", is_primary=True), factories.tag(robot, "robots.service")
    made = [
        factories.proposal(robot, "", {"is_primary": True}, what="sectortag", row=second),
        factories.proposal(robot, "", {"is_primary": False}, what="sectortag", row=first),
    ]
    assert codes(accept(picks(made[0]), reviewer)) == ["invalid"], "there is one at most"
    assert not accept(picks(*made), reviewer).notes
    second.refresh_from_db()
    assert second.is_primary


def test_a_row_that_is_gone_can_only_be_refused(robot, reviewer):
    one = factories.proposal(robot, "", {"value": "X00009"}, what="identifier", row=factories.identifier(robot))
    robot.identifiers.all().delete()
    assert codes(accept(picks(one), reviewer)) == ["lost"]
    assert refuse(picks(one), reviewer, "已删除").states == {"refused": [one.pk]}


# --- Merged records


def test_a_proposal_on_a_merged_record_goes_to_its_successor(robot, reviewer):
    successor = factories.enterprise(short_name="后继")
    one = factories.proposal(robot, "website", "https://example.com")
    two = factories.proposal(robot, "", {"scheme": "stock_code", "value": "X55555"}, what="identifier")
    before = picks(one, two)
    Organization.objects.filter(pk=robot.pk).update(registration_status="merged", successor=successor)
    assert codes(accept(before, reviewer)) == ["changed", "changed"], "the merger has to be seen"
    assert accept(picks(one, two), reviewer).states == {"accepted": [one.pk, two.pk]}
    successor.refresh_from_db()
    assert successor.website == "https://example.com"
    assert successor.identifiers.get().value == "X55555"
    robot.refresh_from_db()
    assert robot.website == ""


def test_a_row_of_a_merged_record_is_sought_in_its_successor(robot, reviewer):
    successor = factories.enterprise()
    rows = [factories.qualification(one) for one in (robot, successor)]
    lost = factories.proposal(robot, "", {"name": "虚构另名"}, what="name", row=factories.name(robot))
    one = factories.proposal(robot, "", {"valid_to": datetime.date(2027, 1, 1)}, what="qualification", row=rows[0])
    Organization.objects.filter(pk=robot.pk).update(registration_status="merged", successor=successor)
    decided = accept(picks(one, lost), reviewer)
    assert decided.states == {"accepted": [one.pk]}
    assert codes(decided) == ["lost"]
    for row in rows:
        row.refresh_from_db()
    assert [row.valid_to.year for row in rows] == [2023, 2027]
