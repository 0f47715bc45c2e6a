"""A change of council of 20, counted in clicks, keys and seconds as a person would need them."""

import datetime

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from alliance.council.change import held_on
from alliance.models import Alliance, Membership, StandardTier, Term, Tier
from registry.models import Organization
from tests import factories
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GOAL = 60.0
"""Seconds of a person for all of the change."""
DAY = datetime.date(2024, 1, 1)
BEFORE = DAY - datetime.timedelta(days=1)
COUNCIL = {"chair": 1, "vice-chair": 4, "executive-council": 5, "council": 10}
NAMES = ["云帆", "海岳", "星桥", "启明", "远图", "鸿渐", "景澜", "博望", "灵枢", "天工", "长风", "精卫"]


def prepare() -> Alliance:
    """An alliance with a council of 20 and 100 other members."""
    alliance = factories.alliance()
    tiers = {one.code: Tier(alliance=alliance, **one.values()) for one in StandardTier.objects.all()}
    Tier.objects.bulk_create(tiers.values())
    factories.term(alliance, "2019-01-01")
    codes = [code for code, number in COUNCIL.items() for _number in range(number)] + ["member"] * 100
    for number, code in enumerate(codes):
        stem = NAMES[number % len(NAMES)] + "甲乙丙丁戊己庚辛壬癸"[number // len(NAMES)]
        of = factories.enterprise(name_zh=f"中山市{stem}智能科技有限公司", name_en="")
        factories.membership(factories.member(alliance, of), "2019-01-01", tier=tiers[code])
    return alliance


def in_order(code: str) -> list[Membership]:
    rows = Membership.objects.filter(tier__code=code, ended_on=None).select_related("member__organization")
    return list(rows.order_by("member__organization__sort_key"))


def pick(member: int, code: str) -> str:
    return f'input[name="tier-{member}"][value="{Tier.objects.get(code=code).pk}"]'


def test_council_of_20_is_changed_within_a_minute(staff_page: Page, reference: None) -> None:
    alliance = prepare()
    roster = {member: one.tier_id for member, one in held_on(alliance, BEFORE).items()}
    vice, executive, council = in_order("vice-chair"), in_order("executive-council"), in_order("council")
    plain = in_order("member")
    newcomers = [plain[number] for number in (3, 21, 40, 58, 90)]
    closed = newcomers[-1].member
    Organization.objects.filter(pk=closed.organization_id).update(registration_status="deregistered")
    staff_page.goto(reverse("admin:index"))
    person = Person(staff_page)

    person.click(f'#content a[href="{reverse("admin:alliance_term_change_council")}"]')
    person.show("council-1-start")
    for one, code in ((vice[0], "executive-council"), (executive[0], "vice-chair"), (council[0], "executive-council")):
        person.click(pick(one.member_id, code))  # change rank
    for one in council[1:6]:
        person.click(pick(one.member_id, "member"))  # leave
    person.click("#id_find")
    for one in newcomers:
        stem = one.member.organization.name_zh[3:6]
        person.type("#id_find", stem, keys=6)
        person.click(pick(one.member_id, "council"))
        if one != newcomers[-1]:
            person.click("#id_find")
    person.show("council-2-chosen")
    person.click("button[value=preview]")
    person.show("council-3-refused")
    assert str(closed.organization) in staff_page.locator(".errornote").inner_text()
    assert Term.objects.count() == 1
    person.click(pick(closed.pk, "member"))
    person.click("button[value=preview]")
    person.show("council-4-preview")
    headings = staff_page.locator(".council-groups h2").all_inner_texts()
    assert headings == ["连任（12）", "级别调整（3）", "新当选（4）", "不再担任（5）"]
    person.click("button[value=apply]")
    person.show("council-5-done")
    print("\n" + person.tell("change of council"))

    assert "第2届换届完成" in staff_page.locator(".messagelist").inner_text()
    assert person.seconds <= GOAL
    assert {member: one.tier_id for member, one in held_on(alliance, BEFORE).items()} == roster
    now = {member: one.tier_id for member, one in held_on(alliance, DAY).items()}
    assert sum(roster[member] != tier for member, tier in now.items()) == 12

    person.click('.object-tools a[href$="/undo/"]')
    person.show("council-6-undo")
    person.click("#undo_form button[type=submit]")
    person.show("council-7-terms")
    assert {member: one.tier_id for member, one in held_on(alliance, DAY).items()} == roster
    assert Term.objects.get().ends_on == DAY
