"""The page 待审事项: what it shows, to whom, and at what cost."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from registry.models import Organization, Proposal
from registry.proposals.models import Origin
from tests import factories
from tests.registry.proposals.test_actions import CLERK, REVIEWER, picks

pytestmark = pytest.mark.django_db
PAGE = "/admin/registry/proposal/"


def session(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def reviewer(db) -> Client:
    return session(factories.user(*REVIEWER, last_name="审", first_name="核甲"))


def sent(*proposals: Proposal, **pressed: str) -> dict[str, object]:
    data: dict[str, object] = dict(pressed)
    for pk, seen in picks(*proposals).items():
        owner = Proposal.objects.get(pk=pk).organization_id
        data.setdefault(f"pick-{owner}", []).append(f"{pk}:{seen}")  # type: ignore[attr-defined]
    return data


def test_cells_stand_by_organization_with_names_people_and_evidence(reviewer):
    robot, other = factories.enterprise(), factories.enterprise(short_name="另一简称")
    viewer = factories.user("registry.view_organization", last_name="查", first_name="询乙")
    factories.proposal(robot, "township", factories.township(), proposer=viewer, origin="staff", evidence="营业执照")
    factories.proposal(robot, "", {"grading": factories.grading(), "level": "national"}, what="qualification")
    factories.proposal(other, "short_name", "改名", evidence_url="https://example.com/a")
    page = reviewer.get(PAGE)
    assert [len(group["cells"]) for group in page.context["groups"]] == [2, 1]
    text = page.content.decode()
    for said in (
        "小榄镇",
        "营业执照",
        "查询乙",
        "高新技术企业",
        "国家级",
        "另一简称",
        "改名",
        "公众",
        "https://example.com/a",
    ):
        assert said in text, said
    assert "checked" in text


def test_the_kind_narrows_the_list_and_decided_ones_stand_in_a_list_of_their_own(reviewer):
    robot = factories.enterprise(published=True)
    one = factories.proposal(robot, "short_name", "建议的")
    move = factories.proposal(robot, "township", factories.township(), origin="township")
    Organization.objects.filter(pk=robot.pk).update(scope="命令改的")

    def fields(**query: str) -> list[str]:
        groups = reviewer.get(PAGE, query).context["groups"]
        return [cell.proposal.field for group in groups for cell in group["cells"]]

    assert fields() == ["short_name", "township", "scope"]
    assert (fields(kind="suggestion"), fields(kind="move")) == (["short_name"], ["township"])
    assert (fields(kind="published"), len(fields(kind="no-such"))) == (["scope"], 3)
    reviewer.post(PAGE, sent(one, accept=str(robot.pk)))
    reviewer.post(PAGE, sent(move, refuse=str(robot.pk), **{f"reason-{robot.pk}": "不在该镇"}))
    assert fields() == ["scope"]
    done = reviewer.get(PAGE, {"state": "decided"}).content.decode()
    for said in ("审核甲", "已采纳", "未采纳", "不在该镇", "建议的"):
        assert said in done, said


def test_a_changed_value_and_a_merger_are_told_and_not_ticked(reviewer):
    robot, successor = factories.enterprise(short_name="原来"), factories.enterprise()
    one = factories.proposal(robot, "short_name", "建议的")
    assert reviewer.get(PAGE).context["groups"][0]["cells"][0].ticked
    Organization.objects.filter(pk=robot.pk).update(short_name="后来")
    cell = reviewer.get(PAGE).context["groups"][0]["cells"][0]
    assert not cell.ticked
    assert "提出时为“原来”，现为“后来”" in cell.notes[0]
    Organization.objects.filter(pk=robot.pk).update(registration_status="merged", successor=successor)
    assert successor.registry_no in reviewer.get(PAGE).context["groups"][0]["cells"][0].notes[0]
    reviewer.post(PAGE, sent(one, accept=str(robot.pk)))
    successor.refresh_from_db()
    assert successor.short_name == "建议的"


def test_two_reviewers_with_the_same_page_open(reviewer):
    robot = factories.enterprise()
    one = factories.proposal(robot, "short_name", "建议的")
    data, second = sent(one, accept=str(robot.pk)), session(factories.user(*REVIEWER))
    assert "已采纳 1 条" in reviewer.post(PAGE, data, follow=True).content.decode()
    told = second.post(PAGE, data, follow=True).content.decode()
    assert "已有人处理：已采纳，审核甲" in told
    assert "简称" in told


def test_own_proposals_are_shown_to_be_withdrawn_and_those_of_others_are_not(db):
    robot = factories.enterprise()
    clerk = factories.user(*CLERK)
    own = factories.proposal(robot, "short_name", "自己的", proposer=clerk, origin=Origin.STAFF)
    page = session(clerk).get(PAGE)
    assert "由您提出，须由他人处理" in page.content.decode()
    assert "proposals" not in [card.name for card in session(clerk).get("/admin/").context["cards"]]
    session(clerk).post(PAGE, sent(own, withdraw=str(robot.pk)))
    own.refresh_from_db()
    assert own.state == "withdrawn"
    viewer = factories.user("registry.view_organization", "registry.view_proposal")
    factories.proposal(robot, "short_name", "别人的")
    assert "别人的" not in session(viewer).get(PAGE).content.decode()
    assert session(factories.user("registry.view_organization")).get(PAGE).status_code == 403


def test_nothing_ticked_or_forged_decides_nothing(reviewer):
    robot = factories.enterprise()
    one = factories.proposal(robot, "short_name", "建议的")
    told = reviewer.post(PAGE, {"accept": str(robot.pk)}, follow=True).content.decode()
    assert "请先勾选" in told
    for pick in (f"{one.pk}:{'0' * 16}", f"{one.pk}:", "99999999:0123456789abcdef", "x:y", ""):
        reviewer.post(PAGE, {f"pick-{robot.pk}": pick, "accept": str(robot.pk)})
    reviewer.post(PAGE, {"unpublish": "x"})
    reviewer.post(PAGE, {"look": "1"})
    one.refresh_from_db()
    assert one.state == "open"


def test_the_page_asks_as_much_for_many_as_for_one(reviewer, django_assert_max_num_queries):
    def fill() -> None:
        robot, merged = factories.enterprise(published=True), factories.enterprise()
        factories.tag(robot, is_primary=True)
        factories.proposal(robot, "township", factories.township(), proposer=factories.user(), origin="staff")
        row = factories.qualification(robot)
        factories.proposal(robot, "", {"valid_to": "2030-01-01"}, what="qualification", row=row)
        factories.proposal(merged, "", {"scheme": "stock_code", "value": f"X{merged.pk:05d}"}, what="identifier")
        Organization.objects.filter(pk=merged.pk).update(registration_status="merged", successor=robot)

    fill()
    reviewer.get(PAGE)
    with django_assert_max_num_queries(40) as first:
        reviewer.get(PAGE)
    for _n in range(8):
        fill()
    with django_assert_max_num_queries(len(first.captured_queries)):
        assert len(reviewer.get(PAGE).context["groups"]) == 18
    assert len(first.captured_queries) <= 24, len(first.captured_queries)


def test_whoever_may_only_look_proposes_a_change_on_a_page(reference, reviewer):
    robot = factories.enterprise(short_name="旧简称")
    person = factories.user("registry.view_organization", "registry.view_township")
    viewer, clerk = session(person), session(factories.user(*CLERK))
    own, page = f"/admin/registry/organization/{robot.pk}/", f"/admin/registry/organization/{robot.pk}/propose/"
    assert page in viewer.get(own).content.decode()
    assert page not in clerk.get(own).content.decode()
    assert "旧简称" in viewer.get(page, {"field": "short_name"}).content.decode()
    assert viewer.get(page, {"field": "published"}).context["form"] is None
    data = {"new": "旧简称", "evidence": "营业执照"}
    assert "现值已是如此" in viewer.post(f"{page}?field=short_name", data).content.decode()
    assert viewer.post(f"{page}?field=short_name", data | {"new": "新简称"}).status_code == 302
    data = {"new": factories.township().pk, "evidence_url": "example.com/a"}
    assert viewer.post(f"{page}?field=township", data).status_code == 302
    assert "说明" in viewer.post(f"{page}?field=name_zh", {"new": "中山市虚构更名有限公司"}).content.decode()
    data = {"new": "中山市虚构更名有限公司", "name_change": "rename"}
    assert viewer.post(f"{page}?field=name_zh", data).status_code == 302
    data = {"new": "1200"}
    assert viewer.post(f"{page}?field=registered_capital", data).status_code == 302
    made = {one.field: (one.new, one.sources.get()) for one in Proposal.objects.all()}
    assert made["short_name"][0] == "新简称"
    assert (made["short_name"][1].evidence, made["short_name"][1].proposer) == ("营业执照", person)
    assert made["township"][1].evidence_url == "https://example.com/a"
    assert made["registered_capital"][0] == "12000000.00"
    assert "1200" in reviewer.get(PAGE).content.decode()
    assert session(factories.user()).get(page).status_code == 403
    assert viewer.get("/admin/registry/organization/99999999/propose/").status_code == 404
