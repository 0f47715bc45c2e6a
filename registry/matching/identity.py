"""Records that a form or a request is about, by its name and codes, as the table of decisions has it."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value

from registry.database.expressions import FoldedName
from registry.matching.candidates import MOST, Asked, Candidate, find, possible_duplicates
from registry.matching.decisions import (
    CodeRelation,
    Evidence,
    KindRelation,
    NameRelation,
    Place,
    PossibleRecord,
    Status,
    choose,
    decide,
)
from registry.matching.names import parse_name
from registry.matching.relations import is_abbreviation, relation_of
from registry.matching.successors import successors_of
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.details import Name
from registry.organizations.models.organizations import Organization


def same_named(
    names: Iterable[str], among: QuerySet[Organization], uscc: str = "", kind: str = ""
) -> list[Organization]:
    """The records that have or had one of the names, and that neither code nor kind keeps apart.

    `among` are the organizations that come into question. A merged record is answered by its successor.
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
    """Each record once; in the place of a merged one its successor, where that is known."""
    records = list(records)
    merged = {one.pk for one in records if one.registration_status == RegistrationStatus.MERGED}
    leads = successors_of(merged)
    successors = Organization.objects.in_bulk(set(leads.values()))
    shown: dict[int, Organization] = {}
    for one in records:
        meant = successors[leads[one.pk]] if one.pk in leads else one
        shown.setdefault(meant.pk, meant)
    yield from shown.values()


def successor_of(record: Organization) -> Organization | None:
    """The record that has taken the place of a merged one, at the end of the chain; None where it is not known."""
    if record.registration_status != RegistrationStatus.MERGED:
        return None
    pk = successors_of({record.pk}).get(record.pk)
    return None if pk is None else Organization.objects.get(pk=pk)


def names_resembled(text: str, among: QuerySet[Organization]) -> list[str]:
    """The names of the records that a text is likely to mean, merged ones by their successors; `among` are searched."""
    found = possible_duplicates([Asked(text)])[0][:MOST]
    known = set(among.filter(pk__in=[one.pk for one in found]).values_list("pk", flat=True))
    return list(dict.fromkeys(one.name for one in found if one.pk in known))


def find_and_decide(
    asked: Sequence[Asked], among: QuerySet[Organization]
) -> Iterator[tuple[list[Candidate], Candidate | None]]:
    """The candidates of each name that are in `among`, the best first, and the one of them that it is safely about."""
    found = find(asked)
    everybody = {candidate.pk for candidates in found for candidate in candidates if not candidate.merged}
    visible = _pks_among(among, everybody)
    for one, candidates in zip(asked, found, strict=True):
        shown = [candidate for candidate in candidates if candidate.pk in visible]
        decided = chosen(one, candidates, other_kind=everybody - visible)
        yield shown, decided if decided in shown else None


def _pks_among(among: QuerySet[Organization], pks: set[int]) -> set[int]:
    """The ids that are in `among`. They are sent as one array, since a thousand names have many candidates."""
    is_wanted = Func(
        F("pk"),
        Value(sorted(pks), ArrayField(BigIntegerField())),
        template="(%(expressions)s))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
    return set(among.filter(is_wanted).values_list("pk", flat=True))


def chosen(asked: Asked, found: Sequence[Candidate], other_kind: Collection[int] = ()) -> Candidate | None:
    """The candidate that the name is about, where the table of decisions says that it is safe; an import agrees.

    `other_kind` are the ids of records that are of another kind than the one that is asked for.
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
    place = Place.OTHER if candidate.has("other_town") else Place.SAME if candidate.has("town") else Place.UNKNOWN
    lost = candidate.registration_status == RegistrationStatus.MERGED
    return Evidence(
        identifiers,
        _relation(asked.name, candidate),
        KindRelation.OTHER if other_kind else KindRelation.UNKNOWN,
        place,
        Status.LOST if lost else Status.CURRENT,
    )


def _relation(name: str, candidate: Candidate) -> NameRelation:
    if not name:
        return NameRelation.ABSENT
    if candidate.has("name"):
        return NameRelation.EQUAL
    if candidate.has("former_name", "alias"):
        return NameRelation.ABBREVIATED if is_abbreviation(name) else NameRelation.FORMER
    given = (name, None) if parse_name(name).chinese else (None, name)
    return relation_of(given, (candidate.name_zh, candidate.name_en))
