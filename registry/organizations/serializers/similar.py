"""Refuses a new record that the registry may have already, until the client confirms that it is another body."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.exceptions import APIException

from registry.matching.candidates import MOST, Asked, Candidate, possible_duplicates, ranked
from registry.matching.decisions import UNIQUE_SCHEMES
from registry.organizations.models.details import Identifier
from registry.values.pinyin import pinyin_keys
from registry.values.validators import clean_line, fold_name, normalise_uscc

NAMES = ("name_zh", "name_en")


class PossibleDuplicates(APIException):
    """Answers 409 with the records that may be the same body, the best first."""

    status_code = 409
    default_code = "possible-duplicates"

    def __init__(self, candidates: Sequence[Candidate], detail: str = "") -> None:
        self.members = {"candidates": [present_candidate(one) for one in candidates[:MOST]]}
        told = ngettext(
            "A record resembles this one. If it is another body, send allow_similar: true.",
            "%(count)d records resemble this one. If it is another body, send allow_similar: true.",
            len(candidates),
        ) % {"count": len(candidates)}
        super().__init__(detail or told)


class SimilarRecords:
    """Looks up the records that are similar to the new records of a request, for all of them at once."""

    def __init__(self) -> None:
        self._found: dict[Asked, list[Candidate]] = {}
        self.pinyin: dict[str, str] = {}
        """Chinese name -> its pinyin, for the items that have been looked up."""
        self._created: dict[str, list[str]] = {}
        """Name key -> USCCs (or blanks) of the records that this request has created."""

    def look_up(self, items: Iterable[object]) -> None:
        """Look up the similar records for all items of a request, in the form in which they were sent."""
        asked = [one for item in items if isinstance(item, dict) for one in _asked(item)]
        self._found |= zip(asked, possible_duplicates(asked), strict=True)
        self.pinyin = pinyin_keys(one.name for one in asked if one.name)

    def check(self, values: dict[str, Any], identifiers: Sequence[dict[str, Any]], *, may_see: bool) -> None:
        """Raise PossibleDuplicates if a record of the registry, or of this request, may be the same body."""
        asked = _asked(values)
        if missing := [item for item in asked if item not in self._found]:
            self._found |= zip(missing, possible_duplicates(missing), strict=True)
        candidates = ranked(candidate for item in asked for candidate in self._found[item])
        candidates = _without_other_numbers(candidates, identifiers)
        if candidates:
            raise PossibleDuplicates(
                candidates if may_see else [], "" if may_see else _("A record resembles this one.")
            )
        code = values.get("uscc") or ""
        for item in asked:
            codes = self._created.get(fold_name(item.name), [])
            if any(not code or not other or code == other for other in codes):
                raise PossibleDuplicates(
                    [], _("Another item of this request has the name %(name)s.") % {"name": item.name}
                )

    def created(self, values: dict[str, Any]) -> None:
        for one in _asked(values):
            self._created.setdefault(fold_name(one.name), []).append(values.get("uscc") or "")


def _asked(values: dict[str, Any]) -> list[Asked]:
    code = values.get("uscc")
    code = normalise_uscc(code) if isinstance(code, str) else ""
    names = (values.get(name) for name in NAMES)
    return [Asked(clean_line(name), code) for name in names if isinstance(name, str) and clean_line(name)]


def _without_other_numbers(candidates: Sequence[Candidate], identifiers: Sequence[dict[str, Any]]) -> list[Candidate]:
    """Return the candidates without those that have another number in a register where each body has one."""
    numbers = {(one["scheme"], one["value"]) for one in identifiers if one["scheme"] in UNIQUE_SCHEMES}
    stored: dict[tuple[int, str], set[str]] = {}
    pks = [candidate.pk for candidate in candidates]
    rows = Identifier.objects.filter(organization__in=pks, scheme__in=[scheme for scheme, _value in numbers])
    for pk, scheme, value in rows.values_list("organization_id", "scheme", "value") if numbers else ():
        stored.setdefault((pk, scheme), set()).add(value)
    return [
        candidate
        for candidate in candidates
        if all(value in stored.get((candidate.pk, scheme), {value}) for scheme, value in numbers)
    ]


def present_candidate(candidate: Candidate) -> dict[str, Any]:
    """Return a candidate in the form in which answers of the API show it."""
    parts = [{"part": one.code, "points": one.points, "label": str(one.label)} for one in candidate.parts]
    return {
        "registry_no": candidate.registry_no,
        "name_zh": candidate.name_zh,
        "name_en": candidate.name_en,
        "score": candidate.score,
        "parts": parts,
    }
