"""Editing one card: only its fields are written, nobody's work is overwritten, and who may not is refused."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import Contact, Organization, Proposal, Relation
from registry.organizations.page.cards import CARDS
from tests import factories
from tests.pages import add_row, errors, form_data
from tests.registry.organizations.page.test_page import full, read, session  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
PHONE = "13900007531"


def card(of: Organization, name: str) -> str:
    return f"{read(of)}{name}/edit/"


@pytest.fixture
def robot(reference: None) -> Organization:
    return factories.enterprise(
        name_zh="中山市虚构卡片有限公司", short_name="旧简称", main_products="旧产品", township=factories.township()
    )


@pytest.fixture
def clerk(robot: Organization) -> Client:
    return session(factories.with_role("录入员"))


def save(client: Client, url: str, **changes: object) -> object:
    return client.post(url, form_data(client.get(url)) | changes)


def test_a_card_writes_its_fields_and_nothing_else(clerk: Client, robot: Organization) -> None:
    factories.contact(robot)
    opened = clerk.get(card(robot, "business"))
    sent = form_data(opened)
    assert "main_products" in sent
    assert not {"name_zh", "township", "contacts-TOTAL_FORMS", "published"} & sent.keys()
    answer = clerk.post(card(robot, "business"), sent | {"main_products": "虚构关节", "name_zh": "偷改的名称"})
    assert answer["Location"] == f"{read(robot)}#card-business"
    robot.refresh_from_db()
    assert (robot.main_products, robot.name_zh, robot.short_name) == ("虚构关节", "中山市虚构卡片有限公司", "旧简称")
    assert robot.contacts.count() == 1
    assert "已保存：业务情况" in clerk.get(read(robot)).content.decode()


def test_rows_are_added_changed_and_removed_in_their_card(clerk: Client, robot: Organization) -> None:
    url = card(robot, "sectors")
    factories.tag(robot, "robots.service", is_primary=True)
    data = add_row(form_data(clerk.get(url)), "sector_tags", sector=factories.sector("robots.industrial").pk)
    answer = clerk.post(url, data)
    assert answer.status_code == 302, errors(answer)
    assert robot.sector_tags.count() == 2
    answer = save(clerk, url, **{"sector_tags-0-DELETE": "on"})
    assert list(robot.sector_tags.values_list("sector__code", "is_primary")) == [("robots.industrial", True)]


def test_two_people_in_two_cards_both_succeed(clerk: Client, robot: Organization) -> None:
    other = session(factories.with_role("录入员"))
    mine, theirs = (form_data(one.get(card(robot, name))) for one, name in ((clerk, "names"), (other, "business")))
    people = form_data(other.get(card(robot, "contacts")))
    assert other.post(card(robot, "business"), theirs | {"main_products": "甲"}).status_code == 302
    assert clerk.post(card(robot, "names"), mine | {"short_name": "新简称"}).status_code == 302
    assert other.post(card(robot, "contacts"), people | {"contacts-0-name": "某人"}).status_code == 302
    robot.refresh_from_db()
    assert (robot.main_products, robot.short_name) == ("甲", "新简称")
    assert robot.contacts.get().name == "某人"


def test_in_the_same_card_the_second_sees_the_difference_first(clerk: Client, robot: Organization) -> None:
    other = session(factories.with_role("录入员"))
    url = card(robot, "names")
    mine, theirs = form_data(clerk.get(url)), form_data(other.get(url))
    assert other.post(url, theirs | {"short_name": "他改的"}).status_code == 302
    answer = clerk.post(url, mine | {"short_name": "我改的"})
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "旧简称 → 他改的" in shown
    assert "我改的" in shown
    robot.refresh_from_db()
    assert robot.short_name == "他改的"
    (contest,) = answer.context["contests"]
    assert clerk.post(url, form_data(answer) | {contest.choice: "mine"}).status_code == 302
    robot.refresh_from_db()
    assert robot.short_name == "我改的"


def test_rows_of_one_card_are_merged(clerk: Client, robot: Organization) -> None:
    other = session(factories.with_role("录入员"))
    factories.contact(robot, name="旧人", title="")
    url = card(robot, "contacts")
    mine, theirs = form_data(clerk.get(url)), form_data(other.get(url))
    assert other.post(url, theirs | {"contacts-0-name": "新人"}).status_code == 302
    answer = clerk.post(url, mine | {"contacts-0-title": "经理"})
    assert answer.status_code == 200
    assert clerk.post(url, form_data(answer)).status_code == 302
    assert Contact.objects.values_list("name", "title").get() == ("新人", "经理")


def test_a_refused_card_shows_the_error_beside_its_field(clerk: Client, robot: Organization) -> None:
    answer = save(clerk, card(robot, "registration"), founded_on="2020-02-30")
    assert list(errors(answer)) == ["founded_on"]
    shown = answer.content.decode()
    assert re.search(r'class="field field-founded_on errors".*?errorlist', shown, re.DOTALL)
    assert 'aria-invalid="true"' in shown


def test_a_changed_name_asks_why_in_its_card(clerk: Client, robot: Organization) -> None:
    answer = save(clerk, card(robot, "names"), name_zh="中山市虚构更名有限公司")
    assert list(errors(answer)) == ["name_change"]
    answer = save(clerk, card(robot, "names"), name_zh="中山市虚构更名有限公司", name_change="rename")
    assert answer.status_code == 302
    assert robot.names.get().name == "中山市虚构卡片有限公司"


def test_masked_numbers_stay_as_they_are(clerk: Client, robot: Organization) -> None:
    factories.contact(robot, phone=PHONE)
    url = card(robot, "contacts")
    assert PHONE not in clerk.get(url).content.decode()
    assert save(clerk, url, **{"contacts-0-title": "经理"}).status_code == 302
    assert Contact.objects.values_list("phone", "title").get() == (PHONE, "经理")


@pytest.mark.parametrize("typed", ["number", "code", "name"])
def test_another_organization_is_named_by_number_code_or_name(clerk: Client, robot: Organization, typed: str) -> None:
    parent = factories.enterprise(name_zh="中山市虚构母体有限公司")
    text = {"number": parent.registry_no.lower(), "code": parent.uscc, "name": "中山市虚构母体 有限公司"}[typed]
    url = card(robot, "relations")
    data = add_row(form_data(clerk.get(url)), "relations", kind="parent", related=text)
    answer = clerk.post(url, data)
    assert answer.status_code == 302, errors(answer)
    assert Relation.objects.get().related_id == parent.pk
    assert save(clerk, url).status_code == 302, "shown as it was read"
    assert Relation.pgh_event_model.objects.count() == 1  # type: ignore[attr-defined]


def test_an_unknown_organization_is_refused(clerk: Client, robot: Organization) -> None:
    url = card(robot, "relations")
    data = add_row(form_data(clerk.get(url)), "relations", kind="parent", related="没有这一家")
    assert list(errors(clerk.post(url, data))) == ["relations-1-related"]


@pytest.mark.parametrize("role", ["查询员", "秘书处", "审计员", "系统管理员"])
def test_who_may_not_change_organizations_opens_no_card(robot: Organization, role: str) -> None:
    client = session(factories.with_role(role))
    for name in CARDS:
        assert client.get(card(robot, name)).status_code == 403, name
        assert client.post(card(robot, name), {}).status_code == 403, name


def test_a_town_edits_its_own_organizations_only(robot: Organization) -> None:
    mine = session(factories.of_township(factories.township()))
    other = session(factories.of_township(factories.township("442000103")))
    for name in CARDS:
        assert other.get(card(robot, name)).status_code == 403, name
        assert other.post(card(robot, name), {}).status_code == 403, name
    assert save(mine, card(robot, "location"), registered_address="虚构路1号").status_code == 302
    answer = save(mine, card(robot, "location"), township=factories.township("442000103").pk)
    assert answer.status_code == 302
    robot.refresh_from_db()
    assert robot.township.code == "442000118"
    assert Proposal.objects.get().kind == "move"


def test_a_clerks_change_of_a_published_record_is_a_proposal_in_effect(clerk: Client, robot: Organization) -> None:
    Organization.objects.filter(pk=robot.pk).update(published=True)
    assert save(clerk, card(robot, "names"), short_name="新简称").status_code == 302
    proposal = Proposal.objects.get()
    assert (proposal.field, proposal.in_effect) == ("short_name", True)


def test_two_persons_hold_a_card_back(clerk: Client, robot: Organization, settings: object) -> None:
    settings.TWO_PERSONS = "published"  # type: ignore[attr-defined]
    Organization.objects.filter(pk=robot.pk).update(published=True)
    answer = clerk.post(
        card(robot, "names"), form_data(clerk.get(card(robot, "names"))) | {"short_name": "新简称"}, follow=True
    )
    assert "1 处修改须由另一人审核后生效：简称" in " ".join(map(str, answer.context["messages"]))
    robot.refresh_from_db()
    assert robot.short_name == "旧简称"
    assert "新简称" in clerk.get(read(robot)).content.decode(), "it waits on the page"


def test_a_card_costs_the_same_whatever_it_holds(full: Organization) -> None:  # noqa: F811 - the fixture
    client = session(factories.superuser())
    urls = [card(full, name) for name in CARDS]

    def queries() -> dict[str, int]:
        found = {}
        for url in urls:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            found[url] = len(captured)
        return found

    queries()
    before = queries()
    for code in ("core-hardware", "robots"):
        factories.tag(full, code)
    for number in range(3):
        factories.qualification(full, batch=f"第{number}批")
        factories.name(full)
        factories.figures(full, 2000 + number)
        factories.contact(full, role="other", name=f"某{number}")
        factories.relation(full, factories.enterprise())
    assert queries() == before
    assert max(before.values()) <= 20


# --- Reverting


def reverts(client: Client, of: Organization) -> list[str]:
    return re.findall(r'class="revert" href="([^"]+)"', client.get(read(of)).content.decode())


def test_a_value_is_reverted_by_its_card(clerk: Client, robot: Organization) -> None:
    save(clerk, card(robot, "names"), short_name="改错了")
    (url,) = reverts(clerk, robot)
    opened = clerk.get(url.replace("&amp;", "&"))
    assert opened.context["adminform"].form["short_name"].value() == "旧简称"
    assert "还原：" in opened.content.decode()
    robot.refresh_from_db()
    assert robot.short_name == "改错了", "nothing is stored by looking"
    assert clerk.post(url.partition("?")[0], form_data(opened)).status_code == 302
    robot.refresh_from_db()
    assert robot.short_name == "旧简称"


def test_a_value_of_a_row_is_reverted(clerk: Client, robot: Organization) -> None:
    figures = factories.figures(robot, employees=86)
    save(clerk, card(robot, "figures"), **{"annual_figures-0-employees": "88"})
    (url,) = reverts(clerk, robot)
    assert clerk.post(url.partition("?")[0], form_data(clerk.get(url))).status_code == 302
    figures.refresh_from_db()
    assert figures.employees == 86


def test_what_has_changed_since_is_told_before(clerk: Client, robot: Organization) -> None:
    save(clerk, card(robot, "names"), short_name="第一次")
    (first,) = reverts(clerk, robot)
    save(clerk, card(robot, "names"), short_name="第二次")
    shown = clerk.get(first).content.decode()
    assert "此后又有改动" in shown
    assert "第二次" in shown
    assert "旧简称" in shown


def test_masked_numbers_and_strange_addresses_are_not_reverted(clerk: Client, robot: Organization) -> None:
    contact = factories.contact(robot, phone=PHONE)
    Contact.objects.filter(pk=contact.pk).update(phone="0760-00000009")
    assert reverts(clerk, robot) == []
    for key in ("contact.1.phone", "organization.999999.short_name", "x", "organization.1.registry_no"):
        opened = clerk.get(card(robot, "contacts"), {"revert": key})
        assert opened.status_code == 200
        assert PHONE not in opened.content.decode()


def test_a_card_reverts_nothing_of_another_record_or_of_what_may_not_be_seen(robot: Organization) -> None:
    other = factories.enterprise(short_name="别家旧名")
    Organization.objects.filter(pk=other.pk).update(short_name="别家新名")
    event = Organization.pgh_event_model.objects.filter(pgh_obj=other.pk).latest("pgh_id")  # type: ignore[attr-defined]
    user: User = factories.with_role("录入员")
    opened = session(user).get(card(robot, "names"), {"revert": f"organization.{event.pgh_id}.short_name"})
    assert "别家旧名" not in opened.content.decode()
