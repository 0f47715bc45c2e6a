"""The button 撤销 of a message: it takes back exactly what the message tells of, or nothing and says why."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from registry.models import Contact, Organization, Proposal, SectorTag
from registry.organizations.models.choices import Category
from registry.workplace.undo import rules
from tests import factories
from tests.pages import add_row, form_data

pytestmark = pytest.mark.django_db(transaction=True)
ADD, LIST, UNDO = "/admin/registry/enterprise/add/", "/admin/registry/organization/", "/admin/undo/"


@pytest.fixture
def robot(reference: None) -> Organization:
    made = factories.enterprise(name_zh="中山市虚构机器人有限公司", short_name="旧简称", remarks="旧备注")
    factories.tag(made, is_primary=True)
    return Organization.objects.get(pk=made.pk)


@pytest.fixture
def clerk(reference: None) -> User:
    return factories.with_role("录入员")


def session(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(robot: Organization) -> str:
    return f"/admin/registry/enterprise/{robot.pk}/change/"


def save(client: Client, robot: Organization, **fields: Any) -> HttpResponse:
    data = form_data(client.get(page_of(robot))) | fields
    return client.post(page_of(robot), data, follow=True)


def offered(answer: HttpResponse) -> str:
    """Return the mark that the message of a page has for taking back; empty without one."""
    found = re.search(
        r'<form method="post" action="/admin/undo/" class="undo">.*?name="change" value="([^"]+)"', said(answer)
    )
    return found[1] if found else ""


def said(answer: HttpResponse) -> str:
    return answer.content.decode()


def take_back(client: Client, answer: HttpResponse, **more: str) -> HttpResponse:
    assert offered(answer)
    return client.post(UNDO, {"change": offered(answer), **more}, follow=True)


def values(robot: Organization) -> tuple[str, str]:
    row = Organization.objects.get(pk=robot.pk)
    return row.short_name, row.remarks


def test_saving_is_taken_back_and_taken_back_again(robot: Organization, clerk: User) -> None:
    client = session(clerk)
    answer = save(client, robot, short_name="新简称", remarks="新备注")
    assert values(robot) == ("新简称", "新备注")
    undone = take_back(client, answer, next=page_of(robot))
    assert undone.redirect_chain == [(page_of(robot), 302)]  # type: ignore[attr-defined]
    assert "已撤销，恢复 1 条记录" in said(undone)
    assert values(robot) == ("旧简称", "旧备注")
    take_back(client, undone)
    assert values(robot) == ("新简称", "新备注")


def test_rows_below_are_taken_back_with_the_record(robot: Organization, clerk: User) -> None:
    client = session(clerk)
    data = form_data(client.get(page_of(robot))) | {"short_name": "新简称"}
    add_row(data, "contacts", role="liaison", name="虚构人", phone="13800138000")
    answer = client.post(page_of(robot), data, follow=True)
    assert Contact.objects.filter(organization=robot.pk).count() == 1
    take_back(client, answer)
    assert (values(robot)[0], Contact.objects.filter(organization=robot.pk).count()) == ("旧简称", 0)


def test_it_is_refused_by_name_and_field_where_something_has_changed_since(robot: Organization, clerk: User) -> None:
    client = session(clerk)
    answer = save(client, robot, short_name="新简称", remarks="新备注")
    save(session(factories.with_role("审核员")), robot, remarks="他人的备注")
    refused = take_back(client, answer)
    assert refused.status_code == 409
    assert "中山市虚构机器人有限公司" in said(refused)
    assert "之后有改动：备注" in said(refused) or "备注" in said(refused)
    assert "简称" not in said(refused).partition("没有撤销任何内容")[2].partition("</ul>")[0]
    assert values(robot) == ("新简称", "他人的备注")


def test_an_entry_is_taken_back_unless_something_refers_to_it(robot: Organization, clerk: User) -> None:
    client = session(clerk)
    data = form_data(client.get(ADD)) | {"name_zh": "中山市误录有限公司", "another_body": "on"}
    answer = client.post(ADD, data, follow=True)
    made = Organization.objects.get(name_zh="中山市误录有限公司")
    relation = factories.relation(robot, made)
    assert "中山市误录有限公司" in said(take_back(client, answer))
    assert Organization.objects.filter(pk=made.pk).exists()
    relation.delete()
    take_back(client, answer)
    assert not Organization.objects.filter(pk=made.pk).exists()


def test_many_at_once_are_taken_back_together(robot: Organization, clerk: User) -> None:
    other = factories.enterprise(category=Category.SME)
    client = session(clerk)
    picked = {"action": "set_category", "_selected_action": [robot.pk, other.pk], "category": Category.STARTUP.value}
    counted = client.post(LIST, {**picked, "step": "count"})
    assert counted.context["outcome"] is not None
    answer = client.post(LIST, {**picked, "step": "apply", "expected": "2"}, follow=True)
    rows = Organization.objects.filter(pk__in=[robot.pk, other.pk]).order_by("pk")
    assert [row.category for row in rows] == [Category.STARTUP] * 2
    take_back(client, answer)
    assert [row.category for row in rows.all()] == ["", Category.SME]


def test_verifying_is_taken_back(robot: Organization, clerk: User) -> None:
    client = session(clerk)
    data = form_data(client.get(page_of(robot)))
    version = {name: value for name, value in data.items() if "version" in name}
    verify = page_of(robot).replace("change", "verify")
    answer = client.post(verify, {**version, "source": "phone"}, follow=True)
    assert Organization.objects.get(pk=robot.pk).verified_on == timezone.localdate()
    take_back(client, answer)
    assert Organization.objects.get(pk=robot.pk).verified_on is None


# --- Whose, and how long


def test_nothing_stored_offers_nothing(robot: Organization, clerk: User) -> None:
    assert offered(save(session(clerk), robot)) == ""


def test_only_who_did_it_takes_it_back_and_only_for_a_day(
    robot: Organization, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = session(clerk)
    answer = save(client, robot, short_name="新简称")
    for other in (factories.superuser(), factories.with_role("审核员")):
        assert session(other).post(UNDO, {"change": offered(answer)}).status_code == 409
    monkeypatch.setattr(rules, "HOURS", 0)
    assert client.post(UNDO, {"change": offered(answer)}).status_code == 409
    assert values(robot)[0] == "新简称"


@pytest.mark.parametrize("change", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_what_is_nothing_is_refused(clerk: User, change: str) -> None:
    assert session(clerk).post(UNDO, {"change": change}).status_code in (400, 409)


def test_who_has_lost_the_rights_takes_nothing_back(robot: Organization, clerk: User) -> None:
    client = session(clerk)
    answer = save(client, robot, short_name="新简称")
    clerk.groups.clear()
    refused = client.post(UNDO, {"change": offered(answer)})
    assert (refused.status_code, values(robot)[0]) == (409, "新简称")


def test_a_township_takes_back_its_own(reference: None) -> None:
    town = factories.township()
    mine = factories.enterprise(short_name="旧简称", township=town)
    client = session(factories.of_township(town))
    answer = save(client, mine, short_name="新简称")
    Organization.objects.filter(pk=mine.pk).update(township=factories.township("442000001"))
    assert client.post(UNDO, {"change": offered(answer)}).status_code == 409
    Organization.objects.filter(pk=mine.pk).update(township=town)
    take_back(client, answer)
    assert values(mine)[0] == "旧简称"


def test_the_way_back_stays_within_the_site(robot: Organization, clerk: User) -> None:
    client = session(clerk)
    answer = save(client, robot, short_name="新简称")
    sent = client.post(UNDO, {"change": offered(answer), "next": "https://example.com/admin/"})
    assert sent["Location"] == "/admin/"


# --- Published records


def published(robot: Organization) -> Organization:
    Organization.objects.filter(pk=robot.pk).update(published=True)
    Proposal.objects.all().delete()
    return robot


def test_taking_back_ends_what_waited_for_a_review(robot: Organization, clerk: User) -> None:
    client = session(clerk)
    answer = save(client, published(robot), short_name="新简称")
    assert Proposal.objects.filter(state="open", in_effect=True).count() == 1
    take_back(client, answer)
    assert not Proposal.objects.filter(state="open").exists()
    assert values(robot)[0] == "旧简称"


def test_what_two_persons_have_to_agree_on_is_withdrawn(robot: Organization, clerk: User, settings: Any) -> None:
    settings.TWO_PERSONS = "published"
    client = session(clerk)
    answer = save(client, published(robot), short_name="新简称", remarks="新备注")
    assert values(robot) == ("旧简称", "新备注")
    assert Proposal.objects.filter(state="open", in_effect=False).count() == 1
    take_back(client, answer)
    assert (values(robot), Proposal.objects.filter(state="open").count()) == (("旧简称", "旧备注"), 0)


def test_taking_back_waits_for_another_person_where_the_record_was_published_since(
    robot: Organization, clerk: User, settings: Any
) -> None:
    client = session(clerk)
    answer = save(client, robot, short_name="新简称", remarks="新备注")
    published(robot)
    settings.TWO_PERSONS = "published"
    assert "须由另一人审核后生效" in said(take_back(client, answer))
    assert values(robot) == ("新简称", "旧备注")
    (waiting,) = Proposal.objects.filter(state="open", in_effect=False)
    assert (waiting.field, waiting.new) == ("short_name", "旧简称")


def test_sectors_come_back_with_their_evidence(robot: Organization, clerk: User) -> None:
    SectorTag.objects.filter(organization=robot.pk).update(evidence="依据")
    client = session(clerk)
    data = form_data(client.get(page_of(robot)))
    data["sector_tags-0-DELETE"] = "on"
    answer = client.post(page_of(robot), data, follow=True)
    assert not SectorTag.objects.filter(organization=robot.pk).exists()
    take_back(client, answer)
    assert [tag.evidence for tag in SectorTag.objects.filter(organization=robot.pk)] == ["依据"]


def feed(client: Client) -> list[tuple[bool, str]]:
    """Return of each operation on the page of changes whether it is offered to take it back, and by whom it was."""
    return [(bool(one.undo), one.undone) for one in client.get("/admin/changes/").context["entries"]]


def test_what_has_been_taken_back_is_not_offered_again(robot: Organization, clerk: User) -> None:
    client = session(clerk)
    answer = save(client, robot, short_name="新简称")
    assert feed(client)[0] == (True, "")
    undone = take_back(client, answer)
    taking, first = feed(client)[:2]
    assert taking == (True, "")
    assert first[0] is False
    assert first[1].startswith(f"已撤销：{clerk.username}，20")
    # Others see it, too, and may do nothing about it.
    assert [one[0] for one in feed(session(factories.with_role("审核员")))[:2]] == [False, False]
    assert feed(session(factories.with_role("审核员")))[1][1] == first[1]
    take_back(client, undone)
    again, taking, first = feed(client)[:3]
    assert again == (True, "")
    assert taking[1].startswith("已撤销")
    assert first == (True, "")
