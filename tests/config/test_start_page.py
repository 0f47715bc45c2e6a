"""The start page of every role: each number is the length of the list that it leads to."""

import datetime
from typing import Any

import pghistory
import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry.models import Organization
from registry.organizations.admin.uscc import page_url
from registry.workplace.cards import card
from tests import factories

pytestmark = pytest.mark.django_db
ROLES = ("查询员", "录入员", "镇街填报员", "审核员", "秘书处", "审计员", "系统管理员")
TOWN, OTHER = "442000118", "442000001"
BAD_CODE = "91442000MA4ABCDE1X"


@pytest.fixture
def office(reference: None) -> None:
    """A registry with something for every card, in two townships."""
    with pghistory.context(command="office"):
        fill()


def fill() -> None:
    for code in (TOWN, OTHER):
        town = factories.township(code)
        bare = factories.enterprise(name_zh=f"光秃{code}", uscc=None, township=town, scope="机器视觉、视觉检测")
        plain = factories.enterprise(name_zh=f"已标{code}", township=town, verified_on=timezone.localdate())
        factories.tag(plain, is_primary=True)
        factories.proposal(plain, "website", "https://example.com/")
        factories.enterprise(name_zh=f"并入{code}", uscc=None, township=town, registration_status="merged")
        member = factories.member(factories.alliance(f"of-{code}"), bare)
        factories.membership(member, f"{timezone.localdate().year}-01-01")
        former = factories.member(factories.alliance(f"of-{code}"), plain)
        factories.membership(former, "2020-01-01", ended_on=timezone.localdate())
        year = timezone.localdate().year
        factories.term(factories.alliance(f"of-{code}"), f"{year - 4}-12-31", ends_on=ahead(60))
        factories.disclosure(plain)
        standard = factories.dues_standard(factories.alliance(f"of-{code}"), decision=None)
        factories.due(member, year - 1, dues_class=factories.dues_class(standard))
        factories.application(former.alliance, bare, kind="expulsion", state="submitted")
        factories.application(former.alliance, plain, state="to_decide")
    Organization.objects.filter(name_zh=f"已标{TOWN}").update(uscc=BAD_CODE, uscc_override_reason="执照如此")
    asked = Organization.objects.exclude(registration_status="merged")
    answered = factories.collection_round(*asked, year=2024, due_on=ahead(17))
    factories.figures(Organization.objects.get(name_zh=f"已标{TOWN}"), answered.year)
    factories.pair_judgement("same")
    factories.import_batch(counts={"undecided": 2})
    factories.import_batch(counts={"new": 2})
    factories.receipt(factories.user())
    factories.user(date_joined=timezone.now() - datetime.timedelta(days=80))
    failed = {"username": "x", "ip_address": "127.0.0.1", "http_accept": ""}
    AccessAttempt.objects.create(**failed, failures_since_start=9, attempt_time=timezone.now())


def ahead(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


def of_role(role: str) -> tuple[Client, User]:
    town = factories.township(TOWN)
    user = factories.of_township(town) if role == "镇街填报员" else factories.with_role(role)
    factories.token(user, days=9)
    client = Client()
    client.force_login(user)
    return client, user


def cards(client: Client) -> dict[str, card.ShownCard]:
    return {one.name: one for one in client.get("/admin/").context["cards"]}


def length(page: HttpResponse) -> int:
    """Return how many records a page lists, whichever kind of page it is."""
    context: Any = page.context  # type: ignore[attr-defined]
    if "cl" in context:
        return int(context["cl"].result_count)
    if "groups" in context:
        return sum(len(group["cells"]) for group in context["groups"])
    if "entries" in context:
        assert not context["older"]
        return len(context["entries"])
    if "waiting" in context:
        return sum(one["confirms"] for one in context["waiting"])
    return len(context["rows"])


@pytest.mark.parametrize("role", ROLES)
def test_each_number_is_the_length_of_its_list(office: None, role: str) -> None:
    client, _user = of_role(role)
    for one in cards(client).values():
        page = client.get(one.url)
        assert page.status_code == 200, one.url
        assert not [str(message) for message in page.context["messages"]], one.url
        assert length(page) == one.number.value, (one.name, one.url)


def test_together_the_roles_see_every_card_with_a_number(office: None) -> None:
    factories.account_request(factories.user(), "录入员")
    seen: dict[str, int] = {}
    for role in ROLES:
        client, _user = of_role(role)
        for name, one in cards(client).items():
            seen[name] = max(seen.get(name, 0), one.number.value)
    assert [name for name, number in seen.items() if not number] == []
    assert sorted(seen) == sorted(one.name for one in card.everything())


def test_the_bars_count_what_their_lists_show(office: None) -> None:
    for role in ("查询员", "镇街填报员"):
        client, _user = of_role(role)
        bars = [bar for panel in client.get("/admin/").context["panels"] for bar in panel.bars]
        assert sum(bar.number for bar in bars) >= 2
        assert [(bar.label, bar.number) for bar in bars] == [(bar.label, length(client.get(bar.url))) for bar in bars]


def test_a_township_is_told_of_its_own_organizations_only(office: None) -> None:
    client, _user = of_role("镇街填报员")
    numbers = {name: one.number.value for name, one in cards(client).items()}
    assert (numbers["missing-uscc"], numbers["due"], numbers["round"]) == (1, 1, 1)
    nowhere = Client()
    nowhere.force_login(factories.with_role("镇街填报员"))
    for one in cards(nowhere).values():
        page = nowhere.get(one.url)
        assert (one.number.value, length(page)) == (0, 0), one.name
        assert all(nowhere.get(url).status_code == 400 for _label, url in page.context.get("exports", ())), one.name


def test_a_township_exports_the_list_that_it_sees(office: None) -> None:
    client, _user = of_role("镇街填报员")
    page = client.get(cards(client)["missing-uscc"].url)
    rows = client.get(dict(page.context["exports"])["导出 CSV"]).getvalue().decode().splitlines()[1:]
    assert [TOWN in row for row in rows] == [True]


def test_how_far_the_round_is(office: None) -> None:
    client, _user = of_role("录入员")
    told = cards(client)["round"]
    assert (told.number.value, "已报 1/4" in told.note, "还剩 17 天" in told.note) == (3, True, True)


def test_what_somebody_has_changed_last_leads_on(office: None) -> None:
    client, user = of_role("录入员")
    mine, other = Organization.objects.filter(published=False).order_by("pk")[:2]
    assert client.get("/admin/").context["recent"] == []
    for row, who in ((mine, user), (other, factories.user())):
        with pghistory.context(user=who.pk, url="/admin/x/"):
            Organization.objects.filter(pk=row.pk).update(short_name="新简称")
    page = client.get("/admin/")
    assert [(one.name, one.url) for one in page.context["recent"]] == [(str(mine), page_url(mine))]
    assert len(client.get(page.context["recent_url"]).context["entries"]) == 1


def test_a_number_beyond_the_bound_is_said_to_be_more(office: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "MOST", 1)
    client, _user = of_role("录入员")
    assert cards(client)["missing-uscc"].number == card.Number(1, more=True)
    assert "1+" in client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("role", "queries"),
    [
        *(("查询员", 13), ("录入员", 29), ("镇街填报员", 31), ("审核员", 32)),
        *(("秘书处", 23), ("审计员", 23), ("系统管理员", 21)),
    ],
)
def test_the_number_of_queries_does_not_grow(office: None, role: str, queries: int) -> None:
    client, _user = of_role(role)
    client.get("/admin/")
    for _more in range(2):
        factories.enterprise(uscc=None)
        factories.alliance(f"more-{_more}")
        client.get("/admin/")  # which reads the reference data anew
        with CaptureQueriesContext(connection) as run:
            client.get("/admin/")
        assert len(run) <= queries, "\n".join(query["sql"][:150] for query in run)
