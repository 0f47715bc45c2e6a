"""`organizations/match/`: which records given names may be about, each with its score and what speaks for it.

The candidates are those of the import (registry.imports.duplicates): the same name, a former one, an alias, the same
coarse name or pinyin.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail
from rest_framework.exceptions import ValidationError as Refused
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.lists import RowListMixin
from registry.imports.duplicates import FOUND, MOST, REASON_LABELS, REASONS, stage_variants
from registry.references import Townships, references
from registry.validators import clean_line, normalise_uscc

MOST_ITEMS = 1_000
MOST_CHARACTERS = 300
FIELDS = ("name", "uscc", "town", "website")
POINTS = {
    "uscc": 100,
    "name": 70,
    "former_name": 55,
    "alias": 55,
    "coarse_name": 45,
    "pinyin": 30,
    "town": 15,
    "other_town": -15,
    "website": 20,
}
"""What each part adds to the score, which ends at 100. Of the names only the strongest counts."""
LABELS: dict[str, Any] = {
    **REASON_LABELS,
    "uscc": gettext_lazy("the same USCC"),
    "town": gettext_lazy("the same township"),
    "other_town": gettext_lazy("another township"),
    "website": gettext_lazy("the same website"),
}

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

_ASKED = """
CREATE TEMP TABLE import_asked ON COMMIT DROP AS
SELECT r.n, r.name, false AS former, ''::text COLLATE "C" AS sort_key, k.key, registry_coarse_name(k.key) AS coarse
FROM unnest(%s::integer[], %s::text[]) AS r (n, name)
CROSS JOIN LATERAL (SELECT registry_fold_name(r.name) COLLATE "C" AS key) k
WHERE r.name <> ''
"""
_CANDIDATES = f"""
WITH given AS (SELECT %s::text[] AS codes),
found AS (
    SELECT n, id, array_agg(DISTINCT reason) AS reasons FROM (
        {FOUND} UNION ALL
        SELECT (g.place - 1)::integer, o.id, 'uscc'
        FROM given CROSS JOIN unnest(codes) WITH ORDINALITY AS g (uscc, place)
        JOIN registry_organization o ON o.uscc = g.uscc
    ) f GROUP BY n, id
)
SELECT f.n, o.id, o.registry_no, o.name_zh, o.name_en, o.township_id, o.website, f.reasons,
       CASE WHEN o.registration_status = 'merged' THEN 'merged' WHEN o.uscc <> codes[f.n + 1] THEN 'other_code' END
FROM found f JOIN registry_organization o ON o.id = f.id CROSS JOIN given
WHERE 'uscc' = ANY (f.reasons) OR NOT EXISTS (
    SELECT 1 FROM registry_distinction d JOIN import_asked a ON a.n = f.n AND a.key = d.name_key
    WHERE d.organization_id = o.id AND a.name <> ''
)
ORDER BY f.n, o.id
"""  # noqa: S608 - the comparisons of the import


@dataclass(frozen=True)
class Asked:
    name: str
    uscc: str | None
    town: int | None
    host: str


@dataclass(frozen=True)
class Found:
    pk: int
    registry_no: str
    name_zh: str
    name_en: str
    parts: tuple[str, ...]
    aside: str | None = None
    """Why it is no candidate: merged, or known by another USCC. What it has in common may still forbid a decision."""

    @property
    def score(self) -> int:
        return max(0, min(100, sum(POINTS[part] for part in self.parts)))

    def shown(self) -> dict[str, Any]:
        parts = [{"part": part, "points": POINTS[part], "label": str(LABELS[part])} for part in self.parts]
        return {
            "registry_no": self.registry_no,
            "name_zh": self.name_zh,
            "name_en": self.name_en,
            "score": self.score,
            "parts": parts,
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
        five candidates, the best first, with the parts of their score. `decision` is a registry number if it is safe:
        the USCC is the record's and the name is not another's, or the name is of this one record, was of no other and
        nothing contradicts.
        """
        data = request.data
        items = data if isinstance(data, list) else [data]
        asked = _read(items)
        found = find(asked)
        allowed = set(
            self.get_queryset().filter(pk__in={one.pk for many in found for one in many}).values_list("pk", flat=True)
        )
        results = []
        for given, many in zip(items, found, strict=True):
            ranked = sorted(
                (one for one in many if one.pk in allowed and not one.aside),
                key=lambda one: (-one.score, one.registry_no),
            )
            decided = decision(ranked, [one for one in many if one not in ranked])
            results.append({"query": given, "decision": decided, "candidates": [one.shown() for one in ranked[:MOST]]})
        return Response({"count": len(results), "results": results})


def find(asked: list[Asked]) -> list[list[Found]]:
    """The candidates of each."""
    numbers = list(range(len(asked)))
    found: list[list[Found]] = [[] for _number in numbers]
    with transaction.atomic():
        statements = Statements()
        statements.execute(_ASKED, [numbers, [one.name for one in asked]])
        stage_variants(statements)
        statements.execute("ANALYZE import_asked")
        # Each name is looked up in indexes. For a thousand the planner would rather read all organizations, six times.
        statements.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
        for n, pk, number, name_zh, name_en, town, website, reasons, aside in statements.query(
            _CANDIDATES, [[one.uscc for one in asked]]
        ):
            parts = tuple(_parts(asked[n], town, website, reasons))
            found[n].append(Found(pk, number, name_zh, name_en, parts, aside))
        statements.execute("DROP TABLE import_asked, import_variant")
    return found


def _parts(asked: Asked, town: int | None, website: str, reasons: list[str]) -> Iterator[str]:
    if "uscc" in reasons:
        yield "uscc"
    yield from [reason for reason in REASONS if reason in reasons][:1]
    if asked.town and town:
        yield "town" if asked.town == town else "other_town"
    if asked.host and asked.host == _host(website):
        yield "website"


def decision(candidates: list[Found], others: list[Found]) -> str | None:
    """The registry number where it is safe to say that this is the record: the import would take the row for it too.

    `others` have something in common with what was asked, and are no candidates.
    """
    if any("uscc" in one.parts for one in others):
        return None  # the code is of a merged record, or of one of another kind than was asked for
    by_code = [one for one in candidates if "uscc" in one.parts]
    by_name = [one for one in candidates if "name" in one.parts]
    if by_code:
        another_named = by_name or any("name" in one.parts and one.aside == "other_code" for one in others)
        return by_code[0].registry_no if "name" in by_code[0].parts or not another_named else None
    once_named = any({"former_name", "alias"} & {*one.parts} for one in candidates)
    if len(by_name) == 1 and "other_town" not in by_name[0].parts and not once_named:
        return by_name[0].registry_no
    return None


class Statements:
    """What the import's steps need of a run."""

    def execute(self, sql: str, parameters: Any = None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)

    def query(self, sql: str, parameters: Any = None) -> Iterable[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()


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
        normalise_uscc(item.get("uscc") or "") or None,
        towns.find(town) if town else None,
        _host(item.get("website") or ""),
    )


def _host(website: str) -> str:
    """The host without www, from an address with or without its scheme."""
    try:
        host = urlsplit(website if "//" in website else f"//{website}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
