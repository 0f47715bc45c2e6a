"""Every named constraint of the registry, broken in a form and in the database."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError

from registry.models import (
    AccountRequest,
    AccountTelephone,
    AnnualFigures,
    CollectionRound,
    Contact,
    FiguresRelease,
    Identifier,
    ImportBatch,
    KeptAnswer,
    Merger,
    Name,
    Organization,
    PairJudgement,
    Plan,
    Proposal,
    Qualification,
    Relation,
    Sector,
    SectorTag,
    SizeStandard,
    Township,
)
from registry.second_factor.models import RecoveryCode
from tests import factories
from tests.constraints import Breaker, assert_database_refuses, assert_form_refuses, insert, named_constraints

pytestmark = pytest.mark.django_db

DAY = datetime.date(2021, 7, 19)
NOON = datetime.datetime(2021, 7, 19, 12, tzinfo=datetime.UTC)
BATCH = {"table": "organizations", "file_name": "名单.xlsx", "sha256": "0" * 64, "size": 1}
# The targets of composite foreign keys hold a primary key, so nothing can break them alone.
TARGETS = {"sector_id_plan"}


def body(**fields) -> Organization:
    return Organization(**{"kind": "enterprise", "name_zh": "中山市虚构约束有限公司"} | fields)


def figures(**fields) -> AnnualFigures:
    return AnnualFigures(organization=factories.organization(), **{"year": 2024} | fields)


def twice(row):
    """A second row like the one that is stored."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.generated}
    values.pop("id")
    return type(row)(**values)


def pair_of_one() -> PairJudgement:
    one = factories.organization()
    return PairJudgement(first=one, second=one, verdict="same")


def merger_of_one() -> Merger:
    one = factories.organization()
    return Merger(merged=one, kept=one, history_context=uuid.uuid4())


def of_period(model, start, end, **fields):
    return model(**fields | {start: DAY, end: DAY})


def second_primary() -> SectorTag:
    organization = factories.organization()
    factories.tag(organization, "robots.industrial", is_primary=True)
    sector = factories.sector("robots.service")
    return SectorTag(organization=organization, sector=sector, plan=sector.plan, is_primary=True)


def second_identifier() -> Identifier:
    factories.identifier(factories.organization(), "stock_code", "X00001")
    return Identifier(organization=factories.organization(), scheme="stock_code", value="X00001")


def second_current_plan() -> Plan:
    factories.plan()
    return Plan(code="later", name_zh="后续行动计划", starts_on=DAY, current=True)


def own_relation() -> Relation:
    organization = factories.organization()
    return Relation(organization=organization, related=organization, kind="parent")


def own_successor() -> Organization:
    organization = factories.organization()
    organization.successor = organization
    return organization


def size_standard() -> SizeStandard:
    return SizeStandard(
        code="x", name_zh="测试", industries=["A"], indicator="employees", large_min=100, medium_min=100, small_min=10
    )


def successor_of_a_living_township() -> Township:
    return Township(code="442000998", name_zh="虚构镇", kind="town", successor=factories.township())


def prepared_request() -> AccountRequest:
    by = factories.user()
    return AccountRequest.objects.create(account=factories.user(), prepared_by=by, new_password=True, state="x")


def change_in_effect() -> Proposal:
    values = {"organization": factories.organization(), "kind": "published", "what": "name", "row_id": 1, "field": "x"}
    return Proposal.objects.create(**values, in_effect=True, old="甲", new="乙")


def proposed(**fields) -> Proposal:
    one = factories.proposal()
    return Proposal(organization=one.organization, kind=one.kind, what=one.what, field="scope", **fields)


def second_proposal() -> Proposal:
    values = {"organization": factories.organization(), "kind": "suggestion", "what": "name", "row_id": 1, "field": "x"}
    return twice(Proposal.objects.create(**values, new="乙"))


BREAKERS: dict[str, Breaker] = {
    "accounttelephone_is_given": lambda: AccountTelephone(user=factories.user(), phone=""),
    "accounttownship_once": lambda: twice(factories.account_township()),
    "proposal_once": second_proposal,
    "recoverycode_once": lambda: twice(RecoveryCode.objects.create(user=factories.user(), code_hash="0" * 64)),
    "proposal_in_effect_once": lambda: twice(change_in_effect()),
    "proposal_refused_with_reason": lambda: proposed(state="refused", decided_at=NOON),
    "proposal_decided_at": lambda: proposed(decided_at=NOON),
    "accountrequest_one_waiting": lambda: twice(prepared_request()),
    "plan_one_current": second_current_plan,
    "plan_period_not_empty": lambda: of_period(Plan, "starts_on", "ends_on", code="x", name_zh="测试计划"),
    "sector_code_unique_in_plan": lambda: twice(factories.sector("robots")),
    "sector_code_format": lambda: Sector(plan=factories.plan(), code="Robots", name_zh="测试", layer="product"),
    "sector_two_levels": lambda: Sector(plan=factories.plan(), code="robots.x", name_zh="测试", layer="product"),
    "township_period_not_empty": lambda: of_period(
        Township, "valid_from", "valid_to", code="442000998", name_zh="虚构镇", kind="town"
    ),
    "township_successor_after_end": successor_of_a_living_township,
    "size_standard_bounds_rise": size_standard,
    "organization_has_name": lambda: body(name_zh="", name_en=""),
    "organization_uscc_format": lambda: body(uscc="91442000W0000001IO", uscc_override_reason="证照如此"),
    "organization_uscc_check_character": lambda: body(uscc=wrong_check_character()),
    "organization_category_of_enterprises": lambda: body(kind="research", category="startup"),
    "organization_category_of_institutes": lambda: body(kind="enterprise", category="laboratory"),
    "organization_capital_not_of_government": lambda: body(
        kind="government", registered_capital=1, capital_currency="CNY"
    ),
    "organization_verified_from_has_day": lambda: body(verified_from="phone"),
    "organization_capital_has_currency": lambda: body(registered_capital=1),
    "organization_currency_format": lambda: body(capital_currency="C1"),
    "organization_country_format": lambda: body(country="C1"),
    "organization_industry_format": lambda: body(industry="Z1"),
    "organization_capital_not_negative": lambda: body(registered_capital=-1, capital_currency="CNY"),
    "organization_closed_after_founded": lambda: of_period(
        Organization, "founded_on", "closed_on", kind="enterprise", name_zh="中山市虚构约束有限公司"
    ),
    "contact_one_per_role": lambda: twice(factories.contact(factories.organization())),
    "contact_says_something": lambda: Contact(organization=factories.organization(), role="other", title="经理"),
    "figuresrelease_withdrawn_for_a_reason": lambda: FiguresRelease(
        year=2023, plan=factories.plan(), tables={}, withdrawn_on="2026-01-01"
    ),
    "annual_figures_one_a_year": lambda: twice(factories.figures(factories.organization())),
    **{
        f"annual_figures_{field}_not_negative": lambda field=field: figures(**{field: -1})  # type: ignore[misc]
        for field in (
            "employees",
            "rd_staff",
            "assets",
            "revenue",
            "ai_revenue",
            "rd_expenditure",
            "valid_invention_patents",
        )
    },
    "annual_figures_rd_staff_within_employees": lambda: figures(employees=10, rd_staff=11),
    "annual_figures_ai_revenue_within_revenue": lambda: figures(revenue=10, ai_revenue=11),
    "name_once": lambda: twice(factories.name(factories.organization())),
    "name_not_empty": lambda: Name(organization=factories.organization(), name=""),
    "name_period_not_empty": lambda: of_period(
        Name, "valid_from", "valid_to", organization=factories.organization(), name="测试"
    ),
    "identifier_names_one": second_identifier,
    "identifier_not_empty": lambda: Identifier(organization=factories.organization(), scheme="lei", value=""),
    "identifier_period_not_empty": lambda: of_period(
        Identifier, "valid_from", "valid_to", organization=factories.organization(), scheme="stock_code", value="X1"
    ),
    "sector_tag_once": lambda: twice(factories.tag(factories.organization())),
    "sector_tag_one_primary": second_primary,
    "qualification_once": lambda: twice(factories.qualification(factories.organization(), granted_on=None)),
    "qualification_period_not_empty": lambda: of_period(
        Qualification,
        "granted_on",
        "valid_to",
        organization=factories.organization(),
        grading=factories.grading(),
        level="national",
    ),
    "relation_to_another": own_relation,
    "relation_once": lambda: twice(factories.relation(factories.organization(), factories.organization())),
    "relation_period_not_empty": lambda: of_period(
        Relation,
        "valid_from",
        "valid_to",
        organization=factories.organization(),
        related=factories.organization(),
        kind="parent",
    ),
    "import_batch_applied_has_time": lambda: ImportBatch(**BATCH, state="applied"),
    "import_batch_undone_has_time": lambda: ImportBatch(**BATCH, state="undone", applied_at=NOON),
    "import_row_once": lambda: twice(factories.import_row()),
    "import_mapping_once": lambda: twice(factories.import_mapping()),
    "distinction_once": lambda: twice(factories.distinction()),
    "pair_judgement_once": lambda: twice(factories.pair_judgement()),
    "pair_judgement_in_order": pair_of_one,
    "merger_once": lambda: twice(factories.merger()),
    "merger_of_two": merger_of_one,
    "merger_undone_at": lambda: Merger(
        merged=factories.organization(),
        kept=factories.organization(),
        history_context=uuid.uuid4(),
        undone_by=factories.user(),
    ),
    "kept_answer_once": lambda: twice(
        KeptAnswer.objects.create(client="token:1", key="a", request_hash="0", status=201)
    ),
    "dismissed_suggestion_once": lambda: twice(factories.dismissed_suggestion()),
    "collection_round_due_after_year": lambda: CollectionRound(title="虚构填报", year=2024, due_on=DAY),
    "collection_round_has_title": lambda: CollectionRound(title="", year=2020, due_on=DAY),
    "round_organization_once": lambda: twice(factories.asked()),
}
# Where the field itself, or the model's `clean()`, speaks before the constraint is asked.
SPEAKS_FIRST = {
    "name_not_empty": "此字段不能为空。",
    "identifier_not_empty": "此字段不能为空。",
    "collection_round_has_title": "此字段不能为空。",
    "organization_closed_after_founded": "终止日期须晚于成立日期。",
    "organization_industry_format": (
        "《国民经济行业分类》（GB/T 4754-2017）中没有“Z1”：请填写代码（如 I6513）或行业名称。"
    ),
}


def wrong_check_character() -> str:
    right = factories.valid_uscc(1)
    return right[:17] + ("0" if right[17] != "0" else "1")


def test_every_named_constraint_is_broken_here():
    assert set(BREAKERS) | TARGETS | {"organization_successor_is_another"} == named_constraints("registry")


@pytest.mark.parametrize("name", BREAKERS)
def test_form_refuses_what_breaks(name):
    assert_form_refuses(BREAKERS[name](), name, SPEAKS_FIRST.get(name, ""))


@pytest.mark.parametrize("name", BREAKERS)
def test_database_refuses_what_breaks(name):
    row = BREAKERS[name]()
    assert_database_refuses(lambda: insert(row), name)


def test_organization_does_not_succeed_itself():
    organization = own_successor()
    assert_form_refuses(organization, "organization_successor_is_another")
    own = Organization.objects.filter(pk=organization.pk)
    assert_database_refuses(lambda: own.update(successor=organization), "organization_successor_is_another")


@pytest.mark.parametrize(
    "row",
    [
        lambda: body(uscc=factories.valid_uscc(1)),
        lambda: body(uscc=wrong_check_character(), uscc_override_reason="证照确实如此"),
        lambda: body(name_zh="", name_en="Fictional GmbH", country="DE"),
        lambda: body(kind="research", category="university", industry="P8341"),
        lambda: body(kind="enterprise", category="incubator", registered_capital=0, capital_currency="CNY"),
        lambda: body(industry="C"),
        lambda: body(founded_on=DAY, closed_on=DAY + datetime.timedelta(days=1)),
        lambda: figures(employees=0, rd_staff=0, revenue=0, ai_revenue=0, assets=0),
        lambda: figures(rd_staff=5, ai_revenue=5),
    ],
)
def test_rules_let_through_what_they_should(row):
    one = row()
    one.full_clean()
    one.save()
    assert type(one).objects.get(pk=one.pk) == one


def test_two_organizations_without_uscc_are_no_clash():
    for _ in range(2):
        made = body(uscc="  ")
        made.full_clean()
        made.save()
        assert made.uscc is None


def test_uscc_is_unique_and_upper_case():
    code = factories.valid_uscc(5)
    factories.organization(uscc=code)
    again = body(uscc=code.lower())
    with pytest.raises(ValidationError) as caught:
        again.full_clean()
    assert caught.value.message_dict["uscc"] == ["其他单位已使用该统一社会信用代码。"]
    assert_database_refuses(lambda: insert(body(uscc=code)), "registry_organization_uscc_key")


@pytest.mark.parametrize("role", ["legal_representative", "liaison"])
def test_only_other_contacts_may_be_several(role):
    organization = factories.organization()
    factories.contact(organization, role="other")
    factories.contact(organization, role="other")
    factories.contact(organization, role=role)
    assert_database_refuses(lambda: factories.contact(organization, role=role), "contact_one_per_role")


def test_one_primary_sector_in_each_plan():
    organization = factories.organization()
    later = factories.plan("later", current=False)
    factories.tag(organization, factories.sector("robots"), is_primary=True)
    factories.tag(organization, factories.sector("robots", later), is_primary=True)
    assert organization.sector_tags.filter(is_primary=True).count() == 2


def test_tag_follows_the_plan_of_its_sector():
    tag = factories.tag(factories.organization())
    other = factories.plan("later", current=False)
    tags = SectorTag.objects.filter(pk=tag.pk)
    assert_database_refuses(lambda: tags.update(plan=other), "sector_tag_sector_of_plan")
    assert_database_refuses(
        lambda: tags.update(sector=factories.sector("robots", other)),
        "sector_tag_sector_of_plan",
    )
    assert_database_refuses(
        lambda: Sector.objects.filter(pk=tag.sector_id).update(plan=other),
        {"sector_tag_sector_of_plan", "sector_parent_of_plan"},
    )


def test_parent_sector_is_of_the_same_plan():
    parent, other = factories.sector("robots"), factories.plan("later", current=False)
    stray = Sector(plan=other, parent=parent, code="robots.x", name_zh="测试", layer="product")
    assert_database_refuses(lambda: insert(stray), "sector_parent_of_plan")


def test_reference_data_in_use_cannot_be_deleted():
    organization = factories.organization(township=factories.township(), zone=factories.zone())
    factories.tag(organization)
    for row in (organization.township, organization.zone, organization.sector_tags.get().sector):
        with pytest.raises(Exception, match="protected foreign keys"):
            row.delete()
