"""History is written by the database on every table and by every path of writing."""

import datetime

import pghistory
import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.db.models import Model

from alliance.models import MemberSector
from registry.models import ApiToken, Enterprise, Name, Organization, Township
from tests import factories

pytestmark = pytest.mark.django_db

# A row of each tracked table, and a change of it.
ROWS = {
    "Plan": (factories.plan, {"document_number": "示1"}),
    "Sector": (factories.sector, {"definition": "示例"}),
    "Township": (factories.township, {"name_en": "X"}),
    "Zone": (factories.zone, {"name_en": "X"}),
    "Grading": (factories.grading, {"notes": "X"}),
    "UsccCategory": (
        lambda: apps.get_model("registry.UsccCategory").objects.create(code="91", name_zh="企业", department_zh="工商"),
        {"name_en": "X"},
    ),
    "SizeStandard": (
        lambda: apps.get_model("registry.SizeStandard").objects.create(
            code="x", name_zh="测试", industries=["A"], indicator="revenue", large_min=3, medium_min=2, small_min=1
        ),
        {"large_min": 4},
    ),
    "Organization": (factories.organization, {"remarks": "X"}),
    "Name": (lambda: factories.name(factories.organization()), {"language": "en"}),
    "Identifier": (lambda: factories.identifier(factories.organization()), {"value": "X2"}),
    "SectorTag": (lambda: factories.tag(factories.organization()), {"evidence": "X"}),
    "Qualification": (lambda: factories.qualification(factories.organization()), {"issuer": "X"}),
    "AnnualFigures": (lambda: factories.figures(factories.organization()), {"employees": 0}),
    "Contact": (lambda: factories.contact(factories.organization()), {"title": "X"}),
    "Relation": (lambda: factories.relation(factories.organization(), factories.organization()), {"remarks": "X"}),
    "ImportBatch": (factories.import_batch, {"file_name": "X.csv"}),
    "ImportMapping": (factories.import_mapping, {"labels": ["X"]}),
    "Distinction": (factories.distinction, {"name_key": "X"}),
    "PairJudgement": (factories.pair_judgement, {"reason": "X"}),
    "Merger": (factories.merger, {"undone_at": datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)}),
    "DismissedSuggestion": (
        factories.dismissed_suggestion,
        {"dismissed_at": datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)},
    ),
    "SectorMeasures": (
        factories.sector_measures,
        {"progress": "X"},
    ),
    "FiguresRelease": (factories.figures_release, {"withdrawal_reason": "X", "withdrawn_on": "2026-01-01"}),
    "CollectionRound": (factories.collection_round, {"notes": "X"}),
    "RoundOrganization": (factories.asked, {"organization_id": 0}),
    "ApiToken": (lambda: factories.token()[0], {"label": "X"}),
    "AccountRequest": (
        lambda: apps.get_model("registry.AccountRequest").objects.create(
            account=factories.user(), prepared_by=factories.user(), new_password=True, state="x"
        ),
        {"reopen": True},
    ),
    "Proposal": (factories.proposal, {"name_change": "rename"}),
    "ProposalSource": (lambda: factories.proposal().sources.get(), {"evidence": "X"}),
    "StandardTier": (
        lambda: apps.get_model("alliance.StandardTier").objects.create(code="x", name_zh="测试级别", rank=9),
        {"name_en": "X"},
    ),
    "AccountTelephone": (factories.account_telephone, {"phone": "0760-00000001"}),
    "AccountTownship": (factories.account_township, {"township_id": 0}),
    "Alliance": (factories.alliance, {"short_name": "X"}),
    "Supporter": (factories.supporter, {"position": 7}),
    "Tier": (factories.tier, {"name_en": "X"}),
    "FormerName": (factories.former_name, {"name_en": "X"}),
    "Member": (factories.member, {"member_no": "X9"}),
    "Membership": (factories.membership, {"remarks": "X"}),
    "Suspension": (factories.suspension, {"reason": "X"}),
    "Certificate": (factories.certificate, {"end_kind": "void", "end_reason": "X", "ended_on": "2022-01-01"}),
    "CertificateSettings": (factories.certificate_settings, {"signature": "X"}),
    "Representative": (factories.representative, {"title": "X"}),
    "Term": (factories.term, {"number": 9}),
    "Group": (factories.group, {"name_en": "X"}),
    "Seat": (factories.seat, {"role": "lead"}),
    "Meeting": (factories.meeting, {"place": "X"}),
    "Attendance": (factories.attendance, {"present": True}),
    "Decision": (factories.decision, {"subject": "X"}),
    "VotingRule": (factories.voting_rule, {"majority_exceeded": True}),
    "AllianceRules": (factories.alliance_rules, {"direct_entry": False}),
    "Application": (factories.application, {"remarks": "X"}),
    "Attachment": (factories.attachment, {"name": "X.pdf"}),
    "OfficeHolder": (factories.office_holder, {"title": "X"}),
    "DuesStandard": (factories.dues_standard, {"remarks": "X"}),
    "DuesClass": (factories.dues_class, {"name": "X"}),
    "Due": (factories.due, {"remarks": "X"}),
    "Payment": (factories.payment, {"payer": "X"}),
}
# Counters; the working data of imports and of the API; what triggers derive; the feed of changes; what the log of
# security events tells of.
UNTRACKED = {
    "OrganizationIndex",
    "ImportFile",
    "ImportRow",
    "KeptAnswer",
    "LastBackup",
    "MemberNumber",
    "MembershipChange",
    "AnswerWanted",
    "PublicChange",
    "RecoveryCode",
    "RoleFactor",
    "ChangeOrigin",
    "Disclosure",
    "Erasure",
    "OrganizationChange",
    "Receipt",
    "RecordChange",
    "ReferenceState",
    "RequestCount",
    "SearchIndex",
    "SectorIndex",
}


def events(model: type[Model], pk: int) -> list[str]:
    event_model = apps.get_model(model._meta.app_label, f"{model.__name__}Event")
    return list(event_model.objects.filter(pgh_obj_id=pk).order_by("pgh_id").values_list("pgh_label", flat=True))


def test_every_table_has_a_history():
    tables = {
        model.__name__
        for app in ("registry", "alliance")
        for model in apps.get_app_config(app).get_models()
        if not model._meta.proxy and not model.__name__.endswith("Event")
    }
    assert set(ROWS) | UNTRACKED == tables


@pytest.mark.parametrize("name", ROWS)
def test_insert_update_and_delete_are_recorded(name):
    make, change = ROWS[name]
    row = make()
    model, pk = type(row), row.pk
    rows = model._base_manager.filter(pk=pk)
    assert events(model, pk) == ["insert"]
    rows.update(**change)
    assert events(model, pk) == ["insert", "update"]
    rows.update(**change)
    assert events(model, pk) == ["insert", "update"], "nothing has changed, so nothing has happened"
    row.refresh_from_db()
    row.delete()
    assert events(model, pk) == ["insert", "update", "delete"]


def test_bulk_writes_are_recorded_row_by_row():
    made = Organization.objects.bulk_create(
        Organization(kind="enterprise", name_zh=f"中山市虚构批量{n}号有限公司", pinyin="x") for n in range(3)
    )
    made[0].remarks = made[1].remarks = "批量"
    Organization.objects.bulk_update(made, ["remarks"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_organization SET source = 'SQL' WHERE id = %s", [made[2].pk])
    Organization.objects.filter(pk__in=[one.pk for one in made]).delete()
    for one in made:
        assert events(Organization, one.pk) == ["insert", "update", "delete"]


def test_writes_through_proxies_are_recorded_for_the_organization():
    enterprise = factories.enterprise()
    Enterprise.objects.filter(pk=enterprise.pk).update(remarks="X")
    assert events(Organization, enterprise.pk) == ["insert", "update"]


def test_upsert_is_recorded_as_what_it_did():
    Township.objects.create(code="442000998", name_zh="虚构镇", kind="town")
    Township.objects.bulk_create(
        [
            Township(code="442000998", name_zh="改名镇", kind="town"),
            Township(code="442000999", name_zh="另一镇", kind="town"),
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name_zh"],
    )
    first, second = Township.objects.filter(code__startswith="44200099").order_by("code")
    assert events(Township, first.pk) == ["insert", "update"]
    assert events(Township, second.pk) == ["insert"]


def test_sectors_of_a_member_are_recorded():
    member = factories.member()
    robots, vision = factories.sector("robots"), factories.sector("core-technology.machine-vision")
    member.sectors.add(robots)  # one after the other: Django adds several in the order of a set
    member.sectors.add(vision)
    member.sectors.set([vision])
    labels = apps.get_model("alliance.MemberSectorEvent").objects.order_by("pgh_id")
    assert list(labels.values_list("pgh_label", "sector")) == [
        ("insert", robots.pk),
        ("insert", vision.pk),
        ("delete", robots.pk),
    ]
    assert MemberSector.objects.count() == 1


def test_derived_columns_are_neither_recorded_nor_a_change():
    organization = factories.organization()
    factories.tag(organization)
    Organization.objects.filter(pk=organization.pk).update(
        updated_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    )
    assert events(Organization, organization.pk) == ["insert"]
    columns = {field.name for field in apps.get_model("registry.OrganizationEvent")._meta.fields}
    assert not columns & {"updated_at", "sort_key", "name_zh_key", "name_en_key"}


def test_history_of_tokens_holds_no_secret_and_no_use():
    token, _key = factories.token()
    ApiToken.objects.update(last_used_at=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    assert events(ApiToken, token.pk) == ["insert"]
    columns = {field.name for field in apps.get_model("registry.ApiTokenEvent")._meta.fields}
    assert not columns & {"key_hash", "password_state", "last_used_at"}


@pytest.mark.parametrize("operation", ["update", "delete"])
def test_history_cannot_be_rewritten(operation):
    factories.organization()
    rows = apps.get_model("registry.OrganizationEvent").objects.all()
    with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
        rows.update(remarks="X") if operation == "update" else rows.delete()


def test_history_knows_the_context():
    with pghistory.context(reason="测试", user=7):
        organization = factories.organization()
        Name.objects.bulk_create([Name(organization=organization, name="旧名")])
    for event_model in ("registry.OrganizationEvent", "registry.NameEvent"):
        assert apps.get_model(event_model).objects.get().pgh_context.metadata == {"reason": "测试", "user": 7}
    organization.delete()
    assert apps.get_model("registry.NameEvent").objects.get(pgh_label="delete").name == "旧名"
