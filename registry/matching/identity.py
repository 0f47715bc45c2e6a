"""Finds the records that a form or a request is about, by name and codes, using the table of decisions."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value

from registry.database.expressions import FoldedName
from registry.matching.candidates import MOST, Asked, Candidate, find, possible_duplicates
from registry.matching.decisions import (
    CodeRelation,
    Evidence,
    KindRelation,
    NameRelation,
    PossibleRecord,
    Status,
    TownRelation,
    choose,
    decide,
)
from registry.matching.names import parse_name
from registry.matching.relations import is_abbreviation, relation_of
from registry.matching.successors import successors_of
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.details import Name
from registry.organizations.models.organizations import Organization


def same_named(names: Iterable[str], among: Any, uscc: str = "", kind: str = "") -> list[Organization]:
    """Return the records that have or had one of the names, unless code or kind shows that they are other bodies.

    Only records in `among` are searched. A merged record is replaced by its successor.
    """
    fits = Q()
    for name in filter(None, names):
        key = FoldedName(Value(name))
        fits |= Q(name_zh_key=key) | Q(name_en_key=key)
        if not is_abbreviation(name):
            fits |= Q(Exists(Name.objects.filter(organization=OuterRef("pk"), name_key=key)))
    if not fits:
        return []
    found = [one for one in among.filter(fits).order_by("pk") if _is_meant(one, uscc, kind)]
    return list(_successors(found))


def _is_meant(record: Organization, uscc: str, kind: str) -> bool:
    identifiers = CodeRelation.ABSENT
    if uscc and record.uscc:
        identifiers = CodeRelation.AGREE if uscc == record.uscc else CodeRelation.CONTRADICT
    relation = KindRelation.UNKNOWN
    if kind:
        relation = KindRelation.SAME if kind == record.kind else KindRelation.OTHER
    status = Status.MERGED if record.registration_status == RegistrationStatus.MERGED else Status.CURRENT
    return decide(Evidence(identifiers, NameRelation.EQUAL, relation, status=status)).same


def _successors(records: Iterable[Organization]) -> Iterator[Organization]:
    """Yield each record once; a merged record is replaced by its successor, if that is known."""
    records = list(records)
    merged = {record.pk for record in records if record.registration_status == RegistrationStatus.MERGED}
    leads = successors_of(merged)
    successors = Organization.objects.in_bulk(set(leads.values()))
    shown: dict[int, Organization] = {}
    for record in records:
        meant = successors[leads[record.pk]] if record.pk in leads else record
        shown.setdefault(meant.pk, meant)
    yield from shown.values()


def successor_of(record: Organization) -> Organization | None:
    """Return the record at the end of the chain of mergers of a merged record; None if it is not known."""
    if record.registration_status != RegistrationStatus.MERGED:
        return None
    pk = successors_of({record.pk}).get(record.pk)
    return None if pk is None else Organization.objects.get(pk=pk)


def names_resembled(text: str, among: Any) -> list[str]:
    """Return the names of the records in `among` that a text probably means; merged records are replaced by
    successors.
    """
    found = possible_duplicates([Asked(text)])[0][:MOST]
    known = set(among.filter(pk__in=[one.pk for one in found]).values_list("pk", flat=True))
    return list(dict.fromkeys(one.name for one in found if one.pk in known))


def find_and_decide(asked: Sequence[Asked], among: QuerySet[Any]) -> Iterator[tuple[list[Candidate], Candidate | None]]:
    """Yield for each name its candidates in `among`, the best first, and the candidate that it is certainly about."""
    found = find(asked)
    everybody = {candidate.pk for candidates in found for candidate in candidates if not candidate.merged}
    visible = _pks_among(among, everybody)
    for item, candidates in zip(asked, found, strict=True):
        shown = [candidate for candidate in candidates if candidate.pk in visible]
        decided = chosen(item, candidates, other_kind=everybody - visible)
        yield shown, decided if decided in shown else None


def _pks_among(among: QuerySet[Any], pks: set[int]) -> set[int]:
    """Return the ids that are in `among`. They are sent as one array, since a thousand names have many candidates."""
    is_wanted = Func(
        F("pk"),
        Value(sorted(pks), ArrayField(BigIntegerField())),
        template="(%(expressions)s))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
    return set(among.filter(is_wanted).values_list("pk", flat=True))


def chosen(asked: Asked, found: Sequence[Candidate], other_kind: Collection[int] = ()) -> Candidate | None:
    """Return the candidate that the name is certainly about by the table of decisions, as in an import; else None.

    `other_kind` are the ids of records of another kind than the requested one.
    """
    # Nothing that only resembles the name can be the same; comparing it would take most of the time.
    by_pk = {one.pk: one for one in found if one.has("uscc", "name", "former_name", "alias")}
    choice = choose(PossibleRecord(one.pk, _evidence(asked, one, one.pk in other_kind)) for one in by_pk.values())
    return by_pk[choice.candidate.meant] if choice.candidate and choice.ruling.same else None


def _evidence(asked: Asked, candidate: Candidate, other_kind: bool) -> Evidence:
    identifiers = CodeRelation.ABSENT
    if candidate.has("uscc"):
        identifiers = CodeRelation.AGREE
    elif candidate.has("other_code", "wrong_code"):
        identifiers = CodeRelation.CONTRADICT
    town = (
        TownRelation.OTHER
        if candidate.has("other_town")
        else TownRelation.SAME
        if candidate.has("town")
        else TownRelation.UNKNOWN
    )
    lost = candidate.registration_status == RegistrationStatus.MERGED
    return Evidence(
        identifiers,
        _relation(asked.name, candidate),
        KindRelation.OTHER if other_kind else KindRelation.UNKNOWN,
        town,
        Status.LOST if lost else Status.CURRENT,
    )


def _relation(name: str, candidate: Candidate) -> NameRelation:
    if not name:
        return NameRelation.ABSENT
    if candidate.has("name"):
        return NameRelation.EQUAL
    if candidate.has("former_name", "alias"):
        return NameRelation.ABBREVIATED if is_abbreviation(name) else NameRelation.FORMER
    names = (name, None) if parse_name(name).chinese else (None, name)
    return relation_of(names, (candidate.name_zh, candidate.name_en))
