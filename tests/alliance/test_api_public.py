"""The public API: what it shows, and that nothing else can be had from it."""

import pytest

from registry.models import Organization
from tests import factories
from tests.api import api, ok, pointers, problem, public

pytestmark = pytest.mark.django_db

SECRET = "虚构密"


@pytest.fixture
def world(reference):
    """A published member, an unpublished member, and an alliance that is not published."""
    alliance, hidden = factories.alliance("open"), factories.alliance("hidden", published=False)
    tier, hidden_tier = factories.tier(alliance), factories.tier(hidden, "secret-tier", name_zh="密级")
    shown = factories.enterprise(name_zh="公开公司", published=True, remarks=SECRET, source=SECRET)
    kept = factories.enterprise(name_zh="未公开公司")
    for of in (shown, kept):
        factories.membership(factories.member(alliance, of), tier=tier, remarks=SECRET)
        factories.membership(factories.member(hidden, of), tier=hidden_tier)
        factories.contact(of, name=SECRET)
        factories.figures(of, employees=5)
        factories.tag(of, "robots.industrial", evidence=SECRET)
    return shown, kept


def test_public_shows_published_records_and_no_internal_column(world):
    shown, kept = world
    client = public()
    assert [row["name_zh"] for row in client.rows("organizations/")] == ["公开公司"]
    row = client.rows("enterprises/")[0]
    detail = ok(client.get(f"organizations/{shown.registry_no}/"))
    assert row.items() <= detail.items()
    for name in ("remarks", "source", "published", "verified_from", "verified_by", "contact_name", "size_class", "id"):
        assert name not in detail
    assert SECRET not in str(detail)
    problem(client.get(f"organizations/{kept.registry_no}/"), 404, "not_found")
    problem(client.get(f"enterprises/{kept.registry_no}/"), 404)
    assert SECRET not in b"".join(client.get("organizations/?format=csv").streaming_content).decode()


def test_public_shows_published_alliances_and_their_published_members(world):
    client = public()
    assert [row["slug"] for row in client.rows("alliances/")] == ["open"]
    problem(client.get("alliances/hidden/"), 404)
    problem(client.get("alliances/hidden/members/"), 404)
    members = client.rows("alliances/open/members/")
    assert [row["name_zh"] for row in members] == ["公开公司"]
    assert set(members[0]) == {
        "member_no",
        "registry_no",
        "uscc",
        "name_zh",
        "name_en",
        "kind",
        "township",
        "organization_sectors",
        "tier",
        "joined_on",
    }
    assert client.rows("alliances/open/members/", as_of="2019-06-01") == []


def test_public_knows_nothing_of_unpublished_alliances(world):
    client = public()
    for name, value in (("alliance", "hidden"), ("tier", "secret-tier"), ("tier", "密级")):
        unknown = client.get("organizations/", {name: value})
        never = client.get("organizations/", {name: "hiddem" if name == "alliance" else "secret-tiar"})
        assert pointers(problem(unknown, 400)) == pointers(problem(never, 400)) == {name}
        assert "hidden" not in never.content.decode()
        assert "密级" not in never.content.decode()
    from alliance.models import Alliance

    Alliance.objects.filter(slug="open").update(published=False)
    assert client.rows("organizations/", member="true") == []
    assert len(client.rows("organizations/", member="false")) == 1


@pytest.mark.parametrize(
    "query",
    [
        "published=true",
        "verified_before=2020-01-01",
        "size_class=large",
        "format=xlsx",
        "fields=remarks",
        "fields=contact_phone",
        "fields=name_zh,source",
        "omit=remarks",
        "ordering=contact_phone",
        "ordering=remarks",
    ],
)
def test_public_refuses_what_only_staff_may_ask(world, query):
    problem(public().get(f"organizations/?{query}"), 400, "invalid_parameter")


@pytest.mark.parametrize(
    "query", ["layout=roster", "edition=internal", "as_of=all", "ended_after=2020-01-01", "organization=x"]
)
def test_public_member_list_refuses_what_only_staff_may_ask(world, query):
    problem(public().get(f"alliances/open/members/?{query}"), 400, "invalid_parameter")


def test_public_never_looks_at_credentials(world):
    anonymous = public().get("organizations/")
    user = factories.superuser()
    for client in (public(), public()):
        client.force_login(user)
        answers = [client.get("/public/v1/organizations/"), client.get("/public/v1/organizations/")]
        assert {answer.content for answer in answers} == {anonymous.content}
        assert "Cookie" not in answers[0]["Vary"]
    wrong = public().get("organizations/", headers={"authorization": "Bearer wrong"})
    assert wrong.content == anonymous.content


def test_public_answers_are_cacheable_and_its_errors_are_not(world):
    answer = public().get("organizations/")
    assert answer["Cache-Control"] == "public, max-age=60"
    assert {name.strip() for name in answer["Vary"].split(",")} == {"Accept", "Accept-Language"}
    assert public().get("organizations/?kind=x")["Cache-Control"] == "no-store"
    assert public().get("organizations/ZSAI-999999/")["Cache-Control"] == "no-store"
    detail = public().get("plans/zs-ai-2019/")
    again = public().get("plans/zs-ai-2019/", headers={"If-None-Match": detail["ETag"]})
    assert (again.status_code, again["Cache-Control"]) == (304, "public, max-age=60")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_public_can_only_be_read(world, method):
    for path in ("", "organizations/", f"organizations/{world[0].registry_no}/", "alliances/open/members/"):
        answer = public().generic(method.upper(), f"/public/v1/{path}")
        problem(answer, 405, "method_not_allowed")
        assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_answers_of_staff_are_kept_by_no_cache(world):
    answer = api("registry.view_organization").get("organizations/")
    assert answer["Cache-Control"] == "private, no-store"
    assert {"Authorization", "Cookie"} <= {name.strip() for name in answer["Vary"].split(",")}
    assert "organizations" in ok(api().get(""))


def test_index_names_the_resources(world):
    resources = ok(public().get(""))
    assert set(resources) == {"plans", "sectors", "organizations", "enterprises", "institutes", "alliances"}
    for url in resources.values():
        assert public().get(url).status_code == 200
    problem(public().get("/api/v1/"), 401)


def test_unknown_address_names_the_one_with_a_slash(world):
    assert "/public/v1/organizations/" in problem(public().get("organizations"), 404)["detail"]
    for path in ("nothing/", "organizations/1/", "organizations/ZSAI-000001/contacts/", "memberships/"):
        problem(public().get(path), 404, "not_found")


def test_unpublishing_takes_a_record_away(world):
    Organization.objects.update(published=False)
    assert public().rows("organizations/") == []
    assert public().rows("alliances/open/members/") == []
