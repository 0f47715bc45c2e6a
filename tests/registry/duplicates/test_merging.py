"""Merging two records: what moves, what is told before, and that undoing brings everything back."""

import datetime

import pghistory
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from registry.database.db_errors import Conflict
from registry.duplicates import references
from registry.duplicates.merging import merge, preview
from registry.duplicates.undoing import undo
from registry.models import (
    AnnualFigures,
    Contact,
    Distinction,
    Merger,
    Name,
    Organization,
    OrganizationChange,
    PairJudgement,
    Relation,
    RoundOrganization,
    SectorTag,
)
from registry.search.conditions import find
from tests import factories
from tests.registry.duplicates.merging import digests, full, merged, of_alliance, pair_of

pytestmark = pytest.mark.django_db


def told(kept, gone, user=None):
    shown = preview(pair_of(kept, gone, user))
    return [
        *shown.refusals,
        *shown.warnings,
        *(f"{p.label}:{line.fate}:{line.text}" for p in shown.parts for line in p.lines),
    ]


def choices(kept, gone, user=None):
    shown = preview(pair_of(kept, gone, user))
    every = [choice for _group, choice in shown.fields] + shown.names + [c for p in shown.parts for c in p.choices]
    return {choice.name: choice for choice in every}


def test_every_foreign_key_to_an_organization_is_declared():
    assert set(references.foreign_keys()) == references.declared()


def test_a_table_that_nobody_declared_refuses_with_its_name(monkeypatch):
    kept, gone = factories.organization(), factories.organization()
    factories.figures(gone)
    left = [part for part in references.parts() if (AnnualFigures, "organization") not in part.keys]
    monkeypatch.setattr(references, "_parts", left)
    assert "registry.AnnualFigures.organization" in " ".join(told(kept, gone))
    with pytest.raises(ValidationError, match=r"registry\.AnnualFigures"):
        merged(kept, gone)
    assert not Merger.objects.exists()


def test_everything_moves_and_undoing_brings_every_table_back():
    kept = full("中山市甲某智能科技有限公司")
    gone = full("中山市乙丙丁智能科技有限公司", uscc=factories.valid_uscc(), website="https://b.example.com")
    of_alliance(gone)
    of_alliance(kept, "second")
    before = digests()
    merger = merged(kept, gone)
    after = Organization.objects.get(pk=gone.pk)
    assert (after.registration_status, after.successor_id, after.registry_no) == ("merged", kept.pk, gone.registry_no)
    kept.refresh_from_db()
    assert (kept.uscc, kept.website, after.uscc) == (gone.uscc, "https://b.example.com", None)
    assert kept.alliance_members.count() == 2
    assert kept.names.filter(kind="former", name=gone.name_zh).exists()
    assert kept.contacts.count() == 2
    assert kept.identifiers.count() == 2
    assert set(find(Organization.objects.unmerged(), "乙丙丁智能")) == {kept}
    assert digests() != before
    undo(merger.pk)
    assert digests() == before


def test_the_feed_tells_the_merged_record_as_a_tombstone():
    kept, gone = factories.organization(), factories.organization()
    merged(kept, gone)
    assert OrganizationChange.objects.get(organization_id=gone.pk).state == "merged"


# --- Told before: a test for each kind


def test_members_of_one_alliance_at_the_same_time_refuse_with_their_periods():
    kept, gone = factories.organization(), factories.organization()
    alliance = factories.alliance()
    for one in (kept, gone):
        factories.membership(factories.member(alliance, one), "2020-01-01")
    assert any("同时" in line and str(alliance) in line for line in told(kept, gone))
    with pytest.raises(ValidationError):
        merged(kept, gone)


def test_memberships_one_after_the_other_are_joined_under_one_number():
    kept, gone = factories.organization(), factories.organization()
    alliance = factories.alliance()
    old = factories.membership(
        factories.member(alliance, gone), "2018-01-01", ended_on="2019-01-01", end_reason="other"
    )
    new = factories.membership(factories.member(alliance, kept), "2020-01-01")
    factories.representative(old.member)
    before = digests()
    merger = merged(kept, gone)
    assert new.member.memberships.count() == 2
    assert new.member.representatives.count() == 1
    assert gone.alliance_members.get().member_no == old.member.member_no
    undo(merger.pk)
    assert digests() == before


def test_joining_memberships_needs_the_right_to_change_them():
    kept, gone = factories.organization(), factories.organization()
    alliance = factories.alliance()
    factories.membership(factories.member(alliance, gone), "2018-01-01", ended_on="2019-01-01", end_reason="other")
    factories.membership(factories.member(alliance, kept), "2020-01-01")
    rights = ("registry.merge_organization", "registry.change_organization", "registry.view_organization")
    assert preview(pair_of(kept, gone, factories.user(*rights))).refusals
    assert not preview(pair_of(kept, gone, factories.user(*rights, "alliance.change_membership"))).refusals


@pytest.mark.parametrize(("side", "stays", "goes"), [("kept", 10, 20), ("merged", 20, 10)])
def test_figures_of_one_year_are_chosen_and_the_others_stay_readable(side, stays, goes):
    kept, gone = factories.organization(), factories.organization()
    factories.figures(kept, 2023, employees=10, assets=None, revenue=None)
    factories.figures(gone, 2023, employees=20, assets=None, revenue=None)
    factories.figures(gone, 2022, employees=5)
    before = digests()
    choice = next(c for name, c in choices(kept, gone).items() if name.startswith("figures-"))
    assert [option.text for option in choice.options] == ["2023：从业人员 10", "2023：从业人员 20"]
    merger = merged(kept, gone, **{choice.name: side})
    assert dict(kept.annual_figures.values_list("year", "employees")) == {2023: stays, 2022: 5}
    assert dict(gone.annual_figures.values_list("year", "employees")) == {2023: goes}
    undo(merger.pk)
    assert digests() == before


def test_contacts_of_one_role_are_chosen_and_shown_masked():
    kept, gone = factories.organization(), factories.organization()
    factories.contact(kept, role="liaison", name="甲", phone="0760-00000001")
    factories.contact(gone, role="liaison", name="乙", phone="0760-00000002")
    choice = next(c for name, c in choices(kept, gone).items() if name.startswith("contact-"))
    assert "0760-00000002" not in choice.options[1].text
    merged(kept, gone, **{choice.name: "merged"})
    assert Contact.objects.get(organization=kept).name == "乙"
    assert Contact.objects.get(organization=gone).name == "甲"


def test_one_primary_sector_for_each_plan_is_chosen():
    kept, gone = factories.organization(), factories.organization()
    factories.tag(kept, "robots.industrial", is_primary=True)
    factories.tag(gone, "software.vision", is_primary=True)
    plan = factories.plan()
    before = digests()
    assert f"primary-{plan.pk}" in choices(kept, gone)
    merger = merged(kept, gone, **{f"primary-{plan.pk}": "merged"})
    assert dict(SectorTag.objects.filter(organization=kept).values_list("sector__code", "is_primary")) == {
        "robots.industrial": False,
        "software.vision": True,
    }
    undo(merger.pk)
    assert digests() == before


def test_the_same_sector_on_both_sides_stays_once_with_the_evidence_of_both():
    kept, gone = factories.organization(), factories.organization()
    factories.tag(kept, evidence="")
    factories.tag(gone, evidence="工业相机")
    merged(kept, gone)
    assert SectorTag.objects.get(organization=kept).evidence == "工业相机"
    assert SectorTag.objects.filter(organization=gone).exists()


def test_relations_between_the_two_are_removed_and_the_others_move():
    kept, gone, third = (factories.organization() for _n in range(3))
    factories.relation(kept, gone)
    factories.relation(gone, kept, "hosts")
    factories.relation(third, gone)
    before = digests()
    assert sum(":removed:" in line for line in told(kept, gone)) == 2
    merger = merged(kept, gone)
    assert list(Relation.objects.values_list("organization", "related")) == [(third.pk, kept.pk)]
    undo(merger.pk)
    assert digests() == before


def test_a_round_that_asks_both_asks_one_and_keeps_the_answer():
    kept, gone = factories.organization(), factories.organization()
    of_round = factories.collection_round(kept, gone)
    RoundOrganization.objects.filter(organization=gone).update(state="refuses")
    merged(kept, gone)
    assert list(of_round.asked.values_list("organization", "state")) == [(kept.pk, "refuses")]


def test_two_codes_are_told_and_have_to_be_confirmed():
    kept, gone = (factories.organization(uscc=factories.valid_uscc()) for _n in range(2))
    shown = preview(pair_of(kept, gone))
    assert "两个" in " ".join(shown.warnings)
    with pytest.raises(ValidationError, match="确认"):
        merge(pair_of(kept, gone), {}, seen=shown.seen)
    merged(kept, gone)
    kept_code, gone_code = kept.uscc, gone.uscc
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.uscc, gone.uscc) == (kept_code, gone_code)


def test_chains_lead_to_the_last_and_are_undone_from_the_end():
    a, b, c = (factories.organization() for _n in range(3))
    first = merged(b, a)
    assert any(f"changes:{Organization.objects.get(pk=a.pk)}" in line for line in told(c, b))
    second = merged(c, b)
    a.refresh_from_db()
    assert a.successor_id == c.pk
    with pytest.raises(ValidationError, match="先撤销"):
        undo(first.pk)
    undo(second.pk)
    undo(first.pk)
    a.refresh_from_db()
    assert (a.registration_status, a.successor_id) == ("active", None)


def test_a_merged_record_is_merged_no_further_and_takes_nothing():
    a, b, c = (factories.organization() for _n in range(3))
    merged(b, a)
    for kept, gone in ((c, a), (a, c)):
        with pytest.raises(ValidationError, match="已合并"):
            merged(kept, gone)


def test_a_published_record_merged_into_an_unpublished_one_is_told():
    kept, gone = factories.organization(), factories.organization(published=True)
    assert any("公开" in line for line in told(kept, gone))
    merged(kept, gone, published="merged")
    kept.refresh_from_db()
    assert kept.published


def test_what_told_the_two_apart_before_holds_no_longer():
    kept, gone, third = factories.organization(), factories.organization(), factories.organization()
    factories.distinction(kept, gone.name_zh)
    PairJudgement.objects.create(first=gone, second=third, verdict="different")
    before = digests()
    merger = merged(kept, gone)
    assert not Distinction.objects.filter(organization=kept, name_key=gone.name_zh).exists()
    assert PairJudgement.objects.filter(first=kept, second=third, verdict="different").exists()
    undo(merger.pk)
    assert digests() == before


# --- Values and names


def test_proposed_values_are_those_that_say_more_and_the_reason_is_said():
    kept = factories.organization(scope="短", founded_on=datetime.date(2015, 1, 1), remarks="甲")
    gone = factories.organization(
        scope="长得多的经营范围", founded_on=datetime.date(2010, 1, 1), remarks="乙", website="https://b.example.com"
    )
    found = choices(kept, gone)
    assert {name: found[name].proposed for name in ("scope", "founded_on", "remarks", "website", "name_zh")} == {
        "scope": "merged",
        "founded_on": "merged",
        "remarks": "both",
        "website": "merged",
        "name_zh": "kept",
    }
    assert (found["scope"].why, found["founded_on"].why) == ("文字较长", "日期较早")
    merged(kept, gone, scope="kept")
    kept.refresh_from_db()
    assert (kept.scope, kept.remarks, kept.founded_on.year) == ("短", "甲\n乙", 2010)


def test_the_verified_values_are_proposed():
    kept = factories.organization(registered_address="石岐一路1号很长的地址")
    gone = factories.organization(
        registered_address="小榄路2号", verified_on=datetime.date(2026, 1, 1), verified_from="visit"
    )
    assert choices(kept, gone)["registered_address"].proposed == "merged"


@pytest.mark.parametrize(("chosen", "kind"), [("former", ["former"]), ("alias", ["alias"]), ("none", [])])
def test_the_name_that_is_not_chosen_becomes_what_was_chosen(chosen, kind):
    kept, gone = factories.organization(), factories.organization(name_zh="中山市旧称某科技有限公司")
    merged(kept, gone, **{"name_zh-old": chosen})
    assert list(Name.objects.filter(organization=kept).values_list("kind", flat=True)) == kind


def test_the_chosen_name_of_the_merged_record_makes_the_old_one_a_former_name():
    kept, gone = factories.organization(), factories.organization(name_zh="中山市新称某科技有限公司")
    old = kept.name_zh
    merged(kept, gone, name_zh="merged")
    kept.refresh_from_db()
    assert (kept.name_zh, kept.pinyin[:9]) == (gone.name_zh, "zhong sha")
    assert kept.names.get().name == old


# --- Together with others


def test_what_has_changed_since_the_page_is_not_merged():
    kept, gone = factories.organization(), factories.organization()
    seen = preview(pair_of(kept, gone)).seen
    factories.contact(gone)
    with pytest.raises(Conflict):
        merge(pair_of(kept, gone), {}, seen=seen)


def test_who_lacks_the_right_does_not_merge():
    kept, gone = factories.organization(), factories.organization()
    clerk = factories.user("registry.change_organization")
    with pytest.raises(PermissionDenied):
        merged(kept, gone, clerk)


def test_undoing_is_refused_with_names_where_something_depends_on_it():
    kept, gone = factories.organization(), factories.organization(website="https://b.example.com")
    merger = merged(kept, gone)
    with pghistory.context(operation="later"):
        Organization.objects.filter(pk=kept.pk).update(website="https://c.example.com")
    with pytest.raises(ValidationError, match=r"网址|网站"):
        undo(merger.pk)
    gone.refresh_from_db()
    assert gone.registration_status == "merged"


def test_undoing_ends_after_thirty_days():
    kept, gone = factories.organization(), factories.organization()
    merger = merged(kept, gone)
    Merger.objects.update(merged_at=merger.merged_at - datetime.timedelta(days=31))
    with pytest.raises(ValidationError, match="30"):
        undo(merger.pk)
