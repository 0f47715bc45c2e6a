"""The columns of alliances, tiers and memberships."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import Case, OuterRef, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from alliance.models import Alliance, EndReason, Member, Membership, Supporter, Tier
from registry.api.json_schema import NULLABLE_TEXT, TEXT, array_schema, component_schema, object_schema
from registry.columns import (
    Column,
    Hint,
    RenderContext,
    Table,
    choice_column,
    date_column,
    field_column,
    field_columns,
    reference,
    reference_column,
    text_column,
)
from registry.database.expressions import in_force
from registry.organizations.columns import labels as list_labels
from registry.organizations.columns import template_help
from registry.organizations.columns.subqueries import SECTORS, present_sectors, sectors_expression, write_sectors
from registry.organizations.columns.template_help import NAMES
from registry.organizations.models.choices import Kind
from registry.organizations.parsers import parse_code, uscc_parser
from registry.reference.cache import references
from registry.reference.models import Sector
from registry.spreadsheet import (
    PLAIN,
    Cell,
    Context,
    Vocabulary,
    choice_vocabulary,
    join_list,
    parse_integer,
    signed_list_parser,
)
from registry.values.validators import fold_name

from .labels import FIRST_DAY_WITHOUT, JOINED, START, TIER
from .names import former_names, is_past, on_day, organization_name
from .states import MemberStanding, suspended

ORGANIZATION = "member__organization__"


class AllianceRenderContext(RenderContext):
    """A render context that also has alliances and tiers by id, with their names on the day."""

    @property
    def key(self) -> tuple[Any, ...]:
        # A day that was today when its columns were selected is past tomorrow.
        return (*super().key, is_past(self.on))

    @cached_property
    def alliances(self) -> Table:
        known = on_day(Alliance.objects.all(), self.on)
        return {row.pk: {"slug": row.slug, "name": row.label()} for row in known}

    @cached_property
    def tiers(self) -> Table:
        return {row.pk: reference(row) for row in on_day(Tier.objects.all(), self.on)}


def _supporters() -> ArraySubquery:
    rows = Supporter.objects.filter(alliance=OuterRef("pk")).order_by("role", "position", "id")
    shown = {key: f"organization__{key}" for key in ("registry_no", "name_zh", "name_en")}
    return ArraySubquery(rows.values_list(JSONObject(role="role", **shown)))


def _former_names(of: str) -> Column:
    return Column(
        name="former_names",
        label=_p("column", "Former names"),
        expression=former_names(of),
        write=lambda rows, context: join_list(row["name_zh"] for row in rows),
        schema=array_schema(object_schema(name_zh=TEXT, name_en=TEXT, replaced_on={**TEXT, "format": "date"})),
        permission="alliance.view_formername",
    )


ALLIANCE_COLUMNS: tuple[Column, ...] = (
    *field_columns(
        Alliance,
        "slug",
        "name_zh",
        "name_en",
        "short_name",
        "legal_person",
        "founded_on",
        "dissolved_on",
        "website",
        "introduction",
        "charter",
        "organs",
        "admission",
        "office_phone",
        "office_address",
        "member_no_prefix",
        "published",
    ),
    Column(
        name="supporters",
        label=_("guiding and supporting units"),
        expression=_supporters(),
        write=lambda rows, context: join_list(row["name_zh"] or row["name_en"] for row in rows),
        schema=array_schema(
            object_schema(role={**TEXT, "enum": Supporter.Role.values}, registry_no=TEXT, name_zh=TEXT, name_en=TEXT)
        ),
        permission="alliance.view_supporter",
    ),
    _former_names("alliance"),
)

TIER_COLUMNS: tuple[Column, ...] = (
    *field_columns(
        Tier, "code", "name_zh", "name_en", "aliases", "rank", "in_council", "in_standing_council", "disabled_on"
    ),
    _former_names("tier"),
)


def _participation() -> ArraySubquery:
    """Return a subquery for the ids of the sectors in which the member participates."""
    links = Member.sectors.through.objects.filter(member_id=OuterRef("member_id"))
    return ArraySubquery(links.order_by("sector__position", "sector_id").values_list("sector_id"))


def _present_participation(ids: list[int], context: RenderContext) -> list[dict[str, str]]:
    return [context.sectors[pk] for pk in ids]


def _write_participation(ids: list[int], context: RenderContext) -> str:
    return join_list(context.sectors[pk]["name"] for pk in ids)


def _tiers() -> list[str]:
    """Return the names of the tiers of all alliances, each name once."""
    tiers = Tier.objects.filter(disabled_on=None).order_by("alliance_id", "rank")
    return list(dict.fromkeys(tier.label() for tier in tiers))


_REASON_ALIASES = {
    "tier_change": ["变更级别", "级别变更", "换届", "升级", "降级"],
    "withdrawal": ["退会", "主动退会", "申请退会"],
    "lapse": ["到期", "未续费", "欠费", "视为退会"],
    "expulsion": ["开除"],
    "dissolution": ["注销", "单位解散"],
    "succession": ["合并"],
}


def end_reasons() -> Vocabulary[str]:
    return choice_vocabulary(_("reason of the end"), EndReason.choices, _REASON_ALIASES)


def _sectors() -> Vocabulary[int]:
    return Vocabulary(_("sector of the plan"), _named_sectors)


def _named_sectors() -> list[tuple[int, list[str]]]:
    """Return the sectors of the current plan, and sectors of other plans whose names it lacks."""
    current = references().current_plan
    sectors = sorted(
        Sector.objects.select_related("plan"), key=lambda sector: sector.plan_id != (current and current.pk)
    )
    taken: set[str] = set()
    entries = []
    for sector in sectors:
        names = [name for name in (sector.name_zh, sector.name_en, sector.code, *sector.aliases) if name]
        names = [name for name in names if sector.plan == current or fold_name(name) not in taken]
        if sector.plan == current:
            taken.update(map(fold_name, names))
        entries.append((sector.pk, names))
    return entries


MEMBERSHIP = _p("columns", "Membership")
MAX_POSITION = 32_767


def parse_position(cell: Cell, context: Context = PLAIN) -> int | None:
    """Return the place of a member within its tier, as a number from 1 on."""
    position = parse_integer(cell, context)
    if position is not None and not 1 <= position <= MAX_POSITION:
        raise ValidationError(_("A place is a number from 1 to %(most)d."), params={"most": MAX_POSITION})
    return position


def name_on_day(field: str) -> Callable[[RenderContext], Combinable]:
    """Return a name of the organization on the day of the list."""
    return lambda context: organization_name(field, context.on, ORGANIZATION)


def tier_column(**options: Any) -> Column:
    return reference_column("tier", _p("column", "Tier"), "tiers", synonyms=TIER, **options)


_ALLIANCE = Column(
    name="alliance",
    label=_p("column", "Alliance"),
    expression="alliance_id",
    present=lambda pk, context: context.table("alliances")[pk],
    write=lambda pk, context: context.table("alliances")[pk]["name"],
    synonyms="联盟名称",
    sql_type="text",
    group=MEMBERSHIP,
    hint=None,
    schema=component_schema("AllianceReference", slug=TEXT, name=TEXT),
    width=28,
)
MEMBER_NO = text_column(
    "member_no",
    _p("column", "Member number"),
    expression="member__member_no",
    synonyms="会员号、会员证号",
    max_length=Member._meta.get_field("member_no").max_length,
    group=MEMBERSHIP,
    hint=Hint(_("Leave it empty for a new member: it is given one."), "M0001"),
)
_NAME_ZH = text_column(
    "name_zh",
    _p("column", "Organization name"),
    expression=name_on_day("name_zh"),
    synonyms=f"会员名称、会员单位、会员单位名称、{list_labels.NAME}、名称",
    width=36,
    max_length=200,
    group=NAMES,
    hint=template_help.NAME_KEY,
)
KIND = choice_column("kind", _p("column", "Kind"), Kind, expression=f"{ORGANIZATION}kind", in_file=False)
TOWNSHIP = reference_column(
    "township", _p("column", "Township"), "townships", expression=f"{ORGANIZATION}township_id", in_file=False
)
ORGANIZATION_SECTORS = Column(
    name="organization_sectors",
    # Not “Sectors”: in a file that is imported again, these are not the sectors in which the member takes part.
    label=_p("column", "Sectors of the organization"),
    expression=sectors_expression(f"{ORGANIZATION}id"),
    present=present_sectors,
    write=write_sectors,
    schema=SECTORS,
    in_file=False,
    width=28,
)


def _standing(context: RenderContext) -> Case:
    """Return the standing on the day of the list; rows that are not in force then have none."""
    return Case(
        When(suspended(context.on), then=Value(MemberStanding.SUSPENDED.value)),
        When(in_force(context.on, "admitted_on", "ended_on"), then=Value(MemberStanding.FULL.value)),
        default=Value(""),
        output_field=TextField(),
    )


_STANDING = choice_column(
    "standing",
    _p("column", "Standing"),
    MemberStanding,
    blank=True,
    expression=_standing,
    permission="alliance.view_suspension",
    in_file=False,
    only_written=True,
    width=10,
)
JOINED_ON = date_column("joined_on", _p("column", "Joined on"), synonyms=JOINED, in_file=False, width=12)

MEMBERSHIP_COLUMNS: tuple[Column, ...] = (
    field_column(Membership, "id", in_file=False),
    _ALLIANCE,
    MEMBER_NO,
    text_column(
        "registry_no",
        _p("column", "Registry number"),
        expression=f"{ORGANIZATION}registry_no",
        parse=parse_code,
        group=NAMES,
        hint=template_help.REGISTRY_NO,
    ),
    text_column(
        "uscc",
        _p("column", "USCC"),
        expression=f"{ORGANIZATION}uscc",
        schema=NULLABLE_TEXT,
        synonyms=list_labels.USCC,
        width=22,
        make_parse=uscc_parser,
        group=NAMES,
        hint=template_help.USCC_KEY,
    ),
    _NAME_ZH,
    text_column(
        "name_en",
        _p("column", "English name"),
        expression=name_on_day("name_en"),
        width=36,
        max_length=300,
        group=NAMES,
        hint=None,
    ),
    KIND,
    TOWNSHIP,
    ORGANIZATION_SECTORS,
    tier_column(group=MEMBERSHIP, hint=Hint(_("Of the alliance."), values=_tiers, required=template_help.NEW)),
    _STANDING,
    JOINED_ON,
    date_column(
        "admitted_on",
        _p("column", "Start date"),
        synonyms=START,
        group=MEMBERSHIP,
        hint=Hint(_("The first day of this membership at this tier."), template_help.DATE, True),
    ),
    date_column(
        "ended_on",
        _p("column", "End date"),
        synonyms=FIRST_DAY_WITHOUT,
        group=MEMBERSHIP,
        hint=Hint(_("The first day on which it is no longer a member, or no longer at this tier."), "2022-09-01"),
    ),
    choice_column(
        "end_reason",
        _p("column", "Reason of the end"),
        EndReason,
        blank=True,
        synonyms="退会原因、退出原因、离会原因",
        vocabulary=end_reasons,
        group=MEMBERSHIP,
        hint=Hint(_("Needs the end date."), values=lambda: EndReason.labels),
    ),
    text_column(
        "position",
        _p("column", "Order"),
        expression="member__position",
        synonyms="会员排序、名次、排位、Position、Place",
        schema={"type": ["integer", "null"]},
        parse=parse_position,
        sql_type="integer",
        width=8,
        group=MEMBERSHIP,
        hint=Hint(_("The place of the member within its tier, 1 first. Empty: by the pinyin of its name."), "1"),
    ),
    Column(
        name="sectors",
        label=_p("column", "Sectors of participation"),
        expression=_participation(),
        present=_present_participation,
        write=_write_participation,
        schema=array_schema({"type": "object"}),
        width=28,
        vocabulary=_sectors,
        parser_of=signed_list_parser,
        sql_type="bigint[]",
        group=MEMBERSHIP,
        hint=Hint(
            _("In which the member takes part. Several are separated by a semicolon (;)."),
            values=template_help.current_sectors,
            several=True,
        ),
    ),
    text_column(
        "remarks", _p("column", "Remarks"), in_list=False, width=24, group=MEMBERSHIP, hint=template_help.NOT_PERSONAL
    ),
)
