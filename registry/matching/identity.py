"""Records that a form or a request is about, by its name and codes, as the table of decisions has it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Value

from registry.matching.decisions import (
    Evidence,
    Identifiers,
    KindRelation,
    NameRelation,
    Place,
    Status,
    decide,
)
from registry.matching.successors import successors_of
from registry.models import Organization, RegistrationStatus
from registry.models.expressions import FoldedName


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said of a body."""

    names: tuple[str, ...]
    uscc: str = ""
    kind: str = ""


def same_named(asked: Asked, among: Any) -> list[Organization]:
    """The records of the same name, in use, that nothing keeps apart from what is asked.

    `among` are the organizations that come into question. A merged record is answered by its successor.
    """
    fits = Q()
    for name in filter(None, asked.names):
        key = FoldedName(Value(name))
        fits |= Q(name_zh_key=key) | Q(name_en_key=key)
    if not fits:
        return []
    found = [one for one in among.filter(fits).order_by("pk") if _is_meant(asked, one)]
    return list(_successors(found))


def _is_meant(asked: Asked, record: Organization) -> bool:
    identifiers = Identifiers.ABSENT
    if asked.uscc and record.uscc:
        identifiers = Identifiers.AGREE if asked.uscc == record.uscc else Identifiers.CONTRADICT
    kind = KindRelation.UNKNOWN
    if asked.kind:
        kind = KindRelation.SAME if asked.kind == record.kind else KindRelation.OTHER
    status = Status.MERGED if record.registration_status == RegistrationStatus.MERGED else Status.CURRENT
    return decide(Evidence(identifiers, NameRelation.EQUAL, kind, status=status)).same


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


def evidence_of(parts: Collection[str], status: Status = Status.CURRENT, kind: KindRelation | None = None) -> Evidence:
    """The evidence in the parts of a score of `organizations/match/`."""
    against, agrees = {"other_code", "wrong_code"} & {*parts}, "uscc" in parts
    identifiers = Identifiers.ABSENT
    if agrees or against:
        identifiers = Identifiers.AGREE if agrees else Identifiers.CONTRADICT
    relation = NameRelation.ABSENT
    for code, meaning in _NAME_PARTS.items():
        if code in parts:
            relation = meaning
            break
    place = Place.OTHER if "other_town" in parts else Place.SAME if "town" in parts else Place.UNKNOWN
    return Evidence(identifiers, relation, kind or KindRelation.UNKNOWN, place, status)


_NAME_PARTS = {
    "name": NameRelation.EQUAL,
    "former_name": NameRelation.FORMER,
    "alias": NameRelation.FORMER,
    **dict.fromkeys(("coarse_name", "pinyin", "brand"), NameRelation.ALIKE),
}
