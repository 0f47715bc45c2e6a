"""`organizations/match/`: which records given names may be about, each with its score and what speaks for it."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, BooleanField, F, Func, Value
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail
from rest_framework.exceptions import ValidationError as Refused
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.lists import RowListMixin
from registry.matching.candidates import MOST, Asked, find, host_of
from registry.matching.identity import chosen
from registry.matching.score import POINTS
from registry.references import Townships, references
from registry.serializers.similar import present_candidate
from registry.validators import clean_line, normalise_uscc

MOST_ITEMS = 1_000
MOST_CHARACTERS = 300
FIELDS = ("name", "uscc", "town", "website")
_SHORT = {"type": ["string", "null"], "maxLength": MOST_CHARACTERS}
_WORD = {"type": "string", "pattern": r"\S", "maxLength": MOST_CHARACTERS}
_ITEM: dict[str, Any] = {
    "oneOf": [
        _WORD,
        {
            "type": "object",
            "properties": dict.fromkeys(FIELDS, _SHORT),
            "anyOf": [{"properties": {name: _WORD}, "required": [name]} for name in ("name", "uscc")],
            "additionalProperties": False,
        },
    ]
}
_REQUEST = {"oneOf": [{"type": "array", "items": _ITEM, "minItems": 1, "maxItems": MOST_ITEMS}, *_ITEM["oneOf"]]}
_TEXT = {"type": "string"}
_CANDIDATE = {
    "registry_no": _TEXT,
    "name_zh": _TEXT,
    "name_en": _TEXT,
    "score": {"type": "integer", "minimum": 0, "maximum": 100},
    "parts": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"part": {**_TEXT, "enum": [*POINTS]}, "points": {"type": "integer"}, "label": _TEXT},
            "required": ["part", "points", "label"],
        },
    },
}
_RESULT = {
    "query": {**_ITEM, "description": "As it was sent."},
    "decision": {"type": ["string", "null"], "description": "Registry number, where it is safe."},
    "candidates": {
        "type": "array",
        "maxItems": MOST,
        "items": {"type": "object", "properties": _CANDIDATE, "required": [*_CANDIDATE]},
    },
}
_ANSWER = {
    "type": "object",
    "properties": {
        "count": {"type": "integer"},
        "results": {
            "type": "array",
            "items": {"type": "object", "properties": _RESULT, "required": [*_RESULT]},
        },
    },
    "required": ["count", "results"],
}


class MatchMixin(RowListMixin):
    reading_actions = ("match",)
    action_requests: ClassVar[dict[str, dict[str, Any]]] = {"match": _REQUEST}
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"match": _ANSWER}
    match_permissions: ClassVar[dict[str, tuple[str, ...]]] = {"match": ("registry.view_organization",)}

    @action(detail=False, methods=["post"])
    def match(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Finds the records that up to 1,000 names may be about; changes nothing.

        An array of names or of objects with `name`, `uscc`, `town`, `website`, or one object. Each answer has up to
        five candidates, the best first, with the parts of their score. `decision` is a registry number if it is safe,
        by the rules by which an import finds the record of a row; a likeness alone never decides.
        """
        data = request.data
        items = data if isinstance(data, list) else [data]
        asked = _read(items)
        found = find(asked)
        everybody = {candidate.pk for candidates in found for candidate in candidates if not candidate.merged}
        visible = self._visible(everybody)
        results = []
        for item, body, candidates in zip(items, asked, found, strict=True):
            shown = [candidate for candidate in candidates if candidate.pk in visible]
            decided = chosen(body, candidates, other_kind=everybody - visible)
            results.append(
                {
                    "query": item,
                    "decision": decided.registry_no if decided in shown else None,
                    "candidates": [present_candidate(candidate) for candidate in shown[:MOST]],
                }
            )
        return Response({"count": len(results), "results": results})

    def _visible(self, pks: set[int]) -> set[int]:
        """Those of the records that the resource has. One array, since a thousand names have many candidates."""
        among = Func(
            F("pk"),
            Value(sorted(pks), ArrayField(BigIntegerField())),
            template="(%(expressions)s))",
            arg_joiner=" = ANY(",
            output_field=BooleanField(),
        )
        return set(self.get_queryset().filter(among).values_list("pk", flat=True))


def _read(items: list[Any]) -> list[Asked]:
    """Raises ValidationError with all that is wrong, by position."""
    if not 1 <= len(items) <= MOST_ITEMS:
        raise Refused(_("Send an array of 1 to %(most)d names or objects.") % {"most": MOST_ITEMS})
    towns = references().townships
    errors: dict[str, Any] = {}
    asked = []
    for position, item in enumerate(items):
        wrong = _wrong({"name": item} if isinstance(item, str) else item)
        if not wrong:
            try:
                asked.append(_one({"name": item} if isinstance(item, str) else item, towns))
            except ValidationError as error:
                wrong = {"town": [ErrorDetail(error.messages[0], code=error.code)]}
        if wrong:
            errors[str(position)] = wrong
    if errors:
        raise Refused(errors)
    return asked


def _wrong(item: Any) -> Any:
    if not isinstance(item, dict):
        return [_("Give a name, or an object with some of: %(fields)s.") % {"fields": ", ".join(FIELDS)}]
    wrong: dict[str, Any] = {}
    for name, value in item.items():
        if name not in FIELDS:
            said = _("There is no such field here. There are: %(fields)s.") % {"fields": ", ".join(FIELDS)}
            wrong[name] = [ErrorDetail(said, code="unknown_field")]
        elif value is not None and (not isinstance(value, str) or len(value) > MOST_CHARACTERS):
            wrong[name] = [_("Give text of at most %(most)d characters.") % {"most": MOST_CHARACTERS}]
    if not wrong and not clean_line(item.get("name") or "") and not normalise_uscc(item.get("uscc") or ""):
        wrong["name"] = [ErrorDetail(_("Give a name or a USCC."), code="required")]
    return wrong


def _one(item: dict[str, Any], towns: Townships) -> Asked:
    town = (item.get("town") or "").strip()
    return Asked(
        clean_line(item.get("name") or ""),
        normalise_uscc(item.get("uscc") or ""),
        towns.find(town) if town else None,
        host_of(item.get("website") or ""),
    )
