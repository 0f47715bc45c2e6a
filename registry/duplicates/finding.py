"""Finds records of the registry that may be one body, some records at a time, from the newest entry to the oldest.

A page compares `AT_ONCE` records at a time and at most `AT_MOST`, so that its cost does not grow with the registry;
where it stopped, the next page goes on.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from registry.duplicates.judging import different_from
from registry.imports.models import Distinction
from registry.matching.candidates import HOLD_SCORE, Asked, find, host_of
from registry.matching.score import LABELS
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.details import Identifier, Name
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches, within
from registry.reference.models import Township
from registry.values.people import Account
from registry.values.punctuation import listed
from registry.values.validators import USCC_PATTERN, fold_name

AT_ONCE, AT_MOST, ENOUGH = 100, 300, 20
"""How many records are compared at once, and at most for a page, and from how many pairs on a page is full."""
NAME, NEAR, CODE, OTHER_NAME = "name", "near", "code", "other_name"
_EXACT = {"name": NAME, "coarse_name": NAME, "former_name": OTHER_NAME, "alias": OTHER_NAME, "short_name": OTHER_NAME}
Key = tuple[int, int]


@dataclass(frozen=True)
class Wanted:
    """The filters of the page: pairs of a township, of a kind, or of one organization."""

    township: Township | None = None
    kind: str = ""
    organization: Organization | None = None
    before: int | None = None
    """The id of the record before which the comparison goes on."""


@dataclass
class Found:
    """Two records that may be one body, and why."""

    first: Organization
    second: Organization
    score: int
    reasons: str
    kind: str


@dataclass
class Slice:
    """The pairs of one page, how many records it compared, and where the next page goes on."""

    pairs: list[Found]
    compared: int
    before: int | None


def search(wanted: Wanted, user: Account) -> Slice:
    """Return the possible duplicates that a page shows."""
    records = Organization.objects.unmerged().filter(within(user)).order_by("-pk")
    if wanted.organization:
        one = [wanted.organization]
        return Slice([*_pairs(one, wanted, user, symmetric=False)], 1, None)
    if wanted.township:
        records = records.filter(township=wanted.township)
    pairs: list[Found] = []
    compared, before = 0, wanted.before
    while compared < AT_MOST and len(pairs) < ENOUGH:
        rows = list((records.filter(pk__lt=before) if before else records)[:AT_ONCE])
        compared += len(rows)
        pairs += _pairs(rows, wanted, user, symmetric=True)
        if len(rows) < AT_ONCE:
            return Slice(pairs, compared, None)
        before = rows[-1].pk
    return Slice(pairs, compared, before)


def _pairs(rows: Sequence[Organization], wanted: Wanted, user: Account, *, symmetric: bool) -> Iterator[Found]:
    """Yield the pairs of these records and others, the likeliest first.

    In a walk through all records (`symmetric`) a pair is listed with the newer of its records, unless only the older
    one finds the other.
    """
    hits = _by_matching(rows)
    for key, score, codes in [*_by_names(rows), *_by_codes(rows)]:
        if key not in hits or hits[key][0] < score:
            hits[key] = (score, codes)
    if symmetric:
        hits = _told_once(rows, hits, wanted)
    known = {row.pk: row for row in rows}
    others = {pk for key in hits for pk in key} - known.keys()
    known |= Organization.objects.select_related("township").in_bulk(others)
    apart = _told_apart(hits, known)
    found = []
    for (one, other), (score, codes) in hits.items():
        first, second = known[min(one, other)], known[max(one, other)]
        kind = _kind(codes)
        seen = reaches(user, first) and reaches(user, second)
        if seen and (first.pk, second.pk) not in apart and wanted.kind in ("", kind) and not _gone(first, second):
            found.append(Found(first, second, score, listed(str(LABELS[code]) for code in codes), kind))
    yield from sorted(found, key=lambda one: (-one.score, -one.second.pk))


def _gone(*records: Organization) -> bool:
    return any(record.registration_status == RegistrationStatus.MERGED for record in records)


def _kind(codes: Iterable[str]) -> str:
    if "uscc" in codes:
        return CODE
    return next((_EXACT[code] for code in codes if code in _EXACT), NEAR)


Hits = dict[Key, tuple[int, tuple[str, ...]]]
"""(asked, found) -> score, and the codes of the reasons."""


def _asked(row: Organization) -> Asked:
    return Asked(row.name_zh or row.name_en, row.uscc or "", row.township_id, host_of(row.website))


def _by_matching(rows: Sequence[Organization]) -> Hits:
    hits: Hits = {}
    for row, candidates in zip(rows, find([_asked(row) for row in rows]), strict=True):
        for one in candidates:
            if one.pk != row.pk and one.score >= HOLD_SCORE and not one.merged and not one.has("successor"):
                hits[row.pk, one.pk] = (one.score, tuple(part.code for part in one.parts))
    return hits


def _by_names(rows: Sequence[Organization]) -> Iterator[tuple[Key, int, tuple[str, ...]]]:
    """Yield pairs of which both bear a name beside the one in use, such as the same former name."""
    own = {(name.organization_id, name.name_key) for name in Name.objects.filter(organization__in=rows)}
    bearers = defaultdict(set)
    for pk, key in own:
        bearers[key].add(pk)
    for other in Name.objects.filter(name_key__in=[*bearers]).only("organization_id", "name_key"):
        for pk in bearers[other.name_key]:
            if pk != other.organization_id:
                yield (pk, other.organization_id), HOLD_SCORE, ("former_name",)


def _by_codes(rows: Sequence[Organization]) -> Iterator[tuple[Key, int, tuple[str, ...]]]:
    """Yield pairs of which one has the organization code that the USCC of the other one contains."""
    codes = {row.uscc[8:17]: row.pk for row in rows if row.uscc and re.fullmatch(USCC_PATTERN, row.uscc)}
    for other in Identifier.objects.filter(scheme="organization_code", value__in=_spellings(codes)):
        pk = codes.get(other.value.replace("-", ""))
        if pk is not None and pk != other.organization_id:
            yield (pk, other.organization_id), 100, ("uscc",)


def _spellings(codes: Iterable[str]) -> list[str]:
    return [text for code in codes for text in (code, f"{code[:8]}-{code[8:]}")]


def _told_once(rows: Sequence[Organization], hits: Hits, wanted: Wanted) -> Hits:
    """Return each pair once; a pair that an earlier page of the walk has listed with a newer record is left out."""
    here = {row.pk for row in rows}
    doubtful = [(pk, other) for pk, other in hits if other > pk and other not in here]
    newer = Organization.objects.filter(pk__in={other for _pk, other in doubtful}) if doubtful else []
    walked = [row for row in newer if not wanted.township or row.township_id == wanted.township.pk]
    back = _by_matching(walked) if walked else {}
    told: Hits = {}
    for (pk, other), hit in hits.items():
        if (pk, other) in doubtful and (other, pk) in back:
            continue
        if (other, pk) in told:
            told[other, pk] = max(told[other, pk], hit)
        else:
            told[pk, other] = hit
    return told


def _told_apart(hits: Hits, known: dict[int, Organization]) -> set[Key]:
    """Return the pairs of which somebody said, here or in an import, that they are not the same."""
    ids = {pk for key in hits for pk in key}
    apart = different_from([*ids])
    names = {pk: {fold_name(name) for name in (row.name_zh, row.name_en) if name} for pk, row in known.items()}
    decided = defaultdict(set)
    for pk, key in Distinction.objects.filter(organization__in=ids).values_list("organization", "name_key"):
        decided[pk].add(key)
    for one, other in hits:
        if decided[one] & names[other] or decided[other] & names[one]:
            apart.add((min(one, other), max(one, other)))
    return apart
