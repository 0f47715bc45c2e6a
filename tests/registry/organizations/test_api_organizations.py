"""Details and writes of organizations."""

import datetime

import pytest
from django.utils import timezone

from registry.models import Enterprise, Identifier, Name, Organization, SectorTag
from tests import factories
from tests.api import api, ok, pointers, problem, root

pytestmark = pytest.mark.django_db

WRITER = (
    "registry.view_organization",
    "registry.add_organization",
    "registry.change_organization",
    *(
        f"registry.{verb}_{part}"
        for verb in ("add", "change", "delete")
        for part in ("sectortag", "name", "identifier")
    ),
)


@pytest.fixture
def writer(reference):
    return api(*WRITER)


@pytest.fixture
def robot(reference):
    of = factories.enterprise(name_zh="中山市虚构机器人有限公司", source="登记")
    factories.tag(of, "robots.industrial", is_primary=True, evidence="焊接机器人")
    factories.tag(of, "core-technology.machine-vision")
    return of


def address(of):
    return f"organizations/{of.registry_no}/"


# --- Detail


def test_detail_holds_the_row_of_the_list_and_more(robot, writer):
    row = writer.rows("organizations/")[0]
    detail = ok(writer.get(address(robot)))
    for name, value in row.items():
        if name == "sectors":
            assert [{key: tag[key] for key in value[0]} for tag in detail["sectors"]] == value
        else:
            assert detail[name] == value
    assert {"scope", "remarks", "pinyin", "other_names", "successor", "verified_by", "created_at"} <= detail.keys()
    assert detail["sectors"][0] == {
        "code": "robots.industrial",
        "name": "Industrial robots",
        "primary": True,
        "evidence": "焊接机器人",
        "evidence_url": "",
    }


def test_detail_shows_contacts_and_size_only_to_those_who_may_see_them(robot):
    factories.contact(robot)
    factories.figures(robot)
    secret = {"contact_name", "contact_phone", "contact_email", "contact_title", "legal_representative"}
    plain = ok(api("registry.view_organization").get(address(robot)))
    assert not plain.keys() & (secret | {"size_class"})
    both = api("registry.view_organization", "registry.view_contact", "registry.view_annualfigures")
    assert ok(both.get(address(robot))).keys() == plain.keys() | secret | {"size_class"}


def test_detail_of_a_merged_organization_is_found(robot, writer):
    Organization.objects.update(registration_status="merged")
    assert ok(writer.get(address(robot)))["registration_status"] == "merged"
    assert writer.rows("organizations/") == []


def test_detail_shows_the_sectors_of_the_plan_that_is_named(robot, writer):
    later = factories.plan("later", current=False)
    factories.tag(robot, factories.sector("chips", later))
    assert [tag["code"] for tag in ok(writer.get(address(robot), {"plan": "later"}))["sectors"]] == ["chips"]
    assert pointers(problem(writer.get(address(robot), {"plan": "none"}), 400)) == {"plan"}


@pytest.mark.parametrize("query", ["kind=enterprise", "cursor=x", "fields=name_zh", "nonsense=1"])
def test_detail_refuses_parameters_that_would_be_ignored(robot, writer, query):
    problem(writer.get(f"{address(robot)}?{query}"), 400, "invalid_parameter")


def test_detail_is_found_by_its_kind_only(robot, writer):
    assert ok(writer.get(f"enterprises/{robot.registry_no}/"))["name_zh"] == robot.name_zh
    problem(writer.get(f"institutes/{robot.registry_no}/"), 404, "not_found")
    problem(writer.get("organizations/ZSAI-999999/"), 404, "not_found")


def test_detail_is_not_sent_again_while_it_is_the_same(robot, writer):
    tag = writer.get(address(robot))["ETag"]
    again = writer.get(address(robot), headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    factories.name(robot)
    assert writer.get(address(robot), headers={"If-None-Match": tag}).status_code == 200


def test_etag_changes_with_everything_that_is_shown(robot, writer):
    seen = {writer.get(address(robot))["ETag"]}
    for change in (
        lambda: Organization.objects.update(remarks="改"),
        lambda: factories.name(robot),
        lambda: factories.identifier(robot),
        lambda: factories.qualification(robot),
        lambda: SectorTag.objects.update(evidence="另一证据"),
    ):
        change()
        seen.add(writer.get(address(robot))["ETag"])
    assert len(seen) == 6


# --- Create


def test_create_gives_the_new_record_its_number_and_address(writer):
    answer = writer.post(
        "organizations/",
        {
            "kind": "enterprise",
            "name_zh": " 中山市全新\n机器人有限公司 ",
            "uscc": factories.valid_uscc().lower(),
            "township": "小榄镇",
            "zone": {"code": "torch"},
            "founded_on": "2020-02-29",
            "registered_capital": 1234567.89,
            "capital_currency": "CNY",
            "sectors": ["工业机器人", {"code": "core-technology.machine-vision", "evidence": "产品"}],
            "other_names": [{"kind": "former", "name": "中山市旧机器人有限公司", "valid_to": "2021-01-01"}],
            "identifiers": [{"scheme": "lei", "value": "529900t8bm49aursdo55"}],
        },
    )
    shown = ok(answer, 201)
    assert answer["Location"] == f"http://testserver/api/v1/organizations/{shown['registry_no']}/"
    assert answer["ETag"] == writer.get(answer["Location"])["ETag"]
    assert shown["name_zh"] == "中山市全新机器人有限公司"
    assert shown["pinyin"].startswith("zhong shan shi quan xin")
    assert shown["township"]["code"] == "442000118" or shown["township"]["name"].startswith("Xiaolan")
    assert shown["registered_capital"] == 1234567.89
    assert [(tag["code"], tag["primary"]) for tag in shown["sectors"]] == [
        ("robots.industrial", True),
        ("core-technology.machine-vision", False),
    ]
    assert shown["former_names"] == ["中山市旧机器人有限公司"]
    assert shown["identifiers"][0]["value"] == "529900T8BM49AURSDO55"
    of = Organization.objects.get()
    assert of.uscc == of.uscc.upper()
    assert of.published is False


def test_create_of_one_kind_needs_no_kind_and_takes_none(writer):
    assert ok(writer.post("enterprises/", {"name_zh": "甲"}), 201)["kind"] == "enterprise"
    answer = writer.post("institutes/", {"name_zh": "乙研究院"})
    assert ok(answer, 201)["kind"] == "research"
    assert "/institutes/" in answer["Location"]
    document = problem(writer.post("institutes/", {"name_zh": "丙研究院", "kind": "research"}), 400, "invalid")
    assert pointers(document) == {"/kind"}


def test_create_names_every_wrong_field_at_once(writer):
    document = problem(
        writer.post(
            "organizations/",
            {
                "kind": "club",
                "name_zh": ["甲"],
                "founded_on": "2020-02-30",
                "website": "javascript:alert(1)",
                "township": "无此镇",
                "registered_capital": "many",
                "registry_no": "ZSAI-000001",
                "colour": "red",
                "sectors": [{"code": "robots", "weight": 1}],
            },
        ),
        400,
        "invalid",
    )
    assert pointers(document) == {
        "/kind",
        "/name_zh",
        "/founded_on",
        "/website",
        "/township",
        "/registered_capital",
        "/registry_no",
        "/colour",
        "/sectors/0/weight",
    }
    codes = {error["pointer"]: error["code"] for error in document["errors"]}
    assert codes["/registry_no"] == "read_only"
    assert codes["/colour"] == "unknown_field"
    assert not Organization.objects.exists()


@pytest.mark.parametrize("body", [[], "text", 1, None, [{"name_zh": "甲"}]])
def test_create_refuses_what_is_no_object(writer, body):
    import json

    problem(writer.generic("POST", "/api/v1/enterprises/", json.dumps(body), "application/json"), 400, "invalid")


@pytest.mark.parametrize(
    ("values", "pointer", "code"),
    [
        ({"kind": "enterprise"}, "/name_zh", "organization_has_name"),
        ({"kind": "enterprise", "name_zh": "甲", "uscc": "123"}, "/uscc", "organization_uscc_format"),
        ({"kind": "research", "name_zh": "甲", "category": "backbone"}, "/category", None),
        ({"kind": "enterprise", "name_zh": "甲", "registered_capital": 5}, "/registered_capital", None),
        ({"kind": "enterprise", "name_zh": "甲", "country": "China"}, "/country", None),
        (
            {"kind": "enterprise", "name_zh": "甲", "founded_on": "2020-01-02", "closed_on": "2020-01-01"},
            "/closed_on",
            None,
        ),
    ],
)
def test_broken_rule_names_its_field_and_its_constraint(writer, values, pointer, code):
    document = problem(writer.post("organizations/", values), 400, "invalid")
    assert pointer in pointers(document)
    if code:
        assert code in {error["code"] for error in document["errors"]}


def test_value_that_another_record_has_is_a_conflict(writer, robot):
    document = problem(writer.post("enterprises/", {"name_zh": "乙", "uscc": robot.uscc}), 409, "conflict")
    assert document["errors"] == [
        {"pointer": "/uscc", "detail": "Another organization has this USCC.", "code": "unique"}
    ]
    mixed = writer.post("enterprises/", {"name_zh": "乙", "uscc": robot.uscc, "country": "1"})
    assert pointers(problem(mixed, 400, "invalid")) == {"/uscc", "/country"}


def test_identifier_that_another_organization_has_is_a_conflict(writer, robot):
    factories.identifier(robot, "lei", "529900T8BM49AURSDO55")
    body = {"name_zh": "乙", "identifiers": [{"scheme": "lei", "value": "529900T8BM49AURSDO55"}]}
    document = problem(writer.post("enterprises/", body), 409, "conflict")
    assert document["errors"][0]["code"] == "identifier_names_one"
    assert document["errors"][0]["pointer"].startswith("/identifiers/0")
    assert Enterprise.objects.count() == 1


# --- Update


def test_update_changes_what_is_named_and_keeps_the_rest(writer, robot):
    shown = ok(writer.patch(address(robot), {"remarks": "新备注", "township": None}))
    robot.refresh_from_db()
    assert (robot.remarks, robot.source, shown["remarks"]) == ("新备注", "登记", "新备注")
    assert SectorTag.objects.count() == 2


def test_update_needs_the_state_that_it_changes(writer, robot):
    problem(writer.patch(address(robot), {"remarks": "甲"}, headers={}), 428, "precondition_required")
    tag = writer.get(address(robot))["ETag"]
    ok(writer.patch(address(robot), {"remarks": "甲"}, headers={"If-Match": f'"other", {tag}'}))
    problem(writer.patch(address(robot), {"remarks": "乙"}, headers={"If-Match": tag}), 412, "precondition_failed")
    for header in ("nonsense", 'W/"x"', ""):
        problem(writer.patch(address(robot), {"remarks": "乙"}, headers={"If-Match": header}), 412)
    ok(writer.patch(address(robot), {"remarks": "丙"}, headers={"If-Match": "*"}))


def test_update_takes_the_etag_of_either_language(writer, robot):
    chinese = writer.get(address(robot) + "?lang=zh")["ETag"]
    assert chinese != writer.get(address(robot))["ETag"]
    ok(writer.patch(address(robot), {"remarks": "甲"}, headers={"If-Match": chinese}))


def test_update_with_nothing_new_leaves_no_trace(writer, robot):
    model = Organization.pgh_event_model
    before = model.objects.count(), SectorTag.pgh_event_model.objects.count()
    tags = ok(writer.get(address(robot)))["sectors"]
    ok(writer.patch(address(robot), {"name_zh": robot.name_zh, "sectors": tags}))
    assert (model.objects.count(), SectorTag.pgh_event_model.objects.count()) == before


def test_update_records_who_and_by_which_request(robot):
    user = factories.user(*WRITER)
    client = api(user=user)
    answer = client.patch(address(robot), {"remarks": "甲"})
    context = Organization.pgh_event_model.objects.latest("pgh_id").pgh_context.metadata
    assert context["user"] == user.pk
    assert context["request_id"] == answer["X-Request-ID"]
    assert context["token"] == user.api_tokens.get().pk


def test_sectors_that_are_given_replace_those_of_the_plan_and_keep_their_evidence(writer, robot):
    later = factories.plan("later", current=False)
    factories.tag(robot, factories.sector("chips", later))
    kept = SectorTag.objects.get(sector__code="robots.industrial").pk
    shown = ok(writer.patch(address(robot), {"sectors": ["robots.service", "robots.industrial"]}))
    assert [(t["code"], t["primary"], t["evidence"]) for t in shown["sectors"]] == [
        ("robots.service", True, ""),
        ("robots.industrial", False, "焊接机器人"),
    ]
    assert SectorTag.objects.get(sector__code="robots.industrial").pk == kept
    assert SectorTag.objects.filter(plan=later).count() == 1
    assert ok(writer.patch(address(robot), {"sectors": []}))["sectors"] == []


@pytest.mark.parametrize(
    ("sectors", "pointer"),
    [
        (["robots.industrial", "nonsense"], "/sectors/1"),
        (["robots.industrial", {"code": "robots.service", "name": "机器视觉"}], "/sectors/1"),
        (["robots.industrial", "工业机器人"], "/sectors/1"),
        ([{"code": "robots", "primary": True}, {"code": "robots.service", "primary": True}], "/sectors/1"),
        ([{"code": "robots", "evidence_url": "javascript:alert(1)"}], "/sectors/0/evidence_url"),
        ([{}], "/sectors/0"),
        ([5], "/sectors/0"),
        ("robots", "/sectors"),
        ([None], "/sectors/0"),
    ],
)
def test_sectors_that_are_wrong_change_nothing(writer, robot, sectors, pointer):
    document = problem(writer.patch(address(robot), {"sectors": sectors, "remarks": "改"}), 400, "invalid")
    assert pointers(document) == {pointer}
    robot.refresh_from_db()
    assert robot.remarks == ""
    assert SectorTag.objects.count() == 2


def test_sectors_of_another_plan_are_written_where_it_is_named(writer, robot):
    later = factories.plan("later", current=False)
    factories.sector("chips", later)
    path = address(robot) + "?plan=later"
    assert [t["code"] for t in ok(writer.patch(path, {"sectors": ["chips"]}))["sectors"]] == ["chips"]
    assert SectorTag.objects.exclude(plan=later).count() == 2


def test_nested_lists_need_the_permissions_of_their_tables(robot):
    plain = api("registry.view_organization", "registry.change_organization")
    factories.name(robot, "旧名")
    for body, permission in (
        ({"sectors": ["robots.industrial"]}, "registry.delete_sectortag"),
        ({"sectors": ["robots.industrial", "core-technology.machine-vision", "robots"]}, "registry.add_sectortag"),
        ({"other_names": []}, "registry.delete_name"),
        ({"identifiers": [{"scheme": "stock_code", "value": "X1"}]}, "registry.add_identifier"),
    ):
        document = problem(plain.patch(address(robot), body), 403, "permission_denied")
        assert permission in document["detail"]
        assert pointers(document) == {f"/{next(iter(body))}"}
    assert Name.objects.count() == 1
    assert not Identifier.objects.exists()


def test_other_names_and_identifiers_are_replaced(writer, robot):
    factories.name(robot, "旧名一")
    factories.identifier(robot, "stock_code", "X1")
    body = {
        "other_names": [{"kind": "alias", "name": "别名", "language": "zh"}],
        "identifiers": [{"scheme": "stock_code", "value": "X1", "valid_from": "2020-01-01"}],
    }
    shown = ok(writer.patch(address(robot), body))
    assert [(name["kind"], name["name"]) for name in shown["other_names"]] == [("alias", "别名")]
    assert shown["identifiers"][0]["valid_from"] == "2020-01-01"
    missing = problem(writer.patch(address(robot), {"other_names": [{"kind": "alias"}]}), 400)
    assert pointers(missing) == {"/other_names/0/name"}
    reversed_period = [{"name": "名", "valid_from": "2020-01-01", "valid_to": "2019-01-01"}]
    document = problem(writer.patch(address(robot), {"other_names": reversed_period}), 400)
    assert pointers(document) == {"/other_names/0/valid_to"}


# --- Rights over single fields


def test_publishing_needs_its_permission(writer, robot):
    document = problem(writer.patch(address(robot), {"published": True}), 403, "permission_denied")
    assert pointers(document) == {"/published"}
    assert problem(writer.post("enterprises/", {"name_zh": "乙", "published": True}), 403)
    publisher = api(*WRITER, "registry.publish_organization")
    assert ok(publisher.patch(address(robot), {"published": True}))["published"] is True
    ok(writer.patch(address(robot), {"published": True, "remarks": "改"}))


def test_unusual_uscc_needs_a_reason_and_the_right_to_give_one(writer, robot):
    good = factories.valid_uscc()
    wrong = good[:17] + ("0" if good[17] != "0" else "1")
    document = problem(writer.patch(address(robot), {"uscc": wrong}), 400)
    assert document["errors"][0]["code"] == "organization_uscc_check_character"
    body = {"uscc": wrong, "uscc_override_reason": "营业执照如此"}
    assert pointers(problem(writer.patch(address(robot), body), 403)) == {"/uscc_override_reason"}
    ok(api(*WRITER, "registry.override_uscc").patch(address(robot), body))
    # A reason that stands does not cover another wrong code.
    good = factories.valid_uscc()
    another = good[:17] + ("0" if good[17] != "0" else "1")
    problem(writer.patch(address(robot), {"uscc": another}), 403)
    ok(writer.patch(address(robot), {"remarks": "改"}))


def test_verification_is_signed_by_who_writes_it(robot):
    denied = problem(api(*WRITER).patch(address(robot), {"verified_on": "2026-01-01"}), 403, "permission_denied")
    assert pointers(denied) == {"/verified_on"}
    user = factories.user(*WRITER, "registry.verify_organization")
    client = api(user=user)
    assert ok(client.patch(address(robot), {"verified_on": "2026-01-01"}))["verified_by"] == user.username
    assert ok(client.patch(address(robot), {"verified_on": None}))["verified_by"] is None
    assert pointers(problem(client.patch(address(robot), {"verified_by": "x"}), 400)) == {"/verified_by"}


def test_days_in_the_future_are_refused(robot, writer):
    ahead = timezone.localdate() + datetime.timedelta(days=2)
    for name in ("founded_on", "verified_on", "introduced_on"):
        assert pointers(problem(writer.patch(address(robot), {name: ahead.isoformat()}), 400)) == {f"/{name}"}


def test_industry_is_a_code_of_the_standard(robot, writer):
    assert ok(writer.patch(address(robot), {"industry": "3911"}))["industry"] == "C3911"
    document = problem(writer.patch(address(robot), {"industry": "I3911"}), 400)
    assert "C3911" in document["errors"][0]["detail"]


def test_organization_cannot_be_deleted_or_put(robot):
    client = root()
    problem(client.delete(f"/api/v1/{address(robot)}"), 405, "method_not_allowed")
    problem(client.put(f"/api/v1/{address(robot)}", {}, content_type="application/json"), 405)


def test_update_by_a_kind_of_its_own_keeps_the_kind(writer, robot):
    path = f"enterprises/{robot.registry_no}/"
    assert pointers(problem(writer.patch(path, {"kind": "research"}), 400)) == {"/kind"}
    assert ok(writer.patch(path, {"remarks": "改"}))["kind"] == "enterprise"


def test_successor_is_named_by_registry_number(writer, robot):
    other = factories.enterprise(name_zh="后继公司")
    shown = ok(writer.patch(address(robot), {"successor": other.registry_no, "registration_status": "merged"}))
    assert shown["successor"] == {"registry_no": other.registry_no, "name_zh": "后继公司", "name_en": other.name_en}
    assert pointers(problem(writer.patch(address(robot), {"successor": "ZSAI-999999"}), 400)) == {"/successor"}
    assert pointers(problem(writer.patch(address(robot), {"successor": robot.registry_no}), 400)) == {"/successor"}


def test_written_day_is_the_day_that_is_read(writer, robot):
    ok(writer.patch(address(robot), {"founded_on": "2001-12-31"}))
    robot.refresh_from_db()
    assert robot.founded_on == datetime.date(2001, 12, 31)


@pytest.mark.parametrize("field", ["name_zh", "website", "source"])
def test_sign_that_turns_the_direction_of_a_line_is_refused(reference: None, field: str) -> None:
    client = root()
    told = problem(client.post("enterprises/", {"name_zh": "中山示例公司", field: "中山\u202e示例"}), 400, "invalid")
    [error] = [one for one in told["errors"] if one["code"] == "direction"]
    assert error["pointer"] == f"/{field}"
    assert "Character 3" in error["detail"]
    assert "U+202E" in error["detail"]


def test_long_text_keeps_its_signs_of_direction(reference: None) -> None:
    client = root()
    made = ok(client.post("enterprises/", {"name_zh": "中山示例公司", "introduction": "文字\u200f方向"}), 201)
    assert made["introduction"] == "文字\u200f方向"


def test_a_website_without_scheme_gets_one(writer):
    made = writer.post("organizations/", {"kind": "enterprise", "name_zh": "香山一厂", "website": "www.example.com"})
    assert made.json()["website"] == "https://www.example.com"
