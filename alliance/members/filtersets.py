"""Parameters of members and memberships, and those by which organizations are chosen as members."""

import datetime
import re
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, Q
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.models import Alliance, EndReason, Membership, Tier
from registry.api.errors import InvalidParameters
from registry.api.lists.filters import (
    SCHEMAS,
    MethodFilter,
    OnceFilter,
    StrictFilterSet,
    ValuesFilter,
    read_boolean,
    read_date,
    read_text,
)
from registry.database.expressions import in_force
from registry.database.paths import Path, outer, own_path
from registry.organizations.filtersets import OrganizationFilterSet, PublicOrganizationFilterSet
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import within
from registry.search.index_table import SEARCH_INDEX
from registry.spreadsheet import Vocabulary

from .columns import end_reasons
from .names import label_on
from .states import OF_A_YEAR, State, suspended, unrepresented
from .states import condition as of_state

ALL = "all"


def read_as_of(text: str) -> datetime.date | None:
    """A day, or None for `all`: every period, whenever it was."""
    return None if text == ALL else read_date(text)


def from_day(column: str, help_text: Promise) -> OnceFilter:
    """Return a filter for days of the column from a given day on."""
    return OnceFilter(read_date, column, lookup_expr="gte", help_text=help_text)


def before_day(column: str, help_text: Promise) -> OnceFilter:
    """Return a filter for days of the column before a given day."""
    return OnceFilter(read_date, column, lookup_expr="lt", help_text=help_text)


def read_state(text: str) -> State:
    if text not in State.values:
        params = {"value": text, "values": ", ".join(State.values)}
        raise ValidationError(_("“%(value)s” is not possible here; there are: %(values)s.") % params)
    return State(text)


def read_year(text: str) -> int:
    if not re.fullmatch(r"(19|2\d)\d\d", text, re.ASCII):
        raise ValidationError(_("“%(value)s” is no year like 2026.") % {"value": text})
    return int(text)


SCHEMAS[read_state] = {"type": "string", "enum": State.values}
SCHEMAS[read_year] = {"type": "integer", "minimum": 1900, "maximum": 2999}
SCHEMAS[read_as_of] = {"type": "string", "anyOf": [{"format": "date"}, {"enum": [ALL]}]}


class MembershipParameters:
    """Parameters that organizations and memberships share: alliances, their tiers, and the day."""

    data: Any

    def known_alliances(self) -> Any:
        return Alliance.objects.all()

    @cached_property
    def alliances(self) -> Vocabulary[int]:
        def load() -> Any:
            for row in self.known_alliances():
                yield row.pk, [row.name_zh, row.name_en, row.short_name, row.slug]

        return Vocabulary(_("alliance"), load)

    @cached_property
    def tiers(self) -> Vocabulary[frozenset[int]]:
        """Tiers by code, name or alias; one name may be a tier of several alliances."""

        def load() -> Any:
            named: dict[str, set[int]] = {}
            for row in Tier.objects.filter(alliance__in=self.known_alliances()):
                for name in (row.name_zh, row.name_en, row.code, *row.aliases):
                    named.setdefault(name, set()).add(row.pk)
            for name, pks in named.items():
                yield frozenset(pks), [name]

        return Vocabulary(_("tier"), load)

    def label_of(self, vocabulary: Vocabulary[Any], text: str) -> str:
        """Return alliances and tiers under the name of the day."""
        named: Alliance | Tier | None = None
        if vocabulary is self.alliances:
            named = Alliance.objects.filter(pk=vocabulary.find(text)).first()
        elif vocabulary is self.tiers:
            named = Tier.objects.filter(pk__in=vocabulary.find(text)).first()
        return label_on(named, self.on) if named else super().label_of(vocabulary, text)  # type: ignore[misc]

    @cached_property
    def on(self) -> datetime.date:
        given = self.data.get("as_of", ALL).strip()
        return localdate() if given == ALL else read_date(given)


class PublishedOnly(MembershipParameters):
    """Knows published alliances only: others do not exist, not even as a reason why somebody is a member."""

    def known_alliances(self) -> Any:
        return Alliance.objects.published()


class OrganizationInAllianceFilterSet(MembershipParameters, OrganizationFilterSet):
    """`tier` and `member` speak of the alliances of `alliance`, or of any, on the day `as_of`."""

    alliance = MethodFilter(
        "alliances", "with_others", help_text=gettext_lazy("Member of one of these alliances (see `member`).")
    )
    tier = MethodFilter("tiers", "with_others", help_text=gettext_lazy("Holds one of these tiers."))
    member = OnceFilter(read_boolean, apply="with_others", help_text=gettext_lazy("Member on the day `as_of`, or not."))
    as_of = OnceFilter(
        read_date,
        apply="with_others",
        help_text=gettext_lazy("The day that the answer describes; by default today."),
    )

    PERMISSIONS = OrganizationFilterSet.PERMISSIONS | dict.fromkeys(
        ("alliance", "tier", "member", "as_of"), "alliance.view_membership"
    )

    @cached_property
    def counted_tiers(self) -> list[Tier]:
        """Tiers whose members are counted: the tiers of `alliance`, or of all known alliances."""
        chosen = self.values.get("alliance")
        known = self.references.kept(("tiers", type(self)), self._known_tiers)
        return [tier for tier in known if tier.alliance_id in chosen] if chosen else known

    def _known_tiers(self) -> list[Tier]:
        tiers = Tier.objects.filter(alliance__in=self.known_alliances()).select_related("alliance")
        return list(tiers.order_by("alliance__slug", "rank", "code"))

    def condition(self, path: Path = own_path) -> Q:
        condition = super().condition(path)
        if {"alliance", "tier", "member"}.isdisjoint(self.filters):
            return condition
        chosen = self.values
        memberships = Membership.objects.as_of(self.on).filter(
            alliance__in=self.known_alliances(), member__organization=outer(path)
        )
        if "alliance" in self.filters:
            memberships = memberships.filter(alliance__in=chosen["alliance"])
        if "tier" in self.filters:
            memberships = memberships.filter(tier__in=frozenset().union(*chosen["tier"]))
        held = Q(Exists(memberships))
        return condition & (held if chosen.get("member", True) else ~held)


class PublicOrganizationInAllianceFilterSet(PublishedOnly, OrganizationInAllianceFilterSet):
    updated_since = PublicOrganizationFilterSet.declared_filters["updated_since"]


class MembershipFilterSet(MembershipParameters, OrganizationFilterSet):
    """The parameters of organizations choose by the member's organization."""

    alliance = ValuesFilter("alliances", "alliance", help_text=gettext_lazy("Alliance."))
    tier = MethodFilter("tiers", "at_tier", help_text=gettext_lazy("Tier."))
    as_of = OnceFilter(
        read_as_of,
        apply="with_others",
        help_text=gettext_lazy(
            "Memberships in force on this day, by default today; `all` for every period. Without it, `joined_after`, "
            "`joined_before`, `ended_after`, `ended_before` and `end_reason` ask for every period."
        ),
    )
    organization = ValuesFilter("organizations", "member__organization", help_text=gettext_lazy("Registry number."))
    joined_after = from_day("joined_on", gettext_lazy("The unbroken membership began on this day or later."))
    joined_before = before_day("joined_on", gettext_lazy("The unbroken membership began before this day."))
    ended_after = from_day("ended_on", gettext_lazy("Ends on this day or later."))
    ended_before = before_day("ended_on", gettext_lazy("Ends before this day."))
    end_reason = ValuesFilter(end_reasons(), "end_reason", EndReason.values, help_text=gettext_lazy("Why it ends."))
    suspended = OnceFilter(
        read_boolean,
        apply="suspended_or_not",
        help_text=gettext_lazy("Suspended on the day `as_of`, or a member with all rights."),
    )

    unrepresented = OnceFilter(
        read_boolean,
        apply="unrepresented_or_not",
        help_text=gettext_lazy("Whether nobody represents the member on the day `as_of`."),
    )

    today_by_default = True
    ABOUT_PERIODS: tuple[str, ...] = ("joined_after", "joined_before", "ended_after", "ended_before", "end_reason")
    """These ask for periods of any time unless a day is named: somebody who left in 2024 is no member today."""
    OWN: tuple[str, ...] = ("alliance", "tier", "as_of", "organization", "suspended", "unrepresented", *ABOUT_PERIODS)
    PERMISSIONS = OrganizationFilterSet.PERMISSIONS | {
        "suspended": "alliance.view_suspension",
        "unrepresented": "alliance.view_representative",
    }

    @cached_property
    def organizations(self) -> Any:
        return _RegistryNumbers()

    def at_tier(self, value: list[frozenset[int]], path: Path) -> Q:
        return Q(tier__in=frozenset().union(*value))

    def suspended_or_not(self, value: bool, path: Path) -> Q:
        held = in_force(self.on, "admitted_on", "ended_on")
        return suspended(self.on) if value else held & ~suspended(self.on)

    def unrepresented_or_not(self, value: bool, path: Path) -> Q:
        nobody = unrepresented(self.on, self.request.user, path)
        return nobody if value else ~nobody & within(self.request.user, lambda field: f"member__organization__{field}")

    @property
    def every_period(self) -> bool:
        """True if every period is asked for, and not the memberships of one day."""
        if "as_of" in self.data:
            return bool(self.data["as_of"].strip() == ALL)
        return not self.today_by_default or any(name in self.data for name in self.ABOUT_PERIODS)

    def in_time(self) -> Q:
        return in_force(self.on, "admitted_on", "ended_on")

    def condition(self, path: Path = own_path) -> Q:
        """The parameters of organizations choose by a subquery of organizations, merged ones too."""
        condition = Q() if self.every_period else self.in_time()
        of_organizations = Q()
        for name, one in self.filters.items():
            value = self.values[name]
            if name in self.OWN:
                condition &= one.condition(value, own_path, self)
            else:
                of_organizations &= one.condition(value, SEARCH_INDEX.joined_path if self.text else own_path, self)
        if not of_organizations:
            return condition
        return condition & Q(member__organization__in=Organization.objects.filter(of_organizations))


class MemberFilterSet(MembershipFilterSet):
    """The members of one alliance on a day, who joined and end when the other parameters say.

    None of today's members has left: ends are asked for with `as_of` only.
    """

    as_of = OnceFilter(
        read_as_of,
        apply="with_others",
        help_text=gettext_lazy("Members on this day, by default today; `all` for every period."),
    )
    ended_after = from_day("ended_on", gettext_lazy("Ends on this day or later. Needs `as_of`: a day, or `all`."))
    ended_before = before_day("ended_on", gettext_lazy("Ends before this day. Needs `as_of`: a day, or `all`."))

    state = OnceFilter(
        read_state,
        apply="with_others",
        help_text=gettext_lazy(
            "Which members: `current` (by default), `joined` or `left` in the `year`, `former` on the day `as_of`, or "
            "`any` that there ever was. Each member is one row: that of its admission, of its end, or its latest one."
        ),
    )
    year = OnceFilter(
        read_year,
        apply="with_others",
        help_text=gettext_lazy(
            "The year of `state=joined` and `left`, by default that of the day `as_of`; with `any`, members on some "
            "day of this year."
        ),
    )

    ABOUT_PERIODS = ()
    NEED_A_DAY = ("ended_after", "ended_before")
    OWN = (*MembershipFilterSet.OWN, "state", "year")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Raises InvalidParameters also for values that do not go together."""
        super().__init__(*args, **options)
        state = self.state_asked
        if "state" in self.data and self.every_period:
            raise InvalidParameters({"state": _("A state is of one day or of a year, not of every period.")})
        if "year" in self.data and state not in OF_A_YEAR:
            raise InvalidParameters({"year": _("A year goes with `state`: joined, left or any.")})
        if "as_of" in self.data or state != State.CURRENT:
            return
        said = _("Today's members have not left. Give `as_of` too: a day, or `all` for every period.")
        if wanting := {name: said for name in self.NEED_A_DAY if name in self.data}:
            raise InvalidParameters(wanting)

    @property
    def state_asked(self) -> State:
        """Return the state that is asked for; an unknown one is an error of the parameter."""
        given = self.data.get("state", "").strip()
        return State(given) if given in State.values else State.CURRENT

    def in_time(self) -> Q:
        return of_state(self.state_asked, self.on, self.values.get("year"))


class PublicMembershipFilterSet(PublishedOnly, MemberFilterSet):
    """The members of one published alliance on one day."""

    as_of = OnceFilter(read_date, apply="with_others", help_text=gettext_lazy("Members on this day, by default today."))


class EveryPeriodFilterSet(MembershipFilterSet):
    """Every period, unless `as_of` names a day."""

    today_by_default = False


class AllianceFilterSet(StrictFilterSet):
    published = OnceFilter(read_boolean, "published", lookup_expr="exact", help_text=gettext_lazy("Published or not."))
    legal_person = OnceFilter(
        read_boolean, "legal_person", lookup_expr="exact", help_text=gettext_lazy("Registered as a body of its own.")
    )
    search = OnceFilter(read_text, apply="named", help_text=gettext_lazy("Part of a name or of the short address."))

    def named(self, value: str, path: Path) -> Q:
        return (
            Q(name_zh__icontains=value)
            | Q(name_en__icontains=value)
            | Q(short_name__icontains=value)
            | Q(slug__icontains=value)
        )


class _RegistryNumbers:
    """Finds organizations by registry number."""

    def find(self, text: str) -> int:
        found = Organization.objects.filter(registry_no=read_text(text).upper()).values_list("pk", flat=True).first()
        if found is None:
            raise ValidationError(_("There is no organization with the registry number “%(value)s”.") % {"value": text})
        return found
