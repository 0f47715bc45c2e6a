"""The page of an organization: what it shows to whom, and that reading it costs the same whatever it holds."""

import datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from registry.models import Organization
from registry.organizations.admin.inlines import ORGANIZATION_INLINES
from registry.organizations.admin.layout import SECTIONS
from registry.organizations.page.cards import CARDS
from tests import factories

pytestmark = pytest.mark.django_db
REVENUE = "98765.43"


@pytest.fixture
def full(reference: None) -> Organization:
    """An organization with everything, which is a member."""
    made = factories.enterprise(
        name_zh="中山市满卡虚构机器人有限公司",
        short_name="满卡",
        township=factories.township(),
        registered_capital=12_000_000,
        capital_currency="CNY",
        industry="C3491",
        main_products="虚构关节",
        website="https://example.com/",
    )
    factories.tag(made, "robots.industrial", is_primary=True, evidence="虚构产线")
    factories.tag(made, "robots.service")
    factories.name(made, "中山市旧名虚构有限公司", valid_to=datetime.date(2020, 1, 1))
    factories.identifier(made, "stock_code", "X99999")
    ends = localdate() + datetime.timedelta(days=30)
    factories.qualification(made, granted_on=datetime.date(2024, 1, 1), valid_to=ends)
    factories.qualification(made)
    for year in range(2018, 2025):
        factories.figures(made, year, revenue=987_654_300)
    factories.contact(made, name="虚构联络人")
    factories.relation(made, factories.enterprise(name_zh="虚构母公司"))
    factories.relation(factories.enterprise(name_zh="虚构子公司"), made)
    factories.membership(factories.member(who=made))
    return made


def session(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


def read(of: Organization, kind: str = "enterprise") -> str:
    return f"/admin/registry/{kind}/{of.pk}/"


def text(client: Client, of: Organization) -> str:
    answer = client.get(read(of))
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_field_and_row_of_the_form_stands_in_one_card() -> None:
    sections = [name for card in CARDS.values() for name in card.sections]
    assert sorted(sections) == sorted(SECTIONS)
    inlines = [inline for card in CARDS.values() for inline in card.inlines]
    assert sorted(map(str, inlines)) == sorted(map(str, ORGANIZATION_INLINES))


def test_the_page_shows_everything_to_whoever_may_see_it(full: Organization) -> None:
    shown = text(session(factories.superuser()), full)
    for words in (
        full.registry_no,
        full.uscc,
        "存续",
        "未公开",
        "满卡",
        "1200 万元",
        "C3491",
        "虚构产线",
        "虚构联络人",
        "中山市旧名虚构有限公司",
        "X99999",
        "虚构母公司",
        "虚构子公司",
        "M0001",
        "会员单位",
        "98765.43",
        "已失效 1 项",
        "更早的 2 年",
    ):
        assert words in shown, words
    assert shown.index("<strong>") > 0
    assert "ends-soon" in shown


def test_who_may_not_see_contacts_and_figures_has_no_card_of_them(full: Organization) -> None:
    viewer = session(factories.with_role("查询员"))
    shown = text(viewer, full)
    assert "虚构联络人" not in shown
    assert REVENUE not in shown
    assert 'id="card-contacts"' not in shown
    assert 'id="card-figures"' not in shown
    assert "/edit/" not in shown, "nothing to edit"
    assert "revert=" not in shown
    assert f"/admin/registry/organization/{full.pk}/propose/" in shown


def test_an_auditor_sees_figures_and_edits_nothing(full: Organization) -> None:
    shown = text(session(factories.with_role("审计员")), full)
    assert REVENUE in shown
    assert "/edit/" not in shown


def test_an_account_of_another_town_sees_no_contact_and_no_figure(full: Organization) -> None:
    elsewhere = session(factories.of_township(factories.township("442000103")))
    shown = text(elsewhere, full)
    assert "虚构联络人" not in shown
    assert REVENUE not in shown
    assert "/edit/" not in shown
    assert "不在您负责的镇街" in shown
    own = text(session(factories.of_township(factories.township())), full)
    assert "虚构联络人" in own
    assert REVENUE in own
    assert "/edit/" in own


def test_secret_work_changes_no_byte_of_the_page_for_who_may_not_see_it(full: Organization) -> None:
    viewers = [factories.with_role("查询员"), factories.of_township(factories.township("442000103"))]
    clients = [session(user) for user in viewers]

    def shown(client: Client) -> list[str]:
        return [line for line in text(client, full).splitlines() if "csrfmiddlewaretoken" not in line]

    before = [shown(client) for client in clients]
    full.contacts.update(name="别人", phone="0760-00000009")
    full.annual_figures.update(employees=7654)
    factories.contact(full, role="other", name="又一人")
    assert [shown(client) for client in clients] == before


def test_reading_costs_the_same_whatever_the_record_holds(full: Organization) -> None:
    client = session(factories.superuser())
    client.get(read(full))
    with CaptureQueriesContext(connection) as once:
        client.get(read(full))
    for code in ("core-hardware", "core-hardware.micro-devices", "robots"):
        factories.tag(full, code)
    for number in range(3):
        factories.qualification(full, batch=f"第{number}批")
        factories.name(full)
        factories.identifier(full)
        factories.figures(full, 2000 + number)
        factories.contact(full, role="other", name=f"某{number}")
        factories.relation(full, factories.enterprise())
        factories.relation(factories.enterprise(), full)
        Organization.objects.filter(pk=full.pk).update(short_name=f"简称{number}")
    with CaptureQueriesContext(connection) as more:
        client.get(read(full))
    assert len(more) == len(once), "\n".join(sorted(q["sql"][:150] for q in more.captured_queries))
    assert len(once) <= 40


def test_the_page_is_small(full: Organization) -> None:
    page = text(session(factories.superuser()), full)
    assert len(page.encode()) <= 30_000
    assert page.count("<script") <= 3
    assert page.count('rel="stylesheet"') <= 4


def test_lists_and_saving_lead_to_the_page(full: Organization) -> None:
    client = session(factories.superuser())
    assert f'href="{read(full)}"' in client.get("/admin/registry/enterprise/").content.decode()
    assert full.get_absolute_url() == read(full, "organization")


def test_a_record_of_another_kind_is_found_at_its_own_address(full: Organization) -> None:
    client = session(factories.superuser())
    assert client.get(f"/admin/registry/institute/{full.pk}/")["Location"] == read(full)
    assert client.get("/admin/registry/enterprise/999999999/").status_code == 404
    assert client.post(read(full)).status_code == 405


def test_a_merged_record_leads_to_its_successor(full: Organization) -> None:
    old = factories.enterprise(registration_status="merged", successor=full)
    client = session(factories.superuser())
    assert client.get(read(old))["Location"] == read(full, "organization")
    shown = client.get(f"{read(old)}?itself=1").content.decode()
    assert f'href="{read(full)}"' in shown
    assert "已并入" in shown


def test_open_proposals_stand_on_the_page_for_who_may_see_them(full: Organization) -> None:
    factories.proposal(full, "short_name", "新简称")
    assert "新简称" in text(session(factories.with_role("审核员")), full)
    assert "新简称" not in text(session(factories.with_role("审计员")), full)
