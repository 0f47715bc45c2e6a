"""Plain functions that make valid, fictional rows; keyword arguments override what they would choose.

Reference data (plan, sector, township, zone, grading) are got by code where they exist, so that a test can run with the
`reference` fixture or without.
"""

import datetime
import itertools
import uuid
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django_otp.plugins.otp_totp.models import TOTPDevice

from alliance.meetings import calling, recording
from alliance.models import (
    Alliance,
    AllianceRules,
    Application,
    Attendance,
    Certificate,
    CertificateSettings,
    Decision,
    Due,
    DuesClass,
    DuesStandard,
    FormerName,
    Meeting,
    Member,
    Membership,
    OfficeHolder,
    Payment,
    Representative,
    Seat,
    Supporter,
    Suspension,
    Term,
    Tier,
    VotingRule,
)
from alliance.models import Group as CouncilGroup
from bench.synthetic import fictional_uscc
from registry.accounts.actions import state_of
from registry.models import (
    AccountRequest,
    AccountTelephone,
    AccountTownship,
    AnnualFigures,
    ApiToken,
    Attachment,
    CollectionRound,
    Contact,
    Disclosure,
    DismissedSuggestion,
    Distinction,
    Enterprise,
    Erasure,
    FiguresRelease,
    Grading,
    Identifier,
    ImportBatch,
    ImportMapping,
    ImportRow,
    Institute,
    Kind,
    Merger,
    Name,
    Organization,
    PairJudgement,
    Plan,
    Proposal,
    Qualification,
    Receipt,
    Relation,
    RoundOrganization,
    Sector,
    SectorMeasures,
    SectorTag,
    Township,
    Zone,
)
from registry.proposals.actions import propose
from registry.statistics.figures.releasing import tables_of

_numbers = itertools.count(1)
PHONE = "0760-00000000"
"""No number of any network begins with 0 after the area code."""


def valid_uscc(n: int | None = None, start: str = "91", region: str = "442000") -> str:
    """A USCC with a valid check character that is nobody's; the same for the same `n`."""
    return fictional_uscc(next(_numbers) if n is None else n, start, "W", region)


# --- Reference data


def plan(code: str = "zs-ai-2019", **fields: Any) -> Plan:
    values = {
        "name_zh": "中山市加快新一代人工智能发展行动计划（2019—2021年）",
        "name_en": "Zhongshan action plan for artificial intelligence (2019-2021)",
        "starts_on": datetime.date(2019, 1, 1),
        "ends_on": datetime.date(2022, 1, 1),
        "current": not Plan.objects.filter(current=True).exists(),
    }
    return Plan.objects.get_or_create(code=code, defaults=values | fields)[0]


def sector(code: str = "robots.industrial", in_plan: Plan | None = None, **fields: Any) -> Sector:
    """The sector, with its parent where the code has a dot."""
    of_plan = in_plan or plan()
    found = Sector.objects.filter(plan=of_plan, code=code).first()
    if found:
        return found
    values: dict[str, Any] = {"name_zh": f"领域{code}", "name_en": f"Sector {code}", "layer": "product"}
    if "." in code:
        values["parent"] = sector(code.split(".")[0], of_plan)
    return Sector.objects.create(plan=of_plan, code=code, **values | fields)


def township(code: str = "442000118", **fields: Any) -> Township:
    values = {"name_zh": "小榄镇", "name_en": "Xiaolan Town", "kind": Township.Kind.TOWN}
    return Township.objects.get_or_create(code=code, defaults=values | fields)[0]


def zone(code: str = "torch", **fields: Any) -> Zone:
    values = {"name_zh": "火炬开发区", "name_en": "Torch Development Zone"}
    return Zone.objects.get_or_create(code=code, defaults=values | fields)[0]


def grading(code: str = "high-tech", **fields: Any) -> Grading:
    values = {"name_zh": "高新技术企业", "name_en": "High and new technology enterprise", "levels": ["national"]}
    return Grading.objects.get_or_create(code=code, defaults=values | fields)[0]


# --- Registry


def organization(**fields: Any) -> Organization:
    n = next(_numbers)
    values: dict[str, Any] = {"kind": Kind.ENTERPRISE, "name_zh": f"中山市测试{n}号智能科技有限公司"}
    return Organization.objects.create(**values | fields)


def enterprise(**fields: Any) -> Enterprise:
    n = next(_numbers)
    values = {
        "name_zh": f"中山市虚构{n}号机器人有限公司",
        "name_en": f"Zhongshan Fictional No. {n} Robot Co., Ltd.",
        "uscc": valid_uscc(),
        "founded_on": datetime.date(2015, 3, 1),
    }
    return Enterprise.objects.create(**values | fields)


def institute(**fields: Any) -> Institute:
    n = next(_numbers)
    values = {
        "name_zh": f"中山虚构{n}号人工智能研究院",
        "uscc": valid_uscc(start="12"),
        "category": "research_institute",
    }
    return Institute.objects.create(**values | fields)


def name(of: Organization, text: str | None = None, **fields: Any) -> Name:
    return Name.objects.create(organization_id=of.pk, name=text or f"中山市曾用{next(_numbers)}号有限公司", **fields)


def identifier(of: Organization, scheme: str = "stock_code", value: str | None = None, **fields: Any) -> Identifier:
    return Identifier.objects.create(
        organization_id=of.pk, scheme=scheme, value=value or f"X{next(_numbers):05d}", **fields
    )


def tag(of: Organization, code: str | Sector = "robots.industrial", **fields: Any) -> SectorTag:
    return SectorTag.objects.create(
        organization_id=of.pk, sector=code if isinstance(code, Sector) else sector(code), **fields
    )


def sector_measures(code: str = "robots.industrial", **fields: Any) -> SectorMeasures:
    return SectorMeasures.objects.create(sector=sector(code), **{"responsible": "虚构科"} | fields)


def figures_release(year: int = 2023, **fields: Any) -> FiguresRelease:
    """Released as it would be today: the year needs no figures."""
    current = Plan.objects.filter(current=True).first() or plan(current=True)
    return FiguresRelease.objects.create(year=year, plan=current, tables=tables_of(year), **fields)


def qualification(of: Organization, code: str = "high-tech", **fields: Any) -> Qualification:
    values = {"level": "national", "granted_on": datetime.date(2020, 12, 1), "valid_to": datetime.date(2023, 12, 1)}
    return Qualification.objects.create(organization_id=of.pk, grading=grading(code), **values | fields)


def figures(of: Organization, year: int = 2023, **fields: Any) -> AnnualFigures:
    values = {"employees": 120, "revenue": 60_000_000, "assets": 80_000_000}
    return AnnualFigures.objects.create(organization_id=of.pk, year=year, **values | fields)


def relation(of: Organization, related: Organization, kind: str = "parent", **fields: Any) -> Relation:
    return Relation.objects.create(organization_id=of.pk, related_id=related.pk, kind=kind, **fields)


def contact(of: Organization, **fields: Any) -> Contact:
    values = {"role": Contact.Role.LIAISON, "name": "虚构某", "phone": PHONE, "email": "liaison@example.com"}
    return Contact.objects.create(organization_id=of.pk, **values | fields)


# --- Imports


def import_batch(table: str = "organizations", **fields: Any) -> ImportBatch:
    return ImportBatch.objects.create(table=table, **{"file_name": "名单.xlsx", "sha256": "0" * 64, "size": 1} | fields)


def import_row(batch: ImportBatch | None = None, n: int = 0, **fields: Any) -> ImportRow:
    values: dict[str, Any] = {"number": n + 2, "outcome": ImportRow.Outcome.NEW}
    return ImportRow.objects.create(batch=batch or import_batch(), n=n, **values | fields)


def import_mapping(signature: str = "0" * 64, **fields: Any) -> ImportMapping:
    values: dict[str, Any] = {"table": "organizations", "labels": ["单位"]}
    return ImportMapping.objects.create(signature=signature, **values | fields)


def distinction(of: Organization | None = None, name_key: str = "虚构", **fields: Any) -> Distinction:
    return Distinction.objects.create(organization=of or organization(), name_key=name_key, **fields)


# --- Suggestions and rounds


def merger(into: Organization | None = None, **fields: Any) -> Merger:
    """The record of a merger, without what a merger does: `registry.duplicates.merging`."""
    kept = into or organization()
    gone = organization(registration_status="merged", successor=kept)
    return Merger.objects.create(merged=gone, kept=kept, history_context=uuid.uuid4(), **fields)


def pair_judgement(verdict: str = "different", **fields: Any) -> PairJudgement:
    one, other = organization(), organization()
    return PairJudgement.objects.create(**{"first": one, "second": other, "verdict": verdict} | fields)


def dismissed_suggestion(of: Organization | None = None, code: str = "robots.industrial") -> DismissedSuggestion:
    return DismissedSuggestion.objects.create(organization_id=(of or organization()).pk, sector=sector(code))


def collection_round(*organizations: Organization, **fields: Any) -> CollectionRound:
    """A round for the figures of 2023 that asks the organizations."""
    values: dict[str, Any] = {
        "title": f"虚构{next(_numbers)}号填报",
        "year": 2023,
        "due_on": datetime.date(2024, 3, 31),
    }
    created = CollectionRound.objects.create(**values | fields)
    for one in organizations:
        asked(one, created)
    return created


def asked(of: Organization | None = None, in_round: CollectionRound | None = None) -> RoundOrganization:
    return RoundOrganization.objects.create(
        round=in_round or collection_round(), organization_id=(of or organization()).pk
    )


# --- Alliances


def alliance(slug: str = "test", **fields: Any) -> Alliance:
    values = {
        "name_zh": f"测试人工智能产业联盟（{slug}）",
        "name_en": f"Test AI Alliance ({slug})",
        "founded_on": datetime.date(2019, 1, 1),
        "published": True,
    }
    return Alliance.objects.get_or_create(slug=slug, defaults=values | fields)[0]


def tier(of: Alliance | None = None, code: str = "member", **fields: Any) -> Tier:
    of = of or alliance()
    values: dict[str, Any] = {"rank": of.tiers.count() + 1}
    values["name_zh"] = {"member": "会员单位", "council": "理事单位"}.get(code, f"级别{code}")
    return Tier.objects.get_or_create(alliance=of, code=code, defaults=values | fields)[0]


def former_name(of: Alliance | Tier | None = None, replaced_on: str = "2021-07-01", **fields: Any) -> FormerName:
    of = of or alliance()
    at = {"tier": of, "alliance_id": of.alliance_id} if isinstance(of, Tier) else {"alliance": of}
    values: dict[str, Any] = {"name_zh": "旧名称", "replaced_on": datetime.date.fromisoformat(replaced_on)}
    return FormerName.objects.create(**at | values | fields)


def member(of: Alliance | None = None, who: Organization | None = None, **fields: Any) -> Member:
    created = Member.objects.create(alliance=of or alliance(), organization_id=(who or enterprise()).pk, **fields)
    created.refresh_from_db(fields=["member_no"])
    return created


def membership(of: Member | None = None, admitted_on: str = "2020-01-01", **fields: Any) -> Membership:
    """Dates may be given as ISO text."""
    of = of or member()
    values = {"tier": fields.pop("tier", None) or tier(of.alliance), "admitted_on": admitted_on} | fields
    return Membership.objects.create(member=of, **_as_days(values))


def term(of: Alliance | None = None, begins_on: str = "2019-01-01", **fields: Any) -> Term:
    """Dates may be given as ISO text; a term lasts five years unless something else is said."""
    of = of or alliance()
    begin = datetime.date.fromisoformat(begins_on)
    values: dict[str, Any] = {"number": of.terms.count() + 1, "ends_on": begin.replace(year=begin.year + 5)}
    return Term.objects.create(alliance=of, begins_on=begin, **values | _as_days(fields))


def group(of: Alliance | None = None, kind: str = "working_group", **fields: Any) -> CouncilGroup:
    values = {"name_zh": f"虚构{next(_numbers)}号工作组"}
    return CouncilGroup.objects.create(alliance=of or alliance(), kind=kind, **values | _as_days(fields))


def seat(of: Membership | None = None, to: CouncilGroup | None = None, **fields: Any) -> Seat:
    """A seat of a member, from the first day of the membership unless another day is said."""
    of = of or membership()
    values: dict[str, Any] = {"group": to or group(of.alliance), "begins_on": of.admitted_on}
    return Seat.objects.create(member=of.member, **values | _as_days(fields))


def office_holder(of: Alliance | None = None, **fields: Any) -> OfficeHolder:
    values: dict[str, Any] = {"office": "secretary_general", "name": "虚构某", "begins_on": datetime.date(2020, 1, 1)}
    return OfficeHolder.objects.create(alliance=of or alliance(), **values | _as_days(fields))


def meeting(of: Alliance | None = None, held_on: str = "2021-07-01", **fields: Any) -> Meeting:
    """Of the council; everybody who may vote there on the day is called."""
    of = of or alliance()
    values: dict[str, Any] = {"number": of.meetings.count() + 1, "held_on": datetime.date.fromisoformat(held_on)}
    return calling.call(Meeting(alliance=of, **values | fields))


def attendance(of: Meeting | None = None) -> Attendance:
    """Of a member that is called to an assembly."""
    of = of or meeting(membership().alliance, body="assembly")
    return Attendance.objects.get(meeting=of)


def voting_rule(of: Alliance | None = None, body: str = "council", **fields: Any) -> VotingRule:
    return VotingRule.objects.create(alliance=of or alliance(), body=body, **fields)


def alliance_rules(of: Alliance | None = None, **fields: Any) -> AllianceRules:
    return AllianceRules.objects.create(alliance=of or alliance(), **fields)


def decision(of: Meeting | None = None, **fields: Any) -> Decision:
    values: dict[str, Any] = {"subject": "关于虚构事项的决议", "votes_for": 0}
    return recording.record(of or meeting(), **values | fields)


def application(of: Alliance | None = None, organization: Organization | None = None, **fields: Any) -> Application:
    """A draft; `state` takes it further without the steps in between."""
    of = of or alliance()
    applicant = organization or enterprise()
    values: dict[str, Any] = {"kind": "admission", "applied_on": datetime.date(2021, 6, 1)} | fields
    if values["kind"] in ("admission", "tier_change"):
        values.setdefault("tier", of.tiers.order_by("-rank").first() or tier(of))
    return Application.objects.create(alliance=of, organization=applicant, **values)


def attachment(**fields: Any) -> Attachment:
    """A row alone: nothing lies on the disk."""
    values = {"name": "申请书.pdf", "kind": "pdf", "size": 9, "sha256": "0" * 64}
    return Attachment.objects.create(**values | fields)


def dues_decision(of: Alliance | None = None, held_on: str = "2019-01-10", **fields: Any) -> Decision:
    """As the rules ask for it: of the assembly, by secret ballot, with enough members and votes."""
    of = of or alliance("registered", legal_person=True)
    counted = {"entitled": 30, "entitled_reason": "虚构", "attended": 26, "attended_reason": "虚构"}
    where = meeting(of, held_on, body="assembly", **counted)
    values: dict[str, Any] = {"subject": "关于会费标准的决议", "matter": "dues_standard", "ballot": "secret"}
    return decision(where, **{"votes_for": 24, "votes_against": 1, "abstentions": 1} | values | fields)


def dues_standard(of: Alliance | None = None, begins_on: str = "2019-02-01", **fields: Any) -> DuesStandard:
    of = of or alliance("registered", legal_person=True)
    values: dict[str, Any] = {"begins_on": begins_on, "published_on": datetime.date(2019, 1, 20)}
    if "decision" not in fields:
        values["decision"] = dues_decision(of)
    return DuesStandard.objects.create(alliance=of, **_as_days(values | fields))


def dues_class(of: DuesStandard | None = None, name: str = "会员单位", amount: int = 2000, *tiers: Tier) -> DuesClass:
    created = DuesClass.objects.create(standard=of or dues_standard(), name=name, amount=amount)
    created.tiers.set(tiers)
    return created


def due(of: Member | None = None, year: int = 2024, **fields: Any) -> Due:
    """Of a member of a registered alliance, by its standard or a new one."""
    of = of or membership(member(alliance("registered", legal_person=True))).member
    if "dues_class" not in fields:
        standard = of.alliance.dues_standards.first() or dues_standard(of.alliance)
        fields["dues_class"] = standard.classes.first() or dues_class(standard)
    return Due.objects.create(member=of, year=year, **{"amount": fields["dues_class"].amount} | fields)


def payment(of: Due | None = None, **fields: Any) -> Payment:
    of = of or due()
    values: dict[str, Any] = {"paid_on": datetime.date(of.year, 6, 30), "amount": of.amount}
    return Payment.objects.create(due=of, **values | fields)


def _as_days(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        key: datetime.date.fromisoformat(day) if key in _DAYS and isinstance(day, str) else day
        for key, day in fields.items()
    }


_DAYS = ("admitted_on", "ended_on", "begins_on", "ends_on", "postponed_until", "founded_on", "dissolved_on")


def representative(of: Member | None = None, **fields: Any) -> Representative:
    return Representative.objects.create(member=of or member(), **{"name": "虚构某", "phone": PHONE} | fields)


def suspension(of: Membership | None = None, suspended_on: str = "2021-01-01", **fields: Any) -> Suspension:
    """Of a member that has an open membership on the day."""
    of = of or membership()
    values = {"suspended_on": datetime.date.fromisoformat(suspended_on), "reason": "欠缴会费"} | fields
    return Suspension.objects.create(member=of.member, **values)


def certificate(of: Membership | None = None, number: str = "", **fields: Any) -> Certificate:
    """A certificate of the member, valid from the first day of the membership on; days may be given as ISO text."""
    of = of or membership()
    days = {name: datetime.date.fromisoformat(day) if isinstance(day, str) else day for name, day in fields.items()
            if name.endswith("_on") or name in ("valid_from", "valid_to")}  # fmt: skip
    values: dict[str, Any] = {
        "number": number or f"2020-{next(_numbers):04d}",
        "issued_on": of.admitted_on,
        "valid_from": of.admitted_on,
        "organization_name": str(of.member.organization),
        "alliance_name": of.member.alliance.name_zh,
        "tier_name": of.tier.name_zh,
        "member_number": of.member.member_no,
        "signature": of.member.alliance.name_zh,
    }
    return Certificate.objects.create(member=of.member, **values | fields | days)


def certificate_settings(of: Alliance | None = None, **fields: Any) -> CertificateSettings:
    return CertificateSettings.objects.create(alliance=of or alliance(), **fields)


def supporter(of: Alliance | None = None, who: Organization | None = None, **fields: Any) -> Supporter:
    who = who or organization(kind=Kind.GOVERNMENT, name_zh=f"中山市虚构{next(_numbers)}号局", uscc=None)
    return Supporter.objects.create(alliance=of or alliance(), organization_id=who.pk, **fields)


# --- Logs


def receipt(by: User | None = None, **fields: Any) -> Receipt:
    values = {"channel": "api", "path": "/api/v1/organizations/", "format": "csv", "title": "单位"}
    return Receipt.objects.create(user=by or user(), **values | fields)


def disclosure(of: Organization, by: User | None = None, **fields: Any) -> Disclosure:
    values = {"what": "contacts", "registry_no": of.registry_no, "name": str(of), "reason": "verify", "channel": "page"}
    return Disclosure.objects.create(user=by or user(), **values | fields)


def erasure(by: User | None = None, **fields: Any) -> Erasure:
    values = {"channel": "page", "ground": "request", "tables": {"registry.Contact": 1}}
    return Erasure.objects.create(user=by or user(), **values | fields)


# --- Accounts


def user(*permissions: str, username: str | None = None, **fields: Any) -> User:
    """A staff account with the permissions, named as `app.codename`."""
    values = {"is_staff": True} | fields
    created = User.objects.create_user(username or f"user{next(_numbers)}", password="correct horse battery", **values)
    for permission in permissions:
        app, codename = permission.split(".")
        created.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return created


def superuser(username: str | None = None) -> User:
    return User.objects.create_superuser(username or f"admin{next(_numbers)}", password="correct horse battery")


def with_role(*roles: str, username: str | None = None, **fields: Any) -> User:
    """A staff account with these roles, which `load_reference` has loaded."""
    created = user(username=username, **fields)
    created.groups.set(Group.objects.filter(name__in=roles))
    return created


def account_telephone(of: User | None = None, **fields: Any) -> AccountTelephone:
    return AccountTelephone.objects.create(**{"user": of or user(), "phone": PHONE} | fields)


def account_township(of: User | None = None, **fields: Any) -> AccountTownship:
    return AccountTownship.objects.create(**{"user": of or user(), "township": township()} | fields)


def of_township(*towns: Township, roles: tuple[str, ...] = ("镇街填报员",), **fields: Any) -> User:
    """A staff account that is limited to these townships, with roles that `load_reference` has loaded."""
    created = with_role(*roles, **fields)
    for town in towns:
        account_township(created, township=town)
    return created


def account_request(of: User, *roles: str, by: User | None = None, **fields: Any) -> AccountRequest:
    return AccountRequest.objects.create(
        account=of, roles=list(roles), prepared_by=by or user(), state=state_of(of), **fields
    )


def token(
    of: User | None = None, scope: str = "read", days: int = 30, with_factor: bool = False
) -> tuple[ApiToken, str]:
    """The token and its key."""
    return ApiToken.objects.issue(of or user(), scope, days, with_factor=with_factor)


def second_factor(of: User) -> TOTPDevice:
    return TOTPDevice.objects.create(user=of, name="app", confirmed=True)


# --- Proposals


def proposal(
    of: Organization | None = None, field: str = "short_name", new: Any = "建议的简称", **fields: Any
) -> Proposal:
    """A proposal of the public, or as `proposer`, `origin`, `what` and `row` say."""
    return propose(of or organization(), field, new, **{"origin": "public"} | fields)
