"""The page of suggested sectors: who sees it, what it shows, what accepting and dismissing do."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import DismissedSuggestion, Organization, Plan, Sector, SectorTag
from registry.suggestions import review
from tests import factories

PAGE = "/admin/registry/organization/suggestions/"


@pytest.fixture
def client(reference):
    client = Client()
    client.force_login(
        factories.user(
            "registry.view_organization", "registry.change_organization", "registry.add_sectortag", username="clerk"
        )
    )
    return client


def sector(code):
    return Sector.objects.get(plan__current=True, code=code)


def key(organization, code):
    return f"{organization.pk}:{sector(code).pk}"


def maker(scope="机器视觉、视觉检测", **fields):
    return factories.enterprise(name_zh="中山市虚构五金有限公司", scope=scope, **fields)


def shown(client, **query):
    response = client.get(PAGE, query)
    return {
        row["organization"].pk: [one["sector"].code for one in row["suggestions"]] for row in response.context["rows"]
    }


def tags(organization):
    rows = SectorTag.objects.filter(organization=organization.pk).order_by("pk")
    return [(tag.sector.code, tag.is_primary, tag.evidence) for tag in rows]


# --- Who and what


@pytest.mark.parametrize("missing", ["registry.change_organization", "registry.add_sectortag"])
def test_the_page_asks_for_the_rights_to_tag(reference, missing):
    rights = {"registry.view_organization", "registry.change_organization", "registry.add_sectortag"} - {missing}
    client = Client()
    client.force_login(factories.user(*rights))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"accept": 1}).status_code == 403
    assert PAGE not in client.get("/admin/").content.decode()
    assert PAGE not in client.get("/admin/registry/organization/").content.decode()


def test_start_page_and_list_lead_to_it(client):
    assert PAGE in client.get("/admin/").content.decode()
    assert PAGE in client.get("/admin/registry/organization/").content.decode()


def test_only_organizations_without_a_sector_of_the_current_plan_are_shown(client):
    shown_one, other_plan, tagged = maker(), maker(), maker()
    maker(registration_status="merged")
    maker("销售：五金制品")
    factories.tag(tagged, "robots")
    factories.tag(other_plan, factories.sector("robots", factories.plan("later", current=False)))
    both = ["core-technology.machine-vision"]
    assert shown(client) == {shown_one.pk: both, other_plan.pk: both}


def test_words_are_marked_in_their_context_and_nothing_is_markup(client):
    maker("<b>研发</b>、机器视觉<script>")
    html = client.get(PAGE).content.decode()
    assert "&lt;b&gt;研发&lt;/b&gt;、<mark>机器视觉</mark>&lt;script&gt;" in html


def test_it_is_filtered_by_township_and_kind(client):
    town = factories.township("442000001")
    there = maker(township=town)
    elsewhere = factories.institute(name_zh="虚构机器视觉研究院")
    assert list(shown(client, township="442000001")) == [there.pk]
    assert list(shown(client, kind="research")) == [elsewhere.pk]
    assert list(shown(client, kind="nothing", after="x")) == [there.pk, elsewhere.pk]


def test_pages_go_on_by_id_and_read_a_limited_number(client, monkeypatch):
    monkeypatch.setattr(review, "_CHUNK", 2)
    plan = Plan.objects.get(current=True)
    made = [maker(scope).pk for scope in ["机器视觉", "五金", "五金", "机器视觉", "机器视觉", "五金", "机器视觉"]]
    found, pages, after = [], [], 0
    while after is not None:
        page, after = review.proposals(Organization.objects.all(), plan, after=after, count=2, look_at=4)
        pages.append(len(page))
        found += [one.organization.pk for one in page]
    assert found == [made[0], made[3], made[4], made[6]]
    assert max(pages) <= 2


def test_number_of_queries_does_not_grow_with_the_rows(client):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(PAGE)
        return len(captured)

    maker(township=factories.township("442000001"))
    queries()
    one = queries()
    maker(township=factories.township("442000002"))
    maker(township=factories.township("442000003"))
    assert queries() == one


# --- Accepting


def test_accepting_tags_with_the_words_as_evidence_and_makes_the_first_primary(client):
    body = maker("机器视觉；工业机器人", name_en="")
    codes = ["core-technology.machine-vision", "robots.industrial"]
    response = client.post(PAGE, {"pick": [key(body, code) for code in codes], "accept": "1"}, follow=True)
    assert "已添加 2 个领域标签" in response.content.decode()
    assert tags(body) == [
        (codes[0], True, "关键词：机器视觉（经营范围）"),
        (codes[1], False, "关键词：工业机器人（经营范围）"),
    ]
    assert shown(client) == {}


def test_one_suggestion_is_accepted_by_its_own_button(client):
    body, other = maker(), maker()
    both = [key(body, "core-technology.machine-vision"), key(other, "core-technology.machine-vision")]
    client.post(PAGE, {"pick": both[1:], "accept_one": both[0]})
    assert (len(tags(body)), len(tags(other))) == (1, 0)


def test_another_sector_can_be_chosen_in_its_place(client):
    body = maker()
    one = key(body, "core-technology.machine-vision")
    client.post(PAGE, {"pick": one, f"as:{one}": sector("smart-development.security").pk, "accept": "1"})
    assert tags(body) == [("smart-development.security", True, "关键词：机器视觉、视觉检测（经营范围）")]


def test_a_primary_sector_that_is_there_stays(client):
    body = maker()
    factories.tag(body, "robots", is_primary=True)
    client.post(PAGE, {"pick": key(body, "core-technology.machine-vision"), "accept": "1"})
    assert [tag[:2] for tag in tags(body)] == [("robots", True), ("core-technology.machine-vision", False)]


def test_what_the_texts_do_not_say_is_not_tagged(client):
    body = maker("销售：五金制品")
    later = factories.sector("later", factories.plan("later", current=False))
    wrong = [key(body, "core-technology.machine-vision"), f"{body.pk}:{later.pk}", f"{body.pk}:0", "x", "0:1"]
    response = client.post(PAGE, {"pick": wrong, "accept": "1"}, follow=True)
    assert "已添加 0 个领域标签" in response.content.decode()
    assert tags(body) == []
    seen = maker()
    one = key(seen, "core-technology.machine-vision")
    client.post(PAGE, {"pick": one, f"as:{one}": later.pk, "accept": "1"})
    assert tags(seen) == []


def test_accepting_twice_tags_once(client):
    body = maker()
    one = key(body, "core-technology.machine-vision")
    for _n in range(2):
        client.post(PAGE, {"pick": [one, one], "accept": "1"})
    assert len(tags(body)) == 1


def test_history_says_that_it_was_a_suggestion(client):
    body = maker()
    client.post(PAGE, {"pick": key(body, "core-technology.machine-vision"), "accept": "1"})
    event = SectorTag.pgh_event_model.objects.select_related("pgh_context").get()
    assert event.pgh_context.metadata["operation"] == "suggestion"
    assert "user" in event.pgh_context.metadata
    client.force_login(factories.superuser())
    history = client.get(f"/admin/registry/organization/{body.pk}/history/").content.decode()
    assert "建议领域" in history


# --- Dismissing


def test_what_is_dismissed_does_not_come_back(client):
    body = maker("机器视觉；工业机器人")
    client.post(PAGE, {"dismiss_one": key(body, "core-technology.machine-vision")})
    assert shown(client) == {body.pk: ["robots.industrial"]}
    client.post(PAGE, {"pick": key(body, "robots.industrial"), "dismiss": "1"})
    assert shown(client) == {}
    rows = DismissedSuggestion.objects.order_by("pk")
    assert {row.dismissed_by.username for row in rows} == {"clerk"}
    assert "中山市虚构五金有限公司" in client.get(PAGE, {"dismissed": 1}).content.decode()
    client.post(f"{PAGE}?dismissed=1", {"dismissal": rows[0].pk, "bring_back": "1"})
    assert shown(client) == {body.pk: ["core-technology.machine-vision"]}


def test_dismissing_twice_or_what_is_not_there_is_no_error(client):
    body = maker()
    one = key(body, "core-technology.machine-vision")
    for _n in range(2):
        client.post(PAGE, {"pick": [one, one, "0:1", f"{body.pk}:0", "x"], "dismiss": "1"})
    assert DismissedSuggestion.objects.count() == 1
    client.post(PAGE, {"dismissal": ["x", "0"], "bring_back": "1"})
    assert DismissedSuggestion.objects.count() == 1


def test_without_a_current_plan_the_page_says_so(client):
    Plan.objects.update(current=False)
    assert "没有现行的行动计划" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"accept": "1"}).status_code == 302
