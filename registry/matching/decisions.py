"""The one table of decisions about identity: is a row, a form or a request about a record that the registry has?

Whoever has to decide gathers the evidence for each record that may be meant and asks `decide` or `choose`. The rules
are read from top to bottom; the first one that fits decides. Their reasons are in docs/adr/0016-identity.md.
This module reads no database.
"""

import enum
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Generic, NamedTuple, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class CodeRelation(enum.StrEnum):
    """How the given codes relate to the codes of the record.

    The registry number, the USCC and the identifiers of other registers count. Schemes outside `UNIQUE_SCHEMES` only
    find a record: they can agree but never contradict.
    """

    AGREE = "agree"
    CONTRADICT = "contradict"
    BOTH = "both"
    """One code agrees and another one contradicts."""
    ABSENT = "absent"


class NameRelation(enum.StrEnum):
    """How the given name relates to the names of the record."""

    EQUAL = "equal"
    """The names are equal after folding."""
    FORMER = "former"
    """The given name is a former name, an alias or a translation of the record's name."""
    SUCCEEDS = "succeeds"
    """The record's name is a former name of the given body."""
    ABBREVIATED = "abbreviated"
    """The given name is another name of the record that consists of a few letters, which other bodies have too."""
    ALIKE = "alike"
    """The names have the same brand, or differ by one slip of the pen."""
    UNRELATED = "unrelated"
    ABSENT = "absent"
    """No name is given, or the record has no comparable name."""


class KindRelation(enum.StrEnum):
    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


class TownRelation(enum.StrEnum):
    """Whether the given town is the record's.

    The town in a list is data that the list may change, so imports do not use it as evidence.
    """

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


class Status(enum.StrEnum):
    CURRENT = "current"
    """The record is not merged; closed bodies count as current."""
    MERGED = "merged"
    """The record was merged into a known record."""
    LOST = "lost"
    """The record was merged, but it is not known into which record."""


class FitCount(enum.StrEnum):
    """How many records the evidence fits equally well."""

    ONE = "one"
    SEVERAL = "several"
    NAME_ELSEWHERE = "name_elsewhere"
    """The codes belong to this record, the name to another record, which nothing contradicts."""


class Decision(enum.StrEnum):
    SAME = "same"
    SAME_RENAMED = "same_renamed"
    """It is the record, which has got a new name; the old name is kept as a former name."""
    ANOTHER = "another"
    HELD_BACK = "held_back"
    """The row is not taken until somebody decides."""
    REFUSED = "refused"


UNIQUE_SCHEMES = ("ror", "lei", "isni", "grid", "wikidata", "organization_code")
"""Schemes in which a body has one value for life, so that another value means another body.

Stock codes (a firm may be listed twice), customs codes and old registration numbers (both change when a firm moves)
find a record, but a difference proves nothing.
"""
SINGLE_SCHEMES = ("ror", "lei", "grid", "organization_code")
"""Schemes in which one body never has two values. ISNI and Wikidata sometimes list two values for one body."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence for and against one record."""

    identifiers: CodeRelation = CodeRelation.ABSENT
    name: NameRelation = NameRelation.ABSENT
    kind: KindRelation = KindRelation.UNKNOWN
    place: TownRelation = TownRelation.UNKNOWN
    status: Status = Status.CURRENT
    fitting: FitCount = FitCount.ONE


class Ruling(NamedTuple):
    """A decision with the code of its reason and its message, which may have parameters; see `Rule.message`."""

    decision: Decision
    reason: str
    message: str | Promise = ""

    @property
    def same(self) -> bool:
        return self.decision in (Decision.SAME, Decision.SAME_RENAMED)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: a decision, and for each field of the evidence the values to which it applies.

    A message may name `%(record)s` (number and name of the record), `%(successor)s`, and `%(records)s` that fit.
    """

    ruling: Ruling
    when: Mapping[str, tuple[Hashable, ...]] = field(default_factory=dict)

    def fits(self, evidence: Evidence) -> bool:
        return all(getattr(evidence, name) in values for name, values in self.when.items())


def _rule(decision: Decision, reason: str, message: str | Promise = "", **when: object) -> Rule:
    values = {name: value if isinstance(value, tuple) else (value,) for name, value in when.items()}
    return Rule(Ruling(decision, reason, message), values)


_AGREE, _NAMED = CodeRelation.AGREE, (NameRelation.EQUAL, NameRelation.FORMER)
_LOST = _("%(record)s has been merged, and the registry does not know into which record: enter its successor first.")
_SUCCESSOR = _("%(record)s was merged into %(successor)s: the row is applied to the latter.")
RULES = (
    # Codes against codes.
    _rule(
        Decision.REFUSED,
        "codes_contradict",
        _("One code of the row belongs to %(record)s, another one does not: one of them is wrong."),
        identifiers=CodeRelation.BOTH,
    ),
    # One code agrees: the record is found, the name may still say that the code is wrong.
    _rule(
        Decision.REFUSED,
        "several_by_code",
        _("The keys of this row point at different records: %(records)s."),
        identifiers=_AGREE,
        fitting=(FitCount.SEVERAL, FitCount.NAME_ELSEWHERE),
    ),
    _rule(Decision.REFUSED, "merged", _LOST, identifiers=_AGREE, status=Status.LOST),
    _rule(Decision.SAME, "successor", _SUCCESSOR, identifiers=_AGREE, status=Status.MERGED),
    _rule(Decision.SAME, "code", identifiers=_AGREE, name=(NameRelation.EQUAL, NameRelation.ABSENT)),
    _rule(
        Decision.SAME,
        "old_name",
        _(
            "This is a former or other name of %(record)s: the row is applied to that record, and its name does not "
            "change."
        ),
        identifiers=_AGREE,
        name=(NameRelation.FORMER, NameRelation.ABBREVIATED),
    ),
    _rule(
        Decision.SAME_RENAMED,
        "renamed",
        _("The code belongs to %(record)s, which has another name in the registry: the row is applied to that record."),
        identifiers=_AGREE,
        name=(NameRelation.SUCCEEDS, NameRelation.ALIKE),
    ),
    _rule(
        Decision.HELD_BACK,
        "other_name",
        _("The code belongs to %(record)s, whose name is quite different: was it renamed, or is the code wrong?"),
        identifiers=_AGREE,
        name=NameRelation.UNRELATED,
    ),
    # Another number of one register is another body, whatever it is called.
    _rule(Decision.ANOTHER, "other_code", identifiers=CodeRelation.CONTRADICT),
    # No code says anything: the name decides, as long as nothing is against it.
    _rule(Decision.ANOTHER, "other_kind", kind=KindRelation.OTHER, name=_NAMED),
    _rule(
        Decision.REFUSED,
        "ambiguous",
        _("Several records fit this name: %(records)s. Add the registry number or the USCC."),
        name=_NAMED,
        fitting=FitCount.SEVERAL,
    ),
    _rule(Decision.REFUSED, "merged", _LOST, name=_NAMED, status=Status.LOST),
    _rule(
        Decision.HELD_BACK,
        "other_place",
        _("%(record)s has this name in another town."),
        name=_NAMED,
        place=TownRelation.OTHER,
    ),
    _rule(Decision.SAME, "successor", _SUCCESSOR, name=_NAMED, status=Status.MERGED),
    _rule(Decision.SAME, "name", name=NameRelation.EQUAL),
    _rule(
        Decision.SAME,
        "old_name",
        _(
            "This is a former or other name of %(record)s: the row is applied to that record, and its name does not "
            "change."
        ),
        name=NameRelation.FORMER,
    ),
    # Resemblance never decides, it only asks.
    _rule(Decision.ANOTHER, "merged", status=(Status.MERGED, Status.LOST)),
    _rule(Decision.HELD_BACK, "former_name", name=NameRelation.SUCCEEDS),
    _rule(Decision.HELD_BACK, "alike", name=(NameRelation.ALIKE, NameRelation.ABBREVIATED)),
    _rule(Decision.ANOTHER, "nothing"),
)
"""The table of rules; the last rule fits everything."""


@cache
def decide(evidence: Evidence) -> Ruling:
    """Return the ruling of the table about one record."""
    return next(rule.ruling for rule in RULES if rule.fits(evidence))


Record = TypeVar("Record", bound=Hashable)


@dataclass(frozen=True, slots=True)
class PossibleRecord(Generic[Record]):
    """A record that may be meant, with the evidence for and against it."""

    record: Record
    evidence: Evidence
    leads_to: Record | None = None
    """The record that a merged record was merged into."""

    @property
    def meant(self) -> Record:
        return self.record if self.leads_to is None else self.leads_to


class Verdict(NamedTuple, Generic[Record]):
    """The decision about all candidates together."""

    ruling: Ruling
    candidate: PossibleRecord[Record] | None = None
    """The candidate that the decision is about; None if it is about none."""
    fitting: tuple[PossibleRecord[Record], ...] = ()
    """The candidates that fit equally well, or whose codes and names point to different records."""


_NONE = Ruling(Decision.ANOTHER, "nothing")


def choose(candidates: Iterable[PossibleRecord[Record]]) -> Verdict[Record]:
    """Decide among all records that may be meant.

    Codes count more than names, names in use more than former names, current records more than merged ones. Records fit
    equally well if none of these differences distinguishes them.
    """
    possible = [one for one in candidates if decide(one.evidence).decision is not Decision.ANOTHER]
    if not possible:
        return Verdict(_NONE)
    strongest = min(map(_strength, possible))
    best = [one for one in possible if _strength(one) == strongest]
    first = best[0]
    fitting = FitCount.SEVERAL if len({one.meant for one in best}) > 1 else FitCount.ONE
    if fitting is FitCount.ONE and first.evidence.identifiers is CodeRelation.AGREE:
        elsewhere = [one for one in possible if _is_named_otherwise(one, first)]
        if elsewhere and first.evidence.name is not NameRelation.EQUAL:
            best, fitting = [first, *elsewhere], FitCount.NAME_ELSEWHERE
    return Verdict(decide(replace(first.evidence, fitting=fitting)), first, tuple(best))


def _is_named_otherwise(record: PossibleRecord[Record], first: PossibleRecord[Record]) -> bool:
    """Return whether the given name is the name of another current record."""
    return (
        record.meant != first.meant
        and record.evidence.name is NameRelation.EQUAL
        and record.evidence.status is Status.CURRENT
        and decide(record.evidence).same
    )


def _strength(record: PossibleRecord[Record]) -> tuple[int, bool]:
    """Return the strength of a candidate as a sort key: a lower key is stronger."""
    if record.evidence.identifiers in (CodeRelation.AGREE, CodeRelation.BOTH):
        return 0, False
    order = (NameRelation.EQUAL, NameRelation.FORMER, NameRelation.SUCCEEDS, NameRelation.ALIKE)
    rank = order.index(record.evidence.name) + 1 if record.evidence.name in order else len(order) + 1
    return rank, record.evidence.status is not Status.CURRENT
